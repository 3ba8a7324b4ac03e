# Әрекет нені өзгертеді: бұрын → кейін.

plan-change = { $what }: { $before } → { $after }
plan-none = жоқ
plan-mib = { $n } МиБ
plan-gib = { $n } ГиБ

plan-what-machine = { $domain } машинасы, { $zone }
plan-what-lock = { $domain } бұғаты
plan-what-cores = { $project } жобасының виртуалды процессорлары
plan-what-ram = { $project } жобасының жады
plan-what-instances = { $project } жобасының виртуалды машиналары
plan-what-cpu = { $namespace } кеңістігінің процессорлары
plan-what-memory = { $namespace } кеңістігінің жады
plan-what-pods = { $namespace } кеңістігінің подтары
plan-what-link = { $from } ↔ { $to } байланысы
plan-what-route = { $from } → { $to } жолы
plan-what-ping = { $from } → { $to } (ping)
plan-ping-answers = жауап келді
plan-ping-silent = жауап жоқ

plan-state-running = жұмыс істеп тұр
plan-state-paused = кідіртілген
plan-state-shutting-down = тоқтап жатыр
plan-state-off = өшірулі
plan-state-crashed = апатты тоқтаған
plan-state-asleep = ұйқыда
plan-state-rebooted = қайта жүктелген, жұмыс істеп тұр

action-vm_reboot = { $what }: қайта жүктеу
action-vm_unlock = { $what }: бұғаттан шығару
action-quota_cabinet = { $what } жобасының квотасы
action-quota_namespace = { $what } квотасы
action-cabinet_password = { $what }: жаңа пароль
action-cluster_credentials = { $what }: жаңа кіру деректері
action-zone_link = { $what }: желілерді байланыстыру
action-zone_unlink = { $what }: байланысты алып тастау
action-control_plane_check = { $what }: басқару түйіндерін тексеру

# Клиентке айтылатын дәлелдер; соңынан жүйеден оқылған жолдар беріледі.
proof-quota_cabinet-done = Жаңа квота күшіне енді:
proof-quota_namespace-done = Жаңа квота күшіне енді:
proof-cabinet_password-done = <b>{ $vm }</b> жазбасының паролі жаңартылды.
proof-cluster_credentials-done = <b>{ $vm }</b> үшін жаңа кіру деректері берілді; бұрынғылары енді жарамсыз.
proof-zone_link-done = <b>{ $vm }</b> желілері байланыстырылды.
proof-zone_unlink-done = <b>{ $vm }</b> желілерінің байланысы алып тасталды.
proof-control_plane_check-done = <b>{ $vm }</b> басқару түйіндері тексерілді.

desk-card-planning = ⏳ нақты не өзгеретінін қарап жатырмыз…
desk-event-stale = ♻️ <b>{ $number }</b>: мақұлданғаннан бері жүйе өзгерген, сондықтан ештеңе орындалған жоқ. Жаңа жоспар бар.
desk-event-checked = 🔎 <b>{ $number }</b>: { $action }
