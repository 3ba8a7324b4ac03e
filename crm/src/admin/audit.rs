//! Verifying the audit: every stream's chain against the head that is kept apart from it, every ticket's row against its events,
//! every message against the digest its event names, the ticket numbers against the counter.
//!
//! What nobody can see from inside: that somebody rewrote a stream, its head, the ticket and the counter consistently.

use std::collections::BTreeMap;
use std::fmt;

use uuid::Uuid;

use crate::domain::audit::{EventRecord, verify};
use crate::domain::event::Event;
use crate::domain::ids::{DESK_STREAM, StaffId, TicketId, TicketNumber};
use crate::domain::ticket::Ticket;
use crate::store::{Db, NewMessage, Result, TicketHead, Tx};

/// Something that was tampered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `KM-000042`, `desk`, or a stream's id.
    pub subject: String,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.problem)
    }
}

/// The result of a verification.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Tickets looked at.
    pub tickets: usize,
    /// Events looked at.
    pub events: usize,
    /// What is wrong; empty when all is well.
    pub findings: Vec<Finding>,
}

/// Verifies everything, or the one ticket `only`; on one moment of the database, while others go on working.
pub async fn verify_audit(db: &Db, only: Option<TicketNumber>) -> Result<Verified> {
    let mut audit = Audit { tx: db.read().await?, done: Verified::default() };
    audit.tx.still().await?;
    match only {
        Some(number) => audit.one(number).await?,
        None => audit.all().await?,
    }
    Ok(audit.done)
}

struct Audit {
    tx: Tx,
    done: Verified,
}

impl Audit {
    fn find(&mut self, subject: impl fmt::Display, problem: impl Into<String>) {
        self.done.findings.push(Finding { subject: subject.to_string(), problem: problem.into() });
    }

    async fn one(&mut self, number: TicketNumber) -> Result<()> {
        let head =
            self.tx.ticket_heads(number.0 - 1, 1).await?.into_iter().find(|head| head.number == number.0);
        match head {
            Some(head) => self.ticket(&head).await,
            None if number.0 <= self.tx.ticket_number_last().await? => {
                self.find(
                    number,
                    "the ticket was removed: its number was given out, but there is no such row",
                );
                Ok(())
            }
            None => {
                self.find(number, "this number was never given out");
                Ok(())
            }
        }
    }

    async fn all(&mut self) -> Result<()> {
        let last = self.tx.ticket_number_last().await?;
        let mut missing = Vec::new();
        let mut next = 1;
        loop {
            let heads = self.tx.ticket_heads(next - 1, 500).await?;
            if heads.is_empty() {
                break;
            }
            for head in heads {
                missing.extend(next..head.number);
                next = head.number + 1;
                self.ticket(&head).await?;
            }
        }
        if next > last + 1 {
            let problem = format!("the counter was set back: it stands at {last}, but this ticket exists");
            self.find(TicketNumber(next - 1), problem);
        }
        missing.extend(next..=last);
        let mut orphans = self.orphans().await?;
        for number in missing {
            let problem = match orphans.remove(&number) {
                Some(events) => format!("the ticket was removed; its {events} events are still there"),
                None => "the ticket was removed, and its events with it".to_owned(),
            };
            self.find(TicketNumber(number), problem);
        }
        for (number, events) in orphans {
            let problem = format!(
                "{events} events belong to no ticket: the ticket's row was removed or its id changed"
            );
            self.find(TicketNumber(number), problem);
        }
        self.other_streams().await
    }

    /// Streams without a ticket: the number their first event names, and how many events they have.
    async fn orphans(&mut self) -> Result<BTreeMap<i64, usize>> {
        let mut orphans = BTreeMap::new();
        for stream in self.tx.event_streams_orphaned().await? {
            let Some(events) = self.events(stream, stream).await? else { continue };
            if let Some(Event::Opened(opening)) = events.first().map(|first| &first.event) {
                orphans.insert(opening.number.0, events.len());
            } else {
                let problem =
                    format!("{} events belong to no ticket, and their beginning was removed", events.len());
                self.find(stream, problem);
            }
        }
        Ok(orphans)
    }

