//! `parse_mode=Markdown`, the legacy one: no nesting, four marks and links.

use super::{Formatted, Writer, link_target};

pub(super) fn parse(source: &str) -> Result<Formatted, String> {
    let mut out = Writer::default();
    let mut at = 0;
    while let Some(c) = source[at..].chars().next() {
        let rest = &source[at..];
        match c {
            '\\' if rest[1..].starts_with(['_', '*', '`', '[']) => {
                out.push(char::from(rest.as_bytes()[1]));
                at += 2;
            }
            '_' | '*' | '`' | '[' => at += entity(&mut out, rest, at)?,
            c => {
                out.push(c);
                at += c.len_utf8();
            }
        }
    }
    Ok(out.done())
}

/// One marked stretch at the start of `rest`; gives the bytes it took.
fn entity(out: &mut Writer, rest: &str, at: usize) -> Result<usize, String> {
    let missing = || format!("Can't find end of the entity starting at byte offset {at}");
    let from = out.units;
    if let Some(block) = rest.strip_prefix("```") {
        let end = block.find("```").ok_or_else(missing)?;
        let (language, code) = language(&block[..end]);
        code.chars().for_each(|c| out.push(c));
        out.close("pre", from, language);
        return Ok(end + 6);
    }
    let (open, close) = match rest.as_bytes()[0] {
        b'[' => ('[', ']'),
        mark => (char::from(mark), char::from(mark)),
    };
    let end = rest[1..].find(close).ok_or_else(missing)? + 1;
    rest[1..end].chars().for_each(|c| out.push(c));
    let mut length = end + 1;
    match open {
        '*' => out.close("bold", from, None),
        '_' => out.close("italic", from, None),
        '`' => out.close("code", from, None),
        _ => {
            if let Some(address) = rest[length..].strip_prefix('(') {
                let close = address.find(')').ok_or_else(missing)?;
                if let Some(target) = link_target(&address[..close]) {
                    let kind = if target.0 == "user" { "text_mention" } else { "text_link" };
                    out.close(kind, from, Some(target));
                }
                length += close + 2;
            }
        }
    }
    Ok(length)
}

/// Splits ```` ```rust\ncode ```` into the language and the code.
pub(super) fn language(block: &str) -> (Option<(&'static str, serde_json::Value)>, &str) {
    let Some((first, code)) = block.split_once('\n') else { return (None, block) };
    if first.is_empty() {
        (None, code)
    } else if first.contains(char::is_whitespace) {
        (None, block)
    } else {
        (Some(("language", first.into())), code)
    }
}
