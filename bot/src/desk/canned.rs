//! `/r`: replies that are written often, found by a word, filled in for the ticket, sent in the customer's language.
//!
//! Staff write and change them in the chat. What a customer would read is always shown before it is sent.

use chrono::TimeDelta;
use crm::canned::{Filler, PLACES};
use crm::domain::actor::Actor;
use crm::domain::audit::sha256_hex;
use crm::domain::event::Event;
use crm::domain::ids::{TicketId, TicketNumber};
use crm::domain::lang::Lang;
use crm::domain::person::Right;
use crm::domain::refusal::Refusal;
use crm::domain::ticket::Ticket;
use crm::service::{ServiceError, Words};
use crm::store::{Canned, Side};
use crm::t;

use super::facts::staff_name;
use super::press::{load, refused};
use super::reply::answer;
use super::tap::{DeskTap, Tag};
use super::words;
use crate::context::{Context, Result};
use crate::say::{Button, Say, escape};
use crate::update::Written;

/// So many are offered as buttons.
const OFFERED: usize = 8;
/// The longest reply, in characters.
const LONGEST: usize = 3_000;
/// The same words to the same customer again within this time are a second press, not a second answer.
const TWICE: TimeDelta = TimeDelta::seconds(60);

/// `/r …`: with a ticket that is replied to, finds one to send; otherwise shows or changes the collection.
pub async fn command(ctx: &Context, written: &Written, ticket: Option<TicketId>) -> Result<()> {
    let rest = written.text.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim());
    let (verb, tail) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    match verb {
        "set" => set(ctx, written, tail).await,
        "del" => delete(ctx, written, tail.trim()).await,
        _ => match ticket {
            Some(ticket) => {
                let found = ctx.work().await.tx.ticket_fetch(ticket).await?;
                let Some(ticket) = found else { return Ok(()) };
                let say = offer(ctx, &ticket, rest).await?;
                ctx.send(&Say { reply_to: Some(written.message_id), silent: true, ..say }).await;
                Ok(())
            }
            None => collection(ctx, rest).await,
        },
    }
}

/// The button «canned replies» of a card.
pub async fn choose(ctx: &Context, number: TicketNumber) -> Result<()> {
    let Some(ticket) = load(ctx, number).await? else { return Ok(()) };
    if ticket.state.is_terminal() {
        return refused(ctx, &ticket, &Refusal::WrongState(ticket.state)).await;
    }
    ctx.toast("", false).await;
    let say = offer(ctx, &ticket, "").await?;
    let on_card = {
        let card = ctx.work().await.tx.card_fetch(ticket.id).await?;
        card.is_some_and(|card| Some(card.1) == super::dialogue::pressed(ctx) && card.0 == ctx.incoming.chat)
    };
    if on_card {
        // The card stays a card.
        ctx.send(&Say { reply_to: super::dialogue::pressed(ctx), silent: true, ..say }).await;
    } else {
        ctx.replace(&say).await;
    }
    Ok(())
}

async fn offer(ctx: &Context, ticket: &Ticket, search: &str) -> Result<Say> {
    let lang = ctx.lang;
    let found = find(&ctx.work().await.tx.canned_all().await?, search);
    let language = t!(lang, &format!("desk-speaks-{}", ticket.language));
    let head = if found.is_empty() { "desk-canned-none" } else { "desk-canned-choose" };
    let text =
        t!(lang, head, number = ticket.number.to_string(), language = language, search = escape(search));
    let buttons: Vec<Button> = found
        .iter()
        .take(OFFERED)
        .map(|name| Button::tap(name.as_str(), DeskTap::CannedPick(ticket.number, Tag::of(name))))
        .collect();
    let mut say = Say::html(text).about(ticket.id);
    say.buttons = buttons.chunks(2).map(<[Button]>::to_vec).collect();
    Ok(say.row([Button::tap(t!(lang, "desk-button-cancel"), DeskTap::Close(ticket.number))]))
}

/// The names in whose name or words every searched word occurs.
fn find(all: &[Canned], search: &str) -> Vec<String> {
    let wanted: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let mut names: Vec<String> = Vec::new();
    for canned in all {
        let text = format!("{} {}", canned.name, canned.body).to_lowercase();
        if !names.contains(&canned.name) && wanted.iter().all(|word| text.contains(word)) {
            names.push(canned.name.clone());
        }
    }
    names
}

/// The words of one in the customer's language, or in one that there is.
async fn chosen(ctx: &Context, ticket: &Ticket, name: Tag) -> Result<Option<Canned>> {
    let mut all = ctx.work().await.tx.canned_all().await?;
    all.retain(|canned| Tag::of(&canned.name) == name);
    let at = all.iter().position(|canned| canned.language == ticket.language).unwrap_or(0);
    Ok((!all.is_empty()).then(|| all.swap_remove(at)))
}

