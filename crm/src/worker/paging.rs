//! Whom a page wakes, storms of pages, and the hand-over when a shift begins.

use chrono::TimeDelta;

use crate::clock::Moment;
use crate::domain::actor::Actor;
use crate::domain::decide::Command;
use crate::domain::ids::{StaffId, TicketId};
use crate::domain::kind::Queue;
use crate::domain::person::Role;
use crate::domain::reactions::Outgoing;
use crate::domain::refusal::Refusal;
use crate::domain::rota::Rota;
use crate::domain::ticket::{Paging, State, Ticket};
use crate::service::{Service, ServiceError, asked_himself};
use crate::store::{OutboxItem, StoreError, Tx};

/// How long a queue without a rota waits for an acknowledgement.
const DEFAULT_ACK: TimeDelta = TimeDelta::minutes(5);
/// So many similar pages a person gets one by one within [`STORM`]; what follows is told together.
const ONE_BY_ONE: usize = 3;
/// How far back a storm looks.
const STORM: TimeDelta = TimeDelta::seconds(60);

/// Finds whom to page at this step or the next that can be reached, and records it; the page itself is the outbox's.
pub(super) async fn page(
    service: &Service,
    tx: &mut Tx,
    id: TicketId,
    step: u32,
    now: Moment,
) -> Result<(), ServiceError> {
    let Some(ticket) = tx.ticket_fetch(id).await? else { return Ok(()) };
    if !ticket.state.is_active() || !ticket.paging.as_ref().is_some_and(Paging::is_live) {
        return Ok(());
    }
    let (chain, rota) = chain(tx, ticket.queue, now).await?;
    let ack = rota.map_or(DEFAULT_ACK, |r| TimeDelta::minutes(r.ack_timeout_minutes));
    let (mut paged, mut skipped) = (None, Vec::new());
    for (index, staff) in (0u32..).zip(chain).skip(step as usize) {
        if needs_no_page(tx, &ticket, &staff).await? {
            continue;
        }
        if tx.staff_member(&staff).await?.is_some_and(|s| s.telegram.is_some()) {
            paged = Some((index, staff, now + ack));
            break;
        }
        tracing::warn!(ticket = %ticket.number, %staff, "on call but cannot be paged: no Telegram account in the directory");
        skipped.push(staff);
    }
    let grouped = match &paged {
        Some((_, staff, _)) => {
            let similar = Some((ticket.queue, ticket.kind));
            tx.page_log_since(staff, similar, now - STORM).await?.len() >= ONE_BY_ONE
        }
        None => false,
    };
    let record = Command::RecordPage { step, paged, skipped, grouped };
    match service.execute_on(tx, ticket, record, &Actor::Clock).await {
        // Taken or acknowledged in the same moment: nobody needs to be woken.
        Ok(_) | Err(ServiceError::Refused(Refusal::StaleAction)) => Ok(()),
        Err(e) => Err(e),
    }
}

/// Everybody a page of this department would wake now, in order, and the rota it follows. A department without a rota of its own is
/// covered by the first line: somebody must wake up.
async fn chain(tx: &mut Tx, queue: Queue, now: Moment) -> Result<(Vec<StaffId>, Option<Rota>), StoreError> {
    let managers: Vec<_> = tx.staff_with_role(Role::DutyManager).await?.into_iter().map(|s| s.id).collect();
    let rota = match tx.rota_of(queue).await? {
        Some(rota) => Some(rota),
        None => tx.rota_of(Queue::Support).await?,
    };
    let chain = rota.as_ref().map_or_else(|| managers.clone(), |r| r.chain(now, &managers));
    Ok((chain, rota))
}

/// Whoever calls for help needs another; an approval needs somebody who has not given his, and who does not speak for the customer.
async fn needs_no_page(tx: &mut Tx, ticket: &Ticket, staff: &StaffId) -> Result<bool, StoreError> {
    if ticket.escalated_by.as_ref() == Some(staff) {
        return Ok(true);
    }
    if ticket.state != State::WaitingApproval {
        return Ok(false);
    }
    let approved = ticket.action.as_ref().is_some_and(|action| action.approved_by.contains(staff));
    Ok(approved || asked_himself(tx, staff, ticket).await?)
}

/// A shift begins: whoever comes on is told how things stand; nobody, if the same person stays on.
pub(super) async fn shift(
    service: &Service,
    tx: &mut Tx,
    queue: Queue,
    starts: Moment,
    now: Moment,
) -> Result<(), ServiceError> {
    let Some(rota) = tx.rota_of(queue).await? else { return Ok(()) };
    // The rota may have changed since, and after an outage this may be late: it is told to whoever is on now.
    let first = |at| rota.chain(at, &[]).into_iter().next();
    let (before, comes) = (first(starts - TimeDelta::seconds(1)), first(now));
    let begins = starts <= rota.starts;
    if let Some(staff) = comes.filter(|comes| begins || Some(comes) != before.as_ref()) {
        let told = Outgoing::Shift { staff, queue, starts };
        tx.outbox_add(OutboxItem::tell(service.clock().id(), told, now));
    }
    Ok(())
}
