//! Reporting periods, frozen records of services' months, approvals and claims.

use std::collections::BTreeMap;

use sqlx::types::Json;
use uuid::Uuid;

use super::{PastService, Result, Tx, bulk, sql, unreadable};
use crate::clock::Moment;
use crate::directory::ControlPlane;
use crate::domain::actor::Actor;
use crate::domain::credit::{ClaimKind, Inputs};
use crate::domain::downtime::Month;
use crate::domain::ids::{CustomerId, ServiceId, StaffId, TicketId};

word_enum! {
    /// How a frozen record stands.
    pub enum CreditState {
        /// Nothing is owed.
        Nothing = "nothing",
        /// Somebody must approve.
        Waiting = "waiting",
        /// The discount goes on the bill.
        Approved = "approved",
        /// Whoever answers for it said no.
        Declined = "declined",
        /// A later record took its place.
        Replaced = "replaced",
    }
}

/// A service's month as it was frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditRecord {
    /// 1, 2, 3 … for each correction.
    pub revision: i64,
    /// The terms it was judged under, `vm@2025-09-10`.
    pub policy: String,
    /// Everything else that it depends on, with service, customer and month.
    pub inputs: Inputs,
    /// Downtime, milliseconds.
    pub downtime_ms: i64,
    /// The discount, tiyn.
    pub credit_tiyn: i64,
    /// How it stands.
    pub state: CreditState,
    /// Why there is this record: the closing, or what was corrected.
    pub reason: String,
    /// When it was made.
    pub made_at: Moment,
}

/// A reporting period that is closed, or being closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedPeriod {
    /// Who closed it.
    pub closed_by: Actor,
    /// When.
    pub closed_at: Moment,
    /// When the last service's record was made.
    pub finished_at: Option<Moment>,
}

word_enum! {
    /// How a claim stands.
    pub enum ClaimState {
        /// The customer asks.
        Open = "open",
        /// Somebody of the desk says that it is justified.
        Proposed = "proposed",
        /// A second person agreed.
        Granted = "granted",
        /// It is not.
        Refused = "refused",
    }
}

/// A claim beside the tiers (C10, C11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredClaim {
    /// Its row.
    pub id: Uuid,
    /// Of which service.
    pub service: ServiceId,
    /// For which month.
    pub month: Month,
    /// By which rule.
    pub kind: ClaimKind,
    /// The ticket it was made with.
    pub ticket: Option<TicketId>,
    /// How it stands.
    pub state: ClaimState,
    /// What shows it.
    pub evidence: String,
    /// When it was made.
    pub made_at: Moment,
    /// Who says that it is justified.
    pub proposed_by: Option<String>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Moment>,
}

#[derive(sqlx::FromRow)]
struct CreditRow {
    service_id: String,
    revision: i64,
    policy: String,
    inputs: Json<Inputs>,
    downtime_ms: i64,
    credit_tiyn: i64,
    state: String,
    reason: String,
    made_at: Moment,
}

impl CreditRow {
    fn read(self) -> Result<CreditRecord> {
        Ok(CreditRecord {
            state: self.state.parse().map_err(|e: String| unreadable("credit", &self.service_id, e))?,
            revision: self.revision,
            policy: self.policy,
            inputs: self.inputs.0,
            downtime_ms: self.downtime_ms,
            credit_tiyn: self.credit_tiyn,
            reason: self.reason,
            made_at: self.made_at,
        })
    }
}

#[derive(sqlx::FromRow)]
struct ClaimRow {
    id: Uuid,
    service_id: String,
    month: String,
    kind: String,
    ticket_id: Option<Uuid>,
    state: String,
    evidence: String,
    made_at: Moment,
    proposed_by: Option<String>,
    decided_by: Option<String>,
    decided_at: Option<Moment>,
}

impl ClaimRow {
    fn read(self) -> Result<StoredClaim> {
        let wrong = |e: String| unreadable("claim", self.id, e);
        Ok(StoredClaim {
            month: self.month.parse().map_err(wrong)?,
            kind: self.kind.parse().map_err(wrong)?,
            state: self.state.parse().map_err(wrong)?,
            id: self.id,
            service: ServiceId(self.service_id),
            ticket: self.ticket_id.map(TicketId),
            evidence: self.evidence,
            made_at: self.made_at,
            proposed_by: self.proposed_by,
            decided_by: self.decided_by,
            decided_at: self.decided_at,
        })
    }
}

impl Tx {
    /// Services that exist or existed, with their prices, whose ids lie after `after`, in their order, at most `limit`.
    pub async fn services_after(&mut self, after: &str, limit: i64) -> Result<Vec<PastService>> {
        let last = sql!(
            self,
            fetch_one scalar Option<String>,
            "SELECT MAX(id) FROM (SELECT id FROM service WHERE id > $1 ORDER BY id LIMIT $2) AS batch",
            after,
            limit
        )?;
        match last {
            Some(last) => self.services_within(after, &last).await,
            None => Ok(Vec::new()),
        }
    }

