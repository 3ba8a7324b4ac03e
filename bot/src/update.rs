//! What came from Telegram, as the conversations need it.
//!
//! Read from the JSON itself, by the Bot API's field names: Telegram adds kinds of content and entities that no library knows yet, and
//! a typed parser then drops the whole message, text and all. Nothing a customer writes is lost because of an entity.

use crm::domain::ids::TicketNumber;
use crm::store::{Attachment, DialogueKey, RawUpdate};
use serde_json::Value;

/// The kind of chat an update comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatKind {
    /// One person and the bot.
    Private,
    /// A group or supergroup.
    Group,
    /// A channel, or something new.
    Other,
}

/// Who sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Telegram's user id.
    pub id: i64,
    /// First and last name.
    pub name: String,
    /// IETF tag of the app's language.
    pub language_code: Option<String>,
    /// Whether it is a bot.
    pub is_bot: bool,
}

/// Whether it may refer to a message of ours or to what became of one. A look at the text: the answer decides how soon something is
/// written down, nothing else.
pub fn refers(update: &RawUpdate) -> bool {
    ["\"reply_to_message\"", "\"edited_message\""].iter().any(|word| update.raw.contains(word))
}

/// An update that the conversations understand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Telegram's number.
    pub update_id: i64,
    /// The chat.
    pub chat: i64,
    /// Its kind.
    pub chat_kind: ChatKind,
    /// The forum topic, or 0.
    pub thread: i64,
    /// Who.
    pub from: Sender,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A message, with text or caption (may be empty) and files.
    Message(Written),
    /// A message was edited.
    Edited(Written),
    /// An inline button was pressed.
    Press {
        /// To be answered within seconds.
        callback_id: String,
        /// The message with the button; `None` when it is too old.
        message_id: Option<i64>,
        /// The button's data: only a claim.
        data: String,
    },
    /// A person blocked or unblocked the bot (private chat), or the bot's place in a group changed.
    Membership {
        /// Whether the bot can write there now.
        active: bool,
    },
    /// The group became a supergroup with this id.
    Migrated {
        /// The new chat id.
        to: i64,
    },
}

/// A written message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Its number in the chat.
    pub message_id: i64,
    /// Text or caption.
    pub text: String,
    /// Files and other content.
    pub attachments: Vec<Attachment>,
    /// The message it replies to.
    pub reply_to: Option<i64>,
    /// The bot whose message that is, and the ticket it names, if it names one.
    pub reply_names: Option<(String, TicketNumber)>,
    /// Photos sent together share this.
    pub album: Option<String>,
    /// A shared telephone number and the user id it belongs to.
    pub contact: Option<(String, Option<i64>)>,
}

/// Reads an update for the inbox: number, chat and the text as it came.
pub fn raw(json: &serde_json::value::RawValue) -> Option<RawUpdate> {
    /// Only what the inbox needs; serde skips the rest without building it.
    #[derive(serde::Deserialize)]
    struct Head {
        update_id: i64,
    }
    let head: Head = serde_json::from_str(json.get()).ok()?;
    Some(RawUpdate { update_id: head.update_id, chat_id: None, raw: json.get().to_owned() })
}

impl Incoming {
    /// Reads a stored update; `None` for kinds that mean nothing to a desk (polls, reactions, …).
    pub fn read(raw: &str) -> Option<Self> {
        let json: Value = serde_json::from_str(raw).ok()?;
        let update_id = json["update_id"].as_i64()?;
        let (kind, body) = json.as_object()?.iter().find(|(key, _)| *key != "update_id")?;
        let what = match kind.as_str() {
            "message" => match body["migrate_to_chat_id"].as_i64() {
                Some(to) => What::Migrated { to },
                None => What::Message(written(body)),
            },
            "edited_message" => What::Edited(written(body)),
            "callback_query" => What::Press {
                callback_id: text(&body["id"])?,
                message_id: body["message"]["message_id"].as_i64(),
                data: text(&body["data"]).unwrap_or_default(),
            },
            "my_chat_member" => {
                let status = body["new_chat_member"]["status"].as_str().unwrap_or_default();
                What::Membership { active: !matches!(status, "kicked" | "left") }
            }
            _ => return None,
        };
        let message = if kind == "callback_query" { &body["message"] } else { body };
        let chat = if message["chat"].is_object() { &message["chat"] } else { &body["from"] };
        let chat_kind = match chat["type"].as_str() {
            Some("private") | None => ChatKind::Private,
            Some("group" | "supergroup") => ChatKind::Group,
            Some(_) => ChatKind::Other,
        };
        let thread = if message["is_topic_message"].as_bool() == Some(true) {
            message["message_thread_id"].as_i64().unwrap_or(0)
        } else {
            0
        };
        Some(Self {
            update_id,
            chat: chat["id"].as_i64()?,
            chat_kind,
            thread,
            from: sender(&body["from"])?,
            what,
        })
    }

