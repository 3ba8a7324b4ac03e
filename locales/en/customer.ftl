# What customers read.
language-name = English
language-ask = Choose a language
language-done = We will speak English from now on.

command-menu = Main menu
command-tickets = My requests
command-lang = Change the language
command-help = How to use this
command-cancel = Stop what you began

start-hello = Hello! This is { $provider } support. We are here around the clock.
start-known = Hello, { $name }! { $provider } support is here around the clock.
menu-text =
    How can we help?

    If it is urgent, call { $phone }
menu-unbound =
    This Telegram account is not linked to a company yet.

    If you have an invitation link, open it. If not, come in by your telephone number. You can ask a question right now. If it is urgent: { $phone }
menu-reboot = 🔄 Reboot a machine
menu-unlock = 🔓 Unlock a machine
menu-fault = ⚠️ Report a fault
menu-question = 💬 Ask a question

invite-welcome = Welcome, { $name }! From now on you speak for { $customer } in this chat.
invite-used = This invitation has been used already. Ask your account manager for a new one or call { $phone }
invite-expired = This invitation has expired. Ask your account manager for a new one or call { $phone }
invite-unknown = There is no such invitation. Check that the whole link was copied, or ask your account manager for a new one. Telephone: { $phone }

help =
    Choose what you need in the menu, or simply write here. Every request has a number and a promised time.

    To add something to a request, reply to any message about it. Photos, files and voice messages are welcome.

    /menu — main menu
    /tickets — your requests and the time left
    /lang — language
    /cancel — stop what you began

    Telephone: { $phone }
no-such-command = There is no such command. Choose in the menu or write in plain words.
contact-known = Thank you, but the number is not needed: your account is linked already.
nothing-readable = We cannot read this kind of message. Write in words, or send a photo, a file or a voice message.

button-back = ‹ Back
button-cancel = ✕ Cancel
button-menu = ☰ Menu
button-tickets = 📋 My requests
button-language = 🌐 Language
button-open = Open the request
button-send = ✓ Send
button-confirm = ✓ Confirm
button-other = Something else / not sure
button-graceful = Graceful
button-hard = Hard
button-critical = 🔴 Completely down
button-minor = 🟡 Works, but badly
button-solved = ✓ All is well
button-reopen = Not solved
button-reopen-silently = Reopen without words
button-write = Add a message
button-answer = Answer
button-withdraw = Withdraw the request
button-withdraw-sure = Yes, withdraw it
button-newer = ‹ Newer
button-older = Older ›

toast-stale = This button is out of date. See below for how things stand.
toast-already = This has been accepted already.
toast-executing = It is being carried out right now and cannot be withdrawn.
toast-not-now = This is not possible any more. The request is: { $state }.
cancelled = Cancelled. Nothing was sent.
nothing-to-cancel = There is nothing to cancel.
expired = What you began is more than a day old, so it was cancelled.
nothing-sent = Nothing was sent.
unsent =
    This was not sent:
    <blockquote>{ $text }</blockquote>
choose-below = Press one of the buttons below.
no-such-service = You have no machine called «{ $typed }». Choose from the list below.
list-longer = If it is not in the list, write its name.
no-such-ticket = You have no such request. All your requests: /tickets
no-machines = You have no virtual machines. If that is wrong, write to us: «Ask a question» in the menu.

reboot-which = Which machine shall we reboot?
reboot-locked = Machine <b>{ $vm }</b> is locked. It has to be unlocked first: «Unlock a machine» in the menu.
reboot-how =
    How shall we reboot <b>{ $vm }</b>?

    <b>Graceful</b>: the system shuts down properly by itself. If it has not done so after { $wait }, we restart it by force.
    <b>Hard</b>: at once, like the power button.
reboot-sure =
    We are going to reboot <b>{ $vm }</b>, the { $mode } way. Sites and services on it will stop for a short while.

    Do you confirm?
reboot-hard-warning = ⚠️ Unsaved data may be lost.
mode-graceful = graceful
mode-hard = hard

unlock-which = Which machine shall we unlock?
unlock-none-locked = As far as we can see, none of your machines is locked. If one does not start all the same, choose it.
unlock-why =
    Machine <b>{ $vm }</b> is locked.
    The reason: { $reason }.
unlock-not-locked = As far as we can see, machine <b>{ $vm }</b> is not locked.
unlock-sure = An engineer will check your request and decide. If the reason is gone, say so here in a few words. Shall we send it?
lock-reason-abuse = signs of a use that the service terms forbid
lock-reason-unpaid = payment has not arrived
lock-reason-unknown = not stated

