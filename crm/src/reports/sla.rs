//! The SLA report: which promises were kept in a period, which were not, and where the minutes went.
//!
//! A ticket counts for the day on which it was opened. A promise whose deadline has passed is broken, whether the ticket is still open
//! or was solved, reopened and solved again.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Period, Reports, date};
use crate::clock::Moment;
use crate::domain::event::Event;
use crate::domain::ids::TicketNumber;
use crate::domain::kind::{Channel, Kind, Queue};
use crate::domain::report::{Cell, CellKey, GroupBy, Kept, Load, Spent, Tally, weekday};
use crate::service::ServiceError;
use crate::store::Tx;

/// Broken promises that a report lists; more are read page by page with [`Reports::listed`].
const LISTED: usize = 50;
/// Ages of open tickets, hours: younger than each of them.
pub const AGES: [i64; 7] = [1, 4, 8, 24, 72, 168, 720];

/// Which tickets a report is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this kind only.
    pub kind: Option<Kind>,
    /// In this department only.
    pub queue: Option<Queue>,
    /// That came this way only.
    pub channel: Option<Channel>,
}

impl Filter {
    pub(super) fn fits(self, kind: Kind, queue: Queue, channel: Channel) -> bool {
        self.kind.is_none_or(|k| k == kind)
            && self.queue.is_none_or(|q| q == queue)
            && self.channel.is_none_or(|c| c == channel)
    }
}

/// How one promise was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PromiseFigures {
    /// In time.
    pub met: i64,
    /// Not in time, open tickets past their deadline included.
    pub breached: i64,
    /// Not decided yet: neither kept nor broken.
    pub running: i64,
    /// Ceased to matter (cancelled, declined, recovered by itself).
    pub void: i64,
    /// `met` of `met` and `breached`, per cent with two decimals, rounded down; absent where nothing is decided.
    pub compliance: Option<String>,
    /// Half were done within so many milliseconds (at most 4 % too long, exact at the promised lengths).
    pub p50_ms: Option<i64>,
    /// Nine of ten.
    pub p90_ms: Option<i64>,
    /// Ninety-nine of a hundred.
    pub p99_ms: Option<i64>,
    /// The mean, milliseconds.
    pub mean_ms: Option<i64>,
    /// How many were done within 1, 5, 10, 20, 30, 60 minutes, 4, 24 and 72 hours, and later; each without those before.
    pub distribution: Vec<i64>,
}

/// Per cent with two decimals, never rounded up.
fn percent(part: i64, whole: i64) -> Option<String> {
    let hundredths = (part * 10_000).checked_div(whole)?;
    Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

fn mean_rating(cell: &Cell) -> Option<String> {
    let (count, sum) = cell
        .ratings
        .iter()
        .fold((0, 0), |(count, sum), (rating, n)| (count + n, sum + i64::from(*rating) * n));
    let hundredths = (sum * 100).checked_div(count)?;
    Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

impl From<&Tally> for PromiseFigures {
    fn from(tally: &Tally) -> Self {
        Self {
            met: tally.met,
            breached: tally.breached,
            running: tally.running,
            void: tally.void,
            compliance: percent(tally.met, tally.met + tally.breached),
            p50_ms: tally.times.percentile(50),
            p90_ms: tally.times.percentile(90),
            p99_ms: tally.times.percentile(99),
            mean_ms: tally.total_ms.checked_div(tally.times.count()),
            distribution: tally.times.distribution().to_vec(),
        }
    }
}

/// Milliseconds by who had them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Minutes {
    /// Nobody had taken it.
    pub queue_ms: i64,
    /// Engineers.
    pub engineer_ms: i64,
    /// Approvals.
    pub approval_ms: i64,
    /// The provisioner.
    pub provisioner_ms: i64,
    /// The customer was asked.
    pub customer_ms: i64,
}

impl From<Spent> for Minutes {
    fn from(s: Spent) -> Self {
        Self {
            queue_ms: s.queue,
            engineer_ms: s.engineer,
            approval_ms: s.approval,
            provisioner_ms: s.provisioner,
            customer_ms: s.customer,
        }
    }
}

/// The figures of some tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Figures {
    /// How many were opened.
    pub opened: i64,
    /// How many of those are solved.
    pub solved: i64,
    /// How many were cancelled, declined or merged.
    pub ended: i64,
    /// How many were solved by a proof read back, without a human.
    pub automated: i64,
    /// `automated` of `solved`, per cent.
    pub automated_percent: Option<String>,
    /// How many were reopened.
    pub reopened: i64,
    /// `reopened` of `solved` and of those that are open again, per cent of what was opened.
    pub reopened_percent: Option<String>,
    /// How many customers rated the help.
    pub rated: i64,
    /// The mean rating, 1 to 5, with two decimals, rounded down; absent where nobody rated.
    pub rating: Option<String>,
    /// The first-reply promise (T8).
    pub first_reply: PromiseFigures,
    /// The resolution promise (T1–T7).
    pub resolution: PromiseFigures,
    /// Where the minutes of what is done went.
    pub minutes: Minutes,
}

