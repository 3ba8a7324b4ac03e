//! The provisioner's worker: claims jobs, keeps their leases, has them done by [`crate::errand`], reports what came out.

use std::time::Duration;

use chrono::TimeDelta;
use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::ids::{ActionId, TicketId};
use crm::domain::job::{Job, Lane};
use crm::domain::refusal::Refusal;
use crm::service::{Service, ServiceError};
use crm::store::{ClaimedJob, Db, StoreError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::errand::{Errands, Outcome};
use crate::progress::LEASE;
use crate::quotas;
use crate::report::Timing;
use crate::systems::Systems;

/// Jobs held at a time. Most of them wait for their turn at a place: how many work there is [`crate::errand`]'s business.
const AT_ONCE: usize = 512;

/// The worker; cheap to clone.
#[derive(Clone)]
pub struct Worker {
    service: Service,
    db: Db,
    name: String,
    errands: Errands,
}

impl Worker {
    /// A worker called `name`. `timing` is for everything but the grace of a reboot, which comes with each action.
    pub fn new(service: Service, systems: Systems, name: String, timing: Timing) -> Self {
        let db = systems.db.clone();
        Self { errands: Errands::new(service.clone(), systems, name.clone(), timing), service, db, name }
    }

    /// Works until `stop`; then lets go: what is under way is taken up again by the next start.
    pub async fn run(self, stop: CancellationToken) {
        if let Err(error) = self.take_over_dead().await {
            tracing::warn!(%error, "what a former provisioner held is taken over when its leases run out");
        }
        let mut wakeups = self.db.wakeups();
        let tasks = TaskTracker::new();
        while !stop.is_cancelled() {
            match self.claim(&tasks).await {
                Ok(()) => {}
                Err(error) => tracing::error!(%error, "no actions can be claimed; trying again"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = wakeups.changed(Duration::from_secs(1)) => {}
            }
        }
        tasks.close();
        // A step that acts is given time to be written down; the rest goes on after the next start.
        let _ = tokio::time::timeout(Duration::from_secs(5), tasks.wait()).await;
    }

    /// Claims everything that is due and starts it.
    async fn claim(&self, tasks: &TaskTracker) -> Result<(), StoreError> {
        while tasks.len() < AT_ONCE {
            let now = self.service.now();
            // A look costs nothing; a claim costs a write.
            let due = self.db.read().await?.jobs_wake_at(Lane::Provisioner).await?;
            if due.is_none_or(|due| due > now) {
                return Ok(());
            }
            let mut tx = self.db.begin().await?;
            tx.jobs_reap(Lane::Provisioner, now).await?;
            let mut jobs = Vec::new();
            while jobs.len() < AT_ONCE - tasks.len()
                && let Some(job) = tx.job_claim(Lane::Provisioner, &self.name, now, now + LEASE).await?
            {
                jobs.push(job);
            }
            // One commit for all: of ten approvals at once, the tenth waits no longer than the first.
            tx.commit().await?;
            if jobs.is_empty() {
                return Ok(());
            }
            for job in jobs {
                let worker = self.clone();
                tasks.spawn(async move { worker.work(job).await });
            }
        }
        Ok(())
    }

    /// Jobs of provisioners of this machine that do not run any more need not wait for their leases.
    async fn take_over_dead(&self) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        for (id, holder) in tx.jobs_running(Lane::Provisioner).await? {
            if crm::process::is_dead_here(&holder, &self.name) {
                tracing::info!(job = %id, holder, "a former provisioner of this machine is gone; taking its action over");
                tx.job_release(id, &holder).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    async fn work(&self, job: ClaimedJob) {
        let (ticket, action) = match job.payload {
            Job::Plan { ticket, action } | Job::Execute { ticket, action } => (ticket, action),
            Job::Page { .. } | Job::Shift { .. } | Job::Report { .. } | Job::Trial { .. } => return,
        };
        let done = CancellationToken::new();
        let beat = tokio::spawn(self.clone().heartbeat(job.id, done.clone()));
        let started = self.service.now();
        let outcome = self.errands.run(&job, action).await;
        done.cancel();
        let _ = beat.await;
        metrics::histogram!("komek_action_seconds", "kind" => outcome.kind, "outcome" => outcome.word())
            .record((self.service.now() - started).as_seconds_f64());
        let outcome = outcome.value;
        for _ in 0..20 {
            match self.report(&job, ticket, action, &outcome).await {
                Ok(()) => return,
                Err(ServiceError::Store(StoreError::Conflict)) => {}
                Err(error) => {
                    tracing::error!(%error, "what came out of an action cannot be written down; trying again");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    async fn heartbeat(self, job: uuid::Uuid, done: CancellationToken) {
        loop {
            tokio::select! {
                () = done.cancelled() => return,
                () = tokio::time::sleep(Duration::from_secs(8)) => {}
            }
            let beat = async {
                let mut tx = self.db.begin().await?;
                let held = tx.job_heartbeat(job, &self.name, self.service.now() + LEASE).await?;
                tx.commit().await?;
                Ok::<bool, StoreError>(held)
            };
            match beat.await {
                // The next save of progress fails, and with it the run.
                Ok(false) => return,
                Ok(true) => {}
                Err(error) => tracing::warn!(%error, "the lease of an action could not be prolonged"),
            }
        }
    }

    async fn report(
        &self,
        job: &ClaimedJob,
        ticket: TicketId,
        action: ActionId,
        outcome: &Outcome,
    ) -> Result<(), ServiceError> {
        let now = self.service.now();
        let mut tx = self.db.begin().await?;
        if !tx.job_heartbeat(job.id, &self.name, now + LEASE).await? {
            // Whoever has taken the action over says what came out of it.
            tracing::warn!(%ticket, "an action was taken over meanwhile; what came out of it here is dropped");
            return Ok(());
        }
        let command = match outcome {
            Outcome::Dropped => return Ok(()),
            Outcome::Over => None,
            Outcome::Planned(plan) => Some(Command::Planned { id: action, plan: plan.clone() }),
            Outcome::Changed(plan) => {
                tracing::info!(%ticket, "the world has changed under an approved plan; asking again");
                let next = ActionId(self.service.clock().id());
                Some(Command::PlanChanged { id: action, next, plan: plan.clone() })
            }
            Outcome::Done(proof) => Some(Command::ActionDone { id: action, proof: (**proof).clone() }),
            Outcome::Failed(failure) => {
                tracing::error!(%ticket, code = failure.code, text = failure.text, "an action goes to a human");
                Some(Command::ActionFailed { id: action, failure: failure.clone() })
            }
            Outcome::Again(error) => {
                let pause = TimeDelta::seconds(1 << (job.attempt - 1).clamp(0, 5));
                tracing::warn!(%ticket, error, attempt = job.attempt, "an action will be tried again");
                tx.job_retry(job.id, &self.name, now + pause, error).await?;
                tx.commit().await?;
                return Ok(());
            }
        };
        if let Some(command) = command {
            match self.service.execute(&mut tx, ticket, command, &Actor::Provisioner).await {
                Ok(_) | Err(ServiceError::Refused(Refusal::StaleAction)) => {}
                Err(e) => return Err(e),
            }
        }
        if matches!(outcome, Outcome::Done(_)) {
            quotas::done(&mut tx, &self.service, action).await?;
        }
        tx.job_done(job.id, &self.name).await?;
        tx.commit().await?;
        if matches!(outcome, Outcome::Done(_) | Outcome::Failed(_)) {
            self.errands.observe().await;
        }
        Ok(())
    }
}
