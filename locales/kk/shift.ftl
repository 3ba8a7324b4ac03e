# Инженерлер мен ауысым басшысы оқитын сөздер: жұмысты беру, кезекшілік, дайын жауаптар, көрсеткіштер, хабарландырулар.
desk-command-queue = Мерзімі бойынша кезек
desk-command-mine = Сіздегі өтініштер
desk-command-oncall = Кім кезекші; ауыстыру, алмасу
desk-command-breaches = Мерзімі өткендер
desk-command-sla = Осы ай қысқаша
desk-command-find = Өтінішті табу
desk-command-r = Дайын жауаптар
desk-command-emergency = Төтенше режим: қосу, өшіру
desk-command-broadcast = Тапсырыс берушілерге жұмыс не апат туралы хабарлау

desk-button-more = ⋯ Тағы
desk-button-assign = 👤 Тағайындау
desk-button-escalate = 🆘 Көмекке шақыру
desk-button-canned = 📝 Дайын жауап
desk-button-note = ✍️ Ішкі жазба
desk-button-more-severe = 🔥 Бұл сындарлы
desk-button-less-severe = 🔽 Бұл сындарлы емес
desk-button-attach = 🔗 Басқасына қатысты…
desk-button-history = 🗂 Хат алмасу
desk-button-send = 📨 Жіберу
desk-button-link-duplicate = { $other } қайталауы: біріктіру
desk-button-link-incident = { $other } – сол апат
desk-button-acknowledge-all = 📟 Бәрін қабылдау ({ $n })
desk-button-agree = 👍 Келісемін
desk-button-disagree = 👎 Жоқ
desk-button-oncall-take = 🙋 Мен кезекші боламын: { $queue }
desk-button-oncall-swap = 🔁 Ауысыммен алмасу: { $queue }
desk-button-oncall-put = 👤 Кезекші қою: { $queue }
desk-button-oncall-end = ✖️ Тоқтату: { $name }
desk-button-broadcast-planned_works = 🛠 Жоспарлы жұмыс
desk-button-broadcast-outage = ⚠️ Апат
desk-button-broadcast-all = Барлық тапсырыс беруші
desk-button-broadcast-send = 📨 { $n } чатқа жіберу

desk-prompt-note = { $name }, ішкі жазбаны ({ $number }) осы хабарға жауап етіп жазыңыз. Тапсырыс беруші оны көрмейді.
desk-prompt-escalation = { $name }, неге көмек керек ({ $number })? Осы хабарға жауап етіп жазыңыз. Келесі кезекші мен ауысым басшысын шақырамыз.
desk-prompt-more-severe = { $name }, неге сындарлы ({ $number })? Осы хабарға жауап етіп жазыңыз. Тапсырыс беруші жаңа мерзімді біледі.
desk-prompt-less-severe = { $name }, неге сындарлы емес ({ $number })? Осы хабарға жауап етіп жазыңыз. Тапсырыс беруші жаңа мерзімді біледі.
desk-prompt-other = { $name }, { $number } қай өтінішке қатысты? Нөмірін жауап етіп жазыңыз; жоғарыда болса, таңдай салыңыз.
desk-choose-person = Кім алады?
desk-choose-link = { $number } мен { $other } қалай байланысты?
desk-other-unread = Бұл өтініш нөмірі емес. Нөмір мынадай болады: KM-000042.

desk-done-assigned = { $number }: енді жауапты { $name }
desk-done-attached-duplicate = { $number } біріктірілді: { $other }
desk-done-attached-incident = { $number }: { $other } – сол апат
desk-done-acknowledged-all = { $n } шақыру қабылданды. Мерзімдер жүріп жатыр.
desk-not-done = Орындалмады. { $why }

desk-refused-escalated = Көмекке шақырып қойған: { $name }. Келесі адам шақырылып жатыр.
desk-refused-answered = Бұған жауап беріліп қойған немесе уақыты өтіп кеткен.
desk-refused-cannot-hold = { $name } өтініштермен айналыспайды.
desk-refused-other-customer = Бұл – басқа тапсырыс берушінің өтініші. Қайталау тек бір тапсырыс берушіде болады; «сол апат» дегенді таңдаңыз.
desk-refused-not-attachable = Бұл екеуін байланыстыруға болмайды: бірі байланыстырылып қойған, немесе бұл бір өтініш.

desk-card-moved = ➡️ <b>{ $number }</b> енді «{ $queue }» бөлімінде: карточкасы сол тақырыпта.
desk-card-attached-duplicate = 🔗 біріктірілді: { $number }
desk-card-attached-incident = 🔗 { $number } – сол апат
desk-card-joined-duplicate = 🔗 қайталаулары ({ $n }): { $numbers }
desk-card-joined-incident = 🔗 сол апат: { $numbers }

