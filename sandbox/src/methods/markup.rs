//! Keyboards: what Telegram accepts under a message and below the input field.

use crate::error::{ApiError, bad_request};
use crate::model::Object;
use crate::params::Params;
use serde_json::{Value, json};

/// A checked `reply_markup`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Markup {
    /// Nothing said about keyboards.
    None,
    /// Buttons under the message.
    Inline(Value),
    /// A reply keyboard or a forced reply.
    Keyboard(Value),
    /// Takes the reply keyboard away.
    Remove,
}

impl Markup {
    /// The inline keyboard, if it is one.
    pub fn inline(&self) -> Option<Value> {
        match self {
            Self::Inline(value) => Some(value.clone()),
            _ => None,
        }
    }
}

/// Actions that an inline button can have; exactly one of them.
const ACTIONS: [&str; 10] = [
    "callback_data",
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
];

/// Reads and checks `reply_markup`.
pub(super) fn read(params: &Params, private: bool) -> Result<Markup, ApiError> {
    let Some(markup) = params.json("reply_markup")? else { return Ok(Markup::None) };
    let Some(fields) = markup.as_object() else {
        return Err(bad_request("object expected as reply markup"));
    };
    if let Some(rows) = fields.get("inline_keyboard") {
        return inline(rows);
    }
    if let Some(rows) = fields.get("keyboard") {
        return reply_keyboard(fields, rows, private);
    }
    let set = |name: &str| fields.get(name).and_then(Value::as_bool).unwrap_or(false);
    if set("remove_keyboard") {
        return Ok(Markup::Remove);
    }
    if set("force_reply") {
        return Ok(Markup::Keyboard(markup));
    }
    Ok(Markup::None)
}

fn rows_of<'a>(rows: &'a Value, kind: &str) -> Result<Vec<&'a Vec<Value>>, ApiError> {
    let expected = |what: &str| bad_request(format!("can't parse {kind}: {what}"));
    let rows = rows.as_array().ok_or_else(|| expected("Field must be of type Array"))?;
    rows.iter().map(|row| row.as_array().ok_or_else(|| expected("Row must be of type Array"))).collect()
}

fn inline(rows: &Value) -> Result<Markup, ApiError> {
    let rows = rows_of(rows, "inline keyboard")?;
    let mut kept = Vec::new();
    for row in rows {
        for button in row {
            check_inline(button)?;
        }
        if !row.is_empty() {
            kept.push(Value::Array(row.clone()));
        }
    }
    let count: usize = kept.iter().filter_map(|row| row.as_array().map(Vec::len)).sum();
    if count > 100 {
        return Err(bad_request("REPLY_MARKUP_TOO_LONG"));
    }
    Ok(if kept.is_empty() { Markup::None } else { Markup::Inline(json!({ "inline_keyboard": kept })) })
}

fn check_inline(button: &Value) -> Result<(), ApiError> {
    let wrong = |what: &str| bad_request(format!("can't parse inline keyboard button: {what}"));
    let Some(fields) = button.as_object() else { return Err(wrong("expected an Object")) };
    match fields.get("text").and_then(Value::as_str) {
        None => return Err(wrong("Can't find field \"text\"")),
        Some(text) if text.trim().is_empty() => return Err(bad_request("BUTTON_TEXT_INVALID")),
        Some(_) => {}
    }
    let Some(action) = ACTIONS.iter().find(|name| fields.get(**name).is_some_and(|v| !v.is_null())) else {
        return Err(wrong("Text buttons are unallowed in the inline keyboard"));
    };
    match *action {
        "callback_data" => {
            let data = fields.get("callback_data").and_then(Value::as_str).unwrap_or_default();
            if data.is_empty() || data.len() > 64 {
                return Err(bad_request("BUTTON_DATA_INVALID"));
            }
        }
        "url" => {
            let url = fields.get("url").and_then(Value::as_str).unwrap_or_default();
            check_url(url)?;
        }
        _ => {}
    }
    Ok(())
}

/// Telegram refuses hosts without a dot, `localhost` among them.
fn check_url(raw: &str) -> Result<(), ApiError> {
    let full = if raw.contains("://") { raw.to_owned() } else { format!("http://{raw}") };
    let good = url::Url::parse(&full).ok().is_some_and(|url| match url.scheme() {
        "http" | "https" => url.host_str().is_some_and(|host| host.contains('.') || host.contains(':')),
        "tg" | "ton" => true,
        _ => false,
    });
    if good {
        return Ok(());
    }
    Err(bad_request(format!("inline keyboard button URL '{raw}' is invalid: Wrong HTTP URL")))
}

fn reply_keyboard(fields: &Object, rows: &Value, private: bool) -> Result<Markup, ApiError> {
    let mut kept = Vec::new();
    for row in rows_of(rows, "keyboard")? {
        let mut buttons = Vec::new();
        for button in row {
            // A button may be just its text.
            let button = match button {
                Value::String(text) => json!({ "text": text }),
                other => other.clone(),
            };
            if button["text"].as_str().is_none_or(|text| text.trim().is_empty()) {
                return Err(bad_request("can't parse keyboard button: Can't find field \"text\""));
            }
            for (asks, what) in [("request_contact", "phone number"), ("request_location", "location")] {
                if button[asks] == true && !private {
                    return Err(bad_request(format!("{what} can be requested in private chats only")));
                }
            }
            buttons.push(button);
        }
        if !buttons.is_empty() {
            kept.push(Value::Array(buttons));
        }
    }
    if kept.is_empty() {
        return Err(bad_request("reply keyboard must contain at least one button"));
    }
    let mut keyboard = fields.clone();
    keyboard.insert("keyboard".into(), kept.into());
    Ok(Markup::Keyboard(keyboard.into()))
}
