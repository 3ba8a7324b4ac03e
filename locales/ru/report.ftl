# Отчёт картинкой: по понедельникам и по /report.
desk-command-report = Отчёт SLA одной картинкой
report-by-kind = Решено в срок, по видам
report-by-day = Открыто по дням
report-rule = Обращение считается за день, когда оно открыто.
report-forbidden = Отчёт получают менеджеры и руководитель смены.
report-how = Напишите /report за последние 7 дней или /report 30 за последние 30; не больше { $most } дней.
report-caption =
    <b>SLA, { $period }</b>
    Первый ответ в срок: <b>{ $first-reply }</b>
    Решено в срок: <b>{ $resolution }</b>
    Обращений: { $opened }, решено с опозданием: { $late }
    <a href="{ $page }">Отчёт с обращениями</a>
