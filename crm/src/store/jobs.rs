//! Jobs: work that a worker leases, does, and settles. A lease that runs out makes the job ready again.

use sqlx::types::Json;
use uuid::Uuid;

use super::{Result, Tx, ensure_rows, sql};
use crate::clock::Moment;
use crate::domain::job::{Job, Lane};

/// A job to be queued.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Its id.
    pub id: Uuid,
    /// What to do.
    pub payload: Job,
    /// Not before.
    pub run_at: Moment,
}

/// A job that this worker holds until its lease runs out.
#[derive(Debug, Clone)]
pub struct ClaimedJob {
    /// Its id.
    pub id: Uuid,
    /// What to do.
    pub payload: Job,
    /// 1 for the first attempt.
    pub attempt: i64,
    /// Since when it was due.
    pub run_at: Moment,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    payload: Json<serde_json::Value>,
    attempt: i64,
    run_at: Moment,
}

impl Tx {
    /// Queues a job, unless the same work is queued or running already.
    pub fn job_add(&mut self, job: NewJob) {
        self.buffer.jobs.push(job);
    }

    /// Leases one due job of `lane` for `worker` until `lease_until`. `None`: nothing due, or another worker was quicker.
    ///
    /// A payload this program does not know (an upgrade the other way round) is parked as dead rather than tried for ever.
    pub async fn job_claim(
        &mut self,
        lane: Lane,
        worker: &str,
        now: Moment,
        lease_until: Moment,
    ) -> Result<Option<ClaimedJob>> {
        // The outer `state` test is what makes this safe: whoever lost the race updates nothing.
        let row = if self.is_postgres() {
            sql!(self, fetch_optional as Row,
                "UPDATE job SET state = 'running', attempt = attempt + 1, worker = $1, lease_until = $2
                 WHERE state = 'ready' AND id = (SELECT id FROM job WHERE state = 'ready' AND lane = $3 AND run_at <= $4
                     ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
                 RETURNING id, payload, attempt, run_at", worker, lease_until, lane.as_str(), now)?
        } else {
            sql!(self, fetch_optional as Row,
                "UPDATE job SET state = 'running', attempt = attempt + 1, worker = $1, lease_until = $2
                 WHERE state = 'ready' AND id = (SELECT id FROM job WHERE state = 'ready' AND lane = $3 AND run_at <= $4
                     ORDER BY run_at, id LIMIT 1)
                 RETURNING id, payload, attempt, run_at", worker, lease_until, lane.as_str(), now)?
        };
        let Some(row) = row else { return Ok(None) };
        match serde_json::from_value(row.payload.0) {
            Ok(payload) => {
                Ok(Some(ClaimedJob { id: row.id, payload, attempt: row.attempt, run_at: row.run_at }))
            }
            Err(e) => {
                tracing::error!(job = %row.id, error = %e, "job of an unknown kind parked");
                self.job_bury(row.id, worker, &e.to_string()).await?;
                Ok(None)
            }
        }
    }

    /// Prolongs a lease. `false`: it was lost to another worker, stop.
    pub async fn job_heartbeat(&mut self, id: Uuid, worker: &str, lease_until: Moment) -> Result<bool> {
        let n = sql!(
            self,
            execute,
            "UPDATE job SET lease_until = $3 WHERE id = $1 AND worker = $2 AND state = 'running'",
            id,
            worker,
            lease_until
        )?;
        Ok(n == 1)
    }

    /// The job is done. Fails if the lease was lost, and with it the whole transaction.
    pub async fn job_done(&mut self, id: Uuid, worker: &str) -> Result<()> {
        let n = sql!(
            self,
            execute,
            "UPDATE job SET state = 'done', lease_until = NULL, error = NULL
             WHERE id = $1 AND worker = $2 AND state = 'running'",
            id,
            worker
        )?;
        ensure_rows(n, 1, "job", id)
    }

    /// Tries again at `run_at`.
    pub async fn job_retry(&mut self, id: Uuid, worker: &str, run_at: Moment, error: &str) -> Result<()> {
        let n = sql!(
            self,
            execute,
            "UPDATE job SET state = 'ready', lease_until = NULL, run_at = $3, error = $4
             WHERE id = $1 AND worker = $2 AND state = 'running'",
            id,
            worker,
            run_at,
            error
        )?;
        ensure_rows(n, 1, "job", id)
    }

    /// Gives a job up; it stays visible.
    pub async fn job_bury(&mut self, id: Uuid, worker: &str, error: &str) -> Result<()> {
        let n = sql!(
            self,
            execute,
            "UPDATE job SET state = 'dead', lease_until = NULL, error = $3
             WHERE id = $1 AND worker = $2 AND state = 'running'",
            id,
            worker,
            error
        )?;
        ensure_rows(n, 1, "job", id)
    }

    /// Makes jobs ready again whose worker died. Returns how many.
    pub async fn jobs_reap(&mut self, lane: Lane, now: Moment) -> Result<u64> {
        Ok(sql!(
            self,
            execute,
            "UPDATE job SET state = 'ready', worker = NULL, lease_until = NULL
             WHERE state = 'running' AND lane = $1 AND lease_until < $2",
            lane.as_str(),
            now
        )?)
    }

    /// The running jobs of a lane and who holds them.
    pub async fn jobs_running(&mut self, lane: Lane) -> Result<Vec<(Uuid, String)>> {
        Ok(sql!(
            self,
            fetch_all as (Uuid, String),
            "SELECT id, worker FROM job WHERE state = 'running' AND lane = $1 AND worker IS NOT NULL",
            lane.as_str()
        )?)
    }

    /// Makes a job ready again whose holder is known to be dead.
    pub async fn job_release(&mut self, id: Uuid, holder: &str) -> Result<()> {
        sql!(
            self,
            execute,
            "UPDATE job SET state = 'ready', worker = NULL, lease_until = NULL
             WHERE id = $1 AND worker = $2 AND state = 'running'",
            id,
            holder
        )?;
        Ok(())
    }

    /// When the next job of `lane` is due, or its lease runs out.
    pub async fn jobs_wake_at(&mut self, lane: Lane) -> Result<Option<Moment>> {
        let ready = sql!(self, fetch_one scalar Option<Moment>,
            "SELECT MIN(run_at) FROM job WHERE state = 'ready' AND lane = $1", lane.as_str())?;
        let leased = sql!(self, fetch_one scalar Option<Moment>,
            "SELECT MIN(lease_until) FROM job WHERE state = 'running' AND lane = $1", lane.as_str())?;
        Ok(ready.into_iter().chain(leased).min())
    }

    /// How many jobs are in `state`.
    pub async fn jobs_count(&mut self, state: &str) -> Result<i64> {
        Ok(sql!(self, fetch_one scalar i64, "SELECT COUNT(*) FROM job WHERE state = $1", state)?)
    }

    /// Deletes jobs that were done before `before`, at most `limit`.
    pub async fn jobs_prune(&mut self, before: Moment, limit: i64) -> Result<u64> {
        Ok(sql!(
            self,
            execute,
            "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE state = 'done' AND run_at < $1 LIMIT $2)",
            before,
            limit
        )?)
    }
}
