# Инженерлер оқитын сөздер: карточкалар, тармақтар, шақырулар, кезек.
desk-kind-vm_reboot = ВМ-ді қайта жүктеу
desk-kind-vm_unlock = ВМ-ді бұғаттан шығару
desk-kind-quota_increase = квотаны ұлғайту
desk-kind-password_recovery = парольді қалпына келтіру
desk-kind-zone_link = аймақтар арасындағы желілік қосылым
desk-kind-fault_critical = сындарлы ақау
desk-kind-fault_minor = аздап әсер ететін ақау
desk-kind-question = сұрақ
desk-kind-order = тапсырыс
desk-kind-new_cabinet = жаңа Жеке кабинет
desk-kind-trial = тестілеу кезеңі
desk-kind-credit_claim = өтемақы талабы
desk-kind-data_loss_claim = дерек жоғалғаны үшін талап

desk-state-new = жаңа
desk-state-reopened = қайта ашылды
desk-state-open = ашық
desk-state-waiting_customer = тапсырыс берушінің жауабын күтіп тұр
desk-state-waiting_approval = мақұлдауды күтіп тұр
desk-state-executing = орындалуда
desk-state-solved = шешілді
desk-state-closed = жабылды
desk-state-cancelled = тапсырыс беруші қайтарып алды
desk-state-declined = бас тартылды
desk-state-merged = біріктірілді

desk-queue-support = техникалық қолдау
desk-queue-infrastructure = инфрақұрылым
desk-queue-network = желі
desk-queue-kubernetes = Kubernetes
desk-queue-billing = есеп айырысу
desk-queue-sales = сату
desk-queue-security = қауіпсіздік

desk-target-first_reply = Алғашқы жауап
desk-target-resolution = Шешім
desk-speaks-kk = қазақша
desk-speaks-ru = орысша
desk-speaks-en = ағылшынша

desk-due = { $due } (қалғаны { $left })
desk-overdue = мерзімі өтіп кетті, кешігу: { $late }; уәде етілген уақыт: { $due }
desk-overdue-now = мерзімі өтіп кетті; уәде етілген уақыт: { $due }
desk-paused = сағат тоқтап тұр, қалғаны { $left }
desk-kept = мерзімінде орындалды, { $at }
desk-late = кешігіп орындалды, { $at }; уәде етілген уақыт: { $due }
desk-void = енді қажет емес
desk-promise = { $target }: { $standing }

desk-action-reboot-graceful = <b>{ $vm }</b> (домен { $domain }, { $zone }): жұмсақ қайта жүктеу; { $wait } ішінде тоқтамаса, мәжбүрлі
desk-action-reboot-hard = <b>{ $vm }</b> (домен { $domain }, { $zone }): бірден мәжбүрлі қайта жүктеу
desk-action-unlock = <b>{ $vm }</b> (домен { $domain }, { $zone }): бұғатталған, себебі { $reason } → жұмыс істейді
desk-lock-unknown = белгісіз
desk-failed = <code>{ $code }</code>: { $text }

