# Доступность, простои и компенсации: бот, веб и печатный документ.
month-name-1 = январь
month-name-2 = февраль
month-name-3 = март
month-name-4 = апрель
month-name-5 = май
month-name-6 = июнь
month-name-7 = июль
month-name-8 = август
month-name-9 = сентябрь
month-name-10 = октябрь
month-name-11 = ноябрь
month-name-12 = декабрь
month-of-year = { $month } { $year }
per-cent = { $value } %
length-seconds-exact = { $n } с

cause-provider = сбой нашей платформы
cause-ha_master_unreachable = мастер-ноды были недоступны
cause-basic_control_plane = базовая группа управления была недоступна
cause-worker_nodes = воркер-ноды или поды
cause-customer_routing = ваши правила маршрутизации
cause-third_party_install = программы, установленные в кластер
cause-cluster_change = обновление или изменение кластера
cause-force_majeure = форс-мажор
cause-customer_act = действия с вашей стороны
cause-planned_works = плановые работы, объявленные заранее

sheet-counts = учитывается ({ $rule })
sheet-adds-nothing = не учитывается ({ $rule })
sheet-takes-away = вычитается из простоя ({ $rule })
sheet-line-tier = { $percent } от { $of } ({ $rule })
sheet-line-loss = потеря данных: { $percent } от { $of } ({ $rule })
sheet-line-liability = доказанная вина: доля абонентской платы за время простоя, { $of } ({ $rule })
sheet-tier-kept = Мы обещаем { $promised } (C1): обещание выполнено.
sheet-tier-broken = Мы обещаем { $promised } (C1): обещание нарушено, компенсация { $credit } (C2).

menu-availability = 📈 Доступность и компенсации
button-sheet = { $service }: подробный расчёт
button-month-before = ‹ { $month }
button-month-after = { $month } ›
button-availability = 📈 Все услуги

availability-title = <b>Доступность, { $month }</b>
availability-none = В этом месяце у вас не было услуг.
availability-line = <b>{ $service }</b>: { $percent }, простой { $down }
availability-line-whole = <b>{ $service }</b>: { $percent }, без простоев
availability-credit = компенсация { $amount }
availability-credit-declined = в компенсации { $amount } отказано
availability-credit-waiting = компенсация { $amount } (ещё не согласована)
availability-unknown = <b>{ $service }</b>: расчёт проверяется
availability-preliminary = Месяц ещё не закончился: цифры могут измениться.
availability-computed = Месяц закончился, но ещё не закрыт: цифры могут измениться.
availability-final = Это окончательные цифры.
availability-incident = ⚠️ { $number }: { $services }, с { $since }. Мы работаем над этим.
availability-restored = 🟢 { $number }: { $services }, снова работает с { $since }.

sheet-title = <b>{ $service }, { $month }</b>
sheet-formula = Доступность (C12): { $formula }
sheet-intervals = <b>Что произошло</b>
sheet-no-intervals = В этом месяце ничего не произошло.
sheet-row = { $when } ({ $length }): { $cause }, { $effect }
sheet-more = … и ещё { $n } на следующей странице.
sheet-downtime = Простой: { $length } (C8, C13). Совпадающее время учитывается один раз.
sheet-base = Стоимость, от которой считается компенсация (C12): { $base }
sheet-credit = <b>Компенсация: { $amount }</b>
sheet-none = Компенсация не полагается.
sheet-capped = Ограничена стоимостью месяца (C7).
sheet-discount-only = Она вычитается из счёта за { $month }; деньги не выплачиваются (C9).
sheet-waiting = Её ещё должен согласовать руководитель.
sheet-approved = Она согласована.
sheet-declined = В ней отказано.
sheet-terms = Условия: { $policy }

credit-approved = ✅ <b>Ваша компенсация за { $month } согласована: { $amount }</b>
works-announced =
    🛠 <b>Плановые работы</b>

    { $service }: { $when }. Сервис может быть недоступен.
works-reminder =
    🛠 <b>Напоминаем: скоро плановые работы</b>

    { $service }: { $when }. Сервис может быть недоступен.
trial-ends =
    ⏳ <b>Тестовый период скоро закончится</b>

    Обращение { $number }. Тестовый период длится { $length } с первого запуска, затем услуга сама становится платной. Если она вам не нужна, удалите её до этого в Личном кабинете.
trial-ends-at =
    ⏳ <b>Тестовый период скоро закончится: { $when }</b>

    Обращение { $number }. Тестовый период длится { $length } с первого запуска, затем услуга сама становится платной. Если она вам не нужна, удалите её до этого в Личном кабинете.

# Что пишут, спрашивая о доступности: начала слов.
typed-availability = доступност, аптайм, простой, простои, sla

note-title = Документ о компенсации
note-number = № { $number }
note-customer = Заказчик
note-service = Услуга
note-period = Отчётный период
note-date = Дата
note-when = Когда
note-length = Сколько
note-cause = Причина
note-effect = Что это значит
note-figures = Расчёт
note-paid = Стоимость месяца
note-left = Стоимость с учётом компенсации
note-draft = Ещё не согласовано
note-declined = В этой компенсации отказано
note-replaced = Вместо этого действует более поздний документ
note-rules = Правила (в скобках пункт условий): { $rules }

