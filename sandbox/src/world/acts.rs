//! What people do: write, send files, edit, delete, block. The control API and the page act through these.

use super::messages::NewMessage;
use super::{EventKind, Touched, World};
use crate::files::MediaKind;
use crate::model::{Author, Chat, ChatKey, ChatKind, MemberStatus, Object};
use crate::text;
use axum::body::Bytes;
use serde_json::{Value, json};

/// Why a person can't do that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// Nobody has this id.
    #[error("there is no person {0}")]
    UnknownPerson(i64),
    /// The person has no such chat.
    #[error("the person has no chat {0}")]
    UnknownChat(i64),
    /// No such message in the chat.
    #[error("there is no message {0} in this chat")]
    UnknownMessage(i64),
    /// The message is somebody else's.
    #[error("message {0} was not written by this person")]
    NotYours(i64),
    /// No button has this label or data.
    #[error("no message has a button {0:?}")]
    UnknownButton(String),
    /// The person blocked the bot and has to unblock it first.
    #[error("the bot is blocked by this person")]
    Blocked,
    /// The topic takes messages of administrators alone.
    #[error("the topic is closed")]
    TopicClosed,
    /// No such topic.
    #[error("there is no topic {0}")]
    UnknownTopic(i64),
    /// A text without characters, or too many of them.
    #[error("a text has 1 to 4096 characters")]
    BadText,
    /// The state folder can't be written.
    #[error("the file could not be kept: {0}")]
    Io(String),
    /// Something else in the request is wrong.
    #[error("{0}")]
    Invalid(String),
}

/// What a person sends.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The topic, in a forum.
    pub thread: Option<i64>,
    /// The message it answers.
    pub reply_to: Option<i64>,
    /// The content.
    pub payload: Payload,
}

/// The content of what a person sends.
#[derive(Debug, Clone)]
pub enum Payload {
    /// Words.
    Text(String),
    /// A file of some kind.
    Media {
        /// Photo, document, voice…
        kind: MediaKind,
        /// Its name.
        name: String,
        /// Its media type.
        mime: String,
        /// Its content.
        bytes: Bytes,
        /// Words under it.
        caption: Option<String>,
        /// Ties the messages of an album together.
        group: Option<String>,
    },
    /// The person's own card, or another one.
    Contact {
        /// The number.
        phone: String,
        /// Whose it is.
        first_name: String,
        /// The Telegram user it belongs to; a person can also send a card without one.
        user_id: Option<i64>,
    },
    /// A place.
    Location {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
    },
}

impl From<&str> for Draft {
    fn from(text: &str) -> Self {
        Payload::Text(text.to_owned()).into()
    }
}

impl From<Payload> for Draft {
    fn from(payload: Payload) -> Self {
        Self { thread: None, reply_to: None, payload }
    }
}

impl World {
    /// A person writes into a chat (`chat` as the person knows it: a bot's or a group's id).
    pub fn person_sends(&mut self, person: i64, chat: i64, draft: Draft) -> Result<i64, ActError> {
        let key = self.writable(person, chat, draft.thread)?;
        if let Some(answered) = draft.reply_to.filter(|id| self.message(key, *id).is_none()) {
            return Err(ActError::UnknownMessage(answered));
        }
        let body = self.body_of(person, draft.payload)?;
        // Answering inside a topic stays in the topic.
        let thread = draft
            .thread
            .or_else(|| draft.reply_to.and_then(|id| self.message(key, id)).and_then(|m| m.thread));
        let author = Author::Person(person);
        Ok(self.post(key, NewMessage { thread, reply_to: draft.reply_to, ..NewMessage::plain(author, body) }))
    }

    fn body_of(&mut self, person: i64, payload: Payload) -> Result<Object, ActError> {
        let mut body = Object::new();
        match payload {
            Payload::Text(words) => {
                let formatted = text::typed(&words);
                if formatted.text.is_empty() || formatted.units() > 4096 {
                    return Err(ActError::BadText);
                }
                formatted.put(&mut body, "text");
            }
            Payload::Media { kind, name, mime, bytes, caption, group } => {
                let file =
                    self.store_file(kind, &name, &mime, &bytes).map_err(|e| ActError::Io(e.to_string()))?;
                kind.put(&mut body, &file, &Object::new());
                if let Some(caption) = caption.filter(|c| !c.trim().is_empty()) {
                    text::typed(&caption).put(&mut body, "caption");
                }
                if let Some(group) = group {
                    body.insert("media_group_id".into(), group.into());
                }
            }
            Payload::Contact { phone, first_name, user_id } => {
                let mut contact = json!({ "phone_number": phone, "first_name": first_name });
                if let Some(id) = user_id {
                    contact["user_id"] = id.into();
                    let last =
                        self.people.get(&person).filter(|p| p.id == id).and_then(|p| p.last_name.clone());
                    if let Some(last) = last {
                        contact["last_name"] = last.into();
                    }
                }
                body.insert("contact".into(), contact);
            }
            Payload::Location { latitude, longitude } => {
                body.insert("location".into(), json!({ "latitude": latitude, "longitude": longitude }));
            }
        }
        Ok(body)
    }

