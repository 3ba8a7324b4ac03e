//! The provisioner's worker: claims approved actions, lets the guard check them, runs them, reports what came out.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use crm::clock::Clock;
use crm::domain::action::{ActionSpec, Failure, Proof};
use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::form::RebootMode;
use crm::domain::ids::{ActionId, TicketId};
use crm::domain::reactions::{Job, Lane};
use crm::domain::refusal::Refusal;
use crm::service::{Service, ServiceError};
use crm::store::{ClaimedJob, Db, StoreError};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::failure::Kind;
use crate::guard::{self, Approved, Verdict};
use crate::hypervisor::LockMarker;
use crate::progress::{LEASE, Row};
use crate::report::{Method, Timing};
use crate::zones::Zones;
use crate::{failure, report, vm_reboot, vm_unlock};

/// Actions under way at a time.
const AT_ONCE: usize = 16;
/// How often a passing fault is tried again before a human is asked: 1 + 2 + 4 + 8 + 16 s.
const ATTEMPTS: i64 = 6;

/// The worker; cheap to clone.
#[derive(Clone)]
pub struct Worker {
    service: Service,
    db: Db,
    zones: Zones,
    name: String,
    timing: Timing,
    /// One action at a time on one machine.
    machines: Arc<Mutex<HashMap<String, Arc<Mutex<()>>>>>,
}

impl Worker {
    /// A worker called `name`. `timing` is for everything but the grace of a reboot, which comes with each action.
    pub fn new(service: Service, db: Db, zones: Zones, name: String, timing: Timing) -> Self {
        Self { service, db, zones, name, timing, machines: Arc::default() }
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
            let job = tx.job_claim(Lane::Provisioner, &self.name, now, now + LEASE).await?;
            tx.commit().await?;
            let Some(job) = job else { return Ok(()) };
            let worker = self.clone();
            tasks.spawn(async move { worker.work(job).await });
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
        let Job::Execute { ticket, action } = job.payload else { return };
        let done = CancellationToken::new();
        let beat = tokio::spawn(self.clone().heartbeat(job.id, done.clone()));
        let started = self.service.now();
        let result = self.execute(&job, action).await;
        done.cancel();
        let _ = beat.await;
        let outcome = match &result {
            Ok(Outcome::Done(..)) => "done",
            Ok(Outcome::Failed(_)) => "failed",
            Ok(Outcome::Again(_)) | Err(_) => "again",
            Ok(Outcome::Dropped | Outcome::Over) => "dropped",
        };
        metrics::histogram!("komek_action_seconds", "kind" => "vm", "outcome" => outcome)
            .record((self.service.now() - started).as_seconds_f64());
        let outcome = result.unwrap_or_else(|e| Outcome::Again(e.to_string()));
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

    async fn execute(&self, job: &ClaimedJob, action: ActionId) -> anyhow::Result<Outcome> {
        let verdict = {
            let mut tx = self.db.read().await?;
            guard::check(&mut tx, &self.service, action, self.service.now()).await?
        };
        let approved = match verdict {
            Verdict::Approved(approved) => approved,
            Verdict::Refused(failure) => return Ok(Outcome::Failed(failure)),
            Verdict::Over => return Ok(Outcome::Over),
        };
        let (ActionSpec::VmReboot { zone, domain, .. } | ActionSpec::VmUnlock { zone, domain, .. }) =
            approved.spec();
        let machine = self.machines.lock().await.entry(format!("{zone}/{domain}")).or_default().clone();
        let _alone = machine.lock().await;
        let hypervisor = match self.zones.get(&self.db, zone.as_str()).await {
            Ok(hypervisor) => hypervisor,
            Err(error) => {
                return Ok(Outcome::Failed(Failure { code: "no_zone".to_owned(), text: error.to_string() }));
            }
        };
        let result = self.run_plan(hypervisor.as_ref(), job, action, &approved).await;
        Ok(match result {
            Ok(proof) => Outcome::Done(Box::new(proof)),
            Err(failure) => Self::judge(job, &failure),
        })
    }

    async fn run_plan(
        &self,
        hypervisor: &dyn crate::hypervisor::Hypervisor,
        job: &ClaimedJob,
        action: ActionId,
        approved: &Approved,
    ) -> Result<Proof, failure::Failure> {
        let mut progress = Row {
            db: self.db.clone(),
            service: self.service.clone(),
            action,
            job: job.id,
            worker: self.name.clone(),
        };
        let clock: &dyn Clock = self.service.clock().as_ref();
        match approved.spec() {
            ActionSpec::VmReboot { domain, mode, graceful_wait_ms, .. } => {
                let graceful_wait = match mode {
                    RebootMode::Graceful => TimeDelta::milliseconds(*graceful_wait_ms),
                    RebootMode::Hard => TimeDelta::zero(),
                };
                let timing = Timing { graceful_wait, ..self.timing.clone() };
                vm_reboot::run(hypervisor, clock, domain, &timing, &mut progress).await
            }
            ActionSpec::VmUnlock { domain, lock_reason, lock_ticket, .. } => {
                // Where no lock was known when it was approved, none that is found now may be lifted.
                let marker = LockMarker {
                    reason: lock_reason.clone().unwrap_or_else(|| "no lock was known".to_owned()),
                    ticket: lock_ticket.clone().unwrap_or_default(),
                };
                vm_unlock::run(hypervisor, clock, domain, Some(&marker), &self.timing, &mut progress).await
            }
        }
        .map(|proof| proof_of(&proof))
    }

    /// What a failure means: again, or a human.
    fn judge(job: &ClaimedJob, failure: &failure::Failure) -> Outcome {
        let failed =
            |code: &str| Outcome::Failed(Failure { code: code.to_owned(), text: failure.text.clone() });
        match failure.kind {
            Kind::Interrupted => Outcome::Dropped,
            Kind::Passing if job.attempt < ATTEMPTS => Outcome::Again(failure.text.clone()),
            Kind::Passing => failed("unreachable"),
            Kind::Hung => failed("hung"),
            Kind::Refused => failed("refused"),
            Kind::Uncertain => failed("not_proved"),
            Kind::Failed => failed("failed"),
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
        let command = match outcome {
            Outcome::Dropped => return Ok(()),
            Outcome::Over => None,
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
        tx.job_done(job.id, &self.name).await?;
        tx.commit().await?;
        if let Err(error) = self.zones.observe(&self.db, &self.service).await {
            tracing::warn!(%error, "the machines could not be read after an action");
        }
        Ok(())
    }
}

/// What came out of one run.
enum Outcome {
    Done(Box<Proof>),
    Failed(Failure),
    Again(String),
    /// Another worker has it.
    Dropped,
    /// It had ended before.
    Over,
}

/// The proof as the ticket keeps it.
fn proof_of(proof: &report::Proof) -> Proof {
    let method = match proof.method {
        Method::Graceful => "graceful",
        Method::Hard => "hard",
        Method::Started => "started",
        Method::Resumed => "resumed",
        Method::AlreadyDone => "already",
    };
    Proof {
        method: method.to_owned(),
        state: proof.state.to_string(),
        boot_id: proof.boot_id_before.clone().zip(proof.boot_id_after.clone()),
        domain_id: proof.domain_id_before.zip(proof.domain_id_after),
        at: proof.at,
        took_ms: proof.took_ms,
    }
}
