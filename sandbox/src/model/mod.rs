//! What the sandbox remembers: bots, people, chats, messages, files. No behaviour beyond look-ups.

mod bot;
mod chat;
mod file;
mod person;

pub use bot::{Bot, QueuedUpdate, Webhook};
pub use chat::{Author, Chat, ChatKey, ChatKind, MemberStatus, Message, Topic};
pub use file::StoredFile;
pub use person::{Person, Words};

/// A JSON object: a message's body, a method's parameters.
pub type Object = serde_json::Map<String, serde_json::Value>;
