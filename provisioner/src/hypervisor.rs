//! What the provisioner needs of a hypervisor, in plain types: the procedures (`vm_reboot`, `vm_unlock`) know
//! only this trait, so that they are tested without one and another hypervisor can be put beside libvirt.

use std::fmt;

use async_trait::async_trait;
use crm::domain::plan::Value;
use serde::{Deserialize, Serialize};

use crate::links::Links;

/// The hypervisor of one zone.
///
/// Every method returns within the adapter's own time limit, also when the hypervisor hangs. That a method
/// returned `Ok` proves only that the request was accepted: whether it took effect is read with [`observe`].
///
/// [`observe`]: Hypervisor::observe
#[async_trait]
pub trait Hypervisor: Links {
    /// The zone it stands in, for messages.
    fn zone(&self) -> &str;

    /// All domains of the zone, without asking their guest agents (`boot_id` stays empty).
    async fn list(&self) -> Result<Vec<Observed>, HvError>;

    /// One domain as it is now, with the boot id if its guest agent answers.
    async fn observe(&self, domain: &str) -> Result<Observed, HvError>;

    /// Asks the guest to reboot by pressing its power button (ACPI). A guest may ignore it without an error.
    async fn reboot(&self, domain: &str) -> Result<(), HvError>;

    /// Asks the guest to power off (ACPI). A guest may ignore it without an error.
    async fn shutdown(&self, domain: &str) -> Result<(), HvError>;

    /// Starts a domain that is off.
    async fn start(&self, domain: &str) -> Result<(), HvError>;

    /// Presses the reset button: the same domain id goes on with a new boot.
    async fn reset(&self, domain: &str) -> Result<(), HvError>;

    /// Pulls the plug: the domain is off afterwards (a transient one is gone).
    async fn destroy(&self, domain: &str) -> Result<(), HvError>;

    /// Stops the virtual processors of a running domain: how a domain is locked.
    async fn suspend(&self, domain: &str) -> Result<(), HvError>;

    /// Lets a paused domain run on.
    async fn resume(&self, domain: &str) -> Result<(), HvError>;

    /// Puts the lock marker on a domain, live and for later starts. It does not pause the domain.
    async fn set_lock(&self, domain: &str, marker: &LockMarker) -> Result<(), HvError>;

    /// Removes the lock marker, live and for later starts. No error if there is none.
    async fn clear_lock(&self, domain: &str) -> Result<(), HvError>;
}

/// One domain at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// The name the hypervisor knows it by.
    pub name: String,
    /// What it does.
    pub state: State,
    /// Why, in the hypervisor's words: `user`, `I/O error`, `booted`.
    pub reason: String,
    /// It is paused because a person or a program asked for it, so that `resume` is safe; not by a storage
    /// error, a migration or a snapshot.
    pub held: bool,
    /// It has a definition that outlives its power-off.
    pub persistent: bool,
    /// The number of this run of the domain; a new one at every power-on, kept over a guest's reboot.
    pub domain_id: Option<u32>,
    /// Why it is locked, if it is.
    pub lock: Option<LockMarker>,
    /// Whether the guest agent can be asked.
    pub agent: Agent,
    /// The kernel's id of this boot, from the guest agent: a new one at every boot.
    pub boot_id: Option<String>,
    /// How many guest reboots (resets) the hypervisor has announced since this program connected. One reboot
    /// may be announced several times; announcements made while the connection was down are missing.
    pub reboot_events: u64,
}

impl Observed {
    /// Off or crashed: nothing runs and `start` is the way on.
    pub fn is_off(&self) -> bool {
        matches!(self.state, State::Off | State::Crashed)
    }
}

/// What a domain does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its processors run.
    Running,
    /// Its processors stand still.
    Paused,
    /// On its way off.
    ShuttingDown,
    /// Powered off.
    Off,
    /// Gone down by itself.
    Crashed,
    /// Asleep by the guest's own wish (suspend to memory).
    Asleep,
}

