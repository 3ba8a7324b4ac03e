//! Broadcasts: what customers are told of works and outages, and how far it has got. Who is told waits in the outbox.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Result, Tx, sql, unreadable};
use crate::clock::Moment;
use crate::domain::actor::Actor;
use crate::domain::kind::Terms;
use crate::domain::lang::Lang;

word_enum! {
    /// What a broadcast is about.
    pub enum About {
        /// Works that are announced ahead (C4).
        PlannedWorks = "planned_works",
        /// Something is broken.
        Outage = "outage",
    }
}

/// Whom a broadcast is for: customers who rent something that fits everything that is set; with nothing set, every customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Audience {
    /// With a VM in this zone.
    pub zone: Option<String>,
    /// With a place in this cluster.
    pub cluster: Option<String>,
    /// With a service of these terms.
    pub terms: Option<Terms>,
    /// This customer alone.
    pub customer: Option<String>,
    /// With a service that this incident affects.
    pub incident: Option<Uuid>,
}

/// Words in each language.
pub type Bodies = BTreeMap<Lang, String>;

/// A broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broadcast {
    /// Its row.
    pub id: Uuid,
    /// What it is about.
    pub about: About,
    /// The words.
    pub body: Bodies,
    /// For whom.
    pub audience: Audience,
    /// How many chats it went to.
    pub chats: i64,
    /// Customers whom nobody can be told in Telegram.
    pub unreachable: Vec<String>,
    /// Who sent it.
    pub made_by: Actor,
    /// When.
    pub made_at: Moment,
}

/// Somebody to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The customer's name.
    pub customer: String,
    /// The private chat of one of its contacts; `None` if nobody of theirs uses the bot.
    pub chat: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    about: String,
    body: Json<Bodies>,
    audience: Json<Audience>,
    chats: i64,
    unreachable: Json<Vec<String>>,
    made_by: Json<Actor>,
    made_at: Moment,
}

impl Row {
    fn read(self) -> Result<Broadcast> {
        Ok(Broadcast {
            about: self.about.parse().map_err(|e: String| unreadable("broadcast", self.id, e))?,
            id: self.id,
            body: self.body.0,
            audience: self.audience.0,
            chats: self.chats,
            unreachable: self.unreachable.0,
            made_by: self.made_by.0,
            made_at: self.made_at,
        })
    }
}

impl Tx {
    /// Whom an audience means: each chat once, and each customer without any.
    pub async fn audience(&mut self, audience: &Audience) -> Result<Vec<Recipient>> {
        let rows = sql!(
            self,
            fetch_all as (String, Option<i64>),
            "SELECT DISTINCT k.name, a.telegram_id FROM customer k
             LEFT JOIN contact c ON c.customer_id = k.id AND c.retired_at IS NULL
             LEFT JOIN binding b ON b.contact_id = c.id
             LEFT JOIN account a ON a.telegram_id = b.telegram_id AND a.blocked_at IS NULL
             WHERE k.retired_at IS NULL AND ($4 IS NULL OR k.id = $4)
             AND (CAST($5 AS TEXT) IS NULL OR EXISTS (
                SELECT 1 FROM incident_service i JOIN service v ON v.id = i.service_id
                WHERE i.incident_id = $6 AND v.customer_id = k.id))
             AND (($1 IS NULL AND $2 IS NULL AND $3 IS NULL) OR EXISTS (
                SELECT 1 FROM service s WHERE s.customer_id = k.id AND s.retired_at IS NULL
                AND ($1 IS NULL OR s.zone_id = $1) AND ($2 IS NULL OR s.cluster_id = $2) AND ($3 IS NULL OR s.kind = $3)))
             ORDER BY k.name, a.telegram_id",
            audience.zone.as_deref(),
            audience.cluster.as_deref(),
            audience.terms.map(Terms::as_str),
            audience.customer.as_deref(),
            audience.incident.map(|id| id.to_string()),
            audience.incident
        )?;
        let reached: std::collections::HashSet<String> =
            rows.iter().filter(|r| r.1.is_some()).map(|r| r.0.clone()).collect();
        let mut seen = std::collections::HashSet::new();
        Ok(rows
            .into_iter()
            .filter(|(customer, chat)| match chat {
                Some(chat) => seen.insert(*chat),
                None => !reached.contains(customer),
            })
            .map(|(customer, chat)| Recipient { customer, chat })
            .collect())
    }

    /// Stores a broadcast.
    pub async fn broadcast_add(&mut self, broadcast: &Broadcast) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO broadcast (id, about, body, audience, chats, unreachable, made_by, made_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            broadcast.id,
            broadcast.about.as_str(),
            Json(&broadcast.body),
            Json(&broadcast.audience),
            broadcast.chats,
            Json(&broadcast.unreachable),
            Json(&broadcast.made_by),
            broadcast.made_at
        )?;
        Ok(())
    }

    /// One broadcast.
    pub async fn broadcast_fetch(&mut self, id: Uuid) -> Result<Option<Broadcast>> {
        sql!(
            self,
            fetch_optional as Row,
            "SELECT id, about, body, audience, chats, unreachable, made_by, made_at FROM broadcast WHERE id = $1",
            id
        )?
        .map(Row::read)
        .transpose()
    }

    /// The latest ones, newest first.
    pub async fn broadcasts(&mut self, limit: i64) -> Result<Vec<Broadcast>> {
        sql!(
            self,
            fetch_all as Row,
            "SELECT id, about, body, audience, chats, unreachable, made_by, made_at FROM broadcast
             ORDER BY made_at DESC, id DESC LIMIT $1",
            limit
        )?
        .into_iter()
        .map(Row::read)
        .collect()
    }

    /// How far a broadcast has got: how many chats, by the word of their state.
    pub async fn broadcast_progress(&mut self, id: Uuid) -> Result<BTreeMap<String, i64>> {
        self.flush().await?;
        let rows = sql!(
            self,
            fetch_all as (String, i64),
            "SELECT state, COUNT(*) FROM outbox WHERE priority = 7 AND coalesce_key LIKE $1 GROUP BY state",
            format!("broadcast/{id}/%")
        )?;
        Ok(rows.into_iter().collect())
    }
}
