//! The SLA report: which promises were kept in a period, which were not, and where the minutes went.
//!
//! A ticket counts for the day on which it was opened. A promise whose deadline has passed is broken, whether the ticket is still open
//! or was solved, reopened and solved again.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};

use super::view::{Backlog, BreachView, Emergency, Figures, Group, SlaReport, StaffFigures};
use super::{Period, Reports, date, hour};
use crate::clock::Moment;
use crate::domain::event::Event;
use crate::domain::ids::TicketNumber;
use crate::domain::report::{Cell, Counts, Fact, Filter, GroupBy, Kept, Load, Place, Span};
use crate::service::ServiceError;
use crate::store::Tx;

/// Broken promises that a report lists; more are read page by page with [`Reports::listed`].
const LISTED: i64 = 50;
/// Ages of open tickets, hours: younger than each of them.
pub const AGES: [i64; 7] = [1, 4, 8, 24, 72, 168, 720];

fn group_key(by: GroupBy, span: Span, place: Place) -> String {
    match by {
        GroupBy::Kind => place.kind.to_string(),
        GroupBy::Queue => place.queue.to_string(),
        GroupBy::Channel => place.channel.to_string(),
        // Days are read one by one.
        GroupBy::Day => date(span.first).to_string(),
    }
}

/// Sums that are in memory at a time: those of one busy day may be half a MiB, and a year by day has 365.
const AT_ONCE: usize = 16;

/// The sums of a period that fit, by what a report is divided by.
async fn grouped(
    tx: &mut Tx,
    period: Period,
    by: GroupBy,
    filter: Filter,
) -> Result<BTreeMap<String, Cell>, ServiceError> {
    let longest = if by == GroupBy::Day { 1 } else { i64::MAX };
    let mut groups: BTreeMap<String, Cell> = BTreeMap::new();
    for some in Span::cover(period.from, period.to, longest).chunks(AT_ONCE) {
        for (span, sums) in tx.report_sums(some).await? {
            for (place, cell) in sums.cells().filter(|(place, _)| filter.fits(**place)) {
                groups.entry(group_key(by, span, *place)).or_default().merge(cell);
            }
        }
    }
    Ok(groups)
}

fn merged(groups: &BTreeMap<String, Cell>) -> Cell {
    let mut sum = Cell::default();
    for cell in groups.values() {
        sum.merge(cell);
    }
    sum
}

impl Reports {
    /// The report of a period, as of this moment.
    pub async fn sla(&self, period: Period, by: GroupBy, filter: Filter) -> Result<SlaReport, ServiceError> {
        self.refresh().await?;
        report(&mut self.db.read().await?, period, by, filter, self.service.now()).await
    }
}

/// The report as the sums say at `now`: whoever has no transaction of his own yet asks [`Reports::sla`], which brings them up to date.
pub async fn report(
    tx: &mut Tx,
    period: Period,
    by: GroupBy,
    filter: Filter,
    now: Moment,
) -> Result<SlaReport, ServiceError> {
    let mut keys = grouped(tx, period, by, filter).await?;
    let total = merged(&keys);
    // Days of one period are not those of another.
    let compared = if by == GroupBy::Day { GroupBy::default() } else { by };
    let mut earlier = grouped(tx, period.before(), compared, filter).await?;
    let before = merged(&earlier);
    if compared != by {
        earlier.clear();
    }
    for key in earlier.keys() {
        keys.entry(key.clone()).or_default();
    }
    let groups = keys
        .iter()
        .map(|(key, cell)| Group {
            key: key.clone(),
            figures: cell.into(),
            before: earlier.get(key).map(Figures::from),
        })
        .collect();
    let (from, to) = period.dates();
    let (before_from, before_to) = period.before().dates();
    let late = tx.report_facts_listed(period.moments(), true, filter, None, LISTED).await?;
    Ok(SlaReport {
        from,
        to,
        before_from,
        before_to,
        at: now,
        group_by: by,
        groups,
        heat: heat(&total.hours),
        staff: staff(&total.staff),
        backlog: backlog(tx, period, now).await?,
        emergencies: emergencies(tx, period).await?,
        breaches: late.iter().map(|fact| breach(fact, now)).collect(),
        before: (&before).into(),
        total: (&total).into(),
    })
}

fn breach(fact: &Fact, now: Moment) -> BreachView {
    BreachView {
        number: TicketNumber(fact.number).to_string(),
        kind: fact.kind.to_string(),
        queue: fact.queue.to_string(),
        customer: fact.customer.clone(),
        opened_at: fact.opened_at,
        state: fact.state.to_string(),
        first_reply: fact.first_reply.kept == Kept::Breached,
        resolution: fact.resolution.kept == Kept::Breached,
        minutes: fact.spent_until(now).into(),
    }
}

/// Monday to Sunday, 24 hours each.
fn heat(hours: &Counts) -> Vec<Vec<i64>> {
    let mut heat = vec![vec![0; 24]; 7];
    for (hour, count) in hours.iter() {
        let (day, hour) = (usize::from(hour / 24), usize::from(hour % 24));
        if let Some(place) = heat.get_mut(day) {
            place[hour] = count;
        }
    }
    heat
}

fn staff(people: &BTreeMap<String, Load>) -> Vec<StaffFigures> {
    people
        .iter()
        .map(|(id, load)| StaffFigures {
            staff: id.clone(),
            held: load.held,
            solved: load.solved,
            breached: load.breached,
            inherited: load.inherited,
        })
        .collect()
}

async fn backlog(tx: &mut Tx, period: Period, now: Moment) -> Result<Backlog, ServiceError> {
    let all = tx.report_owed().await?;
    let mut younger = tx.report_owed_after(&AGES.map(|hours| now - TimeDelta::hours(hours))).await?;
    younger.push(all);
    let mut ages = younger.clone();
    for (age, without) in ages.iter_mut().skip(1).zip(&younger) {
        *age -= without;
    }
    let (from, to) = period.moments();
    let end = hour(&to).min(hour(&now) + 1);
    let (mut open, changes) = tx.report_flow(hour(&from), end).await?;
    let step = if period.days() <= 14 { 1 } else { 24 };
    let mut changes = changes.into_iter().peekable();
    let mut points = Vec::new();
    for at in hour(&from)..end {
        if (at - hour(&from)) % step == 0 {
            points.push((DateTime::from_timestamp(at * 3_600, 0).unwrap_or_default(), open));
        }
        while let Some((_, change)) = changes.next_if(|c| c.0 == at) {
            open += change;
        }
    }
    Ok(Backlog { now: all, ages, points })
}

async fn emergencies(tx: &mut Tx, period: Period) -> Result<Vec<Emergency>, ServiceError> {
    let (begin, end) = period.moments();
    let mut found: Vec<Emergency> = Vec::new();
    for record in tx.desk_events_of("emergency_switched").await? {
        let Event::EmergencySwitched { on, reason } = record.event else { continue };
        let running = found.last_mut().filter(|last| last.to.is_none());
        match (on, running) {
            (true, None) => found.push(Emergency { from: record.at, to: None, reason }),
            (false, Some(last)) => last.to = Some(record.at),
            _ => {}
        }
    }
    found.retain(|e| e.from < end && e.to.is_none_or(|to| to > begin));
    Ok(found)
}
