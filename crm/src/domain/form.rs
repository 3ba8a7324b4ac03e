//! What a customer filled in, by kind of ticket. The words he wrote are messages; this is what the desk can act on.

use serde::{Deserialize, Serialize};

use super::ids::{ContactId, NetworkId, ServiceId};
use super::kind::Terms;
use crate::clock::Moment;

word_enum! {
    /// How a VM is rebooted.
    #[derive(Default)]
    pub enum RebootMode {
        /// Asks the guest to go down by itself; after a while the hard way.
        #[default]
        Graceful = "graceful",
        /// At once, like the power button.
        Hard = "hard",
    }
}

word_enum! {
    /// What a quota limits. Counts are plain numbers; memory is in MiB.
    pub enum QuotaResource {
        /// Virtual processors of a Cabinet project.
        Cores = "cores",
        /// Memory of a Cabinet project, MiB.
        Ram = "ram",
        /// Virtual machines of a Cabinet project.
        Instances = "instances",
        /// Processors that the pods of a namespace may request.
        Cpu = "cpu",
        /// Memory that the pods of a namespace may request, MiB.
        Memory = "memory",
        /// Pods of a namespace.
        Pods = "pods",
    }
}

impl QuotaResource {
    /// What a project or a namespace has quotas of.
    pub const fn of(terms: Terms) -> [Self; 3] {
        match terms {
            Terms::Vm => [Self::Cores, Self::Ram, Self::Instances],
            Terms::Kubernetes => [Self::Cpu, Self::Memory, Self::Pods],
        }
    }

    /// The most that can be asked for in a ticket: beyond it somebody mistyped, or needs a conversation rather than a form.
    pub const fn most(self) -> i64 {
        match self {
            Self::Cores | Self::Cpu | Self::Instances => 10_000,
            Self::Pods => 100_000,
            // 64 TiB.
            Self::Ram | Self::Memory => 64 * 1024 * 1024,
        }
    }

    /// Whether its values are MiB.
    pub const fn is_memory(self) -> bool {
        matches!(self, Self::Ram | Self::Memory)
    }
}

/// The answers to a kind's questions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum Form {
    /// Reboot of a VM.
    VmReboot {
        /// Which.
        vm: ServiceId,
        /// How.
        mode: RebootMode,
    },
    /// Unlock of a VM.
    VmUnlock {
        /// Which.
        vm: ServiceId,
        /// Why it was locked, as last read from the hypervisor.
        lock_reason: Option<String>,
    },
    /// More of what is limited (T1, S1).
    QuotaIncrease {
        /// Of the Cabinet project (VM), or of a place in a cluster.
        terms: Terms,
        /// The place in a cluster; absent for the Cabinet project, which is the customer's.
        service: Option<ServiceId>,
        /// Of what.
        resource: QuotaResource,
        /// The quota the customer was shown, if it could be read.
        current: Option<i64>,
        /// The quota he wants.
        wanted: i64,
    },
    /// The password of the customer's Cabinet account (T2), or new credentials for a place in a cluster.
    PasswordRecovery {
        /// The place in a cluster; absent for the Cabinet account.
        service: Option<ServiceId>,
    },
    /// A connection between networks in two availability zones (T4), or its removal.
    ZoneLink {
        /// One end.
        from: NetworkId,
        /// The other end, in another zone.
        to: NetworkId,
        /// Whether an existing link is to go.
        #[serde(default)]
        remove: bool,
    },
    /// A first Cabinet for somebody who has none (S3).
    NewCabinet {
        /// The organisation.
        company: String,
        /// The telephone number to call back.
        phone: String,
    },
    /// A new service (S3) or a trial of one (S2).
    Order {
        /// Under which terms.
        terms: Terms,
    },
    /// A claim for an SLA credit (C8) or for lost data (C10).
    Claim {
        /// For which service.
        service: Option<ServiceId>,
        /// When it began, by the customer's account.
        since: Option<Moment>,
    },
    /// Something is broken.
    Fault {
        /// What, where the customer could say.
        service: Option<ServiceId>,
        /// Since when, by the customer's account (C8).
        since: Option<Moment>,
    },
    /// Whoever wrote from a chat shared the telephone number of a contact in the directory; an engineer confirms that it is he.
    Binding {
        /// The contact.
        contact: ContactId,
    },
    /// Words alone.
    Plain,
}

impl Form {
    /// The rented service this is about.
    pub const fn service(&self) -> Option<&ServiceId> {
        match self {
            Self::VmReboot { vm, .. } | Self::VmUnlock { vm, .. } => Some(vm),
            Self::Fault { service, .. }
            | Self::QuotaIncrease { service, .. }
            | Self::PasswordRecovery { service }
            | Self::Claim { service, .. } => service.as_ref(),
            Self::ZoneLink { .. }
            | Self::NewCabinet { .. }
            | Self::Order { .. }
            | Self::Binding { .. }
            | Self::Plain => None,
        }
    }

    /// Whose terms apply where no rented service says so.
    pub const fn terms(&self) -> Option<Terms> {
        match self {
            Self::QuotaIncrease { terms, .. } | Self::Order { terms } => Some(*terms),
            _ => None,
        }
    }
}
