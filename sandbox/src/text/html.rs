//! `parse_mode=HTML`: Telegram's subset, with its own error texts (offsets count bytes of the source).

use super::{Formatted, Writer, link_target};
use serde_json::Value;

struct Open {
    tag: String,
    argument: String,
    from: usize,
}

pub(super) fn parse(source: &str) -> Result<Formatted, String> {
    let mut out = Writer::default();
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    while let Some(c) = source[at..].chars().next() {
        match c {
            '&' => {
                let (decoded, length) = entity(&source[at..]);
                out.push(decoded);
                at += length;
            }
            '<' if source[at + 1..].starts_with('/') => {
                let begin = at;
                let close =
                    source[at..].find('>').ok_or(format!("Unclosed end tag at byte offset {begin}"))?;
                let name = source[at + 2..at + close].trim().to_ascii_lowercase();
                at += close + 1;
                let Some(top) = open.pop() else {
                    return Err(format!("Unexpected end tag at byte offset {begin}"));
                };
                if !name.is_empty() && name != top.tag {
                    return Err(format!(
                        "Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{name}>\"",
                        top.tag
                    ));
                }
                finish(&mut out, &top, open.last());
            }
            '<' => {
                let (tag, length) = start_tag(source, at, out.units)?;
                at += length;
                open.push(tag);
            }
            c => {
                out.push(c);
                at += c.len_utf8();
            }
        }
    }
    match open.last() {
        Some(top) => Err(format!("Can't find end tag corresponding to start tag \"{}\"", top.tag)),
        None => Ok(out.done()),
    }
}

/// A named or numeric character reference; anything else stays as it is written.
fn entity(rest: &str) -> (char, usize) {
    let known = [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"')];
    if let Some((name, c)) = known.iter().find(|(name, _)| rest.starts_with(name)) {
        return (*c, name.len());
    }
    let number = rest.strip_prefix("&#").and_then(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let code = match rest[..end].strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => rest[..end].parse().ok()?,
        };
        let semicolon = usize::from(rest[end..].starts_with(';'));
        Some((char::from_u32(code).filter(|c| *c != '\0')?, 2 + end + semicolon))
    });
    number.unwrap_or(('&', 1))
}

const TAGS: [&str; 16] = [
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "a",
    "code",
    "pre",
    "span",
    "tg-spoiler",
    "tg-emoji",
    "blockquote",
];

/// Reads `<tag name="value">` at `begin`; gives the tag and how many bytes it took.
fn start_tag(source: &str, begin: usize, from: usize) -> Result<(Open, usize), String> {
    let unclosed = || format!("Unclosed start tag at byte offset {begin}");
    let rest = &source[begin + 1..];
    let end = rest.find(|c: char| c.is_whitespace() || c == '>').ok_or_else(unclosed)?;
    let tag = rest[..end].to_ascii_lowercase();
    if !TAGS.contains(&tag.as_str()) {
        return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}"));
    }
    let mut argument = String::new();
    let mut at = end;
    loop {
        at += rest[at..].len() - rest[at..].trim_start().len();
        let here = &rest[at..];
        if here.starts_with('>') {
            break;
        }
        if here.is_empty() {
            return Err(unclosed());
        }
        let name_end = here.find(|c: char| c.is_whitespace() || c == '=' || c == '>').ok_or_else(unclosed)?;
        if name_end == 0 {
            return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {begin}"));
        }
        let name = here[..name_end].to_ascii_lowercase();
        at += name_end;
        let mut value = String::new();
        if rest[at..].trim_start().starts_with('=') {
            at += rest[at..].find('=').unwrap_or(0) + 1;
            at += rest[at..].len() - rest[at..].trim_start().len();
            at += attribute(&rest[at..], &mut value).ok_or_else(unclosed)?;
        }
        take(&tag, &name, &value, &mut argument);
    }
    if tag == "span" && argument != "tg-spoiler" {
        return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
    }
    Ok((Open { tag, argument, from }, at + 2))
}

/// Keeps the one attribute that means something for the tag.
fn take(tag: &str, name: &str, value: &str, argument: &mut String) {
    let wanted = match (tag, name) {
        ("a", "href") | ("span", "class") | ("tg-emoji", "emoji-id") => true,
        ("code", "class") => value.starts_with("language-"),
        ("blockquote", "expandable") => {
            "expandable".clone_into(argument);
            false
        }
        _ => false,
    };
    if wanted {
        value.strip_prefix("language-").unwrap_or(value).clone_into(argument);
    }
}

/// A value in single, double or no quotes; gives the bytes read.
fn attribute(rest: &str, value: &mut String) -> Option<usize> {
    let quote = rest.chars().next()?;
    let (inside, skip) = if quote == '"' || quote == '\'' {
        (&rest[1..=rest[1..].find(quote)?], 2)
    } else {
        (&rest[..rest.find(|c: char| c.is_whitespace() || c == '>')?], 0)
    };
    let mut at = 0;
    while let Some(c) = inside[at..].chars().next() {
        let (c, length) = if c == '&' { entity(&inside[at..]) } else { (c, c.len_utf8()) };
        value.push(c);
        at += length;
    }
    Some(inside.len() + skip)
}

fn finish(out: &mut Writer, tag: &Open, parent: Option<&Open>) {
    let (kind, extra): (&'static str, Option<(&'static str, Value)>) = match tag.tag.as_str() {
        "b" | "strong" => ("bold", None),
        "i" | "em" => ("italic", None),
        "u" | "ins" => ("underline", None),
        "s" | "strike" | "del" => ("strikethrough", None),
        "span" | "tg-spoiler" => ("spoiler", None),
        "blockquote" if tag.argument == "expandable" => ("expandable_blockquote", None),
        "blockquote" => ("blockquote", None),
        "tg-emoji" => ("custom_emoji", Some(("custom_emoji_id", tag.argument.clone().into()))),
        "pre" => {
            // <pre><code class="language-x">: the inner tag only says the language.
            let inner = out.entities.iter().rposition(|e| e.kind == "code" && e.offset == tag.from);
            let inner = inner.filter(|i| out.entities[*i].end() == out.units);
            let language = inner.and_then(|i| out.entities.remove(i).extra);
            ("pre", language)
        }
        "code" => {
            let language =
                Some(&tag.argument).filter(|l| !l.is_empty() && parent.is_some_and(|p| p.tag == "pre"));
            ("code", language.map(|l| ("language", l.clone().into())))
        }
        _ => {
            // A link without a usable address is just its text; without href the text itself is the address.
            let target = if tag.argument.is_empty() {
                let start = out.text.char_indices().scan(0, |sum, (i, c)| {
                    let before = *sum;
                    *sum += c.len_utf16();
                    Some((before, i))
                });
                let byte =
                    start.into_iter().find(|(units, _)| *units == tag.from).map_or(out.text.len(), |p| p.1);
                link_target(&out.text[byte..])
            } else {
                link_target(&tag.argument)
            };
            let Some(target) = target else { return };
            (if target.0 == "user" { "text_mention" } else { "text_link" }, Some(target))
        }
    };
    out.close(kind, tag.from, extra);
}
