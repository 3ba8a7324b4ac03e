# The report as a picture: Mondays, and /report.
desk-command-report = The SLA report as a picture
report-by-kind = Solved in time, by kind
report-by-day = Opened each day
report-rule = A request counts for the day on which it was opened.
report-forbidden = The report goes to the managers and the duty manager.
report-how = Write /report for the last 7 days, or /report 30 for the last 30; { $most } days at most.
report-caption =
    <b>SLA, { $period }</b>
    First reply in time: <b>{ $first-reply }</b>
    Solved in time: <b>{ $resolution }</b>
    Requests: { $opened }, solved late: { $late }
    <a href="{ $page }">The report with its tickets</a>
