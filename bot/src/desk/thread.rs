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
    let Some(chat) = place::chat(tx, scene.settings).await? else { return Ok(Vec::new()) };
    let Some(message) = tx.message_fetch(message).await? else { return Ok(Vec::new()) };
    // The card quotes what opened the ticket.
    if message.attachments.is_empty()
        && card::shows_whole(&message.body)
        && facts::opening(tx, scene.ticket.id).await? == Some(message.id)
    {
        return Ok(Vec::new());
    }
    let reply_to = under(tx, scene, chat).await?;
    let name = author(tx, scene, &message.author).await?;
    let calls = quoted(scene, &message, &name, (chat, reply_to), super::lang(scene.settings));
    Ok(calls.into_iter().map(|call| (chat, call)).collect())
}

/// `message` for `chat`, as a reply to `reply_to`: the words quoted under the writer's name, then the files, copied from where they stand.
/// A single file carries the words as its caption: one message instead of two.
pub fn quoted(
    scene: &Scene<'_>,
    message: &Message,
    name: &str,
    (chat, reply_to): (i64, Option<i64>),
    lang: Lang,
) -> Vec<Call> {
    let copy = |source: (i64, i64), caption: String| {
        let mut params = json!({
            "chat_id": chat,
            "from_chat_id": source.0,
            "message_id": source.1,
            "caption": caption,
            "parse_mode": "HTML",
        });
        if let Some(message) = reply_to {
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
    let mut calls = vec![Say { reply_to, ..Say::html(html).about(scene.ticket.id) }.send(chat, 0)];
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

/// The card's message, to reply to; none if the card is still to be made, or stands in another group.
async fn under(tx: &mut Tx, scene: &Scene<'_>, chat: i64) -> Result<Option<i64>, StoreError> {
    Ok(tx.card_fetch(scene.ticket.id).await?.filter(|card| card.0 == chat).map(|card| card.1))
}

/// Something the whole desk must hear.
pub async fn event(
    tx: &mut Tx,
    scene: &Scene<'_>,
    record: &EventRecord,
) -> Result<Vec<(i64, Call)>, StoreError> {
    let Some(chat) = place::chat(tx, scene.settings).await? else { return Ok(Vec::new()) };
    let lang = super::lang(scene.settings);
    let (html, silent) = match (&record.event, line(scene, &record.event, lang)) {
        (_, Some(line)) => line,
        (Event::PageUndelivered { staff }, None) => {
            let name = facts::staff_name(tx, staff).await?;
            let number = scene.ticket.number.to_string();
            (t!(lang, "desk-event-page-undelivered", number = number, name = escape(&name)), false)
        }
        _ => return Ok(Vec::new()),
    };
    let reply_to = under(tx, scene, chat).await?;
    let say = Say { reply_to, silent, ..Say::html(html).about(scene.ticket.id) };
    Ok(vec![(chat, say.send(chat, 0))])
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
