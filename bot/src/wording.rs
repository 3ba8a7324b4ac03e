//! From a meaning in the outbox to calls of the Bot API, in the state of the moment it is sent.

use crm::clock::Moment;
use crm::domain::audit::EventRecord;
use crm::domain::reactions::Outgoing;
use crm::domain::ticket::Ticket;
use crm::reports::Period;
use crm::service::Service;
use crm::store::{Call, StoreError, Tx};

use crate::context::Settings;
use crate::{desk, later, notices, secret_link};

/// What a wording may look at.
pub struct Scene<'a> {
    /// For the terms.
    pub service: &'a Service,
    /// Configuration.
    pub settings: &'a Settings,
    /// The ticket, as it is now.
    pub ticket: &'a Ticket,
    /// Now.
    pub now: Moment,
}

/// Words `what` and addresses it: chats and calls; none, if there is nobody to tell or nothing left to say.
pub async fn word(
    tx: &mut Tx,
    service: &Service,
    settings: &Settings,
    what: &Outgoing,
    now: Moment,
) -> Result<Vec<(i64, Call)>, StoreError> {
    let Some(id) = what.ticket() else { return word_alone(tx, service, settings, what, now).await };
    let Some(ticket) = tx.ticket_fetch(id).await? else { return Ok(Vec::new()) };
    let scene = Scene { service, settings, ticket: &ticket, now };
    match what {
        Outgoing::Notice { seq, .. } => match event(tx, &ticket, *seq).await? {
            Some(record) => notices::notice(tx, &scene, &record).await,
            None => Ok(Vec::new()),
        },
        Outgoing::SecretLink { action, .. } => secret_link::link(tx, &scene, *action).await,
        Outgoing::OtherContacts { seq, .. } => match event(tx, &ticket, *seq).await? {
            Some(record) => secret_link::others(tx, &scene, &record).await,
            None => Ok(Vec::new()),
        },
        Outgoing::Card { .. } => desk::card::word(tx, &scene).await,
        Outgoing::Mirror { message, .. } => desk::thread::mirror(tx, &scene, *message).await,
        Outgoing::Desk { seq, .. } => match event(tx, &ticket, *seq).await? {
            Some(record) => desk::thread::event(tx, &scene, &record).await,
            None => Ok(Vec::new()),
        },
        Outgoing::Page { staff, step, .. } => desk::page::word(tx, &scene, staff, *step).await,
        Outgoing::PageOver { .. } => desk::page::over(tx, &scene).await,
        Outgoing::Private { seq, staff, .. } => match event(tx, &ticket, *seq).await? {
            Some(record) => desk::page::private(tx, &scene, &record, staff).await,
            None => Ok(Vec::new()),
        },
        Outgoing::DutyManagers { seq, .. } => match event(tx, &ticket, *seq).await? {
            Some(record) => desk::page::duty_managers(tx, &scene, &record).await,
            None => Ok(Vec::new()),
        },
        Outgoing::Undelivered { seq, .. } => match event(tx, &ticket, *seq).await? {
            Some(record) => desk::thread::undelivered(tx, &scene, &record).await,
            None => Ok(Vec::new()),
        },
        Outgoing::Pages { .. }
        | Outgoing::Shift { .. }
        | Outgoing::Broadcast { .. }
        | Outgoing::Credit { .. }
        | Outgoing::Report { .. }
        | Outgoing::Works { .. } => Ok(Vec::new()),
        Outgoing::TrialEnds { ends, .. } => Ok(later::trial(&scene, *ends)),
    }
}

/// What is about no one ticket.
async fn word_alone(
    tx: &mut Tx,
    service: &Service,
    settings: &Settings,
    what: &Outgoing,
    now: Moment,
) -> Result<Vec<(i64, Call)>, StoreError> {
    match what {
        Outgoing::Pages { staff, queue, kind } => desk::page::storm(tx, now, staff, (*queue, *kind)).await,
        Outgoing::Shift { staff, queue, .. } => desk::page::shift(tx, now, staff, *queue).await,
        Outgoing::Broadcast { id, chat } => desk::broadcast::word(tx, settings, *id, *chat).await,
        Outgoing::Credit { service: rented, month, revision, chat } => {
            later::credit(tx, service, (rented, *month, *revision), *chat).await
        }
        Outgoing::Report { staff, from, to } => {
            desk::report::word(tx, settings, now, staff, Period { from: *from, to: *to }).await
        }
        Outgoing::Works { id, chat, reminder } => later::works(tx, now, (*id, *chat), *reminder).await,
        _ => Ok(Vec::new()),
    }
}

async fn event(tx: &mut Tx, ticket: &Ticket, seq: i64) -> Result<Option<EventRecord>, StoreError> {
    tx.event_fetch(ticket.id.0, seq).await
}
