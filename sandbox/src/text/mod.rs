//! Text with entities: the three parse modes, and what Telegram finds by itself.

mod detect;
mod html;
mod markdown;
mod markdown_v2;

use crate::error::{ApiError, bad_request};
use crate::model::Object;
use serde_json::{Value, json};

/// A stretch of formatted text; offsets count UTF-16 units, as Telegram does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// bold, url, `bot_command`…
    pub kind: &'static str,
    /// First unit.
    pub offset: usize,
    /// Units.
    pub length: usize,
    /// Link target, language of a code block, custom emoji id.
    pub extra: Option<(&'static str, Value)>,
}

impl Entity {
    fn plain(kind: &'static str, offset: usize, length: usize) -> Self {
        Self { kind, offset, length, extra: None }
    }

    fn end(&self) -> usize {
        self.offset + self.length
    }

    fn json(&self) -> Value {
        let mut value = json!({ "type": self.kind, "offset": self.offset, "length": self.length });
        if let Some((name, extra)) = &self.extra {
            value[*name] = extra.clone();
        }
        value
    }
}

/// Text as it is stored: without markup, with entities.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Formatted {
    /// The bare text.
    pub text: String,
    /// What is special about its parts, by offset, the longer first.
    pub entities: Vec<Entity>,
}

impl Formatted {
    /// Puts the text under `name` ("text" or "caption") and its entities beside it.
    pub fn put(&self, body: &mut Object, name: &str) {
        body.insert(name.to_owned(), self.text.clone().into());
        let entities = if name == "text" { "entities".to_owned() } else { format!("{name}_entities") };
        if self.entities.is_empty() {
            body.remove(&entities);
        } else {
            body.insert(entities, self.entities.iter().map(Entity::json).collect());
        }
    }

    /// UTF-16 units.
    pub fn units(&self) -> usize {
        units(&self.text)
    }
}

/// UTF-16 units of a text.
pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// What a person typed: no markup, but links, commands and the like are found.
pub fn typed(text: &str) -> Formatted {
    finish(Formatted { text: text.to_owned(), entities: Vec::new() })
}

/// What a bot sent: by `parse_mode`, or with explicit entities.
pub fn from_bot(
    text: &str,
    parse_mode: Option<&str>,
    entities: Option<&Value>,
) -> Result<Formatted, ApiError> {
    let parsed = match parse_mode.map(str::to_ascii_lowercase).as_deref() {
        None | Some("" | "none") => {
            Ok(Formatted { text: text.to_owned(), entities: explicit(entities, text)? })
        }
        Some("html") => html::parse(text),
        Some("markdown") => markdown::parse(text),
        Some("markdownv2") => markdown_v2::parse(text),
        Some(_) => return Err(bad_request("unsupported parse_mode")),
    };
    Ok(finish(parsed.map_err(|why| bad_request(format!("can't parse entities: {why}")))?))
}

/// Kinds that a bot may give explicitly, with the name of their extra field.
const EXPLICIT: [(&str, &str); 16] = [
    ("bold", ""),
    ("italic", ""),
    ("underline", ""),
    ("strikethrough", ""),
    ("spoiler", ""),
    ("blockquote", ""),
    ("expandable_blockquote", ""),
    ("code", ""),
    ("pre", "language"),
    ("text_link", "url"),
    ("text_mention", "user"),
    ("custom_emoji", "custom_emoji_id"),
    ("mention", ""),
    ("url", ""),
    ("hashtag", ""),
    ("bot_command", ""),
];

fn explicit(entities: Option<&Value>, text: &str) -> Result<Vec<Entity>, ApiError> {
    let Some(list) = entities else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or_else(|| bad_request("can't parse entities: expected an Array"))?;
    let total = units(text);
    let mut found = Vec::new();
    for item in list {
        let number = |name: &str| item[name].as_u64().and_then(|n| usize::try_from(n).ok());
        let (Some(offset), Some(length)) = (number("offset"), number("length")) else {
            return Err(bad_request("can't parse MessageEntity: Can't find field \"offset\""));
        };
        // Telegram drops what is out of range, and kinds that it would find by itself.
        let known = EXPLICIT.iter().find(|(kind, _)| item["type"] == **kind);
        if let Some((kind, extra)) = known.filter(|_| length > 0 && offset + length <= total) {
            let extra = Some(*extra).filter(|name| !item[*name].is_null() && !name.is_empty());
            found.push(Entity { kind, offset, length, extra: extra.map(|name| (name, item[name].clone())) });
        }
    }
    Ok(found)
}

/// Trims, finds automatic entities outside of the explicit ones, sorts.
fn finish(mut formatted: Formatted) -> Formatted {
    trim(&mut formatted);
    for entity in detect::find(&formatted.text) {
        let clash = formatted.entities.iter().any(|e| {
            let touches = e.offset < entity.end() && entity.offset < e.end();
            touches
                && !matches!(e.kind, "bold" | "italic" | "underline" | "strikethrough" | "spoiler")
                && !e.kind.ends_with("blockquote")
        });
        if !clash {
            formatted.entities.push(entity);
        }
    }
    formatted.entities.sort_by_key(|e| (e.offset, std::cmp::Reverse(e.length)));
    formatted
}

fn trim(formatted: &mut Formatted) {
    let start = formatted.text.len() - formatted.text.trim_start().len();
    let cut = units(&formatted.text[..start]);
    formatted.text = formatted.text.trim().to_owned();
    let total = formatted.units();
    formatted.entities.retain_mut(|e| {
        let end = e.end().saturating_sub(cut).min(total);
        e.offset = e.offset.saturating_sub(cut);
        e.length = end.saturating_sub(e.offset);
        e.length > 0
    });
}

/// Writes text while counting UTF-16 units: what all three parsers build upon.
#[derive(Debug, Default)]
struct Writer {
    text: String,
    units: usize,
    entities: Vec<Entity>,
}

impl Writer {
    fn push(&mut self, c: char) {
        self.text.push(c);
        self.units += c.len_utf16();
    }

    /// Records the stretch since `from`; empty ones are dropped, as Telegram does.
    fn close(&mut self, kind: &'static str, from: usize, extra: Option<(&'static str, Value)>) {
        if self.units > from {
            self.entities.push(Entity { kind, offset: from, length: self.units - from, extra });
        }
    }

    fn done(self) -> Formatted {
        Formatted { text: self.text, entities: self.entities }
    }
}

/// A link that Telegram accepts in formatted text: with a scheme it knows, or a bare host with a dot.
fn link_target(raw: &str) -> Option<(&'static str, Value)> {
    let raw = raw.trim();
    if let Some(id) = raw.strip_prefix("tg://user?id=") {
        // Rendered as a mention of that user; the sandbox keeps the id alone.
        let id: i64 = id.parse().ok()?;
        return Some(("user", json!({ "id": id, "is_bot": false, "first_name": "" })));
    }
    let full = if raw.contains("://") || raw.starts_with("mailto:") || raw.starts_with("tel:") {
        raw.to_owned()
    } else {
        format!("http://{raw}")
    };
    let url = url::Url::parse(&full).ok()?;
    let good = match url.scheme() {
        "http" | "https" => url.host_str().is_some_and(|host| host.contains('.') || host.contains(':')),
        "tg" | "ton" | "tonsite" | "mailto" | "tel" => true,
        _ => false,
    };
    good.then(|| ("url", url.to_string().into()))
}

#[cfg(test)]
mod tests;
