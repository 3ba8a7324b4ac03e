//! A message as a person sees it.

use serde_json::Value;

/// A message in somebody's chat.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Its number in the chat.
    pub id: i64,
    /// The topic it is in.
    pub thread: Option<i64>,
    /// Who wrote it.
    pub from: i64,
    /// Its text or caption.
    pub text: String,
    /// Has it been edited?
    pub edited: bool,
    /// All of it, as Telegram shows it, with `chat_id` from the person's side.
    pub json: Value,
}

impl Seen {
    pub(super) fn of(json: Value) -> Self {
        let text = json.get("text").or_else(|| json.get("caption")).and_then(Value::as_str);
        Self {
            id: json["message_id"].as_i64().unwrap_or(0),
            thread: json["message_thread_id"].as_i64(),
            from: json["from"]["id"].as_i64().unwrap_or(0),
            text: text.unwrap_or_default().to_owned(),
            edited: json.get("edit_date").is_some(),
            json,
        }
    }

    fn inline(&self) -> impl Iterator<Item = &Value> {
        let rows = self.json["reply_markup"]["inline_keyboard"].as_array();
        rows.into_iter().flatten().filter_map(Value::as_array).flatten()
    }

    /// The labels of the inline buttons.
    pub fn buttons(&self) -> Vec<String> {
        self.inline().filter_map(|button| button["text"].as_str()).map(str::to_owned).collect()
    }

    /// The callback data of the button whose label contains this.
    pub fn data_of(&self, label: &str) -> Option<String> {
        let button = self.inline().find(|b| b["text"].as_str().is_some_and(|text| text.contains(label)))?;
        button["callback_data"].as_str().map(str::to_owned)
    }

    /// The file id of a photo, document or other media.
    pub fn file_id(&self) -> Option<String> {
        let body = self.json.as_object()?;
        crate::files::media_of(body).map(|(_, id)| id)
    }
}
