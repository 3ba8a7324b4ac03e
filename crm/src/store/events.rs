//! Events and messages: appended, never changed.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Result, Tx, sql};
use crate::clock::Moment;
use crate::domain::actor::Actor;
use crate::domain::audit::{EventRecord, GENESIS, canonical, sha256_hex};
use crate::domain::event::{Event, MessageRef};
use crate::domain::ids::{DESK_STREAM, MessageId, TicketId};

word_enum! {
    /// Whose words a message holds, and who may read them.
    pub enum Side {
        /// The customer's.
        Customer = "customer",
        /// The desk's, to the customer.
        Desk = "desk",
        /// The desk's, among itself.
        Note = "note",
    }
}

/// A file of a message, kept by Telegram and named by its ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// `photo`, `document`, `voice`, `video`, `audio`, `sticker`, `location`, `contact`, …
    pub kind: String,
    /// Telegram's file id, with which this bot can send it again.
    pub file_id: Option<String>,
    /// File name or description.
    pub name: Option<String>,
    /// Size, bytes.
    pub size: Option<i64>,
    /// Where it stands in Telegram: chat and message, to copy it from.
    pub source: Option<(i64, i64)>,
}

/// A message to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Its id.
    pub id: MessageId,
    /// Of which ticket.
    pub ticket: TicketId,
    /// Who wrote it.
    pub author: Actor,
    /// Whose words.
    pub side: Side,
    /// The text; empty for a file without caption.
    pub body: String,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// When it was written.
    pub written_at: Moment,
}

impl NewMessage {
    /// How events refer to it.
    pub fn reference(&self) -> MessageRef {
        let content = serde_json::json!({ "body": self.body, "attachments": self.attachments });
        MessageRef { id: self.id, digest: sha256_hex(canonical(&content).as_bytes()) }
    }
}

/// A stored message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Who wrote it.
    pub author: Actor,
    /// Whose words.
    pub side: Side,
    /// The text.
    pub body: String,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// When it was written.
    pub written_at: Moment,
}

#[derive(sqlx::FromRow)]
struct MessageRow {
    id: Uuid,
    #[sqlx(json)]
    author: Actor,
    side: String,
    body: String,
    #[sqlx(json)]
    attachments: Vec<Attachment>,
    written_at: Moment,
}

impl MessageRow {
    fn read(self) -> Result<Message> {
        let side = self.side.parse().map_err(|e: String| super::unreadable("message", self.id, e))?;
        let Self { id, author, body, attachments, written_at, .. } = self;
        Ok(Message { id: MessageId(id), author, side, body, attachments, written_at })
    }
}

/// A row of the audit chain.
#[derive(sqlx::FromRow)]
pub(super) struct EventRow {
    pub stream: Uuid,
    pub seq: i64,
    at: Moment,
    recorded_at: Moment,
    #[sqlx(json)]
    actor: Actor,
    #[sqlx(json)]
    event: Event,
    prev_hash: String,
    hash: String,
}

impl From<EventRow> for EventRecord {
    fn from(r: EventRow) -> Self {
        let EventRow { stream, seq, at, recorded_at, actor, event, prev_hash, hash } = r;
        Self { stream, seq, at, recorded_at, actor, event, prev_hash, hash }
    }
}

impl Tx {
    /// Appends an event. The caller has linked it behind the stream's head.
    pub fn event_append(&mut self, record: EventRecord) {
        self.buffer.events.push(record);
    }

    /// All events of a stream, in order.
    pub async fn events(&mut self, stream: Uuid) -> Result<Vec<EventRecord>> {
        self.flush().await?;
        let rows = sql!(
            self,
            fetch_all as EventRow,
            "SELECT stream, seq, at, recorded_at, actor, event, prev_hash, hash FROM event WHERE stream = $1 ORDER BY seq",
            stream
        )?;
        Ok(rows.into_iter().map(EventRecord::from).collect())
    }

    /// One event.
    pub async fn event_fetch(&mut self, stream: Uuid, seq: i64) -> Result<Option<EventRecord>> {
        self.flush().await?;
        let row = sql!(
            self,
            fetch_optional as EventRow,
            "SELECT stream, seq, at, recorded_at, actor, event, prev_hash, hash FROM event WHERE stream = $1 AND seq = $2",
            stream,
            seq
        )?;
        Ok(row.map(EventRecord::from))
    }

    /// Every stream that has events, without those that are tickets or the desk: there must be none.
    pub async fn event_streams_orphaned(&mut self) -> Result<Vec<Uuid>> {
        self.flush().await?;
        Ok(sql!(self, fetch_all scalar Uuid,
            "SELECT DISTINCT stream FROM event WHERE stream NOT IN (SELECT id FROM ticket)
             AND stream NOT IN (SELECT stream FROM stream_head)")?)
    }

    /// Records something that concerns the whole desk, in the desk's own audit stream.
    pub async fn desk_event(&mut self, actor: Actor, event: Event, now: Moment) -> Result<EventRecord> {
        // An update that changes nothing locks the head until the commit: of two writers, the second links behind the first.
        let (seq, head) = sql!(
            self,
            fetch_one as (i64, String),
            "INSERT INTO stream_head (stream, seq, head) VALUES ($1, 0, $2)
             ON CONFLICT (stream) DO UPDATE SET seq = stream_head.seq RETURNING seq, head",
            DESK_STREAM,
            GENESIS
        )?;
        let record = EventRecord::link(DESK_STREAM, seq + 1, now, now, actor, event, head);
        sql!(
            self,
            execute,
            "UPDATE stream_head SET seq = $2, head = $3 WHERE stream = $1",
            DESK_STREAM,
            record.seq,
            &record.hash
        )?;
        self.event_append(record.clone());
        Ok(record)
    }

    /// The head of a stream that is not a ticket's: number of events and last hash.
    pub async fn stream_head(&mut self, stream: Uuid) -> Result<(i64, String)> {
        let row = sql!(
            self,
            fetch_optional as (i64, String),
            "SELECT seq, head FROM stream_head WHERE stream = $1",
            stream
        )?;
        Ok(row.unwrap_or((0, GENESIS.to_owned())))
    }

    /// Stores a message; the event that names it is appended by the service.
    pub fn message_add(&mut self, message: NewMessage) {
        self.buffer.messages.push(message);
    }

    /// One message of a ticket.
    pub async fn message_fetch(&mut self, id: MessageId) -> Result<Option<Message>> {
        self.flush().await?;
        sql!(
            self,
            fetch_optional as MessageRow,
            "SELECT id, author, side, body, attachments, written_at FROM message WHERE id = $1",
            id.0
        )?
        .map(MessageRow::read)
        .transpose()
    }

    /// A ticket's conversation, oldest first; with or without the desk's notes.
    pub async fn messages(&mut self, ticket: TicketId, notes: bool) -> Result<Vec<Message>> {
        self.flush().await?;
        sql!(
            self,
            fetch_all as MessageRow,
            "SELECT id, author, side, body, attachments, written_at FROM message
             WHERE ticket_id = $1 AND ($2 OR side <> 'note') ORDER BY written_at, id",
            ticket.0,
            notes
        )?
        .into_iter()
        .map(MessageRow::read)
        .collect()
    }
}
