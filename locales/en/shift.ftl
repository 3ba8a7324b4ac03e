# What engineers and their duty manager read: handing work around, on call, canned replies, figures, broadcasts.
desk-command-queue = Queue, by time to breach
desk-command-mine = The tickets you hold
desk-command-oncall = Who is on call; take over, swap
desk-command-breaches = What was late
desk-command-sla = This month in a few lines
desk-command-find = Find a ticket
desk-command-r = Canned replies
desk-command-emergency = Emergency mode on or off
desk-command-broadcast = Tell customers of works or an outage

desk-button-more = ⋯ More
desk-button-assign = 👤 Assign
desk-button-escalate = 🆘 Escalate
desk-button-canned = 📝 Canned reply
desk-button-note = ✍️ Note
desk-button-more-severe = 🔥 It is critical
desk-button-less-severe = 🔽 It is minor
desk-button-attach = 🔗 Belongs to…
desk-button-history = 🗂 Conversation
desk-button-send = 📨 Send
desk-button-link-duplicate = Duplicate of { $other }: merge
desk-button-link-incident = Same incident as { $other }
desk-button-acknowledge-all = 📟 Acknowledge all ({ $n })
desk-button-agree = 👍 Agree
desk-button-disagree = 👎 No
desk-button-oncall-take = 🙋 I take over: { $queue }
desk-button-oncall-swap = 🔁 Swap my shift: { $queue }
desk-button-oncall-put = 👤 Put somebody on: { $queue }
desk-button-oncall-end = ✖️ End: { $name }
desk-button-broadcast-planned_works = 🛠 Planned works
desk-button-broadcast-outage = ⚠️ Outage
desk-button-broadcast-all = Every customer
desk-button-broadcast-send = { $n ->
    [one] 📨 Send to { $n } chat
   *[other] 📨 Send to { $n } chats
}

desk-prompt-note = { $name }, write the note ({ $number }): reply to this message. The customer does not see it.
desk-prompt-escalation = { $name }, why is help needed ({ $number })? Reply to this message. The next person on call and the duty manager are woken.
desk-prompt-more-severe = { $name }, why is it critical ({ $number })? Reply to this message. The customer hears of the new promise.
desk-prompt-less-severe = { $name }, why is it minor ({ $number })? Reply to this message. The customer hears of the new promise.
desk-prompt-other = { $name }, which ticket does { $number } belong to? Reply with its number, or choose it above if it is there.
desk-choose-person = Who takes it?
desk-choose-link = How do { $number } and { $other } belong together?
desk-other-unread = That is no ticket number. It looks like KM-000042.

desk-done-assigned = { $number }: { $name } has it
desk-done-attached-duplicate = { $number } merged into { $other }
desk-done-attached-incident = { $number }: same incident as { $other }
desk-done-acknowledged-all = { $n ->
    [one] { $n } page acknowledged. The promises run on.
   *[other] { $n } pages acknowledged. The promises run on.
}
desk-not-done = Not done. { $why }

desk-refused-escalated = { $name } has called for help already; the next person is being woken.
desk-refused-answered = Already answered, or the time for it has passed.
desk-refused-cannot-hold = { $name } does not handle tickets.
desk-refused-other-customer = That is another customer’s ticket. A duplicate must be the same customer’s; choose «same incident».
desk-refused-not-attachable = These two cannot be attached: one is attached already, or it is the same ticket.

desk-card-moved = ➡️ <b>{ $number }</b> is now with { $queue }: the card is in that topic.
desk-card-attached-duplicate = 🔗 merged into { $number }
desk-card-attached-incident = 🔗 same incident as { $number }
desk-card-joined-duplicate = 🔗 { $n ->
    [one] duplicate: { $numbers }
   *[other] duplicates: { $numbers }
}
desk-card-joined-incident = 🔗 same incident: { $numbers }

desk-event-page-skipped = 📟 <b>{ $number }</b>: { $name } is on call but has no Telegram in the directory; the next person is paged.
desk-event-escalated = 🆘 <b>{ $number }</b>: { $name } calls for help.
    { $quote }
