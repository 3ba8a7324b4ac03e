//! Messages come, change and go; the bots that may see them get updates.

use super::{EventKind, Touched, World};
use crate::model::{Author, Chat, ChatKey, MemberStatus, Message, Object};
use serde_json::{Value, json};

/// What a new message is made of; id, date and number are given by the chat.
#[derive(Debug, Clone)]
pub struct NewMessage {
    pub author: Author,
    pub thread: Option<i64>,
    pub reply_to: Option<i64>,
    pub body: Object,
    pub markup: Option<Value>,
}

impl NewMessage {
    /// A message that only says `body`.
    pub fn plain(author: Author, body: Object) -> Self {
        Self { author, thread: None, reply_to: None, body, markup: None }
    }
}

/// Fields that mark a service message: something happened, nobody wrote it.
const SERVICE: [&str; 11] = [
    "new_chat_members",
    "left_chat_member",
    "new_chat_title",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "pinned_message",
    "group_chat_created",
];

/// Does this body report an event instead of somebody's words?
pub fn is_service(body: &Object) -> bool {
    SERVICE.iter().any(|name| body.contains_key(*name))
}

impl World {
    /// Puts a message into a chat and tells everybody. The chat must exist.
    pub fn post(&mut self, key: ChatKey, new: NewMessage) -> i64 {
        let date = self.now();
        let Some(chat) = self.chats.get_mut(&key) else { return 0 };
        let id = chat.next_message_id;
        chat.next_message_id += 1;
        let NewMessage { author, mut thread, reply_to, body, markup } = new;
        if body.contains_key("forum_topic_created") {
            thread = Some(id);
        }
        let seq = self.emit(EventKind::Message { chat: key, message_id: id });
        let message = Message {
            id,
            date,
            edit_date: None,
            author,
            thread,
            reply_to,
            body,
            markup,
            reactions: std::collections::BTreeMap::new(),
            seq,
        };
        if let Some(chat) = self.chats.get_mut(&key) {
            chat.messages.insert(id, message);
        }
        self.touch(Touched::Message(key, id));
        self.touch(Touched::Chat(key));
        self.tell(key, id, "message");
        id
    }

    /// Changes a message in place. `tell` is false for what Telegram does not call an edit.
    pub fn change(&mut self, key: ChatKey, id: i64, edit: impl FnOnce(&mut Message), tell: bool) {
        let now = self.now();
        let seq = self.emit(EventKind::Message { chat: key, message_id: id });
        let Some(message) = self.chats.get_mut(&key).and_then(|chat| chat.messages.get_mut(&id)) else {
            return;
        };
        edit(message);
        message.seq = seq;
        if tell {
            message.edit_date = Some(now);
        }
        let by_person = matches!(message.author, Author::Person(_));
        self.touch(Touched::Message(key, id));
        if tell && by_person {
            self.tell(key, id, "edited_message");
        }
    }

    /// Sets the emoji that a bot puts under a message.
    pub fn react(&mut self, key: ChatKey, id: i64, bot: i64, emoji: Vec<String>) {
        let set = move |message: &mut Message| {
            if emoji.is_empty() {
                message.reactions.remove(&bot);
            } else {
                message.reactions.insert(bot, emoji);
            }
        };
        self.change(key, id, set, false);
    }

    /// Removes a message. Bots are not told, as in Telegram.
    pub fn remove(&mut self, key: ChatKey, id: i64) -> bool {
        let Some(chat) = self.chats.get_mut(&key) else { return false };
        chat.pinned.retain(|pinned| *pinned != id);
        if chat.messages.remove(&id).is_none() {
            return false;
        }
        self.touch(Touched::Message(key, id));
        self.emit(EventKind::Deleted { chat: key, message_id: id });
        true
    }

    /// Says that a chat's state (not its messages) changed.
    pub fn chat_changed(&mut self, key: ChatKey) {
        self.touch(Touched::Chat(key));
        self.emit(EventKind::Chat { chat: key });
    }

    fn tell(&mut self, key: ChatKey, id: i64, kind: &str) {
        let Some(chat) = self.chats.get(&key) else { return };
        let Some(message) = chat.messages.get(&id) else { return };
        let readers: Vec<i64> =
            self.bots.keys().copied().filter(|bot| self.reads(*bot, chat, message)).collect();
        for bot in readers {
            if let Some(json) = self.message_json(key, id) {
                self.enqueue(bot, kind, Some(key), &json);
            }
        }
    }

    /// May this bot read this message? Never its own words or another bot's; in groups, privacy decides.
    fn reads(&self, bot: i64, chat: &Chat, message: &Message) -> bool {
        let service = is_service(&message.body);
        match chat.key {
            ChatKey::Private { bot: whose, .. } => {
                whose == bot && (service || matches!(message.author, Author::Person(_)))
            }
            ChatKey::Group { .. } => {
                let status = chat.status(bot);
                if !status.is_present() || (!service && matches!(message.author, Author::Bot(_))) {
                    return false;
                }
                let private = self.bots.get(&bot).is_some_and(|b| b.privacy);
                service || status.is_admin() || !private || self.addressed(bot, chat, message)
            }
        }
    }

    /// Commands, mentions and replies reach even a bot with privacy.
    fn addressed(&self, bot: i64, chat: &Chat, message: &Message) -> bool {
        let name = self.bots.get(&bot).map(|b| format!("@{}", b.username)).unwrap_or_default();
        let answered = message.reply_to.and_then(|id| chat.messages.get(&id)).map(|m| m.author);
        message.text().starts_with('/')
            || message.text().contains(&name)
            || answered == Some(Author::Bot(bot))
    }

    /// Tells a bot that its own place in a chat changed.
    pub(super) fn my_chat_member(
        &mut self,
        bot: i64,
        key: ChatKey,
        by: i64,
        old: MemberStatus,
        new: MemberStatus,
    ) {
        let member = |world: &Self, status| world.member_json(Author::Bot(bot), status);
        let body = json!({
            "chat": self.chat_json(key),
            "from": self.user_json(Author::Person(by)),
            "date": self.now(),
            "old_chat_member": member(self, old),
            "new_chat_member": member(self, new),
        });
        self.enqueue(bot, "my_chat_member", Some(key), &body);
    }
}
