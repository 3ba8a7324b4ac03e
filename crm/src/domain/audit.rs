//! The audit chain: each event of a stream carries the hash of the one before it.
//!
//! `hash = SHA-256(canonical JSON of stream, seq, moments, actor, event and the previous hash)`. A changed event no longer hashes to
//! its own hash, a removed or re-ordered one breaks the link or the numbering, and a cut tail disagrees with the head that the
//! ticket's row keeps.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::actor::Actor;
use super::event::Event;
use crate::clock::Moment;

/// The `prev_hash` of a stream's first event.
pub const GENESIS: &str = "";

/// One event as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventRecord {
    /// The ticket's id, or [`super::ids::DESK_STREAM`].
    pub stream: Uuid,
    /// 1, 2, 3 … within the stream.
    pub seq: i64,
    /// When it happened; a breach happens at its deadline.
    pub at: Moment,
    /// When it was written down.
    pub recorded_at: Moment,
    /// Who did it.
    pub actor: Actor,
    /// What happened.
    pub event: Event,
    /// The hash of event `seq - 1`.
    pub prev_hash: String,
    /// This event's hash.
    pub hash: String,
}

impl EventRecord {
    /// Links `event` behind an event with hash `prev_hash`.
    pub fn link(
        stream: Uuid,
        seq: i64,
        at: Moment,
        recorded_at: Moment,
        actor: Actor,
        event: Event,
        prev_hash: String,
    ) -> Self {
        let mut record = Self { stream, seq, at, recorded_at, actor, event, prev_hash, hash: String::new() };
        record.hash = record.computed_hash();
        record
    }

    /// What [`Self::hash`] must be.
    pub fn computed_hash(&self) -> String {
        let body = json!({
            "stream": self.stream,
            "seq": self.seq,
            "at": self.at.timestamp_micros(),
            "recorded_at": self.recorded_at.timestamp_micros(),
            "actor": self.actor,
            "event": self.event,
            "prev": self.prev_hash,
        });
        sha256_hex(canonical(&body).as_bytes())
    }
}

/// What is wrong with a stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Tampering {
    /// An event's content does not match its hash.
    #[error("event {0} was changed: its content does not match its hash")]
    Changed(i64),
    /// Numbering or link is broken.
    #[error("event {0} was removed, added or moved: the chain breaks there")]
    Broken(i64),
    /// The stream ends before the head that the ticket remembers.
    #[error("the last events were removed or replaced: {found} events found, {expected} expected")]
    Cut {
        /// Events that the head counts.
        expected: i64,
        /// Events that are there.
        found: i64,
    },
}

/// Checks one stream, in order of `seq`, against the head (number of events and last hash) that is kept apart from it.
pub fn verify(events: &[EventRecord], head: (i64, &str)) -> Result<(), Tampering> {
    let mut prev = GENESIS;
    for (index, record) in (1i64..).zip(events) {
        if record.computed_hash() != record.hash {
            return Err(Tampering::Changed(record.seq));
        }
        if record.seq != index || record.prev_hash != prev {
            return Err(Tampering::Broken(record.seq));
        }
        prev = &record.hash;
    }
    let found = i64::try_from(events.len()).unwrap_or(i64::MAX);
    if (found, prev) == head { Ok(()) } else { Err(Tampering::Cut { expected: head.0, found }) }
}

/// JSON with sorted keys and no white space: the same text whatever database or library feature it passed through.
pub fn canonical(value: &Value) -> String {
    let mut text = Vec::with_capacity(512);
    write_canonical(value, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

fn write_canonical(value: &Value, text: &mut Vec<u8>) {
    match value {
        Value::Object(map) => {
            let mut fields: Vec<(&String, &Value)> = map.iter().collect();
            fields.sort_unstable_by_key(|field| field.0);
            text.push(b'{');
            for (n, (key, value)) in fields.into_iter().enumerate() {
                if n > 0 {
                    text.push(b',');
                }
                write_plain(key, text);
                text.push(b':');
                write_canonical(value, text);
            }
            text.push(b'}');
        }
        Value::Array(items) => {
            text.push(b'[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    text.push(b',');
                }
                write_canonical(item, text);
            }
            text.push(b']');
        }
        plain => write_plain(plain, text),
    }
}

/// A string, number, boolean or null, as `serde_json` writes it.
fn write_plain(plain: &impl Serialize, text: &mut Vec<u8>) {
    // Writing into memory does not fail, and each of these is JSON.
    let _ = serde_json::to_writer(text, plain);
}

/// SHA-256 as 64 hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
