//! The outbox: what is to be sent to Telegram, committed with the change it tells of.

use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use sqlx::types::Json;
use uuid::Uuid;

use super::claim::claiming;
use super::{Result, Tx, bulk_keys, sql};
use crate::clock::Moment;
use crate::domain::ids::{MessageId, TicketId};
use crate::domain::reactions::Outgoing;

/// What is to be sent: a finished call of the Bot API, or a meaning that the bot words when its turn comes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// A method of the Bot API and its parameters.
    Call {
        /// Such as `sendMessage`.
        method: String,
        /// Its parameters.
        params: serde_json::Value,
        /// What the message that it makes is to be remembered as.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remember: Option<Remember>,
    },
    /// A meaning.
    Tell(Outgoing),
}

impl Payload {
    /// Whether it goes to the desk group.
    pub(super) const fn is_for_desk(&self) -> bool {
        matches!(self, Self::Tell(what) if what.is_for_desk())
    }
}

/// What a sent message is, for those who later reply to it or edit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remember {
    /// A message of the row's ticket: a reply to it goes there.
    Link,
    /// The card of the row's ticket.
    Card,
    /// A message of the row's ticket that shows these words: when their writer edits them, it is edited too.
    Words(MessageId),
    /// The forum topic of a department; the row's parameters name it.
    Topic,
}

/// One thing to send.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxItem {
    /// Its id; ids grow with time.
    pub id: Uuid,
    /// Smaller goes first.
    pub priority: i64,
    /// Where to, where known.
    pub chat_id: Option<i64>,
    /// About which ticket.
    pub ticket_id: Option<Uuid>,
    /// What.
    pub payload: Payload,
    /// Same key: sent once.
    pub coalesce_key: Option<String>,
    /// Not before.
    pub not_before: Moment,
    /// Since when it waits.
    pub created_at: Moment,
    /// How often it was tried.
    pub attempts: i64,
    /// The ticket's event it tells the customer of.
    pub event_seq: Option<i64>,
}

/// How sending ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Telegram took it; its message id, where one was made.
    Sent(Option<i64>),
    /// It will never be taken; why.
    Failed(String),
    /// Not needed any more.
    Dropped,
}

impl Delivery {
    const fn state(&self) -> &'static str {
        match self {
            Self::Sent(_) => "sent",
            Self::Failed(_) => "failed",
            Self::Dropped => "dropped",
        }
    }

    const fn message(&self) -> Option<i64> {
        if let Self::Sent(message) = self { *message } else { None }
    }

    const fn error(&self) -> Option<&str> {
        if let Self::Failed(error) = self { Some(error.as_str()) } else { None }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    priority: i64,
    chat_id: Option<i64>,
    ticket_id: Option<Uuid>,
    payload: Json<Payload>,
    coalesce_key: Option<String>,
    not_before: Moment,
    created_at: Moment,
    attempts: i64,
    event_seq: Option<i64>,
}

impl From<Row> for OutboxItem {
    fn from(r: Row) -> Self {
        let Row { id, priority, chat_id, ticket_id, payload, coalesce_key, .. } = r;
        let Row { not_before, created_at, attempts, event_seq, .. } = r;
        Self {
            id,
            priority,
            chat_id,
            ticket_id,
            payload: payload.0,
            coalesce_key,
            not_before,
            created_at,
            attempts,
            event_seq,
        }
    }
}

impl OutboxItem {
    /// Something to be worded later.
    pub fn tell(id: Uuid, what: Outgoing, now: Moment) -> Self {
        Self {
            id,
            priority: what.priority(),
            chat_id: None,
            ticket_id: what.ticket().map(|t| t.0),
            coalesce_key: what.coalesce_key(),
            event_seq: what.told(),
            payload: Payload::Tell(what),
            not_before: now,
            created_at: now,
            attempts: 0,
        }
    }

    /// A finished call to `chat`.
    pub fn call(id: Uuid, chat: i64, call: Call, now: Moment) -> Self {
        let Call { method, params, ticket, remember } = call;
        Self {
            id,
            priority: 2,
            chat_id: Some(chat),
            ticket_id: ticket.map(|t| t.0),
            coalesce_key: None,
            payload: Payload::Call { method, params, remember },
            not_before: now,
            created_at: now,
            attempts: 0,
            event_seq: None,
        }
    }
}

/// What became of one message to a customer.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Delivered {
    /// The event it tells of.
    pub seq: i64,
    /// The word of the row's state: `ready`, `claimed`, `sent`, `failed`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it ended.
    pub sent_at: Option<Moment>,
    /// Why not, in Telegram's words.
    pub error: Option<String>,
}

/// What became of one piece of news, which may be several messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival<'a> {
    /// Part of it will never arrive; in Telegram's words.
    Failed(&'a str),
    /// Part of it is not sent yet, after so many attempts.
    Waiting(i64),
    /// All of it arrived, the last part then.
    Sent(Moment),
}

