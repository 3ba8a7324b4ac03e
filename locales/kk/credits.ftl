# Қолжетімділік, тоқтап қалу және өтемақы: бот, веб және басып шығарылатын құжат.
month-name-1 = қаңтар
month-name-2 = ақпан
month-name-3 = наурыз
month-name-4 = сәуір
month-name-5 = мамыр
month-name-6 = маусым
month-name-7 = шілде
month-name-8 = тамыз
month-name-9 = қыркүйек
month-name-10 = қазан
month-name-11 = қараша
month-name-12 = желтоқсан
month-of-year = { $year } жылғы { $month }
per-cent = { $value } %
length-seconds-exact = { $n } с

cause-provider = біздің платформаның ақауы
cause-ha_master_unreachable = мастер-нодаларға қосылу мүмкін болмады
cause-basic_control_plane = негізгі басқару тобына қосылу мүмкін болмады
cause-worker_nodes = воркер-нодалар немесе подтар
cause-customer_routing = өзіңіздің маршруттау ережелеріңіз
cause-third_party_install = кластерге орнатылған бағдарламалар
cause-cluster_change = кластерді жаңарту немесе өзгерту
cause-force_majeure = форс-мажор
cause-customer_act = сіз жақтағы әрекет
cause-planned_works = алдын ала хабарланған жоспарлы жөндеу жұмыстары

sheet-counts = есепке алынады ({ $rule })
sheet-adds-nothing = есепке алынбайды ({ $rule })
sheet-takes-away = тоқтап қалу уақытынан шегеріледі ({ $rule })
sheet-line-tier = { $of } сомасынан { $percent } ({ $rule })
sheet-line-loss = деректердің жоғалуы: { $of } сомасынан { $percent } ({ $rule })
sheet-line-liability = дәлелденген кінә, тоқтап қалу уақытына тиесілі абоненттік төлем: { $of } ({ $rule })
sheet-tier-kept = Біздің уәдеміз: { $promised } (C1). Уәде орындалды.
sheet-tier-broken = Біздің уәдеміз: { $promised } (C1). Уәде орындалмады, өтемақы: { $credit } (C2).

menu-availability = 📈 Қолжетімділік және өтемақы
button-sheet = { $service }: толық есеп
button-month-before = ‹ { $month }
button-month-after = { $month } ›
button-availability = 📈 Барлық қызмет

availability-title = <b>Қолжетімділік, { $month }</b>
availability-none = Бұл айда сізде қызмет болған жоқ.
availability-line = <b>{ $service }</b>: { $percent }, тоқтап қалу уақыты: { $down }
availability-line-whole = <b>{ $service }</b>: { $percent }, тоқтап қалған жоқ
availability-credit = өтемақы: { $amount }
availability-credit-declined = өтемақыдан бас тартылды: { $amount }
availability-credit-waiting = өтемақы (әлі мақұлданбаған): { $amount }
availability-unknown = <b>{ $service }</b>: есеп тексеріліп жатыр
availability-preliminary = Ай әлі аяқталған жоқ, сандар өзгеруі мүмкін.
availability-computed = Айдың есебі әлі жабылған жоқ: сандар өзгеруі мүмкін.
availability-final = Бұл — түпкілікті сандар.
availability-incident = ⚠️ { $number }: { $services }. Басталған уақыты: { $since }. Жұмыс істеп жатырмыз.
availability-restored = 🟢 { $number }: { $services }. Қайта іске қосылған уақыты: { $since }.

sheet-title = <b>{ $service }, { $month }</b>
sheet-formula = Қолжетімділік (C12): { $formula }
sheet-intervals = <b>Не болды</b>
sheet-no-intervals = Бұл айда ештеңе болған жоқ.
sheet-row = { $when } ({ $length }): { $cause }, { $effect }
sheet-more = … тағы { $n }, келесі бетте.
sheet-downtime = Тоқтап қалу уақыты: { $length } (C8, C13). Қабаттасқан уақыт бір рет есептеледі.
sheet-base = Өтемақы есептелетін құн (C12): { $base }
sheet-credit = <b>Өтемақы: { $amount }</b>
sheet-none = Өтемақы тиесілі емес.
sheet-capped = Айдың құнымен шектелді (C7).
sheet-discount-only = Ол { $month } айының шотынан шегеріледі, ақшалай төленбейді (C9).
sheet-waiting = Оны басшы әлі мақұлдауы керек.
sheet-approved = Ол мақұлданды.
sheet-declined = Одан бас тартылды.
sheet-terms = Шарттар: { $policy }

