//! Late corrections: what is confirmed, withdrawn or granted after a period was closed makes a new record that says what changed. The old
//! one stays as it was.

use std::collections::BTreeSet;

use super::close::{freeze, is_closed, months_of};
use super::gather::of_service;
use super::{CreditsError, Judged};
use crate::clock::Moment;
use crate::domain::actor::Actor;
use crate::domain::downtime::{Month, Span};
use crate::domain::event::Event;
use crate::domain::ids::ServiceId;
use crate::domain::incident::Downtime;
use crate::service::Service;
use crate::store::{CreditState, Tx};

/// Makes a new record of a service's month if the period is closed and something it was computed from is different now.
pub(super) async fn correct(
    tx: &mut Tx,
    desk: &Service,
    (service, month): (&ServiceId, Month),
    reason: &str,
) -> Result<(), CreditsError> {
    if !is_closed(tx, month).await? {
        return Ok(());
    }
    let before = tx.credit_revisions(service, month).await?.pop();
    let Some(judged) = of_service(tx, desk.policies(), service, month).await? else { return Ok(()) };
    let Some(before) = before else {
        // The closing has not come to this service yet, and will read what is there now.
        return Ok(());
    };
    if before.inputs == judged.inputs {
        return Ok(());
    }
    let revision = before.revision + 1;
    let was = kzt(before.credit_tiyn);
    let mut record =
        freeze(Judged { inputs: judged.inputs, sheet: judged.sheet }, revision, reason, desk.now())?;
    record.reason = format!("{reason}; credit {was} → {} KZT", kzt(record.credit_tiyn));
    if record.credit_tiyn == before.credit_tiyn {
        record.state = before.state;
    } else {
        // Also a credit that falls to nothing is somebody's decision once the customer was promised one.
        record.state =
            if before.state == CreditState::Approved { CreditState::Waiting } else { record.state };
    }
    tx.credits_add(std::slice::from_ref(&record)).await?;
    // What is on the bill stays on it until somebody approves the new record.
    if before.state != CreditState::Approved || record.state == CreditState::Approved {
        tx.credit_settle((service, month, before.revision), before.state, CreditState::Replaced).await?;
    }
    let event = Event::CreditNoted {
        service: service.clone(),
        month,
        revision,
        state: record.state.to_string(),
        tiyn: record.credit_tiyn,
    };
    tx.desk_event(Actor::Policy, event, desk.now()).await?;
    Ok(())
}

fn kzt(tiyn: i64) -> String {
    rust_decimal::Decimal::new(tiyn, 2).to_string()
}

/// Corrects every closed period that a service's interval touches.
pub async fn correct_touched(
    tx: &mut Tx,
    desk: &Service,
    service: &ServiceId,
    span: Span,
    reason: &str,
) -> Result<(), CreditsError> {
    let at = |ms: i64| Moment::from_timestamp_millis(ms).unwrap_or_default();
    for month in months_of(desk.policies(), at(span.from()), at(span.to())) {
        correct(tx, desk, (service, month), reason).await?;
    }
    Ok(())
}

/// Corrects every closed period that these intervals touch, each service's month once.
pub async fn correct_all(
    tx: &mut Tx,
    desk: &Service,
    list: &[Downtime],
    reason: &str,
) -> Result<(), CreditsError> {
    let mut touched: BTreeSet<(Month, &ServiceId)> = BTreeSet::new();
    for downtime in list {
        let months = months_of(desk.policies(), downtime.starts, downtime.ends);
        touched.extend(months.into_iter().map(|month| (month, &downtime.service)));
    }
    for (month, service) in touched {
        correct(tx, desk, (service, month), reason).await?;
    }
    Ok(())
}
