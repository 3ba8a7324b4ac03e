//! What a person does in Telegram: writes, presses, sends photos, replies, edits, blocks. Each becomes an update of the Bot API.

use crm::domain::lang::Lang;
use crm::text::{FluentArgs, Texts};
use serde_json::{Value, json};

use crate::world::{World, language};

/// A person at a chat.
pub struct Person<'w> {
    world: &'w mut World,
    id: i64,
    chat: i64,
    lang: Lang,
    app: Option<&'static str>,
}

impl<'w> Person<'w> {
    /// In his private chat.
    pub fn new(world: &'w mut World, id: i64) -> Self {
        Self { world, id, chat: id, lang: language(id), app: None }
    }

    /// In another chat, such as the desk group.
    #[must_use]
    pub fn at(mut self, chat: i64) -> Self {
        self.chat = chat;
        self
    }

    /// Hears this language: buttons are found by its words, and his app says so.
    #[must_use]
    pub fn speaking(mut self, lang: Lang) -> Self {
        self.lang = lang;
        self.app = Some(lang.as_str());
        self
    }

    fn from(&self) -> Value {
        let mut from =
            json!({ "id": self.id, "is_bot": false, "first_name": self.world.telegram.name(self.id) });
        if let Some(app) = self.app {
            from["language_code"] = json!(app);
        }
        from
    }

    fn chat(&self) -> Value {
        json!({ "id": self.chat, "type": if self.chat < 0 { "supergroup" } else { "private" } })
    }

    fn message(&mut self, shown: &str) -> Value {
        let message_id = self.world.telegram.received(self.chat, self.id, shown);
        json!({ "message_id": message_id, "date": 0, "chat": self.chat(), "from": self.from() })
    }

    /// Writes a text. Returns its message id.
    pub async fn says(mut self, text: &str) -> i64 {
        let mut message = self.message(text);
        message["text"] = json!(text);
        self.sends(message).await
    }

    /// Replies with a text to the newest message of the bot that contains `to`.
    pub async fn replies(mut self, to: &str, text: &str) -> i64 {
        let target = self.world.telegram.find(self.chat, to);
        let mut message = self.message(&format!("↪#{target} {text}"));
        message["text"] = json!(text);
        message["reply_to_message"] = json!({ "message_id": target, "date": 0, "chat": self.chat() });
        self.sends(message).await
    }

    /// Sends a photo with a caption, maybe empty, maybe as a part of an album.
    pub async fn sends_photo(mut self, caption: &str, album: Option<&str>) -> i64 {
        let mut message = self.message(&format!("[photo] {caption}"));
        let size = |id: &str, bytes: i64| json!({ "file_id": id, "file_unique_id": id, "width": 9, "height": 9, "file_size": bytes });
        message["photo"] = json!([size("small", 900), size("large", 90_000)]);
        if !caption.is_empty() {
            message["caption"] = json!(caption);
        }
        if let Some(album) = album {
            message["media_group_id"] = json!(album);
        }
        self.sends(message).await
    }

    /// Sends a message with whatever fields of the Bot API, such as a sticker.
    pub async fn sends_raw(mut self, shown: &str, fields: Value) -> i64 {
        let mut message = self.message(shown);
        for (key, value) in fields.as_object().cloned().unwrap_or_default() {
            message[key] = value;
        }
        self.sends(message).await
    }

    async fn sends(self, message: Value) -> i64 {
        let id = message["message_id"].as_i64().unwrap_or_default();
        self.world.update(json!({ "message": message })).await;
        id
    }

    /// Edits a message written before.
    pub async fn edits(self, message_id: i64, text: &str) {
        let shown = format!("✎#{message_id} {text}");
        self.world.telegram.note(self.chat, self.id, &shown);
        let message = json!({ "message_id": message_id, "date": 0, "edit_date": 1, "chat": self.chat(),
            "from": self.from(), "text": text });
        self.world.update(json!({ "edited_message": message })).await;
    }

    /// Presses the newest button whose label contains `label`.
    pub async fn presses(self, label: &str) {
        let (message, data, label) = self.world.telegram.button(self.chat, label);
        self.presses_data(message, &data, &label).await;
    }

    /// Presses the newest button whose label is the text `key` in this person's language.
    pub async fn taps(self, key: &str) {
        let label = Texts::get().say(self.lang, key, &FluentArgs::new());
        self.presses(&label).await;
    }

    /// Presses a button that this chat showed before the latest ones: `nth` 0 is the oldest with this label.
    pub async fn presses_old(self, label: &str, nth: usize) {
        let (message, data, label) = self.world.telegram.old_button(self.chat, label, nth);
        self.presses_data(message, &data, &label).await;
    }

    /// Sends callback data that no button offered.
    pub async fn forges(self, data: &str) {
        let message = self.world.telegram.newest(self.chat);
        self.presses_data(message, data, &format!("forged {data}")).await;
    }

    async fn presses_data(self, message: i64, data: &str, label: &str) {
        self.world.telegram.note(self.chat, self.id, &format!("[{label}]"));
        let of = json!({ "message_id": message, "date": 0, "chat": self.chat(),
            "from": { "id": crate::world::BOT, "is_bot": true, "first_name": "Komek" } });
        let press =
            json!({ "id": "1", "chat_instance": "1", "from": self.from(), "message": of, "data": data });
        self.world.telegram.pressed_in = self.chat;
        self.world.update(json!({ "callback_query": press })).await;
    }

    /// Blocks or unblocks the bot.
    pub async fn blocks(self, blocked: bool) {
        let status = if blocked { "kicked" } else { "member" };
        self.world.telegram.note(
            self.chat,
            self.id,
            if blocked { "blocks the bot" } else { "unblocks the bot" },
        );
        let change = json!({ "chat": self.chat(), "from": self.from(), "date": 0,
            "new_chat_member": { "status": status } });
        self.world.update(json!({ "my_chat_member": change })).await;
    }
}
