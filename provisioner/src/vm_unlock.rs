//! Unlocks a virtual machine: removes the lock marker and lets it run, and reads back that it runs unmarked.
//!
//! Every step looks first and is harmless when repeated. If the machine cannot be brought to run, the marker is
//! put back: a machine that stands still must say why.

use chrono::{DateTime, Utc};
use crm::clock::Clock;
use crm::domain::plan::{Change, Phrase, Plan, Value};
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Kind};
use crate::hypervisor::{Hypervisor, LockMarker, Observed, State};
use crate::machine::Machine;
use crate::power;
use crate::report::{Evidence, Method, Proof, Timing};
use crate::steps::{Procedure, Progress, Run, Step};
use crate::wait::Waited;

/// The procedure.
pub struct VmUnlock;

impl Procedure for VmUnlock {
    const NAME: &'static str = "vm.unlock";
    type World<'r> = Machine<'r>;
    type Memory = Memory;
    const STEPS: &'static [Step<Self>] = &[
        Step { name: "look", act: |run| Box::pin(look(run)), undo: None },
        Step {
            name: "unmark",
            act: |run| Box::pin(unmark(run)),
            undo: Some(|run| Box::pin(mark_again(run))),
        },
        Step { name: "wake", act: |run| Box::pin(wake(run)), undo: None },
        Step { name: "read-back", act: |run| Box::pin(read_back(run)), undo: None },
    ];
}

/// Unlocks `domain`, or goes on with an unlock that an earlier run began.
///
/// `approved` is the marker that was approved to be removed, if the approval named one: any other is refused.
/// Called again after it succeeded, it returns the same proof and touches nothing.
pub async fn run(
    hv: &dyn Hypervisor,
    clock: &dyn Clock,
    domain: &str,
    approved: Option<&LockMarker>,
    timing: &Timing,
    progress: &mut dyn Progress,
) -> Result<Proof, Failure> {
    let mut run = Run::<VmUnlock>::open(Machine { hv, domain, timing }, clock, progress).await?;
    run.memory.approved = approved.cloned();
    run.finish().await?;
    let proof = run.memory.proof.take();
    proof.ok_or_else(|| run.failure(Kind::Uncertain, "the unlock has ended, but its proof is missing"))
}

/// What the plan remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    approved: Option<LockMarker>,
    before: Option<Before>,
    proof: Option<Proof>,
}

/// How it was before anything was done.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Before {
    lock: Option<LockMarker>,
    state: State,
    domain_id: Option<u32>,
    boot_id: Option<String>,
    at: DateTime<Utc>,
}

impl Run<'_, VmUnlock> {
    fn before(&self) -> Result<Before, Failure> {
        let before = self.memory.before.clone();
        before.ok_or_else(|| self.failure(Kind::Uncertain, "the saved progress lacks the state from before"))
    }

    /// The marker there is now must be the one that this unlock is about.
    fn same_lock(&self, now: &LockMarker, expected: Option<&LockMarker>) -> Result<(), Failure> {
        match expected {
            Some(expected) if expected != now => Err(self.failure(
                Kind::Refused,
                format!(
                    "{} is locked for another reason now ({now}) than the one to be lifted ({expected}): \
                     that needs its own approval",
                    self.domain
                ),
            )),
            _ => Ok(()),
        }
    }
}

/// What an unlock of `domain` would change, or why it cannot be.
pub async fn plan(hv: &dyn Hypervisor, domain: &str) -> Result<Plan, Failure> {
    let seen = hv.observe(domain).await.map_err(|e| Failure::from_hypervisor("plan", &e))?;
    if let Some(text) = paused_by_itself(&seen) {
        return Err(Failure::new("plan", Kind::Refused, text));
    }
    let what = |key: &str| Phrase::new(key).with("domain", domain).with("zone", hv.zone());
    let mut plan = Plan { steps: VmUnlock::names(), ..Plan::default() };
    if let Some(lock) = &seen.lock {
        plan.changes.push(Change {
            what: what("plan-what-lock"),
            before: Value::Name(lock.short()),
            after: Value::word("plan-none"),
        });
        plan.facts.lock_reason = Some(lock.reason.clone());
        plan.facts.lock_ticket = Some(lock.ticket.clone()).filter(|ticket| !ticket.is_empty());
    }
    plan.changes.push(Change {
        what: what("plan-what-machine"),
        before: seen.state.value(),
        after: State::Running.value(),
    });
    Ok(plan)
}