/// Shows what the customer would read.
pub async fn preview(ctx: &Context, number: TicketNumber, name: Tag) -> Result<()> {
    let Some(ticket) = load(ctx, number).await? else { return Ok(()) };
    let Some(canned) = chosen(ctx, &ticket, name).await? else {
        ctx.toast(&t!(ctx.lang, "desk-canned-gone"), true).await;
        return Ok(());
    };
    let lang = ctx.lang;
    ctx.toast("", false).await;
    let mut lines =
        vec![t!(lang, "desk-canned-preview", number = number.to_string(), name = escape(&canned.name))];
    if canned.language != ticket.language {
        let language = t!(lang, &format!("desk-speaks-{}", ticket.language));
        lines.push(t!(lang, "desk-canned-other-language", language = language));
    }
    let back = Button::tap(t!(lang, "desk-button-back"), DeskTap::Canned(number));
    let cancel = Button::tap(t!(lang, "desk-button-cancel"), DeskTap::Close(number));
    let say = match filled(ctx, &ticket, &canned).await? {
        Ok(text) => {
            lines.push(format!("<blockquote>{}</blockquote>", escape(&text)));
            let send = DeskTap::CannedSend(number, name, canned.language);
            Say::html(lines.join("\n")).row([Button::tap(t!(lang, "desk-button-send"), send)])
        }
        Err(place) => {
            lines.push(t!(lang, "desk-canned-missing", place = place));
            Say::html(lines.join("\n"))
        }
    };
    ctx.replace(&say.about(ticket.id).row([back, cancel])).await;
    Ok(())
}

