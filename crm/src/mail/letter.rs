//! A mail taken apart: who wrote it, what it answers, its words and files, and whether a machine wrote it. Pure.
//!
//! Nothing in a mail is trusted: broken MIME, false charsets, hostile HTML and endless headers all end as plain text.

use mail_parser::{HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders};
use uuid::Uuid;

use crate::domain::audit::sha256_hex;
use crate::domain::ids::TicketNumber;
use crate::domain::lang::Lang;

/// Most characters of words that a ticket's conversation takes; what is longer comes along as a file.
const WORDS: usize = 20_000;
/// Most files of one mail.
const FILES: usize = 50;
/// Most Message-IDs of a mail's References that are looked at: the latest count.
const REFERENCES: usize = 30;
/// Longest name of a person or a file, and longest subject, characters.
const NAME: usize = 120;

/// A file of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, without any path.
    pub name: String,
    /// `photo` for a picture, else `document`.
    pub kind: &'static str,
    /// What is in it.
    pub body: Vec<u8>,
}

/// A mail, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its Message-ID without brackets, or a digest where it has none.
    pub message_id: String,
    /// Of sender, subject and words.
    pub digest: String,
    /// The sender's address in small letters; `None` if it names none.
    pub from: Option<String>,
    /// How the sender calls himself; his address if he does not.
    pub name: String,
    /// What it is about, without `Re:` and our own mark.
    pub subject: String,
    /// The ticket that the subject names.
    pub number: Option<TicketNumber>,
    /// The Message-IDs it answers, the nearest first.
    pub answers: Vec<String>,
    /// The words, without what they quote at the end.
    pub text: String,
    /// The files.
    pub files: Vec<File>,
    /// Why it must not be answered: a machine wrote it, and which sign says so.
    pub automatic: Option<&'static str>,
    /// Mails of ours that it says could not be delivered.
    pub bounced: Vec<Uuid>,
    /// What our own mail server found of the sender, as it wrote it: `Authentication-Results`, the uppermost.
    pub verdict: Option<String>,
}

/// Takes a mail apart. `own` is our own address.
pub fn read(raw: &[u8], own: &str) -> Letter {
    match MessageParser::default().parse(raw) {
        Some(message) => of(&message, raw, own),
        // Not even a header: the words are whatever can be read of it.
        None => Letter {
            message_id: sha256_hex(raw),
            digest: sha256_hex(raw),
            from: None,
            name: String::new(),
            subject: String::new(),
            number: None,
            answers: Vec::new(),
            text: tidy(&String::from_utf8_lossy(raw)),
            files: Vec::new(),
            automatic: None,
            bounced: Vec::new(),
            verdict: None,
        },
    }
}

fn of(message: &Message<'_>, raw: &[u8], own: &str) -> Letter {
    let sender = message.from().and_then(|from| from.first());
    let from =
        sender.and_then(|s| s.address.as_deref()).map(|a| a.trim().to_lowercase()).filter(|a| address(a));
    let named = sender.and_then(|s| s.name.as_deref()).map(|n| short(n, NAME)).filter(|n| !n.is_empty());
    let name = named.or_else(|| from.clone()).unwrap_or_default();
    let title = tidy(message.subject().unwrap_or_default()).replace('\n', " ");
    let (whole, mut files) = (words(message), files(message));
    let mut text = unquoted(&whole);
    if text.chars().count() > WORDS {
        files.insert(0, File { name: "message.txt".to_owned(), kind: "document", body: text.into_bytes() });
        text = whole.chars().take(WORDS).chain(['…']).collect();
    }
    let digest = sha256_hex(format!("{}\n{title}\n{whole}", from.as_deref().unwrap_or_default()).as_bytes());
    Letter {
        message_id: message
            .message_id()
            .map(|id| short(id, 250))
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| sha256_hex(raw)),
        digest,
        name,
        number: number(&title),
        subject: short(bare(&title), NAME),
        answers: answers(message),
        text,
        files,
        automatic: automatic(message, from.as_deref(), own),
        bounced: if message.root_part().is_content_type("multipart", "report") {
            ours(raw)
        } else {
            Vec::new()
        },
        verdict: message.header_raw("Authentication-Results").map(str::to_lowercase),
        from,
    }
}

