//! What the desk does with an incident: opens one by hand, attaches tickets, tells the customers, answers everybody at once.

use super::{IncidentError, handler};
use crate::admin::broadcast;
use crate::clock::Moment;
use crate::domain::actor::Actor;
use crate::domain::decide::Command;
use crate::domain::event::Event;
use crate::domain::ids::{ServiceId, TicketNumber};
use crate::domain::incident::{Incident, IncidentNumber, IncidentSource, IncidentState};
use crate::domain::refusal::Refusal;
use crate::service::{Service, ServiceError, Words};
use crate::store::{About, Audience, Bodies, Broadcast, Side, Tx};

pub(super) async fn note(
    tx: &mut Tx,
    incident: &Incident,
    actor: &Actor,
    now: Moment,
) -> Result<(), IncidentError> {
    let event = Event::IncidentNoted { id: incident.id, number: incident.number, state: incident.state };
    tx.desk_event(actor.clone(), event, now).await?;
    Ok(())
}

async fn fetch(tx: &mut Tx, number: IncidentNumber) -> Result<Incident, IncidentError> {
    tx.incident_by_number(number).await?.ok_or_else(|| IncidentError::NotFound(number.to_string()))
}

/// Opens an incident by hand.
pub async fn open(
    tx: &mut Tx,
    desk: &Service,
    (services, started_at, words): (Vec<ServiceId>, Moment, &str),
    actor: &Actor,
) -> Result<Incident, IncidentError> {
    handler(actor)?;
    let now = desk.now();
    if started_at > now {
        return Err(IncidentError::Future(started_at));
    }
    for service in &services {
        super::intervals::known(tx, service).await?;
    }
    let incident = Incident {
        id: desk.clock().id(),
        number: tx.incident_number_next().await?,
        version: 0,
        state: IncidentState::Open,
        source: IncidentSource::Engineer,
        started_at: super::intervals::whole_ms(started_at),
        ended_at: None,
        opened_at: now,
        opened_by: actor.clone(),
        words: words.trim().to_owned(),
        services,
        tickets: Vec::new(),
    };
    tx.incident_save(&incident).await?;
    note(tx, &incident, actor, now).await?;
    Ok(incident)
}

/// Attaches a ticket that reports the same; the incident then begins with the earlier of the two (C8) and affects its service.
pub async fn attach(
    tx: &mut Tx,
    desk: &Service,
    (number, ticket): (IncidentNumber, TicketNumber),
    actor: &Actor,
) -> Result<Incident, IncidentError> {
    handler(actor)?;
    let mut incident = fetch(tx, number).await?;
    let ticket = tx.ticket_by_number(ticket).await?.ok_or(Refusal::NotFound)?;
    if let Some(other) = tx.incident_of_ticket(ticket.id).await? {
        return Err(IncidentError::Already(format!("{} reports {} already", ticket.number, other.number)));
    }
    incident.tickets.push(ticket.id);
    incident.services.extend(ticket.form.service().cloned());
    incident.started_at = incident.started_at.min(super::hook::reported_at(&ticket));
    tx.incident_save(&incident).await?;
    note(tx, &incident, actor, desk.now()).await?;
    Ok(incident)
}

/// Tells the customers whom an incident affects, each once, in their language.
pub async fn announce(
    tx: &mut Tx,
    desk: &Service,
    (number, body): (IncidentNumber, Bodies),
    actor: &Actor,
) -> Result<Broadcast, IncidentError> {
    let incident = fetch(tx, number).await?;
    let audience = Audience { incident: Some(incident.id), ..Audience::default() };
    Ok(broadcast::send(tx, desk.clock().as_ref(), (About::Outage, body, audience), actor).await?)
}

/// It was no incident.
pub async fn dismiss(
    tx: &mut Tx,
    desk: &Service,
    number: IncidentNumber,
    actor: &Actor,
) -> Result<Incident, IncidentError> {
    end(tx, desk, number, IncidentState::Dismissed, actor).await
}

async fn end(
    tx: &mut Tx,
    desk: &Service,
    number: IncidentNumber,
    state: IncidentState,
    actor: &Actor,
) -> Result<Incident, IncidentError> {
    handler(actor)?;
    let mut incident = fetch(tx, number).await?;
    if matches!(incident.state, IncidentState::Closed | IncidentState::Dismissed) {
        return Err(IncidentError::Already(format!("{number} is {} already", incident.state)));
    }
    let now = desk.now();
    incident.state = state;
    incident.ended_at = incident.ended_at.or(Some(now));
    tx.incident_save(&incident).await?;
    note(tx, &incident, actor, now).await?;
    Ok(incident)
}

/// Closes an incident: everybody whose ticket it is and is still open gets the same answer in his own ticket. Each ticket keeps its own
/// promise. Returns how many were answered.
pub async fn answer_all(
    tx: &mut Tx,
    desk: &Service,
    (number, words): (IncidentNumber, &str),
    actor: &Actor,
) -> Result<(Incident, usize), IncidentError> {
    let incident = end(tx, desk, number, IncidentState::Closed, actor).await?;
    let mut answered = 0;
    for ticket in &incident.tickets {
        let answer = (Side::Desk, Words::text(words.trim()));
        match desk.write(tx, *ticket, answer, |message| Command::Solve(Some(message)), actor).await {
            Ok(_) => answered += 1,
            // Solved, merged or taken back meanwhile: nobody waits there.
            Err(ServiceError::Refused(Refusal::WrongState(_) | Refusal::NotFound)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok((incident, answered))
}
