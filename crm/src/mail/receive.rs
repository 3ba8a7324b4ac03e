//! From a mail to a ticket: whose it is, which ticket it belongs to, and what is said at once; all in one transaction.
//!
//! An address in a mail is only a claim. It lets its bearer open a ticket in the contact's name and add words to tickets that the contact may
//! see; it never shows him anything, as answers go to the address in the directory.

use chrono::TimeDelta;

use super::fetch::Place;
use super::letter::{self, Letter};
use super::{Mail, MailError};
use crate::courtesy;
use crate::directory::{Contact, Sees};
use crate::domain::actor::Actor;
use crate::domain::audit::sha256_hex;
use crate::domain::decide::Command;
use crate::domain::event::MessageRef;
use crate::domain::form::RebootMode;
use crate::domain::ids::{MessageId, TicketId};
use crate::domain::kind::{Channel, Kind};
use crate::domain::reactions::Outgoing;
use crate::domain::ticket::{State, Ticket};
use crate::intake::{self, IntakeError, Request};
use crate::service::{ServiceError, Words};
use crate::store::{
    Attachment, MailIn, MailOutcome, MailThread, MailWhat, NewMail, OutboxItem, Side, StoreError, Tx,
};

/// How often a lost race is tried again.
const TRIES: u32 = 10;

/// Who writes, as far as a mail can tell.
struct Sender<'a> {
    address: &'a str,
    contact: Option<Contact>,
}