/// Whether it looks like one address and nothing else: it will stand in a header of ours.
fn address(text: &str) -> bool {
    let fine = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',' | ';' | '"');
    text.len() <= 254
        && text.chars().all(fine)
        && text
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && domain.len() > 2 && !domain.contains('@'))
}

/// Without what no database or reader can use: NUL and other control characters, and blank lines in a row.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.replace("\r\n", "\n").replace('\r', "\n").lines() {
        let line: String = line.chars().filter(|c| *c == '\t' || !c.is_control()).collect();
        let line = line.trim_end();
        blank = if line.is_empty() { blank + 1 } else { 0 };
        if blank <= 1 {
            tidy.push_str(line);
            tidy.push('\n');
        }
    }
    tidy.trim().to_owned()
}

fn short(text: &str, most: usize) -> String {
    tidy(text).replace('\n', " ").chars().take(most).collect::<String>().trim().to_owned()
}

/// The readable parts one after the other; HTML as text.
fn words(message: &Message<'_>) -> String {
    let parts: Vec<String> = (0..message.text_body_count())
        .filter_map(|n| message.body_text(n))
        .map(|part| tidy(&part))
        .filter(|part| !part.is_empty())
        .collect();
    parts.join("\n\n")
}

fn files(message: &Message<'_>) -> Vec<File> {
    message
        .attachments()
        .take(FILES)
        .map(|part| {
            // A path in a name is somebody's trick.
            let named = part.attachment_name().unwrap_or_default();
            let name = short(named.rsplit(['/', '\\']).next().unwrap_or_default(), NAME);
            let picture = part.content_type().is_some_and(|t| t.ctype().eq_ignore_ascii_case("image"));
            let name = match (name.is_empty(), picture) {
                (false, _) => name,
                (true, true) => "picture".to_owned(),
                (true, false) if part.is_message() => "message.eml".to_owned(),
                (true, false) => "file".to_owned(),
            };
            File { name, kind: if picture { "photo" } else { "document" }, body: body(part) }
        })
        .collect()
}

/// The bytes of a file. A mail that was cut off has no end of its last part, and the parser leaves that one as it came: alone it is whole.
fn body(part: &MessagePart<'_>) -> Vec<u8> {
    let came = part.contents();
    let encoding = part.content_transfer_encoding().filter(|_| part.is_encoding_problem);
    let alone = encoding.map(|encoding| {
        let head = format!(
            "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
        );
        [head.as_bytes(), came].concat()
    });
    let read = alone.as_deref().and_then(|alone| MessageParser::new().parse(alone));
    read.and_then(|alone| Some(alone.parts.first()?.contents().to_vec())).unwrap_or_else(|| came.to_vec())
}

/// The words without the mail that they answer: lines with `>` at the end, and the line above that says who wrote them. If nothing would
/// be left, all of it.
fn unquoted(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut end = lines.len();
    while end > 0 && (lines[end - 1].trim().is_empty() || lines[end - 1].starts_with('>')) {
        end -= 1;
    }
    if end < lines.len() && lines[end..].iter().any(|line| line.starts_with('>')) {
        // «On Monday … wrote:», «22.11.2026 … пишет:», over one line or two.
        let above = lines[..end].iter().rev().take(2).position(|line| line.trim_end().ends_with(':'));
        if above == Some(0) {
            let wrapped = end >= 2 && !lines[end - 2].trim().is_empty() && lines[end - 1].len() < 60;
            let begins = wrapped && lines[end - 2].chars().any(|c| c.is_ascii_digit());
            end -= if begins { 2 } else { 1 };
        }
    } else {
        end = lines.len();
    }
    let kept = lines[..end].join("\n").trim().to_owned();
    if kept.is_empty() { text.to_owned() } else { kept }
}

/// The subject without `Re:`, `Fwd:`, `Отв:`, `Қайт:` and our own `[KM-000042]`.
fn bare(subject: &str) -> &str {
    let mut rest = subject.trim();
    loop {
        let before = rest;
        if let Some((word, after)) = rest.split_once(':')
            && ["re", "fw", "fwd", "aw", "отв", "ответ", "пер", "қайт", "жауап"]
                .contains(&word.trim().to_lowercase().as_str())
        {
            rest = after.trim_start();
        }
        if let Some((mark, after)) = rest.strip_prefix('[').and_then(|r| r.split_once(']'))
            && mark.starts_with("KM-")
        {
            rest = after.trim_start();
        }
        if rest == before {
            return rest;
        }
    }
}