impl From<&Cell> for Figures {
    fn from(cell: &Cell) -> Self {
        Self {
            opened: cell.opened,
            solved: cell.solved,
            ended: cell.ended,
            automated: cell.automated,
            automated_percent: percent(cell.automated, cell.solved),
            reopened: cell.reopened,
            reopened_percent: percent(cell.reopened, cell.opened),
            rated: cell.ratings.values().sum(),
            rating: mean_rating(cell),
            first_reply: (&cell.first_reply).into(),
            resolution: (&cell.resolution).into(),
            minutes: cell.spent.into(),
        }
    }
}

/// A part of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Group {
    /// The kind, department, channel or date.
    pub key: String,
    /// The period.
    pub figures: Figures,
    /// The period before; absent where there is nothing to compare with.
    pub before: Option<Figures>,
}

/// What a member of the desk had to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StaffFigures {
    /// The id.
    pub staff: String,
    /// Tickets he had.
    pub held: i64,
    /// Tickets he solved.
    pub solved: i64,
    /// Promises that were broken although he had had the time.
    pub breached: i64,
    /// Broken promises that he took over when three quarters of the time were gone.
    pub inherited: i64,
}

/// A ticket with a broken promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BreachView {
    /// Its number.
    pub number: String,
    /// What was asked.
    pub kind: String,
    /// The department it is in.
    pub queue: String,
    /// For which customer.
    pub customer: Option<String>,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// Where it is.
    pub state: String,
    /// Whether the first reply was late.
    pub first_reply: bool,
    /// Whether the resolution was late.
    pub resolution: bool,
    /// Who had it how long, until now or until it was done.
    pub minutes: Minutes,
}

/// Open tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Backlog {
    /// How many there are now.
    pub now: i64,
    /// How many are younger than 1, 4, 8, 24, 72, 168, 720 hours, and older; each without those before.
    pub ages: Vec<i64>,
    /// When each hour (or each day, of a longer period) began, and how many tickets were open then.
    pub points: Vec<(DateTime<Utc>, i64)>,
}

/// A time of emergency mode (T8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Emergency {
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when; absent while it is on.
    pub to: Option<DateTime<Utc>>,
    /// What was said.
    pub reason: String,
}

/// The report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SlaReport {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// The first day of the period it is compared with.
    pub before_from: NaiveDate,
    /// The last day of that.
    pub before_to: NaiveDate,
    /// When the figures were true.
    pub at: DateTime<Utc>,
    /// What it is divided by: `kind`, `queue`, `channel` or `day`.
    #[schema(value_type = String)]
    pub group_by: GroupBy,
    /// All together.
    pub total: Figures,
    /// The same of the period before.
    pub before: Figures,
    /// The parts.
    pub groups: Vec<Group>,
    /// Tickets opened on Monday to Sunday, each with its 24 hours.
    pub heat: Vec<Vec<i64>>,
    /// Open tickets.
    pub backlog: Backlog,
    /// The desk's people, by id.
    pub staff: Vec<StaffFigures>,
    /// Times of emergency mode within the period.
    pub emergencies: Vec<Emergency>,
    /// The newest broken promises, each a ticket.
    pub breaches: Vec<BreachView>,
}

fn merged<'a>(cells: impl Iterator<Item = &'a Cell>) -> Cell {
    let mut sum = Cell::default();
    cells.for_each(|cell| sum.merge(cell));
    sum
}

