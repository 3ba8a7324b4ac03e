//! The two records of a ticket: what was written, with how each message travelled; and everything that happened, from the audit.

use std::collections::HashMap;

use super::page::Page;
use super::words;
use crate::domain::actor::Actor;
use crate::domain::audit::EventRecord;
use crate::domain::event::Event;
use crate::domain::ids::MessageId;
use crate::domain::ticket::Ticket;
use crate::plan_text;
use crate::store::{Arrival, Delivered, Message, Side};

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

/// How the news of one event travelled to the customer.
fn delivery(page: &Page, sent: &[Delivered], seq: i64) -> Option<(&'static str, String)> {
    Some(match Arrival::of(sent.iter().filter(|d| d.seq == seq))? {
        Arrival::Sent(at) => ("sent", page.a("web-delivery-sent", "at", page.when(&at))),
        Arrival::Failed(why) => ("failed", page.a("web-delivery-failed", "why", why)),
        Arrival::Waiting(0) => ("waiting", page.t("web-delivery-waiting")),
        Arrival::Waiting(attempts) => ("waiting", page.n("web-delivery-retrying", attempts)),
    })
}

/// The conversation, oldest first.
pub fn talk(
    page: &Page,
    ticket: &Ticket,
    events: &[EventRecord],
    messages: &[Message],
    sent: &[Delivered],
    name: super::words::Names<'_>,
) -> Vec<Talk> {
    let by_message: HashMap<MessageId, &EventRecord> =
        events.iter().filter_map(|e| e.event.message().map(|m| (m.id, e))).collect();
    messages
        .iter()
        .map(|m| {
            let event = by_message.get(&m.id);
            Talk {
                class: m.side.as_str(),
                who: match (&m.side, &m.author) {
                    // Said on the telephone, or handed in by a program: the words are the customer's all the same.
                    (Side::Customer, Actor::Staff { .. }) => ticket.requester_name.clone(),
                    _ => words::actor(page, &m.author, name, &ticket.requester_name),
                },
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
                delivery: event.filter(|_| m.side == Side::Desk).and_then(|e| delivery(page, sent, e.seq)),
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
            what: match (&e.event, &e.actor) {
                // Of the terms one does not say that they have given their approval, as of a person.
                (Event::ActionApproved { .. }, Actor::Policy) => page.t("web-event-action_allowed"),
                (event, _) => what(page, event, name),
            },
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
        Event::Assigned { to, from: None } => page.a(&key, "name", name(to.as_str())),
        Event::Assigned { to, from: Some(from) } => {
            page.aa("web-event-assigned_from", ("name", name(to.as_str())), ("from", name(from.as_str())))
        }
        Event::Reclassified { from, to, .. } => {
            page.aa(&key, ("from", words::kind(page, *from)), ("to", words::kind(page, *to)))
        }
        Event::Merged { number, .. } | Event::Linked { to: _, number } | Event::Joined { number, .. } => {
            page.a(&key, "number", number)
        }
        Event::Recovered { alerts } => page.n(&key, *alerts),
        Event::RotaChanged { queue, staff, starts, until, ended } => {
            let key = if *ended { "web-event-rota_ended" } else { "web-event-rota_changed" };
            let span = format!("{} – {}", page.when(starts), page.when(until));
            let who = format!("{} ({})", name(staff.as_str()), words::queue(page, *queue));
            page.aa(key, ("name", who), ("span", span))
        }
        Event::CannedChanged { name, language, digest } => {
            let key = if digest.is_some() { "web-event-canned_changed" } else { "web-event-canned_deleted" };
            page.aa(key, ("name", name), ("language", language))
        }
        Event::Broadcast { chats, .. } => page.n(&key, *chats),
        Event::HandedOver { to } => page.a(&key, "queue", words::queue(page, *to)),
        Event::ActionProposed { quorum, expires_at, .. } => page.aa(
            &key,
            ("quorum", page.t(&format!("web-quorum-{quorum}"))),
            ("until", page.when(expires_at)),
        ),
        Event::ActionDone { proof, .. } => {
            let method = plan_text::method(&proof.method, page.lang);
            page.aa(&key, ("method", method), ("took", page.long(proof.took_ms)))
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
        Event::PageUndelivered { staff }
        | Event::PageSkipped { staff }
        | Event::LoginLinked { staff }
        | Event::SignedIn { staff, .. } => page.a(&key, "name", name(staff.as_str())),
        Event::EmergencySwitched { on, reason } => {
            page.a(if *on { "web-event-emergency_on" } else { "web-event-emergency_off" }, "reason", reason)
        }
        Event::DirectoryApplied { changes, .. } => page.n(&key, *changes),
        Event::IncidentNoted { number, state, .. } => {
            let state = page.t(&format!("web-incident-{state}"));
            page.aa(&key, ("number", number), ("state", state))
        }
        Event::DowntimeNoted { service, state, .. } => {
            let state = page.t(&format!("web-interval-{state}"));
            page.aa(&key, ("service", service), ("state", state))
        }
        Event::ClaimNoted { service, state, .. } | Event::CreditNoted { service, state, .. } => {
            page.aa(&key, ("service", service), ("state", state))
        }
        Event::IncidentsImported { intervals, .. } => page.n(&key, *intervals),
        Event::PeriodClosed { month, .. } => page.a(&key, "month", month),
        Event::Invited { contact } | Event::Bound { contact, .. } => page.a(&key, "contact", contact),
        Event::TokenCreated { name, .. } | Event::TokenRevoked { name } => page.a(&key, "name", name),
        Event::WebhookMade { host, .. } | Event::WebhookDeleted { host, .. } => page.a(&key, "host", host),
        _ => page.t(&key),
    }
}
