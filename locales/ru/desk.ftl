# Что читают инженеры: карточки, ветки, вызовы, очередь.
desk-kind-vm_reboot = перезагрузка ВМ
desk-kind-vm_unlock = разблокировка ВМ
desk-kind-quota_increase = увеличение квоты
desk-kind-password_recovery = восстановление пароля
desk-kind-zone_link = сетевое соединение зон
desk-kind-fault_critical = критическая неисправность
desk-kind-fault_minor = незначительная неисправность
desk-kind-question = вопрос
desk-kind-order = заказ
desk-kind-new_cabinet = новый Личный кабинет
desk-kind-trial = тестовый период
desk-kind-credit_claim = требование компенсации
desk-kind-data_loss_claim = требование из-за потери данных

desk-state-new = новое
desk-state-reopened = открыто снова
desk-state-open = открыто
desk-state-waiting_customer = ждём ответа клиента
desk-state-waiting_approval = ожидает согласования
desk-state-executing = в работе
desk-state-solved = решено
desk-state-closed = закрыто
desk-state-cancelled = отозвано клиентом
desk-state-declined = отклонено
desk-state-merged = объединено

desk-queue-support = поддержка
desk-queue-infrastructure = инфраструктура
desk-queue-network = сеть
desk-queue-kubernetes = Kubernetes
desk-queue-billing = расчёты
desk-queue-sales = продажи
desk-queue-security = безопасность

desk-target-first_reply = Первый ответ
desk-target-resolution = Решение
desk-speaks-kk = казахский
desk-speaks-ru = русский
desk-speaks-en = английский

desk-due = до { $due } (осталось: { $left })
desk-overdue = просрочено, опоздание: { $late }; обещано до { $due }
desk-overdue-now = срок нарушен, обещано до { $due }
desk-paused = часы стоят, осталось: { $left }
desk-kept = выполнено в срок, { $at }
desk-late = выполнено с опозданием, { $at }; обещано до { $due }
desk-void = больше не требуется
desk-promise = { $target }: { $standing }

desk-action-reboot-graceful = перезагрузить <b>{ $vm }</b> (домен { $domain }, { $zone }): мягко; если не остановится (ждём: { $wait }), принудительно
desk-action-reboot-hard = перезагрузить <b>{ $vm }</b> (домен { $domain }, { $zone }): принудительно, сразу
desk-action-unlock = разблокировать <b>{ $vm }</b> (домен { $domain }, { $zone }): заблокирована, причина { $reason } → работает
desk-lock-unknown = неизвестна
desk-failed = <code>{ $code }</code>: { $text }

desk-card-headline = { $mark } <b>{ $number }</b> · { $kind }
desk-critical = 🔥🔥🔥 <b>КРИТИЧЕСКОЕ: сервисы клиента недоступны</b>
desk-card-held = <b>{ $state }</b> · { $queue } · ведёт { $holder }
desk-card-free = <b>{ $state }</b> · { $queue } · никто не взял
desk-card-over = <b>{ $state }</b> · { $queue }
desk-card-customer = 👤 { $customer }: { $name } ({ $language })
desk-card-stranger = 👤 { $name }, ещё не клиент ({ $language })
desk-card-vm = 🖥 { $vm } · { $zone } · домен <code>{ $domain }</code>
desk-card-service = ☸️ { $service }
desk-card-locked = 🔒 заблокирована: { $reason }
desk-card-promise = ⏱ { $target }: { $standing }
desk-card-promise-broken = ❗ <b>{ $target }: { $standing }</b>
desk-card-cycle = 🔁 открыто снова, цикл { $n }
desk-card-action = 🛠 { $action }
desk-card-approvals = Согласовано: { $given } из { $needed } · действует до { $until }
desk-card-approvers = Согласовали: { $names }
desk-card-approved-policy = Согласовано по условиям договора
desk-card-expired = ⌛ вовремя никто не согласовал
desk-card-failed = 💥 не удалось: { $why }
desk-card-declined = Предложение отклонено
desk-card-proof = Подтверждение: { $method }, прочитано состояние { $state }, заняло: { $took }
desk-card-paging = 📟 вызываем дежурного
desk-card-paged = 📟 вызван: { $name }, следующий после { $until }
desk-card-acknowledged = 📟 вызов принял: { $name }
desk-card-page-exhausted = 📟 <b>на вызов никто не ответил</b>
desk-card-counts = ✉️ { $counts }
desk-count-messages = { $n ->
    [one] { $n } сообщение
    [few] { $n } сообщения
   *[other] { $n } сообщений
}
desk-count-files = { $n ->
    [one] { $n } файл
    [few] { $n } файла
   *[other] { $n } файлов
}
desk-count-notes = { $n ->
    [one] { $n } заметка
    [few] { $n } заметки
   *[other] { $n } заметок
}
desk-card-as-of = <i>на { $time }</i>
desk-undelivered = ⚠️ <b>не доставлено:</b> { $why }
desk-undelivered-call = ⚠️ <b>не доставлено:</b> { $why } → позвоните: { $phone }
desk-undelivered-blocked = клиент заблокировал бота
desk-undelivered-gone = аккаунта клиента больше нет

desk-button-take = ✋ Взять
desk-button-ask = ❓ Спросить
desk-button-solve = ✅ Решено
desk-button-silently = ✅ Без слов
desk-button-approve = 👍 Согласовать
desk-button-decline = ⛔ Отклонить
desk-button-hand-over = ➡️ Передать
desk-button-back = ⬅️ Назад
desk-button-cancel = ✖️ Отмена
desk-button-acknowledge = 📟 Принять вызов
desk-button-open = 📄 Открыть
desk-button-queue = 📋 Очередь
desk-button-refresh = 🔄 Обновить

