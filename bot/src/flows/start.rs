//! Coming in: `/start`, the invitation that binds an account to a contact, links to tickets, and what we cannot read.

use std::sync::Arc;

use crm::domain::event::Event;
use crm::domain::ids::{ContactId, TicketNumber};
use crm::store::{INVITE_PAUSE, InviteUse};
use crm::t;
use crm::text::length;

use super::talk::Talk;
use super::tap::{Place, Tap};
use super::{binding, language, menu, mine, tickets};
use crate::context::{Context, Result};
use crate::say::{Button, Say, escape};
use crate::{view, view_ticket};

/// `/start`, `/start CODE` from an invitation's link, or `/start t42` from a link to a ticket.
pub async fn start(talk: &mut Talk, code: &str) -> Result<()> {
    if let Some(number) = ticket_of(code) {
        return tickets::detail(talk, number, Place::Below).await;
    }
    let unsent = talk.leave();
    let (id, name, now) = (talk.ctx.incoming.from.id, talk.ctx.incoming.from.name.clone(), talk.ctx.now);
    talk.ctx.work().await.tx.account_seen(id, &name, now).await?;
    let head = if code.is_empty() { greeting(talk) } else { enter(talk, code).await? };
    let mut say = menu::menu(&talk.ctx);
    say.html = view::noted(unsent, format!("{head}\n\n{}", say.html));
    // The first thing a person needs is to be understood.
    say = say.row(language::buttons());
    talk.show(Place::Below, &say).await;
    Ok(())
}

/// The ticket of a deep link. Invitations are hexadecimal, so none begins like this.
fn ticket_of(code: &str) -> Option<TicketNumber> {
    code.strip_prefix('t')
        .filter(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))?
        .parse()
        .ok()
}

fn greeting(talk: &Talk) -> String {
    let (lang, person) = (talk.ctx.lang, &talk.ctx.person);
    let provider = escape(&talk.ctx.settings.support.provider);
    match &person.contact {
        Some(contact) => t!(lang, "start-known", name = escape(&contact.name), provider = provider),
        None => t!(lang, "start-hello", provider = provider),
    }
}

/// Uses an invitation up; what is said about it.
async fn enter(talk: &mut Talk, code: &str) -> Result<String> {
    let (id, now) = (talk.ctx.incoming.from.id, talk.ctx.now);
    let lang = talk.ctx.lang;
    let phone = escape(&talk.ctx.settings.support.phone);
    if talk.ctx.work().await.tx.invite_paused(id, now).await? {
        let pause = length(INVITE_PAUSE, lang);
        return Ok(t!(lang, "invite-paused", pause = pause, phone = phone));
    }
    let used = talk.ctx.work().await.tx.invite_use(code, id, now).await?;
    if used == InviteUse::Unknown {
        talk.ctx.work().await.tx.invite_missed(id, now).await?;
    }
    Ok(match used {
        InviteUse::Welcome(contact) => welcome(talk, &contact).await?,
        InviteUse::Used => t!(lang, "invite-used", phone = phone),
        InviteUse::Expired => t!(lang, "invite-expired", phone = phone),
        InviteUse::Unknown => t!(lang, "invite-unknown", phone = phone),
    })
}

/// Binds the account; from here on the person is known, in the language of the directory unless he chose one.
async fn welcome(talk: &mut Talk, contact: &ContactId) -> Result<String> {
    let (id, name, now) = (talk.ctx.incoming.from.id, talk.ctx.incoming.from.name.clone(), talk.ctx.now);
    let already = talk.ctx.person.contacts.iter().any(|c| c.id == *contact);
    if talk.ctx.person.contact.is_some() {
        binding::keep_language(&talk.ctx).await?;
    }
    let mut work = talk.ctx.work().await;
    work.tx.account_bind(id, contact, &name, now).await?;
    let person = work.tx.person_fetch(id).await?;
    drop(work);
    talk.ctx.person = Arc::new(person);
    let person = talk.ctx.person.clone();
    let Some(bound) = &person.contact else {
        // The contact left between the look and the bind.
        return Ok(t!(talk.ctx.lang, "invite-unknown", phone = escape(&talk.ctx.settings.support.phone)));
    };
    talk.ctx.lang = person.chosen.unwrap_or(bound.language);
    if !already {
        let actor = talk.ctx.customer_actor();
        let event = Event::Bound { contact: contact.clone(), telegram: id };
        talk.ctx.work().await.tx.desk_event(actor, event, now).await?;
    }
    let (name, customer) = (escape(&bound.name), escape(&bound.customer_name));
    Ok(t!(talk.ctx.lang, "invite-welcome", name = name, customer = customer))
}

/// Somebody takes his block back: he is shown where there is news that did not reach him.
pub async fn back(ctx: &Context) -> Result<()> {
    let mut say = Say::default();
    for ticket in mine::unfinished(ctx).await? {
        if ctx.work().await.tx.outbox_failure(ticket.id).await?.is_some() {
            let label = view_ticket::line(ctx.lang, &ticket);
            say = say.row([Button::tap(label, Tap::Ticket(ticket.number, Place::Below))]);
        }
    }
    if !say.buttons.is_empty() {
        say.html = t!(ctx.lang, "missed-news");
        ctx.send(&say).await;
    }
    Ok(())
}

/// A command we do not have. It may be the beginning of something the person wants to say: nothing is thrown away silently.
pub async fn no_such_command(talk: &mut Talk) -> Result<()> {
    let lang = talk.ctx.lang;
    let say = Say::html(t!(lang, "no-such-command")).row([view::menu_button(lang)]);
    talk.show(Place::Below, &say).await;
    Ok(())
}

/// A message with nothing in it that we can keep.
pub async fn nothing_readable(talk: &mut Talk) -> Result<()> {
    let lang = talk.ctx.lang;
    let say = Say::html(t!(lang, "nothing-readable"));
    talk.show(Place::Below, &say).await;
    Ok(())
}
