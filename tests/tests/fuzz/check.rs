//! What must never be seen: in one message, and in the whole of a world.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use crm::domain::ids::{TicketId, TicketNumber};
use crm::store::{Call, Db, Side};
use serde_json::Value;

use crate::markup::{shown, units};
use crate::world::{CUSTOMERS, DESK, ELSEWHERE, STAFF, STRANGERS, side};

/// The names that only the customer and the desk may read. Acme's telephone number is none of them: `moves` sends it as a contact card in
/// anybody's name, and who does may read it again in what he is about to file.
const NAMES: [(&str, &[&str]); 3] = [
    ("acme", &["acme-web", "acme-db", "acme-k8s", "Acme ЖШС", "Айгерім Серікқызы", "Сәуле Маратқызы"]),
    ("birlik", &["birlik-web", "birlik-db", "+77010000002"]),
    ("nomad", &["nomad-web", "nomad-db", "+77010000003"]),
];

/// What the words of this side carry.
pub fn mark(side: &str) -> String {
    format!("ҚҰПИЯ-{side}-СОҢЫ")
}

/// What chats have seen that only the end can judge.
#[derive(Debug, Default)]
pub struct Seen {
    /// Words of staff, by side.
    staff_words: BTreeSet<(String, u64)>,
    /// Numbers of tickets, by side.
    numbers: BTreeSet<(String, i64)>,
}

/// An answer to a press, or a reaction.
pub fn fleeting(call: &Call) -> Result<()> {
    if call.method == "answerCallbackQuery" {
        let text = call.params["text"].as_str().unwrap_or_default();
        ensure!(text.chars().count() <= 200, "Telegram shows 200 characters: {text}");
    }
    Ok(())
}

impl Seen {
    /// A call to a chat, which Telegram must take and the chat may read.
    pub fn call(&mut self, chat: i64, call: &Call) -> Result<()> {
        let p = &call.params;
        ensure!(p["chat_id"].as_i64() == Some(chat), "queued for {chat}, addressed to {}", p["chat_id"]);
        ensure!(chat != ELSEWHERE, "a group that is nobody's desk was spoken to");
        let known = chat == DESK
            || STAFF.contains(&chat)
            || STRANGERS.contains(&chat)
            || CUSTOMERS.iter().any(|c| c.0 == chat);
        ensure!(known, "nobody wrote from {chat}");
        let words = Self::sound(call)?;
        let Some(side) = side(chat) else { return Ok(()) };
        self.private(chat, &side, &words)?;
        if call.method == "copyMessage" {
            let from = p["from_chat_id"].as_i64().context("a source")?;
            let own = crate::world::side(from);
            ensure!(own.is_none_or(|own| own == side), "{side} was sent a message of the chat {from}");
        }
        Ok(())
    }

    /// All words of a call; an error if Telegram would refuse it.
    fn sound(call: &Call) -> Result<String> {
        let p = &call.params;
        let mut words = String::new();
        for (field, longest) in [("text", 4_096), ("caption", 1_024)] {
            let Some(text) = p[field].as_str() else { continue };
            let html = p["parse_mode"] == "HTML";
            let text = if html { shown(text).map_err(anyhow::Error::msg)? } else { text.to_owned() };
            ensure!(units(&text) <= longest, "{field}: {} units, {longest} at most", units(&text));
            ensure!(field == "caption" || !text.trim().is_empty(), "an empty message");
            words.push_str(&text);
            words.push('\n');
        }
        let rows = p["reply_markup"]["inline_keyboard"].as_array();
        for button in rows.into_iter().flatten().filter_map(Value::as_array).flatten() {
            let label = button["text"].as_str().unwrap_or_default();
            ensure!(!label.trim().is_empty(), "a button without a label");
            let data = button["callback_data"].as_str();
            ensure!(data.is_none_or(|d| (1..=64).contains(&d.len())), "{data:?} is no callback data");
            words.push_str(label);
            words.push('\n');
        }
        Ok(words)
    }