credit-approved = ✅ <b>Өтемақыңыз мақұлданды: { $amount }</b> ({ $month })
works-announced =
    🛠 <b>Жоспарлы жөндеу жұмыстары</b>

    { $service }: { $when }. Қызмет қолжетімсіз болуы мүмкін.
works-reminder =
    🛠 <b>Еске саламыз: жоспарлы жөндеу жұмыстары жақындады</b>

    { $service }: { $when }. Қызмет қолжетімсіз болуы мүмкін.
trial-ends =
    ⏳ <b>Тестілеу кезеңі жақында аяқталады</b>

    Өтініш: { $number }. Тестілеу кезеңі алғаш іске қосқаннан бері { $length } жалғасады, содан кейін қызмет өздігінен ақылы болады. Керек болмаса, оған дейін Жеке кабинетте жойып тастаңыз.
trial-ends-at =
    ⏳ <b>Тестілеу кезеңі жақында аяқталады: { $when }</b>

    Өтініш: { $number }. Тестілеу кезеңі алғаш іске қосқаннан бері { $length } жалғасады, содан кейін қызмет өздігінен ақылы болады. Керек болмаса, оған дейін Жеке кабинетте жойып тастаңыз.

# Қолжетімділікті сұрағанда жазылатын сөздердің басы.
typed-availability = қолжетімділі, тоқтап қал, аптайм, sla

note-title = Өтемақы туралы құжат
note-number = № { $number }
note-customer = Тапсырыс беруші
note-service = Қызмет
note-period = Есепті кезең
note-date = Күні
note-when = Қашан
note-length = Ұзақтығы
note-cause = Себебі
note-effect = Мәні
note-figures = Есептеу
note-paid = Айдың құны
note-left = Өтемақы шегерілген құн
note-draft = Әлі мақұлданбаған
note-declined = Бұл өтемақыдан бас тартылды
note-replaced = Мұның орнына кейінгі құжат жарамды
note-rules = Ережелер (жақшада шарттардың тармағы): { $rules }

