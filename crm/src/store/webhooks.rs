//! Webhooks and what they are told: a delivery is written with its event, leased by one process, and settled.

use std::collections::BTreeSet;

use sqlx::AssertSqlSafe;
use sqlx::types::Json;
use uuid::Uuid;

use super::claim::claiming;
use super::{Result, Tx, bulk, sql};
use crate::clock::Moment;
use crate::domain::audit::{EventRecord, sha256_hex};

/// Who is told of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: Uuid,
    /// Where it is told.
    pub url: String,
    /// Of which events.
    pub words: BTreeSet<String>,
    /// Since when.
    pub created_at: Moment,
}

#[derive(sqlx::FromRow)]
struct WebhookRow {
    id: Uuid,
    url: String,
    words: Json<BTreeSet<String>>,
    created_at: Moment,
}

impl From<WebhookRow> for Webhook {
    fn from(r: WebhookRow) -> Self {
        Self { id: r.id, url: r.url, words: r.words.0, created_at: r.created_at }
    }
}

/// One event on its way to one webhook.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct WebhookDelivery {
    /// Its id: the same however often it is sent.
    pub id: Uuid,
    /// The ticket.
    pub stream: Uuid,
    /// Which of its events.
    pub seq: i64,
    /// `ready`, `sent` or `failed`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// What the receiver answered last.
    pub status: Option<i64>,
    /// Why it was not told.
    pub error: Option<String>,
    /// Since when it waits.
    pub created_at: Moment,
    /// When it ended.
    pub settled_at: Option<Moment>,
}

/// A delivery that this process is to make until its lease runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedDelivery {
    /// Its id.
    pub id: Uuid,
    /// The ticket.
    pub stream: Uuid,
    /// Which of its events.
    pub seq: i64,
    /// How often it was tried before.
    pub attempts: i64,
}

/// How an attempt ended; each with what the receiver answered, if it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryEnd {
    /// It was told.
    Sent(Option<i64>),
    /// It is given up; why.
    Failed(Option<i64>, String),
    /// It is tried again; why, and when.
    Again(Option<i64>, String, Moment),
}

