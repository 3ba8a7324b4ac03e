//! Sums of facts. Whatever is added can be taken out again, and nothing remains of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::fact::{Fact, Kept, Promise};
use super::minutes::Spent;
use super::times::Times;
use super::weekday_and_hour;
use crate::domain::ticket::State;

/// How a promise was kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// In time.
    pub met: i64,
    /// Not in time.
    pub breached: i64,
    /// Not decided yet.
    pub running: i64,
    /// Ceased to matter.
    pub void: i64,
    /// How long it took, of what was done.
    pub times: Times,
    /// The sum of those lengths, milliseconds.
    pub total_ms: i64,
}

impl Tally {
    fn count(&mut self, promise: &Promise, times: i64) {
        match promise.kept {
            Kept::Met => self.met += times,
            Kept::Breached => self.breached += times,
            Kept::Running => self.running += times,
            Kept::Void => self.void += times,
        }
        if let Some(ms) = promise.took_ms {
            self.times.add(ms, times);
            self.total_ms += ms * times;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.met += other.met;
        self.breached += other.breached;
        self.running += other.running;
        self.void += other.void;
        self.times.merge(&other.times);
        self.total_ms += other.total_ms;
    }
}

/// What a member of the desk had to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Tickets he had.
    pub held: i64,
    /// Tickets he solved.
    pub solved: i64,
    /// Promises that were broken while he had had the time.
    pub breached: i64,
    /// Broken promises that he took over when most of the time was gone.
    pub inherited: i64,
}

impl Load {
    fn merge(&mut self, other: &Self) {
        self.held += other.held;
        self.solved += other.solved;
        self.breached += other.breached;
        self.inherited += other.inherited;
    }
}

/// The sum of some tickets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// How many were opened.
    pub opened: i64,
    /// The same by the hour of the week, 0 to 167.
    pub hours: Counts,
    /// How many are solved now, or were until they closed.
    pub solved: i64,
    /// How many of those by a proof, without a human.
    pub automated: i64,
    /// How many were ever reopened.
    pub reopened: i64,
    /// How often each rating was given.
    pub ratings: Counts,
    /// How many were cancelled, declined or merged.
    pub ended: i64,
    /// The first-reply promise.
    pub first_reply: Tally,
    /// The resolution promise.
    pub resolution: Tally,
    /// Where the minutes went, of what is not owed any more.
    pub spent: Spent,
    /// By member of the desk.
    pub staff: BTreeMap<String, Load>,
}

impl Cell {
    /// Adds a ticket (`times` 1) or takes it out (-1).
    pub fn count(&mut self, fact: &Fact, times: i64) {
        self.opened += times;
        let (weekday, hour) = weekday_and_hour(fact.opened_at);
        self.hours.add(u16::try_from(weekday * 24 + i64::from(hour)).unwrap_or_default(), times);
        match fact.state {
            State::Solved | State::Closed => self.solved += times,
            State::Cancelled | State::Declined | State::Merged => self.ended += times,
            _ => {}
        }
        self.automated += i64::from(fact.automated) * times;
        self.reopened += i64::from(fact.reopened > 0) * times;
        if let Some(rating) = fact.rating {
            self.ratings.add(u16::from(rating), times);
        }
        self.first_reply.count(&fact.first_reply, times);
        self.resolution.count(&fact.resolution, times);
        if !fact.state.is_active() {
            self.spent.add(&fact.spent, times);
        }
        for (name, held) in &fact.staff {
            let load = Load {
                held: times,
                solved: i64::from(held.solved) * times,
                breached: i64::from(held.breached) * times,
                inherited: i64::from(held.inherited) * times,
            };
            self.load(name, &load);
        }
    }

    fn load(&mut self, name: &str, load: &Load) {
        // Most names are known: no copy of them is made.
        if let Some(sum) = self.staff.get_mut(name) {
            sum.merge(load);
            if *sum == Load::default() {
                self.staff.remove(name);
            }
        } else {
            self.staff.insert(name.to_owned(), *load);
        }
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Self) {
        self.opened += other.opened;
        self.hours.merge(&other.hours);
        self.solved += other.solved;
        self.automated += other.automated;
        self.reopened += other.reopened;
        self.ratings.merge(&other.ratings);
        self.ended += other.ended;
        self.first_reply.merge(&other.first_reply);
        self.resolution.merge(&other.resolution);
        self.spent.add(&other.spent, 1);
        for (name, load) in &other.staff {
            self.load(name, load);
        }
    }

    /// Whether nothing is left in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
