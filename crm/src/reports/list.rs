//! The tickets behind a figure: found by the very rule that counted them, so that a list is as long as its figure says.

use super::{Filter, Period, Reports};
use crate::clock::Moment;
use crate::domain::report::Which;
use crate::service::ServiceError;

/// Tickets read at a time.
const STEP: i64 = 1_000;
/// Tickets looked at for one page, so that a rare thing in a long period costs several short pages and not one long wait.
const LOOKED: i64 = 20_000;

/// Where a page of a list ends: the moment at which the last ticket that was looked at was opened, and its number.
pub type Mark = (Moment, i64);

/// A page of the tickets behind a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Ticket numbers, newest first.
    pub numbers: Vec<i64>,
    /// Where to go on; `None` at the end.
    pub next: Option<Mark>,
}

impl Reports {
    /// The tickets that `which` counts in a period, newest first, after `after`, at most `limit`.
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
        let (mut numbers, mut next, mut looked) = (Vec::new(), after, 0);
        while looked < LOOKED {
            let page = tx.report_facts_listed(period.moments(), which.is_late(), filter, next, STEP).await?;
            let ended = i64::try_from(page.len()).unwrap_or(STEP) < STEP;
            for fact in page {
                next = Some((fact.opened_at, fact.number));
                if which.counts(&fact) {
                    numbers.push(fact.number);
                    if numbers.len() >= limit {
                        return Ok(Listing { numbers, next });
                    }
                }
            }
            if ended {
                next = None;
                break;
            }
            looked += STEP;
        }
        Ok(Listing { numbers, next })
    }
}
