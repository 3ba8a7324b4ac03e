//! A service's month as files and API show it (DESIGN 6): every figure as a decimal, every moment with its offset, every rule by its id.

use chrono::SecondsFormat;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Checklist, CreditsError, Judged, preview, replay};
use crate::clock::Moment;
use crate::domain::credit::{DIGITS_EXPORTED, Sheet};
use crate::domain::downtime::{Month, Span};
use crate::policy::PolicyBook;
use crate::store::{CreditRecord, Tx};

/// A service's month.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CreditView {
    /// The service.
    pub service: String,
    /// Whose it is.
    pub customer: String,
    /// The reporting period, such as `2026-10`.
    pub period: String,
    /// `preliminary` (the period is not over), `computed` (over, but not closed), or how the frozen record stands.
    pub status: String,
    /// Which record of this month it is: a correction is a new one. Absent for figures that are not frozen.
    pub revision: Option<i64>,
    /// The terms, such as `vm@2025-09-10`.
    pub policy: Option<String>,
    /// The time that availability is a share of, milliseconds (C12).
    pub period_ms: i64,
    /// Downtime, milliseconds (C8, C13).
    pub downtime_ms: i64,
    /// Availability, per cent, cut and never rounded up.
    pub availability: String,
    /// Credit of the tier, per cent (C2).
    #[schema(value_type = f64)]
    pub tier_percent: serde_json::Number,
    /// Base of the credit, KZT (C12).
    pub base: String,
    /// What the service costs in the month, KZT (C7).
    pub paid: String,
    /// The discount, KZT (C9). Null where it cannot be computed.
    pub credit: Option<String>,
    /// Whether C7 made it smaller.
    pub capped: bool,
    /// The intervals, by time.
    pub intervals: Vec<IntervalView>,
    /// The downtime that follows from them.
    pub downtime: Vec<SpanView>,
    /// The rules that the figures follow from.
    pub rules: Vec<String>,
    /// Why there is this record.
    pub reason: Option<String>,
    /// Why the figures cannot be computed.
    pub problem: Option<String>,
}

/// An interval on the sheet, clipped to the service's part of the month.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IntervalView {
    /// Its record.
    pub id: String,
    /// From when.
    pub started_at: String,
    /// Until when.
    pub ended_at: String,
    /// How long, milliseconds.
    pub ms: i64,
    /// Why.
    pub cause: String,
    /// What that does: `counts`, `adds_nothing`, `takes_away` (C13).
    pub effect: String,
    /// The rule that says so.
    pub rule: String,
}

/// A stretch of time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SpanView {
    /// From when.
    pub started_at: String,
    /// Until when.
    pub ended_at: String,
    /// How long, milliseconds.
    pub ms: i64,
}

/// A moment with the offset of the terms' zone.
fn said(ms: i64) -> String {
    let moment = Moment::from_timestamp_millis(ms).unwrap_or_default();
    moment.with_timezone(&crate::text::ZONE).to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

fn span(span: Span) -> SpanView {
    SpanView { started_at: said(span.from()), ended_at: said(span.to()), ms: span.ms() }
}

/// A number of JSON: whole where it is whole.
fn number(decimal: Decimal) -> serde_json::Number {
    match decimal.normalize().to_i64().filter(|whole| Decimal::from(*whole) == decimal) {
        Some(whole) => whole.into(),
        None => decimal.to_f64().and_then(serde_json::Number::from_f64).unwrap_or_else(|| 0.into()),
    }
}

/// An amount, KZT.
pub fn kzt(amount: Decimal) -> String {
    let rounded = amount.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointNearestEven);
    format!("{rounded:.2}")
}

impl CreditView {
    /// What is computed now, not frozen. `over`: whether the period is.
    pub fn computed(judged: &Judged, over: bool) -> Self {
        let status = if over { "computed" } else { "preliminary" };
        match &judged.sheet {
            Ok(sheet) => Self::of(sheet, status),
            Err(error) => {
                let inputs = &judged.inputs;
                let mut view = Self::blank(inputs.service.0.clone(), inputs.customer.0.clone(), inputs.month);
                status.clone_into(&mut view.status);
                view.problem = Some(error.to_string());
                view
            }
        }
    }

