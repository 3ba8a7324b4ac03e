//! What the shift does among itself: assigning, calling for help, correcting a fault's severity, attaching tickets to each other.

use super::super::actor::Actor;
use super::super::event::{Event, Link, MessageRef};
use super::super::ids::{ContactId, CustomerId, StaffId, TicketId, TicketNumber};
use super::super::kind::Kind;
use super::super::policy::SeverityChange;
use super::super::refusal::Refusal;
use super::super::ticket::{State, Ticket};
use super::{Command, Decision};

/// The ticket that another is attached to: what the rules must know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// The ticket.
    pub id: TicketId,
    /// Its number.
    pub number: TicketNumber,
    customer: Option<CustomerId>,
    requester: Option<ContactId>,
    chat: Option<i64>,
    state: State,
    attached: bool,
}

impl Lead {
    /// What matters of `ticket`.
    pub fn of(ticket: &Ticket) -> Self {
        Self {
            id: ticket.id,
            number: ticket.number,
            customer: ticket.customer.clone(),
            requester: ticket.requester.clone(),
            chat: ticket.origin.chat,
            state: ticket.state,
            attached: ticket.attached_to.is_some(),
        }
    }

    /// Whether the same side asked: the same customer, or the same stranger.
    fn same_side(&self, ticket: &Ticket) -> bool {
        match (&self.customer, &ticket.customer) {
            (Some(mine), Some(theirs)) => mine == theirs,
            (None, None) => {
                self.requester.is_none() && ticket.requester.is_none() && self.chat == ticket.origin.chat
            }
            _ => false,
        }
    }
}

impl Decision<'_> {
    /// One of the commands of this file.
    pub(super) fn among_the_shift(&mut self, command: Command, actor: &Actor) -> Result<(), Refusal> {
        match command {
            Command::Assign { to, from } => self.assign(actor, to, from.as_ref()),
            Command::Escalate(message) => self.escalate(actor, message),
            Command::Reclassify { to, reason } => self.reclassify(actor, to, reason),
            Command::Attach { lead, link } => self.attach(actor, &lead, link),
            Command::Join { ticket, number, link } => {
                self.desk(actor, |s| !s.is_terminal())?;
                self.push(actor, Event::Joined { ticket, number, link });
                Ok(())
            }
            _ => Err(Refusal::Forbidden),
        }
    }

    /// One holder at a time: the button was made when `from` held it, and only that is changed.
    fn assign(&mut self, actor: &Actor, to: StaffId, from: Option<&StaffId>) -> Result<(), Refusal> {
        let by = self.desk(actor, State::is_active)?;
        let holder = self.ticket.assignee.clone();
        if holder.as_ref() == Some(&to) {
            return Ok(());
        }
        if holder.as_ref() != from {
            return Err(holder.map_or(Refusal::StaleAction, Refusal::TakenBy));
        }
        self.push(actor, Event::Assigned { to, from: holder });
        if self.ringing() {
            self.push(actor, Event::Acknowledged { by });
        }
        Ok(())
    }

    /// Wakes the next person on call. Twice at once is once.
    fn escalate(&mut self, actor: &Actor, message: MessageRef) -> Result<(), Refusal> {
        let by = self.desk(actor, State::is_active)?;
        if let (true, Some(first)) = (self.ringing(), &self.ticket.escalated_by) {
            return Err(Refusal::EscalatedBy(first.clone()));
        }
        let step = match &self.ticket.paging {
            Some(paging) if !paging.exhausted => paging.step + 1,
            _ => 0,
        };
        self.push(actor, Event::Escalated { by, message });
        self.push(&Actor::Clock, Event::PageRequested { step });
        Ok(())
    }

    /// Between the two kinds of faults; the promise follows as the policy says, and what is broken stays broken.
    fn reclassify(&mut self, actor: &Actor, to: Kind, message: MessageRef) -> Result<(), Refusal> {
        let by = self.desk(actor, State::is_active)?;
        let from = self.ticket.kind;
        if !(from.is_fault() && to.is_fault()) {
            return Err(Refusal::NoSuchKind);
        }
        if from == to {
            // Somebody was quicker. What was written about it stays.
            self.push(actor, Event::Noted(message));
            return Ok(());
        }
        let promise = self.policy.kinds.get(&to).ok_or(Refusal::NoSuchKind)?.resolution_ms;
        let from_now = self.policy.severity_change == SeverityChange::FromChange;
        let resolution_ms = self.ticket.resolution.changed_budget(promise, from_now, self.now);
        self.hold(actor, by);
        self.push(actor, Event::Reclassified { from, to, resolution_ms, message });
        // A promise counted from the opening may be at its marks, or broken, already.
        self.settle();
        Ok(())
    }

    /// A duplicate ends here and goes on there; two tickets of one incident both live on.
    fn attach(&mut self, actor: &Actor, lead: &Lead, link: Link) -> Result<(), Refusal> {
        self.desk(actor, |s| s.is_active() && s != State::Executing)?;
        if lead.state.is_terminal() {
            return Err(Refusal::WrongState(lead.state));
        }
        let leads = self
            .ticket
            .joined
            .iter()
            .any(|other| other.id == lead.id || (link == Link::Incident && other.link == Link::Incident));
        if lead.id == self.ticket.id || self.ticket.attached_to.is_some() || lead.attached || leads {
            return Err(Refusal::NotAttachable);
        }
        match link {
            Link::Duplicate if !lead.same_side(&self.ticket) => Err(Refusal::OtherCustomer),
            Link::Duplicate => {
                self.push(actor, Event::Merged { into: lead.id, number: lead.number });
                Ok(())
            }
            Link::Incident => {
                self.push(actor, Event::Linked { to: lead.id, number: lead.number });
                Ok(())
            }
        }
    }
}
