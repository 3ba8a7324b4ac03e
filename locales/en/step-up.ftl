# A code proves who asks for a new password.
password-sure-code =
    First we make sure that it is you who asks: by a code that we send to <b>{ $mail }</b>, or by an engineer. Then the old password stops working, and you get the new one in a safe way, once. With the code you need not wait for anybody.

    ⚠️ Never write a password into this chat. How shall we check?
button-code = ✉️ Send me a code
button-code-again = ✉️ Send another code
button-by-engineer = 👤 Let an engineer check
code-sent =
    ✉️ We are sending six digits to <b>{ $mail }</b>. Write them here within { $minutes } minutes. Nothing there? Look into the spam folder too, or let an engineer check.

    We ask for this code only here, never on the phone.
code-right = The code is right: we know that it is you. We are on it.
code-wrong = { $left ->
    [one] This is not the code we sent. You can try once more.
   *[other] This is not the code we sent. You can try { $left } more times.
}
code-over = This code does not work any more: its time is over, or it was typed wrong too often. Have another one sent, or let an engineer check.
code-not-sent = We could not send the code by mail. Try again, let an engineer check, or call { $phone }.
code-too-often = We have sent you several codes already. For your safety, the next one is possible later. An engineer can check now.
code-six-digits = The code has six digits. Write it as it stands in the mail.

mail-code-subject = Your confirmation code
mail-code =
    Somebody asks in our Telegram bot for a new password in your name. If it is you, write this code there:

    { $code }

    It works once, for { $minutes } minutes.
mail-code-not-you = If it is not you, tell the code to nobody, not even to us, and call us at once: { $phone }.
plan-note-code = Who asks has confirmed it by a code to his registered e-mail.