    /// A frozen record, computed anew from what was frozen.
    pub fn frozen(record: &CreditRecord, policies: &PolicyBook) -> Result<Self, CreditsError> {
        let mut view = Self::of(&replay(record, policies)?, record.state.as_str());
        view.revision = Some(record.revision);
        view.reason = Some(record.reason.clone());
        Ok(view)
    }

    fn blank(service: String, customer: String, month: Month) -> Self {
        Self {
            service,
            customer,
            period: month.to_string(),
            status: String::new(),
            revision: None,
            policy: None,
            period_ms: 0,
            downtime_ms: 0,
            availability: String::new(),
            tier_percent: 0.into(),
            base: String::new(),
            paid: String::new(),
            credit: None,
            capped: false,
            intervals: Vec::new(),
            downtime: Vec::new(),
            rules: Vec::new(),
            reason: None,
            problem: None,
        }
    }

    fn of(sheet: &Sheet, status: &str) -> Self {
        let digits = DIGITS_EXPORTED.max(sheet.digits);
        Self {
            status: status.to_owned(),
            policy: Some(sheet.policy.clone()),
            period_ms: sheet.period_ms,
            downtime_ms: sheet.downtime_ms(),
            availability: sheet.availability.percent(digits).to_string(),
            tier_percent: number(sheet.tier_percent),
            base: kzt(sheet.base),
            paid: kzt(sheet.paid),
            credit: Some(kzt(sheet.credit)),
            capped: sheet.capped,
            intervals: sheet
                .rows
                .iter()
                .map(|row| IntervalView {
                    id: row.id.to_string(),
                    started_at: said(row.span.from()),
                    ended_at: said(row.span.to()),
                    ms: row.span.ms(),
                    cause: row.cause.to_string(),
                    effect: row.effect.to_string(),
                    rule: row.cause.rule().to_owned(),
                })
                .collect(),
            downtime: sheet.down.iter().copied().map(span).collect(),
            rules: sheet.rules.iter().map(ToString::to_string).collect(),
            ..Self::blank(sheet.service.0.clone(), sheet.customer.0.clone(), sheet.month)
        }
    }
}

/// Frozen records that are read at once.
const BATCH: i64 = 1_000;

/// The next services of a month after `after`, as they are shown: frozen records where the period is closed, else what is computed now.
/// With the id of the last one that was looked at; `None` when there are no more.
pub async fn views(
    tx: &mut Tx,
    policies: &PolicyBook,
    checks: &Checklist,
    after: &str,
) -> Result<Option<(Vec<CreditView>, String)>, CreditsError> {
    if checks.closed.is_none() {
        let next = preview(tx, policies, checks.month, after).await?;
        let shown =
            |judged: Vec<Judged>| judged.iter().map(|j| CreditView::computed(j, checks.over)).collect();
        return Ok(next.map(|(batch, end)| (shown(batch), end)));
    }
    let records = tx.credits_of_month(checks.month, (after, BATCH), (None, None)).await?;
    let Some(end) = records.last().map(|r| r.inputs.service.0.clone()) else { return Ok(None) };
    let views = records.iter().map(|r| CreditView::frozen(r, policies)).collect::<Result<_, _>>()?;
    Ok(Some((views, end)))
}

/// The columns of the CSV, in their order.
pub const COLUMNS: [&str; 15] = [
    "service",
    "customer",
    "period",
    "status",
    "revision",
    "policy",
    "period_ms",
    "downtime_ms",
    "availability",
    "tier_percent",
    "base",
    "paid",
    "credit",
    "capped",
    "rules",
];

/// One row of the CSV.
pub fn csv_row(view: &CreditView) -> [String; 15] {
    [
        view.service.clone(),
        view.customer.clone(),
        view.period.clone(),
        view.status.clone(),
        view.revision.map_or_else(String::new, |r| r.to_string()),
        view.policy.clone().unwrap_or_default(),
        view.period_ms.to_string(),
        view.downtime_ms.to_string(),
        view.availability.clone(),
        view.tier_percent.to_string(),
        view.base.clone(),
        view.paid.clone(),
        view.credit.clone().unwrap_or_default(),
        view.capped.to_string(),
        view.rules.join(" "),
    ]
}