fn group_key(by: GroupBy, key: &CellKey) -> String {
    match by {
        GroupBy::Kind => key.kind.to_string(),
        GroupBy::Queue => key.queue.to_string(),
        GroupBy::Channel => key.channel.to_string(),
        GroupBy::Day => date(key.day).to_string(),
    }
}

fn grouped(by: GroupBy, cells: &[(CellKey, Cell)]) -> BTreeMap<String, Cell> {
    let mut groups: BTreeMap<String, Cell> = BTreeMap::new();
    for (key, cell) in cells {
        groups.entry(group_key(by, key)).or_default().merge(cell);
    }
    groups
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
    let mut cells = tx.report_cells(period.before().from, period.to).await?;
    cells.retain(|(key, _)| filter.fits(key.kind, key.queue, key.channel));
    let split = cells.partition_point(|(key, _)| key.day < period.from);
    let (before, cells) = cells.split_at(split);
    let total = merged(cells.iter().map(|c| &c.1));
    // Days of one period are not those of another.
    let earlier = if by == GroupBy::Day { BTreeMap::new() } else { grouped(by, before) };
    let mut keys = grouped(by, cells);
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
    let breaches = listed(tx, period, filter, now).await?;
    Ok(SlaReport {
        from,
        to,
        before_from,
        before_to,
        at: now,
        group_by: by,
        groups,
        heat: heat(cells),
        staff: staff(&total.staff),
        backlog: backlog(tx, period, now).await?,
        emergencies: emergencies(tx, period).await?,
        breaches,
        before: (&merged(before.iter().map(|c| &c.1))).into(),
        total: (&total).into(),
    })
}

/// The newest broken promises that fit.
async fn listed(
    tx: &mut Tx,
    period: Period,
    filter: Filter,
    now: Moment,
) -> Result<Vec<BreachView>, ServiceError> {
    let (mut found, mut after) = (Vec::new(), None);
    while found.len() < LISTED {
        let page = tx.report_facts_listed(period.moments(), true, after, 200).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.opened_at, last.number));
        let fitting = page.iter().filter(|f| filter.fits(f.kind, f.queue, f.channel));
        found.extend(fitting.take(LISTED - found.len()).map(|fact| breach(fact, now)));
    }
    Ok(found)
}

fn breach(fact: &crate::domain::report::Fact, now: Moment) -> BreachView {
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
fn heat(cells: &[(CellKey, Cell)]) -> Vec<Vec<i64>> {
    let mut heat = vec![vec![0; 24]; 7];
    for (key, cell) in cells {
        let weekday = usize::try_from(weekday(key.day)).unwrap_or(0);
        for (hour, count) in &cell.hours {
            if let Some(place) = heat[weekday].get_mut(usize::try_from(*hour).unwrap_or(usize::MAX)) {
                *place += count;
            }
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
    let mut ages = vec![0; AGES.len() + 1];
    let owed = tx.tickets_owed_since().await?;
    for opened in &owed {
        let hours = (now - opened).num_hours();
        ages[AGES.partition_point(|age| *age <= hours)] += 1;
    }
    let (from, to) = period.moments();
    // Almaty is whole hours from UTC, so that its days begin with an hour.
    let hour = |moment: Moment| moment.timestamp().div_euclid(3_600);
    let end = hour(to).min(hour(now) + 1);
    let (mut open, changes) = tx.report_flow(hour(from), end).await?;
    let step = if period.days() <= 14 { 1 } else { 24 };
    let mut changes = changes.into_iter().peekable();
    let mut points = Vec::new();
    for at in hour(from)..end {
        if (at - hour(from)) % step == 0 {
            points.push((DateTime::from_timestamp(at * 3_600, 0).unwrap_or_default(), open));
        }
        while let Some((_, change)) = changes.next_if(|c| c.0 == at) {
            open += change;
        }
    }
    Ok(Backlog { now: i64::try_from(owed.len()).unwrap_or(i64::MAX), ages, points })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compliance_is_never_rounded_up() {
        assert_eq!(percent(9_999, 10_000).as_deref(), Some("99.99"));
        assert_eq!(percent(99_999, 100_000).as_deref(), Some("99.99"));
        assert_eq!(percent(1, 3).as_deref(), Some("33.33"));
        assert_eq!(percent(5, 5).as_deref(), Some("100.00"));
        assert_eq!(percent(0, 0), None);
    }
}
