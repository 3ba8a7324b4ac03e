# The page behind a one-time link.
once-title = One-time link
once-password = Your temporary password
once-kubeconfig = Access to your cluster
once-show = Show it
once-only-once = It is shown once only. Have the place where you need it at hand.
once-password-hint = Sign in to the Cabinet with it: you will be asked for a password of your own at once. All earlier sessions have been ended.
once-kubeconfig-hint = Save it as a file and give it to kubectl: KUBECONFIG=file kubectl get pods. The earlier access no longer works.
once-gone-now = This page cannot be opened again.
once-opened = This link has been opened already. If it was not you, tell us at once.
once-expired = This link has expired: it works for 15 minutes.
once-unknown = There is no such link.
once-ask-again = Ask for a new one in the bot.
once-again = This does not work at the moment. Please open the link again in a minute; nothing has been lost.
