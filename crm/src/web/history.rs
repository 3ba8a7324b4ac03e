//! The two records of a ticket: what was written, with how each message travelled; and everything that happened, from the audit.

use std::collections::HashMap;

use super::page::Page;
use super::words;
use crate::domain::audit::EventRecord;
use crate::domain::event::Event;
use crate::domain::ids::MessageId;
use crate::domain::reactions::Outgoing;
use crate::domain::ticket::Ticket;
use crate::store::{Message, OutboxState, Payload, Side};

/// One message.
pub struct Talk {
    /// `customer`, `desk` or `note`.
    pub class: &'static str,
    /// Who wrote it.
    pub who: String,
    /// When.
    pub at: String,
    /// When, for programs.
    pub iso: String,
    /// The words.
    pub body: String,
    /// Files: a mark, a name, a size.
    pub files: Vec<File>,
    /// How it travelled to the customer: class and words.
    pub delivery: Option<(&'static str, String)>,
    /// Whether it asks the customer something.
    pub asks: bool,
}

/// A file of a message.
pub struct File {
    /// What it is.
    pub mark: &'static str,
    /// Its name.
    pub name: String,
    /// Its size in words.
    pub size: String,
    /// Where to download it.
    pub address: String,
}

/// One thing that happened.
pub struct Entry {
    /// When, to the second.
    pub at: String,
    /// By whom.
    pub who: String,
    /// What.
    pub what: String,
    /// Its number in the audit.
    pub seq: i64,
    /// The beginning of its hash.
    pub hash: String,
    /// Written down this much later, if that matters.
    pub late: Option<String>,
}

fn size(bytes: i64) -> String {
    match bytes {
        b if b < 1024 => format!("{b} B"),
        b if b < 1024 * 1024 => format!("{} KB", b / 1024),
        b => format!("{}.{} MB", b / 1_048_576, b % 1_048_576 * 10 / 1_048_576),
    }
}

fn file_mark(kind: &str) -> &'static str {
    match kind {
        "photo" => "🖼",
        "video" | "video_note" => "🎞",
        "voice" | "audio" => "🎙",
        "location" => "📍",
        _ => "📎",
    }
}

/// How each event's notice to the customer travelled.
fn deliveries(page: &Page, sent: &[OutboxState]) -> HashMap<i64, (&'static str, String)> {
    let mut by_event = HashMap::new();
    for item in sent {
        let Payload::Tell(Outgoing::Notice { seq, .. }) = &item.payload else { continue };
        let told = match (item.state.as_str(), item.sent_at) {
            ("sent", Some(at)) => ("sent", page.a("web-delivery-sent", "at", page.when(&at))),
            ("failed", _) => {
                ("failed", page.a("web-delivery-failed", "why", item.error.as_deref().unwrap_or("?")))
            }
            ("dropped", _) => ("dropped", page.t("web-delivery-dropped")),
            _ if item.attempts > 0 => ("waiting", page.n("web-delivery-retrying", item.attempts)),
            _ => ("waiting", page.t("web-delivery-waiting")),
        };
        by_event.insert(*seq, told);
    }
    by_event
}

/// The conversation, oldest first.
pub fn talk(
    page: &Page,
    ticket: &Ticket,
    events: &[EventRecord],
    messages: &[Message],
    sent: &[OutboxState],
    name: super::words::Names<'_>,
) -> Vec<Talk> {
    let deliveries = deliveries(page, sent);
    let by_message: HashMap<MessageId, &EventRecord> =
        events.iter().filter_map(|e| e.event.message().map(|m| (m.id, e))).collect();
    messages
        .iter()
        .map(|m| {
            let event = by_message.get(&m.id);
            Talk {
                class: m.side.as_str(),
                who: words::actor(page, &m.author, name, &ticket.requester_name),
                at: page.when(&m.written_at),
                iso: page.iso(&m.written_at),
                body: m.body.clone(),
                files: m
                    .attachments
                    .iter()
                    .enumerate()
                    .map(|(place, a)| File {
                        mark: file_mark(&a.kind),
                        name: a.name.clone().unwrap_or_else(|| a.kind.clone()),
                        size: a.size.map_or_else(String::new, size),
                        address: format!("/tickets/{}/files/{}/{place}", ticket.number, m.id),
                    })
                    .collect(),
                delivery: (m.side == Side::Desk)
                    .then(|| event.and_then(|e| deliveries.get(&e.seq)).cloned())
                    .flatten(),
                asks: matches!(event.map(|e| &e.event), Some(Event::Asked(_))),
            }
        })
        .collect()
}

