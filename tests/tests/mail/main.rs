//! Mail with Debian's Postfix and Dovecot: threads, strangers, loops, large and broken mails, crashes.

mod code;
mod correspondence;
mod large;
mod loops;
mod outage;
mod post;
mod strangers;
mod trouble;
