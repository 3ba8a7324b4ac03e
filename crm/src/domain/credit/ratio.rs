//! Availability as an exact ratio: compared and cut without ever being rounded up (C2).

use rust_decimal::Decimal;

/// Availability of a stretch of time: how much of it was not downtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Availability {
    down_ms: i64,
    of_ms: i64,
}

impl Availability {
    /// With `down_ms` of downtime in `of_ms`; what is down is never more than there is, and never less than nothing.
    pub fn new(down_ms: i64, of_ms: i64) -> Self {
        let of_ms = of_ms.max(0);
        Self { down_ms: down_ms.clamp(0, of_ms), of_ms }
    }

    /// Whether it is at least `percent`, the border included (C2): up × 100 ≥ percent × all, in whole numbers.
    pub fn at_least(self, percent: Decimal) -> bool {
        let scale = 10i128.pow(percent.scale());
        let up = i128::from(self.of_ms - self.down_ms) * 100 * scale;
        up >= percent.mantissa() * i128::from(self.of_ms)
    }

    /// In per cent with `digits` digits after the point, cut and never rounded up: what is printed reaches a border of that many digits
    /// only if the availability does. Nothing at all counts as available.
    pub fn percent(self, digits: u32) -> Decimal {
        let scale = 10i128.pow(digits);
        let hundred = 100 * scale;
        let up = i128::from(self.of_ms - self.down_ms);
        let cut = (up * hundred).checked_div(i128::from(self.of_ms)).unwrap_or(hundred);
        Decimal::from_i128_with_scale(cut, digits)
    }

    /// How much downtime still keeps `percent`, milliseconds: the error budget (C1).
    pub fn budget_ms(self, percent: Decimal) -> i64 {
        let scale = 10i128.pow(percent.scale());
        let may = (100 * scale - percent.mantissa()) * i128::from(self.of_ms) / (100 * scale);
        i64::try_from(may).unwrap_or(self.of_ms)
    }
}