/// Everything that happened, newest first.
pub fn entries(
    page: &Page,
    ticket: &Ticket,
    events: &[EventRecord],
    name: super::words::Names<'_>,
) -> Vec<Entry> {
    let entry = |e: &EventRecord| {
        let late = (e.recorded_at - e.at).num_milliseconds();
        Entry {
            at: page.exactly(&e.at),
            who: words::actor(page, &e.actor, name, &ticket.requester_name),
            what: what(page, &e.event, name),
            seq: e.seq,
            hash: e.hash.chars().take(8).collect(),
            late: (late >= 1000).then(|| page.a("web-history-late", "length", page.long(late))),
        }
    };
    events.iter().rev().map(entry).collect()
}

/// An event in a sentence.
pub fn what(page: &Page, event: &Event, name: super::words::Names<'_>) -> String {
    let key = format!("web-event-{}", event.word());
    let target = |t: &crate::domain::sla::Target| page.t(&format!("desk-target-{t}"));
    match event {
        Event::Opened(o) => page.a(&key, "kind", words::kind(page, o.kind)),
        Event::Taken { by } | Event::Acknowledged { by } => page.a(&key, "name", name(by.as_str())),
        Event::HandedOver { to } => page.a(&key, "queue", words::queue(page, *to)),
        Event::ActionProposed { quorum, expires_at, .. } => page.aa(
            &key,
            ("quorum", page.t(&format!("web-quorum-{quorum}"))),
            ("until", page.when(expires_at)),
        ),
        Event::ActionDone { proof, .. } => {
            page.aa(&key, ("method", &proof.method), ("took", page.long(proof.took_ms)))
        }
        Event::ActionFailed { failure, .. } => {
            page.aa(&key, ("code", &failure.code), ("text", &failure.text))
        }
        Event::Rated { score, .. } => page.n(&key, *score),
        Event::Reopened { cycle } => page.n(&key, *cycle),
        Event::TargetMet { target: t, used_ms } | Event::TargetDoneLate { target: t, used_ms } => {
            page.aa(&key, ("target", target(t)), ("used", page.long(*used_ms)))
        }
        Event::MarkReached { target: t, percent, .. } => {
            page.aa(&key, ("target", target(t)), ("percent", percent))
        }
        Event::TargetBreached { target: t, .. } => page.a(&key, "target", target(t)),
        Event::PageRequested { step } => page.n(&key, i64::from(*step) + 1),
        Event::Paged { staff, until, .. } => {
            page.aa(&key, ("name", name(staff.as_str())), ("until", page.when(until)))
        }
        Event::PageUndelivered { staff } | Event::LoginLinked { staff } | Event::SignedIn { staff, .. } => {
            page.a(&key, "name", name(staff.as_str()))
        }
        Event::EmergencySwitched { on, reason } => {
            page.a(if *on { "web-event-emergency_on" } else { "web-event-emergency_off" }, "reason", reason)
        }
        Event::DirectoryApplied { changes, .. } => page.n(&key, *changes),
        Event::Invited { contact } | Event::Bound { contact, .. } => page.a(&key, "contact", contact),
        Event::TokenCreated { name, .. } | Event::TokenRevoked { name } => page.a(&key, "name", name),
        _ => page.t(&key),
    }
}
