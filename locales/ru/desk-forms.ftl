# Что заполнил клиент, на карточке; подтверждение.
desk-form-unknown = неизвестно
desk-form-quota = 📈 { $resource }: { $current } → <b>{ $wanted }</b>
desk-form-cabinet-password = 🔑 пароль Личного кабинета
desk-form-link = 🔗 { $from } ↔ { $to }
desk-form-new-cabinet = 🗂 { $company }, { $phone }
desk-form-order = 🛒 { $service }
desk-form-since = 🕑 по словам клиента, с: { $when }
desk-form-binding =
    🪪 Хочет войти как: { $contact }
    Позвоните по этому номеру и убедитесь, что просит он сам.
desk-button-bind = 🪪 Подтвердить, что это он
desk-done-bound = { $number }: аккаунт привязан
desk-refused-trial = Клиент уже пользовался этим сервисом: тест даётся один раз.
desk-card-rating = ⭐ оценка: { $score } из 5
desk-event-rated = ⭐ <b>{ $number }</b>: оценка клиента { $score } из 5.
