//! Intervals: proposed by one person, confirmed by another; disputed by one, withdrawn by another; gaps ruled on.

use chrono::{DurationRound, TimeDelta};
use uuid::Uuid;

use super::monitoring::MONITORING;
use super::{IncidentError, handler};
use crate::clock::Moment;
use crate::credits;
use crate::directory::{Place, Service as Rented};
use crate::domain::actor::Actor;
use crate::domain::credit::{Cause, Effect};
use crate::domain::downtime::Month;
use crate::domain::event::Event;
use crate::domain::ids::{CustomerId, ServiceId};
use crate::domain::incident::{Downtime, DowntimeState, IncidentNumber, announced_in_time};
use crate::domain::lang::Lang;
use crate::domain::reactions::Outgoing;
use crate::input::suggest;
use crate::service::Service;
use crate::store::{OutboxItem, StoreError, Tx};

/// So long before they begin, customers are reminded of planned works.
const REMINDER: TimeDelta = TimeDelta::hours(24);

/// Most services of one silence that are ruled on at once.
const SILENT: i64 = 10_000;

/// What somebody says happened.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Which service.
    pub service: ServiceId,
    /// Of which incident, if of one.
    pub incident: Option<IncidentNumber>,
    /// Why.
    pub cause: Cause,
    /// From when.
    pub starts: Moment,
    /// Until when.
    pub ends: Moment,
    /// What shows it.
    pub evidence: String,
}

/// What a person says of a gap in monitoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// The service worked.
    Worked,
    /// It did not, for this reason; a second person must agree.
    Down(Cause),
}

/// A moment in whole milliseconds: what availability is counted in.
pub(super) fn whole_ms(moment: Moment) -> Moment {
    moment.duration_trunc(TimeDelta::milliseconds(1)).unwrap_or(moment)
}

/// A service that exists or existed.
pub(super) async fn known(tx: &mut Tx, id: &ServiceId) -> Result<Rented, IncidentError> {
    if let Some(found) = tx.service_ever(id).await? {
        return Ok(found.service);
    }
    let all = tx.services_ever().await?;
    let hint = suggest(id.as_str(), all.iter().map(|s| s.service.id.as_str()));
    Err(IncidentError::NoService { id: id.0.clone(), hint })
}

/// Fails unless an interval of `service` can have this cause (C13).
pub(super) async fn fits(tx: &mut Tx, service: &Rented, cause: Cause) -> Result<(), IncidentError> {
    let control_plane = match &service.place {
        Place::Vm { .. } => None,
        Place::Kubernetes { cluster, .. } => tx.control_planes().await?.get(cluster.as_str()).copied(),
    };
    cause.fits(service.place.terms(), control_plane).map_err(IncidentError::Cause)
}

/// What an interval with this cause does under the terms of its month. Planned works that can no longer be announced in time are none (C4).
fn effect(
    desk: &Service,
    service: &Rented,
    cause: Cause,
    starts: Moment,
    now: Moment,
) -> Result<Effect, IncidentError> {
    let month = Month::of(starts, crate::text::ZONE);
    let Some(policy) = desk.policies().of_month(service.place.terms(), month) else {
        return Ok(Effect::AddsNothing);
    };
    let effect = cause.effect(&policy.availability.causes);
    let notice = policy.availability.works_notice_ms;
    if effect == Effect::TakesAway && !announced_in_time(now, starts, notice) {
        let length = |ms: i64| crate::text::length(TimeDelta::milliseconds(ms.max(0)), Lang::En);
        let ahead = length((starts - now).num_milliseconds());
        return Err(IncidentError::LateNotice { needed: length(notice), ahead });
    }
    Ok(effect)
}

/// Tells everybody of the customer about planned works, now and a day before they begin.
async fn announce(
    tx: &mut Tx,
    desk: &Service,
    works: &Downtime,
    customer: &CustomerId,
) -> Result<(), StoreError> {
    let now = desk.now();
    let remind_at = works.starts - REMINDER;
    for chat in tx.chats_of_customer(customer).await? {
        for (reminder, at) in [(false, now), (true, remind_at)] {
            let what = Outgoing::Works { id: works.id, chat, reminder };
            let item = OutboxItem::tell(desk.clock().id(), what, now);
            if at >= now {
                tx.outbox_add(OutboxItem { not_before: at, ..item });
            }
        }
    }
    Ok(())
}

