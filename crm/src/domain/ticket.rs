//! The ticket: its state, and how each event changes it.

use serde::{Deserialize, Serialize};

use super::action::{Action, ActionState};
use super::actor::Actor;
use super::audit::EventRecord;
use super::event::{Event, Link, Opening, Origin};
use super::form::Form;
use super::ids::{ContactId, CustomerId, StaffId, TicketId, TicketNumber};
use super::kind::{Kind, Queue};
use super::lang::Lang;
use super::plan::Plan;
use super::policy::Quorum;
use super::sla::{Outcome, Target, TargetClock};
use crate::clock::Moment;

word_enum! {
    /// Where a ticket is in its life (DESIGN 3).
    pub enum State {
        /// Registered; nobody has it.
        New = "new",
        /// Somebody works on it.
        Open = "open",
        /// The desk asked the customer.
        WaitingCustomer = "waiting_customer",
        /// Its action needs approvals.
        WaitingApproval = "waiting_approval",
        /// The provisioner has its action.
        Executing = "executing",
        /// Done, says the desk or the proof.
        Solved = "solved",
        /// Over.
        Closed = "closed",
        /// Taken back by the customer.
        Cancelled = "cancelled",
        /// Refused by the desk.
        Declined = "declined",
        /// Continued under another number.
        Merged = "merged",
    }
}

impl State {
    /// Whether the desk still owes something.
    pub const fn is_active(self) -> bool {
        matches!(
            self,
            Self::New | Self::Open | Self::WaitingCustomer | Self::WaitingApproval | Self::Executing
        )
    }

    /// Whether nothing can happen any more but a note.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Closed | Self::Cancelled | Self::Declined | Self::Merged)
    }
}

/// The chain of pages for one emergency call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paging {
    /// The step asked for last.
    pub step: u32,
    /// Who was paged last.
    pub staff: Option<StaffId>,
    /// Until when an acknowledgement is waited for.
    pub until: Option<Moment>,
    /// Who acknowledged.
    pub acknowledged_by: Option<StaffId>,
    /// Whether the chain ended without an acknowledgement.
    pub exhausted: bool,
}

impl Paging {
    const fn new(step: u32) -> Self {
        Self { step, staff: None, until: None, acknowledged_by: None, exhausted: false }
    }

    /// Whether somebody is still to be paged or to acknowledge.
    pub const fn is_live(&self) -> bool {
        self.acknowledged_by.is_none() && !self.exhausted
    }
}

/// The other ticket of a pair that belongs together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// The other ticket.
    pub id: TicketId,
    /// Its number.
    pub number: TicketNumber,
    /// How they belong together.
    pub link: Link,
}

/// The result of a finished cycle, kept when the ticket is reopened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastCycle {
    /// 1, 2, …
    pub cycle: u32,
    /// When it was solved.
    pub solved_at: Moment,
    /// How its resolution promise ended.
    pub resolution: Outcome,
}

/// One request or fault of one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Row and stream.
    pub id: TicketId,
    /// What people call it.
    pub number: TicketNumber,
    /// What is asked.
    pub kind: Kind,
    /// The answers to the kind's questions.
    pub form: Form,
    /// Who asked.
    pub requester: Option<ContactId>,
    /// For whom.
    pub customer: Option<CustomerId>,
    /// How the desk shows the requester.
    pub requester_name: String,
    /// The language to answer in.
    pub language: Lang,
    /// Where from.
    pub origin: Origin,
    /// The policy version it is pinned to.
    pub policy: String,
    /// Where it is.
    pub state: State,
    /// Department.
    pub queue: Queue,
    /// Who holds it.
    pub assignee: Option<StaffId>,
    /// When it was registered.
    pub opened_at: Moment,
    /// Whether emergency mode stretched its first-reply promise.
    pub emergency: bool,
    /// 1; one more at each reopening.
    pub cycle: u32,
    /// Cycles before this one.
    pub past_cycles: Vec<PastCycle>,
    /// The first-reply promise.
    pub first_reply: TargetClock,
    /// The resolution promise.
    pub resolution: TargetClock,
    /// Its latest action.
    pub action: Option<Action>,
    /// Its latest page chain.
    pub paging: Option<Paging>,
    /// Who called for help last, until somebody answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated_by: Option<StaffId>,
    /// The ticket it was merged into, or that leads its incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached_to: Option<Attached>,
    /// Tickets that were attached to this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<Attached>,
    /// When it was solved last.
    pub solved_at: Option<Moment>,
    /// How the customer rated the help, from 1 to 5.
    #[serde(default)]
    pub rating: Option<u8>,
    /// Messages and files so far.
    pub messages: u32,
    /// Number of events: the sequence number of the last.
    pub seq: i64,
    /// Hash of the last event.
    pub head: String,
    /// Row version, for optimistic locking: one more at each save.
    pub version: i64,
}

