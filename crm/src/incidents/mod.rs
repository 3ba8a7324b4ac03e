//! Incidents and the intervals that are confirmed of them: who may say what, and that a second person agrees (C8). Web, API and command
//! line call the same functions; each runs in the caller's transaction.

pub mod hook;
pub mod import;
mod intervals;
pub mod monitoring;
pub mod probes;
mod response;

pub use intervals::{Proposal, Ruling, dispute, propose, rule, rule_all, second};
pub use response::{announce, answer_all, attach, dismiss, open};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::clock::Moment;
use crate::domain::actor::Actor;
use crate::domain::person::Right;
use crate::domain::refusal::Refusal;
use crate::service::ServiceError;
use crate::store::StoreError;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum IncidentError {
    /// Not with this role.
    #[error("not allowed for this person")]
    Forbidden,
    /// Nobody seconds himself.
    #[error("{0} has said so himself: a second person must confirm it")]
    SamePerson(String),
    /// There is no such incident or interval.
    #[error("there is no {0}")]
    NotFound(String),
    /// The directory has no such service.
    #[error("there is no service «{id}» in the directory{hint}")]
    NoService {
        /// What was asked for.
        id: String,
        /// ` (did you mean …?)`, or nothing.
        hint: String,
    },
    /// The end comes before the start.
    #[error("it ends ({ends}) before it begins ({starts}); correct one of them")]
    Backwards {
        /// The start.
        starts: Moment,
        /// The end.
        ends: Moment,
    },
    /// What has not happened yet cannot be confirmed.
    #[error("it ends in the future ({0}); propose it once it is over")]
    Future(Moment),
    /// The cause does not fit the service (C13).
    #[error("{0}")]
    Cause(String),
    /// Nothing shows it.
    #[error("say what shows it: a record of monitoring, a ticket's number, a certificate")]
    NoEvidence,
    /// Works that were not announced so long ahead are no planned ones (C4).
    #[error(
        "planned works must be announced {needed} before they begin (C4); these were announced {ahead} before"
    )]
    LateNotice {
        /// How long ahead.
        needed: String,
        /// How long it was.
        ahead: String,
    },
    /// What does not count cannot be longer than the outage it belongs to.
    #[error("this exclusion is longer than the outage it belongs to, which lasted from {starts} to {ends}")]
    LongerThanOutage {
        /// The outage's start.
        starts: Moment,
        /// Its end.
        ends: Moment,
    },
    /// Somebody was quicker.
    #[error("{0}")]
    Already(String),
    /// The rules of a ticket do not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Customers could not be told.
    #[error(transparent)]
    Broadcast(#[from] crate::admin::broadcast::Problem),
    /// A credit that follows from it could not be computed.
    #[error(transparent)]
    Credit(#[from] crate::credits::CreditsError),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ServiceError> for IncidentError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Refused(refusal) => Self::Refused(refusal),
            ServiceError::Store(error) => Self::Store(error),
        }
    }
}

/// Who acts, as records name him; only the shift and the server's command line say what happened.
fn who(actor: &Actor, right: Right) -> Result<String, IncidentError> {
    match actor {
        Actor::Operator => Ok("operator".to_owned()),
        _ => actor.staff_with(right).map(|id| id.0.clone()).ok_or(IncidentError::Forbidden),
    }
}

/// Who acts, if he may handle what happened: the shift, a manager, the command line.
fn handler(actor: &Actor) -> Result<String, IncidentError> {
    who(actor, Right::Handle).or_else(|_| who(actor, Right::Credit))
}

/// One id for the same interval, however often it is reported or its file imported.
fn stable_id(parts: &[&str], starts: Moment, ends: Moment) -> Uuid {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.update(starts.timestamp_millis().to_be_bytes());
    hash.update(ends.timestamp_millis().to_be_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(half).into_uuid()
}
