//! What is done less often with a ticket: let somebody hold it, attach it to another.

use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::event::Link;
use crm::domain::ids::{StaffId, TicketNumber};
use crm::domain::person::Right;
use crm::domain::refusal::Refusal;
use crm::domain::ticket::Ticket;
use crm::service::ServiceError;
use crm::t;

use super::dialogue::{self, Wanted};
use super::press::{instead, load, refused, rehearse, shown_in_private};
use super::reply::{self, attempt};
use super::tap::{DeskTap, Tag};
use super::{buttons, words};
use crate::context::{Context, Result};
use crate::say::{Button, Say, escape};
use crate::update::{ChatKind, Written};

/// So many tickets are offered to attach to; another is named by its number.
const OFFERED: usize = 6;

/// Puts the rarer buttons in place of the card's.
pub async fn show(ctx: &Context, number: TicketNumber) -> Result<()> {
    let Some(ticket) = load(ctx, number).await? else { return Ok(()) };
    if !ticket.state.is_active() {
        return refused(ctx, &ticket, &Refusal::WrongState(ticket.state)).await;
    }
    ctx.toast("", false).await;
    let private = ctx.incoming.chat_kind == ChatKind::Private;
    instead(ctx, |lang| buttons::more(&ticket, private, lang)).await;
    Ok(())
}

/// Nobody, as a tag.
fn tag(staff: Option<&StaffId>) -> Tag {
    Tag::of(staff.map_or("", StaffId::as_str))
}

/// Who could hold it.
pub async fn people(ctx: &Context, number: TicketNumber, actor: &Actor) -> Result<()> {
    let Some(ticket) = load(ctx, number).await? else { return Ok(()) };
    let me = actor.staff_id().cloned().unwrap_or_else(|| StaffId::from(""));
    let rehearsed = Command::Assign { to: me, from: ticket.assignee.clone() };
    if let Err(why) = rehearse(ctx, &ticket, rehearsed, actor)? {
        return refused(ctx, &ticket, &why).await;
    }
    let staff = ctx.work().await.tx.staff_all().await?;
    ctx.toast(&t!(ctx.lang, "desk-choose-person"), false).await;
    let from = tag(ticket.assignee.as_ref());
    let able: Vec<Button> = staff
        .iter()
        .filter(|s| s.role.may(Right::Handle) && ticket.assignee.as_ref() != Some(&s.id))
        .map(|s| Button::tap(&s.name, DeskTap::AssignTo(number, tag(Some(&s.id)), from)))
        .collect();
    instead(ctx, |lang| {
        let mut rows: Vec<Vec<Button>> = able.chunks(2).map(<[Button]>::to_vec).collect();
        rows.push(vec![Button::tap(t!(lang, "desk-button-back"), DeskTap::Back(number))]);
        rows
    })
    .await;
    Ok(())
}

/// Lets him hold it, if it is still held by whom the button showed.
pub async fn assign(
    ctx: &Context,
    number: TicketNumber,
    (who, from): (Tag, Tag),
    actor: &Actor,
) -> Result<()> {
    let Some(ticket) = load(ctx, number).await? else { return Ok(()) };
    let staff = ctx.work().await.tx.staff_all().await?;
    let Some(to) = staff.into_iter().find(|s| tag(Some(&s.id)) == who) else {
        return refused(ctx, &ticket, &Refusal::NotFound).await;
    };
    let holder = ticket.assignee.clone();
    if tag(holder.as_ref()) != from && holder.as_ref() != Some(&to.id) {
        return refused(ctx, &ticket, &holder.map_or(Refusal::StaleAction, Refusal::TakenBy)).await;
    }
    let command = Command::Assign { to: to.id, from: holder };
    match attempt(ctx, ticket.clone(), command, actor).await? {
        Ok(after) => {
            let text = t!(ctx.lang, "desk-done-assigned", number = number.to_string(), name = to.name);
            ctx.toast(&text, false).await;
            shown_in_private(ctx, &after).await
        }
        Err(why) => refused(ctx, &ticket, &why).await,
    }
}

