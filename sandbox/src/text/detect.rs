//! Entities that Telegram finds without markup: commands, mentions, links, addresses, phone numbers, hashtags.

use super::{Entity, units};

/// Top-level domains that make a bare word a link; the real list is longer.
const DOMAINS: [&str; 14] =
    ["com", "org", "net", "kz", "ru", "io", "dev", "me", "app", "uz", "kg", "info", "cloud", "example"];

pub(super) fn find(text: &str) -> Vec<Entity> {
    let mut found = Vec::new();
    let mut offset = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let space = rest.len() - rest.trim_start().len();
        offset += units(&rest[..space]);
        rest = &rest[space..];
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let word = &rest[..end];
        if let Some((kind, start, length)) = word_kind(word) {
            let before = units(&word[..start]);
            found.push(Entity::plain(kind, offset + before, units(&word[start..start + length])));
        }
        offset += units(word);
        rest = &rest[end..];
    }
    found
}

/// What a word is, and which bytes of it.
fn word_kind(word: &str) -> Option<(&'static str, usize, usize)> {
    let start = word.len() - word.trim_start_matches(['(', '"', '«', '\'', '[', '<', ',']).len();
    let core = word[start..].trim_end_matches(['.', ',', '!', '?', ')', '"', '»', '\'', ';', ':', ']', '>']);
    let named = |rest: &str| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').count();
    if let Some(rest) = core.strip_prefix('/') {
        let name = named(rest);
        let bot = rest[name..].strip_prefix('@').map_or(0, |bot| 1 + named(bot));
        let whole = 1 + name + bot;
        let ends = core[whole..].chars().next().is_none_or(|c| c != '/' && !c.is_alphanumeric());
        return ((1..=64).contains(&name) && ends).then_some(("bot_command", start, whole));
    }
    if let Some(rest) = core.strip_prefix('@') {
        let name = named(rest);
        return ((3..=32).contains(&name)).then_some(("mention", start, 1 + name));
    }
    if let Some(rest) = core.strip_prefix('#') {
        let name: usize =
            rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').map(char::len_utf8).sum();
        let letter = rest[..name].chars().any(|c| !c.is_ascii_digit());
        return (name > 0 && letter).then_some(("hashtag", start, 1 + name));
    }
    if is_phone(core) {
        return Some(("phone_number", start, core.len()));
    }
    if let Some((local, host)) = core.split_once('@') {
        let local_ok =
            !local.is_empty() && local.chars().all(|c| c.is_ascii_alphanumeric() || "._%+-".contains(c));
        return (local_ok && is_host(host)).then_some(("email", start, core.len()));
    }
    let lower = core.to_ascii_lowercase();
    let bare =
        ["https://", "http://", "tg://", "ftp://"].iter().find_map(|scheme| lower.strip_prefix(scheme));
    let host = bare.unwrap_or(&lower).split(['/', '?', '#']).next().unwrap_or_default();
    let host_name = host.split(':').next().unwrap_or_default();
    let numeric = bare.is_some() && host_name.parse::<std::net::Ipv4Addr>().is_ok();
    (is_host(host_name) || numeric || lower.starts_with("tg://")).then_some(("url", start, core.len()))
}

fn is_phone(word: &str) -> bool {
    word.strip_prefix('+').is_some_and(|digits| {
        let count = digits.chars().filter(char::is_ascii_digit).count();
        (7..=15).contains(&count) && digits.chars().all(|c| c.is_ascii_digit() || "-()".contains(c))
    })
}

fn is_host(host: &str) -> bool {
    let Some((name, top)) = host.rsplit_once('.') else { return false };
    let clean = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-');
    name.split('.').all(clean) && DOMAINS.contains(&top.to_ascii_lowercase().as_str())
}
