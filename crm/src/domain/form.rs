//! What a customer filled in, by kind of ticket. The words he wrote are messages; this is what the desk can act on.

use serde::{Deserialize, Serialize};

use super::ids::ServiceId;
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
    /// Something is broken.
    Fault {
        /// What, where the customer could say.
        service: Option<ServiceId>,
        /// Since when, by the customer's account (C8).
        since: Option<Moment>,
    },
    /// Words alone.
    Plain,
}

impl Form {
    /// The rented service this is about.
    pub const fn service(&self) -> Option<&ServiceId> {
        match self {
            Self::VmReboot { vm, .. } | Self::VmUnlock { vm, .. } => Some(vm),
            Self::Fault { service, .. } => service.as_ref(),
            Self::Plain => None,
        }
    }
}
