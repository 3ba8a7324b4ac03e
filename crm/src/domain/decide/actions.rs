//! Actions: wanted, planned, approved, executed; what is stale, expired or not one's own is refused.

use chrono::TimeDelta;

use super::Decision;
use crate::clock::Moment;
use crate::domain::action::{Action, ActionSpec, ActionState};
use crate::domain::actor::Actor;
use crate::domain::event::Event;
use crate::domain::ids::ActionId;
use crate::domain::person::Right;
use crate::domain::plan::Plan;
use crate::domain::policy::Quorum;
use crate::domain::refusal::Refusal;

impl Decision<'_> {
    pub(super) fn lapses_at(&self) -> Moment {
        self.now + TimeDelta::milliseconds(self.policy.approval_valid_ms)
    }

    pub(super) fn want(&mut self, actor: &Actor, id: ActionId, spec: ActionSpec, quorum: Quorum) {
        let expires_at = self.lapses_at();
        self.push(actor, Event::ActionWanted { id, spec, quorum, expires_at });
    }

    /// The provisioner's command about the action that is in `state`.
    pub(super) fn planned_action(
        &self,
        actor: &Actor,
        id: ActionId,
        state: ActionState,
    ) -> Result<ActionSpec, Refusal> {
        let action = self.ticket.action.as_ref().filter(|a| a.id == id && a.state == state);
        match action {
            Some(action) if *actor == Actor::Provisioner && self.ticket.state.is_active() => {
                Ok(action.spec.clone())
            }
            _ => Err(Refusal::StaleAction),
        }
    }

    pub(super) fn propose(&mut self, actor: &Actor, id: ActionId, spec: ActionSpec, plan: Box<Plan>) {
        let digest = spec.digest(&plan, id, self.ticket.id);
        let quorum = self.policy.quorum(self.ticket.kind, &spec, &plan);
        let expires_at = self.lapses_at();
        let proposed = Event::ActionProposed { id, spec, plan, digest: digest.clone(), quorum, expires_at };
        self.push(actor, proposed);
        if quorum == Quorum::Auto {
            self.push(&Actor::Policy, Event::ActionApproved { id, digest, complete: true });
        }
    }

    pub(super) fn planned(&mut self, actor: &Actor, id: ActionId, plan: Box<Plan>) -> Result<(), Refusal> {
        let spec = self.planned_action(actor, id, ActionState::Planning)?;
        self.propose(actor, id, spec, plan);
        Ok(())
    }

    pub(super) fn plan_changed(
        &mut self,
        actor: &Actor,
        id: ActionId,
        next: ActionId,
        plan: Box<Plan>,
    ) -> Result<(), Refusal> {
        let spec = self.planned_action(actor, id, ActionState::Approved)?;
        self.push(actor, Event::ActionStale { id });
        self.propose(actor, next, spec, plan);
        Ok(())
    }

    /// The action that waits, if the button's claim still fits it.
    pub(super) fn waiting_action(&self, id: ActionId) -> Result<&Action, Refusal> {
        match &self.ticket.action {
            Some(action) if action.id == id && action.state == ActionState::Proposed => Ok(action),
            Some(action) if action.id == id && action.state == ActionState::Void => {
                Err(Refusal::ExpiredAction)
            }
            _ => Err(Refusal::StaleAction),
        }
    }

    pub(super) fn approve(&mut self, actor: &Actor, id: ActionId, digest: String) -> Result<(), Refusal> {
        let staff = Self::staff(actor, Right::Approve)?;
        let action = self.waiting_action(id)?;
        if action.digest != digest {
            return Err(Refusal::StaleAction);
        }
        if action.approved_by.contains(&staff) {
            return Err(Refusal::AnotherPersonNeeded);
        }
        let complete = action.approved_by.len() + 1 >= action.quorum.people();
        self.push(actor, Event::ActionApproved { id, digest, complete });
        if self.ringing() {
            self.push(actor, Event::Acknowledged { by: staff });
            if !complete {
                // Whoever was woken has agreed; the proposal still needs another.
                self.push(&Actor::Clock, Event::PageRequested { step: 0 });
            }
        }
        Ok(())
    }

    pub(super) fn executed(&mut self, actor: &Actor, id: ActionId, event: Event) -> Result<(), Refusal> {
        let failed = matches!(event, Event::ActionFailed { .. });
        // What cannot even be planned has failed too.
        let in_time = |state| state == ActionState::Approved || (failed && state == ActionState::Planning);
        let action = self.ticket.action.as_ref().filter(|a| a.id == id && in_time(a.state));
        let Some(action) = action.filter(|_| *actor == Actor::Provisioner) else {
            return Err(Refusal::StaleAction);
        };
        let only_looks = action.spec.only_looks();
        self.push(actor, event);
        if only_looks || !self.ticket.state.is_active() {
            return Ok(());
        }
        if failed {
            if self.ticket.assignee.is_none() {
                self.push(&Actor::Clock, Event::PageRequested { step: 0 });
            }
        } else {
            self.solved(actor, None);
        }
        Ok(())
    }
}
