//! Where the desk is: the configured group, or the supergroup it became since; in a forum, the topic of each department.
//!
//! When a group becomes a supergroup Telegram gives it a new id. The configuration still names the old one, so the move is stored.

use chrono::TimeDelta;
use crm::clock::Moment;
use crm::domain::kind::Queue;
use crm::domain::lang::Lang;
use crm::domain::reactions::Outgoing;
use crm::store::{Call, Remember, StoreError, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::words;
use crate::context::Settings;

/// The settings' keys.
const KEY: &str = "desk_moved";
const FORUM: &str = "desk_forum";

/// A move. It counts only for the group that was configured then: a new configuration wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The old id, as configured.
    pub from: i64,
    /// The new one.
    pub to: i64,
}

/// The desk group's id now; `None` if none is configured.
pub async fn chat(tx: &mut Tx, settings: &Settings) -> Result<Option<i64>, StoreError> {
    let Some(configured) = settings.desk_chat else { return Ok(None) };
    let moved = tx.setting::<Moved>(KEY).await?.filter(|moved| moved.from == configured);
    Ok(Some(moved.map_or(configured, |moved| moved.to)))
}

/// What is known of the desk group: whether it is a forum, with a topic for each department.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forum {
    /// The group.
    pub chat: i64,
    /// Whether it has topics.
    pub topics: bool,
    /// Until when no topic is made, because Telegram refused one.
    pub not_before: Option<Moment>,
}

/// How long after a refusal the next topic is tried.
const TOPICS_AGAIN: TimeDelta = TimeDelta::hours(1);

async fn forum(tx: &mut Tx, chat: i64) -> Result<Forum, StoreError> {
    Ok(tx.setting::<Forum>(FORUM).await?.filter(|f| f.chat == chat).unwrap_or_default())
}

/// The group and the topic of a department; topic 0 is the group itself.
pub async fn spot(tx: &mut Tx, settings: &Settings, queue: Queue) -> Result<Option<(i64, i64)>, StoreError> {
    let Some(chat) = chat(tx, settings).await? else { return Ok(None) };
    if !forum(tx, chat).await?.topics {
        return Ok(Some((chat, 0)));
    }
    Ok(Some((chat, tx.topic_of(chat, queue).await?.unwrap_or(0))))
}

/// The group and the department whose topic must be made before `what` is sent.
pub async fn missing_topic(
    tx: &mut Tx,
    settings: &Settings,
    what: &Outgoing,
    now: Moment,
) -> Result<Option<(i64, Queue)>, StoreError> {
    let Some(chat) = chat(tx, settings).await? else { return Ok(None) };
    let forum = forum(tx, chat).await?;
    if !forum.topics || forum.not_before.is_some_and(|at| at > now) {
        return Ok(None);
    }
    let Some(ticket) = what.ticket() else { return Ok(None) };
    let Some(ticket) = tx.ticket_fetch(ticket).await?.filter(|t| t.state.is_active()) else {
        return Ok(None);
    };
    let there = tx.topic_of(chat, ticket.queue).await?.is_some();
    Ok((!there).then_some((chat, ticket.queue)))
}

/// The call that makes a department's topic. Telegram counts it like a message.
pub fn create_topic(chat: i64, queue: Queue, lang: Lang) -> Call {
    // Telegram's six colours.
    const COLOURS: [i64; 6] = [7_322_096, 16_766_590, 13_338_331, 9_367_192, 16_749_490, 16_478_047];
    let nth = Queue::ALL.iter().position(|q| *q == queue).unwrap_or(0);
    let name = words::queue(queue, lang);
    let mut letters = name.chars();
    let name: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let params = json!({ "chat_id": chat, "name": name, "icon_color": COLOURS[nth % COLOURS.len()] });
    Call { method: "createForumTopic".to_owned(), params, ticket: None, remember: Some(Remember::Topic) }
}

/// Telegram made no topic: cards go into the group itself, and it is tried again later.
pub async fn topics_refused(tx: &mut Tx, chat: i64, why: &str, now: Moment) -> Result<(), StoreError> {
    tracing::error!(
        chat,
        why,
        "no topic can be made in the desk group: give the bot the right to manage topics; cards go to the group itself"
    );
    let forum = Forum { chat, topics: !why.contains("not a forum"), not_before: Some(now + TOPICS_AGAIN) };
    tx.setting_save(FORUM, &forum, now).await
}

/// Writes down whether the desk group has topics, as Telegram says.
pub async fn observed(tx: &mut Tx, chat: i64, topics: bool, now: Moment) -> Result<bool, StoreError> {
    let known = tx.setting::<Forum>(FORUM).await?.filter(|f| f.chat == chat);
    if known.is_some_and(|f| f.topics == topics) || (known.is_none() && !topics) {
        return Ok(false);
    }
    tx.setting_save(FORUM, &Forum { chat, topics, not_before: None }, now).await?;
    Ok(true)
}

/// Remembers that group `from` became the supergroup `to`; of any group, for only the configured one is ever looked up.
pub async fn moved(tx: &mut Tx, from: i64, to: i64, now: Moment) -> Result<(), StoreError> {
    tracing::warn!(from, to, "the desk group became a supergroup: put its new id into [telegram] desk_chat");
    tx.setting_save(KEY, &Moved { from, to }, now).await
}
