//! The figures of a report as the page, the API, the files and the bot hand them out.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::report::{Cell, Counts, GroupBy, Spent, Tally};

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

fn mean_rating(ratings: &Counts) -> Option<String> {
    let sum: i64 = ratings.iter().map(|(rating, count)| i64::from(rating) * count).sum();
    let hundredths = (sum * 100).checked_div(ratings.total())?;
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
            rated: cell.ratings.total(),
            rating: mean_rating(&cell.ratings),
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
