//! Reboots a virtual machine: asks the guest, waits, then forces it, and reads back that it is another boot.
//!
//! | route    | when                            | ask             | force          | what proves it            |
//! |----------|---------------------------------|-----------------|----------------|---------------------------|
//! | `Agent`  | the guest agent tells a boot id | ACPI reboot     | reset          | another boot id           |
//! | `Cycle`  | no agent                        | ACPI power-off  | pull the plug  | another domain id         |
//! | `InPlace`| no agent, transient domain      | ACPI reboot     | reset          | the announcement (REBOOT) |
//! | `Start`  | it is off                       | –               | –              | it runs                   |
//!
//! A transient domain must never be powered off: it would be gone. Before anything is done, the boot id and domain
//! id are saved; after a crash the procedure looks whether they have changed before it acts again. Where that
//! cannot be told (the agent is silent and announcements were missed), a human is asked rather than the machine
//! rebooted twice.

use chrono::{DateTime, Utc};
use crm::clock::Clock;
use crm::domain::plan::{Change, Phrase, Plan, Value};
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Kind};
use crate::hypervisor::{Agent, Fault, HvError, Hypervisor, Observed, State};
use crate::machine::Machine;
use crate::power;
use crate::report::{Evidence, Method, Proof, Timing};
use crate::steps::{Procedure, Progress, Run, Step};
use crate::wait::Waited;

/// The procedure.
pub struct VmReboot;

impl Procedure for VmReboot {
    const NAME: &'static str = "vm.reboot";
    type World<'r> = Machine<'r>;
    type Memory = Memory;
    const STEPS: &'static [Step<Self>] = &[
        Step { name: "look", act: |run| Box::pin(look(run)), undo: None },
        Step {
            name: "ask",
            act: |run| Box::pin(ask(run)),
            undo: Some(|run| Box::pin(power::leave_running(run))),
        },
        Step { name: "force", act: |run| Box::pin(force(run)), undo: None },
        Step { name: "power-on", act: |run| Box::pin(power::on(run)), undo: None },
        Step { name: "read-back", act: |run| Box::pin(read_back(run)), undo: None },
    ];
}

/// Reboots `domain`, or goes on with a reboot that an earlier run began.
///
/// Called again after it succeeded, it returns the same proof and touches nothing.
pub async fn run(
    hv: &dyn Hypervisor,
    clock: &dyn Clock,
    domain: &str,
    timing: &Timing,
    progress: &mut dyn Progress,
) -> Result<Proof, Failure> {
    let mut run = Run::<VmReboot>::open(Machine { hv, domain, timing }, clock, progress).await?;
    run.finish().await?;
    let proof = run.memory.proof.take();
    proof.ok_or_else(|| run.failure(Kind::Uncertain, "the reboot has ended, but its proof is missing"))
}

/// What the plan remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    before: Option<Before>,
    /// The request of the step could not even be sent: it may be sent again.
    unsent: bool,
    /// The first sign that it was rebooted (or is off): from then on nothing is asked or forced any more.
    sign: Option<Evidence>,
    /// Saved before the machine is forced.
    forced: bool,
    /// Saved after the hypervisor has accepted a reset, which leaves no other durable trace.
    reset_accepted: bool,
    proof: Option<Proof>,
}

/// How it was before anything was done.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Before {
    route: Route,
    boot_id: Option<String>,
    domain_id: Option<u32>,
    at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Route {
    Agent,
    Cycle,
    InPlace,
    Start,
}

impl Before {
    /// The sign of a reboot since then, if there is one. `events` is the count of announcements to compare with.
    fn sign(&self, now: &Observed, events: u64) -> Option<Evidence> {
        let differs = |a: Option<&String>, b: Option<&String>| a.zip(b).is_some_and(|(a, b)| a != b);
        if now.is_off() {
            Some(Evidence::SeenOff)
        } else if self.domain_id.zip(now.domain_id).is_some_and(|(a, b)| a != b) {
            Some(Evidence::DomainId)
        } else if differs(self.boot_id.as_ref(), now.boot_id.as_ref()) {
            Some(Evidence::BootId)
        } else if now.reboot_events > events && (self.boot_id.is_none() || now.boot_id.is_none()) {
            // An agent that still tells the old boot id outweighs an announcement.
            Some(Evidence::RebootEvent)
        } else {
            None
        }
    }

