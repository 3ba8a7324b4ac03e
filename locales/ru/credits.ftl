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
sheet-tier-broken = Мы обещаем { $promised } (C1): обещание нарушено, скидка { $credit } (C2).

menu-availability = 📈 Доступность и скидки
button-sheet = { $service }: подробный расчёт
button-month-before = ‹ { $month }
button-month-after = { $month } ›
button-availability = 📈 Все услуги

availability-title = <b>Доступность, { $month }</b>
availability-none = В этом месяце у вас не было услуг.
availability-line = <b>{ $service }</b>: { $percent }, простой { $down }
availability-line-whole = <b>{ $service }</b>: { $percent }, без простоев
availability-discount = скидка { $amount }
availability-unknown = <b>{ $service }</b>: расчёт проверяется
availability-preliminary = Месяц ещё не закончился: цифры могут измениться.
availability-computed = Месяц закрывается: скоро цифры станут окончательными.
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
sheet-base = Стоимость, от которой считается скидка (C12): { $base }
sheet-credit = <b>Скидка: { $amount }</b>
sheet-none = Скидка не полагается.
sheet-capped = Ограничена стоимостью месяца (C7).
sheet-discount-only = Она вычитается из счёта за этот месяц; деньги не выплачиваются (C9).
sheet-waiting = Её ещё должен согласовать руководитель.
sheet-approved = Она согласована.
sheet-declined = В ней отказано.
sheet-terms = Условия: { $policy }

credit-approved = ✅ <b>Ваша скидка за { $month } согласована: { $amount }</b>
works-announced =
    🛠 <b>Плановые работы</b>

    { $service }: { $when }. Сервис может быть недоступен.
works-reminder =
    🛠 <b>Напоминаем: скоро плановые работы</b>

    { $service }: { $when }. Сервис может быть недоступен.
trial-ends =
    ⏳ <b>Тестовый период скоро закончится</b>

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
note-left = Осталось оплатить
note-draft = Ещё не согласовано
note-rules = Правила: { $rules }
