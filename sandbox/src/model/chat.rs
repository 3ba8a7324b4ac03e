//! Chats, their messages and topics.

use super::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Which chat: a bot with a person, or a group. To the bot a private chat has the person's id, to the person the bot's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatKey {
    /// A bot and a person.
    Private {
        /// The bot's id.
        bot: i64,
        /// The person's id.
        person: i64,
    },
    /// A group or supergroup.
    Group {
        /// Its id, negative.
        id: i64,
    },
}

impl ChatKey {
    /// The chat's id as a bot sees it.
    pub fn bot_side_id(self) -> i64 {
        match self {
            Self::Private { person, .. } => person,
            Self::Group { id } => id,
        }
    }

    /// The chat's id as a person sees it.
    pub fn person_side_id(self) -> i64 {
        match self {
            Self::Private { bot, .. } => bot,
            Self::Group { id } => id,
        }
    }

    /// Is it a chat of two?
    pub fn is_private(self) -> bool {
        matches!(self, Self::Private { .. })
    }
}

/// The kinds of chats that the sandbox knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    /// A bot with a person.
    Private,
    /// A basic group.
    Group,
    /// A supergroup, perhaps a forum.
    Supergroup,
}

/// Somebody's place in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberStatus {
    /// The owner.
    Creator,
    /// An administrator with all rights.
    Administrator,
    /// A plain member.
    Member,
    /// Was there and went.
    Left,
    /// Was there and was removed.
    Kicked,
}

impl MemberStatus {
    /// Telegram's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Creator => "creator",
            Self::Administrator => "administrator",
            Self::Member => "member",
            Self::Left => "left",
            Self::Kicked => "kicked",
        }
    }

    /// Is in the chat.
    pub fn is_present(self) -> bool {
        matches!(self, Self::Creator | Self::Administrator | Self::Member)
    }

    /// May manage topics, pins and others' messages.
    pub fn is_admin(self) -> bool {
        matches!(self, Self::Creator | Self::Administrator)
    }
}

/// A chat with all that was said in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Chat {
    /// Which one.
    pub key: ChatKey,
    /// Its kind.
    pub kind: ChatKind,
    /// A group's title; empty for a private chat.
    #[serde(default)]
    pub title: String,
    /// Has topics.
    #[serde(default)]
    pub forum: bool,
    /// People and bots of a group.
    #[serde(default)]
    pub members: BTreeMap<i64, MemberStatus>,
    /// The person blocked the bot (private chats).
    #[serde(default)]
    pub blocked: bool,
    /// The supergroup that this group became.
    #[serde(default)]
    pub migrated_to: Option<i64>,
    /// The id the next message gets.
    pub next_message_id: i64,
    /// The reply keyboard or forced reply that is up.
    #[serde(default)]
    pub keyboard: Option<Value>,
    /// Pinned messages, the newest last.
    #[serde(default)]
    pub pinned: Vec<i64>,
    /// All messages that were not deleted.
    #[serde(skip)]
    pub messages: BTreeMap<i64, Message>,
    /// Topics of a forum, without the General one.
    #[serde(skip)]
    pub topics: BTreeMap<i64, Topic>,
}

impl Chat {
    /// An empty chat.
    pub fn new(key: ChatKey, kind: ChatKind, title: &str) -> Self {
        Self {
            key,
            kind,
            title: title.to_owned(),
            forum: false,
            members: BTreeMap::new(),
            blocked: false,
            migrated_to: None,
            next_message_id: 1,
            keyboard: None,
            pinned: Vec::new(),
            messages: BTreeMap::new(),
            topics: BTreeMap::new(),
        }
    }

    /// Somebody's place here.
    pub fn status(&self, id: i64) -> MemberStatus {
        match self.key {
            ChatKey::Private { bot, person } if id == bot || id == person => MemberStatus::Member,
            _ => self.members.get(&id).copied().unwrap_or(MemberStatus::Left),
        }
    }
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// A bot, by id.
    Bot(i64),
    /// A person, by id.
    Person(i64),
}

impl Author {
    /// The user id.
    pub fn id(self) -> i64 {
        match self {
            Self::Bot(id) | Self::Person(id) => id,
        }
    }
}

/// One message. What it says is in `body`, in Telegram's own fields.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Message {
    /// Its number in the chat.
    pub id: i64,
    /// When it was sent, seconds.
    pub date: i64,
    /// When it was last edited, seconds.
    #[serde(default)]
    pub edit_date: Option<i64>,
    /// Who wrote it.
    pub author: Author,
    /// The topic it belongs to.
    #[serde(default)]
    pub thread: Option<i64>,
    /// The message it answers.
    #[serde(default)]
    pub reply_to: Option<i64>,
    /// The text, its entities, a photo, `forum_topic_created`…
    pub body: Object,
    /// The inline keyboard under it.
    #[serde(default)]
    pub markup: Option<Value>,
    /// Emoji that bots put under it, by bot. Not part of a `Message` in the Bot API.
    #[serde(default)]
    pub reactions: BTreeMap<i64, Vec<String>>,
    /// The number of the event that last changed it: rises across all chats.
    pub seq: u64,
}

impl Message {
    /// The text or caption.
    pub fn text(&self) -> &str {
        self.body.get("text").or_else(|| self.body.get("caption")).and_then(Value::as_str).unwrap_or_default()
    }
}

/// A topic of a forum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// `message_thread_id`: the id of the message about its creation.
    pub id: i64,
    /// Its name, 1 to 128 characters.
    pub name: String,
    /// Its colour, RGB.
    pub icon_color: i64,
    /// Its custom icon.
    #[serde(default)]
    pub icon_custom_emoji_id: Option<String>,
    /// Only administrators may write in it.
    #[serde(default)]
    pub closed: bool,
}