    /// The guest itself says that it has not been rebooted.
    fn same_boot(&self, now: &Observed) -> bool {
        self.boot_id.is_some() && self.boot_id == now.boot_id
    }
}

/// The way to reboot a domain in this state, or why it is refused.
fn route(seen: &Observed) -> Result<Route, (Kind, String)> {
    let name = &seen.name;
    if let Some(lock) = &seen.lock {
        return Err((Kind::Refused, format!("{name} is locked ({lock}): unlock it first")));
    }
    match seen.state {
        State::Running if seen.boot_id.is_some() => Ok(Route::Agent),
        State::Running | State::Asleep if seen.persistent => Ok(Route::Cycle),
        State::Running | State::Asleep => Ok(Route::InPlace),
        State::Off | State::Crashed => Ok(Route::Start),
        State::ShuttingDown => {
            Err((Kind::Passing, format!("{name} is shutting down: somebody else is at it")))
        }
        State::Paused => Err((
            Kind::Refused,
            format!(
                "{name} is paused ({}) without a lock marker: find out who paused it and why",
                seen.reason
            ),
        )),
    }
}

impl Run<'_, VmReboot> {
    fn before(&self) -> Result<Before, Failure> {
        let before = self.memory.before.clone();
        before.ok_or_else(|| self.failure(Kind::Uncertain, "the saved progress lacks the state from before"))
    }

    /// Waits for a sign and keeps it. `Err` of the inner result is what was seen last.
    async fn await_sign(
        &mut self,
        until: DateTime<Utc>,
        events: u64,
    ) -> Result<Result<(), Box<Observed>>, Failure> {
        let before = self.before()?;
        match self.look_until(until, |seen| before.sign(seen, events)).await? {
            Waited::NotYet(seen) => Ok(Err(seen)),
            Waited::Found(sign) => {
                self.memory.sign = Some(sign);
                self.checkpoint().await.map(Ok)
            }
        }
    }

    fn refuse_locked(&self, seen: &Observed) -> Result<(), Failure> {
        let Some(lock) = &seen.lock else { return Ok(()) };
        let text =
            format!("{} was locked ({lock}) while it was being rebooted: unlock it first", self.domain);
        Err(self.failure(Kind::Refused, text))
    }

    async fn mark_unsent(&mut self, unsent: bool) -> Result<(), Failure> {
        if self.memory.unsent == unsent {
            return Ok(());
        }
        self.memory.unsent = unsent;
        self.checkpoint().await
    }

    /// A passing fault of a request, and whether the request may be on its way.
    async fn passing(&mut self, error: &HvError) -> Failure {
        match self.mark_unsent(error.fault == Fault::Unreachable).await {
            Ok(()) => Failure::from_hypervisor(self.step(), error),
            Err(interrupted) => interrupted,
        }
    }

    /// From now on, at least until the hypervisor has had time to do what it was asked before a crash.
    fn no_earlier_than_settled(&self, planned: DateTime<Utc>) -> DateTime<Utc> {
        if self.resumed { planned.max(self.after(self.timing.settle)) } else { planned }
    }
}

/// What a reboot of `domain` would change, or why it cannot be.
pub async fn plan(hv: &dyn Hypervisor, domain: &str) -> Result<Plan, Failure> {
    let seen = hv.observe(domain).await.map_err(|e| Failure::from_hypervisor("plan", &e))?;
    route(&seen).map_err(|(kind, text)| Failure::new("plan", kind, text))?;
    let what = Phrase::new("plan-what-machine").with("domain", domain).with("zone", hv.zone());
    let (before, after) = (seen.state.value(), Value::word("plan-state-rebooted"));
    Ok(Plan { changes: vec![Change { what, before, after }], steps: VmReboot::names(), ..Plan::default() })
}

