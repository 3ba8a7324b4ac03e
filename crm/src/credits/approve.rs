//! Approval of credits: one manager, a second person above the limit of the terms; then the customer is told.

use super::{CreditsError, manager};
use crate::domain::actor::Actor;
use crate::domain::downtime::Month;
use crate::domain::event::Event;
use crate::domain::ids::{CustomerId, ServiceId, StaffId};
use crate::domain::reactions::Outgoing;
use crate::service::Service;
use crate::store::{CreditRecord, CreditState, OutboxItem, StoreError, Tx};

/// Whether a member of the desk speaks for this customer: then somebody else must decide.
async fn is_own(tx: &mut Tx, actor: &Actor, customer: &CustomerId) -> Result<bool, StoreError> {
    let Actor::Staff { id, .. } = actor else { return Ok(false) };
    let Some(telegram) = tx.staff_member(id).await?.and_then(|s| s.telegram) else { return Ok(false) };
    Ok(tx.person_fetch(telegram).await?.contacts.iter().any(|c| c.customer == *customer))
}

async fn waiting(
    tx: &mut Tx,
    service: &ServiceId,
    month: Month,
    revision: i64,
) -> Result<CreditRecord, CreditsError> {
    let mut all = tx.credit_revisions(service, month).await?;
    let place = all.iter().position(|r| r.revision == revision);
    let record = place.map(|at| all.swap_remove(at));
    let record = record
        .ok_or_else(|| CreditsError::NotFound(format!("record {revision} of {service} for {month}")))?;
    if record.state == CreditState::Waiting {
        return Ok(record);
    }
    Err(CreditsError::Already(format!("the credit of {service} for {month} is {} already", record.state)))
}

async fn settle(
    tx: &mut Tx,
    desk: &Service,
    record: &CreditRecord,
    to: CreditState,
    actor: &Actor,
) -> Result<(), CreditsError> {
    let key = (&record.inputs.service, record.inputs.month, record.revision);
    if !tx.credit_settle(key, CreditState::Waiting, to).await? {
        return Err(CreditsError::Already("somebody decided this at the same time; look again".to_owned()));
    }
    let event = Event::CreditNoted {
        service: record.inputs.service.clone(),
        month: record.inputs.month,
        revision: record.revision,
        state: to.to_string(),
        tiyn: record.credit_tiyn,
    };
    tx.desk_event(actor.clone(), event, desk.now()).await?;
    Ok(())
}

/// Approves a credit. Above the limit of its terms it needs two different people; returns whether it is approved now.
pub async fn approve(
    tx: &mut Tx,
    desk: &Service,
    (service, month, revision): (&ServiceId, Month, i64),
    actor: &Actor,
) -> Result<bool, CreditsError> {
    let by = StaffId(manager(actor)?);
    let record = waiting(tx, service, month, revision).await?;
    if is_own(tx, actor, &record.inputs.customer).await? {
        return Err(CreditsError::Own);
    }
    let policy = desk.policies().pinned(&record.policy);
    let limit = policy.map(|p| p.availability.second_approval_above_tiyn);
    let people = if limit.is_some_and(|limit| record.credit_tiyn > limit) { 2 } else { 1 };
    let approvers = tx.credit_approve((service, month, revision), &by, desk.now()).await?;
    if approvers.len() < people {
        return Ok(false);
    }
    settle(tx, desk, &record, CreditState::Approved, actor).await?;
    // What was on the bill before gives way to what was approved last.
    for before in tx.credit_revisions(service, month).await? {
        if before.revision < revision && before.state == CreditState::Approved {
            let key = (service, month, before.revision);
            tx.credit_settle(key, CreditState::Approved, CreditState::Replaced).await?;
        }
    }
    for chat in tx.chats_of_customer(&record.inputs.customer).await? {
        let what = Outgoing::Credit { service: service.clone(), month, revision, chat };
        tx.outbox_add(OutboxItem::tell(desk.clock().id(), what, desk.now()));
    }
    Ok(true)
}

/// Approves everything of a month that waits and that this person may approve. Returns how many are approved now, and how many still
/// need another person.
pub async fn approve_all(
    tx: &mut Tx,
    desk: &Service,
    month: Month,
    actor: &Actor,
) -> Result<(usize, usize), CreditsError> {
    manager(actor)?;
    let (mut approved, mut left, mut after) = (0, 0, String::new());
    loop {
        let waiting = tx.credits_of_month(month, (&after, 500), (None, Some(CreditState::Waiting))).await?;
        let Some(last) = waiting.last() else { return Ok((approved, left)) };
        after = last.inputs.service.0.clone();
        for record in &waiting {
            match approve(tx, desk, (&record.inputs.service, month, record.revision), actor).await {
                Ok(true) => approved += 1,
                Ok(false) | Err(CreditsError::Own) => left += 1,
                Err(error) => return Err(error),
            }
        }
    }
}

/// Says no to a credit; the record stays.
pub async fn decline(
    tx: &mut Tx,
    desk: &Service,
    (service, month, revision): (&ServiceId, Month, i64),
    actor: &Actor,
) -> Result<(), CreditsError> {
    manager(actor)?;
    let record = waiting(tx, service, month, revision).await?;
    settle(tx, desk, &record, CreditState::Declined, actor).await
}
