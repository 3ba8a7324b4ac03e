//! Who did something: written into every event.

use serde::{Deserialize, Serialize};

use super::ids::{ContactId, CustomerId, StaffId};
use super::person::{Right, Role};

/// The author of a command, as established by the service that received it; never taken from a button or a URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "snake_case")]
pub enum Actor {
    /// A bound contact of a customer.
    Contact {
        /// The contact.
        id: ContactId,
        /// The customer he speaks for.
        customer: CustomerId,
    },
    /// A Telegram user bound to nobody: may ask a question or for a Cabinet (S3).
    Stranger {
        /// Telegram's user id.
        telegram: i64,
    },
    /// Somebody who writes mails and is in no directory: may go on with what he opened by mail.
    Correspondent {
        /// SHA-256 of his address: the audit keeps no address.
        address: String,
    },
    /// A member of the desk, with the role of this moment.
    Staff {
        /// The person.
        id: StaffId,
        /// The role held when acting.
        role: Role,
    },
    /// The SLA clock and other timers.
    Clock,
    /// The policy file, where it approves by itself.
    Policy,
    /// The provisioner, reporting what it did.
    Provisioner,
    /// The command line on the server.
    Operator,
}

impl Actor {
    /// The staff member, if it is one who holds `right`.
    pub fn staff_with(&self, right: Right) -> Option<&StaffId> {
        match self {
            Self::Staff { id, role } if role.may(right) => Some(id),
            _ => None,
        }
    }

    /// The staff member, whatever he may do.
    pub const fn staff_id(&self) -> Option<&StaffId> {
        match self {
            Self::Staff { id, .. } => Some(id),
            _ => None,
        }
    }

    /// Whether this is a person on the customer's side.
    pub const fn is_customer(&self) -> bool {
        matches!(self, Self::Contact { .. } | Self::Stranger { .. } | Self::Correspondent { .. })
    }
}