    /// The private chats of everybody who may speak for a customer, each once.
    pub async fn chats_of_customer(&mut self, customer: &CustomerId) -> Result<Vec<i64>> {
        Ok(sql!(
            self,
            fetch_all scalar i64,
            "SELECT DISTINCT a.telegram_id FROM contact c JOIN binding b ON b.contact_id = c.id
             JOIN account a ON a.telegram_id = b.telegram_id AND a.blocked_at IS NULL
             WHERE c.customer_id = $1 AND c.retired_at IS NULL ORDER BY a.telegram_id",
            customer.as_str()
        )?)
    }

    /// The control plane of every cluster there is or was (C3).
    pub async fn control_planes(&mut self) -> Result<BTreeMap<String, ControlPlane>> {
        sql!(self, fetch_all as (String, String), "SELECT id, control_plane FROM cluster")?
            .into_iter()
            .map(|(id, plane)| {
                let plane = plane.parse().map_err(|e: String| unreadable("cluster", &id, e))?;
                Ok((id, plane))
            })
            .collect()
    }

    /// The closing of a period, if it was begun.
    pub async fn period_fetch(&mut self, month: Month) -> Result<Option<ClosedPeriod>> {
        let row = sql!(
            self,
            fetch_optional as (Json<Actor>, Moment, Option<Moment>),
            "SELECT closed_by, closed_at, finished_at FROM period WHERE month = $1",
            month.to_string()
        )?;
        Ok(row.map(|(by, closed_at, finished_at)| ClosedPeriod { closed_by: by.0, closed_at, finished_at }))
    }

