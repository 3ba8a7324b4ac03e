# Чаттағы бір реттік сілтемелер.
link-text = 🔑 { $number }: { $what } дайын. Сілтеме бір рет қана ашылады және 15 минут жарамды. Біз Сізден ешқашан пароль сұрамаймыз.
link-button = Бір реттік сілтемені ашу
link-expired = { $number }: бір реттік сілтеменің мерзімі өтті. Қайта сұраңыз: жаңасы мақұлданған бойда келеді.
link-others = 🔔 { $number }: { $what } { $name } сұрауы бойынша ауыстырылды. Бұл дұрыс болмаса, бізге бірден қоңырау шалыңыз: { $phone }
link-what-password = { $name } есептік жазбасының жаңа паролі
link-what-kubeconfig = { $name } қызметіне жаңа кіру деректері

plan-what-password = { $user } есептік жазбасының паролі
plan-password-old = қазіргісі
plan-password-temporary = уақытша; барлық сеанс аяқталады, алғашқы кіргенде ауыстыру керек
plan-what-credentials = { $namespace } атау кеңістігіне кіру деректері
plan-credentials-new = жаңа; бұрынғылары жойылады
plan-what-master = { $address } мастері
plan-master-asked = сұралды
plan-master-ready = жұмыс істеп тұр (/readyz ok)
plan-note-simulated = Жеке кабинет имитацияланған: шынайы ештеңе өзгермейді.
plan-note-check-who-asks = Дәл сол адам сұрап тұрғанына көз жеткізіңіз: Сіздің мақұлдауыңыз — байланған Telegram-нан кейінгі екінші тексеру.
plan-note-only-looks = { $cluster } мастерлерін сұрау ғана; ештеңе өзгермейді.
