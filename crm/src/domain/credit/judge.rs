//! The computation itself: downtime, availability, tier, base, cap, credit.

use chrono::DateTime;
use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    Availability, Claim, ClaimKind, CreditError, DIGITS, Effect, Inputs, Line, PriceFrom, Row, Sheet,
};
use crate::domain::downtime::{Span, left, total};
use crate::domain::policy::{Policy, Tier};

/// Computes a service's figures of a month (C1–C13) under `policy`.
pub fn judge(inputs: &Inputs, policy: &Policy) -> Result<Sheet, CreditError> {
    let terms = &policy.availability;
    let whole = inputs.month.span(policy.time_zone);
    let life = Span::of(inputs.since, inputs.until.unwrap_or(i64::MAX)).within(whole);
    let rows = rows(inputs, policy, life)?;
    let of = |effect: Effect| rows.iter().filter(move |row| row.effect == effect).map(|row| row.span);
    let down = left(of(Effect::Counts), of(Effect::TakesAway), life);
    let downtime_ms = total(&down);
    let period_ms = if terms.excluded_leaves_period {
        let excluded = of(Effect::TakesAway).chain(of(Effect::AddsNothing));
        life.ms() - total(&left(excluded, down.iter().copied(), life))
    } else {
        life.ms()
    };
    let availability = Availability::new(downtime_ms, period_ms);
    let tier = tier_of(availability, &terms.tiers);

    let cost = Cost { inputs, whole, life };
    let at = down.first().map_or(life.from(), |span| span.from());
    let price = in_force(&inputs.prices, at);
    let base = cost.share(price.unwrap_or_default(), life.ms())?;
    if price.is_none() && !tier.credit.is_zero() {
        let at = DateTime::from_timestamp_millis(at).unwrap_or_default();
        return Err(CreditError::NoPrice { service: inputs.service.clone(), at });
    }
    let paid = cost.of_span(&[life])?;
    let mut owed = Vec::new();
    if !tier.credit.is_zero() {
        owed.push(("C2", tier.credit, base));
    }
    for Claim { kind, .. } in &inputs.claims {
        owed.push(match kind {
            ClaimKind::DataLoss => ("C10", terms.data_loss_credit, paid),
            ClaimKind::Liability => ("C11", Decimal::ONE_HUNDRED, cost.of_span(&down)?),
        });
    }
    // Shares of a month have one denominator, its length: everything is added and compared before the one division.
    let mut sum = Decimal::ZERO;
    for (_, percent, of) in &owed {
        sum += of.checked_mul(*percent / Decimal::ONE_HUNDRED).ok_or_else(|| cost.too_large())?;
    }
    let capped = sum > paid;
    let month_ms = Decimal::from(whole.ms());
    let kzt = |share: Decimal| share / month_ms;
    let credit = kzt(sum.min(paid)).round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven);
    let lines: Vec<Line> =
        owed.into_iter().map(|(rule, percent, of)| Line { rule, percent, of: kzt(of) }).collect();
    let digits = terms.tiers.iter().map(|t| t.at_least.normalize().scale()).fold(DIGITS, u32::max);
    let mut sheet = Sheet {
        service: inputs.service.clone(),
        customer: inputs.customer.clone(),
        month: inputs.month,
        policy: policy.name(),
        whole,
        life,
        period_ms,
        rows,
        down,
        availability,
        budget_ms: availability.budget_ms(terms.promised),
        tier_percent: tier.credit,
        tier_at_least: tier.at_least,
        digits,
        base: kzt(base),
        paid: kzt(paid),
        lines,
        credit,
        capped,
        rules: Vec::new(),
    };
    sheet.rules = rules(&sheet);
    Ok(sheet)
}

/// The intervals that touch the service's part of the month, by time.
fn rows(inputs: &Inputs, policy: &Policy, life: Span) -> Result<Vec<Row>, CreditError> {
    let mut rows = Vec::new();
    for interval in &inputs.intervals {
        interval
            .cause
            .fits(inputs.terms, inputs.control_plane)
            .map_err(|problem| CreditError::Cause { service: inputs.service.clone(), problem })?;
        let span = interval.span.within(life);
        if span.ms() > 0 {
            let effect = interval.cause.effect(&policy.availability.causes);
            rows.push(Row { id: interval.id, span, cause: interval.cause, effect });
        }
    }
    rows.sort_by_key(|row| (row.span, row.cause, row.id));
    Ok(rows)
}

/// The tier of an availability: the best one whose border it reaches (C2).
fn tier_of(availability: Availability, tiers: &[Tier]) -> Tier {
    let reached = tiers.iter().find(|tier| availability.at_least(tier.at_least)).or(tiers.last());
    reached.cloned().unwrap_or(Tier { at_least: Decimal::ZERO, credit: Decimal::ZERO })
}

/// The monthly price in force at a moment, tiyn. Prices are in order.
pub fn in_force(prices: &[PriceFrom], at: i64) -> Option<i64> {
    prices.iter().rev().find(|price| price.from <= at).map(|price| price.monthly_tiyn)
}

/// What a service costs. Shares are KZT times milliseconds of the month: its length is divided by at the very end.
struct Cost<'a> {
    inputs: &'a Inputs,
    whole: Span,
    life: Span,
}

impl Cost<'_> {
    fn too_large(&self) -> CreditError {
        CreditError::TooLarge(self.inputs.service.clone())
    }

    /// A monthly price for so many milliseconds.
    fn share(&self, monthly_tiyn: i64, ms: i64) -> Result<Decimal, CreditError> {
        // Beyond this the products would no longer be exact.
        const LARGEST: i64 = 100_000_000_000_000;
        if monthly_tiyn > LARGEST {
            return Err(self.too_large());
        }
        Decimal::new(monthly_tiyn, 2).checked_mul(Decimal::from(ms)).ok_or_else(|| self.too_large())
    }

    /// Each price for its part of `spans` (C12).
    fn of_span(&self, spans: &[Span]) -> Result<Decimal, CreditError> {
        let prices = &self.inputs.prices;
        let mut sum = Decimal::ZERO;
        for (index, price) in prices.iter().enumerate() {
            let until = prices.get(index + 1).map_or(i64::MAX, |next| next.from);
            let valid = Span::of(price.from, until).within(self.whole).within(self.life);
            let ms: i64 = spans.iter().map(|span| span.within(valid).ms()).sum();
            sum += self.share(price.monthly_tiyn, ms)?;
        }
        Ok(sum)
    }
}

/// The rules a sheet follows from, in their order.
fn rules(sheet: &Sheet) -> Vec<&'static str> {
    let mut used = vec!["C1", "C2", "C12", "C13"];
    used.extend(sheet.rows.iter().map(|row| row.cause.rule()));
    used.extend(sheet.lines.iter().map(|line| line.rule));
    if sheet.rows.iter().any(|row| row.effect == Effect::Counts) {
        used.push("C8");
    }
    if sheet.capped {
        used.push("C7");
    }
    if !sheet.credit.is_zero() {
        used.push("C9");
    }
    used.sort_by_key(|rule| rule[1..].parse::<u32>().unwrap_or(u32::MAX));
    used.dedup();
    used
}
