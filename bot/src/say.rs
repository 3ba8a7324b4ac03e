//! A message to be sent: words in Telegram's HTML and a keyboard, and how it becomes a call of the Bot API.

use crm::domain::ids::TicketId;
use crm::store::{Call, Remember};
use serde_json::{Value, json};

/// What an inline button does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Does {
    /// Sends this data back, at most 64 bytes.
    Data(String),
    /// Opens a link.
    Url(String),
}

/// An inline button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// Its label.
    pub label: String,
    /// What it does.
    pub does: Does,
}

impl Button {
    /// A button that sends `data` back.
    pub fn tap(label: impl Into<String>, data: impl std::fmt::Display) -> Self {
        let data = data.to_string();
        debug_assert!(data.len() <= 64, "callback data over 64 bytes: {data}");
        Self { label: label.into(), does: Does::Data(data) }
    }
}

/// A message: HTML and rows of buttons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Say {
    /// Text in Telegram's HTML; whatever people wrote is escaped with [`escape`].
    pub html: String,
    /// Rows of inline buttons.
    pub buttons: Vec<Vec<Button>>,
    /// Message it answers.
    pub reply_to: Option<i64>,
    /// About which ticket.
    pub ticket: Option<TicketId>,
    /// Whether it makes no sound.
    pub silent: bool,
    /// Another reply markup than inline buttons (asking for a contact, removing a keyboard).
    pub markup: Option<Value>,
}

/// Telegram's limit for a text, in units of what is shown; longer ones are cut with an ellipsis.
const LONGEST: usize = 4096;

impl Say {
    /// Words alone.
    pub fn html(html: impl Into<String>) -> Self {
        Self { html: html.into(), ..Self::default() }
    }

    /// Adds a row of buttons.
    #[must_use]
    pub fn row(mut self, row: impl IntoIterator<Item = Button>) -> Self {
        self.buttons.push(row.into_iter().collect());
        self
    }

    /// Says that it is about a ticket, so that a reply to it finds the ticket.
    #[must_use]
    pub const fn about(mut self, ticket: TicketId) -> Self {
        self.ticket = Some(ticket);
        self
    }

    /// The keyboard as the Bot API wants it; none without buttons.
    pub fn reply_markup(&self) -> Option<Value> {
        if let Some(markup) = &self.markup {
            return Some(markup.clone());
        }
        (!self.buttons.is_empty()).then(|| {
            let rows: Vec<Vec<Value>> = self
                .buttons
                .iter()
                .map(|row| {
                    row.iter()
                        .map(|b| match &b.does {
                            Does::Data(data) => json!({ "text": b.label, "callback_data": data }),
                            Does::Url(url) => json!({ "text": b.label, "url": url }),
                        })
                        .collect()
                })
                .collect();
            json!({ "inline_keyboard": rows })
        })
    }

    fn params(&self, chat: i64, thread: i64) -> Value {
        let mut params = json!({
            "chat_id": chat,
            "text": shorten(&self.html, LONGEST),
            "parse_mode": "HTML",
            "link_preview_options": { "is_disabled": true },
        });
        if let Some(markup) = self.reply_markup() {
            params["reply_markup"] = markup;
        }
        if thread != 0 {
            params["message_thread_id"] = json!(thread);
        }
        params
    }

    /// As a new message.
    pub fn send(&self, chat: i64, thread: i64) -> Call {
        let mut params = self.params(chat, thread);
        if let Some(message) = self.reply_to {
            params["reply_parameters"] =
                json!({ "message_id": message, "allow_sending_without_reply": true });
        }
        if self.silent {
            params["disable_notification"] = json!(true);
        }
        let remember = self.ticket.map(|_| Remember::Link);
        Call { method: "sendMessage".to_owned(), params, ticket: self.ticket, remember }
    }

    /// In place of message `message_id`. A message that cannot be edited any more is sent anew by the outbox.
    pub fn edit(&self, chat: i64, message_id: i64) -> Call {
        let mut params = self.params(chat, 0);
        params["message_id"] = json!(message_id);
        let remember = self.ticket.map(|_| Remember::Link);
        Call { method: "editMessageText".to_owned(), params, ticket: self.ticket, remember }
    }
}

/// Whether a character turns the direction of what follows: in a name it would scramble the sentence around it.
const fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether there is anything to see in `text`: letters, signs or emoji.
pub fn is_visible(text: &str) -> bool {
    let hidden = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || turns(c)
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2065}' | '\u{feff}' | '\u{00ad}' | '\u{3164}')
    };
    !text.chars().all(hidden)
}

/// Text as Telegram's HTML shows it literally, without what would turn the text around it.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c if turns(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// The length of a text as Telegram counts it: in UTF-16 units, so that most emoji are two.
pub fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The beginning of `text`, of at most `limit` units.
pub fn beginning(text: &str, limit: usize) -> &str {
    let mut room = limit;
    let fits = |(_, c): &(usize, char)| {
        let left = room.checked_sub(c.len_utf16());
        room = left.unwrap_or(0);
        left.is_some()
    };
    let end = text.char_indices().take_while(fits).last().map_or(0, |(at, c)| at + c.len_utf8());
    &text[..end]
}

/// HTML that shows at most `limit` units; what is cut off is replaced by an ellipsis. Tags show nothing and an entity one unit; neither
/// is cut in two, and what is open at the cut is closed.
pub fn shorten(html: &str, limit: usize) -> String {
    let (mut shown, mut at) = (0, 0);
    let mut open: Vec<&str> = Vec::new();
    let mut cut = None;
    while let Some(c) = html[at..].chars().next() {
        let rest = &html[at..];
        let (length, adds) = match c {
            '<' => (rest.find('>').map_or(1, |end| end + 1), 0),
            '&' => (rest.find(';').map_or(1, |end| end + 1), 1),
            c => (c.len_utf8(), c.len_utf16()),
        };
        // The ellipsis takes one.
        if cut.is_none() && shown + adds >= limit {
            cut = Some((at, open.clone()));
        }
        if c == '<' {
            let tag = rest[..length].trim_matches(['<', '>']);
            match tag.strip_prefix('/') {
                Some(_) => _ = open.pop(),
                None => open.push(tag.split(' ').next().unwrap_or_default()),
            }
        }
        shown += adds;
        at += length;
    }
    match cut {
        Some((at, open)) if shown > limit => {
            let mut beginning = format!("{}…", &html[..at]);
            for tag in open.iter().rev() {
                beginning.extend(["</", tag, ">"]);
            }
            beginning
        }
        _ => html.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_tags() {
        let long = format!("<b>{}</b> &amp; more", "қ".repeat(5000));
        let cut = shorten(&long, LONGEST);
        assert_eq!(cut, format!("<b>{}…</b>", "қ".repeat(4095)));
        // An emoji counts twice, an entity once, a tag not at all.
        assert_eq!(shorten("<i>a😀&lt;b</i>", 5), "<i>a😀&lt;b</i>");
        assert_eq!(shorten("<i>a<b>😀&lt;b</b></i>", 4), "<i>a<b>😀…</b></i>");
        assert_eq!((beginning("a😀b", 2), beginning("a😀b", 3), units("a😀b")), ("a", "a😀", 4));
        assert_eq!(shorten("<b>short</b>", LONGEST), "<b>short</b>");
    }
}
