//! Which procedure plans and executes which action: one row for each.
//!
//! `plan` reads the real system and says what would change; it touches nothing. `run` executes what was approved, or goes on where an
//! earlier run stopped, and returns the proof that was read back.

use chrono::TimeDelta;
use crm::clock::Clock;
use crm::domain::action::{ActionSpec, Proof};
use crm::domain::form::RebootMode;
use crm::domain::plan::{Change, Phrase, Plan, Value};

use crate::failure::Failure;
use crate::handover::Handover;
use crate::hypervisor::LockMarker;
use crate::quota::{OfNamespace, OfProject};
use crate::report::{self, Method, Timing};
use crate::steps::Progress;
use crate::systems::Systems;
use crate::zone_link::Wish;
use crate::{control_plane, credentials, password, quota, vm_reboot, vm_unlock};

/// What `spec` would change now.
pub async fn plan(systems: &Systems, spec: &ActionSpec) -> Result<Plan, Failure> {
    match spec {
        ActionSpec::VmReboot { zone, domain, .. } => {
            vm_reboot::plan(systems.hypervisor(zone.as_str()).await?.as_ref(), domain).await
        }
        ActionSpec::VmUnlock { zone, domain, .. } => {
            vm_unlock::plan(systems.hypervisor(zone.as_str()).await?.as_ref(), domain).await
        }
        ActionSpec::ZoneLink { from, to, .. } | ActionSpec::ZoneUnlink { from, to, .. } => {
            systems.link(from, to).await?.plan(wish(spec)).await
        }
        ActionSpec::QuotaCabinet { project, resource, wanted, .. } => {
            let cabinet = systems.cabinet()?;
            let target = OfProject { cabinet: cabinet.as_ref(), project, resource: *resource };
            quota::plan(&target, *wanted).await
        }
        ActionSpec::QuotaNamespace { cluster, namespace, resource, wanted, .. } => {
            let cluster = systems.cluster(cluster).await?;
            let target = OfNamespace { cluster: cluster.as_ref(), namespace, resource: *resource };
            quota::plan(&target, *wanted).await
        }
        ActionSpec::CabinetPassword { user, .. } => password::plan(systems.cabinet()?.as_ref(), user).await,
        ActionSpec::ClusterCredentials { cluster, namespace, .. } => {
            credentials::plan(systems.cluster(cluster).await?.as_ref(), namespace).await
        }
        ActionSpec::ControlPlaneCheck { cluster, .. } => {
            Ok(control_plane::plan(systems.cluster(cluster).await?.as_ref()))
        }
    }
}

/// Whether a link is wanted, or its absence.
const fn wish(spec: &ActionSpec) -> Wish {
    if matches!(spec, ActionSpec::ZoneUnlink { .. }) { Wish::Removal } else { Wish::Link }
}

/// What a procedure is run with.
pub struct Tools<'r> {
    /// The systems.
    pub systems: &'r Systems,
    /// The time.
    pub clock: &'r dyn Clock,
    /// How long to wait for what.
    pub timing: &'r Timing,
    /// Where the steps are written down.
    pub progress: &'r mut dyn Progress,
    /// Where a secret that comes out goes.
    pub handover: Handover,
}

