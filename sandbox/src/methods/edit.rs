//! Changing, deleting and pinning messages.

use super::markup::{self, Markup};
use super::options::Role;
use super::{Answer, Call};
use crate::error::{ApiError, bad_request};
use crate::files::media_of;
use crate::model::{ChatKey, Message, Object};
use crate::world::messages::{NewMessage, is_service};
use serde_json::Value;

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply markup are exactly \
                            the same as a current content and reply markup of the message";

/// A bot may delete messages of the last 48 hours.
const DELETABLE_SECONDS: i64 = 48 * 60 * 60;

impl Call<'_> {
    /// The own message that is to be changed.
    fn editable(&self) -> Result<(ChatKey, Message), ApiError> {
        let missing = || bad_request("message identifier is not specified");
        if self.params.raw("inline_message_id").is_some() {
            // There are no inline messages here.
            return Err(bad_request("MESSAGE_ID_INVALID"));
        }
        let key = self.writable()?;
        let id = self.params.int("message_id").ok_or_else(missing)?;
        let message = self.world.message(key, id).ok_or_else(|| bad_request("message to edit not found"))?;
        if message.author != self.author() || is_service(&message.body) {
            return Err(bad_request("message can't be edited"));
        }
        Ok((key, message.clone()))
    }

    /// The keyboard after the edit: without one in the call, the message loses its own.
    fn new_markup(&self, key: ChatKey) -> Result<Option<Value>, ApiError> {
        match markup::read(self.params, key.is_private())? {
            Markup::Inline(value) => Ok(Some(value)),
            Markup::None => Ok(None),
            Markup::Keyboard(_) | Markup::Remove => Err(bad_request("inline keyboard expected")),
        }
    }

    /// Applies an edit; one that changes nothing is refused.
    fn apply(&mut self, key: ChatKey, old: &Message, body: Object, markup: Option<Value>) -> Answer {
        if body == old.body && markup == old.markup {
            return Err(bad_request(NOT_MODIFIED));
        }
        self.spend(key, 1)?;
        // A new keyboard alone does not make a message "edited".
        let content = body != old.body;
        let change = move |message: &mut Message| {
            message.body = body;
            message.markup = markup;
        };
        self.world.change(key, old.id, change, content);
        self.shown(key, old.id)
    }
}

pub(super) fn text(call: &mut Call<'_>) -> Answer {
    let (key, old) = call.editable()?;
    let formatted = call.formatted("text", Role::Text).map_err(|error| {
        // Telegram words this one differently for edits.
        if error.description.ends_with("message is too long") {
            bad_request("MESSAGE_TOO_LONG")
        } else {
            error
        }
    })?;
    if !old.body.contains_key("text") {
        return Err(bad_request("there is no text in the message to edit"));
    }
    let markup = call.new_markup(key)?;
    let mut body = old.body.clone();
    formatted.put(&mut body, "text");
    match call.params.json("link_preview_options")? {
        Some(preview) => body.insert("link_preview_options".into(), preview),
        None => body.remove("link_preview_options"),
    };
    call.apply(key, &old, body, markup)
}

pub(super) fn caption(call: &mut Call<'_>) -> Answer {
    let (key, old) = call.editable()?;
    let formatted = call.formatted("caption", Role::Caption)?;
    if media_of(&old.body).is_none_or(|(kind, _)| kind == crate::files::MediaKind::Sticker) {
        return Err(bad_request("there is no caption in the message to edit"));
    }
    let markup = call.new_markup(key)?;
    let mut body = old.body.clone();
    if formatted.text.is_empty() {
        body.remove("caption");
        body.remove("caption_entities");
    } else {
        formatted.put(&mut body, "caption");
    }
    call.apply(key, &old, body, markup)
}

pub(super) fn reply_markup(call: &mut Call<'_>) -> Answer {
    let (key, old) = call.editable()?;
    let markup = call.new_markup(key)?;
    let body = old.body.clone();
    call.apply(key, &old, body, markup)
}

pub(super) fn media(call: &mut Call<'_>) -> Answer {
    let (key, old) = call.editable()?;
    if media_of(&old.body).is_none() && !old.body.contains_key("text") {
        return Err(bad_request("message can't be edited"));
    }
    let markup = call.new_markup(key)?;
    let media =
        call.params.json("media")?.ok_or_else(|| bad_request("can't parse InputMedia: media not found"))?;
    let body = call.input_media(&media)?;
    call.apply(key, &old, body, markup)
}