    /// The chat, made if it is a first private one, if this person may write there.
    fn writable(&mut self, person: i64, chat: i64, thread: Option<i64>) -> Result<ChatKey, ActError> {
        if !self.people.contains_key(&person) {
            return Err(ActError::UnknownPerson(person));
        }
        let key = self.person_chat(person, chat).ok_or(ActError::UnknownChat(chat))?;
        if key.is_private() && !self.chats.contains_key(&key) {
            self.chats.insert(key, Chat::new(key, ChatKind::Private, ""));
            self.chat_changed(key);
        }
        let Some(chat) = self.chats.get(&key) else { return Err(ActError::UnknownChat(chat)) };
        if chat.blocked {
            return Err(ActError::Blocked);
        }
        if let Some(thread) = thread {
            let topic = chat.topics.get(&thread).ok_or(ActError::UnknownTopic(thread))?;
            if topic.closed && !chat.status(person).is_admin() {
                return Err(ActError::TopicClosed);
            }
        }
        Ok(key)
    }

    /// A person edits the text or caption of an own message.
    pub fn person_edits(&mut self, person: i64, chat: i64, id: i64, words: &str) -> Result<(), ActError> {
        let key = self.person_chat(person, chat).ok_or(ActError::UnknownChat(chat))?;
        let message = self.message(key, id).ok_or(ActError::UnknownMessage(id))?;
        if message.author != Author::Person(person) {
            return Err(ActError::NotYours(id));
        }
        let field = if message.body.contains_key("text") { "text" } else { "caption" };
        let formatted = text::typed(words);
        if field == "text" && formatted.text.is_empty() {
            return Err(ActError::BadText);
        }
        self.change(key, id, |message| formatted.put(&mut message.body, field), true);
        Ok(())
    }

    /// A person deletes a message: any in a private chat, the own ones in a group. Silent for bots.
    pub fn person_deletes(&mut self, person: i64, chat: i64, id: i64) -> Result<(), ActError> {
        let key = self.person_chat(person, chat).ok_or(ActError::UnknownChat(chat))?;
        let message = self.message(key, id).ok_or(ActError::UnknownMessage(id))?;
        let own = message.author == Author::Person(person);
        let admin = self.chats.get(&key).is_some_and(|c| c.status(person).is_admin());
        if !key.is_private() && !own && !admin {
            return Err(ActError::NotYours(id));
        }
        self.remove(key, id);
        Ok(())
    }

    /// A person blocks or unblocks a bot, which learns of it.
    pub fn person_blocks(&mut self, person: i64, bot: i64, blocked: bool) -> Result<(), ActError> {
        if !self.people.contains_key(&person) {
            return Err(ActError::UnknownPerson(person));
        }
        let key =
            self.person_chat(person, bot).filter(|k| k.is_private()).ok_or(ActError::UnknownChat(bot))?;
        let chat = self.chats.entry(key).or_insert_with(|| Chat::new(key, ChatKind::Private, ""));
        if chat.blocked == blocked {
            return Ok(());
        }
        chat.blocked = blocked;
        let (old, new) = if blocked {
            (MemberStatus::Member, MemberStatus::Kicked)
        } else {
            (MemberStatus::Kicked, MemberStatus::Member)
        };
        self.my_chat_member(bot, key, person, old, new);
        self.chat_changed(key);
        Ok(())
    }

    /// A person's Telegram changes (language, name, phone…): `fields` as in the world file.
    pub fn person_changes(&mut self, id: i64, fields: &Object) -> Result<(), ActError> {
        let person = self.people.get(&id).ok_or(ActError::UnknownPerson(id))?;
        let mut json = serde_json::to_value(person).map_err(|e| ActError::Invalid(e.to_string()))?;
        for (name, value) in fields {
            let name = match name.as_str() {
                "language" => "language_code",
                "name" => "first_name",
                other => other,
            };
            json[name] = value.clone();
        }
        json["id"] = Value::from(id);
        let person = serde_json::from_value(json).map_err(|e| ActError::Invalid(e.to_string()))?;
        self.people.insert(id, person);
        self.touch(Touched::Person(id));
        self.emit(EventKind::Person { person: id });
        Ok(())
    }
}
