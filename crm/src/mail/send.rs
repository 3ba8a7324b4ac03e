//! Out: what is due is leased, worded in its ticket's present state, sent, and written down.
//!
//! Sent at least once: a crash between the server's answer and ours sends the same mail again, under the same Message-ID.

use std::str::FromStr;
use std::time::{Duration, SystemTime};

use chrono::TimeDelta;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::ExposeSecret;

use super::words::{Said, Told};
use super::{Mail, MailError, Security, letter, tls};
use crate::clock::Moment;
use crate::domain::reactions::Outgoing;
use crate::domain::ticket::Ticket;
use crate::store::{ClaimedMail, MailEnd, MailThread, MailWhat, OutboxItem, Tx};
use crate::t;

/// Mails that are leased at a time, and for how long: longer than all of them may take.
const BATCH: i64 = 5;
const LEASE: TimeDelta = TimeDelta::minutes(10);
/// How long the server may take for one exchange.
const PATIENCE: Duration = Duration::from_mins(1);
/// After so many attempts (about three days) it is given up.
const ATTEMPTS: i64 = 75;
/// Message-IDs that a mail names as what it answers.
const ANSWERED: i64 = 10;
/// Largest sum of files that go out with one mail, bytes.
const FILES: usize = 20 << 20;

/// Header fields of a mail that a machine writes (RFC 3834): nobody's answering machine replies to it.
#[derive(Clone)]
pub(super) struct AutoSubmitted(pub(super) &'static str);

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self("auto-replied"))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.to_owned())
    }
}

