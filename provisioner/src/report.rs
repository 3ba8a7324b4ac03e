//! What goes into a procedure (how long to wait) and what comes out of it (the proof).

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::hypervisor::{LockMarker, State};

/// How long to wait for what. The defaults fit the ten minutes of RULES T3; the worker fills them from the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// How long a guest may take to obey a polite request before it is forced.
    pub graceful_wait: TimeDelta,
    /// How long to wait for the effect of a forced reboot.
    pub hard_wait: TimeDelta,
    /// How long a domain may take from power-on to `running`.
    pub start_wait: TimeDelta,
    /// How long to wait for the guest agent of a domain that has certainly been rebooted.
    pub agent_wait: TimeDelta,
    /// After a crash or a lost connection: at least this long from the first look until anything is forced.
    pub settle: TimeDelta,
    /// How long a lost connection may last in the middle of a wait before the run gives up for now.
    pub outage: TimeDelta,
    /// From one look to the next.
    pub poll: TimeDelta,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            graceful_wait: TimeDelta::seconds(120),
            hard_wait: TimeDelta::seconds(120),
            start_wait: TimeDelta::seconds(60),
            agent_wait: TimeDelta::seconds(120),
            settle: TimeDelta::seconds(15),
            outage: TimeDelta::seconds(30),
            poll: TimeDelta::seconds(1),
        }
    }
}

/// What was read back: kept with the ticket, and the ground of what the customer is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The zone.
    pub zone: String,
    /// The domain.
    pub domain: String,
    /// What brought it about.
    pub method: Method,
    /// What proves it.
    pub evidence: Evidence,
    /// The kernel's boot id before, if the guest agent answered.
    pub boot_id_before: Option<String>,
    /// The kernel's boot id after, if the guest agent answered.
    pub boot_id_after: Option<String>,
    /// The number of the domain's run before; none if it was off.
    pub domain_id_before: Option<u32>,
    /// The number of the domain's run after.
    pub domain_id_after: Option<u32>,
    /// The lock marker that was removed (unlock only).
    pub lock_removed: Option<LockMarker>,
    /// The state that was read last.
    pub state: State,
    /// From the first look to the last, in milliseconds, breaks after crashes included.
    pub took_ms: i64,
    /// When it was read back.
    pub at: DateTime<Utc>,
}

/// What brought the result about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The guest was asked and obeyed.
    Graceful,
    /// The guest did not obey in time and was reset or power-cycled.
    Hard,
    /// It was off and was started.
    Started,
    /// It was paused and was let run on.
    Resumed,
    /// Nothing had to be done any more.
    AlreadyDone,
}

/// What proves the result, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The guest's kernel says that it is another boot.
    BootId,
    /// The hypervisor runs the domain under a new number: it was powered off and on.
    DomainId,
    /// It was seen powered off after the request, and runs now.
    SeenOff,
    /// The hypervisor announced the reboot, and the domain runs.
    RebootEvent,
    /// The hypervisor took the reset and the domain runs, but its announcement was missed.
    ResetTaken,
    /// It runs and bears no lock marker.
    RunningUnlocked,
}
