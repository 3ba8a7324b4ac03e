# Words of the requests: quota, password, order, trial, new Cabinet, credit, lost data; coming in, rating, things to read.
menu-quota = 📈 Quota
menu-password = 🔑 Password
menu-link = 🔗 Link networks of two zones
menu-order = 🛒 Order a service
menu-trial = 🧪 Try a service for free
menu-cabinet = 🗂 Open a new Cabinet
menu-credit = 💰 Claim an SLA credit
menu-loss = 💾 Report lost data
menu-share = 📱 Come in by my number
menu-more-text = What else do you need?
button-more = ⋯ More
button-menu-back = ‹ Main menu
button-company = 🏢 { $customer }
button-share = 📱 Send my number
button-cabinet = 🗂 Cabinet
button-no-reason = No reason given
button-nothing = Nothing to add
button-comment = ✍️ Add a few words
button-info-help = ❓ Help
button-info-contacts = ☎️ Contacts
button-info-who = ⚖️ Who answers for what

the-cabinet = Cabinet
the-cluster = Cluster <b>{ $name }</b>
no-accounts = You have neither a Cabinet nor a cluster yet. To open a Cabinet: «More» in the menu, then «Open a new Cabinet».
terms-vm = Virtual machines
terms-kubernetes = Kubernetes cluster
review-send = If all is right, send it. If there is anything to add, just write it.

resource-cores = Processor cores
resource-ram = Memory
resource-instances = Virtual machines
resource-cpu = Processor (for pods)
resource-memory = Memory (for pods)
resource-pods = Pods
amount-cores = { $n ->
    [one] { $n } core
   *[other] { $n } cores
}
amount-instances = { $n ->
    [one] { $n } machine
   *[other] { $n } machines
}
amount-cpu = { $n ->
    [one] { $n } core
   *[other] { $n } cores
}
amount-pods = { $n ->
    [one] { $n } pod
   *[other] { $n } pods
}
amount-gib = { $n } GB
amount-mib = { $n } MB

quota-where = Which quota shall we increase?
quota-what = { $account }: what shall we increase?
quota-head = { $account } · <b>{ $resource }</b>
quota-now = Now: { $now }
quota-now-unknown = Now: we do not know at the moment, an engineer will check
quota-wanted = Wanted: <b>{ $wanted }</b>
quota-how-much = How much do you need in all? Choose, or write a number, for example: { $example }.
quota-example = 16
quota-example-memory = 64 GB
quota-why = What is it for? A few words help the engineer decide sooner.
quota-not-positive = The number must be greater than zero.
quota-too-much = That is too much. The most you can ask for here: { $most }. If you need even more, write to us: «Ask a question».
quota-no-more = You have { $now } already. Write a greater number. If you need less, write to us: «Ask a question».
quota-say-whole = We do not know yet how much there is now. Write how much you need in all, not how much to add.
quota-unclear = We did not understand the number. Write how much you need in all, as one number.

password-which = For what do you need a new password?
password-cabinet =
    We are going to reset the password of your Cabinet.
    User: <b>{ $user }</b>
password-cluster = { $account }: we are going to renew your credentials.
password-sure =
    First an engineer makes sure that it is you who asks. Then the old password stops working, and you get the new one in a safe way, once.

    ⚠️ Never write a password into this chat. Shall we send it?

order-which = Which service do you need?
order-describe =
    <b>{ $service }</b>. Write what you need: how many, how powerful, from when.

    The sales department will send you the price list and the terms.
order-review = Order: <b>{ $service }</b>
trial-which =
    Which service would you like to try?

    A trial is given once, and to those who have not used the service before.
trial-describe = <b>{ $service }</b>. Write in a few words what you would like to try.
trial-review =
    Trial: <b>{ $service }</b>

    It begins when you first launch the service in the Cabinet. Unless you delete the service afterwards, it becomes a paid one; we will remind you before.
trial-had = A trial of this service is given once, to new customers, and you have used the service before. You can order it, or call us with any question: { $phone }

cabinet-company = Write the name of your company (or your own, if you are a private person).
cabinet-no-name = Write the name in words, no longer than 200 characters.
cabinet-phone = Which number may we call? Write it, for example: +7 701 000 00 01. Or send your contact.
cabinet-no-phone = This does not look like a telephone number. Write all of it, for example: +7 701 000 00 01.
cabinet-wish = Which services are you interested in? Write a few words, or send it as it is.
cabinet-review =
    New Cabinet

    Company: <b>{ $company }</b>
    Telephone: <b>{ $phone }</b>