impl<'a> Arrival<'a> {
    /// The worst of its parts counts; `None` if there are none.
    pub fn of(parts: impl IntoIterator<Item = &'a Delivered>) -> Option<Self> {
        parts.into_iter().map(Self::of_part).min_by_key(|arrival| match arrival {
            Self::Failed(_) => (0, None),
            Self::Waiting(_) => (1, None),
            Self::Sent(at) => (2, Some(std::cmp::Reverse(*at))),
        })
    }

    fn of_part(part: &'a Delivered) -> Self {
        match (part.state.as_str(), part.sent_at) {
            ("failed", _) => Self::Failed(part.error.as_deref().unwrap_or_default()),
            ("sent", Some(at)) => Self::Sent(at),
            _ => Self::Waiting(part.attempts),
        }
    }
}

/// A finished call of the Bot API.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Such as `sendMessage`.
    pub method: String,
    /// Its parameters, `chat_id` included.
    pub params: serde_json::Value,
    /// About which ticket.
    pub ticket: Option<TicketId>,
    /// What the message that it makes is to be remembered as.
    pub remember: Option<Remember>,
}

impl Tx {
    /// Queues something to send.
    pub fn outbox_add(&mut self, item: OutboxItem) {
        self.buffer.outbox.push(item);
    }

    /// From now on what this transaction queues is claimed for this process; [`Tx::commit`] returns it. Only the leader's bot may.
    pub fn outbox_claims(&mut self) {
        self.buffer.claims = true;
    }

    /// There is no desk group: what this transaction queues for it is not stored, as nobody would ever be sent it.
    pub fn outbox_deskless(&mut self) {
        self.buffer.deskless = true;
    }

    /// Claims what is ready, most urgent first.
    pub async fn outbox_claim(&mut self, now: Moment, limit: i64) -> Result<Vec<OutboxItem>> {
        let text = claiming(
            self.is_postgres(),
            "SELECT id FROM outbox WHERE state = 'ready' AND not_before <= $1 ORDER BY priority, id LIMIT $2",
            "UPDATE outbox SET state = 'claimed' FROM chosen WHERE id = chosen_id
             RETURNING id, priority, chat_id, ticket_id, payload, coalesce_key, not_before, created_at, attempts, event_seq",
        );
        let rows = sql!(self, fetch_all as Row, AssertSqlSafe(text.clone()), now, limit)?;
        let mut items: Vec<_> = rows.into_iter().map(OutboxItem::from).collect();
        items.sort_by_key(|i| (i.priority, i.id));
        Ok(items)
    }

    /// Says of parts of a broadcast that they are being sent now: after a crash nobody knows whether they were, so they are not
    /// repeated.
    pub async fn outbox_trying(&mut self, ids: &[Uuid]) -> Result<()> {
        bulk_keys!(self, "UPDATE outbox SET error = 'trying' WHERE id IN (", ")", ids, |id| *id);
        Ok(())
    }

    /// A new leader takes over what the last one had claimed and not settled, as [`Self::outbox_release`] does.
    pub async fn outbox_release_all(&mut self) -> Result<u64> {
        let claimed = self.outbox_claimed().await?;
        self.outbox_release(&claimed).await
    }

    /// What is claimed and not settled, oldest first.
    pub async fn outbox_claimed(&mut self) -> Result<Vec<Uuid>> {
        self.flush().await?;
        Ok(sql!(self, fetch_all scalar Uuid, "SELECT id FROM outbox WHERE state = 'claimed' ORDER BY id")?)
    }

