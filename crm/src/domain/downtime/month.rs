//! The reporting period: a calendar month in the zone of the terms (C12). Its borders come from tzdb, so months are as long as they were.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, TimeDelta, TimeZone};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::Span;
use crate::clock::Moment;

/// A calendar month, `2026-10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    year: i32,
    month: u32,
}

impl Month {
    /// The month in which `moment` lies in `zone`.
    pub fn of(moment: Moment, zone: Tz) -> Self {
        let local = moment.with_timezone(&zone);
        Self { year: local.year(), month: local.month() }
    }

    /// The month after.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.month {
            12 => Self { year: self.year + 1, month: 1 },
            month => Self { year: self.year, month: month + 1 },
        }
    }

    /// The month before.
    #[must_use]
    pub const fn before(self) -> Self {
        match self.month {
            1 => Self { year: self.year - 1, month: 12 },
            month => Self { year: self.year, month: month - 1 },
        }
    }

    /// The year.
    pub const fn year(self) -> i32 {
        self.year
    }

    /// The month of the year, from 1.
    pub const fn month(self) -> u32 {
        self.month
    }

    /// When it begins in `zone`. Where the clocks were put forward over that midnight it begins when they were; where midnight came
    /// twice, with the first.
    fn begins(self, zone: Tz) -> i64 {
        let date = NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or_default();
        let midnight = date.and_hms_opt(0, 0, 0).unwrap_or_default();
        (0..=24 * 60)
            .find_map(|minutes| {
                zone.from_local_datetime(&(midnight + TimeDelta::minutes(minutes))).earliest()
            })
            .map_or_else(|| midnight.and_utc().timestamp_millis(), |at| at.timestamp_millis())
    }

    /// The whole month in `zone`.
    pub fn span(self, zone: Tz) -> Span {
        let from = self.begins(zone);
        Span { from, to: self.next().begins(zone).max(from) }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (year, month) =
                text.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2)?;
            let (year, month) = (year.parse().ok()?, month.parse().ok()?);
            // A month of the years that moments are kept for; the first day of the following one must exist too.
            NaiveDate::from_ymd_opt(year, month, 1).filter(|_| (1970..=9998).contains(&year))?;
            Some(Self { year, month })
        };
        read().ok_or_else(|| format!("«{text}» is no month; write one such as 2026-10"))
    }
}

impl TryFrom<String> for Month {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}
