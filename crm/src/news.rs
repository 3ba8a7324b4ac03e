//! News for customers: what the bot and the mails have in common, whether something is still worth saying.

use crate::domain::actor::Actor;
use crate::domain::audit::EventRecord;
use crate::domain::event::Event;
use crate::domain::sla::{Outcome, Target};
use crate::domain::ticket::Ticket;
use crate::store::{StoreError, Tx};

/// Whether the target is still owed at the moment of telling: a warning that comes after the result helps nobody.
pub fn owed(ticket: &Ticket, target: Target) -> bool {
    let outcome = ticket.clock(target).outcome;
    ticket.state.is_active() && matches!(outcome, Outcome::Running | Outcome::Breached { answered_at: None })
}

/// Whoever answers a ticket that nobody holds takes it in the same breath; the answer says enough.
pub async fn answered_at_once(tx: &mut Tx, taken: &EventRecord) -> Result<bool, StoreError> {
    for seq in [taken.seq + 1, taken.seq + 2] {
        let Some(next) = tx.event_fetch(taken.stream, seq).await? else { return Ok(false) };
        let words = matches!(
            next.event,
            Event::Asked(_) | Event::Answered(_) | Event::Solved { .. } | Event::Declined { .. }
        );
        if words && next.recorded_at == taken.recorded_at && next.actor == taken.actor {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The name of whoever did it, as customers hear it; empty if he left meanwhile.
pub async fn author(tx: &mut Tx, record: &EventRecord) -> Result<String, StoreError> {
    match &record.actor {
        Actor::Staff { id, .. } => Ok(tx.staff_member(id).await?.map(|s| s.name).unwrap_or_default()),
        _ => Ok(String::new()),
    }
}
