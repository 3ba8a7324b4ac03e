//! The write buffer of a transaction, and how it is written: many rows, few statements.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use sqlx::types::Json;

use super::{DialogueKey, NewJob, NewMail, NewMessage, OutboxItem, Result, StoreError, Tx, bulk, sql};
use crate::clock::Moment;
use crate::domain::audit::EventRecord;
use crate::domain::ids::{MessageId, TicketId};
use crate::domain::ticket::Ticket;

/// A ticket to be saved, with what is computed from it and its policy.
#[derive(Debug, Clone)]
pub(super) struct TicketRow {
    pub ticket: Ticket,
    pub wake_at: Option<Moment>,
}

/// What is not written yet.
#[derive(Default)]
pub(super) struct Buffer {
    pub tickets: Vec<TicketRow>,
    pub events: Vec<EventRecord>,
    pub messages: Vec<NewMessage>,
    pub jobs: Vec<NewJob>,
    pub outbox: Vec<OutboxItem>,
    pub mails: Vec<NewMail>,
    pub links: Vec<(i64, i64, TicketId, Option<MessageId>)>,
    /// Dialogues as this transaction has left them; `None` where one ended.
    pub dialogues: HashMap<DialogueKey, Option<(Value, Moment)>>,
    /// The last ticket number given out in this transaction.
    pub number: Option<i64>,
    /// Whether outgoing messages are claimed for this process as they are written.
    pub claims: bool,
    /// What was claimed, for the sender.
    pub claimed: Vec<OutboxItem>,
    /// Whether there is no desk group, and nothing for it is stored.
    pub deskless: bool,
}

/// Most rows of one statement, within the engines' limits for parameters.
fn most(columns: usize) -> usize {
    (16_000 / columns.max(1)).clamp(1, 128)
}

/// Rows statement by statement: always a power of two, so that few different statements exist and stay prepared.
pub(super) fn parts<T>(rows: &[T], columns: usize) -> impl Iterator<Item = Vec<&T>> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let len = 1 << rest.len().min(most(columns)).checked_ilog2()?;
        let (part, tail) = rest.split_at(len);
        rest = tail;
        Some(part.iter().collect())
    })
}

/// The same for keys, which do no harm twice: the last is repeated up to a power of two.
pub(super) fn parts_padded<T>(keys: &[T], columns: usize) -> impl Iterator<Item = Vec<&T>> {
    keys.chunks(most(columns).next_power_of_two()).map(|chunk| {
        let missing = chunk.len().next_power_of_two() - chunk.len();
        chunk.iter().chain(chunk.last().into_iter().cycle().take(missing)).collect()
    })
}

/// `prefix VALUES (?, ?), (?, ?) suffix`; `numbered`: `($1, $2), ($3, $4)`, which PostgreSQL wants. SQLite looks every number up in a
/// list, so that a statement with a thousand of them would cost half a million steps.
pub(super) fn values_text(prefix: &str, columns: usize, rows: usize, suffix: &str, numbered: bool) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(prefix.len() + suffix.len() + rows * columns * 7 + 16);
    text.push_str(prefix);
    text.push_str(" VALUES ");
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            text.push_str(if column == 0 { "" } else { ", " });
            if numbered {
                let _ = write!(text, "${}", row * columns + column + 1);
            } else {
                text.push('?');
            }
        }
        text.push(')');
    }
    text.push(' ');
    text.push_str(suffix);
    text
}

impl Tx {
    /// Writes what is buffered. [`Tx::commit`] does it by itself.
    pub async fn flush(&mut self) -> Result<()> {
        if let Some(number) = self.buffer.number.take() {
            sql!(
                self,
                execute,
                "UPDATE counter SET value = $1 WHERE name = 'ticket' AND value < $1",
                number
            )?;
        }
        self.flush_tickets().await?;
        self.flush_events().await?;
        let messages = std::mem::take(&mut self.buffer.messages);
        bulk!(
            self,
            "INSERT INTO message (id, ticket_id, author, side, body, attachments, written_at)",
            "",
            messages.as_slice(),
            |m| m.id.0,
            m.ticket.0,
            Json(&m.author),
            m.side.as_str(),
            &m.body,
            Json(&m.attachments),
            m.written_at,
        );
        self.flush_links().await?;
        self.flush_dialogues().await?;
        self.flush_jobs().await?;
        self.flush_mails().await?;
        self.flush_outbox().await
    }

