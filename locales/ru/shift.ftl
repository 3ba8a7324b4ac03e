# Что читают инженеры и руководитель смены: передача работы, дежурство, заготовки, показатели, рассылки.
desk-command-queue = Очередь по срокам
desk-command-mine = Ваши обращения
desk-command-oncall = Кто дежурит; подменить, поменяться
desk-command-breaches = Что просрочено
desk-command-sla = Этот месяц в нескольких строках
desk-command-find = Найти обращение
desk-command-r = Заготовки ответов
desk-command-emergency = Аварийный режим: включить, выключить
desk-command-broadcast = Сообщить клиентам о работах или аварии

desk-button-more = ⋯ Ещё
desk-button-assign = 👤 Назначить
desk-button-escalate = 🆘 Позвать на помощь
desk-button-canned = 📝 Заготовка
desk-button-note = ✍️ Заметка
desk-button-more-severe = 🔥 Это критично
desk-button-less-severe = 🔽 Это не критично
desk-button-attach = 🔗 Относится к…
desk-button-history = 🗂 Переписка
desk-button-send = 📨 Отправить
desk-button-link-duplicate = Повтор { $other }: объединить
desk-button-link-incident = Та же авария, что { $other }
desk-button-acknowledge-all = 📟 Принять все ({ $n })
desk-button-agree = 👍 Согласен
desk-button-disagree = 👎 Нет
desk-button-oncall-take = 🙋 Подменяю: { $queue }
desk-button-oncall-swap = 🔁 Поменяться сменой: { $queue }
desk-button-oncall-put = 👤 Поставить дежурного: { $queue }
desk-button-oncall-end = ✖️ Отменить: { $name }
desk-button-broadcast-planned_works = 🛠 Плановые работы
desk-button-broadcast-outage = ⚠️ Авария
desk-button-broadcast-all = Все клиенты
desk-button-broadcast-send = { $n ->
    [one] 📨 Отправить в { $n } чат
    [few] 📨 Отправить в { $n } чата
   *[other] 📨 Отправить в { $n } чатов
}

desk-prompt-note = { $name }, напишите заметку ({ $number }) ответом на это сообщение. Клиент её не увидит.
desk-prompt-escalation = { $name }, почему нужна помощь ({ $number })? Ответьте на это сообщение. Вызовем следующего дежурного и руководителя смены.
desk-prompt-more-severe = { $name }, почему это критично ({ $number })? Ответьте на это сообщение. Клиент узнает новый срок.
desk-prompt-less-severe = { $name }, почему это не критично ({ $number })? Ответьте на это сообщение. Клиент узнает новый срок.
desk-prompt-other = { $name }, к какому обращению относится { $number }? Ответьте номером; если оно есть выше, выберите там.
desk-choose-person = Кто возьмёт?
desk-choose-link = Как связаны { $number } и { $other }?
desk-other-unread = Это не номер обращения. Он выглядит так: KM-000042.

desk-done-assigned = { $number }: теперь ведёт { $name }
desk-done-attached-duplicate = { $number } объединено с { $other }
desk-done-attached-incident = { $number }: та же авария, что { $other }
desk-done-acknowledged-all = { $n ->
    [one] Принят { $n } вызов. Сроки идут дальше.
    [few] Принято { $n } вызова. Сроки идут дальше.
   *[other] Принято { $n } вызовов. Сроки идут дальше.
}
desk-not-done = Не сделано. { $why }

desk-refused-escalated = Помощь уже позвали: { $name }. Вызываем следующего.
desk-refused-answered = Здесь уже ответили, или время ответа прошло.
desk-refused-cannot-hold = { $name } не ведёт обращения.
desk-refused-other-customer = Это обращение другого клиента. Повтор бывает только у того же клиента; выберите «та же авария».
desk-refused-not-attachable = Эти обращения нельзя связать: одно уже связано, или это одно и то же.

desk-card-moved = ➡️ <b>{ $number }</b> теперь в отделе «{ $queue }»: карточка в его теме.
desk-card-attached-duplicate = 🔗 объединено с { $number }
desk-card-attached-incident = 🔗 та же авария, что { $number }
desk-card-joined-duplicate = 🔗 { $n ->
    [one] повтор: { $numbers }
    [few] повторы: { $numbers }
   *[other] повторы: { $numbers }
}
desk-card-joined-incident = 🔗 та же авария: { $numbers }

desk-event-page-skipped = 📟 <b>{ $number }</b>: { $name } дежурит, но в справочнике нет его Telegram; вызываем следующего.
desk-event-escalated = 🆘 <b>{ $number }</b>: { $name } зовёт на помощь.
    { $quote }
