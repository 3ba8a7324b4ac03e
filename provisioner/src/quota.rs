//! Another quota, for a project of the Cabinet or for a namespace: set, and read back where it is in force.
//!
//! What somebody else sets meanwhile is never overwritten: the step sees a value that is neither the old nor the new one, and stops.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use crm::clock::Clock;
use crm::domain::action::Proof;
use crm::domain::form::QuotaResource;
use crm::domain::plan::{Change, Facts, Phrase, Plan, Value};
use serde::{Deserialize, Serialize};

use crate::cabinet::Cabinet;
use crate::cluster::Cluster;
use crate::failure::{Failure, Kind};
use crate::report::Timing;
use crate::steps::{Procedure, Progress, Run, Step};
use crate::system::SystemError;

/// So long a quota that was accepted may take to come into force.
const IN_FORCE_WITHIN: TimeDelta = TimeDelta::seconds(60);

/// A quota as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The limit; `None` if nothing limits it.
    pub limit: Option<i64>,
    /// Whether the limit is in force.
    pub in_force: bool,
    /// What is in use.
    pub used: i64,
    /// The most there is, where it is known.
    pub capacity: Option<i64>,
}

/// Something whose quota can be read and set.
#[async_trait]
pub trait Limited: Send + Sync {
    /// What is limited, for people.
    fn what(&self) -> Phrase;
    /// The resource.
    fn resource(&self) -> QuotaResource;
    /// Whether nothing real stands behind it.
    fn is_simulated(&self) -> bool;
    /// Reads the quota.
    async fn read(&self) -> Result<Reading, SystemError>;
    /// Sets it.
    async fn set(&self, value: i64) -> Result<(), SystemError>;
}

/// A quota of a project of the Cabinet.
pub struct OfProject<'r> {
    /// The Cabinet.
    pub cabinet: &'r dyn Cabinet,
    /// The project.
    pub project: &'r str,
    /// Of what.
    pub resource: QuotaResource,
}

/// A quota of a namespace.
pub struct OfNamespace<'r> {
    /// The cluster.
    pub cluster: &'r dyn Cluster,
    /// The namespace.
    pub namespace: &'r str,
    /// Of what.
    pub resource: QuotaResource,
}

#[async_trait]
impl Limited for OfProject<'_> {
    fn what(&self) -> Phrase {
        Phrase::new(format!("plan-what-{}", self.resource)).with("project", self.project)
    }

    fn resource(&self) -> QuotaResource {
        self.resource
    }

    fn is_simulated(&self) -> bool {
        self.cabinet.is_simulated()
    }

    async fn read(&self) -> Result<Reading, SystemError> {
        let seen = self.cabinet.quota(self.project, self.resource).await?;
        Ok(Reading { limit: seen.limit, in_force: true, used: seen.used, capacity: seen.capacity })
    }

    async fn set(&self, value: i64) -> Result<(), SystemError> {
        self.cabinet.set_quota(self.project, self.resource, value).await
    }
}

#[async_trait]
impl Limited for OfNamespace<'_> {
    fn what(&self) -> Phrase {
        Phrase::new(format!("plan-what-{}", self.resource)).with("namespace", self.namespace)
    }

    fn resource(&self) -> QuotaResource {
        self.resource
    }

    fn is_simulated(&self) -> bool {
        false
    }

    async fn read(&self) -> Result<Reading, SystemError> {
        let seen = self.cluster.quota(self.namespace, self.resource).await?;
        Ok(Reading { limit: seen.asked, in_force: seen.settled, used: seen.used, capacity: seen.capacity })
    }

    async fn set(&self, value: i64) -> Result<(), SystemError> {
        self.cluster.set_quota(self.namespace, self.resource, value).await
    }
}

/// The procedure.
pub struct Quota;

impl Procedure for Quota {
    const NAME: &'static str = "quota";
    type World<'r> = World<'r>;
    type Memory = Memory;
    const STEPS: &'static [Step<Self>] = &[
        Step { name: "look", act: |run| Box::pin(look(run)), undo: None },
        Step { name: "set", act: |run| Box::pin(set(run)), undo: Some(|run| Box::pin(set_back(run))) },
        Step { name: "read-back", act: |run| Box::pin(read_back(run)), undo: None },
    ];
}

/// What it works on.
pub struct World<'r> {
    /// What is limited.
    pub target: &'r dyn Limited,
    /// The quota that is wanted.
    pub wanted: i64,
    /// How long to wait for what.
    pub timing: &'r Timing,
}

/// What it remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    before: Option<Reading>,
    begun_at: Option<DateTime<Utc>>,
    proof: Option<Proof>,
}