    fn private(&mut self, chat: i64, side: &str, words: &str) -> Result<()> {
        let others = CUSTOMERS.iter().map(|c| c.1.to_owned()).chain(STRANGERS.map(|s| s.to_string()));
        for other in others.filter(|other| other != side) {
            ensure!(!words.contains(&mark(&other)), "{chat} ({side}) reads words of {other}");
        }
        for (other, names) in NAMES.iter().filter(|(other, _)| *other != side) {
            let name = names.iter().find(|name| words.contains(**name));
            ensure!(name.is_none(), "{chat} ({side}) reads {name:?} of {other}");
        }
        self.staff_words.extend(numbers(words, "DESK-").map(|n| (side.to_owned(), n)));
        self.numbers.extend(numbers(words, "KM-").map(|n| (side.to_owned(), n)));
        Ok(())
    }
}

/// The numbers behind a prefix. One that an ellipsis cut short is no number: `DESK-44…` may be the start of 441.
fn numbers<'a, N: std::str::FromStr + 'a>(words: &'a str, prefix: &'a str) -> impl Iterator<Item = N> + 'a {
    words.match_indices(prefix).filter_map(move |(at, _)| {
        let rest = &words[at + prefix.len()..];
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        if rest[end..].starts_with('…') { None } else { rest[..end].parse().ok() }
    })
}

/// Every ticket and everything in it belongs to who asked. Returns how many there are of each kind and state.
pub async fn ownership(db: &Db, seen: &Seen) -> Result<BTreeMap<String, u64>> {
    let mut tx = db.read().await?;
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    let mut owners: BTreeMap<i64, String> = BTreeMap::new();
    let mut staff_words: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
    for head in tx.ticket_heads(0, 1_000_000).await? {
        let ticket = tx.ticket_fetch(TicketId(head.id)).await?.context("a ticket")?;
        let chat = ticket.origin.chat.context("it came by Telegram")?;
        // Staff may ask for something as anybody may.
        let owner = side(chat).unwrap_or_else(|| chat.to_string());
        let customer = CUSTOMERS.iter().find(|c| c.0 == chat).map(|c| c.1);
        let number = ticket.number;
        *kinds.entry(format!("{} {}", ticket.kind, ticket.state)).or_default() += 1;
        ensure!(
            ticket.customer.as_ref().map(crm::domain::ids::CustomerId::as_str) == customer,
            "{number} came from {chat} and belongs to {:?}",
            ticket.customer
        );
        let form = serde_json::to_string(&(&ticket.form, &ticket.action))?;
        for (other, names) in NAMES.iter().filter(|(other, _)| *other != owner) {
            ensure!(
                !names.iter().any(|name| form.contains(name)),
                "{number} of {owner} is about {other}: {form}"
            );
        }
        for message in tx.messages(ticket.id, true).await? {
            for other in CUSTOMERS.iter().map(|c| c.1.to_owned()).chain(STRANGERS.map(|s| s.to_string())) {
                let foreign =
                    other != owner && message.side == Side::Customer && message.body.contains(&mark(&other));
                ensure!(!foreign, "{number} of {owner} has words of {other}: {}", message.body);
            }
            // A note is for nobody.
            if message.side != Side::Note {
                for n in numbers::<u64>(&message.body, "DESK-") {
                    staff_words.entry(n).or_default().insert(owner.clone());
                }
            }
        }
        owners.insert(number.0, owner);
    }
    for (side, number) in &seen.numbers {
        let owner = owners.get(number);
        ensure!(owner == Some(side), "{side} was told of {}, which is {owner:?}'s", TicketNumber(*number));
    }
    for (side, n) in &seen.staff_words {
        let meant = staff_words.get(n);
        ensure!(meant.is_some_and(|m| m.contains(side)), "{side} reads DESK-{n}, which is for {meant:?}");
    }
    Ok(kinds)
}