    /// Begins the closing of a period; one that was begun stays as it is.
    pub async fn period_begin(&mut self, month: Month, by: &Actor, now: Moment) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO period (month, closed_by, closed_at) VALUES ($1, $2, $3) ON CONFLICT (month) DO NOTHING",
            month.to_string(),
            Json(by),
            now
        )?;
        Ok(())
    }

    /// Every service has its record.
    pub async fn period_finish(&mut self, month: Month, now: Moment) -> Result<bool> {
        let rows = sql!(
            self,
            execute,
            "UPDATE period SET finished_at = $2 WHERE month = $1 AND finished_at IS NULL",
            month.to_string(),
            now
        )?;
        Ok(rows == 1)
    }

    /// Freezes records; one that is there under its revision stays as it is. Returns how many were new.
    pub async fn credits_add(&mut self, records: &[CreditRecord]) -> Result<u64> {
        Ok(bulk!(
            self,
            "INSERT INTO credit (service_id, month, revision, customer_id, policy, inputs, downtime_ms, credit_tiyn, state, reason, made_at)",
            "ON CONFLICT (month, service_id, revision) DO NOTHING",
            records,
            |r| r.inputs.service.as_str(),
            r.inputs.month.to_string(),
            r.revision,
            r.inputs.customer.as_str(),
            &r.policy,
            Json(&r.inputs),
            r.downtime_ms,
            r.credit_tiyn,
            r.state.as_str(),
            &r.reason,
            r.made_at,
        ))
    }

    /// All records of a service's month, oldest first.
    pub async fn credit_revisions(&mut self, service: &ServiceId, month: Month) -> Result<Vec<CreditRecord>> {
        sql!(
            self,
            fetch_all as CreditRow,
            "SELECT * FROM credit WHERE month = $1 AND service_id = $2 ORDER BY revision",
            month.to_string(),
            service.as_str()
        )?
        .into_iter()
        .map(CreditRow::read)
        .collect()
    }

    /// The latest records of a month, or those in one state if said, of services whose ids lie after `after`, in their order, at most
    /// `limit`; of one customer alone, if said.
    pub async fn credits_of_month(
        &mut self,
        month: Month,
        (after, limit): (&str, i64),
        (customer, state): (Option<&CustomerId>, Option<CreditState>),
    ) -> Result<Vec<CreditRecord>> {
        sql!(
            self,
            fetch_all as CreditRow,
            "SELECT * FROM credit WHERE month = $1 AND service_id > $2 AND state <> 'replaced'
             AND ($4 IS NULL OR customer_id = $4) AND (state = $5 OR ($5 IS NULL AND revision = (
                SELECT MAX(last.revision) FROM credit last WHERE last.month = credit.month AND last.service_id = credit.service_id)))
             ORDER BY service_id LIMIT $3",
            month.to_string(),
            after,
            limit,
            customer.map(CustomerId::as_str),
            state.map(CreditState::as_str)
        )?
        .into_iter()
        .map(CreditRow::read)
        .collect()
    }

    /// The months of which a service has a record, newest first.
    pub async fn credit_months(&mut self, service: &ServiceId) -> Result<Vec<Month>> {
        sql!(
            self,
            fetch_all scalar String,
            "SELECT DISTINCT month FROM credit WHERE service_id = $1 ORDER BY month DESC",
            service.as_str()
        )?
        .iter()
        .map(|month| month.parse().map_err(|e: String| unreadable("credit", service, e)))
        .collect()
    }

    /// Changes how a record stands, if it still stands as said.
    pub async fn credit_settle(
        &mut self,
        (service, month, revision): (&ServiceId, Month, i64),
        from: CreditState,
        to: CreditState,
    ) -> Result<bool> {
        let rows = sql!(
            self,
            execute,
            "UPDATE credit SET state = $5 WHERE service_id = $1 AND month = $2 AND revision = $3 AND state = $4",
            service.as_str(),
            month.to_string(),
            revision,
            from.as_str(),
            to.as_str()
        )?;
        Ok(rows == 1)
    }

    /// Notes an approval; one by the same person counts once. Returns who has approved.
    pub async fn credit_approve(
        &mut self,
        (service, month, revision): (&ServiceId, Month, i64),
        staff: &StaffId,
        now: Moment,
    ) -> Result<Vec<StaffId>> {
        sql!(
            self,
            execute,
            "INSERT INTO credit_approval (month, service_id, revision, staff_id, at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (month, service_id, revision, staff_id) DO NOTHING",
            month.to_string(),
            service.as_str(),
            revision,
            staff.as_str(),
            now
        )?;
        let approvers = sql!(
            self,
            fetch_all scalar String,
            "SELECT staff_id FROM credit_approval WHERE month = $1 AND service_id = $2 AND revision = $3 ORDER BY at, staff_id",
            month.to_string(),
            service.as_str(),
            revision
        )?;
        Ok(approvers.into_iter().map(StaffId).collect())
    }

    /// Stores a claim, or what became of it.
    pub async fn claim_save(&mut self, claim: &StoredClaim) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO claim (id, service_id, month, kind, ticket_id, state, evidence, made_at, proposed_by, decided_by, decided_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             ON CONFLICT (id) DO UPDATE SET state = excluded.state, evidence = excluded.evidence, proposed_by = excluded.proposed_by,
                decided_by = excluded.decided_by, decided_at = excluded.decided_at",
            claim.id,
            claim.service.as_str(),
            claim.month.to_string(),
            claim.kind.as_str(),
            claim.ticket.map(|t| t.0),
            claim.state.as_str(),
            &claim.evidence,
            claim.made_at,
            claim.proposed_by.as_deref(),
            claim.decided_by.as_deref(),
            claim.decided_at
        )?;
        Ok(())
    }

    /// One claim.
    pub async fn claim_fetch(&mut self, id: Uuid) -> Result<Option<StoredClaim>> {
        sql!(self, fetch_optional as ClaimRow, "SELECT * FROM claim WHERE id = $1", id)?
            .map(ClaimRow::read)
            .transpose()
    }

    /// The claims on one service in a month, oldest first.
    pub async fn claims_of(&mut self, service: &ServiceId, month: Month) -> Result<Vec<StoredClaim>> {
        sql!(
            self,
            fetch_all as ClaimRow,
            "SELECT * FROM claim WHERE month = $1 AND service_id = $2 ORDER BY made_at, id",
            month.to_string(),
            service.as_str()
        )?
        .into_iter()
        .map(ClaimRow::read)
        .collect()
    }

    /// The claims of a month on services whose ids lie after `after` and up to `last`, by service.
    pub async fn claims_between(
        &mut self,
        month: Month,
        (after, last): (&str, &str),
    ) -> Result<Vec<StoredClaim>> {
        sql!(
            self,
            fetch_all as ClaimRow,
            "SELECT * FROM claim WHERE month = $1 AND service_id > $2 AND service_id <= $3 ORDER BY service_id, made_at, id",
            month.to_string(),
            after,
            last
        )?
        .into_iter()
        .map(ClaimRow::read)
        .collect()
    }

    /// The claims of a month that nobody has decided yet, oldest first.
    pub async fn claims_open(&mut self, month: Month) -> Result<Vec<StoredClaim>> {
        sql!(
            self,
            fetch_all as ClaimRow,
            "SELECT * FROM claim WHERE month = $1 AND state IN ('open', 'proposed') ORDER BY made_at, id",
            month.to_string()
        )?
        .into_iter()
        .map(ClaimRow::read)
        .collect()
    }
}
