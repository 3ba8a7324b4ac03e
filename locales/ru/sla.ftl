# Слова отчёта по SLA.
web-sla = Отчёт по SLA
web-sla-period = Период
web-sla-today = Сегодня
web-sla-7-days = 7 дней
web-sla-last-week = Прошлая неделя
web-sla-30-days = 30 дней
web-sla-this-month = Этот месяц
web-sla-last-month = Прошлый месяц
web-sla-from = С
web-sla-to = По
web-sla-group = Разбить по
web-sla-by-kind = По видам
web-sla-by-queue = По отделам
web-sla-by-channel = По каналам
web-sla-by-day = По дням
web-sla-compared = Мелким серым — за
web-sla-at = На момент
web-sla-rule = Обращение считается за день, когда оно открыто; срок, который прошёл, нарушен, даже если обращение ещё открыто.
web-sla-before = было:
web-sla-better = ▲ лучше
web-sla-worse = ▼ хуже
web-sla-same = = без изменений
web-sla-first-reply-kept = Первый ответ в срок
web-sla-resolution-kept = Решено в срок
web-sla-first-reply-broken = Первых ответов с опозданием
web-sla-resolution-broken = Решений с опозданием
web-sla-broken = С опозданием
web-sla-met = В срок
web-sla-running = Ещё в срок, не решено
web-sla-void = Больше не требуется
web-sla-opened = Открыто
web-sla-solved = Решено
web-sla-reopened = Открыто снова
web-sla-automated = Без участия людей
web-sla-rating = Оценка
web-sla-p50 = Половина за
web-sla-p90 = 90 % за
web-sla-p99 = 99 % за
web-sla-mean = В среднем
web-sla-lengths = { $target }: сколько заняло
# После «до», «дольше», «моложе», «старше» длина стоит в родительном падеже.
web-sla-within-minutes = до { $n } { $n ->
    [one] минуты
   *[other] минут
}
web-sla-within-hours = до { $n } { $n ->
    [one] часа
   *[other] часов
}
web-sla-within-days = до { $n } { $n ->
    [one] дня
   *[other] дней
}
web-sla-longer-days = дольше { $n } { $n ->
    [one] дня
   *[other] дней
}
web-sla-younger-hours = моложе { $n } { $n ->
    [one] часа
   *[other] часов
}
web-sla-younger-days = моложе { $n } { $n ->
    [one] дня
   *[other] дней
}
web-sla-older-days = старше { $n } { $n ->
    [one] дня
   *[other] дней
}
web-sla-tickets = Обращений
web-sla-time = Время
web-sla-table = Таблицей
web-sla-nothing = За этот период ничего нет.
web-sla-in-queue = В очереди
web-sla-at-engineer = У инженеров
web-sla-at-customer = Ждали клиента
web-sla-heat = Когда открывают обращения
web-sla-heat-most = Больше всего: { $when }, { $n }
web-sla-backlog = Открытые обращения по времени
web-sla-backlog-most = Сейчас { $now }, самое большее { $most }
web-sla-ages = Возраст открытых обращений
web-sla-breaches = Нарушенные сроки
web-sla-no-breaches = Все сроки этого периода соблюдены.
web-sla-all-breaches = Показать все
web-sla-when = Открыто
web-sla-people-why = Что досталось каждому, по именам: у того, кто берёт трудное и позднее, опозданий больше. Унаследовано: взято, когда три четверти срока уже прошли.
web-sla-held = Было у него
web-sla-inherited = Унаследовано опозданий
web-sla-emergencies = Аварийный режим
web-sla-back = Назад к отчёту
web-wrong-period = С этими датами отчёт не сделать: последний день не раньше первого, всего не больше 400 дней.
web-day-1 = Пн
web-day-2 = Вт
web-day-3 = Ср
web-day-4 = Чт
web-day-5 = Пт
web-day-6 = Сб
web-day-7 = Вс
web-sla-figure-opened = Открытые обращения
web-sla-figure-solved = Решённые обращения
web-sla-figure-ended = Отменённые, отклонённые и объединённые
web-sla-figure-automated = Решено без участия людей
web-sla-figure-reopened = Открытые снова
web-sla-figure-rated = Оценённые обращения
web-sla-figure-breached = Обращения с нарушенным сроком
web-sla-figure-first_reply_met = Первый ответ в срок
web-sla-figure-first_reply_breached = Первый ответ с опозданием
web-sla-figure-first_reply_running = Первого ответа ещё нет
web-sla-figure-first_reply_void = Первый ответ больше не требуется
web-sla-figure-first_reply_done = Первый ответ дан
web-sla-figure-resolution_met = Решено в срок
web-sla-figure-resolution_breached = Решение с опозданием
web-sla-figure-resolution_running = Ещё не решено, срок не прошёл
web-sla-figure-resolution_void = Решение больше не требуется
web-sla-figure-resolution_done = Решение найдено
web-sla-figure-held = Было у
web-sla-figure-solved_by = Решил(а)
web-sla-figure-breached_by = Опоздание при достаточном времени
web-sla-figure-inherited_by = Унаследованное опоздание
web-sla-figure-at_queue = Ждали инженера
web-sla-figure-at_engineer = Были у инженеров
web-sla-figure-at_approval = Ждали согласования
web-sla-figure-at_provisioner = Выполняла система
web-sla-figure-at_customer = Ждали клиента
web-sla-figure-owed_at = Были открыты
