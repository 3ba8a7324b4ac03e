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
sheet-line-tier = мына соманың { $percent }: { $of } ({ $rule })
sheet-line-loss = деректердің жоғалуы, мына соманың { $percent }: { $of } ({ $rule })
sheet-line-liability = дәлелденген кінә, тоқтап қалу уақытына тиесілі абоненттік төлем: { $of } ({ $rule })
sheet-tier-kept = Біздің уәдеміз: { $promised } (C1). Уәде орындалды.
sheet-tier-broken = Біздің уәдеміз: { $promised } (C1). Уәде орындалмады, жеңілдік: { $credit } (C2).

menu-availability = 📈 Қолжетімділік және жеңілдік
button-sheet = { $service }: толық есеп
button-month-before = ‹ { $month }
button-month-after = { $month } ›
button-availability = 📈 Барлық қызмет

availability-title = <b>Қолжетімділік, { $month }</b>
availability-none = Бұл айда сізде қызмет болған жоқ.
availability-line = <b>{ $service }</b>: { $percent }, тоқтап қалу уақыты: { $down }
availability-line-whole = <b>{ $service }</b>: { $percent }, тоқтап қалған жоқ
availability-discount = жеңілдік: { $amount }
availability-unknown = <b>{ $service }</b>: есеп тексеріліп жатыр
availability-preliminary = Ай әлі аяқталған жоқ, сандар өзгеруі мүмкін.
availability-computed = Ай жабылып жатыр, жақында сандар түпкілікті болады.
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
sheet-base = Жеңілдік есептелетін құн (C12): { $base }
sheet-credit = <b>Жеңілдік: { $amount }</b>
sheet-none = Жеңілдік тиесілі емес.
sheet-capped = Айдың құнымен шектелді (C7).
sheet-discount-only = Ол осы айдың шотынан шегеріледі, ақшалай төленбейді (C9).
sheet-waiting = Оны басшы әлі мақұлдауы керек.
sheet-approved = Ол мақұлданды.
sheet-declined = Одан бас тартылды.
sheet-terms = Шарттар: { $policy }

credit-approved = ✅ <b>Жеңілдігіңіз мақұлданды: { $amount }</b> ({ $month })
works-announced =
    🛠 <b>Жоспарлы жөндеу жұмыстары</b>

    { $service }: { $when }. Қызмет қолжетімсіз болуы мүмкін.
works-reminder =
    🛠 <b>Еске саламыз: жоспарлы жөндеу жұмыстары жақындады</b>

    { $service }: { $when }. Қызмет қолжетімсіз болуы мүмкін.
trial-ends =
    ⏳ <b>Тестілеу кезеңі жақында аяқталады</b>

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
note-left = Төлеуге қалғаны
note-draft = Әлі мақұлданбаған
note-rules = Ережелер: { $rules }
