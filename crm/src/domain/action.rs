//! An action: the exact change to a real system that is proposed, approved and executed, and its digest.
//!
//! An approval names the digest. Whoever executes computes it again from the specification, so an action that was changed after it
//! was approved is never run (DESIGN 2.4).

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::audit::{canonical, sha256_hex};
use super::form::RebootMode;
use super::ids::{ActionId, ServiceId, StaffId, TicketId, ZoneId};
use super::policy::Quorum;
use crate::clock::Moment;

/// What is to be done, complete: nothing is looked up between approval and execution that could change its meaning.
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
}

impl ActionSpec {
    /// The word for metrics and rows.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::VmReboot { .. } => "vm_reboot",
            Self::VmUnlock { .. } => "vm_unlock",
        }
    }

    /// The service acted on.
    pub const fn service(&self) -> &ServiceId {
        match self {
            Self::VmReboot { vm, .. } | Self::VmUnlock { vm, .. } => vm,
        }
    }

    /// The digest of this specification as action `id` of `ticket`: 64 hexadecimal digits of SHA-256.
    pub fn digest(&self, id: ActionId, ticket: TicketId) -> String {
        sha256_hex(canonical(&json!({ "id": id, "ticket": ticket, "spec": self })).as_bytes())
    }
}

word_enum! {
    /// Where an action is.
    pub enum ActionState {
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
        /// Not approved in time, or the ticket ended first.
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
    /// What approvals are bound to.
    pub digest: String,
    /// How many must approve.
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
    /// How it was done: `graceful`, `hard`, `resumed`, `started`, `already`.
    pub method: String,
    /// The state that was read back, libvirt's word.
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
}

/// Why an action failed, for the engineer who takes over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// A word for metrics: `hung`, `no_such_vm`, `locked`, `refused`, `not_proved`, `guard`, …
    pub code: String,
    /// What happened and what to look at.
    pub text: String,
}
