//! Groups: their members, their topics, and becoming a supergroup.

use super::messages::NewMessage;
use super::{ActError, Touched, World};
use crate::model::{Author, Chat, ChatKey, ChatKind, MemberStatus, Object, Topic};
use serde_json::{Value, json};

/// Telegram's six colours of topics; the first is the default.
pub const TOPIC_COLOURS: [i64; 6] = [7_322_096, 16_766_590, 13_338_331, 9_367_192, 16_749_490, 16_478_047];

fn body(name: &str, value: Value) -> Object {
    let mut body = Object::new();
    body.insert(name.to_owned(), value);
    body
}

impl World {
    /// Sets somebody's place in a group and tells the bots what Telegram tells them.
    pub fn set_member(
        &mut self,
        by: i64,
        group: i64,
        who: i64,
        status: MemberStatus,
    ) -> Result<(), ActError> {
        let key = ChatKey::Group { id: group };
        let chat = self.chats.get_mut(&key).ok_or(ActError::UnknownChat(group))?;
        let old = chat.status(who);
        chat.members.insert(who, status);
        self.chat_changed(key);
        if old == status {
            return Ok(());
        }
        if self.bots.contains_key(&who) {
            self.my_chat_member(who, key, by, old, status);
        }
        if old.is_present() != status.is_present() {
            let who_json = self.anybody_json(who);
            let event = if status.is_present() {
                body("new_chat_members", json!([who_json]))
            } else {
                body("left_chat_member", who_json)
            };
            self.post(key, NewMessage::plain(Author::Person(by), event));
        }
        Ok(())
    }

    /// Creates a topic; its id is that of the message about it.
    pub fn create_topic(
        &mut self,
        key: ChatKey,
        author: Author,
        name: &str,
        colour: i64,
        icon: Option<String>,
    ) -> Topic {
        let mut event = json!({ "name": name, "icon_color": colour });
        if let Some(icon) = &icon {
            event["icon_custom_emoji_id"] = icon.clone().into();
        }
        let next = self.chats.get(&key).map_or(0, |chat| chat.next_message_id);
        let topic = Topic {
            id: next,
            name: name.to_owned(),
            icon_color: colour,
            icon_custom_emoji_id: icon,
            closed: false,
        };
        // The topic is there before the message about it, so that whoever is told finds it.
        if let Some(chat) = self.chats.get_mut(&key) {
            chat.topics.insert(next, topic.clone());
        }
        self.touch(Touched::Topic(key, next));
        self.chat_changed(key);
        self.post(key, NewMessage::plain(author, body("forum_topic_created", event)));
        topic
    }

    /// Renames a topic, changes its icon, closes or reopens it, with the service message about it.
    pub fn change_topic(
        &mut self,
        key: ChatKey,
        author: Author,
        id: i64,
        event: &str,
        change: impl FnOnce(&mut Topic) -> Value,
    ) {
        let Some(topic) = self.chats.get_mut(&key).and_then(|chat| chat.topics.get_mut(&id)) else { return };
        let detail = change(topic);
        self.touch(Touched::Topic(key, id));
        self.chat_changed(key);
        let message = NewMessage { thread: Some(id), ..NewMessage::plain(author, body(event, detail)) };
        self.post(key, message);
    }

    /// Removes a topic with all its messages.
    pub fn delete_topic(&mut self, key: ChatKey, id: i64) -> bool {
        let Some(chat) = self.chats.get_mut(&key) else { return false };
        if chat.topics.remove(&id).is_none() {
            return false;
        }
        let gone: Vec<i64> = chat.messages.values().filter(|m| m.thread == Some(id)).map(|m| m.id).collect();
        for message in gone {
            self.remove(key, message);
        }
        self.touch(Touched::Topic(key, id));
        self.chat_changed(key);
        true
    }

    /// A basic group becomes a supergroup with a new id; the old one answers with the new one.
    pub fn migrate(&mut self, group: i64, to: i64, forum: bool) -> Result<(), ActError> {
        let old = ChatKey::Group { id: group };
        let new = ChatKey::Group { id: to };
        let chat =
            self.chats.get(&old).filter(|c| c.migrated_to.is_none()).ok_or(ActError::UnknownChat(group))?;
        if chat.kind != ChatKind::Group || self.chats.contains_key(&new) || to >= 0 {
            return Err(ActError::Invalid("only a basic group migrates, to a free negative id".into()));
        }
        let owner = chat.members.iter().find(|(_, status)| **status == MemberStatus::Creator);
        let author = Author::Person(owner.map_or(0, |(id, _)| *id));
        let mut next = Chat::new(new, ChatKind::Supergroup, &chat.title);
        next.members.clone_from(&chat.members);
        next.forum = forum;
        self.chats.insert(new, next);
        self.post(old, NewMessage::plain(author, body("migrate_to_chat_id", to.into())));
        if let Some(chat) = self.chats.get_mut(&old) {
            chat.migrated_to = Some(to);
        }
        self.chat_changed(old);
        self.post(new, NewMessage::plain(author, body("migrate_from_chat_id", group.into())));
        self.chat_changed(new);
        Ok(())
    }
}