impl Mail {
    /// Takes a mail in, and moves on to its place in the mailbox. `None`: it was taken in before.
    pub(super) async fn take_in(
        &self,
        letter: &Letter,
        cut: bool,
        place: Option<(String, &Place)>,
    ) -> Result<Option<MailOutcome>, MailError> {
        for _ in 0..TRIES {
            let mut tx = self.db.begin().await?;
            let outcome = match self.file(&mut tx, letter, cut).await {
                Err(ServiceError::Store(StoreError::Conflict)) => continue,
                other => other?,
            };
            if let Some((key, place)) = &place {
                tx.setting_save(key, place, self.service.now()).await?;
            }
            match tx.commit().await {
                Ok(_) => {
                    let word = outcome.map_or("seen", MailOutcome::as_str);
                    metrics::counter!("komek_mails_total", "outcome" => word).increment(1);
                    return Ok(outcome);
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    async fn file(
        &self,
        tx: &mut Tx,
        letter: &Letter,
        cut: bool,
    ) -> Result<Option<MailOutcome>, ServiceError> {
        let mail = MailIn {
            message_id: letter.message_id.clone(),
            digest: letter.digest.clone(),
            sender: letter.from.clone().unwrap_or_default(),
            received_at: self.service.now(),
        };
        if !tx.mail_in_add(&mail).await? {
            return Ok(None);
        }
        let (outcome, ticket) = match (letter.automatic, &letter.from) {
            (Some(sign), _) => {
                tracing::info!(
                    sender = mail.sender,
                    sign,
                    "a machine's mail: it opens nothing and is not answered; it is flagged in the mailbox"
                );
                self.came_back(tx, letter).await?;
                (MailOutcome::Automatic, None)
            }
            (None, None) => {
                tracing::warn!(
                    message_id = mail.message_id,
                    "a mail names no sender; it is flagged in the mailbox"
                );
                (MailOutcome::Nobody, None)
            }
            (None, Some(address)) => {
                let contact = if self.vouched(letter) { tx.contact_by_email(address).await? } else { None };
                self.of_person(tx, letter, &Sender { address, contact }, cut).await?
            }
        };
        tx.mail_in_done(&mail, outcome, ticket).await?;
        Ok(Some(outcome))
    }

    /// Whether our own mail server says that the sender is who he says, where it is asked to.
    fn vouched(&self, letter: &Letter) -> bool {
        let Some(server) = self.config.trusted_authserv.as_deref() else { return true };
        let Some(verdict) = letter.verdict.as_deref() else { return false };
        let mut parts = verdict.split(';').map(str::trim);
        let by = parts.next().and_then(|first| first.split_whitespace().next());
        by == Some(server.to_lowercase().as_str())
            && parts.any(|part| part.split_whitespace().next() == Some("dmarc=pass"))
    }

    /// Mails of ours that came back: the desk hears that the customer did not.
    async fn came_back(&self, tx: &mut Tx, letter: &Letter) -> Result<(), StoreError> {
        for id in &letter.bounced {
            let why = "the mail came back: the address does not take it";
            if tx.mail_bounced(*id, why).await?
                && let Some((ticket, Some(seq))) = tx.mail_out_ticket(*id).await?
            {
                let what = Outgoing::Undelivered { ticket, seq };
                tx.outbox_add(OutboxItem::tell(self.service.clock().id(), what, self.service.now()));
            }
        }
        Ok(())
    }

    async fn of_person(
        &self,
        tx: &mut Tx,
        letter: &Letter,
        sender: &Sender<'_>,
        cut: bool,
    ) -> Result<(MailOutcome, Option<TicketId>), ServiceError> {
        for id in candidates(tx, letter).await? {
            let Some(ticket) = tx.ticket_fetch(id).await? else { continue };
            if ticket.state.is_terminal() {
                continue;
            }
            if let Some(actor) = may_write(tx, &ticket, sender).await? {
                self.add(tx, letter, &ticket, &actor, cut).await?;
                return Ok((MailOutcome::Added, Some(ticket.id)));
            }
        }
        // Whoever opens so many is a machine that does not say so: what it writes stays together, and nothing is lost.
        let hour_ago = self.service.now() - TimeDelta::hours(1);
        let opened = tx.mail_opened_by(sender.address, hour_ago).await?;
        if opened.len() >= usize::try_from(self.config.answers_per_hour).unwrap_or(usize::MAX)
            && let Some(latest) = opened.first()
            && let Some(ticket) = tx.ticket_fetch(*latest).await?.filter(|t| !t.state.is_terminal())
            && let Some(actor) = may_write(tx, &ticket, sender).await?
        {
            tracing::warn!(sender = sender.address, ticket = %ticket.number, "too many mails in an hour: this one is added to the latest ticket");
            self.add(tx, letter, &ticket, &actor, cut).await?;
            return Ok((MailOutcome::Added, Some(ticket.id)));
        }
        match self.open(tx, letter, sender, cut).await {
            Ok(ticket) => Ok((MailOutcome::Opened, Some(ticket))),
            Err(IntakeError::Service(ServiceError::Store(error))) => Err(error.into()),
            Err(error) => {
                tracing::error!(%error, sender = sender.address, "a mail could not be filed; it is flagged in the mailbox");
                Ok((MailOutcome::Nobody, None))
            }
        }
    }

    /// Opens a ticket from a mail: a question until somebody has read it (T7).
    async fn open(
        &self,
        tx: &mut Tx,
        letter: &Letter,
        sender: &Sender<'_>,
        cut: bool,
    ) -> Result<TicketId, IntakeError> {
        let actor = match &sender.contact {
            Some(contact) => Actor::Contact { id: contact.id.clone(), customer: contact.customer.clone() },
            None => Actor::Correspondent { address: sha256_hex(sender.address.as_bytes()) },
        };
        let text = [letter.subject.as_str(), letter.text.as_str()];
        let text: Vec<&str> = text.into_iter().filter(|part| !part.is_empty()).collect();
        let words = words_of(letter, text.join("\n\n"));
        let request = Request {
            channel: Channel::Email,
            kind: Kind::Question,
            contact: sender.contact.as_ref().map(|c| c.id.clone()),
            name: letter.name.clone(),
            language: letter::language(&words.text),
            service: None,
            reboot: RebootMode::default(),
            since: None,
            words,
        };
        let ticket = intake::open(&self.service, tx, request, &actor).await?;
        let thread = MailThread {
            address: sender.address.to_owned(),
            name: letter.name.clone(),
            subject: letter.subject.clone(),
        };
        tx.mail_thread_add(ticket.id, &thread).await?;
        let opening = tx.event_fetch(ticket.id.0, 1).await?;
        let message = opening.and_then(|record| record.event.message().map(|m| m.id));
        if let Some(message) = message {
            self.keep_files(tx, letter, ticket.id, message, cut).await?;
        }
        Ok(ticket.id)
    }

    /// Adds a mail to its ticket. What comes after the solution and is more than thanks opens it again.
    async fn add(
        &self,
        tx: &mut Tx,
        letter: &Letter,
        ticket: &Ticket,
        actor: &Actor,
        cut: bool,
    ) -> Result<(), ServiceError> {
        let thanks = letter.files.is_empty() && courtesy::is_courtesy(&letter.text);
        let reopens = ticket.state == State::Solved && !thanks;
        let mut made = None;
        let command = |message: MessageRef| {
            made = Some(message.id);
            if reopens { Command::Reopen(Some(message)) } else { Command::Write(message) }
        };
        let words = (Side::Customer, words_of(letter, letter.text.clone()));
        self.service.write(tx, ticket.id, words, command, actor).await?;
        if let Some(message) = made {
            self.keep_files(tx, letter, ticket.id, message, cut).await?;
        }
        Ok(())
    }

    /// Stores the files of a mail. What is too large is named, and its sender is told.
    async fn keep_files(
        &self,
        tx: &mut Tx,
        letter: &Letter,
        ticket: TicketId,
        message: MessageId,
        cut: bool,
    ) -> Result<(), StoreError> {
        let (now, limit) = (self.service.now(), self.config.attachment_limit());
        let mut refused = Vec::new();
        for (place, file) in (0i64..).zip(&letter.files) {
            let fits = !cut && file.body.len() <= limit;
            if !fits {
                refused.push(file.name.clone());
            }
            let body = if fits { Ok(file.body.as_slice()) } else { Err("too large") };
            tx.file_keep((message, place), ticket, body, now).await?;
        }
        if !refused.is_empty() {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let what = MailWhat::Refused { files: refused, limit };
            tx.mail_add(NewMail { id: self.service.clock().id(), ticket, what, created_at: now });
        }
        Ok(())
    }
}

/// What a mail says, with the names of its files.
fn words_of(letter: &Letter, text: String) -> Words {
    let attachments: Vec<Attachment> = letter
        .files
        .iter()
        .map(|file| Attachment {
            kind: file.kind.to_owned(),
            file_id: None,
            name: Some(file.name.clone()),
            size: i64::try_from(file.body.len()).ok(),
            source: None,
        })
        .collect();
    // A mail without any words is one all the same.
    let text = if text.is_empty() && attachments.is_empty() { "…".to_owned() } else { text };
    Words { text, attachments }
}

/// The tickets a mail may belong to: of the mails it answers, then the one its subject names.
async fn candidates(tx: &mut Tx, letter: &Letter) -> Result<Vec<TicketId>, StoreError> {
    let mut found = Vec::new();
    for answered in &letter.answers {
        let ours = match letter::id_of(answered) {
            Some(id) => tx.mail_out_ticket(id).await?.map(|out| out.0),
            None => None,
        };
        let ticket = match ours {
            Some(ticket) => Some(ticket),
            None => tx.mail_in_ticket(answered).await?,
        };
        found.extend(ticket);
    }
    if let Some(number) = letter.number {
        found.extend(tx.ticket_by_number(number).await?.map(|t| t.id));
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|id| seen.insert(*id));
    Ok(found)
}

/// As whom the sender may write on a ticket; `None` if it is none of his.
async fn may_write(tx: &mut Tx, ticket: &Ticket, sender: &Sender<'_>) -> Result<Option<Actor>, StoreError> {
    if ticket.requester.is_none() && ticket.origin.channel == Channel::Email {
        let same = tx.mail_thread(ticket.id).await?.is_some_and(|thread| thread.address == sender.address);
        let actor = Actor::Correspondent { address: sha256_hex(sender.address.as_bytes()) };
        return Ok(same.then_some(actor));
    }
    Ok(sender.contact.as_ref().and_then(|contact| {
        let sees = ticket.customer.as_ref() == Some(&contact.customer)
            && (contact.sees == Sees::All || ticket.requester.as_ref() == Some(&contact.id));
        sees.then(|| Actor::Contact { id: contact.id.clone(), customer: contact.customer.clone() })
    }))
}
