//! Actions and approvals, as the provisioner checks and executes them.

use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Result, Tx, ensure_rows, sql};
use crate::clock::Moment;
use crate::domain::action::ActionSpec;
use crate::domain::ids::{ActionId, TicketId};
use crate::domain::plan::Plan;

/// An action as it stands in the database: claims that the provisioner's guard checks one by one.
#[derive(Debug, Clone)]
pub struct StoredAction {
    /// Its id.
    pub id: ActionId,
    /// Its ticket.
    pub ticket: TicketId,
    /// What is to be done; `None` if it does not read.
    pub spec: Option<ActionSpec>,
    /// What that changes; `None` while it is being planned, or if it does not read.
    pub plan: Option<Plan>,
    /// What approvals are bound to; empty while it is being planned.
    pub digest: String,
    /// When it lapses.
    pub expires_at: Moment,
    /// When it was proposed.
    pub proposed_at: Moment,
    /// The executor's notes, `{}` at first.
    pub progress: Value,
    /// When it ended.
    pub finished_at: Option<Moment>,
}

/// One approval.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Approval {
    /// A staff id, or `policy`.
    pub approver: String,
    /// The digest that was approved.
    pub digest: String,
    /// When.
    pub approved_at: Moment,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    ticket_id: Uuid,
    spec: Json<Value>,
    plan: Option<Json<Value>>,
    digest: String,
    expires_at: Moment,
    proposed_at: Moment,
    progress: Json<Value>,
    finished_at: Option<Moment>,
}

impl Tx {
    /// Stores an action that is wanted.
    pub async fn action_add(
        &mut self,
        (id, ticket): (ActionId, TicketId),
        spec: &ActionSpec,
        expires_at: Moment,
        now: Moment,
    ) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO action (id, ticket_id, kind, spec, digest, expires_at, proposed_at, progress)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            id.0,
            ticket.0,
            spec.kind(),
            Json(spec),
            "",
            expires_at,
            now,
            Json(serde_json::json!({}))
        )?;
        Ok(())
    }

    /// Stores what an action would change, and from when on approvals are asked for.
    pub async fn action_plan(
        &mut self,
        id: ActionId,
        plan: &Plan,
        digest: &str,
        expires_at: Moment,
    ) -> Result<()> {
        let n = sql!(
            self,
            execute,
            "UPDATE action SET plan = $2, digest = $3, expires_at = $4 WHERE id = $1 AND finished_at IS NULL",
            id.0,
            Json(plan),
            digest,
            expires_at
        )?;
        ensure_rows(n, 1, "action", id)
    }

    /// Stores an approval; the same person's second one changes nothing.
    pub async fn approval_add(
        &mut self,
        action: ActionId,
        approver: &str,
        digest: &str,
        now: Moment,
    ) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO approval (action_id, approver, digest, approved_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (action_id, approver) DO NOTHING",
            action.0,
            approver,
            digest,
            now
        )?;
        Ok(())
    }

    /// An action.
    pub async fn action_fetch(&mut self, id: ActionId) -> Result<Option<StoredAction>> {
        let row = sql!(
            self,
            fetch_optional as Row,
            "SELECT id, ticket_id, spec, plan, digest, expires_at, proposed_at, progress, finished_at FROM action WHERE id = $1",
            id.0
        )?;
        Ok(row.map(|r| StoredAction {
            id: ActionId(r.id),
            ticket: TicketId(r.ticket_id),
            spec: serde_json::from_value(r.spec.0).ok(),
            plan: r.plan.and_then(|plan| serde_json::from_value(plan.0).ok()),
            digest: r.digest,
            expires_at: r.expires_at,
            proposed_at: r.proposed_at,
            progress: r.progress.0,
            finished_at: r.finished_at,
        }))
    }

    /// Who approved an action, in order.
    pub async fn approvals(&mut self, action: ActionId) -> Result<Vec<Approval>> {
        Ok(sql!(
            self,
            fetch_all as Approval,
            "SELECT approver, digest, approved_at FROM approval WHERE action_id = $1 ORDER BY approved_at, approver",
            action.0
        )?)
    }

    /// Writes down how far the executor has come. Fails if the action has ended.
    pub async fn action_progress(&mut self, id: ActionId, progress: &Value) -> Result<()> {
        let n = sql!(
            self,
            execute,
            "UPDATE action SET progress = $2 WHERE id = $1 AND finished_at IS NULL",
            id.0,
            Json(progress)
        )?;
        ensure_rows(n, 1, "action", id)
    }

    /// The action ended, with `outcome` as a word.
    pub async fn action_finish(&mut self, id: ActionId, outcome: &str, now: Moment) -> Result<()> {
        let n = sql!(
            self,
            execute,
            "UPDATE action SET finished_at = $2, outcome = $3 WHERE id = $1 AND finished_at IS NULL",
            id.0,
            now,
            outcome
        )?;
        ensure_rows(n, 1, "action", id)
    }

    /// The action's ticket ended; an action that has not ended lapses with it.
    pub async fn action_void(&mut self, id: ActionId, now: Moment) -> Result<()> {
        sql!(
            self,
            execute,
            "UPDATE action SET finished_at = $2, outcome = 'void' WHERE id = $1 AND finished_at IS NULL",
            id.0,
            now
        )?;
        Ok(())
    }
}
