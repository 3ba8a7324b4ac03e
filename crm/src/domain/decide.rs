//! The rules: what may be done to a ticket, by whom, when, and which events follow.

use chrono::TimeDelta;

use super::action::ActionSpec;
use super::actor::Actor;
use super::event::{Event, MessageRef};
use super::ids::{ActionId, StaffId};
use super::kind::{Channel, Queue};
use super::person::Right;
use super::policy::{Audience, Policy, Quorum};
use super::refusal::Refusal;
use super::sla::{Outcome, Target};
use super::ticket::{State, Ticket};
use crate::clock::Moment;

mod actions;
mod command;
mod paging;
mod shift;

pub use command::Command;
pub use shift::Lead;

/// A decision in the making: each event takes effect before the next rule looks.
struct Decision<'a> {
    ticket: Ticket,
    policy: &'a Policy,
    now: Moment,
    events: Vec<(Moment, Actor, Event)>,
}

impl Decision<'_> {
    fn push_at(&mut self, at: Moment, actor: &Actor, event: Event) {
        self.ticket.apply(&event, actor, at);
        self.events.push((at, actor.clone(), event));
    }

    fn push(&mut self, actor: &Actor, event: Event) {
        self.push_at(self.now, actor, event);
    }

    /// Everything that fell due before this command, at the moments it fell due: a command never hides a breach.
    fn settle(&mut self) {
        if !self.ticket.state.is_active() {
            return self.settle_solved();
        }
        let percents = self.policy.percents();
        let mut due: Vec<_> = [Target::FirstReply, Target::Resolution]
            .into_iter()
            .flat_map(|target| {
                self.ticket
                    .clock(target)
                    .due_by(self.now, &percents)
                    .into_iter()
                    .map(move |d| (d.moment, target, d.percent))
            })
            .collect();
        due.sort_unstable();
        // Of several things due at one look, people hear of the latest of each promise only; all are recorded. And of two promises
        // that reach the same mark together, the customer hears once.
        let latest = |target| due.iter().rev().find(|d| d.1 == target).map(|d| d.2);
        let (last_reply, last_resolution) = (latest(Target::FirstReply), latest(Target::Resolution));
        for &(moment, target, percent) in &due {
            let is_latest =
                Some(percent) == if target == Target::FirstReply { last_reply } else { last_resolution };
            let mut tell = if is_latest { self.policy.tell(percent).to_vec() } else { Vec::new() };
            if target == Target::FirstReply && last_resolution >= Some(percent) {
                tell.clear();
            }
            let on_call = tell.contains(&Audience::OnCall);
            let approver = self.missing_approval().filter(|_| on_call);
            let page = on_call && (self.nobody_has_it() || approver.is_some());
            let event = if percent == 100 {
                Event::TargetBreached { target, tell }
            } else {
                Event::MarkReached { target, percent, tell }
            };
            self.push_at(moment, &Actor::Clock, event);
            if let Some(id) = approver {
                self.push(&Actor::Clock, Event::ApproverNeeded { id });
            }
            if page {
                self.push(&Actor::Clock, Event::PageRequested { step: 0 });
            }
        }
        self.settle_page();
        self.settle_approval();
    }

    fn settle_approval(&mut self) {
        if let (State::WaitingApproval, Some(action)) = (self.ticket.state, &self.ticket.action)
            && action.expires_at <= self.now
        {
            let (id, at) = (action.id, action.expires_at);
            self.push_at(at, &Actor::Clock, Event::ActionExpired { id });
        }
    }

    fn settle_solved(&mut self) {
        if let (State::Solved, Some(solved)) = (self.ticket.state, self.ticket.solved_at) {
            let closes = solved + TimeDelta::milliseconds(self.policy.close_after_ms);
            if closes <= self.now {
                self.push_at(closes, &Actor::Clock, Event::ClosedByTime);
            }
        }
    }

    /// The first reply is given, if it was still owed.
    fn replied(&mut self, actor: &Actor) {
        if matches!(
            self.ticket.first_reply.outcome,
            Outcome::Running | Outcome::Breached { answered_at: None }
        ) {
            let used_ms = self.ticket.first_reply.used_ms(self.now);
            let target = Target::FirstReply;
            let in_time = self.ticket.first_reply.outcome == Outcome::Running;
            self.push(
                actor,
                if in_time {
                    Event::TargetMet { target, used_ms }
                } else {
                    Event::TargetDoneLate { target, used_ms }
                },
            );
        }
    }

    fn solved(&mut self, actor: &Actor, message: Option<MessageRef>) {
        self.replied(actor);
        self.resolved(actor, message);
    }

    fn resolved(&mut self, actor: &Actor, message: Option<MessageRef>) {
        let target = Target::Resolution;
        let in_time = self.ticket.resolution.outcome == Outcome::Running;
        let used_ms = self.ticket.resolution.used_ms(self.now);
        self.push(actor, Event::Solved { message });
        self.push(
            actor,
            if in_time {
                Event::TargetMet { target, used_ms }
            } else {
                Event::TargetDoneLate { target, used_ms }
            },
        );
    }

    /// Clocks stand still only in states the policy names.
    fn adjust_pause(&mut self) {
        let stands = self.policy.pauses_while.contains(&self.ticket.state);
        let paused = self.ticket.resolution.paused_at.is_some();
        if stands && !paused && self.ticket.resolution.outcome == Outcome::Running {
            self.push(&Actor::Clock, Event::ClockPaused);
        } else if !stands && paused {
            self.push(&Actor::Clock, Event::ClockResumed);
        }
    }
}

