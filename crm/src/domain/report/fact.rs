//! What one ticket contributes to the figures, from its present state and its events.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::day_and_hour;
use super::minutes::{Holder, Segment, Spent, segments, walk};
use super::sums::Place;
use crate::clock::Moment;
use crate::domain::actor::Actor;
use crate::domain::audit::EventRecord;
use crate::domain::event::Event;
use crate::domain::ids::StaffId;
use crate::domain::kind::{Channel, Kind, Queue};
use crate::domain::sla::{Outcome, TargetClock};
use crate::domain::ticket::{State, Ticket};

/// Per cent of the promised time after which whoever takes a ticket inherits its breach.
const INHERITED_AFTER: u32 = 75;

/// How a promise ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// In time.
    Met,
    /// Not in time, whether it was done later or not.
    Breached,
    /// Not decided yet.
    Running,
    /// It ceased to matter before the deadline.
    Void,
}

/// One promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// How it ended.
    pub kept: Kept,
    /// How long it took, milliseconds, once it was done.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub took_ms: Option<i64>,
}

impl Promise {
    fn of(clock: &TargetClock) -> Self {
        let kept = match clock.outcome {
            Outcome::Met { .. } => Kept::Met,
            Outcome::Breached { .. } => Kept::Breached,
            Outcome::Running => Kept::Running,
            Outcome::Void => Kept::Void,
        };
        // What was used of the budget, and so without pauses and the time between a solution and a reopening.
        Self { kept, took_ms: clock.done_at().map(|at| clock.used_ms(at).max(0)) }
    }
}

/// What a member of the desk had to do with a ticket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Held {
    /// He said that it was solved.
    pub solved: bool,
    /// The resolution was promised for a moment at which he had it, and he had had the time.
    pub breached: bool,
    /// He took it when most of the time was gone, and it was broken.
    pub inherited: bool,
}

/// What one ticket contributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Its number.
    pub number: i64,
    /// What was asked.
    pub kind: Kind,
    /// The department it is in.
    pub queue: Queue,
    /// How it came.
    pub channel: Channel,
    /// For which customer.
    pub customer: Option<String>,
    /// When it was opened.
    pub opened_at: Moment,
    /// Where it is.
    pub state: State,
    /// The first-reply promise.
    pub first_reply: Promise,
    /// The resolution promise.
    pub resolution: Promise,
    /// How often it was reopened.
    pub reopened: u32,
    /// How the customer rated the help, 1 to 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<u8>,
    /// Whether it is solved, and only machines had it, with a proof read back.
    pub automated: bool,
    /// Who had it how long, until it was solved last.
    pub spent: Spent,
    /// When it was not solved yet: since when whoever has it now has it.
    pub since: Option<Moment>,
    /// Who had it last.
    pub holder: Holder,
    /// People of the desk who had it.
    pub staff: BTreeMap<String, Held>,
    /// When it began (1) and ceased (-1) to be owed.
    pub flow: Vec<(Moment, i64)>,
}

/// Whether this is a person of the desk: programs that act by a token of their own are none.
fn person(staff: &StaffId) -> bool {
    !staff.as_str().starts_with("token/")
}

impl Fact {
    /// The contribution of a ticket with these events, as far as they are recorded.
    pub fn of(ticket: &Ticket, records: &[EventRecord]) -> Self {
        let segments = segments(records);
        let (closed, open) = match segments.split_last() {
            Some((last, rest)) if last.to.is_none() => (rest, Some(last)),
            _ => (&segments[..], None),
        };
        let holder = open.map_or(Holder::Nobody, |last| last.holder.clone());
        Self {
            number: ticket.number.0,
            kind: ticket.kind,
            queue: ticket.queue,
            channel: ticket.origin.channel,
            customer: ticket.customer.as_ref().map(ToString::to_string),
            opened_at: ticket.opened_at,
            state: ticket.state,
            first_reply: Promise::of(&ticket.first_reply),
            resolution: Promise::of(&ticket.resolution),
            reopened: ticket.cycle.saturating_sub(1),
            rating: ticket.rating,
            automated: automated(ticket, records),
            spent: Spent::of(closed, ticket.opened_at),
            since: open.filter(|_| holder != Holder::Nobody).map(|last| last.from),
            holder,
            staff: staff(ticket, records, &segments),
            flow: flow(records),
        }
    }

