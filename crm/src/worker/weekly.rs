//! Monday's report: queued a week ahead, and sent once to everybody who answers for the promises.

use chrono::TimeDelta;

use crate::clock::Moment;
use crate::domain::person::Right;
use crate::domain::reactions::Outgoing;
use crate::domain::report::{day_and_hour, day_begins, weekday};
use crate::reports::{Period, fold_within};
use crate::service::{Service, ServiceError};
use crate::store::{OutboxItem, Tx};

/// The hour at which it is sent, in the zone of the terms: before the week's first meeting.
const HOUR: i64 = 9;
/// The setting that says which Monday's report was sent last.
const SENT: &str = "weekly_report";

/// The next Monday, counted from 1970, and the moment of its report.
pub(super) fn next(now: Moment) -> (i64, Moment) {
    let (today, _) = day_and_hour(now);
    let at = |monday: i64| day_begins(monday) + TimeDelta::hours(HOUR);
    let this = today - weekday(today);
    let monday = if at(this) > now { this } else { this + 7 };
    (monday, at(monday))
}

/// Queues the report of the week before `monday` for each manager, unless it was queued before. Late after an outage, but sent.
pub(super) async fn send(
    service: &Service,
    tx: &mut Tx,
    monday: i64,
    now: Moment,
) -> Result<(), ServiceError> {
    // Two clocks that differ a little could have queued this job twice.
    if tx.setting::<i64>(SENT).await?.is_some_and(|sent| sent >= monday) {
        return Ok(());
    }
    tx.setting_save(SENT, &monday, now).await?;
    fold_within(tx).await?;
    let Period { from, to } = Period { from: monday - 7, to: monday - 1 };
    for staff in tx.staff_all().await? {
        if staff.role.may(Right::Credit) && staff.telegram.is_some() {
            let told = Outgoing::Report { staff: staff.id, from, to };
            tx.outbox_add(OutboxItem::tell(service.clock().id(), told, now));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::reports::date;

    #[rstest]
    #[case("2026-11-22T23:00:00+05:00", "2026-11-23")]
    #[case("2026-11-23T08:59:59+05:00", "2026-11-23")]
    #[case("2026-11-23T09:00:00+05:00", "2026-11-30")]
    #[case("2026-11-22T20:00:00+00:00", "2026-11-23")]
    #[case("2026-11-25T12:00:00+05:00", "2026-11-30")]
    fn it_is_the_next_monday_at_nine_in_almaty(#[case] now: &str, #[case] monday: &str) {
        let (day, at) = next(now.parse().expect("a moment"));
        assert_eq!(date(day).to_string(), monday);
        assert_eq!(at.with_timezone(&crate::text::ZONE).to_rfc3339(), format!("{monday}T09:00:00+05:00"));
    }
}