impl State {
    /// The state in a plan, in each reader's language.
    pub fn value(self) -> Value {
        Value::word(match self {
            Self::Running => "plan-state-running",
            Self::Paused => "plan-state-paused",
            Self::ShuttingDown => "plan-state-shutting-down",
            Self::Off => "plan-state-off",
            Self::Crashed => "plan-state-crashed",
            Self::Asleep => "plan-state-asleep",
        })
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::ShuttingDown => "shutting down",
            Self::Off => "shut off",
            Self::Crashed => "crashed",
            Self::Asleep => "asleep",
        })
    }
}

/// The guest agent, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Agent {
    /// The domain has no agent channel.
    Absent,
    /// There is a channel, and nobody listens at its guest end.
    Disconnected,
    /// Somebody is connected, but did not answer in time or refused.
    Silent,
    /// It is connected; when it was asked, it answered.
    Connected,
}

/// The mark on a locked domain: who may ask why, finds the ticket here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockMarker {
    /// Why it is locked: `abuse`, `mining`, `debt` (RULES S4).
    pub reason: String,
    /// The ticket under which it was locked; empty if there is none.
    pub ticket: String,
}

impl LockMarker {
    /// The same in any language: `abuse · KM-000009`.
    pub fn short(&self) -> String {
        if self.ticket.is_empty() {
            self.reason.clone()
        } else {
            format!("{} · {}", self.reason, self.ticket)
        }
    }
}

impl fmt::Display for LockMarker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ticket.is_empty() {
            write!(f, "{}", self.reason)
        } else {
            write!(f, "{}, ticket {}", self.reason, self.ticket)
        }
    }
}

/// A hypervisor did not do what it was asked. Its text is for an engineer who was just woken up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HvError {
    /// What kind of trouble.
    pub fault: Fault,
    /// The zone.
    pub zone: String,
    /// What was asked, and of which domain: `reboot of acme-web`.
    pub during: String,
    /// The hypervisor's own words, or how long it has said nothing.
    pub cause: String,
}

/// What kind of trouble a hypervisor is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No connection could be made: the request was certainly not sent.
    Unreachable,
    /// The connection broke in the middle: whether the request took effect is unknown.
    Lost,
    /// The hypervisor answered that it could not get to it in time.
    Timeout,
    /// The hypervisor did not answer at all. The request may still take effect when it wakes up.
    Hung,
    /// There is no such domain.
    NoSuchDomain,
    /// This hypervisor cannot do that.
    Unsupported,
    /// The hypervisor said no: wrong state of the domain, or no permission.
    Refused,
    /// Anything else the hypervisor complained about.
    Failed,
}

impl HvError {
    /// It may go away by itself: worth another try later, after a look, since the request may have taken
    /// effect or still may.
    pub fn is_passing(&self) -> bool {
        matches!(self.fault, Fault::Unreachable | Fault::Lost | Fault::Timeout | Fault::Hung)
    }
}

impl fmt::Display for HvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fault, zone, during, cause } = self;
        write!(f, "zone {zone}: {during}: ")?;
        match fault {
            Fault::Unreachable => {
                write!(f, "the hypervisor cannot be reached ({cause}); is libvirtd up there?")
            }
            Fault::Lost => {
                write!(
                    f,
                    "the connection to the hypervisor broke ({cause}); it may have done it all the same"
                )
            }
            Fault::Timeout => write!(
                f,
                "the hypervisor could not get to it in time ({cause}); look for a job of the \
                                         domain that never ends, or a QEMU that hangs"
            ),
            Fault::Hung => {
                write!(
                    f,
                    "the hypervisor hangs ({cause}); it may still do it later. Look at libvirtd there, and at the machine's QEMU"
                )
            }
            Fault::NoSuchDomain => {
                write!(f, "there is no such domain; deleted, renamed or moved to another zone?")
            }
            Fault::Unsupported => write!(f, "this hypervisor cannot do it ({cause})"),
            Fault::Refused => write!(f, "the hypervisor refused ({cause})"),
            Fault::Failed => write!(f, "the hypervisor failed ({cause})"),
        }
    }
}

impl std::error::Error for HvError {}
