//! What a month's figures are computed from, service by service: read in batches, so that a hundred thousand services need little memory.

use std::collections::{BTreeMap, HashMap};

use super::CreditsError;
use crate::clock::Moment;
use crate::directory::{ControlPlane, Place, Service as Rented};
use crate::domain::credit::{Claim, CreditError, Inputs, Interval, PriceFrom, Sheet, judge};
use crate::domain::downtime::{Month, Span};
use crate::domain::ids::ServiceId;
use crate::domain::incident::{Downtime, DowntimeState};
use crate::domain::kind::Terms;
use crate::policy::PolicyBook;
use crate::store::{ClaimState, PastService, StoredClaim, Tx};

/// Services that are read at once.
const BATCH: i64 = 2_000;

/// A service's month, computed.
#[derive(Debug, Clone)]
pub struct Judged {
    /// From what.
    pub inputs: Inputs,
    /// What came out.
    pub sheet: Result<Sheet, CreditError>,
}

/// The control plane of a service, if it is a place in a cluster.
pub fn plane_of(service: &Rented, planes: &BTreeMap<String, ControlPlane>) -> Option<ControlPlane> {
    match &service.place {
        Place::Vm { .. } => None,
        Place::Kubernetes { cluster, .. } => planes.get(cluster.as_str()).copied(),
    }
}

fn moment(ms: i64) -> Moment {
    Moment::from_timestamp_millis(ms).unwrap_or_default()
}

/// The month in the zones of all terms, as moments: what is read from the database. What lies outside a service's own month is clipped
/// by the computation.
pub(super) fn frame(policies: &PolicyBook, month: Month) -> (Moment, Moment) {
    let spans = Terms::ALL
        .iter()
        .filter_map(|terms| policies.of_month(*terms, month))
        .map(|policy| month.span(policy.time_zone));
    let whole = spans.reduce(|a, b| Span::of(a.from().min(b.from()), a.to().max(b.to())));
    let whole = whole.unwrap_or_else(|| month.span(crate::text::ZONE));
    (moment(whole.from()), moment(whole.to()))
}

fn inputs(
    past: PastService,
    plane: Option<ControlPlane>,
    month: Month,
    intervals: &[Downtime],
    claims: &[StoredClaim],
) -> Inputs {
    let PastService { service, retired_at } = past;
    let until = [service.until, retired_at].into_iter().flatten().min();
    let interval = |d: &Downtime| Some(Interval { id: d.id, span: d.span(), cause: d.cause? });
    let granted = claims.iter().filter(|c| c.state == ClaimState::Granted);
    Inputs {
        terms: service.place.terms(),
        control_plane: plane,
        month,
        since: service.since.timestamp_millis(),
        until: until.map(|at| at.timestamp_millis()),
        prices: service
            .prices
            .iter()
            .map(|p| PriceFrom { from: p.from.timestamp_millis(), monthly_tiyn: p.monthly_tiyn })
            .collect(),
        intervals: intervals.iter().filter_map(interval).collect(),
        claims: granted.map(|c| Claim { id: c.id, kind: c.kind }).collect(),
        service: service.id,
        customer: service.customer,
    }
}

fn judged(inputs: Inputs, policies: &PolicyBook) -> Result<Option<Judged>, CreditsError> {
    let (terms, month) = (inputs.terms, inputs.month);
    let policy = policies.of_month(terms, month).ok_or(CreditsError::NoTerms { terms, month })?;
    let whole = month.span(policy.time_zone);
    let life = Span::of(inputs.since, inputs.until.unwrap_or(i64::MAX)).within(whole);
    // Who did not exist in the month has no figures for it.
    Ok((life.ms() > 0).then(|| Judged { sheet: judge(&inputs, policy), inputs }))
}

/// Rows by service, in the order they came in.
fn by_service<T>(rows: Vec<T>, service: impl Fn(&T) -> &ServiceId) -> HashMap<String, Vec<T>> {
    let mut map: HashMap<String, Vec<T>> = HashMap::new();
    for row in rows {
        map.entry(service(&row).0.clone()).or_default().push(row);
    }
    map
}

/// The next services after `after` that existed in the month, computed from what is confirmed now; and the id of the last one that was
/// looked at. `None` when there are no more.
pub async fn preview(
    tx: &mut Tx,
    policies: &PolicyBook,
    month: Month,
    after: &str,
) -> Result<Option<(Vec<Judged>, String)>, CreditsError> {
    let services = tx.services_after(after, BATCH).await?;
    let Some(last) = services.last().map(|s| s.service.id.0.clone()) else { return Ok(None) };
    let planes = tx.control_planes().await?;
    let range = (after, last.as_str());
    let confirmed = tx.downtime_between(range, frame(policies, month), DowntimeState::Confirmed).await?;
    let confirmed = by_service(confirmed, |d| &d.service);
    let claims = by_service(tx.claims_between(month, range).await?, |c| &c.service);
    let mut batch = Vec::with_capacity(services.len());
    for past in services {
        let (id, plane) = (past.service.id.as_str(), plane_of(&past.service, &planes));
        let of = (confirmed.get(id).map_or(&[][..], |v| v), claims.get(id).map_or(&[][..], |v| v));
        batch.extend(judged(inputs(past, plane, month, of.0, of.1), policies)?);
    }
    Ok(Some((batch, last)))
}

/// One service's month, computed from what is confirmed now; `None` if it did not exist in it.
pub async fn of_service(
    tx: &mut Tx,
    policies: &PolicyBook,
    service: &ServiceId,
    month: Month,
) -> Result<Option<Judged>, CreditsError> {
    let Some(past) = tx.service_ever(service).await? else {
        return Err(CreditsError::NotFound(format!("service «{service}»")));
    };
    let planes = tx.control_planes().await?;
    let mut intervals = tx.downtime_of_service(service, frame(policies, month)).await?;
    intervals.retain(|d| d.state == DowntimeState::Confirmed);
    let claims = tx.claims_of(service, month).await?;
    let plane = plane_of(&past.service, &planes);
    judged(inputs(past, plane, month, &intervals, &claims), policies)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::CustomerId;

    #[test]
    fn who_lived_no_millisecond_of_a_month_has_no_figures_for_it() {
        let policies = PolicyBook::shipped().expect("the shipped policies");
        let month: Month = "2026-10".parse().expect("a month");
        let (begins, ends) = frame(&policies, month);
        let (begins, ends) = (begins.timestamp_millis(), ends.timestamp_millis());
        for (since, until, lived) in [
            (begins - 9, Some(begins), false),
            (begins - 9, Some(begins + 1), true),
            (ends - 1, None, true),
            (ends, None, false),
            (begins + 9, Some(begins + 9), false),
        ] {
            let inputs = Inputs {
                terms: Terms::Vm,
                control_plane: None,
                month,
                since,
                until,
                prices: vec![PriceFrom { from: since, monthly_tiyn: 4_500_000 }],
                intervals: Vec::new(),
                claims: Vec::new(),
                service: ServiceId::from("web"),
                customer: CustomerId::from("acme"),
            };
            let judged = judged(inputs, &policies).expect("terms");
            assert_eq!(judged.is_some(), lived, "{since} to {until:?}");
        }
    }
}
