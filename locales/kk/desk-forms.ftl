# Карточкадағы өтініш мазмұны және растау.
desk-form-unknown = белгісіз
desk-form-quota = 📈 { $resource }: { $current } → <b>{ $wanted }</b>
desk-form-cabinet-password = 🔑 Жеке кабинеттің паролі
desk-form-link = 🔗 { $from } ↔ { $to }
desk-form-new-cabinet = 🗂 { $company }, { $phone }
desk-form-order = 🛒 { $service }
desk-form-since = 🕑 тапсырыс берушінің айтуынша: { $when }
desk-form-binding =
    🪪 Кім ретінде кіргісі келеді: { $contact }
    Осы нөмірге қоңырау шалып, сұраған өзі екеніне көз жеткізіңіз.
desk-button-bind = 🪪 Осы адам екенін растау
desk-done-bound = { $number }: аккаунт тіркелді
desk-refused-trial = Бұл тапсырыс беруші қызметті бұрын қолданған: тестілеу кезеңі бір рет беріледі.
desk-card-rating = ⭐ баға: { $score }/5
desk-event-rated = ⭐ <b>{ $number }</b>: тапсырыс берушінің бағасы { $score }/5.