    /// The desk's stream, and any other that is not a ticket's.
    async fn other_streams(&mut self) -> Result<()> {
        for (stream, seq, head) in self.tx.stream_heads().await? {
            let subject = if stream == DESK_STREAM { "desk".to_owned() } else { stream.to_string() };
            let Some(events) = self.events(stream, &subject).await? else { continue };
            if let Err(tampering) = verify(&events, (seq, &head)) {
                self.find(subject, tampering.to_string());
            }
        }
        Ok(())
    }

    /// The events of a stream; `None` if one does not read, which is noted.
    async fn events(&mut self, stream: Uuid, subject: impl fmt::Display) -> Result<Option<Vec<EventRecord>>> {
        match self.tx.events(stream).await {
            Ok(events) => {
                self.done.events += events.len();
                Ok(Some(events))
            }
            Err(error) => {
                let problem = error.unreadable_row()?;
                self.find(subject, format!("an event was changed and does not read any more: {problem}"));
                Ok(None)
            }
        }
    }

    async fn ticket(&mut self, head: &TicketHead) -> Result<()> {
        self.done.tickets += 1;
        let number = TicketNumber(head.number);
        let Some(events) = self.events(head.id, number).await? else { return Ok(()) };
        if let Err(tampering) = verify(&events, (head.seq, &head.head)) {
            self.find(number, tampering.to_string());
            return Ok(());
        }
        self.row(head, &events).await?;
        self.messages(head, &events).await
    }

    /// A ticket's row must be what its events make of it.
    async fn row(&mut self, head: &TicketHead, events: &[EventRecord]) -> Result<()> {
        const CHANGED: &str = "the ticket's row was changed: it is not what its events make of it";
        let (id, number) = (TicketId(head.id), TicketNumber(head.number));
        let stored = match self.tx.ticket_fetch(id).await {
            Ok(stored) => stored,
            Err(error) => {
                let problem = error.unreadable_row()?;
                self.find(number, format!("{CHANGED} ({problem})"));
                return Ok(());
            }
        };
        let columns = self.tx.ticket_columns(id).await?;
        let folded = Ticket::fold(events);
        let sound = match (stored, columns, folded) {
            (Some(stored), Some(columns), Some(folded)) => {
                folded.number == number
                    && columns.state == folded.state.as_str()
                    && columns.queue == folded.queue.as_str()
                    && columns.assignee_id.as_deref() == folded.assignee.as_ref().map(StaffId::as_str)
                    && stored == Ticket { version: stored.version, ..folded }
            }
            _ => false,
        };
        if !sound {
            self.find(number, CHANGED);
        }
        Ok(())
    }

    /// A message that is still there must be the one its event names; an erased one is gone, which is allowed (personal data).
    async fn messages(&mut self, head: &TicketHead, events: &[EventRecord]) -> Result<()> {
        let number = TicketNumber(head.number);
        let messages = match self.tx.messages(TicketId(head.id), true).await {
            Ok(messages) => messages,
            Err(error) => {
                let problem = error.unreadable_row()?;
                self.find(number, format!("a message was changed and does not read any more: {problem}"));
                return Ok(());
            }
        };
        let mut digests: BTreeMap<_, _> = messages
            .into_iter()
            .map(|m| {
                let id = m.id;
                let message = NewMessage {
                    id,
                    ticket: TicketId(head.id),
                    author: m.author,
                    side: m.side,
                    body: m.body,
                    attachments: m.attachments,
                    written_at: m.written_at,
                };
                (id, message.reference().digest)
            })
            .collect();
        for record in events {
            let Some(reference) = record.event.message() else { continue };
            if digests.remove(&reference.id).is_some_and(|digest| digest != reference.digest) {
                self.find(number, format!("the message of event {} was changed", record.seq));
            }
        }
        for id in digests.into_keys() {
            self.find(number, format!("the message {id} was added: no event names it"));
        }
        Ok(())
    }
}
