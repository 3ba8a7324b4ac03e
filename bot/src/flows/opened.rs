//! A request is complete: the ticket is opened, and the acknowledgement gives its number and the promised time.

use crm::domain::actor::Actor;
use crm::domain::event::Origin;
use crm::domain::form::Form;
use crm::domain::ids::TicketId;
use crm::domain::kind::{Channel, Kind};
use crm::domain::refusal::Refusal;
use crm::domain::ticket::Ticket;
use crm::service::{Emergency, NewTicket, ServiceError};

use super::talk::Talk;
use super::tap::Place;
use super::wizard::Draft;
use super::write;
use crate::context::Result;
use crate::say::Say;
use crate::{view, view_ticket};

/// Opens a ticket and acknowledges it, with `what_next` where that is known already. `None`: there is no new one, and he was told why.
pub async fn open(
    talk: &mut Talk,
    (kind, form): (Kind, Form),
    draft: Draft,
    what_next: Option<String>,
) -> Result<Option<TicketId>> {
    let ctx = talk.ctx.clone();
    let actor = ctx.customer_actor();
    let contact = ctx.person.contact.as_ref();
    let new = NewTicket {
        kind,
        form,
        requester: contact.map(|c| (c.id.clone(), c.customer.clone())),
        requester_name: contact.map_or_else(|| ctx.incoming.from.name.clone(), |c| c.name.clone()),
        language: ctx.lang,
        origin: Origin { channel: Channel::Telegram, chat: Some(ctx.incoming.chat) },
        words: draft.words(),
    };
    open_as(talk, new, &actor, draft, what_next).await
}

/// Opens `new` for `actor`, with the messages of `draft`, and acknowledges it.
pub async fn open_as(
    talk: &mut Talk,
    new: NewTicket,
    actor: &Actor,
    draft: Draft,
    what_next: Option<String>,
) -> Result<Option<TicketId>> {
    let ctx = talk.ctx.clone();
    let outcome = {
        let mut work = ctx.work().await;
        ctx.service.open(&mut work.tx, new, actor).await
    };
    match outcome {
        Ok(ticket) => {
            let mut work = ctx.work().await;
            for message in &draft.messages {
                work.tx.message_link(ctx.incoming.chat, *message, ticket.id);
            }
            let emergency =
                if ticket.emergency { work.tx.setting::<Emergency>("emergency").await? } else { None };
            drop(work);
            talk.came_near(ticket.id);
            talk.album_went_to_ticket();
            let say = acknowledgement(talk, &ticket, emergency.as_ref(), what_next);
            talk.show(Place::Here, &say).await;
            Ok(Some(ticket.id))
        }
        // What he wants is under way: his words go there.
        Err(ServiceError::Refused(Refusal::AlreadyOpen(number))) if !draft.is_empty() => {
            write::to(talk, number, &draft).await?;
            Ok(None)
        }
        Err(ServiceError::Refused(Refusal::AlreadyOpen(number))) => {
            let say = view::already_open(ctx.lang, number);
            talk.show(Place::Here, &say).await;
            Ok(None)
        }
        Err(ServiceError::Refused(refusal)) => {
            let say = view::refusal(ctx.lang, &refusal, &ctx.settings.support.phone);
            talk.show(Place::Here, &say).await;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn acknowledgement(
    talk: &Talk,
    ticket: &Ticket,
    emergency: Option<&Emergency>,
    what_next: Option<String>,
) -> Say {
    let (lang, now) = (talk.ctx.lang, talk.ctx.now);
    view_ticket::acknowledgement(lang, ticket, emergency, what_next, now)
        .row([view::ticket_button(lang, ticket.number, Place::Below), view::menu_button(lang)])
}
