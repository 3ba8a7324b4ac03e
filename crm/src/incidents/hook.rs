//! Tickets make incidents: a critical fault opens one or joins the one it belongs to, and when the last of its tickets is solved the
//! services work again. Called where events are recorded, in the same transaction.

use chrono::TimeDelta;

use super::IncidentError;
use super::intervals::whole_ms;
use crate::clock::{Moment, SharedClock};
use crate::domain::actor::Actor;
use crate::domain::credit::ClaimKind;
use crate::domain::downtime::Month;
use crate::domain::event::Event;
use crate::domain::form::Form;
use crate::domain::incident::{Incident, IncidentSource, IncidentState};
use crate::domain::kind::{Channel, Kind};
use crate::domain::ticket::Ticket;
use crate::store::{ClaimState, StoreError, StoredClaim, Tx};

/// Reports from the same zone or cluster so shortly after each other are taken for one incident.
const BURST: TimeDelta = TimeDelta::minutes(15);

/// When an outage began by what a ticket shows: monitoring's own record, or the customer's message (C8). What a customer says of the time
/// before his message is evidence for people, not a start.
pub(super) fn reported_at(ticket: &Ticket) -> Moment {
    let record = match &ticket.form {
        Form::Fault { since, .. } if ticket.origin.channel == Channel::Alert => *since,
        _ => None,
    };
    whole_ms(record.unwrap_or(ticket.opened_at).min(ticket.opened_at))
}

/// What an event of a ticket means for incidents.
pub async fn happened(
    tx: &mut Tx,
    clock: &SharedClock,
    (ticket, event): (&Ticket, &Event),
    actor: &Actor,
    now: Moment,
) -> Result<(), StoreError> {
    let done = match event {
        Event::Opened(_) if ticket.kind == Kind::DataLossClaim => claimed(tx, clock, ticket, now).await,
        Event::Opened(_) if ticket.kind == Kind::FaultCritical => {
            reported(tx, clock, ticket, actor, now).await
        }
        Event::Reclassified { to: Kind::FaultCritical, .. } => reported(tx, clock, ticket, actor, now).await,
        Event::Solved { .. } | Event::Recovered { .. } if ticket.kind == Kind::FaultCritical => {
            restored(tx, ticket, actor, now).await
        }
        _ => Ok(()),
    };
    match done {
        Err(IncidentError::Store(error)) => Err(error),
        _ => Ok(()),
    }
}

async fn reported(
    tx: &mut Tx,
    clock: &SharedClock,
    ticket: &Ticket,
    actor: &Actor,
    now: Moment,
) -> Result<(), IncidentError> {
    let services: Vec<_> = ticket.form.service().cloned().into_iter().collect();
    let like = match services.first() {
        Some(service) => tx.incident_like(service, now - BURST).await?,
        None => None,
    };
    let started_at = reported_at(ticket);
    let known = like.is_some();
    let incident = match like {
        Some(found) => Incident {
            started_at: found.started_at.min(started_at),
            services,
            tickets: vec![ticket.id],
            ..found
        },
        None => Incident {
            id: clock.id(),
            number: tx.incident_number_next().await?,
            version: 0,
            state: IncidentState::Open,
            source: match ticket.origin.channel {
                Channel::Alert => IncidentSource::Alert,
                _ => IncidentSource::Ticket,
            },
            started_at,
            ended_at: None,
            opened_at: now,
            opened_by: actor.clone(),
            words: String::new(),
            services,
            tickets: vec![ticket.id],
        },
    };
    tx.incident_save(&incident).await?;
    if known { Ok(()) } else { super::response::note(tx, &incident, actor, now).await }
}

/// A customer's claim for lost data waits in the month in which they were lost (C10); the period is not closed before somebody decides.
async fn claimed(
    tx: &mut Tx,
    clock: &SharedClock,
    ticket: &Ticket,
    now: Moment,
) -> Result<(), IncidentError> {
    let Form::Claim { service: Some(service), since } = &ticket.form else { return Ok(()) };
    let claim = StoredClaim {
        id: clock.id(),
        service: service.clone(),
        month: Month::of(since.unwrap_or(ticket.opened_at).min(now), crate::text::ZONE),
        kind: ClaimKind::DataLoss,
        ticket: Some(ticket.id),
        state: ClaimState::Open,
        evidence: ticket.number.to_string(),
        made_at: now,
        proposed_by: None,
        decided_by: None,
        decided_at: None,
    };
    Ok(tx.claim_save(&claim).await?)
}

async fn restored(tx: &mut Tx, ticket: &Ticket, actor: &Actor, now: Moment) -> Result<(), IncidentError> {
    let Some(incident) = tx.incident_of_ticket(ticket.id).await? else { return Ok(()) };
    if incident.state != IncidentState::Open || tx.incident_owed(incident.id, ticket.id).await? > 0 {
        return Ok(());
    }
    let incident = Incident { state: IncidentState::Restored, ended_at: Some(whole_ms(now)), ..incident };
    tx.incident_save(&incident).await?;
    super::response::note(tx, &incident, actor, now).await
}
