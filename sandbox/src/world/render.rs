//! The world in Telegram's JSON.

use super::World;
use super::messages::is_service;
use crate::model::{Author, ChatKey, ChatKind, MemberStatus, Message, Topic};
use serde_json::{Value, json};

impl World {
    /// A `User`.
    pub fn user_json(&self, author: Author) -> Value {
        match author {
            Author::Bot(id) => match self.bots.get(&id) {
                Some(bot) => json!({
                    "id": id, "is_bot": true, "first_name": bot.name, "username": bot.username,
                }),
                None => json!({ "id": id, "is_bot": true, "first_name": "" }),
            },
            Author::Person(id) => {
                let Some(person) = self.people.get(&id) else {
                    return json!({ "id": id, "is_bot": false, "first_name": "" });
                };
                let mut user = json!({ "id": id, "is_bot": false, "first_name": person.first_name });
                let optional = [
                    ("last_name", &person.last_name),
                    ("username", &person.username),
                    ("language_code", &person.language_code),
                ];
                for (name, value) in optional {
                    if let Some(value) = value {
                        user[name] = value.clone().into();
                    }
                }
                user
            }
        }
    }

    /// A user by id, whichever kind it is.
    pub fn anybody_json(&self, id: i64) -> Value {
        let author = if self.bots.contains_key(&id) { Author::Bot(id) } else { Author::Person(id) };
        self.user_json(author)
    }

    /// A `Chat` as bots see it.
    pub fn chat_json(&self, key: ChatKey) -> Value {
        match key {
            ChatKey::Private { person, .. } => {
                let mut chat = self.user_json(Author::Person(person));
                if let Some(fields) = chat.as_object_mut() {
                    fields.remove("is_bot");
                    fields.remove("language_code");
                }
                chat["type"] = "private".into();
                chat
            }
            ChatKey::Group { id } => {
                let Some(chat) = self.chats.get(&key) else { return json!({ "id": id, "type": "group" }) };
                let kind = if chat.kind == ChatKind::Supergroup { "supergroup" } else { "group" };
                let mut json = json!({ "id": id, "type": kind, "title": chat.title });
                if chat.forum {
                    json["is_forum"] = true.into();
                }
                json
            }
        }
    }

    /// A `Message`, with the one it answers inside.
    pub fn message_json(&self, key: ChatKey, id: i64) -> Option<Value> {
        let message = self.message(key, id)?;
        let mut json = self.bare_message(key, message);
        let answered = message.reply_to.or(message.thread.filter(|thread| *thread != id));
        if let Some(answered) = answered.and_then(|id| self.message(key, id)) {
            json["reply_to_message"] = self.bare_message(key, answered);
        }
        Some(json)
    }

    fn bare_message(&self, key: ChatKey, message: &Message) -> Value {
        let mut json = json!({
            "message_id": message.id,
            "from": self.user_json(message.author),
            "chat": self.chat_json(key),
            "date": message.date,
        });
        for (name, value) in &message.body {
            json[name] = value.clone();
        }
        if let Some(thread) = message.thread {
            json["message_thread_id"] = thread.into();
            json["is_topic_message"] = true.into();
        }
        if let Some(edited) = message.edit_date.filter(|_| !is_service(&message.body)) {
            json["edit_date"] = edited.into();
        }
        if let Some(markup) = &message.markup {
            json["reply_markup"] = markup.clone();
        }
        json
    }

    /// A `ChatMember` with the rights its status brings.
    pub fn member_json(&self, who: Author, status: MemberStatus) -> Value {
        let mut member = json!({ "status": status.word(), "user": self.user_json(who) });
        match status {
            MemberStatus::Creator => member["is_anonymous"] = false.into(),
            MemberStatus::Administrator => {
                member["can_be_edited"] = false.into();
                member["is_anonymous"] = false.into();
                for right in [
                    "can_manage_chat",
                    "can_delete_messages",
                    "can_manage_video_chats",
                    "can_restrict_members",
                    "can_promote_members",
                    "can_change_info",
                    "can_invite_users",
                    "can_post_stories",
                    "can_edit_stories",
                    "can_delete_stories",
                    "can_pin_messages",
                    "can_manage_topics",
                    "can_send_welcome_messages",
                ] {
                    member[right] = true.into();
                }
            }
            MemberStatus::Kicked => member["until_date"] = 0.into(),
            MemberStatus::Member | MemberStatus::Left => {}
        }
        member
    }

    /// A `ForumTopic`.
    pub fn topic_json(topic: &Topic) -> Value {
        let mut json = json!({
            "message_thread_id": topic.id, "name": topic.name, "icon_color": topic.icon_color,
        });
        if let Some(icon) = &topic.icon_custom_emoji_id {
            json["icon_custom_emoji_id"] = icon.clone().into();
        }
        json
    }
}