desk-card-headline = { $mark } <b>{ $number }</b> · { $kind }
desk-critical = 🔥🔥🔥 <b>СЫНДАРЛЫ: қызмет толық тоқтап тұр</b>
desk-card-held = <b>{ $state }</b> · { $queue } · жауапты: { $holder }
desk-card-free = <b>{ $state }</b> · { $queue } · әлі ешкім алған жоқ
desk-card-over = <b>{ $state }</b> · { $queue }
desk-card-customer = 👤 { $customer }: { $name } ({ $language })
desk-card-stranger = 👤 { $name }, әлі тапсырыс беруші емес ({ $language })
desk-card-vm = 🖥 { $vm } · { $zone } · домен <code>{ $domain }</code>
desk-card-service = ☸️ { $service }
desk-card-locked = 🔒 бұғатталған: { $reason }
desk-card-promise = ⏱ { $target }: { $standing }
desk-card-promise-broken = ❗ <b>{ $target }: { $standing }</b>
desk-card-cycle = 🔁 қайта ашылды, айналым: { $n }
desk-card-action = 🛠 { $action }
desk-card-approvals = Мақұлданды: { $given }/{ $needed } · жарамды уақыты: { $until }
desk-card-approvers = Мақұлдаған: { $names }
desk-card-approved-policy = Шарт бойынша мақұлданды
desk-card-expired = ⌛ уақытында ешкім мақұлдамады
desk-card-failed = 💥 орындалмады: { $why }
desk-card-declined = Ұсыныстан бас тартылды
desk-card-proof = Дәлелі: { $method }, оқылған күйі { $state }, ұзақтығы { $took }
desk-card-paging = 📟 кезекші шақырылып жатыр
desk-card-paged = 📟 шақырылды: { $name }; келесі адам шақырылатын уақыт: { $until }
desk-card-acknowledged = 📟 шақыруды қабылдаған: { $name }
desk-card-page-exhausted = 📟 <b>шақыруға ешкім жауап бермеді</b>
desk-card-counts = ✉️ { $counts }
desk-count-messages = { $n } хабар
desk-count-files = { $n } файл
desk-count-notes = { $n } ішкі жазба
desk-card-as-of = <i>{ $time } жағдайы</i>
desk-undelivered = ⚠️ <b>жеткізілмеді:</b> { $why }
desk-undelivered-call = ⚠️ <b>жеткізілмеді:</b> { $why } → қоңырау шалыңыз: { $phone }
desk-undelivered-blocked = тапсырыс беруші ботты бұғаттаған
desk-undelivered-gone = тапсырыс берушінің аккаунты жоқ

desk-button-take = ✋ Алу
desk-button-ask = ❓ Сұрау
desk-button-solve = ✅ Шешілді
desk-button-silently = ✅ Сөзсіз
desk-button-approve = 👍 Мақұлдау
desk-button-decline = ⛔ Бас тарту
desk-button-hand-over = ➡️ Басқа бөлімге беру
desk-button-back = ⬅️ Артқа
desk-button-cancel = ✖️ Болдырмау
desk-button-acknowledge = 📟 Шақыруды қабылдау
desk-button-open = 📄 Ашу
desk-button-queue = 📋 Кезек
desk-button-refresh = 🔄 Жаңарту

desk-prompt-question = { $name }, тапсырыс берушіге сұрағыңызды ({ $number }) осы хабарға жауап етіп жазыңыз.
desk-prompt-closing = { $name }, тапсырыс берушіге не істелгенін ({ $number }) осы хабарға жауап етіп жазыңыз.
desk-prompt-reason = { $name }, тапсырыс берушіге бас тарту себебін ({ $number }) осы хабарға жауап етіп жазыңыз.

desk-done-taken = { $number }: енді сізде
desk-done-acknowledged = { $number }: шақыру қабылданды. Мерзім жүріп жатыр.
desk-done-handed = { $number }: басқа бөлімге берілді
desk-done-approved = { $number }: мақұлданды, орындалып жатыр
desk-done-approved-first = Мақұлданды: { $given }/{ $needed }. Тағы бір адам мақұлдауы керек.
desk-done-solved = { $number }: шешілді
desk-done-cancelled = Ештеңе жіберілген жоқ
desk-choose-department = Қай бөлімге?

desk-refused-taken = Сізден бұрын алған: { $name }. Көмектесе алсаңыз, карточканың астына жазыңыз.
desk-refused-state = Енді болмайды: өтініштің күйі «{ $state }». Қазіргі жағдайды карточка көрсетеді.
desk-refused-stale = Бұл ұсыныс енді жарамсыз. Карточкаға қарап, соған сай шешіңіз.
desk-refused-expired = Бұл ұсыныстың уақыты өтті. Өтінішті алып, қайта шешіңіз.
desk-refused-another = Басқа адам керек: сұраған адамның өзі де, бір адам екі рет те мақұлдай алмайды.
desk-refused-forbidden = Сіздің рөліңізге бұл рұқсат етілмеген. Кезекшіге айтыңыз.
desk-refused-not-found = Мұндай өтініш жоқ.
desk-refused-already = Бұл қазір орындалып жатыр: { $number }.
desk-refused-not-staff = Мұны тек қолдау қызметкерлері жасай алады. Қызметкерді анықтамалыққа әкімші енгізеді.
desk-refused-old-button = Бұл батырма ескірген. Ең жаңа карточканы пайдаланыңыз.
desk-refused-not-asked = Бұл сұрақ сізге қойылған жоқ.
desk-not-sent = Тапсырыс берушіге жіберілмеді. { $why }
desk-not-in-telegram = Жазылды, бірақ тапсырыс беруші Telegram-да жоқ: ол мұны оқымайды.
desk-not-in-telegram-call = Жазылды, бірақ тапсырыс беруші Telegram-да жоқ. Қоңырау шалыңыз: { $phone }
desk-edit-not-sent = Тапсырыс берушіге түзетуіңіз жіберілген жоқ: ол бұрынғы сөздеріңізді көріп тұр. Маңызды болса, түзетуді жаңа жауап ретінде жазыңыз.