/// What is to be done with a mail when its turn comes.
enum Turn {
    /// Send it to this address.
    Send(Box<Message>, String),
    /// There is nothing left to say.
    Nothing(&'static str),
    /// He cannot be told by mail: the bot tells him, if it can.
    ByBot(&'static str),
    /// It will never be sent.
    Never(String),
}

impl Mail {
    /// Sends everything that is due. Returns how many mails were looked at.
    pub async fn send_due(&self) -> Result<usize, MailError> {
        let mut count = 0;
        loop {
            let now = self.service.now();
            // A look costs nothing; a writing transaction would wake everybody, this loop too, for nothing.
            if !self.db.read().await?.mail_due(now).await? {
                return Ok(count);
            }
            let mut tx = self.db.begin().await?;
            let claimed = tx.mail_claim(&self.name, now, now + LEASE, BATCH).await?;
            tx.commit().await?;
            if claimed.is_empty() {
                return Ok(count);
            }
            for mail in claimed {
                self.send_one(&mail).await?;
                count += 1;
            }
        }
    }

    async fn send_one(&self, mail: &ClaimedMail) -> Result<(), MailError> {
        let turn = {
            let mut tx = self.db.read().await?;
            self.turn(&mut tx, mail).await?
        };
        let now = self.service.now();
        let end = match turn {
            Turn::Nothing(why) => MailEnd::Dropped(why.to_owned()),
            Turn::Never(why) => MailEnd::Failed(why),
            Turn::ByBot(why) => {
                if let Some(seq) = mail.what.seq() {
                    let mut tx = self.db.begin().await?;
                    if tx.mail_settle(mail.id, &self.name, &MailEnd::Dropped(why.to_owned()), now).await? {
                        let what = Outgoing::Notice { ticket: mail.ticket, seq };
                        tx.outbox_add(OutboxItem::tell(self.service.clock().id(), what, now));
                        tx.commit().await?;
                    }
                    return Ok(());
                }
                MailEnd::Dropped(why.to_owned())
            }
            Turn::Send(message, address) => match self.hand_over(*message).await? {
                Ok(()) => MailEnd::Sent(address),
                Err(refused) if refused.for_good || mail.attempts + 1 >= ATTEMPTS => {
                    MailEnd::Failed(refused.why)
                }
                Err(refused) => return self.later(mail, &refused.why, now).await,
            },
        };
        let failed = matches!(end, MailEnd::Failed(_));
        if let MailEnd::Failed(why) = &end {
            tracing::warn!(mail = %mail.id, why, "a mail will not be delivered");
        }
        let mut tx = self.db.begin().await?;
        if tx.mail_settle(mail.id, &self.name, &end, now).await?
            && let (true, Some(seq)) = (failed, mail.what.seq())
        {
            let what = Outgoing::Undelivered { ticket: mail.ticket, seq };
            tx.outbox_add(OutboxItem::tell(self.service.clock().id(), what, now));
        }
        tx.commit().await?;
        Ok(())
    }

    /// 10 s, 20 s, 40 s … an hour.
    async fn later(&self, mail: &ClaimedMail, why: &str, now: Moment) -> Result<(), MailError> {
        let pause = TimeDelta::seconds((10 << mail.attempts.clamp(0, 9)).min(3600));
        tracing::warn!(mail = %mail.id, why, again_in = %pause, "a mail could not be sent");
        metrics::counter!("komek_mail_failures_total", "way" => "out").increment(1);
        let mut tx = self.db.begin().await?;
        tx.mail_postpone(mail.id, &self.name, now + pause, why).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn turn(&self, tx: &mut Tx, mail: &ClaimedMail) -> Result<Turn, MailError> {
        let Some(own) = self.config.sends_as() else { return Ok(Turn::ByBot("mail is not sent from here")) };
        let Some(ticket) = tx.ticket_fetch(mail.ticket).await? else {
            return Ok(Turn::Nothing("no such ticket"));
        };
        let Some(thread) = self.correspondent(tx, &ticket).await? else {
            return Ok(Turn::ByBot("there is no address to write to"));
        };
        let now = self.service.now();
        if mail.automatic {
            let answered = tx.mail_automatic_to(&thread.address, now - TimeDelta::hours(1)).await?;
            if answered >= i64::from(self.config.answers_per_hour) {
                tracing::warn!(ticket = %ticket.number, "this sender got too many answers within an hour: no answer");
                return Ok(Turn::Nothing("too many answers to this address within an hour"));
            }
        }
        let told = Told { service: &self.service, ticket: &ticket, lang: ticket.language, now };
        let (said, by_machine) = match &mail.what {
            MailWhat::Refused { files, limit } => (Some(told.refused(files, *limit)), true),
            MailWhat::Notice { seq } => match tx.event_fetch(ticket.id.0, *seq).await? {
                None => (None, true),
                Some(record) => {
                    let by_machine = record.actor.staff_id().is_none() || record.event.message().is_none();
                    (told.event(tx, &record, &self.support.phone).await?, by_machine)
                }
            },
        };
        let Some(said) = said else { return Ok(Turn::Nothing("nothing left to say")) };
        let (Ok(from), Ok(to)) = (Address::from_str(own), Address::from_str(&thread.address)) else {
            return Ok(Turn::Never("this address cannot be written to".to_owned()));
        };
        let head = Head { mail, own, from, to, by_machine };
        match self.compose(tx, &head, &ticket, &thread, said).await? {
            Ok(message) => Ok(Turn::Send(Box::new(message), thread.address)),
            Err(error) => Ok(Turn::Never(format!("the mail cannot be composed: {error}"))),
        }
    }

    /// To whom: a contact at the address that the directory has for him now, anybody else where he wrote from.
    async fn correspondent(&self, tx: &mut Tx, ticket: &Ticket) -> Result<Option<MailThread>, MailError> {
        let thread = tx.mail_thread(ticket.id).await?;
        let Some(contact) = &ticket.requester else { return Ok(thread) };
        let Some(contact) = tx.contact_fetch(contact).await? else { return Ok(None) };
        Ok(contact.email.map(|address| MailThread {
            address,
            name: contact.name,
            subject: thread.map(|t| t.subject).unwrap_or_default(),
        }))
    }

    async fn compose(
        &self,
        tx: &mut Tx,
        head: &Head<'_>,
        ticket: &Ticket,
        thread: &MailThread,
        said: Said,
    ) -> Result<Result<Message, lettre::error::Error>, MailError> {
        let lang = ticket.language;
        let about = match thread.subject.as_str() {
            "" => t!(lang, &format!("kind-{}", ticket.kind)),
            subject => subject.to_owned(),
        };
        let mut builder = Message::builder()
            .from(Mailbox::new(Some(self.support.provider.clone()), head.from.clone()))
            .to(Mailbox::new(Some(thread.name.clone()), head.to.clone()))
            .subject(format!("Re: [{}] {about}", ticket.number))
            .date(SystemTime::from(head.mail.created_at))
            .message_id(Some(format!("<{}>", letter::message_id(head.mail.id, head.own))));
        let fine = |id: &String| id.contains('@') && !id.contains(['<', '>', ' ', '"']);
        let answered: Vec<String> = tx
            .mail_ids_of(ticket.id, ANSWERED)
            .await?
            .into_iter()
            .filter(fine)
            .map(|id| format!("<{id}>"))
            .collect();
        if let Some(last) = answered.last() {
            builder = builder.in_reply_to(last.clone()).references(answered.join(" "));
        }
        if head.by_machine {
            builder = builder.header(AutoSubmitted("auto-replied"));
        }
        let Said { mut lines, words } = said;
        let (files, elsewhere) = self.files(tx, words).await?;
        if !elsewhere.is_empty() {
            lines.push(t!(lang, "mail-files-elsewhere", names = elsewhere.join(", ")));
        }
        let greeting = t!(lang, "mail-greeting", name = thread.name.as_str());
        let (provider, phone) = (self.support.provider.as_str(), self.support.phone.as_str());
        lines.push(t!(lang, "mail-signature", provider = provider, phone = phone));
        let text = format!("{greeting}\n\n{}\n", lines.join("\n\n"));
        if files.is_empty() {
            return Ok(builder.singlepart(SinglePart::plain(text)));
        }
        let mut parts = MultiPart::mixed().singlepart(SinglePart::plain(text));
        for (name, body) in files {
            // Whatever it is, it is a file to be saved: nothing is shown by itself.
            let kind = ContentType::parse("application/octet-stream").unwrap_or(ContentType::TEXT_PLAIN);
            parts = parts.singlepart(Attachment::new(name).body(body, kind));
        }
        Ok(builder.multipart(parts))
    }

    /// The files that go with a person's words, and the names of those that are only in Telegram or too large.
    async fn files(
        &self,
        tx: &mut Tx,
        words: Option<crate::store::Message>,
    ) -> Result<(Vec<(String, Vec<u8>)>, Vec<String>), MailError> {
        let (mut with, mut elsewhere, mut sum) = (Vec::new(), Vec::new(), 0);
        let Some(words) = words else { return Ok((with, elsewhere)) };
        for (place, file) in (0i64..).zip(words.attachments) {
            let name = file.name.unwrap_or(file.kind);
            match tx.file_fetch(words.id, place).await?.and_then(|stored| stored.body) {
                Some(body) if sum + body.len() <= FILES => {
                    sum += body.len();
                    with.push((name, body));
                }
                _ => elsewhere.push(name),
            }
        }
        Ok((with, elsewhere))
    }

    /// Gives a mail to the server.
    pub(super) async fn hand_over(&self, message: Message) -> Result<Result<(), Refused>, MailError> {
        let transport = self.transport()?;
        Ok(match transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => Err(Refused::of(&error)),
        })
    }

    fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
        let config = &self.config;
        let host = config.smtp_host.clone().unwrap_or_default();
        let settings = |e: lettre::transport::smtp::Error| MailError::Settings(format!("TLS to {host}: {e}"));
        let parameters = || {
            let mut parameters =
                TlsParameters::builder(host.clone()).certificate_store(CertificateStore::WebpkiRoots);
            if let Some(pem) = tls::own_authority(config.ca_file.as_deref())? {
                parameters = parameters.add_root_certificate(Certificate::from_pem(&pem).map_err(settings)?);
            }
            parameters.build_rustls().map_err(settings)
        };
        let tls = match config.smtp_security {
            Security::None => Tls::None,
            Security::Tls => Tls::Wrapper(parameters()?),
            Security::Starttls => Tls::Required(parameters()?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&host)
            .port(config.smtp_port)
            .tls(tls)
            .timeout(Some(PATIENCE));
        if let (Some(user), Some(password)) = (&config.smtp_user, &config.smtp_password) {
            builder =
                builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
        }
        Ok(builder.build())
    }
}

/// What a mail's header is made from.
struct Head<'a> {
    mail: &'a ClaimedMail,
    own: &'a str,
    from: Address,
    to: Address,
    /// Whether no person wrote it.
    by_machine: bool,
}

/// Why the server did not take a mail.
pub(super) struct Refused {
    pub(super) why: String,
    pub(super) for_good: bool,
}

impl Refused {
    fn of(error: &lettre::transport::smtp::Error) -> Self {
        let code = error.status().map(|code| code.to_string());
        // Our own login or encryption is at fault, not this mail.
        let ours = code.as_deref().is_some_and(|code| ["530", "534", "535", "538"].contains(&code));
        Self { why: error.to_string(), for_good: error.is_permanent() && !ours }
    }
}