async fn look(run: &mut Run<'_, VmReboot>) -> Result<(), Failure> {
    let mut seen = run.see().await?;
    if seen.state == State::Running && matches!(seen.agent, Agent::Disconnected | Agent::Silent) {
        // A libvirtd that has just started needs a moment until it has found the agent again.
        let until = run.after(run.timing.settle);
        let told = |s: &Observed| (s.boot_id.is_some() || s.state != State::Running).then(|| s.clone());
        seen = match run.look_until(until, told).await? {
            Waited::Found(seen) => seen,
            Waited::NotYet(seen) => *seen,
        };
    }
    let route = route(&seen).map_err(|(kind, text)| run.failure(kind, text))?;
    run.memory.sign = (route == Route::Start).then_some(Evidence::SeenOff);
    run.memory.before =
        Some(Before { route, boot_id: seen.boot_id, domain_id: seen.domain_id, at: run.begun_at() });
    Ok(())
}

async fn ask(run: &mut Run<'_, VmReboot>) -> Result<(), Failure> {
    let before = run.before()?;
    // No grace at all: a hard reboot was wanted, and a polite request on top could reboot the machine twice.
    if run.memory.sign.is_some() || run.timing.graceful_wait.is_zero() {
        return Ok(());
    }
    let seen = run.see().await?;
    run.refuse_locked(&seen)?;
    let mut until = run.no_earlier_than_settled(run.begun_at() + run.timing.graceful_wait);
    // Somebody else may have rebooted it since the first look; the wait below finds that.
    if (!run.resumed || run.memory.unsent) && before.sign(&seen, seen.reboot_events).is_none() {
        run.mark_unsent(false).await?;
        run.fence().await?;
        let asked = match before.route {
            Route::Cycle => run.hv.shutdown(run.domain).await,
            Route::Agent | Route::InPlace | Route::Start => run.hv.reboot(run.domain).await,
        };
        match asked {
            Ok(()) => until = run.after(run.timing.graceful_wait),
            Err(error) if error.is_passing() => return Err(run.passing(&error).await),
            Err(error) => {
                tracing::warn!(domain = run.domain, %error, "the polite request was not taken; forcing it");
                return Ok(());
            }
        }
    }
    let Err(last) = run.await_sign(until, seen.reboot_events).await? else { return Ok(()) };
    if !run.blind || before.route == Route::Cycle || before.same_boot(&last) {
        return Ok(());
    }
    // It may have been rebooted while nobody watched, and its agent may just be slow.
    let until = run.after(run.timing.agent_wait);
    match run.await_sign(until, seen.reboot_events).await? {
        Err(last) if !before.same_boot(&last) => Err(run.failure(
            Kind::Uncertain,
            format!(
                "{} was asked to reboot, but the hypervisor was out of sight meanwhile and the guest agent is \
                 silent: it cannot be told whether it did. Look at its console before rebooting it by hand",
                run.domain
            ),
        )),
        _ => Ok(()),
    }
}

