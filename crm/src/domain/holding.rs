//! Where a ticket's minutes went: segment by segment, who held it. Folded from its events, so it can always be told again.

use super::audit::EventRecord;
use super::event::Event;
use super::ids::{StaffId, TicketId};
use super::kind::Queue;
use super::ticket::{State, Ticket};
use crate::clock::Moment;

/// Who holds a ticket at a moment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// Nobody yet: it waits in a department.
    Queue(Queue),
    /// A person of the desk works on it.
    Engineer(StaffId),
    /// Its action waits for approvals.
    Approval,
    /// The provisioner carries its action out.
    Provisioner,
    /// The desk asked, the customer has not answered.
    Customer,
}

impl Holder {
    /// Who holds `ticket` as it is now; `None` when it is over.
    pub fn of(ticket: &Ticket) -> Option<Self> {
        Some(match ticket.state {
            State::New | State::Open => match &ticket.assignee {
                Some(staff) => Self::Engineer(staff.clone()),
                None => Self::Queue(ticket.queue),
            },
            State::WaitingCustomer => Self::Customer,
            State::WaitingApproval => Self::Approval,
            State::Executing => Self::Provisioner,
            _ => return None,
        })
    }

    /// The word for classes and files.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Queue(_) => "queue",
            Self::Engineer(_) => "engineer",
            Self::Approval => "approval",
            Self::Provisioner => "provisioner",
            Self::Customer => "customer",
        }
    }
}

/// A stretch of time in the same hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Whose.
    pub holder: Holder,
    /// From when.
    pub from: Moment,
    /// Until when; the last one of an active ticket ends now.
    pub until: Moment,
    /// Whether it still goes on.
    pub is_open: bool,
    /// 1; one more after each reopening.
    pub cycle: u32,
}

impl Segment {
    /// Its length, milliseconds.
    pub fn ms(&self) -> i64 {
        (self.until - self.from).num_milliseconds()
    }
}

/// All segments of a ticket until `now`, oldest first, without empty ones. Time after a solution belongs to nobody, until it is reopened.
pub fn segments(records: &[EventRecord], now: Moment) -> Vec<Segment> {
    let Some((first, rest)) = records.split_first() else { return Vec::new() };
    let Event::Opened(opening) = &first.event else { return Vec::new() };
    let mut ticket = Ticket::opened(TicketId(first.stream), first.at, (**opening).clone());
    let mut segments: Vec<Segment> = Vec::new();
    let mut since = first.at;
    let mut close = |holder: Option<Holder>, from: Moment, until: Moment, is_open: bool, cycle: u32| {
        let Some(holder) = holder else { return };
        match segments.last_mut() {
            Some(last) if last.holder == holder && last.until == from && last.cycle == cycle => {
                (last.until, last.is_open) = (until, is_open);
            }
            _ if until > from => segments.push(Segment { holder, from, until, is_open, cycle }),
            _ => {}
        }
    };
    for record in rest {
        let (holder, cycle) = (Holder::of(&ticket), ticket.cycle);
        ticket.apply(&record.event, &record.actor, record.at);
        if Holder::of(&ticket) != holder || ticket.cycle != cycle {
            // What is recorded late (a breach) carries an earlier moment; hands do not change backwards.
            let at = record.at.max(since);
            close(holder, since, at, false, cycle);
            since = at;
        }
    }
    close(Holder::of(&ticket), since, now.max(since), true, ticket.cycle);
    segments
}

/// Why a deadline is where it is: what was added to the start and the budget, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shifts {
    /// The clock stood still, because the policy names a state (T11).
    pub paused_ms: i64,
    /// The ticket was solved, until it was reopened.
    pub solved_ms: i64,
}

/// What moved the deadline of the resolution.
pub fn resolution_shifts(records: &[EventRecord]) -> Shifts {
    let (mut shifts, mut paused, mut solved): (Shifts, Option<Moment>, Option<Moment>) = Default::default();
    for record in records {
        match &record.event {
            Event::ClockPaused => paused = Some(record.at),
            Event::ClockResumed => {
                shifts.paused_ms += paused.take().map_or(0, |since| (record.at - since).num_milliseconds());
            }
            Event::Solved { .. } => {
                shifts.paused_ms += paused.take().map_or(0, |since| (record.at - since).num_milliseconds());
                solved = Some(record.at);
            }
            Event::Reopened { .. } => {
                shifts.solved_ms += solved.take().map_or(0, |since| (record.at - since).num_milliseconds());
            }
            _ => {}
        }
    }
    shifts
}
