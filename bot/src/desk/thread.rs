//! The thread under a card: the customer's words, and what the whole desk must hear.
//!
//! A group gets twenty messages a minute, edits included, so this says little: what the card shows by itself is not repeated.

use std::collections::BTreeSet;

use crm::domain::actor::Actor;
use crm::domain::audit::EventRecord;
use crm::domain::event::Event;
use crm::domain::ids::MessageId;
use crm::domain::lang::Lang;
use crm::domain::sla::{Outcome, TargetClock};
use crm::plan_text;
use crm::store::{Attachment, Call, Message, Remember, StoreError, Tx};
use crm::t;
use crm::text::when;
use serde_json::json;

use super::{card, facts, place, words};
use crate::say::{Say, escape, units};
use crate::wording::Scene;

/// A caption may have 1024 characters after entities; this leaves room for the name.
const CAPTION: usize = 900;
/// A text may have 4096.
const TEXT: usize = 3600;

/// A message of the customer, with its files.
pub async fn mirror(
    tx: &mut Tx,
    scene: &Scene<'_>,
    message: MessageId,
) -> Result<Vec<(i64, Call)>, StoreError> {
    let Some(spot) = under(tx, scene).await? else { return Ok(Vec::new()) };
    let Some(message) = tx.message_fetch(message).await? else { return Ok(Vec::new()) };
    // The card quotes what opened the ticket.
    if message.attachments.is_empty()
        && card::shows_whole(&message.body)
        && facts::opening(tx, scene.ticket.id).await? == Some(message.id)
    {
        return Ok(Vec::new());
    }
    let name = author(tx, scene, &message.author).await?;
    let calls = quoted(scene, &message, &name, &spot, super::lang(scene.settings));
    Ok(calls.into_iter().map(|call| (spot.chat, call)).collect())
}

/// A place to say something: a chat, a topic of it, a message to reply to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spot {
    /// The chat.
    pub chat: i64,
    /// The topic, or 0.
    pub thread: i64,
    /// The message.
    pub reply_to: Option<i64>,
}

/// `message` for `chat`, as a reply to `reply_to`: the words quoted under the writer's name, then the files, copied from where they stand.
/// A single file carries the words as its caption: one message instead of two.
pub fn quoted(scene: &Scene<'_>, message: &Message, name: &str, spot: &Spot, lang: Lang) -> Vec<Call> {
    let copy = |source: (i64, i64), caption: String| {
        let mut params = json!({
            "chat_id": spot.chat,
            "from_chat_id": source.0,
            "message_id": source.1,
            "caption": caption,
            "parse_mode": "HTML",
        });
        if spot.thread != 0 {
            params["message_thread_id"] = json!(spot.thread);
        }
        if let Some(message) = spot.reply_to {
            params["reply_parameters"] =
                json!({ "message_id": message, "allow_sending_without_reply": true });
        }
        let ticket = Some(scene.ticket.id);
        Call { method: "copyMessage".to_owned(), params, ticket, remember: Some(Remember::Link) }
    };
    let words = |limit| {
        t!(lang, "desk-mirror", name = escape(name), quote = words::quote(&message.body, limit))
            .trim_end()
            .to_owned()
    };
    if let [file] = message.attachments.as_slice()
        && let Some(source) = file.source
        && takes_caption(file)
        && units(&message.body) <= CAPTION
    {
        return vec![copy(source, words(CAPTION))];
    }
    let mut html = words(TEXT);
    let elsewhere: Vec<String> =
        message.attachments.iter().filter(|a| a.source.is_none()).map(file_name).collect();
    if !elsewhere.is_empty() {
        html.push('\n');
        html.push_str(&t!(lang, "desk-mirror-files", names = elsewhere.join(", ")));
    }
    let say = Say { reply_to: spot.reply_to, ..Say::html(html).about(scene.ticket.id) };
    let mut calls = vec![say.send(spot.chat, spot.thread)];
    // Several files of one Telegram message are copied with it, once. The words stand above already, so captions are taken off.
    let mut seen = BTreeSet::new();
    let sources = message.attachments.iter().filter_map(|a| a.source).filter(|s| seen.insert(*s));
    calls.extend(sources.map(|source| copy(source, String::new())));
    calls
}

