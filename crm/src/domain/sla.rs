//! The SLA clock of one promise: a start, a budget, marks on the way, and a result that never changes.
//!
//! A clock is plain data. Deadlines are computed when something happens, never looked for: [`TargetClock::wake_at`] is the next
//! moment anything is due, and [`TargetClock::due_by`] lists all that is due by a moment, each with the moment it fell due, so that a
//! late start after downtime fires everything once and nothing twice (RULES.md T1–T8, T11).

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;

word_enum! {
    /// What is promised.
    pub enum Target {
        /// The first reply by a human or by the finished action (T8).
        FirstReply = "first_reply",
        /// The request handled (T1–T7).
        Resolution = "resolution",
    }
}

/// How a promise stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Not kept yet, not broken yet.
    Running,
    /// Kept at this moment, by the deadline.
    Met {
        /// When.
        at: Moment,
    },
    /// Broken at the deadline, for good; `answered_at` says when it was done all the same.
    Breached {
        /// When the thing was done late, if it was.
        answered_at: Option<Moment>,
    },
    /// Ended without result: the ticket was cancelled, declined or merged before the deadline.
    Void,
}

/// One promise and its clock. Times are moments, lengths milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetClock {
    /// Which promise.
    pub target: Target,
    /// When the clock began.
    pub started_at: Moment,
    /// How long the promise is.
    pub budget_ms: i64,
    /// When it is broken: the start, the budget and all pauses so far.
    pub due_at: Moment,
    /// Set while the policy pauses this clock.
    pub paused_at: Option<Moment>,
    /// The marks (per cent of the budget) that have been fired, each once in the clock's life.
    pub marks_fired: Vec<u32>,
    /// How it stands.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Something that fell due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// When it fell due; the mark at 100 per cent is the deadline itself.
    pub moment: Moment,
    /// Per cent of the budget.
    pub percent: u32,
}

impl TargetClock {
    /// Starts a clock at `now`.
    pub fn start(target: Target, now: Moment, budget_ms: i64) -> Self {
        Self {
            target,
            started_at: now,
            budget_ms,
            due_at: now + TimeDelta::milliseconds(budget_ms),
            paused_at: None,
            marks_fired: Vec::new(),
            outcome: Outcome::Running,
        }
    }

    /// When `percent` of the budget is used up, if nothing pauses the clock.
    pub fn mark_moment(&self, percent: u32) -> Moment {
        let left = self.budget_ms * (100 - i64::from(percent)) / 100;
        self.due_at - TimeDelta::milliseconds(left)
    }

    /// Whether marks may still fire: running, or broken and still not done.
    fn ticking(&self) -> bool {
        self.paused_at.is_none()
            && matches!(self.outcome, Outcome::Running | Outcome::Breached { answered_at: None })
    }

    fn pending<'a>(&'a self, marks: &'a [u32]) -> impl Iterator<Item = Due> + 'a {
        // The deadline is always a mark, whether the policy lists it or not.
        marks
            .iter()
            .copied()
            .chain((!marks.contains(&100)).then_some(100))
            .filter(|percent| self.ticking() && !self.marks_fired.contains(percent))
            .map(|percent| Due { moment: self.mark_moment(percent), percent })
    }

    /// The next moment at which one of `marks` or the deadline is due; `None` when nothing will be.
    pub fn wake_at(&self, marks: &[u32]) -> Option<Moment> {
        self.pending(marks).map(|due| due.moment).min()
    }

    /// All that is due by `now` and was not fired, oldest first.
    pub fn due_by(&self, now: Moment, marks: &[u32]) -> Vec<Due> {
        let mut due: Vec<_> = self.pending(marks).filter(|due| due.moment <= now).collect();
        due.sort_unstable();
        due
    }

    /// Remembers that a mark fired; the one at 100 per cent breaks the promise.
    pub fn fire(&mut self, percent: u32) {
        if !self.marks_fired.contains(&percent) {
            self.marks_fired.push(percent);
        }
        if percent == 100 && self.outcome == Outcome::Running {
            self.outcome = Outcome::Breached { answered_at: None };
        }
    }

