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
sheet-tier-broken = We promise { $promised } (C1): it was broken, the discount is { $credit } (C2).

menu-availability = 📈 Availability and discounts
button-sheet = { $service }: the whole sheet
button-month-before = ‹ { $month }
button-month-after = { $month } ›
button-availability = 📈 All services

availability-title = <b>Availability, { $month }</b>
availability-none = You had no services in this month.
availability-line = <b>{ $service }</b>: { $percent }, downtime { $down }
availability-line-whole = <b>{ $service }</b>: { $percent }, no downtime
availability-discount = discount { $amount }
availability-unknown = <b>{ $service }</b>: the figures are being checked
availability-preliminary = The month is not over: these figures may still change.
availability-computed = The month is being closed: the figures will be final soon.
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
sheet-base = The cost that the discount is a share of (C12): { $base }
sheet-credit = <b>Discount: { $amount }</b>
sheet-none = No discount is due.
sheet-capped = It is cut to what the month costs (C7).
sheet-discount-only = It is taken off the bill of this month; no money is paid out (C9).
sheet-waiting = A manager still has to approve it.
sheet-approved = It has been approved.
sheet-declined = It has been declined.
sheet-terms = Terms: { $policy }

credit-approved = ✅ <b>Your discount for { $month } has been approved: { $amount }</b>
works-announced =
    🛠 <b>Planned works</b>

    { $service }: { $when }. The service may be unavailable.
works-reminder =
    🛠 <b>Reminder: planned works soon</b>

    { $service }: { $when }. The service may be unavailable.
trial-ends =
    ⏳ <b>Your trial period ends soon</b>

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
note-left = Left to pay
note-draft = Not approved yet
note-rules = Rules: { $rules }