/// Proposes an interval. Planned works may lie ahead, if the notice of the terms can be kept: once they are confirmed, customers are told.
pub async fn propose(
    tx: &mut Tx,
    desk: &Service,
    proposal: Proposal,
    actor: &Actor,
) -> Result<Downtime, IncidentError> {
    let by = handler(actor)?;
    let now = desk.now();
    let (starts, ends) = (whole_ms(proposal.starts), whole_ms(proposal.ends));
    if ends < starts {
        return Err(IncidentError::Backwards { starts, ends });
    }
    let evidence = proposal.evidence.trim().to_owned();
    if evidence.is_empty() {
        return Err(IncidentError::NoEvidence);
    }
    let service = known(tx, &proposal.service).await?;
    fits(tx, &service, proposal.cause).await?;
    let effect = effect(desk, &service, proposal.cause, starts, now)?;
    if effect != Effect::TakesAway && ends > now {
        return Err(IncidentError::Future(ends));
    }
    let incident = match proposal.incident {
        None => None,
        Some(number) => {
            let found = tx.incident_by_number(number).await?;
            Some(found.ok_or_else(|| IncidentError::NotFound(number.to_string()))?)
        }
    };
    if let Some((starts_at, ends_at)) = incident.as_ref().and_then(|i| Some((i.started_at, i.ended_at?)))
        && effect == Effect::AddsNothing
        && (starts < starts_at || ends > ends_at)
    {
        return Err(IncidentError::LongerThanOutage { starts: starts_at, ends: ends_at });
    }
    let downtime = Downtime {
        id: desk.clock().id(),
        service: service.id,
        incident: incident.map(|i| i.id),
        state: DowntimeState::Proposed,
        cause: Some(proposal.cause),
        starts,
        ends,
        evidence,
        announced_at: None,
        proposed_by: by,
        proposed_at: now,
        seconded_by: None,
        seconded_at: None,
        disputed_by: None,
    };
    tx.downtime_add(std::slice::from_ref(&downtime)).await?;
    note(tx, &downtime, actor, now).await?;
    Ok(downtime)
}

/// Confirms what another person proposed; what monitoring saw needs one person to say so and another to agree (C8). Or, where a confirmed interval is disputed, agrees that it was wrong.
pub async fn second(tx: &mut Tx, desk: &Service, id: Uuid, actor: &Actor) -> Result<Downtime, IncidentError> {
    let by = handler(actor)?;
    let now = desk.now();
    let before = fetch(tx, id).await?;
    let mut after = before.clone();
    let said_by = match (before.state, &before.disputed_by) {
        (DowntimeState::Proposed, None) if before.proposed_by == MONITORING => {
            let after = Downtime { proposed_by: by, proposed_at: now, ..before.clone() };
            settle(tx, &before, &after, actor, now).await?;
            return Ok(after);
        }
        (DowntimeState::Proposed, None) => {
            after.state = DowntimeState::Confirmed;
            &before.proposed_by
        }
        (DowntimeState::Confirmed | DowntimeState::Proposed, Some(said_by)) => {
            after.state = DowntimeState::Withdrawn;
            said_by
        }
        (DowntimeState::Confirmed, None) => {
            let by = before.seconded_by.as_deref().unwrap_or("another");
            return Err(IncidentError::Already(format!("{by} has confirmed this interval already")));
        }
        (DowntimeState::Withdrawn, _) => {
            return Err(IncidentError::Already("this interval was withdrawn; propose it anew".to_owned()));
        }
        (DowntimeState::Unmeasured, _) => {
            return Err(IncidentError::Already("nobody has ruled on this gap yet".to_owned()));
        }
    };
    if *said_by == by {
        return Err(IncidentError::SamePerson(by));
    }
    if after.state == DowntimeState::Confirmed && after.cause == Some(Cause::PlannedWorks) {
        let service = known(tx, &after.service).await?;
        effect(desk, &service, Cause::PlannedWorks, after.starts, now)?;
        after.announced_at = Some(now);
        announce(tx, desk, &after, &service.customer).await?;
    }
    after.seconded_by = Some(by);
    after.seconded_at = Some(now);
    settle(tx, &before, &after, actor, now).await?;
    let what = match after.state {
        DowntimeState::Withdrawn => "withdrawn",
        _ => "confirmed",
    };
    let cause = after.cause.map_or("", |c| c.as_str());
    let reason = format!("{what}: {cause} {} – {} ({})", after.starts, after.ends, after.evidence);
    credits::correct_touched(tx, desk, &after.service, after.span(), &reason).await?;
    Ok(after)
}

