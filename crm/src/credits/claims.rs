//! Claims beside the tiers: lost data (C10) and liability for proven fault (C11). One person says that a claim is justified, another agrees.

use uuid::Uuid;

use super::correct::correct;
use super::{CreditsError, manager};
use crate::domain::actor::Actor;
use crate::domain::credit::ClaimKind;
use crate::domain::downtime::Month;
use crate::domain::event::Event;
use crate::domain::ids::{ServiceId, TicketId};
use crate::service::Service;
use crate::store::{ClaimState, StoredClaim, Tx};

/// What is claimed.
#[derive(Debug, Clone)]
pub struct ClaimRequest {
    /// Of which service.
    pub service: ServiceId,
    /// For which month.
    pub month: Month,
    /// By which rule.
    pub kind: ClaimKind,
    /// With which ticket.
    pub ticket: Option<TicketId>,
    /// What shows it.
    pub evidence: String,
}

/// Registers a claim; the customer's own words and files are in its ticket.
pub async fn claim(
    tx: &mut Tx,
    desk: &Service,
    request: ClaimRequest,
    actor: &Actor,
) -> Result<StoredClaim, CreditsError> {
    let service = tx.service_ever(&request.service).await?;
    let service = service.ok_or_else(|| CreditsError::NotFound(format!("service «{}»", request.service)))?;
    if let Actor::Contact { customer, .. } = actor
        && *customer != service.service.customer
    {
        return Err(CreditsError::NotFound(format!("service «{}»", request.service)));
    }
    let claim = StoredClaim {
        id: desk.clock().id(),
        service: request.service,
        month: request.month,
        kind: request.kind,
        ticket: request.ticket,
        state: ClaimState::Open,
        evidence: request.evidence.trim().to_owned(),
        made_at: desk.now(),
        proposed_by: None,
        decided_by: None,
        decided_at: None,
    };
    save(tx, desk, &claim, actor).await?;
    Ok(claim)
}

async fn open(tx: &mut Tx, id: Uuid) -> Result<StoredClaim, CreditsError> {
    let claim = tx.claim_fetch(id).await?.ok_or_else(|| CreditsError::NotFound(format!("claim {id}")))?;
    match claim.state {
        ClaimState::Open | ClaimState::Proposed => Ok(claim),
        state => Err(CreditsError::Already(format!("this claim is {state} already"))),
    }
}

/// Says that a claim is justified, with what proves the provider's fault.
pub async fn propose_claim(
    tx: &mut Tx,
    desk: &Service,
    (id, evidence): (Uuid, &str),
    actor: &Actor,
) -> Result<StoredClaim, CreditsError> {
    let by = manager(actor)?;
    let mut claim = open(tx, id).await?;
    claim.evidence = format!("{}; {by}: {}", claim.evidence, evidence.trim());
    claim.proposed_by = Some(by);
    claim.state = ClaimState::Proposed;
    save(tx, desk, &claim, actor).await?;
    Ok(claim)
}

/// Grants a claim that another person holds to be justified, or refuses one. A closed period is corrected.
pub async fn decide_claim(
    tx: &mut Tx,
    desk: &Service,
    (id, grant): (Uuid, bool),
    actor: &Actor,
) -> Result<StoredClaim, CreditsError> {
    let by = manager(actor)?;
    let mut claim = open(tx, id).await?;
    if grant {
        match &claim.proposed_by {
            None => {
                return Err(CreditsError::Already("first somebody must say why it is justified".to_owned()));
            }
            Some(proposed) if *proposed == by => {
                return Err(CreditsError::Already("a second person must agree to a claim".to_owned()));
            }
            Some(_) => {}
        }
    }
    claim.state = if grant { ClaimState::Granted } else { ClaimState::Refused };
    claim.decided_by = Some(by);
    claim.decided_at = Some(desk.now());
    save(tx, desk, &claim, actor).await?;
    let reason = format!("claim {} granted ({})", claim.kind, claim.evidence);
    correct(tx, desk, (&claim.service, claim.month), &reason).await?;
    Ok(claim)
}

async fn save(tx: &mut Tx, desk: &Service, claim: &StoredClaim, actor: &Actor) -> Result<(), CreditsError> {
    tx.claim_save(claim).await?;
    let event = Event::ClaimNoted {
        id: claim.id,
        service: claim.service.clone(),
        month: claim.month,
        state: claim.state.to_string(),
    };
    tx.desk_event(actor.clone(), event, desk.now()).await?;
    Ok(())
}