impl Ticket {
    /// A ticket as its first event makes it.
    pub fn opened(id: TicketId, at: Moment, o: Opening) -> Self {
        Self {
            id,
            number: o.number,
            kind: o.kind,
            form: o.form,
            requester: o.requester,
            customer: o.customer,
            requester_name: o.requester_name,
            language: o.language,
            origin: o.origin,
            policy: o.policy,
            state: State::New,
            queue: o.queue,
            assignee: None,
            opened_at: at,
            emergency: o.emergency,
            cycle: 1,
            past_cycles: Vec::new(),
            first_reply: TargetClock::start(Target::FirstReply, at, o.first_reply_ms),
            resolution: TargetClock::start(Target::Resolution, at, o.resolution_ms),
            action: None,
            paging: None,
            escalated_by: None,
            attached_to: None,
            joined: Vec::new(),
            solved_at: None,
            rating: None,
            messages: u32::from(o.message.is_some()),
            seq: 0,
            head: String::new(),
            version: 0,
        }
    }

    /// Folds a whole stream; `None` if it does not begin with its opening.
    pub fn fold(records: &[EventRecord]) -> Option<Self> {
        let (first, rest) = records.split_first()?;
        let Event::Opened(opening) = &first.event else { return None };
        let mut ticket = Self::opened(TicketId(first.stream), first.at, (**opening).clone());
        ticket.stamp(first);
        for record in rest {
            ticket.apply(&record.event, &record.actor, record.at);
            ticket.stamp(record);
        }
        Some(ticket)
    }

