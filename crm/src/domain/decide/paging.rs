//! Who is woken, and when nobody needs to be.

use super::super::action::ActionState;
use super::super::actor::Actor;
use super::super::event::Event;
use super::super::ids::{ActionId, StaffId};
use super::super::refusal::Refusal;
use super::super::ticket::{Paging, State};
use super::Decision;
use crate::clock::Moment;

impl Decision<'_> {
    /// A page is for when nobody holds the ticket, nobody acknowledged, and no page is on its way.
    pub(super) fn nobody_has_it(&self) -> bool {
        self.ticket.assignee.is_none() && self.ticket.paging.as_ref().is_none_or(|p| p.exhausted)
    }

    /// The action that waits for somebody's approval, unless somebody is being called already.
    pub(super) fn missing_approval(&self) -> Option<ActionId> {
        let action = self.ticket.action.as_ref().filter(|a| a.state == ActionState::Proposed)?;
        (self.ticket.state == State::WaitingApproval && !self.ringing()).then_some(action.id)
    }

    pub(super) fn settle_page(&mut self) {
        if let Some(paging) = &self.ticket.paging
            && paging.is_live()
            && paging.until.is_some_and(|until| until <= self.now)
        {
            let step = paging.step + 1;
            self.push(&Actor::Clock, Event::PageRequested { step });
        }
    }

    /// Whether somebody is being woken for it.
    pub(super) fn ringing(&self) -> bool {
        self.ticket.paging.as_ref().is_some_and(Paging::is_live)
    }

    /// Nobody waits five minutes for an answer to a page that never arrived.
    pub(super) fn page_undelivered(&mut self, actor: &Actor, staff: StaffId) {
        let waiting = self.ticket.paging.as_ref().filter(|p| p.is_live() && p.staff.as_ref() == Some(&staff));
        if let Some(step) = waiting.map(|p| p.step + 1).filter(|_| self.ticket.state.is_active()) {
            self.push(actor, Event::PageUndelivered { staff });
            self.push(actor, Event::PageRequested { step });
        }
    }

    /// Nobody is woken for what was answered in the same moment.
    pub(super) fn may_page(&self, actor: &Actor, step: u32) -> Result<(), Refusal> {
        let wanted = self.ticket.state.is_active()
            && self
                .ticket
                .paging
                .as_ref()
                .is_some_and(|p| p.is_live() && p.staff.is_none() && p.step == step);
        if *actor == Actor::Clock && wanted { Ok(()) } else { Err(Refusal::StaleAction) }
    }

    /// Writes down who is woken, and who could not be.
    pub(super) fn record_page(
        &mut self,
        actor: &Actor,
        (step, paged): (u32, Option<(u32, StaffId, Moment)>),
        skipped: Vec<StaffId>,
        grouped: bool,
    ) -> Result<(), Refusal> {
        self.may_page(actor, step)?;
        for staff in skipped {
            self.push(actor, Event::PageSkipped { staff });
        }
        self.push(
            actor,
            match paged {
                Some((step, staff, until)) => Event::Paged { step, staff, until, grouped },
                None => Event::PageExhausted { steps: step },
            },
        );
        Ok(())
    }
}
