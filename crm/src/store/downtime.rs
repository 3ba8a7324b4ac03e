//! Intervals of services that did not work, or were being worked on.

use uuid::Uuid;

use super::{Result, Tx, bulk, sql, unreadable};
use crate::clock::Moment;
use crate::domain::credit::Cause;
use crate::domain::ids::ServiceId;
use crate::domain::incident::{Downtime, DowntimeState};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    service_id: String,
    incident_id: Option<Uuid>,
    state: String,
    cause: Option<String>,
    starts: Moment,
    ends: Moment,
    evidence: String,
    announced_at: Option<Moment>,
    proposed_by: String,
    proposed_at: Moment,
    seconded_by: Option<String>,
    seconded_at: Option<Moment>,
    disputed_by: Option<String>,
}

impl Row {
    fn read(self) -> Result<Downtime> {
        let wrong = |e: String| unreadable("downtime", self.id, e);
        Ok(Downtime {
            state: self.state.parse().map_err(wrong)?,
            cause: self.cause.as_deref().map(str::parse).transpose().map_err(wrong)?,
            id: self.id,
            service: ServiceId(self.service_id),
            incident: self.incident_id,
            starts: self.starts,
            ends: self.ends,
            evidence: self.evidence,
            announced_at: self.announced_at,
            proposed_by: self.proposed_by,
            proposed_at: self.proposed_at,
            seconded_by: self.seconded_by,
            seconded_at: self.seconded_at,
            disputed_by: self.disputed_by,
        })
    }
}

fn all(rows: Vec<Row>) -> Result<Vec<Downtime>> {
    rows.into_iter().map(Row::read).collect()
}

impl Tx {
    /// Stores intervals; those whose id is known stay as they are. Returns how many were new.
    pub async fn downtime_add(&mut self, list: &[Downtime]) -> Result<u64> {
        Ok(bulk!(
            self,
            "INSERT INTO downtime (id, service_id, incident_id, state, cause, starts, ends, evidence, announced_at,
                proposed_by, proposed_at, seconded_by, seconded_at, disputed_by)",
            "ON CONFLICT (id) DO NOTHING",
            list,
            |d| d.id,
            d.service.as_str(),
            d.incident,
            d.state.as_str(),
            d.cause.map(Cause::as_str),
            d.starts,
            d.ends,
            &d.evidence,
            d.announced_at,
            &d.proposed_by,
            d.proposed_at,
            d.seconded_by.as_deref(),
            d.seconded_at,
            d.disputed_by.as_deref(),
        ))
    }

    /// One interval.
    pub async fn downtime_fetch(&mut self, id: Uuid) -> Result<Option<Downtime>> {
        sql!(self, fetch_optional as Row, "SELECT * FROM downtime WHERE id = $1", id)?
            .map(Row::read)
            .transpose()
    }

    /// Saves what became of an interval, if it still stands as it was read (`before`); else somebody was quicker, and nothing is saved.
    pub async fn downtime_settle(&mut self, before: &Downtime, after: &Downtime) -> Result<bool> {
        let rows = sql!(
            self,
            execute,
            "UPDATE downtime SET state = $2, cause = $3, evidence = $4, proposed_by = $5, proposed_at = $6, seconded_by = $7,
                seconded_at = $8, disputed_by = $9, announced_at = $12
             WHERE id = $1 AND state = $10 AND (disputed_by = $11 OR (disputed_by IS NULL AND $11 IS NULL))",
            before.id,
            after.state.as_str(),
            after.cause.map(Cause::as_str),
            &after.evidence,
            &after.proposed_by,
            after.proposed_at,
            after.seconded_by.as_deref(),
            after.seconded_at,
            after.disputed_by.as_deref(),
            before.state.as_str(),
            before.disputed_by.as_deref(),
            after.announced_at
        )?;
        Ok(rows == 1)
    }

    /// What nobody has ruled on, seconded or agreed to withdraw yet, oldest first: what touches `from` to `until`, at most `limit`.
    pub async fn downtime_waiting(
        &mut self,
        from: Moment,
        until: Moment,
        limit: i64,
    ) -> Result<Vec<Downtime>> {
        all(sql!(
            self,
            fetch_all as Row,
            "SELECT * FROM downtime WHERE (state IN ('unmeasured', 'proposed') OR (state = 'confirmed' AND disputed_by IS NOT NULL))
             AND starts < $2 AND ends > $1 ORDER BY starts, id LIMIT $3",
            from,
            until,
            limit
        )?)
    }

    /// The intervals of an incident, in order.
    pub async fn downtime_of_incident(&mut self, incident: Uuid) -> Result<Vec<Downtime>> {
        all(sql!(
            self,
            fetch_all as Row,
            "SELECT * FROM downtime WHERE incident_id = $1 ORDER BY starts, service_id, id",
            incident
        )?)
    }

    /// The intervals that touch `from` to `until` of the services whose ids lie after `after` and up to `last`, in `state`, by service
    /// and time.
    pub async fn downtime_between(
        &mut self,
        (after, last): (&str, &str),
        (from, until): (Moment, Moment),
        state: DowntimeState,
    ) -> Result<Vec<Downtime>> {
        all(sql!(
            self,
            fetch_all as Row,
            "SELECT * FROM downtime WHERE service_id > $1 AND service_id <= $2 AND starts < $4 AND ends > $3 AND state = $5
             ORDER BY service_id, starts, id",
            after,
            last,
            from,
            until,
            state.as_str()
        )?)
    }

    /// Intervals that touch `from` to `until`, of one service or of all, in one state or in any, in the order of their ids after `after`,
    /// at most `limit`.
    pub async fn downtime_list(
        &mut self,
        (service, state): (Option<&ServiceId>, Option<DowntimeState>),
        (from, until): (Moment, Moment),
        (after, limit): (Uuid, i64),
    ) -> Result<Vec<Downtime>> {
        all(sql!(
            self,
            fetch_all as Row,
            "SELECT * FROM downtime WHERE starts < $2 AND ends > $1 AND id > $3 AND ($4 = '' OR service_id = $4)
             AND ($5 = '' OR state = $5) ORDER BY id LIMIT $6",
            from,
            until,
            after,
            service.map_or("", ServiceId::as_str),
            state.map_or("", DowntimeState::as_str),
            limit
        )?)
    }

    /// The intervals of one service that touch `from` to `until`, in any state but withdrawn, by time.
    pub async fn downtime_of_service(
        &mut self,
        service: &ServiceId,
        (from, until): (Moment, Moment),
    ) -> Result<Vec<Downtime>> {
        all(sql!(
            self,
            fetch_all as Row,
            "SELECT * FROM downtime WHERE service_id = $1 AND starts < $3 AND ends > $2 AND state <> 'withdrawn' ORDER BY starts, id",
            service.as_str(),
            from,
            until
        )?)
    }
}
