//! Who is on call: a queue's rota, week by week, as a chain of people to page.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::ids::StaffId;
use super::kind::Queue;
use crate::clock::Moment;

/// Most stretches of one list: a rota of one-hour shifts over two months.
const TURNS: usize = 2_000;

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
    /// Who covers for the one whose turn it is, oldest first; of two at one moment the newer counts.
    #[serde(default)]
    pub covers: Vec<Cover>,
}

/// Somebody on call out of turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// Who.
    pub staff: StaffId,
    /// From when.
    pub starts: Moment,
    /// Until when.
    pub until: Moment,
}

/// One turn of a rota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// Whose.
    pub staff: StaffId,
    /// From when.
    pub starts: Moment,
    /// Until when.
    pub until: Moment,
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
        let covering = self.covers.iter().rev().filter(|c| c.starts <= now && now < c.until);
        let turns = self.order.iter().cycle().skip(turn).take(self.order.len());
        for staff in covering.map(|c| &c.staff).chain(turns).chain(duty_managers) {
            if !chain.contains(staff) {
                chain.push(staff.clone());
            }
        }
        chain
    }

    /// The shift of `now`, or the first one before it begins: who has it by the rota, from when, until when.
    pub fn shift(&self, now: Moment) -> Option<Shift> {
        let length = self.length();
        let passed = (now - self.starts).num_milliseconds().max(0) / length.num_milliseconds();
        self.nth(passed)
    }

    /// The shift after this one.
    pub fn following(&self, shift: &Shift) -> Option<Shift> {
        self.nth((shift.until - self.starts).num_milliseconds() / self.length().num_milliseconds())
    }

    /// The shift of `staff` that has not ended by `now`, nearest first.
    pub fn shift_of(&self, staff: &StaffId, now: Moment) -> Option<Shift> {
        let mut shift = self.shift(now)?;
        for _ in 0..self.order.len() {
            if shift.staff == *staff {
                return Some(shift);
            }
            shift = self.following(&shift)?;
        }
        None
    }

    /// Who is on call from `from` until `until`, stretch by stretch, covers counted; the first may have begun before `from`.
    pub fn turns(&self, from: Moment, until: Moment) -> Vec<Shift> {
        let mut turns = Vec::new();
        let mut at = self.shift(from.max(self.starts)).map(|shift| shift.starts);
        while let Some(starts) = at.filter(|at| *at < until && turns.len() < TURNS) {
            let Some(staff) = self.chain(starts, &[]).into_iter().next() else { break };
            at = self.next_change(starts);
            let end = at.unwrap_or(until);
            if end > from {
                turns.push(Shift { staff, starts, until: end });
            }
        }
        turns
    }

    /// The next moment after `now` at which somebody comes on: a shift's beginning, or that of a cover or its end.
    pub fn next_change(&self, now: Moment) -> Option<Moment> {
        let shift = self.shift(now)?;
        let turn = if now < self.starts { self.starts } else { shift.until };
        let covers = self.covers.iter().flat_map(|c| [c.starts, c.until]).filter(|at| *at > now);
        covers.chain([turn]).min()
    }

    fn length(&self) -> TimeDelta {
        TimeDelta::hours(self.shift_hours.max(1))
    }

    fn nth(&self, n: i64) -> Option<Shift> {
        let turn = usize::try_from(n).unwrap_or(0) % self.order.len().max(1);
        let starts = self.starts + self.length() * i32::try_from(n).ok()?;
        Some(Shift { staff: self.order.get(turn)?.clone(), starts, until: starts + self.length() })
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
            covers: Vec::new(),
        };
        let chain = |hours| rota.chain(starts + TimeDelta::hours(hours), &ids(&["saule", "dana"]));
        assert_eq!(chain(0), ids(&["nurlan", "dana", "timur", "saule"]));
        assert_eq!(chain(11), ids(&["nurlan", "dana", "timur", "saule"]));
        assert_eq!(chain(12), ids(&["dana", "timur", "nurlan", "saule"]));
        assert_eq!(chain(36 + 24), ids(&["timur", "nurlan", "dana", "saule"]));
        assert_eq!(chain(-5), ids(&["nurlan", "dana", "timur", "saule"]));
        let cover = |who: &str, from, to| Cover {
            staff: who.into(),
            starts: starts + TimeDelta::hours(from),
            until: starts + TimeDelta::hours(to),
        };
        let covered = Rota { covers: vec![cover("timur", 2, 12), cover("saule", 3, 4)], ..rota.clone() };
        let chain = |hours| covered.chain(starts + TimeDelta::hours(hours), &ids(&["saule"]));
        assert_eq!(chain(1), ids(&["nurlan", "dana", "timur", "saule"]));
        assert_eq!(chain(2), ids(&["timur", "nurlan", "dana", "saule"]));
        assert_eq!(chain(3), ids(&["saule", "timur", "nurlan", "dana"]), "the newer of two counts");
        assert_eq!(chain(12), ids(&["dana", "timur", "nurlan", "saule"]));
        let change =
            |hours| covered.next_change(starts + TimeDelta::hours(hours)).map(|at| (at - starts).num_hours());
        assert_eq!(
            [change(-1), change(0), change(2), change(3), change(4), change(12)],
            [Some(0), Some(2), Some(3), Some(4), Some(12), Some(24)]
        );
        let turns = covered.turns(starts + TimeDelta::hours(1), starts + TimeDelta::hours(24));
        let turns: Vec<_> = turns
            .iter()
            .map(|t| (t.staff.as_str(), (t.starts - starts).num_hours(), (t.until - starts).num_hours()))
            .collect();
        let expected =
            [("nurlan", 0, 2), ("timur", 2, 3), ("saule", 3, 4), ("timur", 4, 12), ("dana", 12, 24)];
        assert_eq!(turns, expected);
        assert!(rota.turns(starts - TimeDelta::days(7), starts).is_empty(), "before the first shift");
        let dana = rota.shift_of(&"dana".into(), starts + TimeDelta::hours(25)).map(|s| s.starts);
        assert_eq!(dana, Some(starts + TimeDelta::hours(48)), "her next turn");
        let empty = Rota { order: Vec::new(), ..rota };
        assert_eq!(empty.chain(starts, &ids(&["saule"])), ids(&["saule"]));
    }
}
