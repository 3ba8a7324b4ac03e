//! What a cluster or a Cabinet answers when it does not do what it was asked. Hypervisors have their own, [`crate::hypervisor::HvError`].

use std::fmt;

use crate::failure::{Failure, Kind};

/// What kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No connection could be made: the request was certainly not sent.
    Unreachable,
    /// It broke in the middle, or the system itself stumbled (5xx): whether it took effect is unknown.
    Lost,
    /// No answer in time. The request may still take effect.
    Hung,
    /// Somebody else changed it at the same moment, or another field manager owns it.
    Conflict,
    /// There is no such thing.
    NotFound,
    /// The system said no: our credentials, its policy, a value it does not take.
    Refused,
    /// This system cannot do that.
    Unsupported,
    /// Anything else.
    Failed,
}

/// A system did not do what it was asked. Its text is for an engineer who was just woken up, and never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemError {
    /// What kind of trouble.
    pub trouble: Trouble,
    /// Which system: `cluster acme-prod`, `Cabinet (Keystone)`.
    pub system: String,
    /// What was asked: `quota of cores in acme`.
    pub during: String,
    /// The system's own words.
    pub cause: String,
}

impl fmt::Display for SystemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trouble, system, during, cause } = self;
        let what = match trouble {
            Trouble::Unreachable => "it cannot be reached; is it up, and is its address right?",
            Trouble::Lost => "it broke off in the middle and may have done it all the same",
            Trouble::Hung => "it does not answer; it may still do it later",
            Trouble::Conflict => "somebody else has changed it: look who, and whether that is wanted",
            Trouble::NotFound => "there is no such thing; deleted or renamed?",
            Trouble::Refused => "it refused; look at the value and at our rights there",
            Trouble::Unsupported => "it cannot do that",
            Trouble::Failed => "it failed",
        };
        write!(f, "{system}: {during}: {what} ({cause})")
    }
}

impl std::error::Error for SystemError {}

impl SystemError {
    /// What it means for a step that has no other way on.
    pub fn failure(&self, step: impl Into<String>) -> Failure {
        let kind = match self.trouble {
            Trouble::Unreachable | Trouble::Lost => Kind::Passing,
            Trouble::Hung => Kind::Hung,
            Trouble::Conflict | Trouble::NotFound | Trouble::Refused => Kind::Refused,
            Trouble::Unsupported | Trouble::Failed => Kind::Failed,
        };
        Failure::new(step, kind, self.to_string())
    }
}
