# Links between networks: namespaces, and removals.
button-unlink = ✂️ Remove a link
button-link-instead = 🔗 Make a link
link-to-namespace =
    { $from }

    With which namespace?
unlink-from = Which network's link shall go?
unlink-to =
    { $from }

    To which network is the link that shall go?
unlink-ends =
    Removal of a network link:
    <b>{ $from }</b>
    ↔ <b>{ $to }</b>
plan-what-rule = access from { $from } to { $to }