    /// Whether any of its promises was broken.
    pub fn is_breached(&self) -> bool {
        self.first_reply.kept == Kept::Breached || self.resolution.kept == Kept::Breached
    }

    /// Who had it how long until `now`.
    pub fn spent_until(&self, now: Moment) -> Spent {
        let mut spent = self.spent;
        if let Some(from) = self.since {
            let last = Segment { from, to: None, holder: self.holder.clone() };
            spent.add(&Spent::of(&[last], now), 1);
        }
        spent
    }

    /// Whether the desk owes something.
    pub const fn is_owed(&self) -> bool {
        self.state.is_active()
    }

    /// Whether the desk owed something when `at` began.
    pub fn was_owed(&self, at: Moment) -> bool {
        self.flow.iter().filter(|(when, _)| *when < at).map(|(_, change)| change).sum::<i64>() > 0
    }

    /// The day for which it counts.
    pub fn day(&self) -> i64 {
        day_and_hour(self.opened_at).0
    }

    /// Which cell of its day it belongs to.
    pub const fn place(&self) -> Place {
        Place { kind: self.kind, queue: self.queue, channel: self.channel }
    }
}

/// Solved by a proof, and no human did anything to it.
fn automated(ticket: &Ticket, records: &[EventRecord]) -> bool {
    let by_proof =
        records.iter().any(|r| r.actor == Actor::Provisioner && matches!(r.event, Event::Solved { .. }));
    let human = |r: &EventRecord| {
        matches!(&r.actor, Actor::Staff { id, .. } if person(id)) && !matches!(r.event, Event::Opened(_))
    };
    matches!(ticket.state, State::Solved | State::Closed) && by_proof && !records.iter().any(human)
}

fn flow(records: &[EventRecord]) -> Vec<(Moment, i64)> {
    let mut flow = Vec::new();
    let mut before = false;
    walk(records, |ticket, at| {
        let now = ticket.state.is_active();
        if now != before {
            flow.push((at, if now { 1 } else { -1 }));
        }
        before = now;
    });
    flow
}

fn staff(ticket: &Ticket, records: &[EventRecord], segments: &[Segment]) -> BTreeMap<String, Held> {
    let mut people: BTreeMap<String, Held> = BTreeMap::new();
    let engineer = |segment: &Segment| match &segment.holder {
        Holder::Engineer { staff } if person(staff) => Some(staff.to_string()),
        _ => None,
    };
    for name in segments.iter().filter_map(engineer) {
        people.entry(name).or_default();
    }
    for record in records {
        if let Event::Taken { by } | Event::Assigned { to: by, .. } = &record.event
            && person(by)
        {
            people.entry(by.to_string()).or_default();
        }
        if let (Event::Solved { .. }, Actor::Staff { id, .. }) = (&record.event, &record.actor)
            && person(id)
        {
            people.entry(id.to_string()).or_default().solved = true;
        }
    }
    if let Some((name, inherited)) = blamed(ticket, records) {
        let held = people.entry(name).or_default();
        if inherited {
            held.inherited = true;
        } else {
            held.breached = true;
        }
    }
    people
}

/// Whose the broken resolution promise is, and whether he inherited it: of whoever had taken the ticket by the deadline, else of whoever
/// took it first thereafter. Nobody's, if nobody took it.
fn blamed(ticket: &Ticket, records: &[EventRecord]) -> Option<(String, bool)> {
    if !matches!(ticket.resolution.outcome, Outcome::Breached { .. }) {
        return None;
    }
    let due = ticket.resolution.due_at;
    let late = ticket.resolution.mark_moment(INHERITED_AFTER);
    let taken = records.iter().filter_map(|r| match &r.event {
        Event::Taken { by } | Event::Assigned { to: by, .. } if person(by) => Some((r.at, by)),
        _ => None,
    });
    let (before, after): (Vec<_>, Vec<_>) = taken.partition(|(at, _)| *at <= due);
    let (at, by) = before.last().or_else(|| after.first())?;
    Some((by.to_string(), *at > late))
}
