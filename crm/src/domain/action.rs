//! An action: the exact change to a real system that is wanted, planned, approved and executed, and its digest.
//!
//! An approval names the digest. Whoever executes computes it again from specification and plan, so an action that was changed after
//! it was approved is never run (DESIGN 2.4).

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::audit::{canonical, sha256_hex};
use super::form::{QuotaResource, RebootMode};
use super::ids::{ActionId, ClusterId, CustomerId, NetworkId, ServiceId, StaffId, TicketId, ZoneId};
use super::plan::{Change, Plan};
use super::policy::Quorum;
use crate::clock::Moment;

/// Where a customer's network is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LinkPlace {
    /// A network of machines.
    Zone {
        /// Its zone.
        zone: ZoneId,
        /// libvirt's name of it.
        name: String,
    },
    /// A namespace.
    Cluster {
        /// Its cluster.
        cluster: ClusterId,
        /// Its name.
        namespace: String,
    },
}

impl LinkPlace {
    /// Whether networks here and there can be linked (T4): those of machines across zones, namespaces with each other.
    pub fn links_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Zone { zone: here, .. }, Self::Zone { zone: there, .. }) => here != there,
            (Self::Cluster { .. }, Self::Cluster { .. }) => self != other,
            _ => false,
        }
    }

    /// The zone or cluster.
    pub const fn home(&self) -> &str {
        match self {
            Self::Zone { zone, .. } => zone.0.as_str(),
            Self::Cluster { cluster, .. } => cluster.0.as_str(),
        }
    }

    /// What it is called there.
    pub const fn name(&self) -> &str {
        match self {
            Self::Zone { name, .. } => name.as_str(),
            Self::Cluster { namespace, .. } => namespace.as_str(),
        }
    }
}

/// One end of a link: a customer's network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkEnd {
    /// The network.
    pub network: NetworkId,
    /// Where it is.
    #[serde(flatten)]
    pub place: LinkPlace,
    /// Its addresses, `192.168.101.0/24`; for a namespace those of its cluster's pods.
    pub cidr: String,
}

/// What is wanted, complete: nothing is looked up later that could change its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum ActionSpec {
    /// Reboot a VM through libvirt.
    VmReboot {
        /// The rented service.
        vm: ServiceId,
        /// Its zone.
        zone: ZoneId,
        /// libvirt's domain name.
        domain: String,
        /// Graceful or hard.
        mode: RebootMode,
        /// How long the guest may take to go down by itself, milliseconds.
        graceful_wait_ms: i64,
    },
    /// Unlock a VM: take the lock marker away and let it run.
    VmUnlock {
        /// The rented service.
        vm: ServiceId,
        /// Its zone.
        zone: ZoneId,
        /// libvirt's domain name.
        domain: String,
        /// The reason on the marker when this was proposed.
        lock_reason: Option<String>,
        /// The ticket on the marker.
        #[serde(default)]
        lock_ticket: Option<String>,
    },
    /// Another quota for a Cabinet project (T1).
    QuotaCabinet {
        /// Whose.
        customer: CustomerId,
        /// The project.
        project: String,
        /// Of what: cores, ram (MiB) or instances.
        resource: QuotaResource,
        /// The quota that is wanted.
        wanted: i64,
    },
    /// Another quota for a namespace (T1).
    QuotaNamespace {
        /// The rented service.
        service: ServiceId,
        /// Its cluster.
        cluster: ClusterId,
        /// Its namespace.
        namespace: String,
        /// Of what: cpu, memory (MiB) or pods.
        resource: QuotaResource,
        /// The quota that is wanted.
        wanted: i64,
    },
    /// A new password for a Cabinet account (T2).
    CabinetPassword {
        /// Whose.
        customer: CustomerId,
        /// The account.
        user: String,
    },
    /// New credentials for a namespace; the old ones are revoked (T2).
    ClusterCredentials {
        /// The rented service.
        service: ServiceId,
        /// Its cluster.
        cluster: ClusterId,
        /// Its namespace.
        namespace: String,
    },
    /// A link between networks of one customer, in two zones or two namespaces (T4).
    ZoneLink {
        /// Whose.
        customer: CustomerId,
        /// One end.
        from: LinkEnd,
        /// The other.
        to: LinkEnd,
    },
    /// The removal of such a link (T4).
    ZoneUnlink {
        /// Whose.
        customer: CustomerId,
        /// One end.
        from: LinkEnd,
        /// The other.
        to: LinkEnd,
    },
    /// Asks each master of a cluster how it is (S6, C3). Changes nothing and solves nothing.
    ControlPlaneCheck {
        /// The rented service that is said to be at fault.
        service: ServiceId,
        /// Its cluster.
        cluster: ClusterId,
    },
}