impl Call<'_> {
    /// Deletes one message if the bot may.
    fn erase(&mut self, key: ChatKey, id: i64) -> Result<(), ApiError> {
        let now = self.world.now();
        let message =
            self.world.message(key, id).ok_or_else(|| bad_request("message to delete not found"))?;
        let own = message.author == self.author();
        let old = now - message.date > DELETABLE_SECONDS;
        let admin = self.is_admin(key);
        let allowed = match key {
            ChatKey::Private { .. } => !old,
            // An administrator's right knows no age.
            ChatKey::Group { .. } => admin || (own && !old),
        };
        if !allowed {
            return Err(bad_request("message can't be deleted for everyone"));
        }
        self.world.remove(key, id);
        Ok(())
    }
}

pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    let key = call.writable()?;
    let id = call.params.int("message_id");
    let id = id.ok_or_else(|| bad_request("message identifier is not specified"))?;
    call.erase(key, id)?;
    Ok(true.into())
}

pub(super) fn delete_many(call: &mut Call<'_>) -> Answer {
    let key = call.writable()?;
    let ids = call.params.json("message_ids")?;
    let ids: Vec<i64> =
        ids.as_ref().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64).collect();
    if ids.is_empty() || ids.len() > 100 {
        return Err(bad_request("message identifiers are not specified"));
    }
    for id in ids {
        // Messages that are gone already are skipped.
        let _ = call.erase(key, id);
    }
    Ok(true.into())
}

impl Call<'_> {
    fn pinning(&self) -> Result<ChatKey, ApiError> {
        let key = self.writable()?;
        if !key.is_private() && !self.is_admin(key) {
            return Err(bad_request("not enough rights to manage pinned messages in the chat"));
        }
        Ok(key)
    }
}

pub(super) fn pin(call: &mut Call<'_>) -> Answer {
    let key = call.pinning()?;
    let id = call.params.int("message_id").unwrap_or(0);
    let Some(message) = call.world.message(key, id) else {
        return Err(bad_request("message to pin not found"));
    };
    let thread = message.thread;
    let json = call.shown(key, id)?;
    if let Some(chat) = call.world.chats.get_mut(&key) {
        chat.pinned.retain(|pinned| *pinned != id);
        chat.pinned.push(id);
    }
    call.world.chat_changed(key);
    let mut body = Object::new();
    body.insert("pinned_message".into(), json);
    let author = call.author();
    call.world.post(key, NewMessage { thread, ..NewMessage::plain(author, body) });
    Ok(true.into())
}

pub(super) fn unpin(call: &mut Call<'_>) -> Answer {
    let key = call.pinning()?;
    let id = call.params.int("message_id");
    let Some(chat) = call.world.chats.get_mut(&key) else { return Ok(true.into()) };
    match id {
        Some(id) if !chat.pinned.contains(&id) => return Err(bad_request("message to unpin not found")),
        Some(id) => chat.pinned.retain(|pinned| *pinned != id),
        None => {
            chat.pinned.pop();
        }
    }
    call.world.chat_changed(key);
    Ok(true.into())
}

pub(super) fn unpin_all(call: &mut Call<'_>) -> Answer {
    let key = call.pinning()?;
    if let Some(chat) = call.world.chats.get_mut(&key) {
        chat.pinned.clear();
    }
    call.world.chat_changed(key);
    Ok(true.into())
}

pub(super) fn reaction(call: &mut Call<'_>) -> Answer {
    let key = call.writable()?;
    let id = call.params.int("message_id").unwrap_or(0);
    if call.world.message(key, id).is_none() {
        return Err(bad_request("message to react not found"));
    }
    let reaction = call.params.json("reaction")?.unwrap_or_else(|| Value::Array(Vec::new()));
    let emoji = reaction.as_array().into_iter().flatten().filter_map(|r| r["emoji"].as_str());
    let emoji: Vec<String> = emoji.map(str::to_owned).collect();
    call.world.react(key, id, call.bot, emoji);
    Ok(true.into())
}
