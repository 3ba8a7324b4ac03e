//! SLA credits (C1–C13), pure: from what is known of one service in one month to the discount, with every step that leads there.
//!
//! [`Inputs`] are all that a figure depends on beside the terms, and are kept with it: [`judge`] gives the same [`Sheet`] for them for
//! ever. Money is exact until the end, where it is rounded once.

mod cause;
mod clause;
mod judge;
mod ratio;

pub use cause::{Cause, Effect};
pub use clause::clause;
pub use judge::{in_force, judge};
pub use ratio::Availability;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::downtime::{Month, Span};
use super::ids::{CustomerId, ServiceId};
use super::kind::Terms;
use crate::directory::ControlPlane;

/// Digits after the point of an availability as people read it, at least; more where a tier's border has more.
pub const DIGITS: u32 = 3;

/// The same in files and in the API.
pub const DIGITS_EXPORTED: u32 = 6;

/// A rental cost per month from a moment on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(i64, i64)", into = "(i64, i64)")]
pub struct PriceFrom {
    /// From when, milliseconds since 1970.
    pub from: i64,
    /// How much, tiyn.
    pub monthly_tiyn: i64,
}

/// A confirmed interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(Uuid, i64, i64, Cause)", into = "(Uuid, i64, i64, Cause)")]
pub struct Interval {
    /// Its record.
    pub id: Uuid,
    /// When; not clipped to the month.
    pub span: Span,
    /// Why.
    pub cause: Cause,
}

word_enum! {
    /// A claim beside the tiers, granted on proof.
    pub enum ClaimKind {
        /// Data lost or damaged by the provider's fault (C10).
        DataLoss = "data_loss",
        /// Other damage by the provider's proven fault (C11).
        Liability = "liability",
    }
}

/// A granted claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Its record.
    pub id: Uuid,
    /// Which rule.
    pub kind: ClaimKind,
}

/// Everything that a service's figures of a month depend on, beside the terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// The service.
    pub service: ServiceId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Whose terms.
    pub terms: Terms,
    /// For a place in a cluster: its control plane (C3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_plane: Option<ControlPlane>,
    /// The reporting period.
    pub month: Month,
    /// When the service began, milliseconds since 1970.
    pub since: i64,
    /// When it ended, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// Prices, by moment.
    pub prices: Vec<PriceFrom>,
    /// Confirmed intervals that touch the month.
    pub intervals: Vec<Interval>,
    /// Granted claims.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
}

/// An interval as the sheet shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its record.
    pub id: Uuid,
    /// The part of it in the service's part of the month.
    pub span: Span,
    /// Why.
    pub cause: Cause,
    /// What that does.
    pub effect: Effect,
}

/// One reason for a discount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The rule.
    pub rule: &'static str,
    /// Per cent of `of`.
    pub percent: Decimal,
    /// Of what, KZT, not rounded.
    pub of: Decimal,
}

/// A service's figures of a month, with everything that explains them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The service.
    pub service: ServiceId,
    /// Whose it is.
    pub customer: CustomerId,
    /// The reporting period.
    pub month: Month,
    /// The terms, `vm@2025-09-10`.
    pub policy: String,
    /// The whole month.
    pub whole: Span,
    /// The part of the month in which the service existed.
    pub life: Span,
    /// The time that availability is a share of, milliseconds (C12).
    pub period_ms: i64,
    /// Intervals that touch it, by time.
    pub rows: Vec<Row>,
    /// What counts as downtime.
    pub down: Vec<Span>,
    /// Availability.
    pub availability: Availability,
    /// How much downtime the promise allows, milliseconds (C1).
    pub budget_ms: i64,
    /// Credit of the tier, per cent (C2).
    pub tier_percent: Decimal,
    /// The availability at which that tier begins, per cent.
    pub tier_at_least: Decimal,
    /// Digits after the point with which the availability is printed for people.
    pub digits: u32,
    /// Base of the credit, KZT, not rounded (C12).
    pub base: Decimal,
    /// What the service costs in the month, KZT, not rounded (C7, C12).
    pub paid: Decimal,
    /// What makes up the credit.
    pub lines: Vec<Line>,
    /// The discount, KZT, rounded to 0.01 half-even (C12).
    pub credit: Decimal,
    /// Whether C7 made it smaller.
    pub capped: bool,
    /// The rules it follows from, in order.
    pub rules: Vec<&'static str>,
}

impl Sheet {
    /// Downtime, milliseconds.
    pub fn downtime_ms(&self) -> i64 {
        super::downtime::total(&self.down)
    }

    /// Availability in per cent as people read it: never rounded up, so that it agrees with the tier.
    pub fn percent(&self) -> Decimal {
        self.availability.percent(self.digits)
    }

    /// How much of the error budget is left, milliseconds; below zero once the promise is broken.
    pub fn budget_left_ms(&self) -> i64 {
        self.budget_ms - self.downtime_ms()
    }
}

/// Why a service's figures cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreditError {
    /// A credit is due, and nobody knows of what (C12).
    #[error(
        "{service} has no price at {at}, when the first counted downtime began; add it to the directory (customer.service.price)"
    )]
    NoPrice {
        /// The service.
        service: ServiceId,
        /// When.
        at: crate::clock::Moment,
    },
    /// An interval's cause does not fit the service.
    #[error("{service}: {problem}")]
    Cause {
        /// The service.
        service: ServiceId,
        /// Why not.
        problem: String,
    },
    /// The price is beyond what can be computed exactly.
    #[error("the price of {0} is too large")]
    TooLarge(ServiceId),
}

/// A month's price, as [`PriceFrom`] is kept.
impl From<(i64, i64)> for PriceFrom {
    fn from((from, monthly_tiyn): (i64, i64)) -> Self {
        Self { from, monthly_tiyn }
    }
}

impl From<PriceFrom> for (i64, i64) {
    fn from(price: PriceFrom) -> Self {
        (price.from, price.monthly_tiyn)
    }
}

impl From<(Uuid, i64, i64, Cause)> for Interval {
    fn from((id, from, to, cause): (Uuid, i64, i64, Cause)) -> Self {
        Self { id, span: Span::of(from, to), cause }
    }
}

impl From<Interval> for (Uuid, i64, i64, Cause) {
    fn from(interval: Interval) -> Self {
        (interval.id, interval.span.from(), interval.span.to(), interval.cause)
    }
}

#[cfg(test)]
mod tests;
