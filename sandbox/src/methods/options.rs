//! What all sending methods share: the topic, the message answered, the keyboard; and the sending itself.

use super::markup::{self, Markup};
use super::{Answer, Call};
use crate::error::{ApiError, bad_request};
use crate::model::{ChatKey, Object};
use crate::text::{self, Formatted};
use crate::world::messages::NewMessage;
use serde_json::{Value, json};

/// The checked common parameters of a sending method.
#[derive(Debug, Clone)]
pub(super) struct Options {
    pub key: ChatKey,
    pub thread: Option<i64>,
    pub reply_to: Option<i64>,
    pub quote: Option<Value>,
    pub markup: Markup,
}

/// What a text is for; it decides the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Text,
    Caption,
}

impl Call<'_> {
    /// Reads and checks the common parameters.
    pub(super) fn options(&self) -> Result<Options, ApiError> {
        let key = self.writable()?;
        let markup = markup::read(self.params, key.is_private())?;
        let thread = self.thread(key)?;
        let (reply_to, quote) = self.reply(key)?;
        // Without a topic of its own, an answer goes where the answered message is.
        let thread =
            thread.or_else(|| reply_to.and_then(|id| self.world.message(key, id)).and_then(|m| m.thread));
        Ok(Options { key, thread, reply_to, quote, markup })
    }

    fn thread(&self, key: ChatKey) -> Result<Option<i64>, ApiError> {
        let Some(thread) = self.params.int("message_thread_id").filter(|id| *id != 0) else {
            return Ok(None);
        };
        let chat = self.chat(key)?;
        let Some(topic) = chat.topics.get(&thread) else {
            return Err(bad_request("message thread not found"));
        };
        if topic.closed && !chat.status(self.bot).is_admin() {
            return Err(bad_request("TOPIC_CLOSED"));
        }
        Ok(Some(thread))
    }

    fn reply(&self, key: ChatKey) -> Result<(Option<i64>, Option<Value>), ApiError> {
        let parameters = self.params.json("reply_parameters")?;
        let (id, lenient) = match &parameters {
            Some(given) => {
                let id = given["message_id"].as_i64().or_else(|| given["message_id"].as_str()?.parse().ok());
                (id, given["allow_sending_without_reply"] == true)
            }
            None => (self.params.int("reply_to_message_id"), self.params.flag("allow_sending_without_reply")),
        };
        let Some(id) = id.filter(|id| *id != 0) else { return Ok((None, None)) };
        let Some(answered) = self.world.message(key, id) else {
            return if lenient {
                Ok((None, None))
            } else {
                Err(bad_request("message to be replied not found"))
            };
        };
        let quote = parameters.as_ref().and_then(|p| p["quote"].as_str()).filter(|quote| !quote.is_empty());
        let Some(quote) = quote else { return Ok((Some(id), None)) };
        let mode = parameters.as_ref().and_then(|p| p["quote_parse_mode"].as_str());
        let quote = text::from_bot(quote, mode, None)?.text;
        let Some(at) = answered.text().find(&quote) else {
            return Err(bad_request("QUOTE_TEXT_INVALID"));
        };
        let position = text::units(&answered.text()[..at]);
        Ok((Some(id), Some(json!({ "text": quote, "position": position, "is_manual": true }))))
    }

    /// Reads a text or caption with its formatting.
    pub(super) fn formatted(&self, name: &str, role: Role) -> Result<Formatted, ApiError> {
        let source = self.params.text(name).unwrap_or_default();
        let entities = if role == Role::Text { "entities" } else { "caption_entities" };
        let entities = self.params.json(entities)?;
        let formatted =
            text::from_bot(&source, self.params.text("parse_mode").as_deref(), entities.as_ref())?;
        match role {
            Role::Text if formatted.text.is_empty() => Err(bad_request("message text is empty")),
            Role::Text if formatted.units() > 4096 => Err(bad_request("message is too long")),
            Role::Caption if formatted.units() > 1024 => Err(bad_request("message caption is too long")),
            _ => Ok(formatted),
        }
    }

    /// Sends one message and answers with it.
    pub(super) fn send(&mut self, options: Options, body: Object) -> Answer {
        self.spend(options.key, 1)?;
        let key = options.key;
        let id = self.deliver(options, body);
        self.shown(key, id)
    }

    /// Puts a message into the chat; the limits were paid.
    pub(super) fn deliver(&mut self, options: Options, mut body: Object) -> i64 {
        let Options { key, thread, reply_to, quote, markup } = options;
        if let Some(quote) = quote {
            body.insert("quote".into(), quote);
        }
        if self.params.flag("protect_content") {
            body.insert("has_protected_content".into(), true.into());
        }
        self.set_keyboard(key, &markup);
        let author = self.author();
        self.world.post(key, NewMessage { author, thread, reply_to, body, markup: markup.inline() })
    }

    fn set_keyboard(&mut self, key: ChatKey, markup: &Markup) {
        let keyboard = match markup {
            Markup::Keyboard(keyboard) => Some(keyboard.clone()),
            Markup::Remove => None,
            Markup::None | Markup::Inline(_) => return,
        };
        if let Some(chat) = self.world.chats.get_mut(&key) {
            chat.keyboard = keyboard;
        }
        self.world.chat_changed(key);
    }
}