kept-in-request = Added to the request.
kept-in-description = Added to the description.
kept-for-now = We kept this too.
draft-files = 📎 { $n ->
    [one] { $n } file
   *[other] { $n } files
}

fault-which = What is not working?
fault-how-bad =
    How bad is it?

    🔴 If it is completely down, we promise to solve it within { $critical }.
    🟡 If it works, but badly, within { $minor }.
fault-since = Since when? Choose, or write for example 09:40 or 22.11 18:00.
since-now = Just now
since-ago = { $length } ago
since-unknown = I don’t know
since-unknown-value = not known
since-future = That time has not come yet. Write when it began.
since-wrong = We don’t understand this time. Write it like 09:40 or 22.11 18:00.
fault-describe = Describe what happens: what does not work, which error you see. You can send a photo, a file or a voice message.
fault-review =
    Have a look and send it.

    Service: <b>{ $service }</b>
    State: { $severity }
    Since: { $since }
fault-review-more = If there is anything to add, just write it.
service-unknown = not stated
severity-critical = completely down
severity-minor = works, but badly

question-ask =
    Write your question. You can add a photo, a file or a voice message.

    The first reply comes within { $reply }.

stray-which = Which request is this about?
stray-none = How shall we send this?
stray-over = Request <b>{ $number }</b> is over, nothing can be added to it. How shall we send this?
stray-not-solved = { $number }: not solved yet
stray-question = 💬 As a new question
stray-fault = ⚠️ As a new fault

write-ask = Write your message for request <b>{ $number }</b>. You can send a photo, a file or a voice message.
reopen-ask = <b>{ $number }</b>: what is not solved? Write it, and the request is opened again.
written = ✓ Added to request <b>{ $number }</b>.
written-solved =
    ✓ Added to request <b>{ $number }</b>.

    This request is marked as solved. Is it?
message-edited = ✎ Corrected: { $text }

tickets-head = Your requests:
tickets-none = You have no requests yet.
detail-state = State: { $state }
detail-opened = Opened: { $when }
detail-since = Since: { $when }
detail-holder = Engineer: { $name }
detail-solved = Solved: { $when }
detail-earlier = { $n ->
    [one] <i>There is { $n } earlier message.</i>
   *[other] <i>There are { $n } earlier messages.</i>
}
detail-you = <b>You</b>, { $when }
detail-desk = <b>Support</b>, { $when }

confirmed =
    Thank you! Request <b>{ $number }</b> is closed.

    How was our help? 1 is poor, 5 is excellent.
withdraw-sure =
    <b>{ $number }</b> · { $what }

    Withdraw this request? We will stop working on it.
withdrawn = Request <b>{ $number }</b> has been withdrawn.
reopened = 🔁 Request <b>{ $number }</b> is open again. An engineer will go on with it.
courtesy = You are welcome! We are here whenever you need us.
courtesy-solved = You are welcome! If all is well, shall we close request <b>{ $number }</b>?

already-open = You have asked for this already, and we are on it: <b>{ $number }</b>.
refused-service = You have no such machine. Choose from the list, and if the list is wrong, call { $phone }
refused-kind = There is no such request for this service. Ask a question or call { $phone }
refused-now = This is not possible now: the state of the request has changed. Open it again from /tickets.
refused = You are not allowed to do this. If that is wrong, call { $phone }
sorry-broken = Sorry, we could not handle your message. It is kept and not lost. Try again or call { $phone }

opened =
    ✅ Your request is accepted.
    <b>{ $number }</b> · { $what }
opened-emergency = Emergency mode is on, so the first reply will take longer than usual.
opened-more = If there is anything to add, reply to this message.
next-executing = We are doing it right now. Once it is done and checked, we will write here.
next-approval = An engineer checks it and decides; once approved, we carry it out.
next-paged = We are calling the engineer on duty.
next-queued = As soon as an engineer replies, we will write here.
promise-reply = 💬 First reply by { $time } ({ $left })
promise-reply-broken = 💬 First reply was promised by { $time }, overdue
promise-result = ⏱ Promised by { $time } ({ $left })
promise-result-broken = ⏱ Promised by { $time }, overdue
left-moments = less than a minute left
left-minutes = { $n ->
    [one] { $n } minute left
   *[other] { $n } minutes left
}
left-hours = { $n ->
    [one] { $n } hour left
   *[other] { $n } hours left
}
left-hours-and = { $n ->
    [one] { $n } hour { $rest } left
   *[other] { $n } hours { $rest } left
}
left-days = { $n ->
    [one] { $n } day left
   *[other] { $n } days left
}
left-days-and = { $n ->
    [one] { $n } day { $rest } left
   *[other] { $n } days { $rest } left
}

