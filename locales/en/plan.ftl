# What an action changes: before → after.

plan-change = { $what }: { $before } → { $after }
plan-none = none
plan-mib = { $n } MiB
plan-gib = { $n } GiB

plan-what-machine = machine { $domain } in { $zone }
plan-what-lock = lock of { $domain }
plan-what-cores = virtual CPUs of project { $project }
plan-what-ram = memory of project { $project }
plan-what-instances = virtual machines of project { $project }
plan-what-cpu = CPUs of namespace { $namespace }
plan-what-memory = memory of namespace { $namespace }
plan-what-pods = pods of namespace { $namespace }
plan-what-link = link { $from } ↔ { $to }
plan-what-route = way from { $from } to { $to }
plan-what-ping = { $from } pings { $to }
plan-ping-answers = answered
plan-ping-silent = no answer

plan-state-running = running
plan-state-paused = paused
plan-state-shutting-down = shutting down
plan-state-off = off
plan-state-crashed = crashed
plan-state-asleep = asleep
plan-state-rebooted = rebooted and running

action-vm_reboot = reboot { $what }
action-vm_unlock = unlock { $what }
action-quota_cabinet = quota of project { $what }
action-quota_namespace = quota of { $what }
action-cabinet_password = new password for { $what }
action-cluster_credentials = new credentials for { $what }
action-zone_link = link { $what }
action-zone_unlink = remove the link { $what }
action-control_plane_check = check the control plane of { $what }

# Proofs as customers hear them; the lines read back follow.
proof-quota_cabinet-done = The new quota is in force:
proof-quota_namespace-done = The new quota is in force:
proof-cabinet_password-done = The password of <b>{ $vm }</b> was reset.
proof-cluster_credentials-done = <b>{ $vm }</b> has new credentials; the old ones no longer work.
proof-zone_link-done = Networks <b>{ $vm }</b> are connected.
proof-zone_unlink-done = Networks <b>{ $vm }</b> are no longer connected.
proof-control_plane_check-done = The control plane of <b>{ $vm }</b> was checked.

desk-card-planning = ⏳ looking what exactly this would change…
desk-event-stale = ♻️ <b>{ $number }</b>: the system has changed since this was planned, so nothing was executed. There is a new plan.
desk-event-checked = 🔎 <b>{ $number }</b>: { $action }
