//! What the HTTP API asks of the store: answers kept for repeated requests.

use uuid::Uuid;

use super::{Result, StoreError, Tx, sql};
use crate::clock::Moment;

/// The answer that a request with an idempotency key got.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Answered {
    /// Digest of method, path and body.
    pub request: String,
    /// HTTP status.
    pub status: i64,
    /// The body, JSON.
    pub body: String,
}

impl Tx {
    /// The answer that was given to this key of this token.
    pub async fn idempotency_fetch(&mut self, token: Uuid, key: &str) -> Result<Option<Answered>> {
        Ok(sql!(
            self,
            fetch_optional as Answered,
            "SELECT request, status, body FROM idempotency WHERE token_id = $1 AND key = $2",
            token,
            key
        )?)
    }

    /// Keeps an answer with what it did. [`StoreError::Conflict`] if somebody sent the same key at the same time: begin anew.
    pub async fn idempotency_add(
        &mut self,
        token: Uuid,
        key: &str,
        answer: &Answered,
        now: Moment,
    ) -> Result<()> {
        let rows = sql!(
            self,
            execute,
            "INSERT INTO idempotency (token_id, key, request, status, body, created_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (token_id, key) DO NOTHING",
            token,
            key,
            &answer.request,
            answer.status,
            &answer.body,
            now
        )?;
        if rows == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Forgets answers from before `before`.
    pub async fn idempotency_prune(&mut self, before: Moment) -> Result<u64> {
        Ok(sql!(self, execute, "DELETE FROM idempotency WHERE created_at < $1", before)?)
    }

    /// Whether there are answers from before `answers`, or alerts resolved before `alerts`.
    pub async fn outdated(&mut self, answers: Moment, alerts: Moment) -> Result<bool> {
        Ok(sql!(
            self,
            fetch_one scalar bool,
            "SELECT EXISTS (SELECT 1 FROM idempotency WHERE created_at < $1)
                OR EXISTS (SELECT 1 FROM alert WHERE resolved_at < $2)",
            answers,
            alerts
        )?)
    }
}
