//! The crm's worker: fires SLA clocks, pages people, tidies up.
//!
//! It sleeps until the next deadline in the database. What it costs follows what is due, not what is open: an index gives the next
//! moment, and a burst is handled in batches, each one transaction.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::clock::Moment;
use crate::domain::actor::Actor;
use crate::domain::decide::Command;
use crate::domain::job::{Job, Lane};
use crate::domain::kind::Queue;
use crate::service::{Service, ServiceError};
use crate::store::{ClaimedJob, Db, NewJob, StoreError, Tx};
use crate::trial;

mod paging;
mod weekly;

/// Tickets per transaction.
const BATCH: i64 = 500;
/// Jobs in a row before the clocks are looked at again: a page may wait for a deadline, not a deadline for a thousand pages.
const JOBS_IN_A_ROW: usize = 10;

/// The crm's worker.
#[derive(Clone)]
pub struct Worker {
    service: Service,
    db: Db,
    /// Distinguishes this process from others that work on the same database.
    name: String,
    /// Hand-overs that are queued already.
    planned: Arc<Mutex<HashSet<(Queue, Moment)>>>,
    /// The Monday whose report is queued already.
    reported: Arc<AtomicI64>,
}

impl Worker {
    /// A worker; `name` is unique among the processes on this database.
    pub fn new(service: Service, db: Db, name: String) -> Self {
        Self { service, db, name, planned: Arc::default(), reported: Arc::default() }
    }

