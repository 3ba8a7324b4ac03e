//! Work for the workers of the services, as it is stored until somebody does it.

use serde::{Deserialize, Serialize};

use super::ids::{ActionId, TicketId};
use super::kind::Queue;
use crate::clock::Moment;

/// Work for a service's worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum Job {
    /// crm: find and page the person at this step of the chain.
    Page {
        /// The ticket.
        ticket: TicketId,
        /// The step.
        step: u32,
    },
    /// provisioner: look what an action would change.
    Plan {
        /// The ticket.
        ticket: TicketId,
        /// The action.
        action: ActionId,
    },
    /// crm: tell who comes on how things stand.
    Shift {
        /// Whose shift.
        queue: Queue,
        /// When it begins.
        starts: Moment,
    },
    /// crm: send the managers the report of the week before this Monday.
    Report {
        /// The Monday, counted from 1970 in the zone of the terms.
        monday: i64,
    },
    /// crm: look whether a trial ends (S2).
    Trial {
        /// Its ticket.
        ticket: TicketId,
        /// When it was granted.
        granted: Moment,
        /// Whether the customer was told of the earliest possible end.
        told: bool,
        /// When to look.
        at: Moment,
    },
    /// provisioner: execute an approved action.
    Execute {
        /// The ticket.
        ticket: TicketId,
        /// The action.
        action: ActionId,
    },
}

word_enum! {
    /// Which service's worker runs a job.
    pub enum Lane {
        /// The crm.
        Crm = "crm",
        /// The provisioner.
        Provisioner = "provisioner",
    }
}

impl Job {
    /// Whose work it is.
    pub const fn lane(&self) -> Lane {
        match self {
            Self::Page { .. } | Self::Shift { .. } | Self::Report { .. } | Self::Trial { .. } => Lane::Crm,
            Self::Plan { .. } | Self::Execute { .. } => Lane::Provisioner,
        }
    }

    /// The same work is queued once.
    pub fn dedup_key(&self) -> String {
        match self {
            Self::Page { ticket, step } => format!("page/{ticket}/{step}"),
            Self::Plan { action, .. } => format!("plan/{action}"),
            Self::Shift { queue, starts } => format!("shift/{queue}/{}", starts.timestamp()),
            Self::Report { monday } => format!("report/{monday}"),
            Self::Trial { ticket, at, .. } => format!("trial/{ticket}/{}", at.timestamp()),
            Self::Execute { action, .. } => format!("execute/{action}"),
        }
    }
}
