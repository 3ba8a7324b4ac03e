//! Figures for managers: what one ticket contributes ([`Fact`]), and sums of that which can be added to and taken from ([`Cell`]).
//!
//! A period's figures are sums of cells, so that a report costs the same whether there are a thousand tickets or five million; and
//! because a changed ticket's old contribution is taken out again, the sums always equal a full recount.

mod cell;
mod counts;
mod fact;
mod figure;
mod minutes;
mod sums;
mod times;

pub use cell::{Cell, Load, Tally};
pub use counts::Counts;
pub use fact::{Fact, Held, Kept, Promise};
pub use figure::{Figure, Which};
pub use minutes::{Holder, Segment, Spent, segments};
pub use sums::{Filter, Place, Span, Sums};
pub use times::{EDGES, Times};

use chrono::{Datelike, FixedOffset, Timelike};

use crate::clock::Moment;

/// Almaty's distance from UTC (UTC+5 the whole year: RULES.md, «reporting period»), seconds.
const ALMATY: i32 = 5 * 3600;

word_enum! {
    /// What a report is divided by.
    #[derive(Default)]
    pub enum GroupBy {
        /// What was asked.
        #[default]
        Kind = "kind",
        /// Department.
        Queue = "queue",
        /// How it came.
        Channel = "channel",
        /// The day it was opened.
        Day = "day",
    }
}

/// The day of a moment in Almaty, counted from 1970, and its hour there.
pub fn day_and_hour(moment: Moment) -> (i64, u32) {
    let zone = FixedOffset::east_opt(ALMATY).unwrap_or_else(|| chrono::Offset::fix(&chrono::Utc));
    let local = moment.with_timezone(&zone);
    let day = i64::from(local.num_days_from_ce()) - 719_163;
    (day, local.hour())
}

/// The day of the week of a day counted by [`day_and_hour`], 0 for Monday: 1970 began on a Thursday.
pub const fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

/// The day of the week of a moment in Almaty, 0 for Monday, and its hour there.
pub fn weekday_and_hour(moment: Moment) -> (i64, u32) {
    let (day, hour) = day_and_hour(moment);
    (weekday(day), hour)
}

/// When a day counted by [`day_and_hour`] begins.
pub fn day_begins(day: i64) -> Moment {
    let seconds = day.saturating_mul(86_400).saturating_sub(i64::from(ALMATY));
    chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

#[cfg(test)]
mod tests;
