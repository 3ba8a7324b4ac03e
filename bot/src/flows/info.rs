//! Something to read: how to use this, where else to turn to, who answers for what (S5).

use crm::t;

use super::talk::Talk;
use super::tap::{Info, Place, Tap};
use crate::context::Result;
use crate::say::{Button, Say, escape};
use crate::view;

/// Shows it.
pub async fn show(talk: &mut Talk, info: Info, place: Place) -> Result<()> {
    let unsent = talk.leave();
    let lang = talk.ctx.lang;
    let phone = escape(&talk.ctx.settings.support.phone);
    let provider = escape(&talk.ctx.settings.support.provider);
    let html = match info {
        Info::Help => t!(lang, "help", phone = phone),
        Info::Contacts => t!(lang, "contacts", phone = phone, provider = provider),
        Info::Responsibility => t!(lang, "responsibility", provider = provider),
    };
    let others = Info::ALL.iter().filter(|other| **other != info);
    let say = others.fold(Say::html(view::noted(unsent, html)), |say, other| {
        say.row([Button::tap(t!(lang, &format!("button-info-{other}")), Tap::Info(*other))])
    });
    let say = say.row([Button::tap(t!(lang, "button-menu"), Tap::Menu(Place::Here))]);
    talk.show(place, &say).await;
    Ok(())
}