/// Says that an interval is wrong. What a person has proposed and nobody confirmed is withdrawn at once; what monitoring saw, or two people
/// confirmed, when a second person agrees.
pub async fn dispute(
    tx: &mut Tx,
    desk: &Service,
    (id, why): (Uuid, &str),
    actor: &Actor,
) -> Result<Downtime, IncidentError> {
    let by = handler(actor)?;
    let before = fetch(tx, id).await?;
    let mut after = before.clone();
    match before.state {
        DowntimeState::Proposed if before.proposed_by != MONITORING => after.state = DowntimeState::Withdrawn,
        DowntimeState::Unmeasured => after.state = DowntimeState::Withdrawn,
        DowntimeState::Confirmed | DowntimeState::Proposed if before.disputed_by.is_none() => {
            if why.trim().is_empty() {
                return Err(IncidentError::NoEvidence);
            }
            after.evidence = format!("{}; {by}: {}", before.evidence, why.trim());
            after.disputed_by = Some(by);
        }
        DowntimeState::Confirmed | DowntimeState::Proposed => {
            let by = before.disputed_by.unwrap_or_default();
            return Err(IncidentError::Already(format!("{by} has disputed this interval already")));
        }
        DowntimeState::Withdrawn => {
            return Err(IncidentError::Already("this interval was withdrawn already".to_owned()));
        }
    }
    settle(tx, &before, &after, actor, desk.now()).await?;
    Ok(after)
}

/// Rules on a gap in monitoring: it worked, or it was down, which a second person must then confirm.
pub async fn rule(
    tx: &mut Tx,
    desk: &Service,
    (id, ruling, evidence): (Uuid, Ruling, &str),
    actor: &Actor,
) -> Result<Downtime, IncidentError> {
    let (by, now) = (handler(actor)?, desk.now());
    let before = fetch(tx, id).await?;
    if before.state != DowntimeState::Unmeasured {
        return Err(IncidentError::Already(format!("{} has ruled on this already", before.proposed_by)));
    }
    let evidence = evidence.trim();
    if evidence.is_empty() {
        return Err(IncidentError::NoEvidence);
    }
    let mut after =
        Downtime { evidence: evidence.to_owned(), proposed_by: by, proposed_at: now, ..before.clone() };
    match ruling {
        Ruling::Worked => after.state = DowntimeState::Withdrawn,
        Ruling::Down(cause) => {
            let service = known(tx, &before.service).await?;
            fits(tx, &service, cause).await?;
            after.state = DowntimeState::Proposed;
            after.cause = Some(cause);
        }
    }
    settle(tx, &before, &after, actor, now).await?;
    Ok(after)
}

/// Rules in the same way on every service's part of a silence: whoever was not looked at, was so for one reason. Returns how many.
pub async fn rule_all(
    tx: &mut Tx,
    desk: &Service,
    (id, ruling, evidence): (Uuid, Ruling, &str),
    actor: &Actor,
) -> Result<usize, IncidentError> {
    let one = fetch(tx, id).await?;
    let mut ruled = 0;
    for gap in tx.downtime_waiting(one.starts, one.ends, SILENT).await? {
        if gap.same_silence(&one) {
            rule(tx, desk, (gap.id, ruling, evidence), actor).await?;
            ruled += 1;
        }
    }
    Ok(ruled)
}

async fn fetch(tx: &mut Tx, id: Uuid) -> Result<Downtime, IncidentError> {
    tx.downtime_fetch(id).await?.ok_or_else(|| IncidentError::NotFound(format!("interval {id}")))
}

async fn settle(
    tx: &mut Tx,
    before: &Downtime,
    after: &Downtime,
    actor: &Actor,
    now: Moment,
) -> Result<(), IncidentError> {
    if !tx.downtime_settle(before, after).await? {
        return Err(IncidentError::Already(
            "somebody changed this interval at the same time; look again".to_owned(),
        ));
    }
    Ok(note(tx, after, actor, now).await?)
}

/// Puts what became of an interval into the audit.
pub(super) async fn note(tx: &mut Tx, d: &Downtime, actor: &Actor, now: Moment) -> Result<(), StoreError> {
    let event = Event::DowntimeNoted {
        id: d.id,
        service: d.service.clone(),
        state: d.state,
        cause: d.cause,
        starts: d.starts,
        ends: d.ends,
    };
    tx.desk_event(actor.clone(), event, now).await?;
    Ok(())
}
