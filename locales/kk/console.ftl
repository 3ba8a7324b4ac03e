# Себептер, қызметкерлер оқитын түрі: клиент парағындағы «сіз» (cause-…) мұнда оқып отырған адамды білдірер еді.
web-cause-provider = біздің платформаның ақауы
web-cause-ha_master_unreachable = бұзылысқа төзімді басқару тобының мастер-нодаларына қосылу мүмкін болмады
web-cause-basic_control_plane = негізгі басқару тобына қосылу мүмкін болмады
web-cause-worker_nodes = воркер-нодалар немесе подтар
web-cause-customer_routing = тапсырыс берушінің маршруттау ережелері
web-cause-third_party_install = кластерге орнатылған бағдарламалар
web-cause-cluster_change = кластерді жаңарту немесе өзгерту
web-cause-force_majeure = форс-мажор
web-cause-customer_act = тапсырыс берушінің әрекеті
web-cause-planned_works = алдын ала хабарланған жоспарлы жөндеу жұмыстары

# Қызметтің бір айдағы аралықтары және олар туралы кім не айтты.
web-intervals = Айдағы аралықтар
web-intervals-none = Бұл айда аралық жазылмаған.
web-interval-said-by = ұсынған: { $name }
web-interval-confirmed-by = растаған: { $name }
web-interval-disputed-by = дұрыс емес деген: { $name }
web-interval-withdrawn-by = қайтарып алуды растаған: { $name }
web-credit-intervals = { $n ->
    [0] Аралықтар
   *[other] { $n } аралық
}
web-credit-budget-of = { $all } ішінен қалғаны: { $left }
web-credit-budget-over = рұқсат етілгені: { $all }, артық кеткені: { $left }

# Айды жабар алдындағы сұрақ.
web-close-services = Қызметтер
web-close-down = Тоқтап қалу, барлығы
web-close-owed = Өтемақы тиесілі қызметтер
web-close-credit = Өтемақы, барлығы
web-close-final = Мұны кері қайтару мүмкін емес. Сандар шот үшін бекітіледі; кейін қате табылса, қасына түзету жазылады.
web-close-changed = Сіз қарағаннан бері сандар өзгерді. Қайта тексеріңіз.
web-close-yes = Біржола жабу
web-close-no = Әзірге жоқ

web-choose = – таңдаңыз –