desk-event-reclassified = ⚖️ <b>{ $number }</b>: { $from } → <b>{ $to }</b>, решение: { $name }. Срок: { $standing }
    { $quote }
desk-event-undelivered = ✉️ <b>{ $number }</b>, написанное в { $at }: { $why }
desk-private-assigned = 👤 <b>{ $number }</b>: { $name } передаёт обращение вам.
desk-private-unassigned = 👤 <b>{ $number }</b>: { $name } забирает обращение у вас.
desk-page-approval = ✋ Ждёт согласования, срок под угрозой: откройте обращение и решите.
desk-page-escalated = 🆘 { $name } зовёт на помощь.
desk-page-over = 📟 <b>{ $number }</b> · { $kind }: вызов снят.

desk-storm-headline = 📟 <b>{ $n ->
    [one] Вас ждёт { $n } обращение
    [few] Вас ждут { $n } обращения
   *[other] Вас ждут { $n } обращений
}</b> · <b>{ $kind }</b> · { $queue }
desk-storm-line = • <b>{ $number }</b> · { $whose }

desk-shift-begins = 📟 <b>Ваше дежурство началось:</b> { $queue }
desk-shift-until = До { $until }.
desk-shift-counts = { $n ->
    [0] Ничего не ждёт. 🎉
    [one] Открыто { $n } обращение, просрочено { $late }, без ответственного { $free }.
    [few] Открыто { $n } обращения, просрочено { $late }, без ответственного { $free }.
   *[other] Открыто { $n } обращений, просрочено { $late }, без ответственного { $free }.
}
desk-shift-line = { $mark } <b>{ $number }</b> · { $kind }
    { "  " }{ $standing } · { $holder }

desk-history-title = 🗂 <b>{ $number }</b> · { $n ->
    [one] { $n } сообщение
    [few] { $n } сообщения
   *[other] { $n } сообщений
}
desk-delivered = ✓ доставлено в { $at }
desk-delivery-waits = ⏳ ещё отправляется

desk-canned-choose = 📝 Какая заготовка для { $number }? Язык клиента: { $language }.
desk-canned-none = 📝 Заготовок не нашлось. Все показывает /r.
desk-canned-preview = 📝 <b>{ $name }</b> → { $number }. Клиент прочтёт:
desk-canned-other-language = ⚠️ На языке клиента ({ $language }) этой заготовки нет.
desk-canned-missing = Нужно заполнить { $place }, а в обращении этого нет. Выберите другую.
desk-canned-gone = Такой заготовки больше нет.
desk-canned-sent = Отправлено
desk-canned-was-sent = 📨 { $number }: отправлено клиенту.
    { $quote }
desk-canned-twice = Эти слова клиент только что получил.
desk-canned-title = 📝 <b>Заготовки ответов</b> · { $n }
desk-canned-how = Чтобы ответить: под карточкой <code>/r слово</code>.
    Чтобы записать: имя и язык, с новой строки текст:
    <code>/r set disk-full ru
    Здравствуйте, {"{name}"}! …</code>
    Чтобы убрать: <code>/r del disk-full</code>
    Подставляется: { $places }
desk-canned-long = В заготовке не больше { $n } знаков.
desk-canned-place = Я не знаю { $place }. Подставляется: { $places }
desk-canned-saved = Записано: <b>{ $name }</b> ({ $language })
desk-canned-deleted = Убрано: <b>{ $name }</b>

desk-oncall-next = { "  " }с { $at }: { $name }
desk-oncall-cover = 🔁 { $queue }: вне очереди { $name }, { $from } – { $until }
desk-oncall-swap-with = С кем поменяться ближайшей сменой ({ $queue })?
desk-oncall-put-whom = Кто дежурит до конца смены ({ $queue })?
desk-oncall-already = { $name } уже дежурит.
desk-oncall-done = Теперь дежурит { $name }
desk-oncall-relieved = 📟 { $name } подменяет вас ({ $queue }). Вы сейчас не дежурите.
desk-oncall-swap-asked = 🔁 { $name } просит поменяться сменами ({ $queue }):
desk-oncall-swap-line = • { $name }: { $from } – { $until }
desk-oncall-swap-waits = Спросили: { $name }. Обмен действует после согласия.
desk-oncall-swapped = Поменялись
desk-oncall-swap-agreed = 👍 { $name } соглашается: смены обменяны ({ $queue }).
desk-oncall-swap-refused = 👎 { $name } отказывается меняться ({ $queue }). График остаётся прежним.
desk-oncall-swap-off = График остаётся прежним.
desk-oncall-unreachable = { $name }: в Telegram не достать.
desk-oncall-ended = Снова действует график.
desk-oncall-ended-told = 📟 { $name } отменяет ваше дежурство вне очереди ({ $queue }).

