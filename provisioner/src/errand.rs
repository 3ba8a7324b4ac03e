//! One job of the provisioner, from the guard's check to what came out: an action is planned, or executed.
//!
//! Before anything is executed it is planned once more. If that comes out otherwise than what was approved, nothing is touched and
//! the new plan is asked for.

use std::collections::HashMap;
use std::sync::Arc;

use crm::clock::Clock;
use crm::domain::action::{ActionSpec, Failure, Proof};
use crm::domain::ids::ActionId;
use crm::domain::job::Job;
use crm::domain::plan::Plan;
use crm::service::Service;
use crm::store::ClaimedJob;
use tokio::sync::{Mutex, Semaphore};

use crate::failure::{self, Kind};
use crate::guard::{self, Verdict};
use crate::handover::Handover;
use crate::plans::{self, Tools};
use crate::progress::Row;
use crate::report::Timing;
use crate::step_up;
use crate::systems::Systems;

/// Actions at work in one place (a zone, a cluster) at a time: a slow one keeps its own waiting, and nobody else's.
const AT_A_PLACE: usize = 8;
/// How often a passing fault is tried again before a human is asked: 1 + 2 + 4 + 8 + 16 s.
const ATTEMPTS: i64 = 6;

/// What came out of one run.
pub enum Outcome {
    /// It was planned.
    Planned(Box<Plan>),
    /// It would do something else now than what was approved.
    Changed(Box<Plan>),
    /// It is done and proved.
    Done(Box<Proof>),
    /// A human must look.
    Failed(Failure),
    /// It will be tried again.
    Again(String),
    /// Another worker has it.
    Dropped,
    /// It had ended before.
    Over,
}

/// An outcome, and of what kind of action.
pub struct Labelled {
    /// The action's kind, for metrics.
    pub kind: &'static str,
    /// What came out.
    pub value: Outcome,
}

impl Labelled {
    /// A word for metrics.
    pub const fn word(&self) -> &'static str {
        match self.value {
            Outcome::Planned(_) => "planned",
            Outcome::Changed(_) => "changed",
            Outcome::Done(_) => "done",
            Outcome::Failed(_) => "failed",
            Outcome::Again(_) => "again",
            Outcome::Dropped | Outcome::Over => "dropped",
        }
    }
}

/// Does jobs; cheap to clone.
#[derive(Clone)]
pub struct Errands {
    service: Service,
    systems: Systems,
    name: String,
    timing: Timing,
    things: Arc<Mutex<HashMap<String, Arc<Mutex<()>>>>>,
    places: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
}

impl Errands {
    /// For the worker called `name`.
    pub fn new(service: Service, systems: Systems, name: String, timing: Timing) -> Self {
        Self { service, systems, name, timing, things: Arc::default(), places: Arc::default() }
    }

    /// Reads the machines' states after something was done to one.
    pub async fn observe(&self) {
        if let Err(error) = self.systems.zones.observe(&self.systems.db, &self.service).await {
            tracing::warn!(%error, "the machines could not be read after an action");
        }
    }

    /// Does `job`, which is about `action`.
    pub async fn run(&self, job: &ClaimedJob, action: ActionId) -> Labelled {
        let mut kind = "unknown";
        let result = match job.payload {
            Job::Plan { .. } => self.plan(job, action, &mut kind).await,
            _ => self.execute(job, action, &mut kind).await,
        };
        let value = result.unwrap_or_else(|error| Outcome::Again(error.to_string()));
        Labelled { kind, value }
    }

    async fn plan(
        &self,
        job: &ClaimedJob,
        action: ActionId,
        kind: &mut &'static str,
    ) -> anyhow::Result<Outcome> {
        let wanted = {
            let mut tx = self.systems.db.read().await?;
            guard::check_wanted(&mut tx, action).await?
        };
        let (spec, ticket) = match wanted {
            Ok(wanted) => wanted,
            Err(Verdict::Refused(failure)) => return Ok(Outcome::Failed(failure)),
            Err(_) => return Ok(Outcome::Over),
        };
        *kind = spec.kind();
        let place = self.place(&spec).await;
        let _turn = place.acquire().await?;
        Ok(match step_up::plan(&self.systems, &spec, ticket).await {
            Ok(plan) => Outcome::Planned(Box::new(plan)),
            Err(failure) => judge(job.attempt, &failure),
        })
    }