desk-event-page-skipped = 📟 <b>{ $number }</b>: кезекші { $name }, бірақ анықтамалықта Telegram-ы жоқ; келесі адам шақырылды.
desk-event-escalated = 🆘 <b>{ $number }</b>: { $name } көмекке шақырады.
    { $quote }
desk-event-reclassified = ⚖️ <b>{ $number }</b>: { $from } → <b>{ $to }</b>, шешкен: { $name }. Шешім: { $standing }
    { $quote }
desk-event-undelivered = ✉️ <b>{ $number }</b>, { $at } жазылған хабар: { $why }
desk-private-assigned = 👤 <b>{ $number }</b>: { $name } өтінішті сізге берді.
desk-private-unassigned = 👤 <b>{ $number }</b>: { $name } өтінішті сізден алды.
desk-page-approval = ✋ Мақұлдауды күтіп тұр, мерзімге қауіп бар: өтінішті ашып, шешіңіз.
desk-page-escalated = 🆘 { $name } көмекке шақырады.
desk-page-over = 📟 <b>{ $number }</b> · { $kind }: шақыру аяқталды.

desk-storm-headline = 📟 <b>Сізді { $n } өтініш күтіп тұр</b> · <b>{ $kind }</b> · { $queue }
desk-storm-line = • <b>{ $number }</b> · { $whose }

desk-shift-begins = 📟 <b>Кезекшілігіңіз басталды:</b> { $queue }
desk-shift-until = Аяқталуы: { $until }.
desk-shift-counts = { $n ->
    [0] Күтіп тұрған өтініш жоқ. 🎉
   *[other] Ашық өтініш: { $n }, мерзімі өткені: { $late }, ешкім алмағаны: { $free }.
}
desk-shift-line = { $mark } <b>{ $number }</b> · { $kind }
    { "  " }{ $standing } · { $holder }

desk-history-title = 🗂 <b>{ $number }</b> · { $n } хабар
desk-delivered = ✓ жеткізілді: { $at }
desk-delivery-waits = ⏳ әлі жіберіліп жатыр

desk-canned-choose = 📝 { $number } үшін қай жауап? Тапсырыс берушінің тілі: { $language }.
desk-canned-none = 📝 Дайын жауап табылмады. Бәрін /r көрсетеді.
desk-canned-preview = 📝 <b>{ $name }</b> → { $number }. Тапсырыс беруші мынаны оқиды:
desk-canned-other-language = ⚠️ Тапсырыс берушінің тілінде ({ $language }) бұл жауап жоқ.
desk-canned-missing = { $place } толтыру керек, ал өтініште ол жоқ. Басқасын таңдаңыз.
desk-canned-gone = Мұндай дайын жауап енді жоқ.
desk-canned-sent = Жіберілді
desk-canned-was-sent = 📨 { $number }: тапсырыс берушіге жіберілді.
    { $quote }
desk-canned-twice = Бұл сөздер тапсырыс берушіге жаңа ғана барды.
desk-canned-title = 📝 <b>Дайын жауаптар</b> · { $n }
desk-canned-how = Жауап беру үшін: карточкаға жауап етіп <code>/r сөз</code> деп жазыңыз.
    Жазып қою үшін: аты мен тілі, келесі жолда мәтін:
    <code>/r set disk-full kk
    Сәлеметсіз бе, {"{name}"}! …</code>
    Алып тастау үшін: <code>/r del disk-full</code>
    Орнына қойылады: { $places }
desk-canned-long = Дайын жауапта ең көбі { $n } таңба болады.
desk-canned-place = { $place } дегенді білмеймін. Орнына қойылады: { $places }
desk-canned-saved = Жазылды: <b>{ $name }</b> ({ $language })
desk-canned-deleted = Алынды: <b>{ $name }</b>

desk-oncall-next = { "  " }келесі ауысым, { $at }: { $name }
desk-oncall-cover = 🔁 { $queue }: кезектен тыс { $name }, { $from } – { $until }
desk-oncall-swap-with = Келесі ауысымыңызбен кіммен алмасасыз ({ $queue })?
desk-oncall-put-whom = Ауысым аяқталғанша кім кезекші болады ({ $queue })?
desk-oncall-already = { $name } онсыз да кезекші.
desk-oncall-done = Енді кезекші: { $name }
desk-oncall-relieved = 📟 { $name } сізді ауыстырды ({ $queue }). Қазір сіз кезекші емессіз.
desk-oncall-swap-asked = 🔁 { $name } сізбен ауысым алмасқысы келеді ({ $queue }):
desk-oncall-swap-line = • { $name }: { $from } – { $until }
desk-oncall-swap-waits = { $name } сұралды. Келіскен соң алмасу күшіне енеді.
desk-oncall-swapped = Алмасылды
desk-oncall-swap-agreed = 👍 { $name } келісті: ауысымдарыңыз алмасты ({ $queue }).
desk-oncall-swap-refused = 👎 { $name } алмаспайды ({ $queue }). Кесте бұрынғыдай.
desk-oncall-swap-off = Кесте бұрынғыдай қалды.
desk-oncall-unreachable = { $name }: Telegram арқылы хабарласу мүмкін емес.
desk-oncall-ended = Кесте қайта күшінде.
desk-oncall-ended-told = 📟 { $name } кезектен тыс кезекшілігіңізді тоқтатты ({ $queue }).