fn takes_caption(file: &Attachment) -> bool {
    matches!(file.kind.as_str(), "photo" | "document" | "voice" | "video" | "audio" | "animation")
}

fn file_name(file: &Attachment) -> String {
    escape(file.name.as_deref().unwrap_or(&file.kind))
}

/// Who of the customer's people wrote it.
pub async fn author(tx: &mut Tx, scene: &Scene<'_>, actor: &Actor) -> Result<String, StoreError> {
    if let Actor::Contact { id, .. } = actor
        && scene.ticket.requester.as_ref() != Some(id)
        && let Some(contact) = tx.contact_fetch(id).await?
    {
        return Ok(contact.name);
    }
    Ok(scene.ticket.requester_name.clone())
}

/// Where the card stands, to reply to it; if it is still to be made, or stands in another group, where it will stand.
async fn under(tx: &mut Tx, scene: &Scene<'_>) -> Result<Option<Spot>, StoreError> {
    let Some((chat, thread)) = place::spot(tx, scene.settings, scene.ticket.queue).await? else {
        return Ok(None);
    };
    Ok(Some(match tx.card_fetch(scene.ticket.id).await?.filter(|card| card.0 == chat) {
        Some((_, message)) => {
            Spot { chat, thread: tx.card_thread(scene.ticket.id).await?, reply_to: Some(message) }
        }
        None => Spot { chat, thread, reply_to: None },
    }))
}

/// Something the whole desk must hear.
pub async fn event(
    tx: &mut Tx,
    scene: &Scene<'_>,
    record: &EventRecord,
) -> Result<Vec<(i64, Call)>, StoreError> {
    let Some(spot) = under(tx, scene).await? else { return Ok(Vec::new()) };
    let lang = super::lang(scene.settings);
    let Some((html, silent)) = told(tx, scene, record, lang).await? else { return Ok(Vec::new()) };
    let say = Say { reply_to: spot.reply_to, silent, ..Say::html(html).about(scene.ticket.id) };
    Ok(vec![(spot.chat, say.send(spot.chat, spot.thread))])
}

/// The line for an event that needs names or words; the rest is [`line`].
async fn told(
    tx: &mut Tx,
    scene: &Scene<'_>,
    record: &EventRecord,
    lang: Lang,
) -> Result<Option<(String, bool)>, StoreError> {
    let number = scene.ticket.number.to_string();
    let by = match &record.actor {
        Actor::Staff { id, .. } => escape(&facts::staff_name(tx, id).await?),
        _ => String::new(),
    };
    Ok(match &record.event {
        Event::PageUndelivered { staff } => {
            let name = escape(&facts::staff_name(tx, staff).await?);
            Some((t!(lang, "desk-event-page-undelivered", number = number, name = name), false))
        }
        Event::PageSkipped { staff } => {
            let name = escape(&facts::staff_name(tx, staff).await?);
            Some((t!(lang, "desk-event-page-skipped", number = number, name = name), true))
        }
        Event::Escalated { message, .. } => {
            let quote = quote_of(tx, message.id).await?;
            let text = t!(lang, "desk-event-escalated", number = number, name = by, quote = quote);
            Some((text.trim_end().to_owned(), false))
        }
        Event::Reclassified { from, to, message, .. } => {
            let (from, to) = (words::kind(*from, lang), words::kind(*to, lang));
            let standing = words::promise(&scene.ticket.resolution, scene.now, lang);
            let quote = quote_of(tx, message.id).await?;
            let text = t!(
                lang,
                "desk-event-reclassified",
                number = number,
                name = by,
                from = from,
                to = to,
                standing = standing,
                quote = quote
            );
            Some((text.trim_end().to_owned(), false))
        }
        event => line(scene, event, lang),
    })
}

/// A message's words as a quotation.
pub async fn quote_of(tx: &mut Tx, message: MessageId) -> Result<String, StoreError> {
    Ok(tx.message_fetch(message).await?.map_or_else(String::new, |m| words::quote(&m.body, 300)))
}