impl ActionSpec {
    /// The word for metrics and rows.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::VmReboot { .. } => "vm_reboot",
            Self::VmUnlock { .. } => "vm_unlock",
            Self::QuotaCabinet { .. } => "quota_cabinet",
            Self::QuotaNamespace { .. } => "quota_namespace",
            Self::CabinetPassword { .. } => "cabinet_password",
            Self::ClusterCredentials { .. } => "cluster_credentials",
            Self::ZoneLink { .. } => "zone_link",
            Self::ZoneUnlink { .. } => "zone_unlink",
            Self::ControlPlaneCheck { .. } => "control_plane_check",
        }
    }

    /// The service acted on, if it is one service.
    pub const fn service(&self) -> Option<&ServiceId> {
        match self {
            Self::VmReboot { vm, .. } | Self::VmUnlock { vm, .. } => Some(vm),
            Self::QuotaNamespace { service, .. }
            | Self::ClusterCredentials { service, .. }
            | Self::ControlPlaneCheck { service, .. } => Some(service),
            Self::QuotaCabinet { .. }
            | Self::CabinetPassword { .. }
            | Self::ZoneLink { .. }
            | Self::ZoneUnlink { .. } => None,
        }
    }

    /// What it acts on, as people call it.
    pub fn subject(&self) -> String {
        match self {
            Self::QuotaCabinet { project, .. } => project.clone(),
            Self::CabinetPassword { user, .. } => user.clone(),
            Self::ZoneLink { from, to, .. } | Self::ZoneUnlink { from, to, .. } => {
                format!("{} ↔ {}", from.network, to.network)
            }
            _ => self.service().map(ToString::to_string).unwrap_or_default(),
        }
    }

    /// Whether it only looks: the ticket's state does not follow it, nobody need approve, and its proof does not solve the ticket.
    pub const fn only_looks(&self) -> bool {
        matches!(self, Self::ControlPlaneCheck { .. })
    }

    /// Whether a secret comes out of it, for whoever asked.
    pub const fn makes_secret(&self) -> bool {
        matches!(self, Self::CabinetPassword { .. } | Self::ClusterCredentials { .. })
    }

    /// The digest of this specification with `plan`, as action `id` of `ticket`: 64 hexadecimal digits of SHA-256.
    pub fn digest(&self, plan: &Plan, id: ActionId, ticket: TicketId) -> String {
        let whole = json!({ "id": id, "ticket": ticket, "spec": self, "plan": plan });
        sha256_hex(canonical(&whole).as_bytes())
    }
}

word_enum! {
    /// Where an action is.
    pub enum ActionState {
        /// Wanted; the provisioner looks what it would change.
        Planning = "planning",
        /// Waits for approvals.
        Proposed = "proposed",
        /// Approved; waits for the provisioner, or is being executed.
        Approved = "approved",
        /// Executed and proved.
        Done = "done",
        /// Failed: a human has it.
        Failed = "failed",
        /// Declined by a human.
        Declined = "declined",
        /// Not approved in time, the world changed under its plan, or the ticket ended first.
        Void = "void",
    }
}

/// An action of a ticket, with who has approved it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Its id.
    pub id: ActionId,
    /// What will be done.
    pub spec: ActionSpec,
    /// What that changes, as the provisioner read it; empty while it is being planned.
    #[serde(default)]
    pub plan: Plan,
    /// What approvals are bound to; empty while it is being planned.
    pub digest: String,
    /// How many must approve; while it is being planned, how many the terms ask for at first sight.
    pub quorum: Quorum,
    /// When the proposal lapses.
    pub expires_at: Moment,
    /// Where it is.
    pub state: ActionState,
    /// Who has approved, in order.
    pub approved_by: Vec<StaffId>,
}

/// What proves that an action took effect. Shown to engineers as it is and to customers in plain words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// How it was done: `graceful`, `hard`, `resumed`, `started`, `already`, `done`, …
    pub method: String,
    /// The state that was read back, in the system's own word.
    pub state: String,
    /// The guest's boot id before and after, where there is an agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_id: Option<(String, String)>,
    /// libvirt's domain id before and after, where that is the evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain_id: Option<(u32, u32)>,
    /// When it was read back.
    pub at: Moment,
    /// From the first step to the proof, milliseconds.
    pub took_ms: i64,
    /// What was read back, before → after. Never a secret.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read_back: Vec<Change>,
}

/// Why an action failed, for the engineer who takes over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// A word for metrics: `hung`, `unreachable`, `refused`, `not_proved`, `failed`, `guard`, …
    pub code: String,
    /// What happened and what to look at.
    pub text: String,
}