# Страницы инцидентов и компенсаций в веб-консоли.
web-incidents = Инциденты
web-credits = Доступность и компенсации
web-credits-menu = Компенсации
web-incident = Инцидент
web-incidents-none = Сейчас ничего не происходит.
web-incidents-over = Завершённые
web-incident-open = продолжается
web-incident-restored = снова работает
web-incident-closed = закрыт
web-incident-dismissed = не подтвердился
web-incident-since = С
web-incident-attach = Присоединить обращение
web-incident-announce = Сообщить затронутым клиентам
web-incident-answer = Ответить всем и закрыть
web-incident-answer-words = Ответ, который получит каждое обращение
web-incident-dismiss = Это не инцидент
web-incident-new = Открыть инцидент
web-incident-words = О чём речь
web-interval-waiting = Ждут второго человека
web-interval-none = Ничего не ждёт.
web-interval-new = Простой или плановые работы
web-interval-new-why = Предложенное подтверждает второй человек. Плановые работы должны быть объявлены заранее, как требуют условия; клиентам сообщается после подтверждения.
web-interval-service = Услуга
web-interval-cause = Причина
web-interval-from = С (Алматы)
web-interval-until = До (Алматы)
web-interval-evidence = Чем подтверждается
web-interval-propose = Предложить интервал
web-interval-second = Подтвердить
web-interval-dispute = Это неверно
web-interval-why = Почему это неверно
web-interval-gap = не измерялось
web-interval-unmeasured = решения нет
web-interval-proposed = ждёт второго человека
web-interval-measured = замечено мониторингом, подтверждают двое
web-interval-confirmed = подтверждено двумя
web-interval-disputed = оспорено
web-interval-withdrawn = отозвано
web-monitoring = Мониторинг
web-planes = Группы управления
web-plane-healthy = работает
web-plane-degraded = не работает одна мастер-нода
web-plane-critical = не работает
web-plane-unmeasured = не измеряется
web-plane-seen = последняя проверка:
web-gap-worked = Работало
web-gap-down = Не работало
web-done-saved = Сохранено.
web-wrong-moment = Время не читается. Выберите дату и время.
web-wrong-same-person = Подтвердить должен второй человек, не тот, кто предложил.
web-wrong-backwards = Конец раньше начала.
web-wrong-future = Это в будущем. Предложите, когда закончится.
web-wrong-no-service = В справочнике нет такой услуги. Выберите из списка.
web-wrong-cause = Эта причина не подходит услуге. Выберите другую.
web-wrong-evidence = Укажите, чем это подтверждается.
web-wrong-notice = Плановые работы объявляются заранее, как требуют условия (C4). Выберите более позднее время.
web-wrong-longer = Исключение длиннее простоя, к которому относится.
web-wrong-already = Кто-то успел раньше. Посмотрите, как обстоит дело сейчас.
web-wrong-broadcast = Напишите текст на всех трёх языках; кто-то должен быть доступен в Telegram.
web-wrong-own-customer = Это ваш собственный клиент. Решить должен другой человек.
web-wrong-not-over = Месяц ещё не закончился.
web-wrong-undecided = Сначала решите то, что в списке проверки.
web-wrong-price = В справочнике нет цены. Добавьте её и закройте снова; остальное закрыто.
web-wrong-month = Это не месяц. Напишите, например, 2026-10.
web-period-closed = Период закрыт: цифры зафиксированы
web-period-over = Месяц закончился, его можно закрыть
web-period-running = Месяц не закончился: предварительные цифры
web-period-close = Закрыть месяц
web-credit-approve-all = Согласовать всё
web-credit-approve = Согласовать
web-credit-decline = Отказать
web-credit-note = документ
web-credit-service = Услуга
web-credit-availability = Доступность
web-credit-down = Простой
web-credit-budget = Остаток допустимого простоя
web-credit-tier = Ставка
web-credit-credit = Компенсация
web-credit-state = Состояние
web-credit-nothing = не полагается
web-credit-waiting = ждёт согласования
web-credit-approved = согласована
web-credit-declined = отказано
web-credit-replaced = заменена
web-credits-none = В этом месяце не было услуг.
web-credits-more = Ещё услуги
web-claim-data_loss = потеря данных (C10)
web-claim-liability = доказанная вина (C11)
web-claim-new = Зарегистрировать требование
web-claim-new-why = Потеря данных (C10) или иная ответственность при доказанной вине (C11: доля абонентской платы за время простоя). Один человек обосновывает, другой удовлетворяет.
web-claim-kind = За что
web-claim-justify = Обосновано
web-claim-grant = Удовлетворить
web-claim-refuse = Отказать
sheet-credit-name = Компенсация
web-event-incident_noted = инцидент { $number }: { $state }
web-event-downtime_noted = интервал { $service }: { $state }
web-event-claim_noted = требование по { $service }: { $state }
web-event-period_closed = закрыт период { $month }
web-event-credit_noted = компенсация по { $service }: { $state }
web-check-unconfirmed = { $n ->
    [one] { $n } интервал ждёт второго человека
    [few] { $n } интервала ждут второго человека
   *[other] { $n } интервалов ждут второго человека
}
web-check-unmeasured = { $n ->
    [one] { $n } пробел мониторинга ждёт решения
    [few] { $n } пробела мониторинга ждут решения
   *[other] { $n } пробелов мониторинга ждут решения
}
web-check-blind = { $cluster }: управляющие узлы последний раз проверены { $when }. Запустите provisioner: пробел появится для решения
web-check-claims = { $n ->
    [one] { $n } требование ждёт решения
    [few] { $n } требования ждут решения
   *[other] { $n } требований ждут решения
}
web-check-unapproved = { $n ->
    [one] { $n } компенсация ждёт согласования
    [few] { $n } компенсации ждут согласования
   *[other] { $n } компенсаций ждут согласования
}
web-event-incidents_imported = { $n ->
    [one] { $n } интервал загружен
    [few] { $n } интервала загружено
   *[other] { $n } интервалов загружено
}
web-gap-all = { $n ->
    [one] и ещё { $n } услуга, которую не проверяли
    [few] и ещё { $n } услуги, которые не проверяли
   *[other] и ещё { $n } услуг, которые не проверяли
}