impl Tx {
    /// Stores a webhook.
    pub async fn webhook_add(&mut self, webhook: &Webhook) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO webhook (id, url, words, created_at) VALUES ($1, $2, $3, $4)",
            webhook.id,
            &webhook.url,
            Json(&webhook.words),
            webhook.created_at
        )?;
        Ok(())
    }

    /// The webhooks there are, oldest first.
    pub async fn webhooks(&mut self) -> Result<Vec<Webhook>> {
        let rows = sql!(
            self,
            fetch_all as WebhookRow,
            "SELECT id, url, words, created_at FROM webhook WHERE retired_at IS NULL ORDER BY created_at, id"
        )?;
        Ok(rows.into_iter().map(Webhook::from).collect())
    }

    /// One webhook, unless it was deleted.
    pub async fn webhook_fetch(&mut self, id: Uuid) -> Result<Option<Webhook>> {
        let row = sql!(
            self,
            fetch_optional as WebhookRow,
            "SELECT id, url, words, created_at FROM webhook WHERE id = $1 AND retired_at IS NULL",
            id
        )?;
        Ok(row.map(Webhook::from))
    }

    /// Deletes a webhook; what waits for it is given up. `false`: there is none.
    pub async fn webhook_retire(&mut self, id: Uuid, now: Moment) -> Result<bool> {
        let rows = sql!(
            self,
            execute,
            "UPDATE webhook SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL",
            id,
            now
        )?;
        sql!(
            self,
            execute,
            "UPDATE webhook_delivery SET state = 'failed', error = 'the webhook was deleted', settled_at = $2
             WHERE webhook_id = $1 AND state = 'ready'",
            id,
            now
        )?;
        Ok(rows == 1)
    }

    /// Queues what the webhooks want to be told of these events. Every service does it, so it reads no addresses.
    pub(super) async fn deliveries_add(&mut self, events: &[EventRecord]) -> Result<()> {
        let webhooks = sql!(
            self,
            fetch_all as (Uuid, Json<BTreeSet<String>>),
            "SELECT id, words FROM webhook WHERE retired_at IS NULL"
        )?;
        let rows: Vec<(Uuid, Uuid, &EventRecord)> = webhooks
            .iter()
            .flat_map(|(id, words)| {
                let wanted = events.iter().filter(|e| words.contains(e.event.word()));
                wanted.map(|e| (delivery(*id, e), *id, e))
            })
            .collect();
        bulk!(
            self,
            "INSERT INTO webhook_delivery (id, webhook_id, stream, seq, state, not_before, attempts, created_at)",
            "ON CONFLICT (id) DO NOTHING",
            rows.as_slice(),
            |r| r.0,
            r.1,
            r.2.stream,
            r.2.seq,
            "ready",
            r.2.recorded_at,
            0i64,
            r.2.recorded_at,
        );
        Ok(())
    }

    /// What a webhook was or is to be told, newest first, at most `limit`; of one state, or all.
    pub async fn deliveries(
        &mut self,
        webhook: Uuid,
        state: Option<&str>,
        limit: i64,
    ) -> Result<Vec<WebhookDelivery>> {
        self.flush().await?;
        Ok(sql!(
            self,
            fetch_all as WebhookDelivery,
            "SELECT id, stream, seq, state, attempts, status, error, created_at, settled_at FROM webhook_delivery
             WHERE webhook_id = $1 AND ($2 IS NULL OR state = $2) ORDER BY created_at DESC, stream DESC, seq DESC LIMIT $3",
            webhook,
            state,
            limit
        )?)
    }

    /// Has a delivery sent again, under the same id. `false`: this webhook has no such delivery.
    pub async fn delivery_replay(&mut self, webhook: Uuid, delivery: Uuid, now: Moment) -> Result<bool> {
        let rows = sql!(
            self,
            execute,
            "UPDATE webhook_delivery SET state = 'ready', not_before = $3, attempts = 0, settled_at = NULL,
                lease_until = NULL, worker = NULL
             WHERE id = $2 AND webhook_id = $1",
            webhook,
            delivery,
            now
        )?;
        Ok(rows == 1)
    }

    /// The webhooks that something is due for.
    pub async fn webhooks_due(&mut self, now: Moment) -> Result<Vec<Uuid>> {
        Ok(sql!(self, fetch_all scalar Uuid,
            "SELECT DISTINCT webhook_id FROM webhook_delivery WHERE state = 'ready' AND not_before <= $1
             AND (lease_until IS NULL OR lease_until < $1)", now)?)
    }

    /// Leases due deliveries of one webhook for `worker` until `until`: what waits longest first, in the order of their events.
    pub async fn delivery_claim(
        &mut self,
        webhook: Uuid,
        worker: &str,
        (now, until): (Moment, Moment),
        limit: i64,
    ) -> Result<Vec<ClaimedDelivery>> {
        let text = claiming(
            self.is_postgres(),
            "SELECT id FROM webhook_delivery WHERE webhook_id = $4 AND state = 'ready' AND not_before <= $3
                AND (lease_until IS NULL OR lease_until < $3) ORDER BY not_before, stream, seq LIMIT $5",
            "UPDATE webhook_delivery SET worker = $1, lease_until = $2 FROM chosen WHERE id = chosen_id
             RETURNING id, stream, seq, attempts",
        );
        let rows = sql!(
            self,
            fetch_all as (Uuid, Uuid, i64, i64),
            AssertSqlSafe(text.clone()),
            worker,
            until,
            now,
            webhook,
            limit
        )?;
        let mut claimed: Vec<ClaimedDelivery> = rows
            .into_iter()
            .map(|(id, stream, seq, attempts)| ClaimedDelivery { id, stream, seq, attempts })
            .collect();
        claimed.sort_by_key(|d| (d.stream, d.seq));
        Ok(claimed)
    }

    /// Writes down how an attempt ended, unless the lease was lost to another process, which writes it down.
    pub async fn delivery_settle(
        &mut self,
        id: Uuid,
        worker: &str,
        end: &DeliveryEnd,
        now: Moment,
    ) -> Result<bool> {
        let (state, status, error, again) = match end {
            DeliveryEnd::Sent(status) => ("sent", *status, None, None),
            DeliveryEnd::Failed(status, why) => ("failed", *status, Some(why.as_str()), None),
            DeliveryEnd::Again(status, why, at) => ("ready", *status, Some(why.as_str()), Some(*at)),
        };
        let settled = again.is_none().then_some(now);
        let rows = sql!(
            self,
            execute,
            "UPDATE webhook_delivery SET state = $3, status = $4, error = $5, not_before = $6, settled_at = $7,
                attempts = attempts + 1, lease_until = NULL
             WHERE id = $1 AND worker = $2 AND state = 'ready'",
            id,
            worker,
            state,
            status,
            error,
            again.unwrap_or(now),
            settled
        )?;
        Ok(rows == 1)
    }

    /// Forgets what ended before `before`, told or given up, at most `limit`.
    pub async fn deliveries_prune(&mut self, before: Moment, limit: i64) -> Result<u64> {
        Ok(sql!(
            self,
            execute,
            "DELETE FROM webhook_delivery WHERE id IN (
                SELECT id FROM webhook_delivery WHERE state <> 'ready' AND settled_at < $1 LIMIT $2)",
            before,
            limit
        )?)
    }
}

/// The id of a delivery follows from what it tells whom: the same event is told once.
fn delivery(webhook: Uuid, event: &EventRecord) -> Uuid {
    let digest = sha256_hex(format!("{webhook}/{}/{}", event.stream, event.seq).as_bytes());
    let half = u128::from_str_radix(&digest[..32], 16).unwrap_or_default();
    uuid::Builder::from_custom_bytes(half.to_be_bytes()).into_uuid()
}