/// What setting `wanted` would change.
pub async fn plan(target: &dyn Limited, wanted: i64) -> Result<Plan, Failure> {
    let seen = target.read().await.map_err(|e| e.failure("look"))?;
    allowed(&seen, wanted)?;
    let notes = target.is_simulated().then(|| Phrase::new("plan-note-simulated"));
    Ok(Plan {
        changes: vec![change(target, &seen, wanted)],
        steps: Quota::names(),
        facts: Facts {
            current: seen.limit,
            wanted: Some(wanted),
            in_use: Some(seen.used),
            capacity: seen.capacity,
            ..Facts::default()
        },
        notes: notes.into_iter().collect(),
    })
}

/// Sets the quota, or goes on where an earlier run stopped.
pub async fn run(world: World<'_>, clock: &dyn Clock, progress: &mut dyn Progress) -> Result<Proof, Failure> {
    let mut run = Run::<Quota>::open(world, clock, progress).await?;
    run.finish().await?;
    let proof = run.memory.proof.take();
    proof.ok_or_else(|| run.failure(Kind::Uncertain, "the quota was set, but its proof is missing"))
}

/// What no approval makes possible.
fn allowed(seen: &Reading, wanted: i64) -> Result<(), Failure> {
    let refused = |text: String| Err(Failure::new("look", Kind::Refused, text));
    if wanted <= 0 {
        return refused(format!("{wanted} is no quota: it must be 1 or more"));
    }
    if wanted < seen.used {
        return refused(format!("{wanted} is less than what is in use now: {}", seen.used));
    }
    match seen.capacity {
        Some(capacity) if wanted > capacity => {
            refused(format!("{wanted} is more than there is: {capacity} in all"))
        }
        _ => Ok(()),
    }
}

fn value(target: &dyn Limited, number: i64) -> Value {
    if target.resource().is_memory() { Value::Mebibytes(number) } else { Value::Count(number) }
}

fn change(target: &dyn Limited, before: &Reading, after: i64) -> Change {
    let before = before.limit.map_or_else(|| Value::word("plan-none"), |limit| value(target, limit));
    Change { what: target.what(), before, after: value(target, after) }
}

async fn read(run: &mut Run<'_, Quota>) -> Result<Reading, Failure> {
    let target = run.target;
    target.read().await.map_err(|e| e.failure(run.step()))
}

fn before(run: &Run<'_, Quota>) -> Result<Reading, Failure> {
    let before = run.memory.before.clone();
    before.ok_or_else(|| run.failure(Kind::Uncertain, "the saved progress lacks the quota from before"))
}

async fn look(run: &mut Run<'_, Quota>) -> Result<(), Failure> {
    let seen = read(run).await?;
    allowed(&seen, run.wanted)?;
    run.memory.begun_at = Some(run.begun_at());
    run.memory.before = Some(seen);
    Ok(())
}

async fn set(run: &mut Run<'_, Quota>) -> Result<(), Failure> {
    let (before, seen) = (before(run)?, read(run).await?);
    if seen.limit == Some(run.wanted) {
        return Ok(());
    }
    if seen.limit != before.limit {
        let text = format!(
            "somebody has just set it to {:?}; it was {:?} when this was approved",
            seen.limit, before.limit
        );
        return Err(run.failure(Kind::Refused, text));
    }
    run.fence().await?;
    run.target.set(run.wanted).await.map_err(|e| e.failure(run.step()))
}

/// Puts the old quota back, if the new one is there and there was an old one.
async fn set_back(run: &mut Run<'_, Quota>) -> Result<(), Failure> {
    let Some(before) = run.memory.before.clone().and_then(|b| b.limit) else { return Ok(()) };
    let seen = read(run).await?;
    if seen.limit != Some(run.wanted) || before == run.wanted {
        return Ok(());
    }
    run.fence().await?;
    run.target.set(before).await.map_err(|e| e.failure(run.step()))
}

async fn read_back(run: &mut Run<'_, Quota>) -> Result<(), Failure> {
    let before = before(run)?;
    let until = run.after(IN_FORCE_WITHIN);
    loop {
        let seen = read(run).await?;
        if seen.limit == Some(run.wanted) && seen.in_force {
            break;
        }
        if run.clock.now() >= until {
            let text = format!(
                "{:?} was read back instead of {}, in force: {}",
                seen.limit, run.wanted, seen.in_force
            );
            return Err(run.failure(Kind::Failed, text));
        }
        run.clock.sleep_until(run.after(run.timing.poll)).await;
    }
    let now = run.clock.now();
    let begun = run.memory.begun_at.unwrap_or(now);
    run.memory.proof = Some(Proof {
        method: if before.limit == Some(run.wanted) { "already" } else { "done" }.to_owned(),
        state: run.wanted.to_string(),
        boot_id: None,
        domain_id: None,
        at: now,
        took_ms: (now - begun).num_milliseconds(),
        read_back: vec![change(run.target, &before, run.wanted)],
    });
    Ok(())
}