    /// Works until `stop`. Errors are logged and tried again: a broken database must not end the clocks.
    pub async fn run(self, stop: CancellationToken) {
        let mut wakeups = self.db.wakeups();
        let mut next_tidy = self.service.now();
        while !stop.is_cancelled() {
            let pause = match self.round(&mut next_tidy).await {
                Ok(next) => next,
                Err(error) => {
                    tracing::error!(%error, "the SLA clock could not work; trying again in a second");
                    Some(self.service.now() + TimeDelta::seconds(1))
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = async {
                    match pause {
                        Some(moment) => self.service.clock().sleep_until(moment).await,
                        None => std::future::pending().await,
                    }
                } => {}
                // Whatever happens, a look each second.
                () = wakeups.changed(Duration::from_secs(1)) => {}
            }
        }
    }

    /// Everything that is due now; returns when the next thing will be.
    async fn round(&self, next_tidy: &mut Moment) -> Result<Option<Moment>, ServiceError> {
        loop {
            self.fire_due().await?;
            if self.run_some_jobs(JOBS_IN_A_ROW).await? < JOBS_IN_A_ROW {
                break;
            }
        }
        self.plan_shifts().await?;
        self.plan_report().await?;
        if *next_tidy <= self.service.now() {
            self.tidy().await?;
            *next_tidy = self.service.now() + TimeDelta::minutes(10);
        }
        let mut tx = self.db.read().await?;
        let clocks = tx.tickets_wake_at().await?;
        let jobs = tx.jobs_wake_at(Lane::Crm).await?;
        Ok([clocks, jobs].into_iter().flatten().min())
    }

    /// Fires every clock that is due. Returns how many tickets there were.
    pub async fn fire_due(&self) -> Result<usize, ServiceError> {
        let mut fired = 0;
        loop {
            let now = self.service.now();
            // A look costs nothing; a writing transaction would wake everybody, this worker too, for nothing.
            if self.db.read().await?.tickets_wake_at().await?.is_none_or(|wake| wake > now) {
                return Ok(fired);
            }
            if self.db.is_sqlite() {
                fired += Box::pin(self.fire_batch()).await?.unwrap_or_default();
                continue;
            }
            // The server works on one batch while this process decides on the other; neither sees the other's rows.
            let (one, other) = tokio::join!(Box::pin(self.fire_batch()), Box::pin(self.fire_batch()));
            let (one, other) = (one?, other?);
            fired += one.unwrap_or_default() + other.unwrap_or_default();
            if (one, other) == (Some(0), Some(0)) {
                // Another node has all of them in hand.
                return Ok(fired);
            }
        }
    }

    /// Fires the oldest clocks that are due, in one transaction. Returns how many; `None` where somebody changed one of them meanwhile,
    /// and they must be looked at again.
    async fn fire_batch(&self) -> Result<Option<usize>, ServiceError> {
        let mut tx = self.db.begin().await?;
        let due = tx.tickets_due(self.service.now(), BATCH).await?;
        let count = due.len();
        if count == 0 {
            return Ok(Some(0));
        }
        let mut lateness = Vec::with_capacity(count);
        for ticket in due {
            if let Ok(policy) = self.service.policy_of(&ticket) {
                let now = self.service.now();
                lateness
                    .extend(ticket.wake_at(&policy.percents(), policy.close_after_ms).map(|due| now - due));
            }
            let number = ticket.number;
            match self.service.execute_on(&mut tx, ticket.clone(), Command::Tick, &Actor::Clock).await {
                Ok(_) => {}
                Err(ServiceError::Store(e @ StoreError::Inconsistent { .. })) => {
                    // One ticket whose terms are missing must not stop all others; it is looked at again in a minute.
                    tracing::error!(%number, error = %e, "this ticket's clock cannot be computed");
                    tx.ticket_save(ticket, Some(self.service.now() + TimeDelta::minutes(1)));
                }
                Err(e) => return Err(e),
            }
        }
        match tx.commit().await {
            Ok(_) => {
                for late in lateness {
                    metrics::histogram!("komek_timer_lateness_seconds").record(late.as_seconds_f64());
                }
                Ok(Some(count))
            }
            Err(StoreError::Conflict) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// Runs the crm's jobs that are due. Returns how many.
    pub async fn run_jobs(&self) -> Result<usize, ServiceError> {
        self.run_some_jobs(usize::MAX).await
    }

    async fn run_some_jobs(&self, most: usize) -> Result<usize, ServiceError> {
        let mut count = 0;
        while count < most {
            let now = self.service.now();
            if self.db.read().await?.jobs_wake_at(Lane::Crm).await?.is_none_or(|wake| wake > now) {
                return Ok(count);
            }
            let mut tx = self.db.begin().await?;
            tx.jobs_reap(Lane::Crm, now).await?;
            let Some(job) = tx.job_claim(Lane::Crm, &self.name, now, now + TimeDelta::seconds(30)).await?
            else {
                tx.commit().await?;
                return Ok(count);
            };
            match self.run_job(&mut tx, &job, now).await {
                // Claim, work and settlement commit together: a crash leaves the job as it was.
                Ok(()) => {
                    tx.job_done(job.id, &self.name).await?;
                    match tx.commit().await {
                        Ok(_) => count += 1,
                        Err(StoreError::Conflict) => {}
                        Err(e) => return Err(e.into()),
                    }
                }
                Err(e) => {
                    tracing::error!(job = %job.id, error = %e, "job failed");
                    drop(tx);
                    self.job_failed(&job, &e.to_string()).await?;
                }
            }
        }
        Ok(count)
    }

    async fn job_failed(&self, job: &ClaimedJob, error: &str) -> Result<(), ServiceError> {
        let mut tx = self.db.begin().await?;
        let now = self.service.now();
        if tx.job_claim(Lane::Crm, &self.name, now, now).await?.is_some_and(|j| j.id == job.id) {
            if job.attempt >= 10 {
                tx.job_bury(job.id, &self.name, error).await?;
            } else {
                // 1 s, 2 s, 4 s … 64 s.
                let pause = TimeDelta::seconds(1 << job.attempt.clamp(0, 6));
                tx.job_retry(job.id, &self.name, now + pause, error).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }

    async fn run_job(&self, tx: &mut Tx, job: &ClaimedJob, now: Moment) -> Result<(), ServiceError> {
        match &job.payload {
            Job::Page { ticket, step } => paging::page(&self.service, tx, *ticket, *step, now).await,
            Job::Shift { queue, starts } => paging::shift(&self.service, tx, *queue, *starts, now).await,
            Job::Report { monday } => weekly::send(&self.service, tx, *monday, now).await,
            Job::Trial { ticket, granted, told, .. } => {
                let watch = trial::Watch { ticket: *ticket, granted: *granted, told: *told };
                trial::look(&self.service, tx, watch, now).await
            }
            Job::Plan { .. } | Job::Execute { .. } => Ok(()),
        }
    }

    /// Queues the hand-over of the next shift of each rota, unless it is queued.
    pub async fn plan_shifts(&self) -> Result<(), ServiceError> {
        let now = self.service.now();
        let mut tx = self.db.read().await?;
        let mut next = Vec::new();
        for queue in Queue::ALL {
            let Some(rota) = tx.rota_of(*queue).await? else { continue };
            next.extend(rota.next_change(now).map(|starts| (*queue, starts)));
        }
        drop(tx);
        let mut planned = self.planned.lock().await;
        next.retain(|shift| !planned.contains(shift));
        if next.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        for (queue, starts) in &next {
            let payload = Job::Shift { queue: *queue, starts: *starts };
            tx.job_add(NewJob { id: self.service.clock().id(), payload, run_at: *starts });
        }
        tx.commit().await?;
        planned.retain(|shift| shift.1 > now);
        planned.extend(next);
        Ok(())
    }

    /// Queues the report of this week for the next Monday morning, unless it is queued.
    pub async fn plan_report(&self) -> Result<(), ServiceError> {
        let (monday, at) = weekly::next(self.service.now());
        if self.reported.load(Ordering::Relaxed) == monday {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        tx.job_add(NewJob { id: self.service.clock().id(), payload: Job::Report { monday }, run_at: at });
        tx.commit().await?;
        self.reported.store(monday, Ordering::Relaxed);
        Ok(())
    }

    /// Forgets what is done with: raw updates after two days, sent messages and webhooks' deliveries after thirty, jobs after seven,
    /// sessions and forms of the console two days after they ended.
    async fn tidy(&self) -> Result<(), ServiceError> {
        let now = self.service.now();
        let mut tx = self.db.begin().await?;
        tx.inbox_prune(now - TimeDelta::days(2), 5_000).await?;
        tx.outbox_prune(now - TimeDelta::days(30), 5_000).await?;
        tx.deliveries_prune(now - TimeDelta::days(30), 5_000).await?;
        tx.page_log_prune(now - TimeDelta::days(1)).await?;
        tx.jobs_prune(now - TimeDelta::days(7), 5_000).await?;
        // What a one-time link led to and nobody opened in time.
        tx.secrets_forget(now).await?;
        tx.step_ups_forget(now, now - TimeDelta::days(2)).await?;
        tx.web_prune(now - TimeDelta::days(2)).await?;
        tx.commit().await?;
        Ok(())
    }
}