/// The tickets it could belong to: the same customer's first, then what else is broken; or the number, typed.
pub async fn others(ctx: &Context, number: TicketNumber, actor: &Actor) -> Result<()> {
    let Some(ticket) = load(ctx, number).await? else { return Ok(()) };
    if actor.staff_with(Right::Handle).is_none() {
        return refused(ctx, &ticket, &Refusal::Forbidden).await;
    }
    if !ticket.state.is_active() {
        return refused(ctx, &ticket, &Refusal::WrongState(ticket.state)).await;
    }
    let mut owed = ctx.work().await.tx.tickets_by_due(None, 500).await?;
    owed.retain(|t| t.id != ticket.id && t.attached_to.is_none());
    owed.sort_by_key(|t| (t.customer != ticket.customer, !t.kind.is_fault(), t.number));
    ctx.toast("", false).await;
    let button = |t: &Ticket, lang| {
        let label = format!("{} · {}", t.number, words::kind(t.kind, lang));
        vec![Button::tap(label, DeskTap::AttachWith(number, t.number))]
    };
    instead(ctx, |lang| {
        let mut rows: Vec<Vec<Button>> = owed.iter().take(OFFERED).map(|t| button(t, lang)).collect();
        rows.push(vec![Button::tap(t!(lang, "desk-button-back"), DeskTap::Back(number))]);
        rows
    })
    .await;
    dialogue::begin(ctx, &ticket, Wanted::Other).await
}

/// The number was typed.
pub async fn other_named(ctx: &Context, number: TicketNumber, written: &Written) -> Result<()> {
    let Ok(other) = written.text.trim().parse::<TicketNumber>() else {
        reply::answer(ctx, written, &t!(ctx.lang, "desk-other-unread")).await;
        return Ok(());
    };
    let found = ctx.work().await.tx.ticket_by_number(other).await?;
    if found.is_none() {
        reply::answer(ctx, written, &t!(ctx.lang, "desk-refused-not-found")).await;
        return Ok(());
    }
    let (one, two) = (number.to_string(), other.to_string());
    let say = Say {
        reply_to: Some(written.message_id),
        buttons: ways(number, other, ctx.lang),
        ..Say::html(t!(ctx.lang, "desk-choose-link", number = one, other = two))
    };
    ctx.send(&say).await;
    Ok(())
}

fn ways(number: TicketNumber, other: TicketNumber, lang: crm::domain::lang::Lang) -> Vec<Vec<Button>> {
    let way = |link: Link| {
        let label = t!(lang, &format!("desk-button-link-{link}"), other = other.to_string());
        vec![Button::tap(label, DeskTap::AttachTo(number, other, link))]
    };
    let mut rows: Vec<Vec<Button>> = Link::ALL.iter().map(|link| way(*link)).collect();
    rows.push(vec![Button::tap(t!(lang, "desk-button-back"), DeskTap::Back(number))]);
    rows
}

/// How the two belong together.
pub async fn how(ctx: &Context, number: TicketNumber, other: TicketNumber) -> Result<()> {
    // A press instead of the number: nothing is waited for any more.
    dialogue::end(ctx, number).await?;
    let text = t!(ctx.lang, "desk-choose-link", number = number.to_string(), other = other.to_string());
    ctx.toast(&text, false).await;
    instead(ctx, |lang| ways(number, other, lang)).await;
    Ok(())
}

/// Attaches them.
pub async fn attach(
    ctx: &Context,
    number: TicketNumber,
    (other, link): (TicketNumber, Link),
    actor: &Actor,
) -> Result<()> {
    let Some(ticket) = load(ctx, number).await? else { return Ok(()) };
    let done = {
        let mut work = ctx.work().await;
        ctx.service.attach(&mut work.tx, ticket.id, other, link, actor).await
    };
    match done {
        Ok(after) => {
            let key = format!("desk-done-attached-{link}");
            let text = t!(ctx.lang, &key, number = number.to_string(), other = other.to_string());
            ctx.toast(&text, false).await;
            let on_card = {
                let card = ctx.work().await.tx.card_fetch(ticket.id).await?;
                card.is_some_and(|c| Some(c.1) == dialogue::pressed(ctx) && c.0 == ctx.incoming.chat)
            };
            if ctx.incoming.chat_kind == ChatKind::Group && !on_card {
                ctx.replace(&Say::html(escape(&text)).about(ticket.id)).await;
                return Ok(());
            }
            shown_in_private(ctx, &after).await
        }
        Err(ServiceError::Refused(why)) => refused(ctx, &ticket, &why).await,
        Err(error) => Err(error),
    }
}
