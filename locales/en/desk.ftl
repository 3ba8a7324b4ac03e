# What engineers read: cards, threads, pages, the queue.
desk-kind-vm_reboot = VM reboot
desk-kind-vm_unlock = VM unlock
desk-kind-quota_increase = quota increase
desk-kind-password_recovery = password recovery
desk-kind-zone_link = zone link
desk-kind-fault_critical = critical fault
desk-kind-fault_minor = minor fault
desk-kind-question = question
desk-kind-order = order
desk-kind-new_cabinet = new Cabinet
desk-kind-trial = trial
desk-kind-credit_claim = SLA credit claim
desk-kind-data_loss_claim = data loss claim

desk-state-new = new
desk-state-reopened = reopened
desk-state-open = open
desk-state-waiting_customer = waiting for the customer
desk-state-waiting_approval = waiting for approval
desk-state-executing = in progress
desk-state-solved = solved
desk-state-closed = closed
desk-state-cancelled = cancelled by the customer
desk-state-declined = declined
desk-state-merged = merged

desk-queue-support = support
desk-queue-infrastructure = infrastructure
desk-queue-network = network
desk-queue-kubernetes = Kubernetes
desk-queue-billing = billing
desk-queue-sales = sales
desk-queue-security = security

desk-target-first_reply = First reply
desk-target-resolution = Solution
desk-speaks-kk = Kazakh
desk-speaks-ru = Russian
desk-speaks-en = English

desk-due = by { $due } ({ $left } left)
desk-overdue = overdue by { $late }, promised by { $due }
desk-overdue-now = overdue, promised by { $due }
desk-paused = paused, { $left } left
desk-kept = kept at { $at }
desk-late = done late at { $at }, promised by { $due }
desk-void = no longer owed
desk-promise = { $target }: { $standing }

desk-action-reboot-graceful = reboot <b>{ $vm }</b> (domain { $domain }, { $zone }): gracefully; if it is not down after { $wait }, hard
desk-action-reboot-hard = reboot <b>{ $vm }</b> (domain { $domain }, { $zone }): hard, at once
desk-action-unlock = unlock <b>{ $vm }</b> (domain { $domain }, { $zone }): locked for { $reason } → running
desk-lock-unknown = an unknown reason
desk-failed = <code>{ $code }</code>: { $text }

desk-card-headline = { $mark } <b>{ $number }</b> · { $kind }
desk-critical = 🔥🔥🔥 <b>CRITICAL: the customer’s services are down</b>
desk-card-held = <b>{ $state }</b> · { $queue } · held by { $holder }
desk-card-free = <b>{ $state }</b> · { $queue } · nobody has it
desk-card-over = <b>{ $state }</b> · { $queue }
desk-card-customer = 👤 { $customer }: { $name } ({ $language })
desk-card-stranger = 👤 { $name }, no customer yet ({ $language })
desk-card-vm = 🖥 { $vm } · { $zone } · domain <code>{ $domain }</code>
desk-card-service = ☸️ { $service }
desk-card-locked = 🔒 locked: { $reason }
desk-card-promise = ⏱ { $target }: { $standing }
desk-card-promise-broken = ❗ <b>{ $target }: { $standing }</b>
desk-card-cycle = 🔁 reopened, cycle { $n }
desk-card-action = 🛠 { $action }
desk-card-approvals = Approved by { $given } of { $needed } · valid until { $until }
desk-card-approvers = Approved: { $names }
desk-card-approved-policy = Approved by the terms
desk-card-expired = ⌛ nobody approved in time
desk-card-failed = 💥 failed: { $why }
desk-card-declined = The proposal was declined
desk-card-proof = Proof: { $method }, read back as { $state }, took { $took }
desk-card-paging = 📟 paging the engineer on call
desk-card-paged = 📟 paged: { $name }, next person after { $until }
desk-card-acknowledged = 📟 acknowledged: { $name }
desk-card-page-exhausted = 📟 <b>nobody answered the page</b>
desk-card-counts = ✉️ { $counts }
desk-count-messages = { $n ->
    [one] { $n } message
   *[other] { $n } messages
}
desk-count-files = { $n ->
    [one] { $n } file
   *[other] { $n } files
}
desk-count-notes = { $n ->
    [one] { $n } note
   *[other] { $n } notes
}
desk-card-as-of = <i>as of { $time }</i>
desk-undelivered = ⚠️ <b>not delivered:</b> { $why }
desk-undelivered-call = ⚠️ <b>not delivered:</b> { $why } → call { $phone }
desk-undelivered-blocked = the customer blocked the bot
desk-undelivered-gone = the customer’s account is gone

desk-button-take = ✋ Take
desk-button-ask = ❓ Ask
desk-button-solve = ✅ Solved
desk-button-silently = ✅ Without words
desk-button-approve = 👍 Approve
desk-button-decline = ⛔ Decline
desk-button-hand-over = ➡️ Hand over
desk-button-back = ⬅️ Back
desk-button-cancel = ✖️ Cancel
desk-button-acknowledge = 📟 Acknowledge
desk-button-open = 📄 Open
desk-button-queue = 📋 Queue
desk-button-refresh = 🔄 Refresh

