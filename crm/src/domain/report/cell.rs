//! Sums of facts. Whatever is added can be taken out again, and nothing remains of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::day_and_hour;
use super::fact::{Fact, Kept, Promise};
use super::minutes::{Spent, is_zero};
use super::times::Times;
use crate::domain::ticket::State;

/// How a promise was kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    /// In time.
    #[serde(skip_serializing_if = "is_zero")]
    pub met: i64,
    /// Not in time.
    #[serde(skip_serializing_if = "is_zero")]
    pub breached: i64,
    /// Not decided yet.
    #[serde(skip_serializing_if = "is_zero")]
    pub running: i64,
    /// Ceased to matter.
    #[serde(skip_serializing_if = "is_zero")]
    pub void: i64,
    /// How long it took, of what was done.
    #[serde(skip_serializing_if = "Times::is_empty")]
    pub times: Times,
    /// The sum of those lengths, milliseconds.
    #[serde(skip_serializing_if = "is_zero")]
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
#[serde(default)]
pub struct Load {
    /// Tickets he had.
    #[serde(skip_serializing_if = "is_zero")]
    pub held: i64,
    /// Tickets he solved.
    #[serde(skip_serializing_if = "is_zero")]
    pub solved: i64,
    /// Promises that were broken while he had had the time.
    #[serde(skip_serializing_if = "is_zero")]
    pub breached: i64,
    /// Broken promises that he took over when most of the time was gone.
    #[serde(skip_serializing_if = "is_zero")]
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
#[serde(default)]
pub struct Cell {
    /// How many were opened.
    #[serde(skip_serializing_if = "is_zero")]
    pub opened: i64,
    /// The same by the hour of the day.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hours: BTreeMap<u32, i64>,
    /// How many are solved now, or were until they closed.
    #[serde(skip_serializing_if = "is_zero")]
    pub solved: i64,
    /// How many of those by a proof, without a human.
    #[serde(skip_serializing_if = "is_zero")]
    pub automated: i64,
    /// How many were ever reopened.
    #[serde(skip_serializing_if = "is_zero")]
    pub reopened: i64,
    /// How often each rating was given.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ratings: BTreeMap<u32, i64>,
    /// How many were cancelled, declined or merged.
    #[serde(skip_serializing_if = "is_zero")]
    pub ended: i64,
    /// The first-reply promise.
    pub first_reply: Tally,
    /// The resolution promise.
    pub resolution: Tally,
    /// Where the minutes went, of what is not owed any more.
    pub spent: Spent,
    /// By member of the desk.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub staff: BTreeMap<String, Load>,
}

impl Cell {
    /// Adds a ticket (`times` 1) or takes it out (-1).
    pub fn count(&mut self, fact: &Fact, times: i64) {
        self.opened += times;
        bump(&mut self.hours, day_and_hour(fact.opened_at).1, times);
        match fact.state {
            State::Solved | State::Closed => self.solved += times,
            State::Cancelled | State::Declined | State::Merged => self.ended += times,
            _ => {}
        }
        self.automated += i64::from(fact.automated) * times;
        self.reopened += i64::from(fact.reopened > 0) * times;
        if let Some(rating) = fact.rating {
            bump(&mut self.ratings, u32::from(rating), times);
        }
        self.first_reply.count(&fact.first_reply, times);
        self.resolution.count(&fact.resolution, times);
        if !fact.state.is_active() {
            self.spent.add(&fact.spent, times);
        }
        for (name, held) in &fact.staff {
            let load = self.staff.entry(name.clone()).or_default();
            load.held += times;
            load.solved += i64::from(held.solved) * times;
            load.breached += i64::from(held.breached) * times;
            load.inherited += i64::from(held.inherited) * times;
            if *load == Load::default() {
                self.staff.remove(name);
            }
        }
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Self) {
        self.opened += other.opened;
        for (hour, count) in &other.hours {
            bump(&mut self.hours, *hour, *count);
        }
        self.solved += other.solved;
        self.automated += other.automated;
        self.reopened += other.reopened;
        for (rating, count) in &other.ratings {
            bump(&mut self.ratings, *rating, *count);
        }
        self.ended += other.ended;
        self.first_reply.merge(&other.first_reply);
        self.resolution.merge(&other.resolution);
        self.spent.add(&other.spent, 1);
        for (name, load) in &other.staff {
            let sum = self.staff.entry(name.clone()).or_default();
            sum.merge(load);
            if *sum == Load::default() {
                self.staff.remove(name);
            }
        }
    }

    /// Whether nothing is left in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn bump(counts: &mut BTreeMap<u32, i64>, key: u32, times: i64) {
    let count = counts.entry(key).or_default();
    *count += times;
    if *count == 0 {
        counts.remove(&key);
    }
}
