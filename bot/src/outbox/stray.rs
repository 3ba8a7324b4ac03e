//! Claimed rows that nobody holds.
//!
//! A commit may take effect though its answer is lost with the connection: then rows are claimed in the database and nobody here knows of
//! them. The sender looks for such rows now and then and makes them ready again, so that they wait half a minute and not until the next
//! leader.

use std::collections::HashSet;

use chrono::TimeDelta;
use crm::clock::Moment;
use crm::store::Result;
use uuid::Uuid;

use super::Sender;

/// How often the sender looks. A row is a stray when two looks in turn find it held by nobody: between a commit and the sender's memory
/// it may be on its way.
const BETWEEN: TimeDelta = TimeDelta::seconds(15);

/// What the looks found.
#[derive(Debug, Default)]
pub(super) struct Strays {
    next: Option<Moment>,
    suspected: HashSet<Uuid>,
}

impl Strays {
    /// Whether it is time to look.
    fn is_due(&mut self, now: Moment) -> bool {
        let due = self.next.is_none_or(|next| next <= now);
        if due {
            self.next = Some(now + BETWEEN);
        }
        due
    }

    /// Of the `claimed` rows, those that neither this look nor the last saw held.
    fn of(&mut self, claimed: &[Uuid], held: &HashSet<Uuid>) -> Vec<Uuid> {
        let unheld: HashSet<Uuid> = claimed.iter().filter(|id| !held.contains(id)).copied().collect();
        let (lost, suspected): (Vec<Uuid>, Vec<Uuid>) =
            unheld.into_iter().partition(|id| self.suspected.contains(id));
        self.suspected = suspected.into_iter().collect();
        lost
    }
}

impl Sender {
    /// Makes claimed rows that nobody holds ready again.
    pub(super) async fn find_strays(&mut self, now: Moment) -> Result<()> {
        if !self.strays.is_due(now) {
            return Ok(());
        }
        let claimed = self.db.read().await?.outbox_claimed().await?;
        let mut held: HashSet<Uuid> = self.queue.ids().collect();
        held.extend(&self.in_flight);
        held.extend(self.unworded.iter().map(|item| item.id));
        held.extend(self.unwritten.iter().map(|sending| sending.item.id));
        let lost: Vec<Uuid> = self.strays.of(&claimed, &held);
        if lost.is_empty() {
            return Ok(());
        }
        tracing::warn!(rows = lost.len(), "messages were claimed and held by nobody; they are sent now");
        let mut tx = self.db.begin().await?;
        tx.outbox_release(&lost).await?;
        tx.commit().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_two_looks_in_turn_find_unheld_is_lost() {
        let [held, passing, stray] = [1, 2, 3].map(Uuid::from_u128);
        let mut strays = Strays::default();
        let hands = HashSet::from([held]);
        assert!(strays.of(&[held, passing, stray], &hands).is_empty(), "it may be on its way");
        assert_eq!(strays.of(&[held, stray], &hands), [stray]);
        assert!(strays.of(&[stray], &hands).is_empty(), "made ready and claimed again, it begins anew");
        assert!(strays.of(&[], &hands).is_empty() && strays.of(&[stray], &hands).is_empty(), "not in turn");
    }

    #[test]
    fn looks_are_far_apart() {
        let mut strays = Strays::default();
        let now = Moment::UNIX_EPOCH;
        assert!(strays.is_due(now) && !strays.is_due(now) && strays.is_due(now + BETWEEN));
    }
}
