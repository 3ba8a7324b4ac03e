//! Words that go to a ticket: typed after it was chosen, as a reply to one of its messages, as the rest of an album, as an edit.

use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::ids::{TicketId, TicketNumber};
use crm::domain::refusal::Refusal;
use crm::domain::ticket::{State, Ticket};
use crm::service::{ServiceError, Words};
use crm::store::Side;
use crm::t;

use super::courtesy::is_courtesy;
use super::talk::Talk;
use super::tap::{Act, Place, Tap};
use super::wizard::Draft;
use super::{mine, stray, tickets};
use crate::context::{Context, Result};
use crate::say::{Button, Say};
use crate::update::Written;
use crate::view;

/// To the ticket with this number, as a button claims.
pub async fn to(talk: &mut Talk, number: TicketNumber, draft: &Draft) -> Result<()> {
    match mine::by_number(&talk.ctx, number).await? {
        Some((ticket, actor)) => put(talk, ticket, &actor, draft).await,
        None => stray::ask(talk, draft.clone(), None).await,
    }
}

/// To the ticket with this id.
pub async fn into(talk: &mut Talk, id: TicketId, draft: &Draft) -> Result<()> {
    match mine::by_id(&talk.ctx, id).await? {
        Some((ticket, actor)) => put(talk, ticket, &actor, draft).await,
        None => stray::ask(talk, draft.clone(), None).await,
    }
}

/// A reply to one of the chat's messages; `false` if that belongs to no ticket.
pub async fn reply(talk: &mut Talk, replied: i64, draft: &Draft) -> Result<bool> {
    let chat = talk.ctx.incoming.chat;
    let Some(id) = talk.ctx.work().await.tx.ticket_of_message(chat, replied).await? else { return Ok(false) };
    let Some((ticket, actor)) = mine::by_id(&talk.ctx, id).await? else { return Ok(false) };
    if draft.is_empty() {
        return Ok(false);
    }
    if ticket.state == State::Solved && is_courtesy(draft) {
        tickets::courtesy(talk, Some(&ticket)).await?;
    } else {
        put(talk, ticket, &actor, draft).await?;
    }
    Ok(true)
}

async fn put(talk: &mut Talk, ticket: Ticket, actor: &Actor, draft: &Draft) -> Result<()> {
    let (lang, number) = (talk.ctx.lang, ticket.number);
    match write(&talk.ctx, &ticket, actor, draft).await {
        Ok(ticket) => {
            talk.came_near(ticket.id);
            talk.album_went_to_ticket();
            let mut say = Say::html(t!(lang, "written", number = number.to_string())).about(ticket.id);
            say.reply_to = draft.messages.last().copied();
            say.silent = true;
            if ticket.state == State::Solved {
                say.html = t!(lang, "written-solved", number = number.to_string());
                say = say.row([
                    Button::tap(t!(lang, "button-reopen"), Tap::Act(Act::Reopen, number)),
                    Button::tap(t!(lang, "button-solved"), Tap::Act(Act::Confirm, number)),
                ]);
            }
            talk.show(Place::Here, &say).await;
            Ok(())
        }
        // It is over and takes nothing: the words wait until the person says where they belong.
        Err(ServiceError::Refused(Refusal::WrongState(_))) => {
            stray::ask(talk, draft.clone(), Some(number)).await
        }
        Err(ServiceError::Refused(refusal)) => {
            let say = view::refusal(lang, &refusal, &talk.ctx.settings.support.phone);
            talk.show(Place::Here, &say).await;
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Stores the words with the ticket and links their messages to it.
async fn write(ctx: &Context, ticket: &Ticket, actor: &Actor, draft: &Draft) -> Result<Ticket> {
    let mut work = ctx.work().await;
    let words = (Side::Customer, draft.words());
    let ticket = ctx.service.write(&mut work.tx, ticket.id, words, Command::Write, actor).await?;
    for message in &draft.messages {
        work.tx.message_link(ctx.incoming.chat, *message, ticket.id);
    }
    Ok(ticket)
}

/// The rest of an album: stored without an answer, the first photo had one.
pub async fn quietly(talk: &mut Talk, id: TicketId, draft: &Draft) -> Result<()> {
    let Some((ticket, actor)) = mine::by_id(&talk.ctx, id).await? else { return Ok(()) };
    match write(&talk.ctx, &ticket, &actor, draft).await {
        Ok(_) => Ok(()),
        Err(ServiceError::Refused(_)) => stray::ask(talk, draft.clone(), Some(ticket.number)).await,
        Err(error) => Err(error),
    }
}

/// A message was edited: if it belongs to a ticket, the new words go there, marked. Anything else is the person's own affair.
pub async fn edited(ctx: &Context, written: &Written) -> Result<()> {
    let chat = ctx.incoming.chat;
    if written.text.trim().is_empty() {
        return Ok(());
    }
    let Some(id) = ctx.work().await.tx.ticket_of_message(chat, written.message_id).await? else {
        let mut talk = Talk::open(ctx.clone()).await?;
        talk.edited(written.message_id, written.text.trim()).await?;
        return talk.close().await;
    };
    let Some((ticket, actor)) = mine::by_id(ctx, id).await? else { return Ok(()) };
    let text = t!(ctx.lang, "message-edited", text = written.text.trim());
    let mut work = ctx.work().await;
    let words = (Side::Customer, Words::text(text));
    match ctx.service.write(&mut work.tx, ticket.id, words, Command::Write, &actor).await {
        // An edit after the end changes nothing any more.
        Ok(_) | Err(ServiceError::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
