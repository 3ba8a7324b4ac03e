//! The tickets behind a figure: found by the very rule that counted them, so that a list is as long as its figure says.

use super::{Filter, Period, Reports, hour};
use crate::clock::Moment;
use crate::domain::report::Which;
use crate::service::ServiceError;

/// Tickets read at a time.
const STEP: i64 = 1_000;
/// Tickets looked at for one page, so that a rare thing in a long period costs several short pages and not one long wait.
const LOOKED: i64 = 20_000;

/// Where a page of a list ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// When the last ticket that was looked at was opened.
    pub opened_at: Moment,
    /// Its number.
    pub number: i64,
    /// Tickets on this page and those before.
    pub listed: usize,
}

/// A page of the tickets behind a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Ticket numbers, newest first.
    pub numbers: Vec<i64>,
    /// Where to go on; `None` at the end.
    pub next: Option<Mark>,
}

impl Reports {
    /// The tickets that `which` counts in a period, newest first, after `after`, at most `limit`. What was open at a moment may have been
    /// opened long before any period; it fits any filter, as the figure has none.
    pub async fn listed(
        &self,
        period: Period,
        filter: Filter,
        which: &Which,
        after: Option<Mark>,
        limit: usize,
    ) -> Result<Listing, ServiceError> {
        self.refresh().await?;
        let mut tx = self.db.read().await?;
        let before = after.map_or(0, |mark| mark.listed);
        let (mut span, mut fits, mut all) = (period.moments(), filter, None);
        if let Some(at) = which.at {
            (span, fits) = ((Moment::UNIX_EPOCH, at), Filter::default());
            // How many there are is known: past the last of them, nobody looks through all that was ever opened.
            let (open, _) = tx.report_flow(hour(&at), hour(&at)).await?;
            all = Some(usize::try_from(open).unwrap_or(0));
        }
        let (mut numbers, mut next, mut looked) = (Vec::new(), after, 0);
        while looked < LOOKED && all.is_none_or(|all| before + numbers.len() < all) {
            let below = next.map(|mark| (mark.opened_at, mark.number));
            let page = tx.report_facts_listed(span, which.is_late(), fits, below, STEP).await?;
            let ended = i64::try_from(page.len()).unwrap_or(STEP) < STEP;
            for fact in page {
                let counts = which.counts(&fact);
                numbers.extend(counts.then_some(fact.number));
                let listed = before + numbers.len();
                next = Some(Mark { opened_at: fact.opened_at, number: fact.number, listed });
                if counts && numbers.len() >= limit {
                    return Ok(Listing { next: next.filter(|mark| Some(mark.listed) != all), numbers });
                }
            }
            if ended {
                return Ok(Listing { numbers, next: None });
            }
            looked += STEP;
        }
        Ok(Listing { next: next.filter(|mark| all.is_none_or(|all| mark.listed < all)), numbers })
    }
}