desk-breaches-title = ❗ <b>Нарушенные сроки за сутки</b> · { $n }
desk-breaches-none = Нет. 🎉
desk-breaches-line = { $mark } <b>{ $number }</b> · { $kind } · { $target }: до { $due }
    { "  " }сейчас: { $state } · { $holder }
desk-sla-title = 📊 <b>SLA</b> с { $from }
desk-sla-line = { $target }: выполнено <b>{ $percent } %</b> (в срок { $met }, нарушено { $broken })
desk-sla-nothing = { $target }: сроков ещё не было
desk-sla-now = Открыто сейчас: { $n } · просрочено { $late } · под угрозой { $risk }
desk-find-how = Что искать? Номер, клиента, машину или слово: <code>/find KM-42</code>, <code>/find диск</code>
desk-find-none = Ничего не нашлось.
desk-queue-title-found = Найдено

desk-emergency-on = 🚨 <b>Аварийный режим включён.</b> Первый ответ обещаем позже и говорим об этом клиентам: { $reason }
desk-emergency-off = Аварийный режим выключен: действуют обычные сроки.
desk-emergency-how = Переключает руководитель смены: <code>/emergency on причина</code>, <code>/emergency off</code>
desk-emergency-forbidden = Аварийный режим переключает только руководитель смены.
desk-emergency-told-on = 🚨 <b>Включён аварийный режим</b>, решение: { $name }. { $reason }
desk-emergency-told-off = Аварийный режим выключен, решение: { $name }. Действуют обычные сроки.

desk-broadcast-title = 📣 <b>Сообщить клиентам</b>
desk-broadcast-about-planned_works = плановые работы
desk-broadcast-about-outage = авария
desk-broadcast-forbidden = Ко всем клиентам обращается только руководитель смены.
desk-broadcast-audience = 📣 { $about }: кого это касается?
desk-broadcast-in-kk = казахский
desk-broadcast-in-ru = русский
desk-broadcast-in-en = английский
desk-broadcast-words = Напишите текст, язык: <b>{ $language }</b>. Что, где, с какого и до какого времени, что делать клиенту.
desk-broadcast-long = Слишком длинно: не больше { $n } знаков.
desk-broadcast-preview = 📣 Кому: { $audience }, { $n ->
    [one] { $n } чат
    [few] { $n } чата
   *[other] { $n } чатов
}. Каждый прочтёт одно из этих сообщений:
desk-broadcast-missed = { $n ->
    [one] Не в Telegram, { $n } клиент: { $names }
    [few] Не в Telegram, { $n } клиента: { $names }
   *[other] Не в Telegram, { $n } клиентов: { $names }
}
desk-broadcast-everybody = все клиенты
desk-broadcast-status = 📣 <b>{ $about }</b>, { $at }, кому: { $audience }
    Доставлено { $sent } из { $n } · ждут { $waiting } · не доставлено { $failed }

broadcast-planned_works = 🛠 <b>{ $provider }: плановые работы</b>
broadcast-outage = ⚠️ <b>{ $provider }: авария</b>
broadcast-foot = Есть вопросы? Напишите здесь или позвоните: { $phone }.

notice-reclassified-critical = 🔥 <b>{ $number }</b> · { $what }: теперь мы считаем это критической неисправностью.
notice-reclassified-minor = ℹ️ <b>{ $number }</b> · { $what }: теперь мы считаем это незначительной неисправностью.
notice-reclassified-next = Если это не так, напишите нам здесь.
notice-merged = 🔗 <b>{ $number }</b> · { $what }: это то же обращение, что <b>{ $other }</b>. Мы продолжим там, вы ничего не теряете.
desk-group-lost = ⚠️ <b>В рабочую группу не получается писать.</b> Там никто не видит обращений. Верните бота в группу администратором: всё, что ждёт, будет отправлено. Очередь здесь: /queue.
desk-command-web = Вход в веб-консоль
desk-web-private = Ссылка впускает в консоль, поэтому даётся только лично. Напишите мне /web в личном чате.
desk-web-link = Ваша ссылка в консоль. Она действует один раз, десять минут; никому её не передавайте. { $link }