/// Executes `spec` as `plan` says.
pub async fn run(tools: Tools<'_>, spec: &ActionSpec, plan: &Plan) -> Result<Proof, Failure> {
    let Tools { systems, clock, timing, progress, handover } = tools;
    match spec {
        ActionSpec::VmReboot { zone, domain, mode, graceful_wait_ms, .. } => {
            let hypervisor = systems.hypervisor(zone.as_str()).await?;
            let graceful_wait = match mode {
                RebootMode::Graceful => TimeDelta::milliseconds(*graceful_wait_ms),
                RebootMode::Hard => TimeDelta::zero(),
            };
            let timing = Timing { graceful_wait, ..timing.clone() };
            vm_reboot::run(hypervisor.as_ref(), clock, domain, &timing, progress).await.map(|p| proof_of(&p))
        }
        ActionSpec::VmUnlock { zone, domain, .. } => {
            let hypervisor = systems.hypervisor(zone.as_str()).await?;
            // Where there was no lock when it was approved, none that is found now may be lifted.
            let marker = LockMarker {
                reason: plan.facts.lock_reason.clone().unwrap_or_else(|| "no lock was known".to_owned()),
                ticket: plan.facts.lock_ticket.clone().unwrap_or_default(),
            };
            vm_unlock::run(hypervisor.as_ref(), clock, domain, Some(&marker), timing, progress)
                .await
                .map(|p| proof_of(&p))
        }
        ActionSpec::ZoneLink { from, to, .. } | ActionSpec::ZoneUnlink { from, to, .. } => {
            systems.link(from, to).await?.run(wish(spec), plan, (clock, timing), progress).await
        }
        ActionSpec::QuotaCabinet { project, resource, wanted, .. } => {
            let cabinet = systems.cabinet()?;
            let target = OfProject { cabinet: cabinet.as_ref(), project, resource: *resource };
            quota::run(quota::World { target: &target, wanted: *wanted, timing }, clock, progress).await
        }
        ActionSpec::QuotaNamespace { cluster, namespace, resource, wanted, .. } => {
            let cluster = systems.cluster(cluster).await?;
            let target = OfNamespace { cluster: cluster.as_ref(), namespace, resource: *resource };
            quota::run(quota::World { target: &target, wanted: *wanted, timing }, clock, progress).await
        }
        ActionSpec::CabinetPassword { user, .. } => {
            let cabinet = systems.cabinet()?;
            password::run(password::World { cabinet: cabinet.as_ref(), user, handover }, clock, progress)
                .await
        }
        ActionSpec::ClusterCredentials { cluster, namespace, .. } => {
            let cluster = systems.cluster(cluster).await?;
            let world = credentials::World { cluster: cluster.as_ref(), namespace, handover, timing };
            credentials::run(world, clock, progress).await
        }
        ActionSpec::ControlPlaneCheck { cluster, .. } => {
            control_plane::run(systems.cluster(cluster).await?.as_ref(), clock).await
        }
    }
}

/// The place whose slowness must not delay other places.
pub fn place(spec: &ActionSpec) -> String {
    match spec {
        ActionSpec::VmReboot { zone, .. } | ActionSpec::VmUnlock { zone, .. } => format!("zone {zone}"),
        ActionSpec::ZoneLink { from, to, .. } | ActionSpec::ZoneUnlink { from, to, .. } => {
            let (one, other) = (from.place.home(), to.place.home());
            format!("link {} {}", one.min(other), one.max(other))
        }
        ActionSpec::QuotaNamespace { cluster, .. }
        | ActionSpec::ClusterCredentials { cluster, .. }
        | ActionSpec::ControlPlaneCheck { cluster, .. } => format!("cluster {cluster}"),
        ActionSpec::QuotaCabinet { .. } | ActionSpec::CabinetPassword { .. } => "cabinet".to_owned(),
    }
}

/// The thing on which one action at a time is executed.
pub fn thing(spec: &ActionSpec) -> String {
    match spec {
        ActionSpec::VmReboot { zone, domain, .. } | ActionSpec::VmUnlock { zone, domain, .. } => {
            format!("machine {zone}/{domain}")
        }
        ActionSpec::ZoneLink { from, to, .. } | ActionSpec::ZoneUnlink { from, to, .. } => {
            format!("link {} {}", (&from.network).min(&to.network), (&from.network).max(&to.network))
        }
        ActionSpec::QuotaNamespace { cluster, namespace, .. }
        | ActionSpec::ClusterCredentials { cluster, namespace, .. } => {
            format!("namespace {cluster}/{namespace}")
        }
        ActionSpec::ControlPlaneCheck { cluster, .. } => format!("masters {cluster}"),
        ActionSpec::QuotaCabinet { project, .. } => format!("project {project}"),
        ActionSpec::CabinetPassword { user, .. } => format!("account {user}"),
    }
}

/// A machine's proof as the ticket keeps it.
fn proof_of(proof: &report::Proof) -> Proof {
    let method = match proof.method {
        Method::Graceful => "graceful",
        Method::Hard => "hard",
        Method::Started => "started",
        Method::Resumed => "resumed",
        Method::AlreadyDone => "already",
    };
    let unlocked = proof.lock_removed.as_ref().map(|lock| Change {
        what: Phrase::new("plan-what-lock").with("domain", &proof.domain).with("zone", &proof.zone),
        before: Value::Name(lock.short()),
        after: Value::word("plan-none"),
    });
    Proof {
        method: method.to_owned(),
        state: proof.state.to_string(),
        boot_id: proof.boot_id_before.clone().zip(proof.boot_id_after.clone()),
        domain_id: proof.domain_id_before.zip(proof.domain_id_after),
        at: proof.at,
        took_ms: proof.took_ms,
        read_back: unlocked.into_iter().collect(),
    }
}
