# Availability, downtime and SLA credits: the bot, the web and the printed note.
month-name-1 = January
month-name-2 = February
month-name-3 = March
month-name-4 = April
month-name-5 = May
month-name-6 = June
month-name-7 = July
month-name-8 = August
month-name-9 = September
month-name-10 = October
month-name-11 = November
month-name-12 = December
month-of-year = { $month } { $year }
per-cent = { $value }%
length-seconds-exact = { $n } s

cause-provider = a fault of our platform
cause-ha_master_unreachable = master nodes could not be reached
cause-basic_control_plane = a basic control plane could not be reached
cause-worker_nodes = worker nodes or pods
cause-customer_routing = your own routing rules
cause-third_party_install = software installed in the cluster
cause-cluster_change = an upgrade or change of the cluster
cause-force_majeure = force majeure
cause-customer_act = an action on your side
cause-planned_works = planned works, announced ahead

sheet-counts = counts ({ $rule })
sheet-adds-nothing = does not count ({ $rule })
sheet-takes-away = taken out of the downtime ({ $rule })
sheet-line-tier = { $percent } of { $of } ({ $rule })
sheet-line-loss = lost data: { $percent } of { $of } ({ $rule })
sheet-line-liability = proven fault: the share of the fee for the downtime, { $of } ({ $rule })
sheet-tier-kept = We promise { $promised } (C1): the promise was kept.
sheet-tier-broken = We promise { $promised } (C1): it was broken, the credit is { $credit } (C2).

menu-availability = 📈 Availability and credits
button-sheet = { $service }: the whole sheet
button-month-before = ‹ { $month }
button-month-after = { $month } ›
button-availability = 📈 All services

availability-title = <b>Availability, { $month }</b>
availability-none = You had no services in this month.
availability-line = <b>{ $service }</b>: { $percent }, downtime { $down }
availability-line-whole = <b>{ $service }</b>: { $percent }, no downtime
availability-credit = credit { $amount }
availability-credit-declined = credit { $amount }: declined
availability-credit-waiting = credit { $amount } (not approved yet)
availability-unknown = <b>{ $service }</b>: the figures are being checked
availability-preliminary = The month is not over: these figures may still change.
availability-computed = The month is over but not closed yet: the figures may change.
availability-final = These figures are final.
availability-incident = ⚠️ { $number }: { $services }, since { $since }. We are working on it.
availability-restored = 🟢 { $number }: { $services }, works again since { $since }.

sheet-title = <b>{ $service }, { $month }</b>
sheet-formula = Availability (C12): { $formula }
sheet-intervals = <b>What happened</b>
sheet-no-intervals = Nothing happened in this month.
sheet-row = { $when } ({ $length }): { $cause }, { $effect }
sheet-more = … and { $n } more, on the next page.
sheet-downtime = Downtime: { $length } (C8, C13). Time that overlaps counts once.
sheet-base = The cost that the credit is a share of (C12): { $base }
sheet-credit = <b>Credit: { $amount }</b>
sheet-none = No credit is due.
sheet-capped = It is cut to what the month costs (C7).
sheet-discount-only = It is taken off the bill of { $month }; no money is paid out (C9).
sheet-waiting = A manager still has to approve it.
sheet-approved = It has been approved.
sheet-declined = It has been declined.
sheet-terms = Terms: { $policy }

credit-approved = ✅ <b>Your credit for { $month } has been approved: { $amount }</b>
works-announced =
    🛠 <b>Planned works</b>

    { $service }: { $when }. The service may be unavailable.
works-reminder =
    🛠 <b>Reminder: planned works soon</b>

    { $service }: { $when }. The service may be unavailable.
trial-ends =
    ⏳ <b>Your trial period ends soon</b>

    Request { $number }. The trial lasts { $length } from the first launch; after that the service becomes a paid one by itself. If you do not need it, delete it in the Cabinet before then.
trial-ends-at =
    ⏳ <b>Your trial period ends soon: { $when }</b>

    Request { $number }. The trial lasts { $length } from the first launch; after that the service becomes a paid one by itself. If you do not need it, delete it in the Cabinet before then.

# What people type when they ask for their availability, beginnings of words.
typed-availability = availab, uptime, downtime, sla

note-title = Credit note
note-number = No. { $number }
note-customer = Customer
note-service = Service
note-period = Reporting period
note-date = Date
note-when = When
note-length = How long
note-cause = Cause
note-effect = What it does
note-figures = Computation
note-paid = Cost of the month
note-left = Cost after the credit
note-draft = Not approved yet
note-declined = This credit was declined
note-replaced = A later note has taken the place of this one
note-rules = Rules (with the clause of the terms): { $rules }

