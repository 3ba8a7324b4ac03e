//! Inline buttons: people press them, bots answer.

use super::events::Answer;
use super::{ActError, Callback, EventKind, Touched, World};
use crate::model::{Author, ChatKey};
use serde::Serialize;
use serde_json::{Value, json};

/// Telegram stops waiting for an answer to a button after a while; how long is not documented.
const QUERY_LIFETIME_MS: i64 = 60_000;

/// What a press led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pressed {
    /// The bot was asked; this is the callback query's id.
    Callback(String),
    /// A link to open: nothing is sent to the bot.
    Url(String),
    /// A text to copy.
    Copy(String),
}

impl World {
    /// A person presses a button: under one message, or the newest that has one with this label or data.
    pub fn person_presses(
        &mut self,
        person: i64,
        chat: i64,
        message: Option<i64>,
        button: &str,
    ) -> Result<Pressed, ActError> {
        let key = self.person_chat(person, chat).ok_or(ActError::UnknownChat(chat))?;
        let found = self.find_button(key, message, button);
        let (message_id, button) = found.ok_or_else(|| ActError::UnknownButton(button.to_owned()))?;
        if let Some(url) = button["url"].as_str() {
            return Ok(Pressed::Url(url.to_owned()));
        }
        if let Some(text) = button["copy_text"]["text"].as_str() {
            return Ok(Pressed::Copy(text.to_owned()));
        }
        let Some(data) = button["callback_data"].as_str() else {
            return Err(ActError::Invalid("this kind of button does nothing in the sandbox".into()));
        };
        self.press_data(person, key, message_id, data).map(Pressed::Callback)
    }

    /// Sends a callback query with any data: also what a stale client or a forger sends.
    pub fn press_data(
        &mut self,
        person: i64,
        key: ChatKey,
        message_id: i64,
        data: &str,
    ) -> Result<String, ActError> {
        let message = self.message(key, message_id).ok_or(ActError::UnknownMessage(message_id))?;
        let Author::Bot(bot) = message.author else { return Err(ActError::UnknownMessage(message_id)) };
        let callback = Callback {
            id: String::new(),
            bot,
            person,
            chat: key,
            message_id,
            at_ms: self.now_ms(),
            answer: None,
        };
        let id = self.open_callback(callback);
        let body = json!({
            "id": id,
            "from": self.user_json(Author::Person(person)),
            "message": self.message_json(key, message_id),
            "chat_instance": format!("{}", key.bot_side_id().wrapping_mul(7_919)),
            "data": data,
        });
        self.enqueue(bot, "callback_query", Some(key), &body);
        Ok(id)
    }

    fn find_button(&self, key: ChatKey, message: Option<i64>, wanted: &str) -> Option<(i64, Value)> {
        let chat = self.chats.get(&key)?;
        let candidates = chat.messages.values().rev().filter(|m| message.is_none_or(|id| m.id == id));
        for message in candidates {
            let rows = message.markup.as_ref().and_then(|m| m["inline_keyboard"].as_array());
            let buttons: Vec<&Value> =
                rows.into_iter().flatten().filter_map(Value::as_array).flatten().collect();
            let exact = buttons.iter().find(|b| b["callback_data"] == wanted || b["text"] == wanted);
            let part = || buttons.iter().find(|b| b["text"].as_str().is_some_and(|t| t.contains(wanted)));
            if let Some(button) = exact.or_else(part) {
                return Some((message.id, (*button).clone()));
            }
        }
        None
    }

    /// A bot answers; false when the query is unknown, too old or answered already.
    pub fn answer_callback(&mut self, bot: i64, id: &str, answer: Answer) -> bool {
        let now = self.now_ms();
        let Some(callback) = self.callbacks.get_mut(id) else { return false };
        if callback.bot != bot || callback.answer.is_some() || now - callback.at_ms > QUERY_LIFETIME_MS {
            return false;
        }
        callback.answer = Some(answer.clone());
        let person = callback.person;
        let Answer { text, alert, url } = answer;
        self.emit(EventKind::Answered { callback: id.to_owned(), person, text, alert, url });
        self.touch(Touched::Callback(id.to_owned()));
        true
    }
}
