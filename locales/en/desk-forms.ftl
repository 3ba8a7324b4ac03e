# What the customer filled in, on the card; confirming who he is.
desk-form-unknown = unknown
desk-form-quota = 📈 { $resource }: { $current } → <b>{ $wanted }</b>
desk-form-cabinet-password = 🔑 password of the Cabinet
desk-form-link = 🔗 { $from } ↔ { $to }
desk-form-new-cabinet = 🗂 { $company }, { $phone }
desk-form-order = 🛒 { $service }
desk-form-since = 🕑 since, says the customer: { $when }
desk-form-binding =
    🪪 Wants to come in as: { $contact }
    Call this number and make sure that it is he who asks.
desk-button-bind = 🪪 Confirm that it is he
desk-done-bound = { $number }: account linked
desk-refused-trial = This customer has used the service before: a trial is given once.
desk-card-rating = ⭐ rating: { $score } of 5
desk-event-rated = ⭐ <b>{ $number }</b>: the customer’s rating is { $score } of 5.