/// Sends it, once, in the name of whoever presses.
pub async fn send(
    ctx: &Context,
    number: TicketNumber,
    (name, language): (Tag, Lang),
    actor: &Actor,
) -> Result<()> {
    let Some(ticket) = load(ctx, number).await? else { return Ok(()) };
    let all = ctx.work().await.tx.canned_all().await?;
    let Some(canned) = all.into_iter().find(|c| Tag::of(&c.name) == name && c.language == language) else {
        ctx.toast(&t!(ctx.lang, "desk-canned-gone"), true).await;
        return Ok(());
    };
    let Ok(text) = filled(ctx, &ticket, &canned).await? else {
        ctx.toast(&t!(ctx.lang, "desk-canned-gone"), true).await;
        return Ok(());
    };
    let before = ctx.work().await.tx.messages(ticket.id, false).await?;
    if before
        .iter()
        .any(|m| m.side == Side::Desk && same_words(&m.body, &text) && m.written_at + TWICE > ctx.now)
    {
        ctx.toast(&t!(ctx.lang, "desk-canned-twice"), true).await;
        return Ok(());
    }
    let words = (Side::Desk, Words::text(text.clone()));
    let done = {
        let mut work = ctx.work().await;
        ctx.service.write(&mut work.tx, ticket.id, words, crm::domain::decide::Command::Answer, actor).await
    };
    match done {
        Ok(_) => {
            ctx.toast(&t!(ctx.lang, "desk-canned-sent"), false).await;
            let sent = t!(
                ctx.lang,
                "desk-canned-was-sent",
                number = number.to_string(),
                quote = words::quote(&text, 300)
            );
            ctx.replace(&Say::html(sent).about(ticket.id)).await;
            Ok(())
        }
        Err(ServiceError::Refused(why)) => {
            let text = super::refusal::sentence(&mut ctx.work().await.tx, &why, ctx.lang).await?;
            ctx.toast(&text, true).await;
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// The words with their places filled in, or the place for which this ticket has nothing.
async fn filled(
    ctx: &Context,
    ticket: &Ticket,
    canned: &Canned,
) -> Result<std::result::Result<String, String>> {
    let engineer = match &ctx.person.staff {
        Some(staff) => staff_name(&mut ctx.work().await.tx, &staff.id).await?,
        None => String::new(),
    };
    let filler = Filler { ticket, engineer: &engineer, phone: &ctx.settings.support.phone, now: ctx.now };
    Ok(filler.fill(&canned.body, canned.language))
}

/// Whether two texts differ in figures at most: the time left changes from second to second.
fn same_words(one: &str, two: &str) -> bool {
    let words = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    words(one) == words(two)
}

/// The first thing in braces that is no place.
fn unknown_place(body: &str) -> Option<&str> {
    body.match_indices('{').find_map(|(at, _)| {
        let rest = &body[at + 1..];
        let name = &rest[..rest.find('}')?];
        (!PLACES.contains(&name)).then_some(name)
    })
}

/// Shows the collection, and how it is changed.
async fn collection(ctx: &Context, search: &str) -> Result<()> {
    let lang = ctx.lang;
    let all = ctx.work().await.tx.canned_all().await?;
    let names = find(&all, search);
    let mut lines = vec![t!(lang, "desk-canned-title", n = names.len())];
    for name in names.iter().take(30) {
        let languages: Vec<&str> =
            all.iter().filter(|c| c.name == *name).map(|c| c.language.as_str()).collect();
        let own = all.iter().find(|c| c.name == *name && c.language == lang);
        let shown = own.or_else(|| all.iter().find(|c| c.name == *name));
        let quote = shown.map_or_else(String::new, |c| words::quote(&c.body, 120));
        lines.push(format!("<b>{}</b> ({})\n{quote}", escape(name), languages.join(" ")));
    }
    lines.push(t!(lang, "desk-canned-how", places = PLACES.map(|p| format!("{{{p}}}")).join(" ")));
    ctx.send(&Say::html(lines.join("\n"))).await;
    Ok(())
}

/// `/r set NAME LANGUAGE` and the words on the next lines.
async fn set(ctx: &Context, written: &Written, rest: &str) -> Result<()> {
    let Some(staff) = ctx.person.staff.as_ref().filter(|s| s.role.may(Right::Handle)) else {
        answer(ctx, written, &t!(ctx.lang, "desk-refused-forbidden")).await;
        return Ok(());
    };
    let (head, body) = rest.split_once('\n').unwrap_or((rest, ""));
    let mut head = head.split_whitespace();
    let (name, language) =
        (head.next().unwrap_or_default(), head.next().and_then(|l| l.parse::<Lang>().ok()));
    let body = body.trim();
    let nameable = (1..=32).contains(&name.chars().count())
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let (Some(language), true, true) = (language, nameable, !body.is_empty() && head.next().is_none()) else {
        let places = PLACES.map(|p| format!("{{{p}}}")).join(" ");
        answer(ctx, written, &t!(ctx.lang, "desk-canned-how", places = places)).await;
        return Ok(());
    };
    if body.chars().count() > LONGEST {
        answer(ctx, written, &t!(ctx.lang, "desk-canned-long", n = LONGEST)).await;
        return Ok(());
    }
    if let Some(place) = unknown_place(body) {
        let places = PLACES.map(|p| format!("{{{p}}}")).join(" ");
        let text =
            t!(ctx.lang, "desk-canned-place", place = escape(&format!("{{{place}}}")), places = places);
        answer(ctx, written, &text).await;
        return Ok(());
    }
    let canned = Canned { name: name.to_lowercase(), language, body: body.to_owned() };
    let event = Event::CannedChanged {
        name: canned.name.clone(),
        language,
        digest: Some(sha256_hex(canned.body.as_bytes())),
    };
    let actor = Actor::Staff { id: staff.id.clone(), role: staff.role };
    {
        let tx = &mut ctx.work().await.tx;
        tx.canned_save(&canned, &staff.id, ctx.now).await?;
        tx.desk_event(actor, event, ctx.now).await?;
    }
    answer(
        ctx,
        written,
        &t!(ctx.lang, "desk-canned-saved", name = escape(&canned.name), language = language.as_str()),
    )
    .await;
    Ok(())
}

async fn delete(ctx: &Context, written: &Written, name: &str) -> Result<()> {
    let Some(staff) = ctx.person.staff.as_ref().filter(|s| s.role.may(Right::Handle)) else {
        answer(ctx, written, &t!(ctx.lang, "desk-refused-forbidden")).await;
        return Ok(());
    };
    let name = name.to_lowercase();
    let actor = Actor::Staff { id: staff.id.clone(), role: staff.role };
    let gone = {
        let tx = &mut ctx.work().await.tx;
        let gone: Vec<Canned> =
            tx.canned_all().await?.into_iter().filter(|canned| canned.name == name).collect();
        tx.canned_delete(&name).await?;
        for canned in &gone {
            let event = Event::CannedChanged { name: name.clone(), language: canned.language, digest: None };
            tx.desk_event(actor.clone(), event, ctx.now).await?;
        }
        gone.len()
    };
    let key = if gone > 0 { "desk-canned-deleted" } else { "desk-canned-gone" };
    answer(ctx, written, &t!(ctx.lang, key, name = escape(&name))).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_places_are_places() {
        assert_eq!(unknown_place("Здравствуйте, {name}! {number}, {left}"), None);
        assert_eq!(unknown_place("Hello {nmae}"), Some("nmae"));
        assert_eq!(unknown_place("{ name }"), Some(" name "));
        assert_eq!(unknown_place("an open { brace"), None);
    }

    #[test]
    fn figures_make_no_other_words() {
        assert!(same_words("7 минут осталось", "6 минут осталось"));
        assert!(!same_words("7 минут", "7 часов"));
    }

    #[test]
    fn every_word_must_occur_somewhere() {
        let canned = |name: &str, body: &str| Canned {
            name: name.to_owned(),
            language: Lang::Ru,
            body: body.to_owned(),
        };
        let all = [
            canned("disk-full", "Диск заполнен, {name}"),
            canned("disk-full", "Диск"),
            canned("wait", "Подождите"),
        ];
        assert_eq!(find(&all, "ДИСК заполнен"), ["disk-full"]);
        assert_eq!(find(&all, "disk"), ["disk-full"]);
        assert_eq!(find(&all, ""), ["disk-full", "wait"]);
        assert!(find(&all, "диск подождите").is_empty());
    }
}
