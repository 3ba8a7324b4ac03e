//! "Since when?" as people type it: `9:40`, `09.40`, `22.11 18:00`. Times are Almaty's (RULES.md, the reporting period).

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone};
use crm::clock::Moment;
use crm::text::ZONE;

/// What was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// A moment, not after now.
    At(Moment),
    /// A moment that has not come yet.
    Future,
    /// Meant as a time, but there is no such one: `25:99`.
    Wrong,
    /// No time that we understand.
    Unclear,
}

/// Reads a clock time (today, or yesterday if today it has not come yet), or a day and month with a clock time (of the year in which
/// it is nearer).
pub fn read(typed: &str, now: Moment) -> Since {
    match sure(typed, now) {
        Since::Unclear if typed.contains([':', '.']) && typed.chars().all(|c| !c.is_alphabetic()) => {
            Since::Wrong
        }
        since => since,
    }
}

fn sure(typed: &str, now: Moment) -> Since {
    let today = now.with_timezone(&ZONE).date_naive();
    let words: Vec<&str> = typed.split([' ', ',']).filter(|w| !w.is_empty()).collect();
    match words[..] {
        [time] => match clock(time) {
            Some(time) => match at(today, time) {
                Some(moment) if moment <= now => Since::At(moment),
                _ => at(today - TimeDelta::days(1), time).map_or(Since::Unclear, Since::At),
            },
            None => Since::Unclear,
        },
        [day, time] | [time, day] if day.contains(['.', '/']) && time.contains(':') => {
            match (day_of(day, today), clock(time)) {
                (Some(day), Some(time)) => match at(day, time) {
                    Some(moment) if moment <= now => Since::At(moment),
                    _ => Since::Future,
                },
                _ => Since::Unclear,
            }
        }
        _ => Since::Unclear,
    }
}

fn clock(typed: &str) -> Option<NaiveTime> {
    let (hours, minutes) = typed.split_once([':', '.', '-'])?;
    let sound = |s: &str| (1..=2).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
    (sound(hours) && minutes.len() == 2 && sound(minutes))
        .then(|| NaiveTime::from_hms_opt(hours.parse().ok()?, minutes.parse().ok()?, 0))
        .flatten()
}

/// `22.11`, `22.11.26`, `22/11/2026`. Without a year the last such day, unless the next one is nearer: whoever writes tomorrow's day means
/// no day of last year.
fn day_of(typed: &str, today: NaiveDate) -> Option<NaiveDate> {
    let parts: Vec<u32> = typed.split(['.', '/']).map(|p| p.parse().ok()).collect::<Option<_>>()?;
    match parts[..] {
        [day, month] => {
            let this = NaiveDate::from_ymd_opt(today.year(), month, day)?;
            if this <= today {
                return Some(this);
            }
            let last = NaiveDate::from_ymd_opt(today.year() - 1, month, day);
            last.filter(|last| today - *last < this - today).or(Some(this))
        }
        [day, month, year] => {
            let year = i32::try_from(if year < 100 { 2000 + year } else { year }).ok()?;
            NaiveDate::from_ymd_opt(year, month, day)
        }
        _ => None,
    }
}

fn at(day: NaiveDate, time: NaiveTime) -> Option<Moment> {
    ZONE.from_local_datetime(&day.and_time(time)).earliest().map(|local| local.with_timezone(&chrono::Utc))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("09:40", "2026-11-23T09:40:00+05:00")]
    #[case("9.40", "2026-11-23T09:40:00+05:00")]
    #[case("9-40", "2026-11-23T09:40:00+05:00")]
    #[case("23:10", "2026-11-22T23:10:00+05:00")]
    #[case("10:00", "2026-11-23T10:00:00+05:00")]
    #[case("22.11 18:00", "2026-11-22T18:00:00+05:00")]
    #[case("18:00, 22.11", "2026-11-22T18:00:00+05:00")]
    #[case("01.03 18:00", "2026-03-01T18:00:00+05:00")]
    #[case("22.11.26 18:00", "2026-11-22T18:00:00+05:00")]
    #[case("23.11.25 18:00", "2025-11-23T18:00:00+05:00")]
    fn times_as_people_type_them(#[case] typed: &str, #[case] moment: &str) {
        let now = "2026-11-23T10:00:00+05:00".parse().expect("a moment");
        let moment: Moment = moment.parse().expect("a moment");
        assert_eq!(read(typed, now), Since::At(moment), "{typed}");
    }

    #[rstest]
    #[case("", Since::Unclear)]
    #[case("yesterday evening", Since::Unclear)]
    #[case("25:00", Since::Wrong)]
    #[case("9:4", Since::Wrong)]
    #[case("30.02 10:00", Since::Wrong)]
    #[case("at 25:00", Since::Unclear)]
    #[case("24.11.2026 10:00", Since::Future)]
    #[case("24.11 10:00", Since::Future)]
    #[case("31.12 18:00", Since::Future)]
    #[case("10 20", Since::Unclear)]
    fn what_is_no_time_is_not_guessed(#[case] typed: &str, #[case] expected: Since) {
        let now = "2026-11-23T10:00:00+05:00".parse().expect("a moment");
        assert_eq!(read(typed, now), expected, "{typed}");
    }

    #[test]
    fn in_january_december_is_the_last() {
        let now = "2026-01-05T10:00:00+05:00".parse().expect("a moment");
        let moment: Moment = "2025-12-31T18:00:00+05:00".parse().expect("a moment");
        assert_eq!(read("31.12 18:00", now), Since::At(moment));
        assert_eq!(read("29.02 18:00", now), Since::Wrong, "neither year has that day");
    }
}