/// What came out of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The ticket afterwards; `seq`, `head` and `version` are not yet moved.
    pub ticket: Ticket,
    /// When, by whom, what: in order.
    pub events: Vec<(Moment, Actor, Event)>,
}

impl Ticket {
    /// Decides `command`: the next state and the events that lead there, or why not. Pure; `now` is the moment of the command.
    ///
    /// Whatever fell due before is recorded first, at the moments it fell due.
    pub fn decide(
        &self,
        command: Command,
        actor: &Actor,
        now: Moment,
        policy: &Policy,
    ) -> Result<Decided, Refusal> {
        let mut d = Decision { ticket: self.clone(), policy, now, events: Vec::new() };
        d.settle();
        d.carry_out(command, actor)?;
        d.adjust_pause();
        Ok(Decided { ticket: d.ticket, events: d.events })
    }

    /// The events that follow directly from an opening: a page for what must wake somebody, an action for what can be executed.
    pub fn decide_opening(
        &self,
        actor: &Actor,
        now: Moment,
        policy: &Policy,
        action: Option<(ActionId, ActionSpec, Quorum)>,
    ) -> Decided {
        let mut d = Decision { ticket: self.clone(), policy, now, events: Vec::new() };
        if policy.kinds.get(&self.kind).is_some_and(|kind| kind.page_at_once) {
            d.push(&Actor::Clock, Event::PageRequested { step: 0 });
        }
        if let Some((id, spec, quorum)) = action {
            d.want(actor, id, spec, quorum);
        }
        Decided { ticket: d.ticket, events: d.events }
    }
}