    /// Makes claimed rows ready again, and says how many. Of several with one key one is enough, and none where a newer one waits
    /// already; what a broadcast was sending in that moment is written down as uncertain.
    pub async fn outbox_release(&mut self, claimed: &[Uuid]) -> Result<u64> {
        bulk_keys!(
            self,
            "UPDATE outbox SET state = 'failed', error = 'uncertain'
             WHERE state = 'claimed' AND priority = 7 AND error = 'trying' AND id IN (",
            ")",
            claimed,
            |id| *id
        );
        bulk_keys!(
            self,
            "UPDATE outbox SET state = 'dropped' WHERE state = 'claimed' AND coalesce_key IS NOT NULL AND (
                coalesce_key IN (SELECT coalesce_key FROM outbox WHERE state = 'ready' AND coalesce_key IS NOT NULL)
                OR EXISTS (SELECT 1 FROM outbox o WHERE o.state = 'claimed' AND o.coalesce_key = outbox.coalesce_key
                    AND o.id < outbox.id)) AND id IN (",
            ")",
            claimed,
            |id| *id
        );
        Ok(bulk_keys!(
            self,
            "UPDATE outbox SET state = 'ready' WHERE state = 'claimed' AND id IN (",
            ")",
            claimed,
            |id| *id
        ))
    }

    /// Makes claimed rows ready again, but not before `until`.
    pub async fn outbox_defer(&mut self, claimed: &[Uuid], until: Moment) -> Result<u64> {
        bulk_keys!(
            self,
            "UPDATE outbox SET not_before = v.column2 FROM (",
            ") AS v WHERE outbox.id = v.column1 AND outbox.not_before < v.column2",
            claimed,
            |id| *id,
            until
        );
        self.outbox_release(claimed).await
    }

    /// Writes down how sending ended.
    pub async fn outbox_settle(&mut self, id: Uuid, delivery: &Delivery, now: Moment) -> Result<()> {
        self.outbox_settle_all(&[(id, delivery.clone())], now).await
    }

    /// Writes down how sending several things ended.
    pub async fn outbox_settle_all(&mut self, ended: &[(Uuid, Delivery)], now: Moment) -> Result<()> {
        bulk_keys!(
            self,
            "UPDATE outbox SET state = v.column2, sent_at = v.column3, message_id = v.column4, error = v.column5,
                attempts = outbox.attempts + 1 FROM (",
            ") AS v WHERE outbox.id = v.column1",
            ended,
            |e| e.0,
            e.1.state(),
            now,
            e.1.message(),
            e.1.error(),
        );
        Ok(())
    }

    /// Forgets answers that were sent and belong to no ticket.
    pub async fn outbox_forget(&mut self, ids: &[Uuid]) -> Result<()> {
        bulk_keys!(self, "DELETE FROM outbox WHERE id IN (", ")", ids, |id| *id);
        Ok(())
    }

    /// Tries again later: the item stays claimed by this process, the row remembers the attempt.
    pub async fn outbox_postpone(&mut self, id: Uuid, until: Moment, error: &str) -> Result<()> {
        sql!(
            self,
            execute,
            "UPDATE outbox SET not_before = $2, attempts = attempts + 1, error = $3 WHERE id = $1",
            id,
            until,
            error
        )?;
        Ok(())
    }

    /// Whether anything is ready to be claimed.
    pub async fn outbox_ready(&mut self, now: Moment) -> Result<bool> {
        let one = sql!(self, fetch_optional scalar i64,
            "SELECT priority FROM outbox WHERE state = 'ready' AND not_before <= $1 LIMIT 1", now)?;
        Ok(one.is_some())
    }

    /// How many messages wait.
    pub async fn outbox_pending(&mut self) -> Result<i64> {
        self.flush().await?;
        Ok(
            sql!(self, fetch_one scalar i64, "SELECT COUNT(*) FROM outbox WHERE state IN ('ready', 'claimed')")?,
        )
    }

    /// Why the latest news for the customer did not arrive; `None` once something did.
    pub async fn outbox_failure(&mut self, ticket: TicketId) -> Result<Option<String>> {
        let last = sql!(self, fetch_optional scalar Option<String>,
            "SELECT error FROM (
                SELECT id, sent_at, error FROM outbox
                WHERE ticket_id = $1 AND event_seq IS NOT NULL AND state IN ('sent', 'failed')
                UNION ALL
                SELECT id, sent_at, CASE WHEN state = 'failed' THEN error END AS error FROM mail_out
                WHERE ticket_id = $1 AND event_seq IS NOT NULL AND state IN ('sent', 'failed')) AS told
             ORDER BY sent_at DESC, id DESC LIMIT 1",
            ticket.0)?;
        Ok(last.flatten())
    }

    /// What became of the news that a ticket's customer was to hear: by event, oldest first; an event may have several messages.
    pub async fn outbox_deliveries(&mut self, ticket: TicketId) -> Result<Vec<Delivered>> {
        self.flush().await?;
        Ok(sql!(
            self,
            fetch_all as Delivered,
            "SELECT seq, state, attempts, sent_at, error FROM (
                SELECT id, event_seq AS seq, state, attempts, sent_at, error FROM outbox
                WHERE ticket_id = $1 AND event_seq IS NOT NULL AND state <> 'dropped'
                UNION ALL
                SELECT id, event_seq AS seq, state, attempts, sent_at, error FROM mail_out
                WHERE ticket_id = $1 AND event_seq IS NOT NULL AND state <> 'dropped') AS told
             ORDER BY seq, id",
            ticket.0
        )?)
    }

    /// Deletes what was sent or dropped before `before`, at most `limit`. Failures stay.
    pub async fn outbox_prune(&mut self, before: Moment, limit: i64) -> Result<u64> {
        Ok(sql!(
            self,
            execute,
            "DELETE FROM outbox WHERE id IN (
                SELECT id FROM outbox WHERE state IN ('sent', 'dropped') AND sent_at < $1 LIMIT $2)",
            before,
            limit
        )?)
    }
}
