# The words of the SLA report.
web-sla = SLA report
web-sla-period = Period
web-sla-today = Today
web-sla-7-days = 7 days
web-sla-last-week = Last week
web-sla-30-days = 30 days
web-sla-this-month = This month
web-sla-last-month = Last month
web-sla-from = From
web-sla-to = To
web-sla-group = Divided by
web-sla-by-kind = By kind
web-sla-by-queue = By department
web-sla-by-channel = By channel
web-sla-by-day = By day
web-sla-compared = Small grey numbers are those of
web-sla-at = As of
web-sla-rule = A ticket counts for the day it was opened; a promise whose deadline has passed is broken, even if the ticket is still open.
web-sla-before = before:
web-sla-better = ▲ better
web-sla-worse = ▼ worse
web-sla-same = = the same
web-sla-first-reply-kept = First reply in time
web-sla-resolution-kept = Solved in time
web-sla-first-reply-broken = First replies late
web-sla-resolution-broken = Solutions late
web-sla-broken = Late
web-sla-met = In time
web-sla-running = Not decided yet
web-sla-void = No longer owed
web-sla-opened = Opened
web-sla-solved = Solved
web-sla-reopened = Reopened
web-sla-automated = Without a human
web-sla-rating = Rating
web-sla-p50 = Half within
web-sla-p90 = 90 % within
web-sla-p99 = 99 % within
web-sla-mean = On average
web-sla-lengths = { $target }: how long it took
web-sla-within-minutes = within { $n } { $n ->
    [one] minute
   *[other] minutes
}
web-sla-within-hours = within { $n } { $n ->
    [one] hour
   *[other] hours
}
web-sla-within-days = within { $n } { $n ->
    [one] day
   *[other] days
}
web-sla-longer-days = longer than { $n } { $n ->
    [one] day
   *[other] days
}
web-sla-younger-hours = younger than { $n } { $n ->
    [one] hour
   *[other] hours
}
web-sla-younger-days = younger than { $n } { $n ->
    [one] day
   *[other] days
}
web-sla-older-days = older than { $n } { $n ->
    [one] day
   *[other] days
}
web-sla-tickets = Tickets
web-sla-time = Time
web-sla-table = As a table
web-sla-nothing = Nothing in this period.
web-sla-in-queue = In the queue
web-sla-at-engineer = With engineers
web-sla-at-customer = Waiting for the customer
web-sla-heat = When tickets are opened
web-sla-heat-most = Most: { $when }, { $n }
web-sla-backlog = Open tickets over time
web-sla-backlog-most = Now { $now }, at most { $most }
web-sla-ages = How old the open tickets are
web-sla-breaches = Promises broken
web-sla-no-breaches = Every promise of this period was kept.
web-sla-all-breaches = All of them
web-sla-when = Opened at
web-sla-people-why = What each had to carry, in order of names: who took hard or late tickets has more late ones. Inherited: taken when three quarters of the time were gone.
web-sla-held = Held
web-sla-inherited = Late, inherited
web-sla-emergencies = Emergency mode
web-sla-back = Back to the report
web-wrong-period = These dates cannot be used: the last day comes after the first, and a report covers at most 400 days.
web-day-1 = Mon
web-day-2 = Tue
web-day-3 = Wed
web-day-4 = Thu
web-day-5 = Fri
web-day-6 = Sat
web-day-7 = Sun
web-sla-figure-opened = Tickets opened
web-sla-figure-solved = Tickets solved
web-sla-figure-ended = Tickets cancelled, declined or merged
web-sla-figure-automated = Solved without a human
web-sla-figure-reopened = Tickets reopened
web-sla-figure-rated = Tickets rated
web-sla-figure-breached = Tickets with a broken promise
web-sla-figure-first_reply_met = First reply in time
web-sla-figure-first_reply_breached = First reply late
web-sla-figure-first_reply_running = First reply not given yet
web-sla-figure-first_reply_void = First reply no longer owed
web-sla-figure-first_reply_done = First reply given
web-sla-figure-resolution_met = Solved in time
web-sla-figure-resolution_breached = Solution late
web-sla-figure-resolution_running = Not solved yet, still in time
web-sla-figure-resolution_void = Solution no longer owed
web-sla-figure-resolution_done = Solutions reached
web-sla-figure-held = Held by
web-sla-figure-solved_by = Solved by
web-sla-figure-breached_by = Late, with the time there
web-sla-figure-inherited_by = Late, inherited
web-sla-figure-at_queue = Waited for an engineer
web-sla-figure-at_engineer = Were with engineers
web-sla-figure-at_approval = Waited for an approval
web-sla-figure-at_provisioner = Were carried out by the system
web-sla-figure-at_customer = Waited for the customer
web-sla-figure-owed_at = Were open
