//! Why an action did not succeed, and what is to be done about it.

use serde::{Deserialize, Serialize};

use crate::hypervisor::{Fault, HvError};
use crate::steps::ProgressError;

/// A step that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{text}")]
pub struct Failure {
    /// The step that failed.
    pub step: String,
    /// What to do about it.
    pub kind: Kind,
    /// For the desk: what happened, and what a human should look at.
    pub text: String,
}

/// What is to be done about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A passing fault: run the action again, it goes on where it stopped.
    Passing,
    /// The same, and the desk must know at once: the hypervisor does not answer.
    Hung,
    /// The progress could not be saved, or another worker has the action now: this run stops and says nothing.
    Interrupted,
    /// The domain's state forbids it: a human decides.
    Refused,
    /// It may or may not have taken effect, and nothing can tell: a human looks. Never tried again by itself.
    Uncertain,
    /// It was tried and did not work: a human takes over.
    Failed,
}

impl Failure {
    /// A failure of `step`.
    pub fn new(step: impl Into<String>, kind: Kind, text: impl Into<String>) -> Self {
        Self { step: step.into(), kind, text: text.into() }
    }

    /// The progress could not be kept.
    pub fn interrupted(step: impl Into<String>, error: &ProgressError) -> Self {
        Self::new(step, Kind::Interrupted, error.to_string())
    }

    /// What an error of the hypervisor means for a step that has no other way on.
    pub fn from_hypervisor(step: impl Into<String>, error: &HvError) -> Self {
        let kind = match error.fault {
            Fault::Hung => Kind::Hung,
            Fault::Unreachable | Fault::Lost | Fault::Timeout => Kind::Passing,
            Fault::Refused | Fault::NoSuchDomain => Kind::Refused,
            Fault::Unsupported | Fault::Failed => Kind::Failed,
        };
        Self::new(step, kind, error.to_string())
    }

    /// The same run may be started again later and goes on where it stopped.
    pub fn retryable(&self) -> bool {
        matches!(self.kind, Kind::Passing | Kind::Hung | Kind::Interrupted)
    }
}
