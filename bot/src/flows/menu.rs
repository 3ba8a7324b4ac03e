//! The menu: what can be asked for.

use crm::t;

use super::talk::Talk;
use super::tap::{Place, Tap, Topic};
use crate::context::{Context, Result};
use crate::say::{Button, Say, escape};
use crate::view;

/// Shows the menu and ends whatever was going on.
pub async fn show(talk: &mut Talk, place: Place) -> Result<()> {
    let unsent = talk.leave();
    let mut say = menu(&talk.ctx);
    say.html = view::noted(unsent, say.html);
    talk.show(place, &say).await;
    Ok(())
}

/// The menu of this person: somebody who is bound to no customer can ask and be told how to come in.
pub fn menu(ctx: &Context) -> Say {
    let lang = ctx.lang;
    let phone = escape(&ctx.settings.support.phone);
    let begin = |key: &str, topic| Button::tap(t!(lang, key), Tap::Begin(topic, Place::Here));
    let tickets = Button::tap(t!(lang, "button-tickets"), Tap::Tickets(0, Place::Here));
    let language = Button::tap(t!(lang, "button-language"), Tap::Languages);
    if ctx.person.contact.is_none() {
        return Say::html(t!(lang, "menu-unbound", phone = phone))
            .row([begin("menu-question", Topic::Question)])
            .row([tickets, language]);
    }
    Say::html(t!(lang, "menu-text", phone = phone))
        .row([begin("menu-reboot", Topic::Reboot)])
        .row([begin("menu-unlock", Topic::Unlock)])
        .row([begin("menu-fault", Topic::Fault)])
        .row([begin("menu-question", Topic::Question)])
        .row([tickets, language])
}
