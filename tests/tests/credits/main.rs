//! From a customer's report to the discount on his bill, on both engines: incident, two people's confirmation, closing, approval,
//! correction, claims. The clock is the test's.

mod borders;
mod chain;
mod incidents;
mod probes;

use anyhow::{Context, Result};
use crm::clock::{Clock, Moment};
use crm::credits;
use crm::domain::actor::Actor;
use crm::domain::credit::Cause;
use crm::domain::downtime::Month;
use crm::domain::ids::{ServiceId, StaffId};
use crm::domain::incident::Downtime;
use crm::domain::person::Role;
use crm::incidents::{IncidentError, Proposal};
use komek_tests::desk::Desk;

/// The month of the tests.
pub fn month() -> Month {
    "2026-11".parse().expect("a month")
}

/// A manager.
pub fn boss(id: &str) -> Actor {
    Actor::Staff { id: StaffId::from(id), role: Role::Manager }
}

/// A moment of the month.
pub fn at(text: &str) -> Moment {
    format!("2026-11-{text}+05:00").parse().expect("a moment")
}

/// Proposes an interval of Acme's machine.
pub async fn propose(
    desk: &Desk,
    (cause, from, until): (Cause, &str, &str),
    actor: &Actor,
) -> Result<Downtime, IncidentError> {
    let proposal = Proposal {
        service: ServiceId::from("acme-web"),
        incident: None,
        cause,
        starts: at(from),
        ends: at(until),
        evidence: "monitoring 4711".to_owned(),
    };
    let mut tx = desk.test.db.begin().await?;
    let proposed = crm::incidents::propose(&mut tx, &desk.service, proposal, actor).await?;
    tx.commit().await?;
    Ok(proposed)
}

/// Confirms, or agrees that it was wrong.
pub async fn second(desk: &Desk, id: uuid::Uuid, actor: &Actor) -> Result<Downtime, IncidentError> {
    let mut tx = desk.test.db.begin().await?;
    let seconded = crm::incidents::second(&mut tx, &desk.service, id, actor).await?;
    tx.commit().await?;
    Ok(seconded)
}

/// December has come.
pub fn december(desk: &Desk) {
    desk.clock.set("2026-12-02T09:00:00+05:00".parse().expect("a moment"));
}

/// The latest record of Acme's machine.
pub async fn latest(desk: &Desk) -> Result<crm::store::CreditRecord> {
    let mut tx = desk.test.db.read().await?;
    let record =
        tx.credit_revisions(&ServiceId::from("acme-web"), month()).await?.pop().context("a record")?;
    // A frozen record gives its figures again.
    credits::replay(&record, desk.service.policies())?;
    assert!(record.made_at <= desk.clock.now());
    Ok(record)
}