credit-which = Which service was down?
credit-describe = Describe what happened: what did not work, and for how long. You can add pictures and files.
credit-review =
    Claim for an SLA credit

    Service: <b>{ $service }</b>
    Down since: { $since }
loss-which = Of which service was data lost or damaged?
loss-describe = Describe what was lost and how you noticed. You can add pictures and files.
loss-review =
    Lost data

    Service: <b>{ $service }</b>
    When: { $since }
claim-since = When did it begin? Write, for example: 09:40 or 22.11 18:00.

link-from = Which network shall we link?
link-to =
    { $from }

    With which network in another zone?
link-ends =
    Network link:
    <b>{ $from }</b>
    ↔ <b>{ $to }</b>
link-why = What is it for? Write a few words.
link-describe = Which networks in which zones shall we link, and what for? Write it in one message, for example: 10.1.0.0/24 in ala-1 and 10.2.0.0/24 in ala-2.

share-ask =
    Press the button below and send your own number.

    If it is on your company’s list, an engineer confirms it and you are in. If you changed your mind: /menu
share-not-yours = This is somebody else’s number. To come in, send your own with the button.
share-no-match = This number is not on our lists. Tell your company’s manager or call { $phone }. If your company is not registered with us yet, ask for a new Cabinet.
share-thanks = Thank you! Your number is on the list. Now an engineer will confirm it.
kind-binding = Linking an account
notice-bound = Your account is linked. From now on you speak for { $customer } in this chat.
companies = For which company do you write?
speaks-for = Now you write for { $customer }.
invite-paused = That were too many wrong links. Try again in { $pause } or call { $phone }

rated = Thank you! Your rating: { $score } of 5.
rated-low = Thank you, your rating: { $score } of 5. We are sorry to have let you down. Tell us what went wrong and we will put it right.
rate-comment = <b>{ $number }</b>: add a few words to your rating. This is not a new request.
rate-thanks = Thank you, we will read it.
detail-rating = Your rating: { $score } of 5

draft-edited = We took your correction.
file = The file
file-too-big = ⚠️ { $name } is larger than 20 MB. It was added to the request, but an engineer can open it in Telegram only. It is safer to put it into a cloud storage and send a link.
missed-news = While you had blocked us, our messages did not reach you. There is news in these requests:

contacts =
    <b>{ $provider }</b> support, around the clock:

    ☎️ { $phone }
    💬 this chat

    If a service is completely down, press «Report a fault» here or call at once.
responsibility =
    <b>Who answers for what</b>

    <b>Virtual machines</b>
    We: hardware, network, virtualisation.
    You: operating system, applications, data and their backups.

    <b>Kubernetes</b>
    We: hardware, network, master nodes.
    You: worker nodes, pods, applications, data.

    Not sure whose it is? Write all the same: we will find out together.

# Words and numbers that people type instead of pressing.
typed-cabinet = cabinet, the cabinet
typed-terms-vm = virtual machine, virtual machines, vm, vms, server, 1
typed-terms-kubernetes = kubernetes, k8s, cluster, 2
typed-resource-cores = cores, core, cpu, cpus, processor
typed-resource-ram = memory, ram
typed-resource-instances = machines, instances, vms, virtual machines
typed-resource-cpu = cpu, cpus, cores, processor
typed-resource-memory = memory, ram
typed-resource-pods = pods, pod
typed-mib = mb, mib, m, megabytes, megabyte
typed-gib = gb, gib, g, gigabytes, gigabyte, gigs, gig
typed-tib = tb, tib, t, terabytes, terabyte
typed-times = times, twice, double, triple, percent, x
typed-numbers = zero 0, one 1, two 2, three 3, four 4, five 5, six 6, seven 7, eight 8, nine 9, ten 10, eleven 11, twelve 12, thirteen 13, fourteen 14, fifteen 15, sixteen 16, seventeen 17, eighteen 18, nineteen 19, twenty 20, thirty 30, forty 40, fifty 50, sixty 60, seventy 70, eighty 80, ninety 90, hundred 100, thousand 1000
