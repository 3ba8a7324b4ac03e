# Есеп сурет түрінде: дүйсенбіде және /report бойынша.
desk-command-report = SLA есебі бір суретпен
report-by-kind = Уақытында шешілгені, түрі бойынша
report-by-day = Күн сайын ашылғаны
report-rule = Өтініш ашылған күніне есептеледі.
report-forbidden = Есеп менеджерлер мен ауысым басшысына беріледі.
report-how = Соңғы 7 күн үшін /report, соңғы 30 күн үшін /report 30 деп жазыңыз; ең көбі { $most } күн.
report-caption =
    <b>SLA, { $period }</b>
    Алғашқы жауап уақытында: <b>{ $first-reply }</b>
    Уақытында шешілді: <b>{ $resolution }</b>
    Өтініштер: { $opened }, кешіккен шешім: { $late }
    <a href="{ $page }">Өтініштерімен бірге есеп</a>