    /// Whose dialogue it belongs to.
    pub const fn dialogue(&self) -> DialogueKey {
        DialogueKey { chat: self.chat, thread: self.thread, user: self.from.id }
    }

    /// A word for figures.
    pub const fn kind(&self) -> &'static str {
        match self.what {
            What::Message(_) => "message",
            What::Edited(_) => "edited",
            What::Press { .. } => "press",
            What::Membership { .. } => "membership",
            What::Migrated { .. } => "migrated",
        }
    }

    /// The text that was written, if any.
    pub fn text(&self) -> Option<&str> {
        match &self.what {
            What::Message(w) | What::Edited(w) if !w.text.is_empty() => Some(&w.text),
            _ => None,
        }
    }
}

/// Without the zero character, which PostgreSQL keeps in no text.
fn text(value: &Value) -> Option<String> {
    value.as_str().map(|text| text.replace('\0', ""))
}

fn sender(from: &Value) -> Option<Sender> {
    let name = [&from["first_name"], &from["last_name"]]
        .into_iter()
        .filter_map(Value::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    Some(Sender {
        id: from["id"].as_i64()?,
        name,
        language_code: text(&from["language_code"]),
        is_bot: from["is_bot"].as_bool().unwrap_or(false),
    })
}

fn written(message: &Value) -> Written {
    let source = message["chat"]["id"].as_i64().zip(message["message_id"].as_i64());
    let mut attachments = Vec::new();
    // Of a photo's sizes the last is the largest.
    if let Some(photo) = message["photo"].as_array().and_then(|sizes| sizes.last()) {
        attachments.push(attachment("photo", photo, source));
    }
    for kind in ["document", "voice", "video", "audio", "animation", "video_note", "sticker"] {
        // An animation comes as a document too.
        let doubled = kind == "document" && message["animation"].is_object();
        if message[kind].is_object() && !doubled {
            attachments.push(attachment(kind, &message[kind], source));
        }
    }
    if message["location"].is_object() {
        let place = format!("{}, {}", message["location"]["latitude"], message["location"]["longitude"]);
        attachments.push(Attachment {
            kind: "location".to_owned(),
            file_id: None,
            name: Some(place),
            size: None,
            source,
        });
    }
    // Somebody's card is content too: who it is about shows when it is known whose it is.
    if message["contact"].is_object() {
        let card = &message["contact"];
        let parts = [&card["first_name"], &card["last_name"], &card["phone_number"]];
        let name = parts.into_iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
        attachments.push(Attachment {
            kind: "contact".to_owned(),
            file_id: None,
            name: Some(name),
            size: None,
            source,
        });
    }
    let contact = text(&message["contact"]["phone_number"])
        .map(|phone| (phone, message["contact"]["user_id"].as_i64()));
    Written {
        message_id: message["message_id"].as_i64().unwrap_or(0),
        text: forwarded(
            message,
            text(&message["text"]).or_else(|| text(&message["caption"])).unwrap_or_default(),
        ),
        attachments,
        reply_to: message["reply_to_message"]["message_id"].as_i64(),
        reply_names: named(&message["reply_to_message"]),
        album: text(&message["media_group_id"]),
        contact,
    }
}

/// The words of a message that was forwarded, under the name of whose they are: the desk must not take them for the customer's own.
fn forwarded(message: &Value, words: String) -> String {
    let origin = &message["forward_origin"];
    let user = [&origin["sender_user"]["first_name"], &origin["sender_user"]["last_name"]];
    let user = user.into_iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
    let names = [&origin["sender_user_name"], &origin["sender_chat"]["title"], &origin["chat"]["title"]];
    let name = names.into_iter().find_map(Value::as_str).unwrap_or(&user);
    if !origin.is_object() || words.is_empty() { words } else { format!("↪ {name}: {words}") }
}

/// The one ticket that a bot's message names; a list names several, and none of them is meant.
fn named(message: &Value) -> Option<(String, TicketNumber)> {
    let bot = text(&message["from"]["username"]).filter(|_| message["from"]["is_bot"] == true)?;
    let words = message["text"].as_str().or_else(|| message["caption"].as_str())?;
    let mut numbers = words.match_indices("KM-").filter_map(|(at, _)| {
        let rest = &words[at..];
        let end = rest[3..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |n| n + 3);
        rest[..end].parse::<TicketNumber>().ok()
    });
    let first = numbers.next()?;
    numbers.all(|number| number == first).then_some((bot, first))
}

fn attachment(kind: &str, file: &Value, source: Option<(i64, i64)>) -> Attachment {
    Attachment {
        kind: kind.to_owned(),
        file_id: text(&file["file_id"]),
        name: text(&file["file_name"]),
        size: file["file_size"].as_i64(),
        source,
    }
}
