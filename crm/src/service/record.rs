//! What a decision leaves behind: its events in the chain, the ticket as it is now, the rows of its actions, and what must follow.

use super::{Service, ServiceError};
use crate::clock::Moment;
use crate::domain::actor::Actor;
use crate::domain::audit::EventRecord;
use crate::domain::decide::Decided;
use crate::domain::event::Event;
use crate::domain::ids::ActionId;
use crate::domain::kind::Kind;
use crate::domain::policy::Policy;
use crate::domain::reactions::{Effect, reactions};
use crate::domain::refusal::Refusal;
use crate::domain::ticket::Ticket;
use crate::incidents;
use crate::store::{MailWhat, NewJob, NewMail, OutboxItem, StoreError, Tx};
use crate::trial;

impl Service {
    /// An approval that does not count is on record all the same (four eyes, DESIGN 2.4). The caller commits it or not; [`Service::run`]
    /// does.
    pub(super) async fn record_refusal(
        &self,
        tx: &mut Tx,
        ticket: &Ticket,
        claimed: ActionId,
        refusal: &Refusal,
        (actor, policy): (&Actor, &Policy),
    ) -> Result<(), StoreError> {
        let (now, why) = (self.now(), refusal.to_string());
        tracing::warn!(ticket = %ticket.number, ?actor, why, "an approval was refused");
        let event = Event::ApprovalRefused { id: claimed, why };
        let decided = Decided { ticket: ticket.clone(), events: vec![(now, actor.clone(), event)] };
        match self.record(tx, decided, policy, now).await {
            Ok(_) => Ok(()),
            Err(ServiceError::Store(error)) => Err(error),
            Err(ServiceError::Refused(_)) => Ok(()),
        }
    }

    /// Appends the events, saves the ticket, writes what belongs to actions, queues what follows.
    pub(super) async fn record(
        &self,
        tx: &mut Tx,
        decided: Decided,
        policy: &Policy,
        now: Moment,
    ) -> Result<Ticket, ServiceError> {
        let Decided { mut ticket, events } = decided;
        let stream = ticket.id.0;
        for (at, actor, event) in events {
            self.note(tx, &ticket, &event, &actor, now).await?;
            // A new ticket's head is empty, as a first event's predecessor must be.
            let record =
                EventRecord::link(stream, ticket.seq + 1, at, now, actor, event, ticket.head.clone());
            ticket.stamp(&record);
            self.react(tx, &record, &ticket, now);
            if ticket.kind == Kind::Trial && matches!(record.event, Event::Solved { .. }) {
                let (watch, at) = trial::begin(&ticket, now);
                trial::queue(self, tx, watch, at);
            }
            tx.event_append(record);
        }
        let wake_at = ticket.wake_at(&policy.percents(), policy.close_after_ms);
        Ok(tx.ticket_save(ticket, wake_at))
    }

    fn react(&self, tx: &mut Tx, record: &EventRecord, ticket: &Ticket, now: Moment) {
        for effect in reactions(&record.event, record.seq, &record.actor, ticket) {
            match effect {
                Effect::Send(what) => {
                    let item = OutboxItem::tell(self.clock.id(), what, now);
                    // A new ticket's card comes before what hangs under it; refreshing one is the least urgent of all.
                    let first = record.seq == 1 && item.coalesce_key.is_some();
                    tx.outbox_add(if first { OutboxItem { priority: 3, ..item } } else { item });
                }
                Effect::Mail { seq } => {
                    let (what, id) = (MailWhat::Notice { seq }, self.clock.id());
                    tx.mail_add(NewMail { id, ticket: ticket.id, what, created_at: now });
                }
                Effect::Run(payload) => tx.job_add(NewJob { id: self.clock.id(), payload, run_at: now }),
            }
        }
    }

    /// Rows and figures that go with an event.
    async fn note(
        &self,
        tx: &mut Tx,
        ticket: &Ticket,
        event: &Event,
        actor: &Actor,
        now: Moment,
    ) -> Result<(), StoreError> {
        incidents::hook::happened(tx, &self.clock, (ticket, event), actor, now).await?;
        match event {
            Event::ActionWanted { id, spec, expires_at, .. } => {
                tx.action_add((*id, ticket.id), spec, *expires_at, now).await?;
            }
            Event::ActionProposed { id, spec, plan, digest, expires_at, .. } => {
                // Under a new id where the one before has become stale.
                if tx.action_fetch(*id).await?.is_none() {
                    tx.action_add((*id, ticket.id), spec, *expires_at, now).await?;
                }
                tx.action_plan(*id, plan, digest, *expires_at).await?;
            }
            Event::ActionStale { id } => tx.action_finish(*id, "stale", now).await?,
            Event::ActionApproved { id, digest, .. } => {
                let approver = match actor {
                    Actor::Staff { id, .. } => id.as_str(),
                    _ => "policy",
                };
                tx.approval_add(*id, approver, digest, now).await?;
            }
            Event::ActionDone { id, .. } => tx.action_finish(*id, "done", now).await?,
            Event::ActionFailed { id, failure } => tx.action_finish(*id, &failure.code, now).await?,
            Event::ActionExpired { id } => tx.action_finish(*id, "expired", now).await?,
            Event::ActionDeclined { id } => tx.action_finish(*id, "declined", now).await?,
            Event::Paged { staff, .. } => {
                tx.page_log_add(staff, (ticket.id, ticket.queue, ticket.kind), now).await?;
            }
            Event::Cancelled | Event::Declined { .. } | Event::Merged { .. } => {
                if let Some(action) = &ticket.action {
                    tx.action_void(action.id, now).await?;
                }
            }
            Event::TargetBreached { target, .. } => {
                metrics::counter!("komek_sla_breaches_total", "target" => target.as_str()).increment(1);
            }
            _ => {}
        }
        Ok(())
    }
}