    async fn execute(
        &self,
        job: &ClaimedJob,
        action: ActionId,
        kind: &mut &'static str,
    ) -> anyhow::Result<Outcome> {
        // Waiting may take long, and what is approved now may not be so then: the guard is asked when it is this action's turn.
        let Some(spec) = self.systems.db.read().await?.action_fetch(action).await?.and_then(|a| a.spec)
        else {
            return self.checked(job, action).await;
        };
        *kind = spec.kind();
        // The thing first: whoever waits for a busy machine holds no slot of its zone.
        let thing = self.things.lock().await.entry(plans::thing(&spec)).or_default().clone();
        let _alone = thing.lock().await;
        let place = self.place(&spec).await;
        let _turn = place.acquire().await?;
        self.checked(job, action).await
    }

    async fn checked(&self, job: &ClaimedJob, action: ActionId) -> anyhow::Result<Outcome> {
        let verdict = {
            let mut tx = self.systems.db.read().await?;
            guard::check(&mut tx, &self.service, action, self.service.now()).await?
        };
        let approved = match verdict {
            Verdict::Approved(approved) => approved,
            Verdict::Refused(failure) => return Ok(Outcome::Failed(failure)),
            Verdict::Over => return Ok(Outcome::Over),
        };
        let mut progress = Row {
            db: self.systems.db.clone(),
            service: self.service.clone(),
            action,
            job: job.id,
            worker: self.name.clone(),
            last_run: is_last(job.attempt),
        };
        let clock: &dyn Clock = self.service.clock().as_ref();
        let handover = Handover {
            db: self.systems.db.clone(),
            service: self.service.clone(),
            ticket: approved.ticket(),
            action,
        };
        let (systems, timing) = (&self.systems, &self.timing);
        let tools = Tools { systems, clock, timing, progress: &mut progress, handover };
        Ok(carry_out(tools, approved.spec(), approved.plan(), approved.begun(), job.attempt).await)
    }

    async fn place(&self, spec: &ActionSpec) -> Arc<Semaphore> {
        let mut places = self.places.lock().await;
        places.entry(plans::place(spec)).or_insert_with(|| Arc::new(Semaphore::new(AT_A_PLACE))).clone()
    }
}

/// Whether nobody will try again after this attempt, the first being 1.
pub const fn is_last(attempt: i64) -> bool {
    attempt >= ATTEMPTS
}

/// Executes `spec` if it would still do what `approved` says; what an earlier run has `begun` is finished.
pub async fn carry_out(
    tools: Tools<'_>,
    spec: &ActionSpec,
    approved: &Plan,
    begun: bool,
    attempt: i64,
) -> Outcome {
    if !begun {
        match step_up::plan(tools.systems, spec, tools.handover.ticket).await {
            Ok(plan) if plan.still(approved) => {}
            Ok(plan) => return Outcome::Changed(Box::new(plan)),
            Err(failure) => return judge(attempt, &failure),
        }
    }
    match plans::run(tools, spec, approved).await {
        Ok(proof) => Outcome::Done(Box::new(proof)),
        Err(failure) => judge(attempt, &failure),
    }
}

/// What a failure means: again, or a human.
fn judge(attempt: i64, failure: &failure::Failure) -> Outcome {
    let failed = |code: &str| Outcome::Failed(Failure { code: code.to_owned(), text: failure.text.clone() });
    match failure.kind {
        Kind::Interrupted => Outcome::Dropped,
        Kind::Passing if !is_last(attempt) => Outcome::Again(failure.text.clone()),
        Kind::Passing => failed("unreachable"),
        Kind::Hung => failed("hung"),
        Kind::Refused => failed("refused"),
        Kind::Uncertain => failed("not_proved"),
        Kind::Failed => failed("failed"),
    }
}
