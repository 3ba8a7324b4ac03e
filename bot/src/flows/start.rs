//! Coming in: `/start`, the invitation that binds an account to a contact, help, and what we cannot read.

use std::sync::Arc;

use crm::domain::event::Event;
use crm::domain::ids::ContactId;
use crm::store::InviteUse;
use crm::t;

use super::talk::Talk;
use super::tap::Place;
use super::{language, menu};
use crate::context::Result;
use crate::say::{Say, escape};
use crate::view;

/// `/start`, or `/start CODE` from an invitation's link.
pub async fn start(talk: &mut Talk, code: &str) -> Result<()> {
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
    let used = talk.ctx.work().await.tx.invite_use(code, id, now).await?;
    let lang = talk.ctx.lang;
    let phone = escape(&talk.ctx.settings.support.phone);
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
    let already = talk.ctx.person.contact.as_ref().is_some_and(|c| c.id == *contact);
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

/// `/help`.
pub async fn help(talk: &mut Talk) -> Result<()> {
    let lang = talk.ctx.lang;
    let phone = escape(&talk.ctx.settings.support.phone);
    let say = Say::html(t!(lang, "help", phone = phone)).row([view::menu_button(lang)]);
    talk.show(Place::Below, &say).await;
    Ok(())
}

/// A command we do not have. It may be the beginning of something the person wants to say: nothing is thrown away silently.
pub async fn no_such_command(talk: &mut Talk) -> Result<()> {
    let lang = talk.ctx.lang;
    let say = Say::html(t!(lang, "no-such-command")).row([view::menu_button(lang)]);
    talk.show(Place::Below, &say).await;
    Ok(())
}

/// A telephone number alone proves nothing to us: the way in is the invitation.
pub async fn contact_shared(talk: &mut Talk) -> Result<()> {
    let lang = talk.ctx.lang;
    let phone = escape(&talk.ctx.settings.support.phone);
    let html = if talk.ctx.person.contact.is_some() {
        t!(lang, "contact-known")
    } else {
        t!(lang, "contact-unbound", phone = phone)
    };
    let say = Say::html(html).row([view::menu_button(lang)]);
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