    /// The promised thing was done at `at`. The caller has fired what was due before.
    pub fn fulfil(&mut self, at: Moment) {
        self.resume(at);
        self.outcome = match self.outcome {
            Outcome::Running => Outcome::Met { at },
            Outcome::Breached { answered_at: None } => Outcome::Breached { answered_at: Some(at) },
            done => done,
        };
    }

    /// The ticket ended without the promise mattering any more.
    pub fn void(&mut self, at: Moment) {
        self.resume(at);
        if self.outcome == Outcome::Running {
            self.outcome = Outcome::Void;
        }
    }

    /// Stops the clock where it is (only what the policy names pauses one).
    pub fn pause(&mut self, at: Moment) {
        if self.outcome == Outcome::Running && self.paused_at.is_none() {
            self.paused_at = Some(at);
        }
    }

    /// Lets a paused clock run on; the deadline moves by the pause.
    pub fn resume(&mut self, at: Moment) {
        if let Some(since) = self.paused_at.take() {
            self.due_at += at - since;
        }
    }

    /// A reopened ticket goes on with its old clock (T11): the time between `stopped` and `now` does not count, what was used stays
    /// used, a broken promise stays broken.
    pub fn reopen(&mut self, stopped: Moment, now: Moment) {
        match self.outcome {
            Outcome::Met { .. } | Outcome::Void => {
                self.due_at += now - stopped;
                self.outcome = Outcome::Running;
            }
            Outcome::Breached { .. } => self.outcome = Outcome::Breached { answered_at: None },
            Outcome::Running => {}
        }
    }

    /// The budget after a change of what is promised to `budget_ms`: by itself counted from the start of the clock; with `from_now` a
    /// shorter promise begins at `now`, but never ends later than the old one. A promise that has ended keeps what it had.
    pub fn changed_budget(&self, budget_ms: i64, from_now: bool, now: Moment) -> i64 {
        if self.outcome != Outcome::Running {
            return self.budget_ms;
        }
        if from_now && budget_ms < self.budget_ms {
            return (self.used_ms(now) + budget_ms).min(self.budget_ms);
        }
        budget_ms
    }

    /// Gives a running clock another budget from its start on; marks that lie ahead again will fire again.
    pub fn rebudget(&mut self, budget_ms: i64, at: Moment) {
        if self.outcome != Outcome::Running {
            return;
        }
        self.due_at += TimeDelta::milliseconds(budget_ms - self.budget_ms);
        self.budget_ms = budget_ms;
        let now = self.paused_at.unwrap_or(at);
        let ahead: Vec<u32> =
            self.marks_fired.iter().copied().filter(|p| self.mark_moment(*p) > now).collect();
        self.marks_fired.retain(|percent| !ahead.contains(percent));
    }

    /// Milliseconds until the deadline at `now`; negative when it has passed. A paused clock stands still.
    pub fn left_ms(&self, now: Moment) -> i64 {
        (self.due_at - self.paused_at.unwrap_or(now)).num_milliseconds()
    }

    /// Milliseconds of the budget used at `at`.
    pub fn used_ms(&self, at: Moment) -> i64 {
        self.budget_ms - self.left_ms(at)
    }

    /// When the promised thing was done, in time or late: from then on nothing of the budget is used.
    pub const fn done_at(&self) -> Option<Moment> {
        match self.outcome {
            Outcome::Met { at } | Outcome::Breached { answered_at: Some(at) } => Some(at),
            Outcome::Running | Outcome::Breached { answered_at: None } | Outcome::Void => None,
        }
    }

    /// Whether the promise has been broken, whenever that was noticed.
    pub fn is_breached(&self, now: Moment) -> bool {
        match self.outcome {
            Outcome::Breached { .. } => true,
            Outcome::Running => self.left_ms(now) <= 0,
            Outcome::Met { .. } | Outcome::Void => false,
        }
    }
}

#[cfg(test)]
#[path = "sla_tests.rs"]
mod tests;
