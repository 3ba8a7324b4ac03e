//! What monitoring saw becomes intervals (C8): proposed where the cause is known, else unmeasured until a person rules. A machine's record
//! is evidence and nobody's word: two people still have to say that it counts.

use uuid::Uuid;

use super::stable_id;
use crate::clock::Moment;
use crate::directory::{ControlPlane, Service as Rented};
use crate::domain::actor::Actor;
use crate::domain::credit::Cause;
use crate::domain::ids::ServiceId;
use crate::domain::incident::{Downtime, DowntimeState};
use crate::domain::kind::Terms;
use crate::service::Service;
use crate::store::{StoreError, Tx};

/// Who proposes what no person has looked at.
pub const MONITORING: &str = "monitoring";

/// What was seen of one service.
#[derive(Debug, Clone)]
pub struct Seen<'a> {
    /// Which one.
    pub service: &'a ServiceId,
    /// Of which incident, if of one.
    pub incident: Option<Uuid>,
    /// From when.
    pub starts: Moment,
    /// Until when.
    pub ends: Moment,
    /// Why, if monitoring can tell.
    pub cause: Option<Cause>,
    /// Its record.
    pub evidence: String,
}

/// The cause of a failing control plane (C3, S6).
pub const fn of_plane(plane: ControlPlane) -> Cause {
    match plane {
        ControlPlane::Ha => Cause::HaMasterUnreachable,
        ControlPlane::Basic => Cause::BasicControlPlane,
    }
}

/// The cause that an outage of a service has by what is known without a person: a machine that is down is the provider's until somebody
/// says otherwise; of a place in a cluster nobody can tell from outside (C3).
pub fn presumed(service: &Rented) -> Option<Cause> {
    (service.place.terms() == Terms::Vm).then_some(Cause::Provider)
}

/// Writes an interval down, once however often it is reported. What lies outside the service's life is none.
pub async fn saw(tx: &mut Tx, desk: &Service, seen: Seen<'_>, actor: &Actor) -> Result<(), StoreError> {
    let Some(past) = tx.service_ever(seen.service).await? else { return Ok(()) };
    let now = desk.now();
    let (starts, ends) = (super::intervals::whole_ms(seen.starts), super::intervals::whole_ms(seen.ends));
    let gone = [past.service.until, past.retired_at].into_iter().flatten().min();
    if ends <= starts || ends <= past.service.since || gone.is_some_and(|gone| gone <= starts) {
        return Ok(());
    }
    let cause = match seen.cause {
        Some(cause) if super::intervals::fits(tx, &past.service, cause).await.is_ok() => Some(cause),
        _ => None,
    };
    let word = cause.map_or("", Cause::as_str);
    let downtime = Downtime {
        id: stable_id(&[MONITORING, seen.service.as_str(), word, &seen.evidence], starts, ends),
        service: seen.service.clone(),
        incident: seen.incident,
        state: if cause.is_some() { DowntimeState::Proposed } else { DowntimeState::Unmeasured },
        cause,
        starts,
        ends,
        evidence: seen.evidence,
        announced_at: None,
        proposed_by: MONITORING.to_owned(),
        proposed_at: now,
        seconded_by: None,
        seconded_at: None,
        disputed_by: None,
    };
    if tx.downtime_add(std::slice::from_ref(&downtime)).await? > 0 {
        super::intervals::note(tx, &downtime, actor, now).await?;
    }
    Ok(())
}