impl Decision<'_> {
    fn staff(actor: &Actor, right: Right) -> Result<StaffId, Refusal> {
        actor.staff_with(right).cloned().ok_or(Refusal::Forbidden)
    }

    fn desk(&self, actor: &Actor, states: fn(State) -> bool) -> Result<StaffId, Refusal> {
        let staff = Self::staff(actor, Right::Handle)?;
        if states(self.ticket.state) { Ok(staff) } else { Err(Refusal::WrongState(self.ticket.state)) }
    }

    fn customer(&self, actor: &Actor, states: fn(State) -> bool) -> Result<(), Refusal> {
        let theirs = match actor {
            Actor::Contact { id, customer } => {
                self.ticket.requester.as_ref() == Some(id) || self.ticket.customer.as_ref() == Some(customer)
            }
            Actor::Stranger { telegram } => {
                self.ticket.requester.is_none() && self.ticket.origin.chat == Some(*telegram)
            }
            // Whose address it is, the intake has looked up: the ticket does not hold it.
            Actor::Correspondent { .. } => {
                self.ticket.requester.is_none() && self.ticket.origin.channel == Channel::Email
            }
            _ => return Err(Refusal::Forbidden),
        };
        if !theirs {
            return Err(Refusal::NotFound);
        }
        if states(self.ticket.state) { Ok(()) } else { Err(Refusal::WrongState(self.ticket.state)) }
    }

    fn recover(&mut self, actor: &Actor, alerts: u32) -> Result<(), Refusal> {
        Self::staff(actor, Right::Handle)?;
        let ours = self.ticket.origin.channel == Channel::Alert;
        if !ours || !matches!(self.ticket.state, State::New | State::Open | State::WaitingCustomer) {
            return Err(Refusal::WrongState(self.ticket.state));
        }
        self.push(actor, Event::Recovered { alerts });
        self.resolved(actor, None);
        Ok(())
    }

    fn carry_out(&mut self, command: Command, actor: &Actor) -> Result<(), Refusal> {
        match command {
            Command::Tick => {}
            Command::Take => {
                let by = self.desk(actor, State::is_active)?;
                match &self.ticket.assignee {
                    Some(holder) if *holder == by => {}
                    Some(holder) => return Err(Refusal::TakenBy(holder.clone())),
                    None => self.take(actor, by),
                }
            }
            Command::Assign { .. }
            | Command::Escalate(_)
            | Command::Reclassify { .. }
            | Command::Attach { .. }
            | Command::Join { .. } => self.among_the_shift(command, actor)?,
            Command::HandOver(to) => self.hand_over(actor, to)?,
            Command::Ask(message) => {
                let by =
                    self.desk(actor, |s| matches!(s, State::New | State::Open | State::WaitingCustomer))?;
                self.hold(actor, by);
                self.push(actor, Event::Asked(message));
                self.replied(actor);
            }
            Command::Answer(message) => {
                let by = self.desk(actor, |s| !s.is_terminal())?;
                self.hold(actor, by);
                self.push(actor, Event::Answered(message));
                self.replied(actor);
            }
            Command::Note(message) => {
                Self::staff(actor, Right::Handle)?;
                self.push(actor, Event::Noted(message));
            }
            Command::Write(message) => {
                self.customer(actor, |s| !s.is_terminal())?;
                self.push(actor, Event::CustomerWrote(message));
            }
            Command::Propose { id, spec, quorum } => {
                self.desk(actor, |s| matches!(s, State::New | State::Open | State::WaitingCustomer))?;
                self.want(actor, id, *spec, quorum);
            }
            Command::Planned { id, plan } => self.planned(actor, id, plan)?,
            Command::PlanChanged { id, next, plan } => self.plan_changed(actor, id, next, plan)?,
            Command::Approve { id, digest } => self.approve(actor, id, digest)?,
            Command::DeclineAction { id, message } => {
                Self::staff(actor, Right::Approve)?;
                self.waiting_action(id)?;
                self.push(actor, Event::ActionDeclined { id });
                self.replied(actor);
                self.push(actor, Event::Declined { message });
            }
            Command::ActionDone { id, proof } => self.executed(actor, id, Event::ActionDone { id, proof })?,
            Command::ActionFailed { id, failure } => {
                self.executed(actor, id, Event::ActionFailed { id, failure })?;
            }
            Command::Solve(message) => {
                let by =
                    self.desk(actor, |s| matches!(s, State::New | State::Open | State::WaitingCustomer))?;
                self.hold(actor, by);
                self.solved(actor, message);
            }
            Command::Decline(message) => {
                let by =
                    self.desk(actor, |s| matches!(s, State::New | State::Open | State::WaitingCustomer))?;
                self.hold(actor, by);
                self.replied(actor);
                self.push(actor, Event::Declined { message });
            }
            Command::Recover { alerts } => self.recover(actor, alerts)?,
            Command::Confirm => {
                self.customer(actor, |s| s == State::Solved)?;
                self.push(actor, Event::Confirmed);
            }
            Command::Reopen(message) => self.reopen(actor, message)?,
            Command::Cancel => {
                // Once the provisioner has it, it is too late to call it back.
                self.customer(actor, |s| s.is_active() && s != State::Executing)?;
                self.push(actor, Event::Cancelled);
            }
            Command::Rate { score, message } => self.rate(actor, score, message)?,
            Command::Correct { of, message } => {
                self.desk(actor, |s| !s.is_terminal())?;
                self.push(actor, Event::Corrected { of, message });
            }
            Command::Acknowledge => self.acknowledge(actor)?,
            Command::RecordPage { step, paged, skipped, grouped } => {
                self.record_page(actor, (step, paged), skipped, grouped)?;
            }
            Command::PageUndelivered(staff) => self.page_undelivered(actor, staff),
        }
        Ok(())
    }

    fn reopen(&mut self, actor: &Actor, message: Option<MessageRef>) -> Result<(), Refusal> {
        self.customer(actor, |s| s == State::Solved)?;
        let cycle = self.ticket.cycle + 1;
        self.push(actor, Event::Reopened { cycle });
        if let Some(message) = message {
            self.push(actor, Event::CustomerWrote(message));
        }
        if self.ticket.assignee.is_none() {
            self.push(&Actor::Clock, Event::PageRequested { step: 0 });
        }
        Ok(())
    }

    /// A rating may be changed as long as the ticket is remembered; the same one again changes nothing.
    fn rate(&mut self, actor: &Actor, score: u8, message: Option<MessageRef>) -> Result<(), Refusal> {
        self.customer(actor, |s| matches!(s, State::Solved | State::Closed))?;
        if !(1..=5).contains(&score) {
            return Err(Refusal::Forbidden);
        }
        if self.ticket.rating != Some(score) || message.is_some() {
            self.push(actor, Event::Rated { score, message });
        }
        Ok(())
    }

    fn hand_over(&mut self, actor: &Actor, to: Queue) -> Result<(), Refusal> {
        self.desk(actor, State::is_active)?;
        self.push(actor, Event::HandedOver { to });
        // What must wake somebody wakes the other department too: the clock goes on (T9).
        if self.policy.kinds.get(&self.ticket.kind).is_some_and(|kind| kind.page_at_once) {
            self.push(&Actor::Clock, Event::PageRequested { step: 0 });
        }
        Ok(())
    }

    fn acknowledge(&mut self, actor: &Actor) -> Result<(), Refusal> {
        let by = self.desk(actor, State::is_active)?;
        match &self.ticket.paging {
            Some(p) if p.acknowledged_by.as_ref() == Some(&by) => {}
            Some(p) if p.acknowledged_by.is_some() => {
                return Err(p.acknowledged_by.clone().map_or(Refusal::StaleAction, Refusal::TakenBy));
            }
            Some(_) => {
                self.push(actor, Event::Acknowledged { by });
                self.heard(actor);
            }
            None => return Err(Refusal::WrongState(self.ticket.state)),
        }
        Ok(())
    }

    fn take(&mut self, actor: &Actor, by: StaffId) {
        self.push(actor, Event::Taken { by: by.clone() });
        if self.ringing() {
            self.push(actor, Event::Acknowledged { by });
        }
        self.heard(actor);
    }

    /// Monitoring waits for nobody's words (T8 is owed to a customer): that a human has seen it is the first reply.
    fn heard(&mut self, actor: &Actor) {
        if self.ticket.requester.is_none() && self.ticket.origin.channel == Channel::Alert {
            self.replied(actor);
        }
    }

    /// Whoever answers a ticket that nobody holds, holds it.
    fn hold(&mut self, actor: &Actor, by: StaffId) {
        if self.ticket.assignee.is_none() {
            self.take(actor, by);
        }
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