    async fn flush_tickets(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.buffer.tickets);
        for chat in rows.iter().filter_map(|row| row.ticket.origin.chat) {
            self.ahead.without_tickets.remove(&chat);
        }
        let expected = rows.len() as u64;
        let affected = bulk!(
            self,
            "INSERT INTO ticket (id, number, version, kind, state, queue, policy, customer_id, requester_id, service_id,
                assignee_id, origin_chat, opened_at, solved_at, due_at, wake_at, seq, head, doc)",
            "ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state, queue = excluded.queue,
                assignee_id = excluded.assignee_id, solved_at = excluded.solved_at, due_at = excluded.due_at,
                wake_at = excluded.wake_at, seq = excluded.seq, head = excluded.head, doc = excluded.doc
             WHERE ticket.version = excluded.version - 1",
            rows.as_slice(),
            |r| r.ticket.id.0, r.ticket.number.0, r.ticket.version, r.ticket.kind.as_str(), r.ticket.state.as_str(),
                r.ticket.queue.as_str(), &r.ticket.policy, r.ticket.customer.as_ref().map(|c| &c.0),
                r.ticket.requester.as_ref().map(|c| &c.0), r.ticket.form.service().map(|s| &s.0),
                r.ticket.assignee.as_ref().map(|s| &s.0), r.ticket.origin.chat, r.ticket.opened_at, r.ticket.solved_at,
                r.ticket.next_due().map(|d| d.1), r.wake_at, r.ticket.seq, &r.ticket.head, Json(&r.ticket),
        );
        if affected != expected {
            return Err(StoreError::Conflict);
        }
        bulk!(
            self,
            "INSERT INTO report_dirty (ticket_id, version)",
            "",
            rows.as_slice(),
            |r| r.ticket.id.0,
            r.ticket.version,
        );
        Ok(())
    }

    async fn flush_events(&mut self) -> Result<()> {
        let events = std::mem::take(&mut self.buffer.events);
        bulk!(
            self,
            "INSERT INTO event (stream, seq, at, recorded_at, word, actor, event, prev_hash, hash)",
            "",
            events.as_slice(),
            |e| e.stream,
            e.seq,
            e.at,
            e.recorded_at,
            e.event.word(),
            Json(&e.actor),
            Json(&e.event),
            &e.prev_hash,
            &e.hash,
        );
        if !events.is_empty() {
            self.deliveries_add(&events).await?;
        }
        Ok(())
    }

    async fn flush_links(&mut self) -> Result<()> {
        let links = std::mem::take(&mut self.buffer.links);
        bulk!(
            self,
            "INSERT INTO message_link (chat_id, message_id, ticket_id, words_id)",
            "ON CONFLICT (chat_id, message_id) DO NOTHING",
            links.as_slice(),
            |l| l.0,
            l.1,
            l.2.0,
            l.3.map(|words| words.0),
        );
        Ok(())
    }

    async fn flush_jobs(&mut self) -> Result<()> {
        let mut jobs = std::mem::take(&mut self.buffer.jobs);
        let mut seen = HashSet::new();
        jobs.retain(|job| seen.insert(job.payload.dedup_key()));
        bulk!(
            self,
            "INSERT INTO job (id, lane, dedup_key, payload, state, run_at, attempt)",
            "ON CONFLICT (dedup_key) WHERE state IN ('ready', 'running') DO NOTHING",
            jobs.as_slice(),
            |j| j.id,
            j.payload.lane().as_str(),
            j.payload.dedup_key(),
            Json(&j.payload),
            "ready",
            j.run_at,
            0i64,
        );
        Ok(())
    }

    async fn flush_outbox(&mut self) -> Result<()> {
        let mut items = std::mem::take(&mut self.buffer.outbox);
        let mut seen = HashSet::new();
        items.retain(|item| !(self.buffer.deskless && item.payload.is_for_desk()));
        items.retain(|item| item.coalesce_key.as_ref().is_none_or(|key| seen.insert(key.clone())));
        let state = if self.buffer.claims { "claimed" } else { "ready" };
        bulk!(
            self,
            "INSERT INTO outbox (id, priority, chat_id, ticket_id, payload, coalesce_key, state, not_before, created_at, attempts, event_seq)",
            "ON CONFLICT (coalesce_key) WHERE state = 'ready' AND coalesce_key IS NOT NULL DO NOTHING",
            items.as_slice(),
            |i| i.id,
            i.priority,
            i.chat_id,
            i.ticket_id,
            Json(&i.payload),
            i.coalesce_key.as_deref(),
            state,
            i.not_before,
            i.created_at,
            i.attempts,
            i.event_seq,
        );
        if self.buffer.claims {
            self.buffer.claimed.append(&mut items);
        }
        Ok(())
    }
}