async fn force(run: &mut Run<'_, VmReboot>) -> Result<(), Failure> {
    let before = run.before()?;
    if run.memory.sign.is_some() {
        return Ok(());
    }
    let seen = run.see().await?;
    run.refuse_locked(&seen)?;
    // It may have obeyed at the last moment, or an earlier run has forced it already.
    let until = run.no_earlier_than_settled(run.clock.now());
    let Err(mut last) = run.await_sign(until, seen.reboot_events).await? else { return Ok(()) };
    if run.resumed
        && run.memory.forced
        && !run.memory.unsent
        && before.route != Route::Cycle
        && !before.same_boot(&last)
    {
        let until = run.begun_at().max(run.clock.now()) + run.timing.hard_wait;
        match run.await_sign(until, seen.reboot_events).await? {
            Ok(()) => return Ok(()),
            Err(_) if run.memory.reset_accepted => {
                run.memory.sign = Some(Evidence::ResetTaken);
                return run.checkpoint().await;
            }
            Err(seen) if !before.same_boot(&seen) => return Err(run.failure(
                Kind::Uncertain,
                format!("{} may have been reset just before a crash of ours, and its agent is silent: look at its \
                         console", run.domain),
            )),
            Err(seen) => last = seen,
        }
    }
    (run.memory.forced, run.memory.unsent) = (true, false);
    run.checkpoint().await?;
    run.fence().await?;
    let forced = match before.route {
        Route::Cycle => run.hv.destroy(run.domain).await,
        Route::Agent | Route::InPlace | Route::Start => run.hv.reset(run.domain).await,
    };
    match forced {
        Ok(()) if before.route != Route::Cycle => {
            run.memory.reset_accepted = true;
            run.checkpoint().await?;
        }
        Ok(()) => {}
        Err(error) if error.is_passing() => return Err(run.passing(&error).await),
        // Refused because it has just gone off by itself is as good; the look below tells.
        Err(error) if !run.see().await?.is_off() => return Err(Failure::from_hypervisor("force", &error)),
        Err(_) => {}
    }
    match run.await_sign(run.after(run.timing.hard_wait), last.reboot_events).await? {
        Ok(()) => Ok(()),
        Err(seen) if before.same_boot(&seen) => Err(run.failure(
            Kind::Failed,
            format!("{} was reset, but its guest agent still tells the old boot id", run.domain),
        )),
        Err(_) if run.memory.reset_accepted && run.blind => {
            run.memory.sign = Some(Evidence::ResetTaken);
            run.checkpoint().await
        }
        Err(seen) => Err(run.failure(
            Kind::Uncertain,
            format!(
                "{} was forced to reboot, but nothing shows that it did ({}, {})",
                run.domain, seen.state, seen.reason
            ),
        )),
    }
}

async fn read_back(run: &mut Run<'_, VmReboot>) -> Result<(), Failure> {
    let before = run.before()?;
    let wait = if before.boot_id.is_some() { run.timing.agent_wait } else { run.timing.start_wait };
    let until = run.no_earlier_than_settled(run.begun_at() + wait);
    let waited = run
        .look_until(until, |seen| {
            let told = before.boot_id.is_none() || (seen.boot_id.is_some() && !before.same_boot(seen));
            (seen.state == State::Running && told).then(|| seen.clone())
        })
        .await?;
    let seen = match waited {
        Waited::Found(seen) => seen,
        Waited::NotYet(seen) => *seen,
    };
    let name = run.domain;
    if seen.state != State::Running {
        let text = format!("{name} was rebooted, but it is {} ({}) now", seen.state, seen.reason);
        return Err(run.failure(Kind::Failed, text));
    }
    if before.same_boot(&seen) {
        let text =
            format!("{name} looked rebooted, but its guest agent tells the old boot id: look at its console");
        return Err(run.failure(Kind::Uncertain, text));
    }
    let sign = run.memory.sign.unwrap_or(Evidence::RunningUnlocked);
    let now = run.clock.now();
    run.memory.proof = Some(Proof {
        zone: run.hv.zone().to_owned(),
        domain: seen.name.clone(),
        method: match before.route {
            Route::Start => Method::Started,
            _ if run.memory.forced => Method::Hard,
            _ => Method::Graceful,
        },
        evidence: match (&before.boot_id, &seen.boot_id) {
            (Some(_), Some(_)) => Evidence::BootId,
            _ if before.domain_id != seen.domain_id => Evidence::DomainId,
            _ => sign,
        },
        boot_id_before: before.boot_id,
        boot_id_after: seen.boot_id,
        domain_id_before: before.domain_id,
        domain_id_after: seen.domain_id,
        lock_removed: None,
        state: seen.state,
        took_ms: (now - before.at).num_milliseconds(),
        at: now,
    });
    Ok(())
}
