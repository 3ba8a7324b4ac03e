//! What monitoring reported, by fingerprint.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Result, Tx, bulk, fetch_keys, sql};
use crate::clock::Moment;
use crate::domain::ids::{ServiceId, TicketId};

/// Labels or annotations.
pub type Labels = BTreeMap<String, String>;

/// An alert as it was last reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAlert {
    /// Alertmanager's name for this set of labels.
    pub fingerprint: String,
    /// The ticket it is part of.
    pub ticket: TicketId,
    /// Alertmanager's group.
    pub group: String,
    /// The rented service it is about, if one was recognised.
    pub service: Option<ServiceId>,
    /// `alertname`.
    pub name: String,
    /// What identifies it.
    pub labels: Labels,
    /// What describes it.
    pub annotations: Labels,
    /// Since when, by monitoring's own record (C8).
    pub starts_at: Moment,
    /// When it was well again.
    pub resolved_at: Option<Moment>,
    /// When it was reported last.
    pub seen_at: Moment,
    /// How often it began.
    pub times: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    fingerprint: String,
    ticket_id: Uuid,
    group_key: String,
    service_id: Option<String>,
    name: String,
    #[sqlx(json)]
    labels: Labels,
    #[sqlx(json)]
    annotations: Labels,
    starts_at: Moment,
    resolved_at: Option<Moment>,
    seen_at: Moment,
    times: i64,
}

impl From<Row> for StoredAlert {
    fn from(r: Row) -> Self {
        Self {
            fingerprint: r.fingerprint,
            ticket: TicketId(r.ticket_id),
            group: r.group_key,
            service: r.service_id.map(ServiceId),
            name: r.name,
            labels: r.labels,
            annotations: r.annotations,
            starts_at: r.starts_at,
            resolved_at: r.resolved_at,
            seen_at: r.seen_at,
            times: r.times,
        }
    }
}

impl Tx {
    /// Keeps other reports of alerts waiting until this transaction ends: which ticket an alert joins depends on those before it.
    pub async fn alerts_lock(&mut self) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO counter (name, value) VALUES ('alert', 1)
             ON CONFLICT (name) DO UPDATE SET value = counter.value + 1"
        )?;
        Ok(())
    }

    /// The alerts with these fingerprints that were ever reported.
    pub async fn alerts_fetch(&mut self, fingerprints: &[String]) -> Result<Vec<StoredAlert>> {
        if fingerprints.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows = fetch_keys!(
            self,
            Row,
            "SELECT a.fingerprint, a.ticket_id, a.group_key, a.service_id, a.name, a.labels, a.annotations, a.starts_at,
                a.resolved_at, a.seen_at, a.times
             FROM (",
            ") AS t JOIN alert a ON a.fingerprint = t.column1",
            fingerprints,
            |f| f.as_str(),
        );
        rows.sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
        rows.dedup_by(|a, b| a.fingerprint == b.fingerprint);
        Ok(rows.into_iter().map(StoredAlert::from).collect())
    }

    /// Alerts of a ticket, oldest first, at most `limit`.
    pub async fn alerts_of_ticket(&mut self, ticket: TicketId, limit: i64) -> Result<Vec<StoredAlert>> {
        let rows = sql!(
            self,
            fetch_all as Row,
            "SELECT fingerprint, ticket_id, group_key, service_id, name, labels, annotations, starts_at, resolved_at, seen_at, times
             FROM alert WHERE ticket_id = $1 ORDER BY starts_at, fingerprint LIMIT $2",
            ticket.0,
            limit
        )?;
        Ok(rows.into_iter().map(StoredAlert::from).collect())
    }

    /// How many alerts a ticket has: all, and those that still fire.
    pub async fn alerts_count(&mut self, ticket: TicketId) -> Result<(i64, i64)> {
        Ok(sql!(
            self,
            fetch_one as (i64, i64),
            "SELECT COUNT(*), COUNT(*) - COUNT(resolved_at) FROM alert WHERE ticket_id = $1",
            ticket.0
        )?)
    }

    /// Tickets that alerts joined since `since`, newest first: the ticket, group and service of each of their alerts that still fires.
    pub async fn alerts_recent(
        &mut self,
        since: Moment,
        limit: i64,
    ) -> Result<Vec<(Uuid, String, Option<String>, Moment)>> {
        Ok(sql!(
            self,
            fetch_all as (Uuid, String, Option<String>, Moment),
            "SELECT ticket_id, group_key, service_id, MAX(seen_at) FROM alert
             WHERE resolved_at IS NULL AND seen_at >= $1
             GROUP BY ticket_id, group_key, service_id ORDER BY 4 DESC, 1 LIMIT $2",
            since,
            limit
        )?)
    }

    /// The ticket of an alert that still fires for `service`.
    pub async fn alert_ticket_of(&mut self, service: &ServiceId) -> Result<Vec<TicketId>> {
        self.flush().await?;
        let ids = sql!(
            self,
            fetch_all scalar Uuid,
            "SELECT DISTINCT a.ticket_id FROM alert a JOIN ticket t ON t.id = a.ticket_id
             WHERE a.resolved_at IS NULL AND a.service_id = $1 AND t.due_at IS NOT NULL ORDER BY a.ticket_id",
            service.as_str()
        )?;
        Ok(ids.into_iter().map(TicketId).collect())
    }

    /// Stores alerts as they are reported now.
    pub async fn alerts_save(&mut self, alerts: &[StoredAlert]) -> Result<()> {
        bulk!(
            self,
            "INSERT INTO alert (fingerprint, ticket_id, group_key, service_id, name, labels, annotations, starts_at, resolved_at,
                seen_at, times)",
            "ON CONFLICT (fingerprint) DO UPDATE SET ticket_id = excluded.ticket_id, group_key = excluded.group_key,
                service_id = excluded.service_id, name = excluded.name, labels = excluded.labels,
                annotations = excluded.annotations, starts_at = excluded.starts_at, resolved_at = excluded.resolved_at,
                seen_at = excluded.seen_at, times = excluded.times",
            alerts,
            |a| a.fingerprint.as_str(),
            a.ticket.0,
            a.group.as_str(),
            a.service.as_ref().map(ServiceId::as_str),
            a.name.as_str(),
            Json(&a.labels),
            Json(&a.annotations),
            a.starts_at,
            a.resolved_at,
            a.seen_at,
            a.times,
        );
        Ok(())
    }

    /// Forgets alerts that were resolved before `before`.
    pub async fn alerts_prune(&mut self, before: Moment) -> Result<u64> {
        Ok(sql!(self, execute, "DELETE FROM alert WHERE resolved_at < $1", before)?)
    }

    /// The service behind a domain: by zone and name, or by the name alone where only one zone has it.
    pub async fn service_by_domain(&mut self, zone: Option<&str>, domain: &str) -> Result<Option<ServiceId>> {
        let mut found = sql!(
            self,
            fetch_all scalar String,
            "SELECT id FROM service WHERE domain = $2 AND ($1 IS NULL OR zone_id = $1) AND retired_at IS NULL ORDER BY id LIMIT 2",
            zone,
            domain
        )?;
        Ok(if found.len() == 1 { found.pop().map(ServiceId) } else { None })
    }
}