desk-breaches-title = ❗ <b>Соңғы тәулікте бұзылған мерзімдер</b> · { $n }
desk-breaches-none = Жоқ. 🎉
desk-breaches-line = { $mark } <b>{ $number }</b> · { $kind } · { $target }: { $due }
    { "  " }қазір: { $state } · { $holder }
desk-sla-title = 📊 <b>SLA</b> · кезең басы: { $from }
desk-sla-line = { $target }: <b>{ $percent } %</b> орындалды (мерзімінде { $met }, бұзылғаны { $broken })
desk-sla-nothing = { $target }: мерзімі келген өтініш әлі болған жоқ
desk-sla-now = Қазір ашық: { $n } · мерзімі өткен { $late } · қауіп бар { $risk }
desk-find-how = Не іздейміз? Нөмір, тапсырыс беруші, машина не сөз: <code>/find KM-42</code>, <code>/find диск</code>
desk-find-none = Ештеңе табылмады.
desk-queue-title-found = Табылды

desk-emergency-on = 🚨 <b>Төтенше режим қосулы.</b> Алғашқы жауап кешірек уәде етіледі, тапсырыс берушілер мұны біледі: { $reason }
desk-emergency-off = Төтенше режим өшірулі: әдеттегі мерзімдер күшінде.
desk-emergency-how = Ауыстыратын – ауысым басшысы: <code>/emergency on себебі</code>, <code>/emergency off</code>
desk-emergency-forbidden = Төтенше режимді тек ауысым басшысы ауыстырады.
desk-emergency-told-on = 🚨 <b>Төтенше режим қосылды</b>, шешкен: { $name }. { $reason }
desk-emergency-told-off = Төтенше режим өшірілді, шешкен: { $name }. Әдеттегі мерзімдер күшінде.

desk-broadcast-title = 📣 <b>Тапсырыс берушілерге хабарлау</b>
desk-broadcast-about-planned_works = жоспарлы жұмыс
desk-broadcast-about-outage = апат
desk-broadcast-forbidden = Барлық тапсырыс берушіге тек ауысым басшысы жазады.
desk-broadcast-audience = 📣 { $about }: кімге қатысты?
desk-broadcast-in-kk = қазақша
desk-broadcast-in-ru = орысша
desk-broadcast-in-en = ағылшынша
desk-broadcast-words = Мәтінді <b>{ $language }</b> жазыңыз: не болады, қайда, қашаннан қашанға дейін, тапсырыс беруші не істеуі керек.
desk-broadcast-long = Тым ұзын: ең көбі { $n } таңба.
desk-broadcast-preview = 📣 Кімге: { $audience }, { $n } чат. Әрқайсысы мыналардың бірін оқиды:
desk-broadcast-missed = Telegram-да жоқ тапсырыс беруші ({ $n }): { $names }
desk-broadcast-everybody = барлық тапсырыс беруші
desk-broadcast-status = 📣 <b>{ $about }</b>, { $at }, кімге: { $audience }
    Жеткізілді: { $sent }/{ $n } · күтіп тұр: { $waiting } · жеткізілмеді: { $failed }

broadcast-planned_works = 🛠 <b>{ $provider }: жоспарлы жұмыс</b>
broadcast-outage = ⚠️ <b>{ $provider }: апат</b>
broadcast-foot = Сұрағыңыз болса, осында жазыңыз немесе қоңырау шалыңыз: { $phone }.

notice-reclassified-critical = 🔥 <b>{ $number }</b> · { $what }: енді мұны сындарлы ақау деп санаймыз.
notice-reclassified-minor = ℹ️ <b>{ $number }</b> · { $what }: енді мұны аздап әсер ететін ақау деп санаймыз.
notice-reclassified-next = Олай болмаса, осында жазыңыз.
notice-merged = 🔗 <b>{ $number }</b> · { $what }: бұл – <b>{ $other }</b> өтінішінің өзі. Сонда жалғастырамыз, ештеңе жоғалмайды.
desk-group-lost = ⚠️ <b>Қолдау тобына жазу мүмкін емес.</b> Онда өтініштерді ешкім көріп отырған жоқ. Ботты топқа әкімші етіп қайта қосыңыз: күтіп тұрғанның бәрі жіберіледі. Кезек осында: /queue.
desk-command-web = Веб-консольге кіру
desk-web-private = Сілтеме консольге кіргізеді, сондықтан тек жеке чатта беріледі. Маған сонда /web деп жазыңыз.
desk-web-link = Консольге кіретін сілтемеңіз. Ол бір рет, он минут ішінде жарамды; ешкімге бермеңіз. { $link }
