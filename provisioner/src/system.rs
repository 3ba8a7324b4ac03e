//! What can go wrong with a system behind an HTTP API or LDAP (a cluster, the Cabinet), in the terms the plans decide by.

use std::fmt;

use crate::failure::{Failure, Kind};

/// A system did not do what it was asked. Its text is for an engineer who was just woken up, and never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemError {
    /// What kind of trouble.
    pub trouble: Trouble,
    /// Which system: `cluster acme-prod`, `Keystone`.
    pub system: String,
    /// What was asked: `quota of namespace acme`.
    pub during: String,
    /// The system's own words.
    pub cause: String,
}

/// What kind of trouble a system is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No connection: the request was certainly not carried out.
    Unreachable,
    /// The connection broke or the time ran out after the request was sent: it may have been carried out.
    Lost,
    /// The system answered that it can't at the moment: 429, 5xx, a locked database.
    Busy,
    /// Our own credentials are not accepted: 401, an expired token.
    Unauthenticated,
    /// Our credentials may not do that: 403.
    Forbidden,
    /// There is no such project, account, namespace or object.
    Missing,
    /// Somebody else owns what is to be changed, or changed it at the same moment: 409.
    Conflict,
    /// The system refuses the value or the state forbids it: 400, 422.
    Refused,
    /// This system can't do that at all.
    Unsupported,
    /// It answered something that makes no sense.
    Failed,
}

impl SystemError {
    /// An error of `system`.
    pub fn new(trouble: Trouble, system: &str, during: &str, cause: impl Into<String>) -> Self {
        Self { trouble, system: system.to_owned(), during: during.to_owned(), cause: cause.into() }
    }

    /// It may go away by itself: worth another try after a look, since the request may have taken effect.
    pub const fn is_passing(&self) -> bool {
        matches!(self.trouble, Trouble::Unreachable | Trouble::Lost | Trouble::Busy)
    }

    /// What it means for a step that has no other way on.
    pub fn failure(&self, step: &str) -> Failure {
        let kind = match self.trouble {
            Trouble::Unreachable | Trouble::Lost | Trouble::Busy => Kind::Passing,
            Trouble::Missing | Trouble::Conflict | Trouble::Refused => Kind::Refused,
            Trouble::Unauthenticated | Trouble::Forbidden | Trouble::Unsupported | Trouble::Failed => {
                Kind::Failed
            }
        };
        Failure::new(step, kind, self.to_string())
    }
}

impl fmt::Display for SystemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trouble, system, during, cause } = self;
        write!(f, "{system}: {during}: ")?;
        match trouble {
            Trouble::Unreachable => write!(f, "it cannot be reached ({cause}); is it up?"),
            Trouble::Lost => write!(f, "no answer came ({cause}); it may have been done all the same"),
            Trouble::Busy => write!(f, "it cannot at the moment ({cause})"),
            Trouble::Unauthenticated => {
                write!(f, "it does not accept the provisioner's credentials ({cause}); renew them")
            }
            Trouble::Forbidden => {
                write!(f, "the provisioner may not ({cause}); compare its rights with deploy/")
            }
            Trouble::Missing => write!(f, "there is no such thing ({cause}); deleted or renamed?"),
            Trouble::Conflict => write!(f, "somebody else owns it or has just changed it ({cause})"),
            Trouble::Refused => write!(f, "it refused ({cause})"),
            Trouble::Unsupported => write!(f, "it cannot do that ({cause})"),
            Trouble::Failed => write!(f, "it failed ({cause})"),
        }
    }
}

impl std::error::Error for SystemError {}
