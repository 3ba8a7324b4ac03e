//! What this person may see. Every number from a button or from typed text is a claim and comes through here; what is another
//! customer's is answered as what does not exist.

use crm::domain::actor::Actor;
use crm::domain::ids::{TicketId, TicketNumber};
use crm::domain::ticket::Ticket;

use crate::context::{Context, Result};

/// Tickets that a list looks back over.
const MOST: i64 = 200;

/// As whom this person may act on `ticket`: as a contact of its customer, or as the stranger who opened it, also after he was bound
/// to a customer. `None` if it is none of his.
pub fn actor_for(ctx: &Context, ticket: &Ticket) -> Option<Actor> {
    let telegram = ctx.incoming.from.id;
    if ticket.customer.is_none() && ticket.requester.is_none() && ticket.origin.chat == Some(telegram) {
        return Some(Actor::Stranger { telegram });
    }
    let contact = ctx.person.contact.as_ref()?;
    (ticket.customer.as_ref() == Some(&contact.customer))
        .then(|| Actor::Contact { id: contact.id.clone(), customer: contact.customer.clone() })
}

/// A ticket by number, if it is this person's.
pub async fn by_number(ctx: &Context, number: TicketNumber) -> Result<Option<(Ticket, Actor)>> {
    let ticket = ctx.work().await.tx.ticket_by_number(number).await?;
    Ok(ticket.and_then(|ticket| actor_for(ctx, &ticket).map(|actor| (ticket, actor))))
}

/// A ticket by id, if it is this person's.
pub async fn by_id(ctx: &Context, id: TicketId) -> Result<Option<(Ticket, Actor)>> {
    let ticket = ctx.work().await.tx.ticket_fetch(id).await?;
    Ok(ticket.and_then(|ticket| actor_for(ctx, &ticket).map(|actor| (ticket, actor))))
}

/// All of this person's tickets, newest first.
pub async fn all(ctx: &Context) -> Result<Vec<Ticket>> {
    let mut work = ctx.work().await;
    let mut all = work.tx.tickets_of_stranger(ctx.incoming.from.id, MOST).await?;
    if let Some(contact) = &ctx.person.contact {
        all.extend(work.tx.tickets_of_customer(&contact.customer, MOST).await?);
    }
    drop(work);
    // A ticket that was opened unbound and belongs to a customer since would be in both.
    all.sort_by_key(|ticket| std::cmp::Reverse(ticket.number));
    all.dedup_by_key(|ticket| ticket.id);
    all.retain(|ticket| actor_for(ctx, ticket).is_some());
    Ok(all)
}

/// Those that he asked for himself and that are not over: where words that come by themselves may belong. A colleague's are in the
/// list, but nobody's words go there unasked.
pub async fn unfinished(ctx: &Context) -> Result<Vec<Ticket>> {
    let me = ctx.person.contact.as_ref().map(|contact| &contact.id);
    let mut all = all(ctx).await?;
    all.retain(|ticket| {
        !ticket.state.is_terminal() && (ticket.requester.is_none() || ticket.requester.as_ref() == me)
    });
    Ok(all)
}
