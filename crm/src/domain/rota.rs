//! Who is on call: a queue's rota, week by week, as a chain of people to page.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::ids::StaffId;
use super::kind::Queue;
use crate::clock::Moment;

/// One queue's rota.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rota {
    /// Whose.
    pub queue: Queue,
    /// The start of the first shift.
    pub starts: Moment,
    /// Length of a shift, hours.
    pub shift_hours: i64,
    /// Who takes turns, in order.
    pub order: Vec<StaffId>,
    /// How long a paged person has before the next is paged, minutes.
    pub ack_timeout_minutes: i64,
}

impl Rota {
    /// The people to page at `now`, first to last: whoever is on shift, then the following ones, then the duty managers; nobody
    /// twice. Before the first shift, the first of the order is on call.
    pub fn chain(&self, now: Moment, duty_managers: &[StaffId]) -> Vec<StaffId> {
        let shift_ms = TimeDelta::hours(self.shift_hours.max(1)).num_milliseconds();
        let elapsed = (now - self.starts).num_milliseconds().max(0);
        let count = self.order.len().max(1);
        let turn = usize::try_from(elapsed / shift_ms).unwrap_or(0) % count;
        let mut chain: Vec<StaffId> = Vec::new();
        for staff in self.order.iter().cycle().skip(turn).take(self.order.len()).chain(duty_managers) {
            if !chain.contains(staff) {
                chain.push(staff.clone());
            }
        }
        chain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &[&str]) -> Vec<StaffId> {
        names.iter().map(|n| StaffId::from(*n)).collect()
    }

    #[test]
    fn shifts_turn_and_the_duty_manager_is_last() {
        let starts = chrono::DateTime::from_timestamp(1_790_000_000, 0).expect("in range");
        let rota = Rota {
            queue: Queue::Support,
            starts,
            shift_hours: 12,
            order: ids(&["nurlan", "dana", "timur"]),
            ack_timeout_minutes: 5,
        };
        let chain = |hours| rota.chain(starts + TimeDelta::hours(hours), &ids(&["saule", "dana"]));
        assert_eq!(chain(0), ids(&["nurlan", "dana", "timur", "saule"]));
        assert_eq!(chain(11), ids(&["nurlan", "dana", "timur", "saule"]));
        assert_eq!(chain(12), ids(&["dana", "timur", "nurlan", "saule"]));
        assert_eq!(chain(36 + 24), ids(&["timur", "nurlan", "dana", "saule"]));
        assert_eq!(chain(-5), ids(&["nurlan", "dana", "timur", "saule"]));
        let empty = Rota { order: Vec::new(), ..rota };
        assert_eq!(empty.chain(starts, &ids(&["saule"])), ids(&["saule"]));
    }
}
