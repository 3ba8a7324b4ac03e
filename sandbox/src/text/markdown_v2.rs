//! `parse_mode=MarkdownV2`: nested marks, and every special character has to be escaped.

use super::markdown::language;
use super::{Formatted, Writer, link_target};
use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Bold,
    Italic,
    Underline,
    Strikethrough,
    Spoiler,
    Code,
    Pre,
    TextUrl,
    CustomEmoji,
}

impl Mark {
    fn token(self) -> &'static str {
        match self {
            Self::Bold => "*",
            Self::Italic => "_",
            Self::Underline => "__",
            Self::Strikethrough => "~",
            Self::Spoiler => "||",
            Self::Code => "`",
            Self::Pre => "```",
            Self::TextUrl => "[",
            Self::CustomEmoji => "![",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Bold => "bold",
            Self::Italic => "italic",
            Self::Underline => "underline",
            Self::Strikethrough => "strikethrough",
            Self::Spoiler => "spoiler",
            Self::Code => "code",
            Self::Pre => "pre",
            Self::TextUrl => "text_link",
            Self::CustomEmoji => "custom_emoji",
        }
    }
}

struct Open {
    mark: Mark,
    from: usize,
    byte: usize,
}

/// Longer tokens first: `__` is an underline before it is two italics.
const MARKS: [Mark; 9] = [
    Mark::Pre,
    Mark::Spoiler,
    Mark::Underline,
    Mark::CustomEmoji,
    Mark::Bold,
    Mark::Italic,
    Mark::Strikethrough,
    Mark::Code,
    Mark::TextUrl,
];

const RESERVED: &str = "_*[]()~`>#+-=|{}.!";

struct Parser<'a> {
    source: &'a str,
    at: usize,
    out: Writer,
    open: Vec<Open>,
    quote: Option<usize>,
}

pub(super) fn parse(source: &str) -> Result<Formatted, String> {
    let mut parser = Parser { source, at: 0, out: Writer::default(), open: Vec::new(), quote: None };
    while parser.at < source.len() {
        parser.step()?;
    }
    if let Some(open) = parser.open.last() {
        let name = format!("{:?}", open.mark);
        return Err(format!("Can't find end of {name} entity at byte offset {}", open.byte));
    }
    parser.end_quote("blockquote");
    Ok(parser.out.done())
}

impl Parser<'_> {
    fn step(&mut self) -> Result<(), String> {
        let rest = &self.source[self.at..];
        let mut chars = rest.chars();
        let Some(c) = chars.next() else { return Ok(()) };
        // A backslash takes the special meaning from any ASCII character.
        if let Some(next) = chars.next().filter(|next| c == '\\' && next.is_ascii() && *next > '\0') {
            self.out.push(next);
            self.at += 2;
            return Ok(());
        }
        let line_start = self.at == 0 || self.source[..self.at].ends_with('\n');
        if line_start && self.open.is_empty() && self.quote_edge(rest) {
            return Ok(());
        }
        match self.open.last().map(|open| open.mark) {
            Some(inside @ (Mark::Code | Mark::Pre)) => {
                if rest.starts_with(inside.token()) {
                    self.close(inside)?;
                } else {
                    self.literal(c);
                }
                return Ok(());
            }
            Some(mark @ (Mark::TextUrl | Mark::CustomEmoji)) if c == ']' => return self.close(mark),
            _ => {}
        }
        if let Some(mark) = MARKS.into_iter().find(|mark| rest.starts_with(mark.token())) {
            return self.mark(mark);
        }
        if RESERVED.contains(c) {
            return Err(format!("Character '{c}' is reserved and must be escaped with the preceding '\\'"));
        }
        self.literal(c);
        Ok(())
    }

    fn literal(&mut self, c: char) {
        self.out.push(c);
        self.at += c.len_utf8();
    }

    /// `>` at a line's start begins or goes on with a quotation; a line without it ends one.
    fn quote_edge(&mut self, rest: &str) -> bool {
        if rest.starts_with('>') {
            self.quote.get_or_insert(self.out.units);
            self.at += 1;
            return true;
        }
        if rest.starts_with("**>") {
            // The empty bold separates two quotations.
            self.end_quote("blockquote");
            self.quote = Some(self.out.units);
            self.at += 3;
            return true;
        }
        self.end_quote("blockquote");
        false
    }

    fn end_quote(&mut self, kind: &'static str) {
        if let Some(from) = self.quote.take() {
            self.out.close(kind, from, None);
        }
    }

    fn mark(&mut self, mark: Mark) -> Result<(), String> {
        if self.open.last().is_some_and(|open| open.mark == mark) {
            return self.close(mark);
        }
        // `||` that ends a quotation's last line folds it.
        let after = &self.source[self.at + mark.token().len()..];
        if mark == Mark::Spoiler && self.quote.is_some() && (after.is_empty() || after.starts_with('\n')) {
            self.end_quote("expandable_blockquote");
            self.at += 2;
            return Ok(());
        }
        self.open.push(Open { mark, from: self.out.units, byte: self.at });
        self.at += mark.token().len();
        if mark == Mark::Pre {
            let block = &self.source[self.at..];
            let end = block.find("```").unwrap_or(block.len());
            let (_, code) = language(&block[..end]);
            self.at += end - code.len();
        }
        Ok(())
    }

    fn close(&mut self, mark: Mark) -> Result<(), String> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let extra: Option<(&'static str, Value)> = match mark {
            Mark::Pre => {
                let block = &self.source[open.byte + 3..self.at];
                self.at += 3;
                language(block).0
            }
            Mark::TextUrl | Mark::CustomEmoji => {
                self.at += 1;
                match self.address(mark)? {
                    Some(extra) => Some(extra),
                    None => return Ok(()),
                }
            }
            _ => {
                self.at += mark.token().len();
                None
            }
        };
        let kind = if extra.as_ref().is_some_and(|e| e.0 == "user") { "text_mention" } else { mark.kind() };
        self.out.close(kind, open.from, extra);
        Ok(())
    }

    /// `(address)` after a link's text; a link without an address is just its text.
    fn address(&mut self, mark: Mark) -> Result<Option<(&'static str, Value)>, String> {
        if !self.source[self.at..].starts_with('(') {
            return Ok(None);
        }
        let begin = self.at;
        let mut address = String::new();
        let mut chars = self.source[begin + 1..].char_indices();
        while let Some((i, c)) = chars.next() {
            match c {
                ')' => {
                    self.at = begin + 1 + i + 1;
                    if mark == Mark::CustomEmoji {
                        let id = address.strip_prefix("tg://emoji?id=").map(str::to_owned);
                        return id
                            .map(|id| Some(("custom_emoji_id", id.into())))
                            .ok_or_else(|| "Custom emoji URL must have a valid identifier".to_owned());
                    }
                    return Ok(link_target(&address));
                }
                '\\' => address.extend(chars.next().map(|(_, c)| c)),
                c => address.push(c),
            }
        }
        Err(format!("Can't find end of a URL at byte offset {begin}"))
    }
}