desk-event-reclassified = ⚖️ <b>{ $number }</b>: { $from } → <b>{ $to }</b>, says { $name }. Solution: { $standing }
    { $quote }
desk-event-undelivered = ✉️ <b>{ $number }</b>, what was written at { $at }: { $why }
desk-private-assigned = 👤 <b>{ $number }</b>: { $name } gave it to you.
desk-private-unassigned = 👤 <b>{ $number }</b>: { $name } took it off you.
desk-page-approval = ✋ It waits for an approval, and the promise is at risk: open the ticket and decide.
desk-page-escalated = 🆘 { $name } calls for help.
desk-page-over = 📟 <b>{ $number }</b> · { $kind }: this page is over.

desk-storm-headline = 📟 <b>{ $n ->
    [one] { $n } ticket waits for you
   *[other] { $n } tickets wait for you
}</b> · <b>{ $kind }</b> · { $queue }
desk-storm-line = • <b>{ $number }</b> · { $whose }

desk-shift-begins = 📟 <b>You are on call now:</b> { $queue }
desk-shift-until = Until { $until }.
desk-shift-counts = { $n ->
    [0] Nothing is waiting. 🎉
    [one] { $n } ticket is open, { $late } late, { $free } held by nobody.
   *[other] { $n } tickets are open, { $late } late, { $free } held by nobody.
}
desk-shift-line = { $mark } <b>{ $number }</b> · { $kind }
    { "  " }{ $standing } · { $holder }

desk-history-title = 🗂 <b>{ $number }</b> · { $n ->
    [one] { $n } message
   *[other] { $n } messages
}
desk-delivered = ✓ delivered at { $at }
desk-delivery-waits = ⏳ still to be sent

desk-canned-choose = 📝 Which reply for { $number }? The customer’s language is { $language }.
desk-canned-none = 📝 No canned reply found. /r shows them all.
desk-canned-preview = 📝 <b>{ $name }</b> → { $number }. The customer will read:
desk-canned-other-language = ⚠️ There is no version in the customer’s language ({ $language }).
desk-canned-missing = This reply needs { $place }, and the ticket has none. Choose another.
desk-canned-gone = There is no such canned reply any more.
desk-canned-sent = Sent
desk-canned-was-sent = 📨 { $number }: sent to the customer.
    { $quote }
desk-canned-twice = These words went to the customer a moment ago.
desk-canned-title = 📝 <b>Canned replies</b> · { $n }
desk-canned-how = To use one: reply to a card with <code>/r word</code>.
    To write one, the name and the language, then the words on the next line:
    <code>/r set disk-full en
    Hello, {"{name}"}! …</code>
    To take one out: <code>/r del disk-full</code>
    Filled in: { $places }
desk-canned-long = A canned reply has at most { $n } characters.
desk-canned-place = I don’t know { $place }. What can be filled in: { $places }
desk-canned-saved = Saved: <b>{ $name }</b> ({ $language })
desk-canned-deleted = Taken out: <b>{ $name }</b>

desk-oncall-next = { "  " }from { $at }: { $name }
desk-oncall-cover = 🔁 { $queue }: { $name } out of turn, { $from } – { $until }
desk-oncall-swap-with = With whom would you swap your next shift ({ $queue })?
desk-oncall-put-whom = Who is on call until the shift ends ({ $queue })?
desk-oncall-already = { $name } is on call already.
desk-oncall-done = On call from now on: { $name }
desk-oncall-relieved = 📟 { $name } takes over for you ({ $queue }). You are not on call now.
desk-oncall-swap-asked = 🔁 { $name } asks to swap shifts with you ({ $queue }):
desk-oncall-swap-line = • { $name }: { $from } – { $until }
desk-oncall-swap-waits = { $name } has been asked. The swap counts once agreed.
desk-oncall-swapped = Swapped
desk-oncall-swap-agreed = 👍 { $name } agrees: your shifts are swapped ({ $queue }).
desk-oncall-swap-refused = 👎 { $name } will not swap ({ $queue }). The rota stays as it was.
desk-oncall-swap-off = The rota stays as it was.
desk-oncall-unreachable = { $name } cannot be reached in Telegram.
desk-oncall-ended = The rota counts again.
desk-oncall-ended-told = 📟 { $name } ended your duty out of turn ({ $queue }).