/// The hypervisor stopped it for a reason of its own.
fn paused_by_itself(seen: &Observed) -> Option<String> {
    (seen.state == State::Paused && !seen.held).then(|| {
        format!(
            "{} is paused by the hypervisor itself ({}), not by a lock: letting it run may damage it",
            seen.name, seen.reason
        )
    })
}

async fn look(run: &mut Run<'_, VmUnlock>) -> Result<(), Failure> {
    let seen = run.see().await?;
    if let Some(lock) = &seen.lock {
        run.same_lock(lock, run.memory.approved.as_ref())?;
    }
    if let Some(text) = paused_by_itself(&seen) {
        return Err(run.failure(Kind::Refused, text));
    }
    run.memory.before = Some(Before {
        lock: seen.lock,
        state: seen.state,
        domain_id: seen.domain_id,
        boot_id: seen.boot_id,
        at: run.begun_at(),
    });
    Ok(())
}

async fn unmark(run: &mut Run<'_, VmUnlock>) -> Result<(), Failure> {
    let before = run.before()?;
    let Some(lock) = run.see().await?.lock else { return Ok(()) };
    if before.lock.is_none() {
        let text = format!("{} has just been locked ({lock}): that needs its own approval", run.domain);
        return Err(run.failure(Kind::Refused, text));
    }
    run.same_lock(&lock, before.lock.as_ref())?;
    run.fence().await?;
    run.hv.clear_lock(run.domain).await.map_err(|e| Failure::from_hypervisor("unmark", &e))
}

async fn mark_again(run: &mut Run<'_, VmUnlock>) -> Result<(), Failure> {
    let Some(lock) = run.before()?.lock else { return Ok(()) };
    let seen = run.see().await?;
    if seen.lock.is_some() || seen.state == State::Running {
        return Ok(());
    }
    run.fence().await?;
    run.hv.set_lock(run.domain, &lock).await.map_err(|e| Failure::from_hypervisor("unmark", &e))
}

async fn wake(run: &mut Run<'_, VmUnlock>) -> Result<(), Failure> {
    let seen = run.see().await?;
    if seen.state == State::Paused && seen.lock.is_none() {
        run.fence().await?;
        if let Err(error) = run.hv.resume(run.domain).await
            && run.see().await?.state != State::Running
        {
            return Err(Failure::from_hypervisor("wake", &error));
        }
    }
    power::on(run).await
}

async fn read_back(run: &mut Run<'_, VmUnlock>) -> Result<(), Failure> {
    let before = run.before()?;
    let until = run.after(run.timing.start_wait);
    let waited = run
        .look_until(until, |seen| (seen.state == State::Running && seen.lock.is_none()).then(|| seen.clone()))
        .await?;
    let seen = match waited {
        Waited::Found(seen) => seen,
        Waited::NotYet(seen) => {
            let lock = seen.lock.map_or_else(String::new, |lock| format!(", locked again ({lock})"));
            let text = format!("{} is {} ({}){lock} after the unlock", run.domain, seen.state, seen.reason);
            return Err(run.failure(Kind::Failed, text));
        }
    };
    let now = run.clock.now();
    run.memory.proof = Some(Proof {
        zone: run.hv.zone().to_owned(),
        domain: seen.name.clone(),
        method: match before.state {
            State::Running | State::Asleep => Method::AlreadyDone,
            State::Paused => Method::Resumed,
            State::Off | State::Crashed | State::ShuttingDown => Method::Started,
        },
        evidence: Evidence::RunningUnlocked,
        boot_id_before: before.boot_id,
        boot_id_after: seen.boot_id,
        domain_id_before: before.domain_id,
        domain_id_after: seen.domain_id,
        lock_removed: before.lock,
        state: seen.state,
        took_ms: (now - before.at).num_milliseconds(),
        at: now,
    });
    Ok(())
}
