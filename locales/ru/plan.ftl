# Что меняет действие: было → станет.

plan-change = { $what }: { $before } → { $after }
plan-none = нет
plan-mib = { $n } МиБ
plan-gib = { $n } ГиБ

plan-what-machine = машина { $domain } в { $zone }
plan-what-lock = блокировка { $domain }
plan-what-cores = виртуальные процессоры проекта { $project }
plan-what-ram = память проекта { $project }
plan-what-instances = виртуальные машины проекта { $project }
plan-what-cpu = процессоры пространства { $namespace }
plan-what-memory = память пространства { $namespace }
plan-what-pods = поды пространства { $namespace }
plan-what-link = связь { $from } ↔ { $to }
plan-what-route = путь из { $from } в { $to }
plan-what-ping = { $from } обращается к { $to } (ping)
plan-ping-answers = есть ответ
plan-ping-silent = нет ответа

plan-state-running = работает
plan-state-paused = приостановлена
plan-state-shutting-down = завершает работу
plan-state-off = выключена
plan-state-crashed = аварийно остановилась
plan-state-asleep = спит
plan-state-rebooted = перезагружена и работает

action-vm_reboot = перезагрузка { $what }
action-vm_unlock = разблокировка { $what }
action-quota_cabinet = квота проекта { $what }
action-quota_namespace = квота { $what }
action-cabinet_password = новый пароль для { $what }
action-cluster_credentials = новые учётные данные для { $what }
action-zone_link = связать { $what }
action-zone_unlink = убрать связь { $what }
action-control_plane_check = проверка управляющего узла { $what }

# Доказательства словами для клиента; следом идут прочитанные строки.
proof-quota_cabinet-done = Новая квота действует:
proof-quota_namespace-done = Новая квота действует:
proof-cabinet_password-done = Пароль учётной записи <b>{ $vm }</b> сброшен.
proof-cluster_credentials-done = Для <b>{ $vm }</b> выданы новые учётные данные; прежние больше не действуют.
proof-zone_link-done = Сети <b>{ $vm }</b> соединены.
proof-zone_unlink-done = Сети <b>{ $vm }</b> больше не соединены.
proof-control_plane_check-done = Управляющие узлы <b>{ $vm }</b> проверены.

desk-card-planning = ⏳ смотрим, что именно изменится…
desk-event-stale = ♻️ <b>{ $number }</b>: с момента согласования система изменилась, поэтому ничего не выполнено. Есть новый план.
desk-event-checked = 🔎 <b>{ $number }</b>: { $action }