# The web console's pages of incidents and credits.
web-incidents = Incidents
web-credits = Availability and credits
web-credits-menu = Credits
web-incident = Incident
web-incidents-none = Nothing goes on.
web-incidents-over = Over
web-incident-open = goes on
web-incident-restored = works again
web-incident-closed = closed
web-incident-dismissed = was none
web-incident-since = Since
web-incident-attach = Attach a ticket
web-incident-announce = Tell the affected customers
web-incident-answer = Answer all and close
web-incident-answer-words = The answer that every ticket gets
web-incident-dismiss = It was no incident
web-incident-new = Open an incident
web-incident-words = What it is about
web-interval-waiting = Wait for a second person
web-interval-none = Nothing waits.
web-interval-new = Downtime or planned works
web-interval-new-why = A second person confirms what you propose. Planned works must lie as far ahead as the terms say; customers are told once they are confirmed.
web-interval-service = Service
web-interval-cause = Cause
web-interval-from = From (Almaty)
web-interval-until = Until (Almaty)
web-interval-evidence = What shows it
web-interval-propose = Propose an interval
web-interval-second = Confirm
web-interval-dispute = It is wrong
web-interval-why = Why it is wrong
web-interval-gap = not measured
web-interval-unmeasured = nobody has ruled
web-interval-proposed = waits for a second person
web-interval-measured = seen by monitoring: two people confirm it
web-interval-confirmed = confirmed by two
web-interval-disputed = disputed
web-interval-withdrawn = withdrawn
web-monitoring = Monitoring
web-planes = Control planes
web-plane-healthy = serves
web-plane-degraded = one master node is down
web-plane-critical = does not serve
web-plane-unmeasured = not measured
web-plane-seen = last seen
web-gap-worked = It worked
web-gap-down = It was down
web-done-saved = Saved.
web-wrong-moment = A time cannot be read. Choose date and time.
web-wrong-same-person = A second person must confirm it: not who proposed it.
web-wrong-backwards = It ends before it begins.
web-wrong-future = It lies in the future. Propose it once it is over.
web-wrong-no-service = There is no such service in the directory. Choose one from the list.
web-wrong-cause = This cause does not fit the service. Choose another.
web-wrong-evidence = Say what shows it.
web-wrong-notice = Planned works must be announced as far ahead as the terms say (C4). Choose a later time.
web-wrong-longer = The exclusion is longer than the outage it belongs to.
web-wrong-already = Somebody was quicker. Look at how it stands now.
web-wrong-broadcast = Write the words in all three languages; somebody must be reachable in Telegram.
web-wrong-own-customer = This is your own customer. Another person must decide.
web-wrong-not-over = The month is not over yet.
web-wrong-undecided = First decide what the checklist names.
web-wrong-price = A price is missing in the directory. Add it and close again; the rest is closed.
web-wrong-month = This is no month. Write one such as 2026-10.
web-period-closed = The period is closed: these figures are frozen
web-period-over = The month is over and can be closed
web-period-running = The month is not over: preliminary figures
web-period-close = Close the month
web-credit-approve-all = Approve all
web-credit-approve = Approve
web-credit-decline = Decline
web-credit-note = credit note
web-credit-service = Service
web-credit-availability = Availability
web-credit-down = Downtime
web-credit-budget = Error budget left
web-credit-tier = Tier
web-credit-credit = Credit
web-credit-state = State
web-credit-nothing = nothing owed
web-credit-waiting = to be approved
web-credit-approved = approved
web-credit-declined = declined
web-credit-replaced = replaced
web-credits-none = There were no services in this month.
web-credits-more = More services
web-claim-data_loss = lost data (C10)
web-claim-liability = proven fault (C11)
web-claim-new = Register a claim
web-claim-new-why = Lost data (C10) or other liability where the fault is proven (C11: the share of the fee for the downtime). One person says why it is justified, another grants it.
web-claim-kind = What for
web-claim-justify = It is justified
web-claim-grant = Grant
web-claim-refuse = Refuse
sheet-credit-name = Credit
web-event-incident_noted = incident { $number }: { $state }
web-event-downtime_noted = interval of { $service }: { $state }
web-event-claim_noted = claim on { $service }: { $state }
web-event-period_closed = closed { $month }
web-event-credit_noted = credit of { $service }: { $state }
web-check-unconfirmed = { $n ->
    [one] { $n } interval waits for a second person
   *[other] { $n } intervals wait for a second person
}
web-check-unmeasured = { $n ->
    [one] { $n } gap in monitoring waits for a ruling
   *[other] { $n } gaps in monitoring wait for a ruling
}
web-check-blind = { $cluster }: the control plane was last looked at { $when }. Start the provisioner: the gap then waits for a ruling
web-check-claims = { $n ->
    [one] { $n } claim waits for a decision
   *[other] { $n } claims wait for a decision
}
web-check-unapproved = { $n ->
    [one] { $n } credit waits for approval
   *[other] { $n } credits wait for approval
}
web-event-incidents_imported = { $n ->
    [one] { $n } interval imported
   *[other] { $n } intervals imported
}
web-gap-all = { $n ->
    [one] and { $n } more service that was not looked at
   *[other] and { $n } more services that were not looked at
}
