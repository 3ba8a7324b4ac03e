//! Whether whoever asks has proved by a code that it is he (`crm/src/step_up.rs`). Read from the code's own row, whatever a ticket says.

use chrono::TimeDelta;
use crm::domain::action::ActionSpec;
use crm::domain::ids::TicketId;
use crm::domain::plan::{Phrase, Plan};
use crm::domain::ticket::Ticket;
use crm::store::{StoreError, Tx};

use crate::failure::{Failure, Kind};
use crate::plans;
use crate::systems::Systems;

/// A code opens a ticket at once; between the two lies no more than the handling of one message.
const AT_ONCE: TimeDelta = TimeDelta::minutes(1);

/// Whether the requester of `ticket` has, for this ticket, just before it was opened.
pub async fn confirmed(tx: &mut Tx, ticket: &Ticket) -> Result<bool, StoreError> {
    let found = tx.step_up_of(ticket.id).await?;
    Ok(found.is_some_and(|by| {
        ticket.requester.as_ref() == Some(&by.contact) && (ticket.opened_at - by.passed_at).abs() <= AT_ONCE
    }))
}

/// What `spec` would change now for `ticket`; a code takes the place of the engineer's check of who asks.
pub async fn plan(systems: &Systems, spec: &ActionSpec, ticket: TicketId) -> Result<Plan, Failure> {
    let mut plan = plans::plan(systems, spec).await?;
    if !spec.makes_secret() {
        return Ok(plan);
    }
    let read = async {
        let mut tx = systems.db.read().await?;
        match tx.ticket_fetch(ticket).await? {
            Some(ticket) => confirmed(&mut tx, &ticket).await,
            None => Ok(false),
        }
    };
    plan.facts.stepped_up =
        read.await.map_err(|e: StoreError| Failure::new("look", Kind::Passing, e.to_string()))?;
    let checked = if plan.facts.stepped_up { "plan-note-code" } else { "plan-note-check-who-asks" };
    plan.notes.push(Phrase::new(checked));
    Ok(plan)
}
