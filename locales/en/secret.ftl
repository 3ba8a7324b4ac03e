# One-time links to secrets, in the chat.
link-text = 🔑 { $number }: { $what } is ready. The link opens once and works for 15 minutes. We never ask you for a password.
link-button = Open the one-time link
link-expired = { $number }: the one-time link has expired. Please ask again: the new one comes at once after it is approved.
link-others = 🔔 { $number }: { $what } was replaced at the request of { $name }. If that is not right, call us at once: { $phone }
link-what-password = the new password of the account { $name }
link-what-kubeconfig = the new access to { $name }

plan-what-password = password of the account { $user }
plan-password-old = the present one
plan-password-temporary = a temporary one; all sessions end; it must be changed at the first login
plan-what-credentials = access to namespace { $namespace }
plan-credentials-new = a new one; the old ones are revoked
plan-what-master = master { $address }
plan-master-asked = asked
plan-master-ready = serves (/readyz ok)
plan-note-simulated = The Cabinet is simulated: nothing real is changed.
plan-note-check-who-asks = Make sure that the right person asks: your approval is the second check beside the bound Telegram account.
plan-note-only-looks = Only looks at the masters of { $cluster }; nothing is changed.
