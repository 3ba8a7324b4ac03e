//! What an error of the Kubernetes client means.

use kube::Error;

use crate::system::{SystemError, Trouble};

/// Translates an error met while doing `during` with `cluster`.
pub fn translate(cluster: &str, during: &str, error: Error) -> SystemError {
    let system = format!("cluster {cluster}");
    let (trouble, cause) = match error {
        Error::Api(status) => {
            let trouble = match status.code {
                401 => Trouble::Unauthenticated,
                403 => Trouble::Forbidden,
                404 => Trouble::Missing,
                409 => Trouble::Conflict,
                400 | 405 | 422 => Trouble::Refused,
                // etcd that is stopped shows as a 500 that says so, or as a 504.
                429 | 500 | 502 | 503 | 504 => Trouble::Busy,
                _ => Trouble::Failed,
            };
            (trouble, if status.message.is_empty() { status.reason.clone() } else { status.message.clone() })
        }
        Error::Service(error) => {
            let text = chain(error.as_ref());
            // A connection that was refused carried nothing; of one that broke nobody knows.
            let refused = text.contains("error (Connect)");
            (if refused { Trouble::Unreachable } else { Trouble::Lost }, text)
        }
        Error::HyperError(error) => (Trouble::Lost, chain(&error)),
        Error::Auth(error) => (Trouble::Unauthenticated, error.to_string()),
        other => (Trouble::Failed, other.to_string()),
    };
    SystemError::new(trouble, &system, during, cause)
}

/// An error with what is behind it: the outer ones only say that something failed.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}
