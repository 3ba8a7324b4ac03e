# Одноразовые ссылки в чате.
link-text = 🔑 { $number }: { $what } — готово. Ссылка открывается один раз и действует 15 минут. Мы никогда не спрашиваем у Вас пароль.
link-button = Открыть одноразовую ссылку
link-expired = { $number }: срок одноразовой ссылки истёк. Отправьте запрос ещё раз: новая придёт сразу после подтверждения.
link-others = 🔔 { $number }: { $what } — заменено по запросу: { $name }. Если это ошибка, сразу позвоните нам: { $phone }
link-what-password = новый пароль учётной записи { $name }
link-what-kubeconfig = новый доступ к { $name }

plan-what-password = пароль учётной записи { $user }
plan-password-old = нынешний
plan-password-temporary = временный; все сеансы завершаются, при первом входе его нужно сменить
plan-what-credentials = доступ к пространству имён { $namespace }
plan-credentials-new = новый; прежние отзываются
plan-what-master = мастер { $address }
plan-master-asked = опрошен
plan-master-ready = работает (/readyz ok)
plan-note-simulated = Личный кабинет имитируется: ничего настоящего не меняется.
plan-note-check-who-asks = Убедитесь, что запрашивает именно тот человек: Ваше подтверждение — вторая проверка после привязанного Telegram.
plan-note-only-looks = Только опрос мастеров { $cluster }; ничего не меняется.