/// Something that was said did not reach the customer: under the card, and in private to whoever said it.
pub async fn undelivered(
    tx: &mut Tx,
    scene: &Scene<'_>,
    record: &EventRecord,
) -> Result<Vec<(i64, Call)>, StoreError> {
    let facts = facts::Facts::gather(tx, scene.ticket).await?;
    // Meanwhile something arrived: he can be reached again.
    let Some(error) = facts.undelivered.as_deref() else { return Ok(Vec::new()) };
    let line = |lang| {
        let at = when(record.at, scene.now, lang);
        let why = card::not_delivered(error, facts.phone.as_deref(), lang);
        t!(lang, "desk-event-undelivered", number = scene.ticket.number.to_string(), at = at, why = why)
    };
    let mut calls = Vec::new();
    if let Some(spot) = under(tx, scene).await? {
        let lang = super::lang(scene.settings);
        let say = Say { reply_to: spot.reply_to, ..Say::html(line(lang)).about(scene.ticket.id) };
        calls.push((spot.chat, say.send(spot.chat, spot.thread)));
    }
    if let Actor::Staff { id, .. } = &record.actor
        && let Some((chat, staff)) = super::page::reachable(tx, id).await?
    {
        let say = Say::html(line(staff.language)).about(scene.ticket.id);
        let say = say.row(super::buttons::open(scene.ticket.number, staff.language));
        calls.push((chat, say.send(chat, 0)));
    }
    Ok(calls)
}

/// The line for an event and whether it makes no sound; `None` for what the card alone tells, or what is no longer so.
fn line(scene: &Scene<'_>, event: &Event, lang: Lang) -> Option<(String, bool)> {
    let number = scene.ticket.number.to_string();
    Some(match event {
        Event::ActionExpired { .. } => (t!(lang, "desk-event-expired", number = number), false),
        Event::ActionStale { .. } => (t!(lang, "desk-event-stale", number = number), false),
        Event::ActionDone { proof, .. } => {
            let spec = scene.ticket.action.as_ref().map(|action| &action.spec)?;
            let mut lines = vec![words::action(spec, lang)];
            lines.extend(proof.read_back.iter().map(|c| escape(&plan_text::change(c, lang))));
            (t!(lang, "desk-event-checked", number = number, action = lines.join("\n")), false)
        }
        Event::ActionFailed { failure, .. } => {
            let why = words::failure(failure, lang);
            (t!(lang, "desk-event-failed", number = number, why = why), false)
        }
        Event::Recovered { alerts } => {
            (t!(lang, "desk-event-recovered", number = number, alerts = *alerts), true)
        }
        Event::Confirmed => (t!(lang, "desk-event-confirmed", number = number), true),
        Event::Rated { score, .. } => (t!(lang, "desk-event-rated", number = number, score = *score), true),
        Event::Cancelled => (t!(lang, "desk-event-cancelled", number = number), true),
        Event::Reopened { .. } => (t!(lang, "desk-event-reopened", number = number), false),
        Event::MarkReached { target, percent, .. } => {
            let clock = owed(scene, scene.ticket.clock(*target))?;
            let standing = words::promise(clock, scene.now, lang);
            let target = words::target(*target, lang);
            let text = t!(
                lang,
                "desk-event-mark",
                number = number,
                percent = *percent,
                target = target,
                standing = standing
            );
            (text, true)
        }
        Event::TargetBreached { target, .. } => {
            let due = when(scene.ticket.clock(*target).due_at, scene.now, lang);
            let target = words::target(*target, lang);
            (t!(lang, "desk-event-breached", number = number, target = target, due = due), false)
        }
        Event::PageExhausted { .. } if scene.ticket.state.is_active() => {
            (t!(lang, "desk-event-page-exhausted", number = number), false)
        }
        _ => return None,
    })
}

/// The clock, while its promise is still owed: nobody is warned of what has been done meanwhile.
pub fn owed<'a>(scene: &Scene<'_>, clock: &'a TargetClock) -> Option<&'a TargetClock> {
    (scene.ticket.state.is_active()
        && matches!(clock.outcome, Outcome::Running | Outcome::Breached { answered_at: None }))
    .then_some(clock)
}
