//! What happened, in one numbered line of events; and the bots' calls.

use super::{KEPT, Touched, World};
use crate::model::ChatKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something that a page or a waiting test wants to hear of.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// Rises by one.
    pub seq: u64,
    /// When, milliseconds.
    pub at_ms: i64,
    /// What.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// The kinds of events.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// A message is new or changed.
    Message {
        /// Where.
        chat: ChatKey,
        /// Which.
        message_id: i64,
    },
    /// A message is gone. Bots never hear of it, people see it vanish.
    Deleted {
        /// Where.
        chat: ChatKey,
        /// Which.
        message_id: i64,
    },
    /// A bot has taken somebody's message: polled and confirmed, or accepted by the webhook.
    Taken {
        /// Where.
        chat: ChatKey,
        /// Which.
        message_id: i64,
    },
    /// A chat's members, topics, keyboard or state changed.
    Chat {
        /// Which.
        chat: ChatKey,
    },
    /// A person is new or changed.
    Person {
        /// Who.
        person: i64,
    },
    /// A bot's name, commands or menu changed.
    Bot {
        /// Which.
        bot: i64,
    },
    /// A bot answered the press of a button.
    Answered {
        /// The callback query's id.
        callback: String,
        /// Who pressed.
        person: i64,
        /// The notification, if any.
        text: Option<String>,
        /// As a dialog instead of a passing notice.
        alert: bool,
        /// A link to open.
        url: Option<String>,
    },
    /// A bot "is typing…".
    Action {
        /// Where.
        chat: ChatKey,
        /// In which topic.
        thread: Option<i64>,
        /// Telegram's word for it.
        action: String,
    },
    /// A bot called a method.
    Call {
        /// The call's number.
        call: u64,
    },
    /// Everything is new: load again.
    Reset,
}

/// The press of an inline button.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Callback {
    /// `callback_query.id`.
    pub id: String,
    /// Whose button.
    pub bot: i64,
    /// Who pressed.
    pub person: i64,
    /// Where.
    pub chat: ChatKey,
    /// Under which message.
    pub message_id: i64,
    /// When, milliseconds.
    pub at_ms: i64,
    /// Answered already, and with what text.
    pub answer: Option<Answer>,
}

/// What the bot said to the press of a button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The notification.
    pub text: Option<String>,
    /// As a dialog.
    pub alert: bool,
    /// A link to open.
    pub url: Option<String>,
}

/// One call of a bot, as the control API shows it.
#[derive(Debug, Clone, Serialize)]
pub struct CallRecord {
    /// Rises by one.
    pub n: u64,
    /// When it was answered, milliseconds.
    pub at_ms: i64,
    /// Which bot.
    pub bot: i64,
    /// The method as it was called, for example `SendMessage`.
    pub method: String,
    /// Its parameters; files as name and size.
    pub params: Value,
    /// The HTTP status; 0 when the connection was dropped.
    pub status: u16,
    /// The answer's body, also when it was lost on the way.
    pub answer: Value,
    /// The faults that struck it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

impl World {
    /// Adds an event and gives its number.
    pub fn emit(&mut self, kind: EventKind) -> u64 {
        self.seq += 1;
        let event = Event { seq: self.seq, at_ms: self.now_ms(), kind };
        self.events.push_back(event);
        if self.events.len() > KEPT {
            self.events.pop_front();
        }
        self.seq
    }

    /// Events after a number, the oldest first.
    pub fn events_after(&self, seq: u64) -> Vec<Event> {
        let start = self.events.partition_point(|event| event.seq <= seq);
        self.events.range(start..).cloned().collect()
    }

    /// Notes a call of a bot.
    pub fn record_call(&mut self, mut record: CallRecord) {
        self.next_call += 1;
        record.n = self.next_call;
        record.at_ms = self.now_ms();
        self.calls.push_back(record);
        if self.calls.len() > KEPT {
            self.calls.pop_front();
        }
        self.emit(EventKind::Call { call: self.next_call });
    }

    /// Opens a callback query and gives its id.
    pub(super) fn open_callback(&mut self, mut callback: Callback) -> String {
        self.next_callback += 1;
        // Telegram's ids are long decimal numbers in a string.
        callback.id = format!("{}{:09}", callback.person, self.next_callback);
        let id = callback.id.clone();
        self.callbacks.insert(id.clone(), callback);
        self.touch(Touched::Callback(id.clone()));
        id
    }
}
