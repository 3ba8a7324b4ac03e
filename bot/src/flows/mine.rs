//! What this person may see. Every number from a button or from typed text is a claim and comes through here; what is another
//! customer's is answered as what does not exist.

use crm::directory::Sees;
use crm::domain::actor::Actor;
use crm::domain::ids::{ContactId, TicketId, TicketNumber};
use crm::domain::ticket::Ticket;
use crm::store::Contact;

use crate::context::{Context, Result};

/// Tickets that a list looks back over.
const MOST: i64 = 200;

/// As whom this person may act on `ticket`: as a contact of its customer, as far as the directory lets him see, or as the stranger who
/// opened it, also after he was bound to a customer. `None` if it is none of his.
pub fn actor_for(ctx: &Context, ticket: &Ticket) -> Option<Actor> {
    let telegram = ctx.incoming.from.id;
    if ticket.customer.is_none() && ticket.requester.is_none() && ticket.origin.chat == Some(telegram) {
        return Some(Actor::Stranger { telegram });
    }
    let sees = |c: &&Contact| {
        ticket.customer.as_ref() == Some(&c.customer)
            && (c.sees == Sees::All || ticket.requester.as_ref() == Some(&c.id))
    };
    let contact = ctx.person.contacts.iter().find(sees)?;
    Some(Actor::Contact { id: contact.id.clone(), customer: contact.customer.clone() })
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

/// This person's tickets with the customer he speaks for at the moment, newest first, and what he asked while he was a stranger.
pub async fn all(ctx: &Context) -> Result<Vec<Ticket>> {
    of(ctx, ctx.person.contact.as_slice()).await
}

async fn of(ctx: &Context, contacts: &[Contact]) -> Result<Vec<Ticket>> {
    let mut work = ctx.work().await;
    let mut all = work.tx.tickets_of_stranger(ctx.incoming.from.id, MOST).await?;
    for contact in contacts {
        all.extend(work.tx.tickets_of_customer(&contact.customer, MOST).await?);
    }
    drop(work);
    // A ticket that was opened unbound and belongs to a customer since would be in both.
    all.sort_by_key(|ticket| std::cmp::Reverse(ticket.number));
    all.dedup_by_key(|ticket| ticket.id);
    all.retain(|ticket| actor_for(ctx, ticket).is_some());
    Ok(all)
}

/// Those that he asked for himself and that are not over, whomever he speaks for: where words that come by themselves may belong. A
/// colleague's are in the list, but nobody's words go there unasked.
pub async fn unfinished(ctx: &Context) -> Result<Vec<Ticket>> {
    let mut all = of(ctx, &ctx.person.contacts).await?;
    all.retain(|ticket| {
        let asked = |id: &ContactId| ctx.person.contacts.iter().any(|c| c.id == *id);
        !ticket.state.is_terminal() && ticket.requester.as_ref().is_none_or(asked)
    });
    Ok(all)
}