/// The ticket that a subject names: `KM-000042`, whatever stands around it.
fn number(subject: &str) -> Option<TicketNumber> {
    let at = subject.to_uppercase().find("KM-")?;
    let digits: String = subject.get(at + 3..)?.chars().take_while(char::is_ascii_digit).take(18).collect();
    digits.parse().ok()
}

/// What it answers, the nearest first.
fn answers(message: &Message<'_>) -> Vec<String> {
    let listed = |header: &HeaderValue<'_>| -> Vec<String> {
        let ids = header.as_text_list().unwrap_or_default();
        ids.iter().rev().take(REFERENCES).map(|id| short(id, 250)).collect()
    };
    let mut ids = listed(message.in_reply_to());
    ids.extend(listed(message.references()));
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| !id.is_empty() && seen.insert(id.clone()));
    ids
}

/// Which sign says that a machine wrote it (RFC 3834, and the habits from before it).
fn automatic(message: &Message<'_>, from: Option<&str>, own: &str) -> Option<&'static str> {
    let value = |name: &str| message.header_raw(name).map(|v| v.trim().to_lowercase());
    let one_of = |name: &str, words: &[&str]| value(name).is_some_and(|v| words.contains(&v.as_str()));
    if from == Some(own.to_lowercase().as_str()) {
        return Some("our own address");
    }
    if value("Auto-Submitted").is_some_and(|v| !v.starts_with("no")) {
        return Some("Auto-Submitted");
    }
    if one_of("Precedence", &["bulk", "list", "junk", "auto_reply"]) {
        return Some("Precedence");
    }
    if value("Return-Path").is_some_and(|v| v.is_empty() || v == "<>") {
        return Some("an empty return path");
    }
    if ["X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress"].iter().any(|name| value(name).is_some())
        || message.header(HeaderName::ListId).is_some()
    {
        return Some("a list's or an answering machine's header");
    }
    from.and_then(|a| a.split_once('@'))
        .is_some_and(|(local, _)| ["mailer-daemon", "postmaster", "noreply", "no-reply"].contains(&local))
        .then_some("an address that nobody reads")
}

/// The mails of ours that are named anywhere in it.
fn ours(raw: &[u8]) -> Vec<Uuid> {
    let text = String::from_utf8_lossy(raw);
    let mut ids: Vec<Uuid> = text.match_indices(MARK).filter_map(|(at, _)| id_of(text.get(at..)?)).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// What our Message-IDs begin with.
const MARK: &str = "komek.";

/// The Message-ID of a mail of ours, without brackets: the same whenever it is sent. The id in it is not to be guessed.
pub fn message_id(id: Uuid, own: &str) -> String {
    let domain = own.rsplit('@').next().unwrap_or_default();
    format!("{MARK}{}@{domain}", id.simple())
}

/// The mail of ours that has this Message-ID.
pub fn id_of(message_id: &str) -> Option<Uuid> {
    Uuid::try_parse(message_id.strip_prefix(MARK)?.get(..32)?).ok()
}

/// The language somebody writes in, whom the directory does not know: Kazakh if any of its own letters stands in it, Russian if it is
/// Cyrillic, English if it is Latin; Kazakh if there are no letters.
pub fn language(text: &str) -> Lang {
    let (mut cyrillic, mut latin) = (0u32, 0u32);
    for c in text.to_lowercase().chars() {
        match c {
            'ә' | 'ғ' | 'қ' | 'ң' | 'ө' | 'ұ' | 'ү' | 'һ' | 'і' => return Lang::Kk,
            'а'..='я' | 'ё' => cyrillic += 1,
            'a'..='z' => latin += 1,
            _ => {}
        }
    }
    match (cyrillic, latin) {
        (0, 0) => Lang::Kk,
        _ if cyrillic >= latin => Lang::Ru,
        _ => Lang::En,
    }
}

#[cfg(test)]
#[path = "letter_tests.rs"]
mod tests;