desk-prompt-question = { $name }, write the question for the customer ({ $number }): reply to this message.
desk-prompt-closing = { $name }, tell the customer what was done ({ $number }): reply to this message.
desk-prompt-reason = { $name }, tell the customer why not ({ $number }): reply to this message.

desk-done-taken = { $number }: yours
desk-done-acknowledged = { $number }: acknowledged. The promise runs on.
desk-done-handed = { $number }: handed over
desk-done-approved = { $number }: approved, being carried out
desk-done-approved-first = Approved: { $given } of { $needed }. Another person must approve too.
desk-done-solved = { $number }: solved
desk-done-cancelled = Nothing was sent
desk-choose-department = Which department?

desk-refused-taken = { $name } was quicker. Reply under the card if you can help.
desk-refused-state = Not possible any more: the ticket is «{ $state }». The card shows what is.
desk-refused-stale = This proposal is no longer current. Look at the card and decide on what it shows now.
desk-refused-expired = This proposal has lapsed. Take the ticket and decide anew.
desk-refused-another = This needs another person: not who asked, and nobody twice.
desk-refused-forbidden = Your role may not do this. Ask the engineer on call.
desk-refused-not-found = There is no such ticket.
desk-refused-already = This is being handled already: { $number }.
desk-refused-not-staff = Only the desk’s staff may do this. An administrator adds staff to the directory.
desk-refused-old-button = This button is out of date. Use the newest card.
desk-refused-not-asked = This question is not yours.
desk-not-sent = Not sent to the customer. { $why }
desk-not-in-telegram = Written down, but the customer has no Telegram here: he will not read it.
desk-not-in-telegram-call = Written down, but the customer has no Telegram here. Call: { $phone }
desk-edit-not-sent = This edit was not sent on: the customer still sees your earlier words. If it matters, write the correction as a new reply.

desk-mirror = 💬 <b>{ $name }</b>
    { $quote }
desk-mirror-files = 📎 not in Telegram: { $names }
desk-private-wrote = { $number } · { $name }
desk-event-expired = ⌛ <b>{ $number }</b>: nobody approved in time. Take it and decide anew.
desk-event-failed = 💥 <b>{ $number }</b>: the action failed. { $why }
desk-event-recovered = 💚 <b>{ $number }</b>: monitoring says all is well again (alerts: { $alerts }). Solved.
desk-event-confirmed = 👍 <b>{ $number }</b>: the customer confirmed.
desk-event-cancelled = 🚫 <b>{ $number }</b>: the customer took it back.
desk-event-reopened = 🔁 <b>{ $number }</b>: not solved, says the customer. Open again.
desk-event-mark = ⏳ <b>{ $number }</b>: { $percent } % of the time is used. { $target }: { $standing }
desk-event-breached = ❗ <b>{ $number }</b>: promise broken. { $target } was promised by { $due }.
desk-event-page-exhausted = 📟 <b>{ $number }</b>: everybody on call was paged, nobody answered. Take it now.

desk-page-headline = 📟 <b>{ $number }</b> · <b>{ $kind }</b>
desk-page-step = You are number { $step } in the chain: nobody answered before you.
desk-page-until = Acknowledge by { $until }, or the next person is paged.
desk-whose = 👤 { $customer }: { $name }
desk-whose-stranger = 👤 { $name }
desk-warning-held = Held by { $holder }
desk-warning-free = <b>Nobody has it</b>

desk-queue-title = Queue
desk-queue-title-of = Queue: { $queue }
desk-queue-title-mine = Mine
desk-queue-head = 📋 <b>{ $title }</b> · { $n }
desk-queue-empty = Nothing is waiting. 🎉
desk-queue-line = { $mark } <b>{ $number }</b> · { $kind } · { $whose }
    { "  " }{ $standing } · { $holder }
desk-queue-left = { $left } left ({ $due })
desk-queue-overdue = <b>❗ overdue by { $late }</b>
desk-queue-free = nobody has it
desk-queue-more = … and { $n } more

desk-oncall-title = 📟 <b>On call now</b>
desk-oncall-line = { $queue }: { $names }
desk-oncall-none = There is no rota; pages go to the duty managers: { $names }
desk-is-here = This is the desk: tickets come here.
desk-could-be-here = To make this group the desk, set <code>[telegram] desk_chat = { $chat }</code> and restart the bot.

desk-welcome = Welcome, <b>{ $name }</b>! This is the on-call bot of { $provider }.
    
    Here you are paged and hear about the tickets you hold. A reply to a card goes to the customer; begin it with // and it stays an internal note.
desk-event-page-undelivered = 📟 <b>{ $number }</b>: the page did not arrive: { $name } has not started the bot, or blocked it. The next person is paged.
