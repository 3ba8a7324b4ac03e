//! Who somebody speaks for: coming in by a telephone number that the directory knows, and choosing among several customers.
//!
//! A number that Telegram vouches for says who holds it today, not that he still works for the customer: an engineer confirms.

use std::sync::Arc;

use crm::domain::actor::Actor;
use crm::domain::event::Origin;
use crm::domain::form::Form;
use crm::domain::ids::ContactId;
use crm::domain::kind::{Channel, Kind};
use crm::service::{NewTicket, Words};
use crm::t;
use serde_json::json;

use super::talk::Talk;
use super::tap::{Place, Tap};
use super::wizard::Draft;
use super::{menu, mine, opened, phone};
use crate::context::{Context, Result};
use crate::say::{Button, Say, escape};
use crate::view;

/// Whether a shared card is about coming in: anything a stranger shares, and one's own number.
pub fn claims(talk: &Talk, owner: Option<i64>) -> bool {
    talk.ctx.person.contact.is_none() || owner == Some(talk.ctx.incoming.from.id)
}

/// Asks for the number, with the one button of Telegram that can share it.
pub async fn ask(talk: &mut Talk) -> Result<()> {
    let unsent = talk.leave();
    let lang = talk.ctx.lang;
    let mut say = Say::html(view::noted(unsent, t!(lang, "share-ask")));
    let button = json!({ "text": t!(lang, "button-share"), "request_contact": true });
    say.markup = Some(json!({ "keyboard": [[button]], "resize_keyboard": true, "one_time_keyboard": true }));
    talk.show(Place::Below, &say).await;
    Ok(())
}

/// A telephone number was shared; `owner` is the account that Telegram says it belongs to.
pub async fn shared(talk: &mut Talk, typed: &str, owner: Option<i64>) -> Result<()> {
    let (lang, me) = (talk.ctx.lang, talk.ctx.incoming.from.id);
    let unsent = talk.leave();
    let support = escape(&talk.ctx.settings.support.phone);
    if owner != Some(me) {
        return tell(talk, view::noted(unsent, t!(lang, "share-not-yours"))).await;
    }
    let contact = match phone::read(typed) {
        Some(number) => talk.ctx.work().await.tx.contact_by_phone(&number).await?,
        None => None,
    };
    let Some(contact) = contact else {
        return tell(talk, view::noted(unsent, t!(lang, "share-no-match", phone = support))).await;
    };
    if talk.ctx.person.contacts.iter().any(|known| known.id == contact.id) {
        return tell(talk, view::noted(unsent, t!(lang, "contact-known"))).await;
    }
    let form = Form::Binding { contact: contact.id };
    let waiting =
        mine::unfinished(&talk.ctx).await?.into_iter().find(|t| t.form == form && t.state.is_active());
    if let Some(ticket) = waiting {
        let say = view::already_open(lang, ticket.number);
        talk.show(Place::Below, &say).await;
        return Ok(());
    }
    keep_language(&talk.ctx).await?;
    let mut thanks = Say::html(view::noted(unsent, t!(lang, "share-thanks")));
    thanks.markup = Some(json!({ "remove_keyboard": true }));
    talk.show(Place::Below, &thanks).await;
    let ctx = talk.ctx.clone();
    let new = NewTicket {
        kind: Kind::Question,
        form,
        requester: None,
        requester_name: ctx.incoming.from.name.clone(),
        language: ctx.lang,
        origin: Origin { channel: Channel::Telegram, chat: Some(ctx.incoming.chat) },
        words: Words::default(),
    };
    let stranger = Actor::Stranger { telegram: me };
    Box::pin(opened::open_as(talk, new, &stranger, Draft::default(), None)).await.map(drop)
}

/// Whoever has spoken with us in a language goes on in it, whatever the directory says of the contact he becomes.
pub async fn keep_language(ctx: &Context) -> Result<()> {
    if ctx.person.chosen.is_none() {
        let from = &ctx.incoming.from;
        ctx.work().await.tx.account_language(from.id, &from.name, ctx.lang, ctx.now).await?;
    }
    Ok(())
}

/// Says it, takes the keyboard with the button away, and shows what can be done instead.
async fn tell(talk: &mut Talk, html: String) -> Result<()> {
    let mut say = Say::html(html);
    say.markup = Some(json!({ "remove_keyboard": true }));
    talk.show(Place::Below, &say).await;
    menu::show(talk, Place::Below).await
}

/// For whom this person may speak.
pub async fn companies(talk: &mut Talk) -> Result<()> {
    let unsent = talk.leave();
    let lang = talk.ctx.lang;
    let person = talk.ctx.person.clone();
    let html = view::noted(unsent, t!(lang, "companies"));
    let say = person.contacts.iter().fold(Say::html(html), |say, contact| {
        let now = person.contact.as_ref().is_some_and(|c| c.id == contact.id);
        let mark = if now { "✓ " } else { "" };
        say.row([Button::tap(format!("{mark}{}", contact.customer_name), Tap::Speak(contact.id.clone()))])
    });
    let say = say.row([Button::tap(t!(lang, "button-menu"), Tap::Menu(Place::Here))]);
    talk.show(Place::Here, &say).await;
    Ok(())
}

/// Speaks for another customer from now on. The contact is a claim of the button: only one he is bound to counts.
pub async fn speak(talk: &mut Talk, contact: ContactId) -> Result<()> {
    let bound = talk.ctx.person.contacts.iter().any(|c| c.id == contact);
    let me = talk.ctx.incoming.from.id;
    if !bound || !talk.ctx.work().await.tx.account_speak(me, &contact).await? {
        return talk.stale().await;
    }
    let unsent = talk.leave();
    let person = talk.ctx.work().await.tx.person_fetch(me).await?;
    talk.ctx.person = Arc::new(person);
    let lang = talk.ctx.lang;
    let name = talk.ctx.person.contact.as_ref().map(|c| escape(&c.customer_name)).unwrap_or_default();
    let mut say = menu::menu(&talk.ctx);
    let spoken = t!(lang, "speaks-for", customer = name);
    say.html = view::noted(unsent, format!("{spoken}\n\n{}", say.html));
    talk.show(Place::Here, &say).await;
    Ok(())
}
