//! Reports for managers (`/reports/sla`, `/api/v1/reports/sla`, CSV, XLSX, the bot's `/sla`): all of them ask [`Reports::sla`], so that
//! one number is one query wherever it stands.

pub mod chart;
pub mod file;
mod fold;
mod list;
pub mod picture;
mod sla;
pub mod table;
mod view;

pub use crate::domain::report::{Filter, GroupBy};
pub use fold::{Changes, fold_within};
pub use list::{Listing, Mark};
pub use sla::{AGES, report};
pub use view::{
    Backlog, BreachView, Emergency, Figures, Group, Minutes, PromiseFigures, SlaReport, StaffFigures,
};

use chrono::{NaiveDate, TimeDelta};

use crate::clock::Moment;
use crate::domain::report::{day_and_hour, day_begins, weekday};
use crate::service::{Service, ServiceError};
use crate::store::Db;
use crate::worker::Worker;

/// Days of a report when none are named.
const DAYS: i64 = 30;
/// Most days of a report.
const MOST_DAYS: i64 = 400;

/// Days in Almaty, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day, counted from 1970.
    pub from: i64,
    /// The last.
    pub to: i64,
}

impl Period {
    /// From one date to another; an error says what is wrong with them.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Result<Self, String> {
        use chrono::Datelike;
        let day = |date: NaiveDate| i64::from(date.num_days_from_ce()) - 719_163;
        let period = Self { from: day(from), to: day(to) };
        if period.days() < 1 {
            return Err(format!("the period ends ({to}) before it begins ({from}); exchange the two dates"));
        }
        if period.days() > MOST_DAYS {
            return Err(format!("{} days; a report covers at most {MOST_DAYS}", period.days()));
        }
        if !(0..100_000).contains(&period.from) || !(0..100_000).contains(&period.to) {
            return Err("these dates are too far away; take dates of this desk's life".to_owned());
        }
        Ok(period)
    }

    /// From one date to another, where not both may be given: thirty days that end with `to`, or from `from` until today.
    pub fn between(from: Option<NaiveDate>, to: Option<NaiveDate>, now: Moment) -> Result<Self, String> {
        let last = Self::last(DAYS, now).dates();
        let to = to.unwrap_or_else(|| last.1.max(from.unwrap_or(last.1)));
        let before = chrono::Days::new(DAYS.unsigned_abs() - 1);
        Self::new(from.unwrap_or_else(|| to.checked_sub_days(before).unwrap_or(to)), to)
    }

    /// The last `days` days, today included.
    pub fn last(days: i64, now: Moment) -> Self {
        let (today, _) = day_and_hour(now);
        Self { from: today - days.clamp(1, MOST_DAYS) + 1, to: today }
    }

    /// The Monday-to-Sunday week before the one of `now`.
    pub fn last_week(now: Moment) -> Self {
        let (today, _) = day_and_hour(now);
        let monday = today - weekday(today);
        Self { from: monday - 7, to: monday - 1 }
    }

    /// How many days.
    pub const fn days(self) -> i64 {
        self.to - self.from + 1
    }

    /// The period of the same length just before.
    #[must_use]
    pub const fn before(self) -> Self {
        Self { from: self.from - self.days(), to: self.from - 1 }
    }

    /// When it begins and when it is over.
    pub fn moments(self) -> (Moment, Moment) {
        (day_begins(self.from), day_begins(self.to + 1))
    }

    /// Its two dates.
    pub fn dates(self) -> (NaiveDate, NaiveDate) {
        (date(self.from), date(self.to))
    }
}

/// The hour of a moment, counted from 1970. Almaty is whole hours from UTC, so that its days begin with an hour.
fn hour(at: &Moment) -> i64 {
    at.timestamp().div_euclid(3_600)
}

/// The date of a day counted from 1970.
pub fn date(day: i64) -> NaiveDate {
    i32::try_from(day + 719_163).ok().and_then(NaiveDate::from_num_days_from_ce_opt).unwrap_or_default()
}

/// Makes reports.
#[derive(Clone)]
pub struct Reports {
    service: Service,
    db: Db,
}

impl Reports {
    /// Reports on the tickets of this database, by the service's clock.
    pub const fn new(service: Service, db: Db) -> Self {
        Self { service, db }
    }

    /// Counts what changed, and forgets answers and alerts that nobody will ask for again.
    pub async fn tidy(&self) -> Result<(), ServiceError> {
        self.fold().await?;
        let now = self.service.now();
        let (answers, alerts) = (now - TimeDelta::days(2), now - TimeDelta::days(90));
        // A look costs nothing; a writing transaction would wake everybody for nothing.
        if self.db.read().await?.outdated(answers, alerts).await? {
            let mut tx = self.db.begin().await?;
            tx.idempotency_prune(answers).await?;
            tx.alerts_prune(alerts).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Brings the sums up to this moment: deadlines that passed are breaches now, and every changed ticket is counted.
    pub async fn refresh(&self) -> Result<(), ServiceError> {
        Worker::new(self.service.clone(), self.db.clone(), "reports".to_owned()).fire_due().await?;
        self.fold().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_period_knows_the_one_before_and_refuses_what_is_none() {
        let november = Period::new(on("2026-11-01"), on("2026-11-30")).expect("a month");
        assert_eq!(november.days(), 30);
        assert_eq!(november.before().dates(), (on("2026-10-02"), on("2026-10-31")));
        let now: Moment = "2026-11-22T20:00:00Z".parse().expect("a moment");
        assert_eq!(
            Period::last(1, now).dates(),
            (on("2026-11-23"), on("2026-11-23")),
            "Almaty is a day ahead"
        );
        assert_eq!(Period::last_week(now).dates(), (on("2026-11-16"), on("2026-11-22")));
        for (from, to) in
            [("2026-11-02", "2026-11-01"), ("2020-01-01", "2026-01-01"), ("0001-01-01", "0001-01-02")]
        {
            assert!(Period::new(on(from), on(to)).is_err(), "{from} {to}");
        }
    }
}