desk-prompt-question = { $name }, напишите вопрос клиенту ({ $number }): ответом на это сообщение.
desk-prompt-closing = { $name }, напишите клиенту, что сделано ({ $number }): ответом на это сообщение.
desk-prompt-reason = { $name }, напишите клиенту, почему нет ({ $number }): ответом на это сообщение.

desk-done-taken = { $number }: теперь ваше
desk-done-acknowledged = { $number }: вызов принят. Срок идёт дальше.
desk-done-handed = { $number }: передано
desk-done-approved = { $number }: согласовано, выполняется
desk-done-approved-first = Согласовано: { $given } из { $needed }. Нужен ещё один человек.
desk-done-solved = { $number }: решено
desk-done-cancelled = Ничего не отправлено
desk-choose-department = В какой отдел?

desk-refused-taken = Обращение уже взято: { $name }. Если можете помочь, ответьте под карточкой.
desk-refused-state = Уже нельзя: обращение в состоянии «{ $state }». Карточка показывает, что есть.
desk-refused-stale = Это предложение уже не действует. Посмотрите на карточку и решайте по ней.
desk-refused-expired = Срок этого предложения истёк. Возьмите обращение и решите заново.
desk-refused-another = Нужен другой человек: не тот, кто просил, и никто дважды.
desk-refused-forbidden = Ваша роль этого не позволяет. Обратитесь к дежурному.
desk-refused-not-found = Такого обращения нет.
desk-refused-already = Это уже делается: { $number }.
desk-refused-not-staff = Это могут только сотрудники поддержки. Сотрудников вносит в справочник администратор.
desk-refused-old-button = Эта кнопка устарела. Откройте самую новую карточку.
desk-refused-not-asked = Это спросили не у вас.
desk-not-sent = Клиенту не отправлено. { $why }
desk-not-in-telegram = Записано, но у клиента здесь нет Telegram: он этого не прочтёт.
desk-not-in-telegram-call = Записано, но у клиента здесь нет Telegram. Позвоните: { $phone }
desk-edit-not-sent = Эта правка клиенту не отправлена: он видит прежние слова. Если важно, напишите исправление новым ответом.

desk-mirror = 💬 <b>{ $name }</b>
    { $quote }
desk-mirror-files = 📎 не в Telegram: { $names }
desk-private-wrote = { $number } · { $name }
desk-event-expired = ⌛ <b>{ $number }</b>: вовремя никто не согласовал. Возьмите и решите заново.
desk-event-failed = 💥 <b>{ $number }</b>: действие не удалось. { $why }
desk-event-recovered = 💚 <b>{ $number }</b>: по данным мониторинга всё восстановилось (тревог: { $alerts }). Обращение решено.
desk-event-confirmed = 👍 <b>{ $number }</b>: клиент подтвердил.
desk-event-cancelled = 🚫 <b>{ $number }</b>: клиент отозвал обращение.
desk-event-reopened = 🔁 <b>{ $number }</b>: клиент говорит, что не решено. Открыто снова.
desk-event-mark = ⏳ <b>{ $number }</b>: прошло { $percent } % времени. { $target }: { $standing }
desk-event-breached = ❗ <b>{ $number }</b>: срок нарушен. { $target }: обещано до { $due }.
desk-event-page-exhausted = 📟 <b>{ $number }</b>: вызваны все дежурные, никто не ответил. Возьмите сейчас.

desk-page-headline = 📟 <b>{ $number }</b> · <b>{ $kind }</b>
desk-page-step = Вы { $step }-й в цепочке: до вас никто не ответил.
desk-page-until = Примите вызов до { $until }, иначе вызовем следующего.
desk-whose = 👤 { $customer }: { $name }
desk-whose-stranger = 👤 { $name }
desk-warning-held = Ведёт { $holder }
desk-warning-free = <b>Никто не взял</b>

desk-queue-title = Очередь
desk-queue-title-of = Очередь: { $queue }
desk-queue-title-mine = Мои
desk-queue-head = 📋 <b>{ $title }</b> · { $n }
desk-queue-empty = Ничего не ждёт. 🎉
desk-queue-line = { $mark } <b>{ $number }</b> · { $kind } · { $whose }
    { "  " }{ $standing } · { $holder }
desk-queue-left = осталось: { $left } (до { $due })
desk-queue-overdue = <b>❗ опоздание: { $late }</b>
desk-queue-free = никто не взял
desk-queue-more = … и ещё { $n }

desk-oncall-title = 📟 <b>Сейчас дежурят</b>
desk-oncall-line = { $queue }: { $names }
desk-oncall-none = Графика нет; вызовы идут руководителям смены: { $names }
desk-is-here = Это рабочая группа поддержки: обращения приходят сюда.
desk-could-be-here = Чтобы сделать эту группу рабочей, задайте <code>[telegram] desk_chat = { $chat }</code> и перезапустите бота.

desk-welcome = <b>{ $name }</b>, добро пожаловать! Это бот дежурных { $provider }.
    
    Здесь мы вызываем вас и пишем новости о ваших обращениях. Ответ на карточку уходит клиенту; начнёте с //, и он останется внутренней заметкой.
desk-event-page-undelivered = 📟 <b>{ $number }</b>: вызов не доставлен: { $name } не запускал бота или заблокировал его. Вызван следующий.