desk-mirror = 💬 <b>{ $name }</b>
    { $quote }
desk-mirror-files = 📎 Telegram-да жоқ: { $names }
desk-private-wrote = { $number } · { $name }
desk-event-expired = ⌛ <b>{ $number }</b>: уақытында ешкім мақұлдамады. Өтінішті алып, қайта шешіңіз.
desk-event-failed = 💥 <b>{ $number }</b>: әрекет орындалмады. { $why }
desk-event-recovered = 💚 <b>{ $number }</b>: мониторинг бәрі қалпына келді дейді (дабыл саны: { $alerts }). Өтініш шешілді.
desk-event-confirmed = 👍 <b>{ $number }</b>: тапсырыс беруші растады.
desk-event-cancelled = 🚫 <b>{ $number }</b>: тапсырыс беруші өтінішін қайтарып алды.
desk-event-reopened = 🔁 <b>{ $number }</b>: тапсырыс беруші шешілмеді дейді. Қайта ашылды.
desk-event-mark = ⏳ <b>{ $number }</b>: уақыттың { $percent } пайызы өтті. { $target }: { $standing }
desk-event-breached = ❗ <b>{ $number }</b>: мерзімі өтіп кетті. { $target }, уәде етілген уақыт: { $due }.
desk-event-page-exhausted = 📟 <b>{ $number }</b>: барлық кезекші шақырылды, ешкім жауап бермеді. Қазір алыңыз.

desk-page-headline = 📟 <b>{ $number }</b> · <b>{ $kind }</b>
desk-page-step = Шақыру тізбегіндегі орныңыз: { $step }. Сізге дейін ешкім жауап бермеді.
desk-page-until = Шақыруды қабылдайтын соңғы уақыт: { $until }. Кейін келесі адам шақырылады.
desk-whose = 👤 { $customer }: { $name }
desk-whose-stranger = 👤 { $name }
desk-warning-held = Жауапты: { $holder }
desk-warning-free = <b>Әлі ешкім алған жоқ</b>

desk-queue-title = Кезек
desk-queue-title-of = Кезек: { $queue }
desk-queue-title-mine = Менде
desk-queue-head = 📋 <b>{ $title }</b> · { $n }
desk-queue-empty = Күтіп тұрған өтініш жоқ. 🎉
desk-queue-line = { $mark } <b>{ $number }</b> · { $kind } · { $whose }
    { "  " }{ $standing } · { $holder }
desk-queue-left = қалғаны { $left } ({ $due })
desk-queue-overdue = <b>❗ кешігу: { $late }</b>
desk-queue-free = әлі ешкім алған жоқ
desk-queue-more = … тағы { $n }

desk-oncall-title = 📟 <b>Қазіргі кезекшілер</b>
desk-oncall-line = { $queue }: { $names }
desk-oncall-none = Кезекшілік кестесі жоқ; шақыру ауысым басшыларына барады: { $names }
desk-is-here = Бұл — қолдау тобы: өтініштер осында келеді.
desk-could-be-here = Осы топты қолдау тобы ету үшін <code>[telegram] desk_chat = { $chat }</code> деп көрсетіп, ботты қайта іске қосыңыз.

desk-welcome = <b>{ $name }</b>, қош келдіңіз! Бұл — { $provider } кезекшілерінің боты.
    
    Осында сізді шақырамыз және сіздегі өтініштердің жаңалығын жазамыз. Карточкаға жазған жауабыңыз тапсырыс берушіге барады; // деп басталса, ішкі жазба болып қалады.
desk-event-page-undelivered = 📟 <b>{ $number }</b>: шақыру жетпеді: { $name } ботты бастамаған немесе бұғаттаған. Келесі адам шақырылды.