# Веб-консольдің инцидент пен өтемақы беттері.
web-incidents = Инциденттер
web-credits = Қолжетімділік және өтемақы
web-credits-menu = Өтемақы
web-incident = Инцидент
web-incidents-none = Қазір ештеңе болып жатқан жоқ.
web-incidents-over = Аяқталғандар
web-incident-open = жалғасып жатыр
web-incident-restored = қайта іске қосылды
web-incident-closed = жабылды
web-incident-dismissed = расталмады
web-incident-since = Басталғаны:
web-incident-attach = Өтінішті қосу
web-incident-announce = Зардап шеккен тапсырыс берушілерге хабарлау
web-incident-answer = Бәріне жауап беріп, жабу
web-incident-answer-words = Әр өтінішке жіберілетін жауап
web-incident-dismiss = Бұл инцидент емес
web-incident-new = Инцидент ашу
web-incident-words = Не туралы
web-interval-waiting = Екінші адамды күтіп тұр
web-interval-none = Күтіп тұрған ештеңе жоқ.
web-interval-new = Тоқтап қалу немесе жоспарлы жөндеу жұмыстары
web-interval-new-why = Ұсынғаныңызды екінші адам растайды. Жоспарлы жөндеу жұмыстары шарттарда көрсетілгендей алдын ала хабарлануы керек; расталған соң тапсырыс берушілерге айтылады.
web-interval-service = Қызмет
web-interval-cause = Себебі
web-interval-from = Басы (Алматы)
web-interval-until = Соңы (Алматы)
web-interval-evidence = Немен дәлелденеді
web-interval-propose = Аралықты ұсыну
web-interval-second = Растау
web-interval-dispute = Бұл дұрыс емес
web-interval-why = Неге дұрыс емес
web-interval-gap = өлшенбеген
web-interval-unmeasured = шешім жоқ
web-interval-proposed = екінші адамды күтіп тұр
web-interval-measured = мониторинг байқады, екі адам растайды
web-interval-confirmed = екі адам растады
web-interval-disputed = дау бар
web-interval-withdrawn = қайтарып алынды
web-monitoring = Мониторинг
web-planes = Басқару топтары
web-plane-healthy = жұмыс істейді
web-plane-degraded = бір мастер-нода жұмыс істемейді
web-plane-critical = жұмыс істемейді
web-plane-unmeasured = өлшенбейді
web-plane-seen = соңғы тексеру:
web-gap-worked = Істеп тұрды
web-gap-down = Істемей тұрды
web-done-saved = Сақталды.
web-wrong-moment = Уақыт оқылмады. Күн мен уақытты таңдаңыз.
web-wrong-same-person = Оны ұсынған адам емес, екінші адам растауы керек.
web-wrong-backwards = Соңы басынан бұрын тұр.
web-wrong-future = Бұл болашақта. Аяқталған соң ұсыныңыз.
web-wrong-no-service = Анықтамалықта мұндай қызмет жоқ. Тізімнен таңдаңыз.
web-wrong-cause = Бұл себеп қызметке сай келмейді. Басқасын таңдаңыз.
web-wrong-evidence = Немен дәлелденетінін жазыңыз.
web-wrong-notice = Жоспарлы жөндеу жұмыстары шарттарда көрсетілгендей алдын ала хабарлануы керек (C4). Кейінірек уақыт таңдаңыз.
web-wrong-longer = Ескерілмейтін уақыт тоқтап қалу уақытынан ұзақ.
web-wrong-already = Біреу бұрын үлгерді. Қазіргі күйін қараңыз.
web-wrong-broadcast = Мәтінді үш тілде де жазыңыз; Telegram-да біреу болуы керек.
web-wrong-own-customer = Бұл — өз ұйымыңыз. Басқа адам шешуі керек.
web-wrong-not-over = Ай әлі аяқталған жоқ.
web-wrong-undecided = Алдымен тексеру тізіміндегілерді шешіңіз.
web-wrong-price = Анықтамалықта баға жоқ. Қосып, қайта жабыңыз; қалғаны жабылды.
web-wrong-month = Бұл ай емес. Мысалы, 2026-10 деп жазыңыз.
web-period-closed = Кезең жабылды: сандар бекітілді
web-period-over = Ай аяқталды, жабуға болады
web-period-running = Ай аяқталған жоқ: алдын ала сандар
web-period-close = Айды жабу
web-credit-approve-all = Бәрін мақұлдау
web-credit-approve = Мақұлдау
web-credit-decline = Бас тарту
web-credit-note = құжат
web-credit-service = Қызмет
web-credit-availability = Қолжетімділік
web-credit-down = Тоқтап қалу
web-credit-budget = Рұқсат етілген тоқтаудың қалғаны
web-credit-tier = Мөлшерлеме
web-credit-credit = Өтемақы
web-credit-state = Күйі
web-credit-nothing = тиесілі емес
web-credit-waiting = мақұлдауды күтіп тұр
web-credit-approved = мақұлданды
web-credit-declined = бас тартылды
web-credit-replaced = ауыстырылды
web-credits-none = Бұл айда қызмет болған жоқ.
web-credits-more = Тағы қызметтер
web-claim-data_loss = деректердің жоғалуы (C10)
web-claim-liability = дәлелденген кінә (C11)
web-claim-new = Талапты тіркеу
web-claim-new-why = Деректердің жоғалуы (C10) немесе кінә дәлелденгендегі өзге жауапкершілік (C11: тоқтап қалу уақытына тиесілі абоненттік төлем). Бір адам негіздейді, екіншісі қанағаттандырады.
web-claim-kind = Не үшін
web-claim-justify = Негізді
web-claim-grant = Қанағаттандыру
web-claim-refuse = Бас тарту
sheet-credit-name = Өтемақы
web-event-incident_noted = инцидент { $number }: { $state }
web-event-downtime_noted = { $service } аралығы: { $state }
web-event-claim_noted = { $service } бойынша талап: { $state }
web-event-period_closed = { $month } кезеңі жабылды
web-event-credit_noted = { $service } өтемақысы: { $state }
web-check-unconfirmed = { $n } аралық екінші адамды күтіп тұр
web-check-unmeasured = { $n } мониторинг үзілісі шешімді күтіп тұр
web-check-blind = { $cluster }: басқару түйіндері соңғы рет { $when } тексерілген. provisioner қызметін іске қосыңыз: үзіліс шешуге шығады
web-check-claims = { $n } талап шешімді күтіп тұр
web-check-unapproved = { $n } өтемақы мақұлдауды күтіп тұр
web-event-incidents_imported = { $n } аралық жүктелді
web-gap-all = және сол кезде тексерілмеген тағы { $n } қызмет
