//! The world as people see it: what the page and the tests read.

use super::World;
use crate::model::{Author, Bot, Chat, ChatKey, ChatKind, Person};
use serde_json::{Value, json};

impl World {
    /// A message for people: Telegram's JSON, with its event number and reactions; without the answered message
    /// that Telegram gives to every message of a topic.
    pub fn message_view(&self, key: ChatKey, id: i64) -> Option<Value> {
        let message = self.message(key, id)?;
        let mut json = self.message_json(key, id)?;
        if let Some(fields) = json.as_object_mut().filter(|_| message.reply_to.is_none()) {
            fields.remove("reply_to_message");
        }
        json["chat_id"] = key.person_side_id().into();
        json["seq"] = message.seq.into();
        if matches!(message.author, Author::Person(_)) && self.is_waiting(key, id) {
            json["waiting"] = true.into();
        }
        if !message.reactions.is_empty() {
            json["reactions"] = json!(message.reactions.values().flatten().collect::<Vec<_>>());
        }
        Some(json)
    }

    /// The newest messages before an id, the oldest first.
    pub fn messages_view(&self, key: ChatKey, before: Option<i64>, limit: usize) -> Vec<Value> {
        let Some(chat) = self.chats.get(&key) else { return Vec::new() };
        let ids = chat.messages.range(..before.unwrap_or(i64::MAX)).rev().take(limit).map(|(id, _)| *id);
        let mut views: Vec<Value> = ids.filter_map(|id| self.message_view(key, id)).collect();
        views.reverse();
        views
    }

    /// A chat as one person sees it.
    pub fn chat_view(&self, person: i64, key: ChatKey) -> Value {
        let blank = Chat::new(key, ChatKind::Private, "");
        let chat = self.chats.get(&key).unwrap_or(&blank);
        let language = self.people.get(&person).and_then(|p| p.language_code.as_deref()).unwrap_or("en");
        let last = chat.messages.keys().next_back().and_then(|id| self.message_view(key, *id));
        let mut view = json!({
            "id": key.person_side_id(),
            "kind": chat.kind,
            "title": self.title_for(key, language),
            "forum": chat.forum,
            "blocked": chat.blocked,
            "started": !chat.messages.is_empty(),
            "keyboard": chat.keyboard,
            "pinned": chat.pinned,
            "status": chat.status(person).word(),
            "last": last,
            "topics": chat.topics.values().collect::<Vec<_>>(),
            "commands": self.commands_for(person, key, language),
            "members": chat.members.iter().filter(|(_, status)| status.is_present()).map(|(id, status)| {
                let bot = self.bots.contains_key(id);
                let who = if bot { Author::Bot(*id) } else { Author::Person(*id) };
                json!({ "id": id, "name": self.name_of(who), "bot": bot, "status": status.word() })
            }).collect::<Vec<_>>(),
        });
        if let ChatKey::Private { bot, .. } = key
            && let Some(bot) = self.bots.get(&bot)
        {
            view["username"] = bot.username.clone().into();
            view["description"] = by_language(&bot.descriptions, language).unwrap_or_default().into();
            let button = bot.menu_buttons.get(&person).or_else(|| bot.menu_buttons.get(&0));
            view["menu_button"] = button.cloned().unwrap_or(Value::Null);
        }
        view
    }

    fn title_for(&self, key: ChatKey, language: &str) -> String {
        match key {
            ChatKey::Private { bot, .. } => {
                let bot = self.bots.get(&bot);
                bot.map(|b| by_language(&b.names, language).unwrap_or(&b.name).to_owned()).unwrap_or_default()
            }
            ChatKey::Group { .. } => self.chats.get(&key).map(|c| c.title.clone()).unwrap_or_default(),
        }
    }

    /// The commands a person is offered: the narrowest scope first, and in each the person's language first.
    pub fn commands_for(&self, person: i64, key: ChatKey, language: &str) -> Vec<Value> {
        let chat_id = key.bot_side_id();
        let admin = self.chats.get(&key).is_some_and(|chat| chat.status(person).is_admin());
        let mut scopes = Vec::new();
        if key.is_private() {
            scopes.extend([format!("chat:{chat_id}"), "all_private_chats".into()]);
        } else {
            scopes.push(format!("chat_member:{chat_id}:{person}"));
            if admin {
                scopes.push(format!("chat_administrators:{chat_id}"));
            }
            scopes.push(format!("chat:{chat_id}"));
            if admin {
                scopes.push("all_chat_administrators".into());
            }
            scopes.push("all_group_chats".into());
        }
        scopes.push("default".into());
        let bots: Vec<&Bot> = match key {
            ChatKey::Private { bot, .. } => self.bots.get(&bot).into_iter().collect(),
            ChatKey::Group { .. } => {
                let chat = self.chats.get(&key);
                self.bots.values().filter(|b| chat.is_some_and(|c| c.status(b.id).is_present())).collect()
            }
        };
        let of_bot = |bot: &Bot| {
            let keys = scopes.iter().flat_map(|scope| [format!("{scope}|{language}"), format!("{scope}|")]);
            keys.into_iter().find_map(|key| bot.commands.get(&key).cloned()).unwrap_or_default()
        };
        bots.into_iter().flat_map(|bot| of_bot(bot).as_array().cloned().unwrap_or_default()).collect()
    }

    /// A person with all chats, for the page.
    pub fn person_view(&self, person: &Person) -> Value {
        let mut keys: Vec<ChatKey> = self.chats_of(person.id).iter().map(|chat| chat.key).collect();
        // A bot that was never written to is there as well: as something to start.
        for bot in self.bots.keys() {
            let key = ChatKey::Private { bot: *bot, person: person.id };
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        let mut view = json!(person);
        view["name"] = person.full_name().into();
        view["chats"] = keys.into_iter().map(|key| self.chat_view(person.id, key)).collect();
        view
    }

    /// A bot without its secrets.
    pub fn bot_view(&self, id: i64) -> Option<Value> {
        let bot = self.bots.get(&id)?;
        Some(json!({
            "id": bot.id,
            "username": bot.username,
            "name": bot.name,
            "pending": bot.queue.len(),
            "webhook": bot.webhook.as_ref().map(|hook| &hook.url),
        }))
    }
}

fn by_language<'a>(texts: &'a std::collections::BTreeMap<String, String>, language: &str) -> Option<&'a str> {
    texts.get(language).or_else(|| texts.get("")).map(String::as_str)
}