    /// The word of its state for people; one that waits for an engineer again after a solution is `reopened`, not new.
    pub const fn state_word(&self) -> &'static str {
        if matches!(self.state, State::New) && self.cycle > 1 { "reopened" } else { self.state.as_str() }
    }

    /// Remembers the head of the audit chain.
    pub fn stamp(&mut self, record: &EventRecord) {
        self.seq = record.seq;
        self.head.clone_from(&record.hash);
    }

    /// The clock of `target`.
    pub const fn clock(&self, target: Target) -> &TargetClock {
        match target {
            Target::FirstReply => &self.first_reply,
            Target::Resolution => &self.resolution,
        }
    }

    /// The clock of `target`, to change.
    pub const fn clock_mut(&mut self, target: Target) -> &mut TargetClock {
        match target {
            Target::FirstReply => &mut self.first_reply,
            Target::Resolution => &mut self.resolution,
        }
    }

    /// The deadline that matters now: the first reply while it is owed, else the resolution; `None` when nothing is owed.
    pub fn next_due(&self) -> Option<(Target, Moment)> {
        let owed = |c: &&TargetClock| {
            matches!(c.outcome, Outcome::Running | Outcome::Breached { answered_at: None })
        };
        self.state.is_active().then_some(())?;
        [&self.first_reply, &self.resolution]
            .into_iter()
            .filter(owed)
            .map(|c| (c.target, c.due_at))
            .min_by_key(|d| d.1)
    }

    /// The next moment at which the clock must look at this ticket again.
    pub fn wake_at(&self, marks: &[u32], close_after_ms: i64) -> Option<Moment> {
        let close = (self.state == State::Solved)
            .then(|| self.solved_at.map(|at| at + chrono::TimeDelta::milliseconds(close_after_ms)))
            .flatten();
        if !self.state.is_active() {
            return close;
        }
        let page = self.paging.as_ref().filter(|p| p.is_live()).and_then(|p| p.until);
        let approval = (self.state == State::WaitingApproval)
            .then(|| self.action.as_ref().map(|a| a.expires_at))
            .flatten();
        [self.first_reply.wake_at(marks), self.resolution.wake_at(marks), page, approval]
            .into_iter()
            .flatten()
            .min()
    }

    fn open_unless_held(&mut self) {
        self.state = if self.assignee.is_some() { State::Open } else { State::New };
    }

    fn end(&mut self, state: State, at: Moment) {
        self.state = state;
        self.first_reply.void(at);
        self.resolution.void(at);
        if let Some(action) = &mut self.action
            && matches!(action.state, ActionState::Planning | ActionState::Proposed)
        {
            action.state = ActionState::Void;
        }
    }

    /// The ticket goes where its action goes, unless that only looks.
    fn follow_action(&mut self, state: State) {
        if self.action.as_ref().is_some_and(|a| !a.spec.only_looks()) {
            self.state = state;
        }
    }

    fn set_action(&mut self, state: ActionState) {
        if let Some(action) = &mut self.action {
            action.state = state;
        }
    }

    /// Lets `event`, which happened at `at`, take effect. Total: an event that makes no sense changes nothing.
    pub fn apply(&mut self, event: &Event, actor: &Actor, at: Moment) {
        if event.message().is_some() {
            self.messages += 1;
        }
        match event {
            Event::Taken { by: holder } | Event::Assigned { to: holder, .. } => {
                self.assignee = Some(holder.clone());
                if self.state == State::New {
                    self.state = State::Open;
                }
            }
            Event::HandedOver { to } => {
                self.queue = *to;
                self.assignee = None;
                self.paging = None;
                self.escalated_by = None;
                if matches!(self.state, State::Open) {
                    self.state = State::New;
                }
            }
            Event::Asked(_) => self.state = State::WaitingCustomer,
            Event::Answered(_) if self.state == State::New => self.state = State::Open,
            Event::CustomerWrote(_) if self.state == State::WaitingCustomer => self.state = State::Open,
            Event::Solved { .. } => {
                self.state = State::Solved;
                self.solved_at = Some(at);
                self.resolution.fulfil(at);
            }
            Event::Recovered { .. } => self.first_reply.void(at),
            Event::Confirmed | Event::ClosedByTime => self.state = State::Closed,
            Event::Reopened { cycle } => self.reopen(*cycle, at),
            Event::Rated { score, .. } => self.rating = Some(*score),
            Event::Cancelled => self.end(State::Cancelled, at),
            Event::Declined { .. } => self.end(State::Declined, at),
            Event::TargetMet { target, .. } | Event::TargetDoneLate { target, .. } => {
                self.clock_mut(*target).fulfil(at);
            }
            Event::MarkReached { target, percent, .. } => self.clock_mut(*target).fire(*percent),
            Event::TargetBreached { target, .. } => self.clock_mut(*target).fire(100),
            Event::ClockPaused => self.resolution.pause(at),
            Event::ClockResumed => self.resolution.resume(at),
            Event::PageRequested { step } => self.paging = Some(Paging::new(*step)),
            Event::Paged { step, staff, until, .. } => {
                self.paging =
                    Some(Paging { staff: Some(staff.clone()), until: Some(*until), ..Paging::new(*step) });
            }
            Event::PageExhausted { .. } => {
                if let Some(paging) = &mut self.paging {
                    paging.exhausted = true;
                }
            }
            Event::Acknowledged { by } => {
                if let Some(paging) = &mut self.paging {
                    paging.acknowledged_by = Some(by.clone());
                }
                self.escalated_by = None;
            }
            Event::Escalated { by, .. } => self.escalated_by = Some(by.clone()),
            Event::Reclassified { to, resolution_ms, .. } => {
                self.kind = *to;
                self.resolution.rebudget(*resolution_ms, at);
            }
            other => self.relate(other, actor, at),
        }
    }

    /// Which tickets belong together.
    fn relate(&mut self, event: &Event, actor: &Actor, at: Moment) {
        match event {
            Event::Merged { into, number } => {
                self.attached_to = Some(Attached { id: *into, number: *number, link: Link::Duplicate });
                self.end(State::Merged, at);
            }
            Event::Linked { to, number } => {
                self.attached_to = Some(Attached { id: *to, number: *number, link: Link::Incident });
            }
            Event::Joined { ticket, number, link } => {
                self.joined.push(Attached { id: *ticket, number: *number, link: *link });
            }
            _ => self.apply_to_action(event, actor),
        }
    }

    /// What happens to its action, and where the ticket goes with it.
    fn apply_to_action(&mut self, event: &Event, actor: &Actor) {
        match event {
            Event::ActionWanted { id, spec, quorum, expires_at } => {
                self.action = Some(Action {
                    id: *id,
                    spec: spec.clone(),
                    plan: Plan::default(),
                    digest: String::new(),
                    quorum: *quorum,
                    expires_at: *expires_at,
                    state: ActionState::Planning,
                    approved_by: Vec::new(),
                });
                // What the terms approve by themselves is under way already, as far as the customer is concerned.
                let auto = *quorum == Quorum::Auto;
                self.follow_action(if auto { State::Executing } else { State::WaitingApproval });
            }
            Event::ActionProposed { id, spec, plan, digest, quorum, expires_at } => {
                self.action = Some(Action {
                    id: *id,
                    spec: spec.clone(),
                    plan: (**plan).clone(),
                    digest: digest.clone(),
                    quorum: *quorum,
                    expires_at: *expires_at,
                    state: ActionState::Proposed,
                    approved_by: Vec::new(),
                });
                self.follow_action(State::WaitingApproval);
            }
            Event::ActionStale { .. } => self.set_action(ActionState::Void),
            Event::ActionApproved { complete, .. } => {
                if let (Actor::Staff { id, .. }, Some(action)) = (actor, &mut self.action) {
                    action.approved_by.push(id.clone());
                }
                if *complete {
                    self.set_action(ActionState::Approved);
                    self.follow_action(State::Executing);
                }
            }
            Event::ActionDeclined { .. } => self.set_action(ActionState::Declined),
            Event::ActionExpired { .. } => {
                self.set_action(ActionState::Void);
                self.open_unless_held();
            }
            Event::ActionDone { .. } => self.set_action(ActionState::Done),
            Event::ActionFailed { .. } => {
                self.set_action(ActionState::Failed);
                if matches!(self.state, State::WaitingApproval | State::Executing) {
                    self.open_unless_held();
                }
            }
            _ => {}
        }
    }

    fn reopen(&mut self, cycle: u32, at: Moment) {
        let stopped = self.solved_at.unwrap_or(at);
        self.past_cycles.push(PastCycle {
            cycle: self.cycle,
            solved_at: stopped,
            resolution: self.resolution.outcome,
        });
        self.cycle = cycle;
        self.solved_at = None;
        self.resolution.reopen(stopped, at);
        self.paging = None;
        self.escalated_by = None;
        self.open_unless_held();
    }
}
