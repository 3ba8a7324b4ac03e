//! Forum topics.

use super::{Answer, Call};
use crate::error::{ApiError, bad_request};
use crate::model::{ChatKey, Topic};
use crate::world::World;
use crate::world::groups::TOPIC_COLOURS;
use serde_json::{Value, json};

impl Call<'_> {
    /// The forum of `chat_id`, if the bot may manage its topics.
    fn forum(&self, verb: &str) -> Result<ChatKey, ApiError> {
        let key = self.chat_named("chat_id")?;
        if !self.chat(key)?.forum {
            return Err(bad_request("the chat is not a forum"));
        }
        if !self.is_admin(key) {
            return Err(bad_request(format!("not enough rights to {verb} a topic")));
        }
        Ok(key)
    }

    fn topic(&self, verb: &str) -> Result<(ChatKey, Topic), ApiError> {
        let key = self.forum(verb)?;
        let id = self.params.int("message_thread_id").unwrap_or(0);
        let topic = self.chat(key)?.topics.get(&id).cloned();
        Ok((key, topic.ok_or_else(|| bad_request("message thread not found"))?))
    }

    fn name(&self) -> Result<Option<String>, ApiError> {
        let Some(name) = self.params.text("name") else { return Ok(None) };
        let name = name.trim().to_owned();
        if name.is_empty() {
            return Err(bad_request("TOPIC_TITLE_EMPTY"));
        }
        if name.chars().count() > 128 {
            return Err(bad_request("TOPIC_TITLE_TOO_LONG"));
        }
        Ok(Some(name))
    }
}

pub(super) fn create(call: &mut Call<'_>) -> Answer {
    let key = call.forum("create")?;
    let name = call.name()?.ok_or_else(|| bad_request("TOPIC_TITLE_EMPTY"))?;
    let colour = call.params.int("icon_color").unwrap_or(TOPIC_COLOURS[0]);
    if !TOPIC_COLOURS.contains(&colour) {
        return Err(bad_request("TOPIC_ICON_COLOR_INVALID"));
    }
    // Creating a topic is sending a message about it: it counts.
    call.spend(key, 1)?;
    let icon = call.params.text("icon_custom_emoji_id").filter(|id| !id.is_empty());
    let author = call.author();
    let topic = call.world.create_topic(key, author, &name, colour, icon);
    Ok(World::topic_json(&topic))
}

pub(super) fn edit(call: &mut Call<'_>) -> Answer {
    let (key, topic) = call.topic("edit")?;
    let name = call.name()?;
    let icon = call.params.text("icon_custom_emoji_id");
    let same_name = name.as_ref().is_none_or(|name| *name == topic.name);
    if same_name && icon.as_ref().is_none_or(|icon| Some(icon) == topic.icon_custom_emoji_id.as_ref()) {
        return Err(bad_request("TOPIC_NOT_MODIFIED"));
    }
    call.spend(key, 1)?;
    let author = call.author();
    call.world.change_topic(key, author, topic.id, "forum_topic_edited", |topic| {
        let mut detail = json!({});
        if let Some(name) = name {
            detail["name"] = name.clone().into();
            topic.name = name;
        }
        if let Some(icon) = icon {
            detail["icon_custom_emoji_id"] = icon.clone().into();
            topic.icon_custom_emoji_id = Some(icon).filter(|icon| !icon.is_empty());
        }
        detail
    });
    Ok(true.into())
}

fn set_closed(call: &mut Call<'_>, closed: bool) -> Answer {
    let (key, topic) = call.topic(if closed { "close" } else { "reopen" })?;
    if topic.closed == closed {
        return Err(bad_request("TOPIC_NOT_MODIFIED"));
    }
    call.spend(key, 1)?;
    let event = if closed { "forum_topic_closed" } else { "forum_topic_reopened" };
    let author = call.author();
    call.world.change_topic(key, author, topic.id, event, |topic| {
        topic.closed = closed;
        json!({})
    });
    Ok(true.into())
}

pub(super) fn close(call: &mut Call<'_>) -> Answer {
    set_closed(call, true)
}

pub(super) fn reopen(call: &mut Call<'_>) -> Answer {
    set_closed(call, false)
}

pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    let (key, topic) = call.topic("delete")?;
    call.world.delete_topic(key, topic.id);
    Ok(true.into())
}

#[expect(clippy::unnecessary_wraps, reason = "it has the shape of all methods")]
pub(super) fn icons(_: &mut Call<'_>) -> Answer {
    Ok(Value::Array(Vec::new()))
}