desk-breaches-title = ❗ <b>Broken promises of the last 24 hours</b> · { $n }
desk-breaches-none = None. 🎉
desk-breaches-line = { $mark } <b>{ $number }</b> · { $kind } · { $target } by { $due }
    { "  " }now: { $state } · { $holder }
desk-sla-title = 📊 <b>SLA</b> since { $from }
desk-sla-line = { $target }: <b>{ $percent } %</b> kept ({ $met } kept, { $broken } broken)
desk-sla-nothing = { $target }: nothing was due yet
desk-sla-now = Open now: { $n } · late { $late } · at risk { $risk }
desk-find-how = What shall I look for? A number, a customer, a machine or a word: <code>/find KM-42</code>, <code>/find disk</code>
desk-find-none = Nothing found.
desk-queue-title-found = Found

desk-emergency-on = 🚨 <b>Emergency mode is on.</b> First replies are promised later, and customers are told: { $reason }
desk-emergency-off = Emergency mode is off: the usual promises hold.
desk-emergency-how = To switch (duty manager): <code>/emergency on why</code>, <code>/emergency off</code>
desk-emergency-forbidden = Only a duty manager switches emergency mode.
desk-emergency-told-on = 🚨 <b>Emergency mode is on</b>, says { $name }: { $reason }
desk-emergency-told-off = Emergency mode is off, says { $name }. The usual promises hold.

desk-broadcast-title = 📣 <b>Tell customers</b>
desk-broadcast-about-planned_works = planned works
desk-broadcast-about-outage = outage
desk-broadcast-forbidden = Only a duty manager speaks to all customers.
desk-broadcast-audience = 📣 { $about }: who is affected?
desk-broadcast-in-kk = Kazakh
desk-broadcast-in-ru = Russian
desk-broadcast-in-en = English
desk-broadcast-words = Write the text in <b>{ $language }</b>: what, where, from when until when, what the customer should do.
desk-broadcast-long = Too long: at most { $n } characters.
desk-broadcast-preview = 📣 For { $audience }: { $n ->
    [one] { $n } chat
   *[other] { $n } chats
}. Each reads one of these:
desk-broadcast-missed = { $n ->
    [one] Not in Telegram, { $n } customer: { $names }
   *[other] Not in Telegram, { $n } customers: { $names }
}
desk-broadcast-everybody = every customer
desk-broadcast-status = 📣 <b>{ $about }</b>, { $at }, for { $audience }
    Delivered { $sent } of { $n } · waiting { $waiting } · not delivered { $failed }

broadcast-planned_works = 🛠 <b>{ $provider }: planned works</b>
broadcast-outage = ⚠️ <b>{ $provider }: outage</b>
broadcast-foot = Questions? Write here, or call { $phone }.

notice-reclassified-critical = 🔥 <b>{ $number }</b> · { $what }: we now treat this as a critical fault.
notice-reclassified-minor = ℹ️ <b>{ $number }</b> · { $what }: we now treat this as a minor fault.
notice-reclassified-next = If that is wrong, write to us here.
notice-merged = 🔗 <b>{ $number }</b> · { $what }: this is the same request as <b>{ $other }</b>. We carry on there, and you lose nothing.
desk-group-lost = ⚠️ <b>The desk’s group cannot be written to.</b> Nobody there sees tickets. Add the bot to the group again, as an administrator; what waits is sent then. /queue shows here what is owed.
desk-command-web = Sign in to the web console
desk-web-private = The link signs you in, so it comes in private only. Send /web to me there.
desk-web-link = Your link to the console. It works once, for ten minutes; give it to nobody. { $link }
