//! Where a ticket's minutes went: each stretch of its life and who had it.

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::domain::audit::EventRecord;
use crate::domain::event::Event;
use crate::domain::ids::{StaffId, TicketId};
use crate::domain::kind::Queue;
use crate::domain::ticket::{State, Ticket};

/// Who had a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "holder", rename_all = "snake_case")]
pub enum Holder {
    /// It waited in a department, and nobody had taken it.
    Queue {
        /// Which.
        queue: Queue,
    },
    /// A member of the desk.
    Engineer {
        /// Who.
        staff: StaffId,
    },
    /// Whoever must approve.
    Approval,
    /// The provisioner.
    Provisioner,
    /// The customer was asked.
    Customer,
    /// It was solved: nothing was owed.
    Nobody,
}

impl Holder {
    fn of(ticket: &Ticket) -> Self {
        match (ticket.state, &ticket.assignee) {
            (State::WaitingCustomer, _) => Self::Customer,
            (State::WaitingApproval, _) => Self::Approval,
            (State::Executing, _) => Self::Provisioner,
            (State::New | State::Open, Some(staff)) => Self::Engineer { staff: staff.clone() },
            (State::New | State::Open, None) => Self::Queue { queue: ticket.queue },
            _ => Self::Nobody,
        }
    }
}

/// A stretch of a ticket's life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// From when.
    pub from: Moment,
    /// Until when; `None` for what goes on.
    pub to: Option<Moment>,
    /// Who had it.
    #[serde(flatten)]
    pub holder: Holder,
}

/// The stretches of a ticket's life from its events, in order, without gaps.
pub fn segments(records: &[EventRecord]) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    walk(records, |ticket, at| {
        let holder = Holder::of(ticket);
        if segments.last().is_some_and(|last| last.holder == holder) {
            return;
        }
        if let Some(last) = segments.last_mut() {
            last.to = Some(at);
            // A stretch that lasted no time at all: somebody took and answered in one breath.
            if last.from >= at {
                segments.pop();
            }
        }
        if segments.last().is_some_and(|last| last.holder == holder) {
            if let Some(last) = segments.last_mut() {
                last.to = None;
            }
        } else {
            segments.push(Segment { from: at, to: None, holder });
        }
    });
    segments
}

/// Calls `see` with the ticket as each event left it.
pub(super) fn walk(records: &[EventRecord], mut see: impl FnMut(&Ticket, Moment)) {
    let Some((first, rest)) = records.split_first() else { return };
    let Event::Opened(opening) = &first.event else { return };
    let mut ticket = Ticket::opened(TicketId(first.stream), first.at, (**opening).clone());
    see(&ticket, first.at);
    for record in rest {
        ticket.apply(&record.event, &record.actor, record.at);
        see(&ticket, record.at);
    }
}

/// How long each had it, milliseconds. Written as five numbers, in this order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "[i64; 5]", into = "[i64; 5]")]
pub struct Spent {
    /// Nobody had taken it.
    pub queue: i64,
    /// Engineers.
    pub engineer: i64,
    /// Approvals.
    pub approval: i64,
    /// The provisioner.
    pub provisioner: i64,
    /// The customer.
    pub customer: i64,
}

impl From<[i64; 5]> for Spent {
    fn from([queue, engineer, approval, provisioner, customer]: [i64; 5]) -> Self {
        Self { queue, engineer, approval, provisioner, customer }
    }
}

impl From<Spent> for [i64; 5] {
    fn from(s: Spent) -> Self {
        [s.queue, s.engineer, s.approval, s.provisioner, s.customer]
    }
}

impl Spent {
    /// The sum of `segments`; what goes on is counted until `now`.
    pub fn of(segments: &[Segment], now: Moment) -> Self {
        let mut spent = Self::default();
        for segment in segments {
            let ms = (segment.to.unwrap_or(now).max(segment.from) - segment.from).num_milliseconds();
            match segment.holder {
                Holder::Queue { .. } => spent.queue += ms,
                Holder::Engineer { .. } => spent.engineer += ms,
                Holder::Approval => spent.approval += ms,
                Holder::Provisioner => spent.provisioner += ms,
                Holder::Customer => spent.customer += ms,
                Holder::Nobody => {}
            }
        }
        spent
    }

    /// Adds `times` times `other`.
    pub const fn add(&mut self, other: &Self, times: i64) {
        self.queue += other.queue * times;
        self.engineer += other.engineer * times;
        self.approval += other.approval * times;
        self.provisioner += other.provisioner * times;
        self.customer += other.customer * times;
    }

    /// All of it.
    pub const fn total(&self) -> i64 {
        self.queue + self.engineer + self.approval + self.provisioner + self.customer
    }
}