kind-vm_reboot = Reboot
kind-vm_unlock = Unlock
kind-quota_increase = Quota increase
kind-password_recovery = Password recovery
kind-zone_link = Network link
kind-fault_critical = Critical fault
kind-fault_minor = Minor fault
kind-question = Question
kind-order = Order
kind-new_cabinet = New Cabinet
kind-trial = Trial
kind-credit_claim = SLA credit
kind-data_loss_claim = Data loss

state-new = new, waiting for an engineer
state-reopened = reopened, waiting for an engineer
state-open = in progress
state-waiting_customer = waiting for your answer
state-waiting_approval = waiting for approval
state-executing = being carried out right now
state-solved = solved
state-closed = closed
state-cancelled = withdrawn by you
state-declined = declined
state-merged = joined to another request

support = Support
notice-taken = 👤 <b>{ $number }</b> · { $what }
notice-taken-by = { $name } is working on your request.
notice-asked = ❓ <b>{ $number }</b> · { $what }
notice-asked-by = { $name } asks:
notice-asked-how = Reply to this message.
notice-answered = 💬 <b>{ $number }</b> · { $what }
notice-answered-by = { $name } writes:
notice-approved = 👍 <b>{ $number }</b> · { $what }: approved
notice-failed =
    ⚠️ <b>{ $number }</b> · { $what }

    It could not be done automatically.
notice-failed-next = An engineer is taking over, we are calling the one on duty.
notice-held = { $name } is working on it.
notice-solved = ✅ <b>{ $number }</b> · { $what }: solved
notice-late = We were later than we promised, and we apologise.
notice-closes = Is all well? If you do not answer, the request closes by itself: { $when }.
notice-declined =
    🚫 <b>{ $number }</b> · { $what }

    Unfortunately we cannot do this.
notice-declined-next = If you have questions, write to us: «Ask a question» in the menu.
notice-risk = ⏳ <b>{ $number }</b> · { $what }
risk-reply = We have not replied yet. We promised a reply by { $time } ({ $left }).
risk-result = We have not finished yet. We promised to finish by { $time } ({ $left }).
risk-next = We may not make it, so we are telling you ahead. We will write as soon as there is news.
notice-broken = 🙏 <b>{ $number }</b> · { $what }
broken-reply = Sorry, we did not reply by the promised time ({ $time }).
broken-result = Sorry, we did not finish by the promised time ({ $time }).
broken-next = The duty manager knows. We will see it through and write as soon as there is news.
who-executing = It is being carried out right now.
who-approval = It is waiting for an engineer’s approval.
who-approval-held = It is waiting for approval; { $name } is working on it.
who-waiting = We need your answer.
who-nobody = Nobody has taken it yet; we are calling the engineer on duty.

proof-vm_reboot-graceful = Machine <b>{ $vm }</b> was rebooted: the system shut down properly and started again.
proof-vm_reboot-hard = Machine <b>{ $vm }</b> was rebooted by force.
proof-vm_reboot-forced = The system on machine <b>{ $vm }</b> did not shut down by itself, so we rebooted it by force.
proof-vm_reboot-started = Machine <b>{ $vm }</b> was off; we started it.
proof-vm_reboot-done = Machine <b>{ $vm }</b> was rebooted.
proof-vm_unlock-resumed = Machine <b>{ $vm }</b> is unlocked and goes on running.
proof-vm_unlock-started = Machine <b>{ $vm }</b> is unlocked and started.
proof-vm_unlock-done = Machine <b>{ $vm }</b> is unlocked and running.
proof-checked = Checked: { $time }. It took { $took }.

# Words that people type instead of pressing, separated by commas.
typed-yes = yes, y, yep, yeah, confirm, send, ok, okay
typed-no = no, n, nope, cancel
typed-graceful = graceful, gracefully, soft, 1
typed-hard = hard, force, forced, 2
typed-courtesy = thanks, thank, thx, ty, you, very, much, a, lot, so, great, perfect, good, nice, cool, ok, okay, got, it, all, works, working, now, fine, understood, for, the, help, your, awesome, cheers
