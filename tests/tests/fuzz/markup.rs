//! Whether Telegram would take a text with `parse_mode=HTML`, and what it would show.

const TAGS: [&str; 12] =
    ["b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler", "span"];

/// The bare text; an error says what Telegram would refuse.
pub fn shown(html: &str) -> Result<String, String> {
    let (mut text, mut open, mut rest) = (String::new(), Vec::new(), html);
    while let Some(at) = rest.find(['<', '&']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = |sign| rest.find(sign).ok_or_else(|| format!("no {sign} after «{}»", start(rest)));
        if let Some(escaped) = rest.strip_prefix('&') {
            let known = [("lt;", "<"), ("gt;", ">"), ("amp;", "&"), ("quot;", "\"")];
            let found = known.iter().find(|(name, _)| escaped.starts_with(name));
            let (name, sign) = found.ok_or_else(|| format!("a bare & before «{}»", start(escaped)))?;
            text.push_str(sign);
            rest = &escaped[name.len()..];
            continue;
        }
        let close = end('>')?;
        let tag = &rest[1..close];
        rest = &rest[close + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Err(format!("«</{name}>» closes nothing in «{}»", start(html)));
            }
        } else {
            let name = tag.split(' ').next().unwrap_or_default();
            if !TAGS.contains(&name) {
                return Err(format!("«<{tag}>» is no tag"));
            }
            open.push(name);
        }
    }
    text.push_str(rest);
    if open.is_empty() { Ok(text) } else { Err(format!("{open:?} stay open in «{}»", start(html))) }
}

fn start(text: &str) -> String {
    text.chars().take(80).collect()
}

/// UTF-16 units: how Telegram counts.
pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}
