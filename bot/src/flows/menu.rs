//! The menu: what can be asked for. What is broken comes first, what is asked for less often stands on a second page.

use crm::t;

use super::talk::Talk;
use super::tap::{Info, Place, Tap, Topic};
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

/// The menu of this person: somebody who is bound to no customer can ask, ask for a Cabinet, and come in.
pub fn menu(ctx: &Context) -> Say {
    let lang = ctx.lang;
    let phone = escape(&ctx.settings.support.phone);
    let begin = |key: &str, topic| Button::tap(t!(lang, key), Tap::Begin(topic, Place::Here));
    let tickets = Button::tap(t!(lang, "button-tickets"), Tap::Tickets(0, Place::Here));
    let language = Button::tap(t!(lang, "button-language"), Tap::Languages);
    let help = Button::tap(t!(lang, "button-info-help"), Tap::Info(Info::Help));
    let Some(contact) = &ctx.person.contact else {
        return Say::html(t!(lang, "menu-unbound", phone = phone))
            .row([Button::tap(t!(lang, "menu-share"), Tap::Share)])
            .row([begin("menu-cabinet", Topic::Cabinet)])
            .row([begin("menu-question", Topic::Question)])
            .row([tickets, help])
            .row([language]);
    };
    let mut say = Say::html(t!(lang, "menu-text", phone = phone))
        .row([begin("menu-fault", Topic::Fault)])
        .row([begin("menu-reboot", Topic::Reboot)])
        .row([begin("menu-unlock", Topic::Unlock)])
        .row([begin("menu-quota", Topic::Quota), begin("menu-password", Topic::Password)])
        .row([begin("menu-question", Topic::Question)])
        .row([tickets, Button::tap(t!(lang, "button-more"), Tap::More)]);
    if ctx.person.contacts.len() > 1 {
        let label = t!(lang, "button-company", customer = contact.customer_name.as_str());
        say = say.row([Button::tap(label, Tap::Companies)]);
    }
    say
}

/// What is asked for less often.
pub async fn more(talk: &mut Talk) -> Result<()> {
    let unsent = talk.leave();
    let lang = talk.ctx.lang;
    if talk.ctx.person.contact.is_none() {
        return show(talk, Place::Here).await;
    }
    let begin = |key: &str, topic| Button::tap(t!(lang, key), Tap::Begin(topic, Place::Here));
    let say = Say::html(view::noted(unsent, t!(lang, "menu-more-text")))
        .row([begin("menu-link", Topic::Link)])
        .row([begin("menu-order", Topic::Order)])
        .row([begin("menu-trial", Topic::Trial)])
        .row([begin("menu-cabinet", Topic::Cabinet)])
        .row([Button::tap(t!(lang, "menu-availability"), Tap::Availability(None))])
        .row([begin("menu-credit", Topic::Credit)])
        .row([begin("menu-loss", Topic::Loss)])
        .row([
            Button::tap(t!(lang, "button-info-contacts"), Tap::Info(Info::Contacts)),
            Button::tap(t!(lang, "button-info-who"), Tap::Info(Info::Responsibility)),
        ])
        .row([
            Button::tap(t!(lang, "button-info-help"), Tap::Info(Info::Help)),
            Button::tap(t!(lang, "button-language"), Tap::Languages),
        ])
        .row([Button::tap(t!(lang, "button-menu-back"), Tap::Menu(Place::Here))]);
    talk.show(Place::Here, &say).await;
    Ok(())
}
