//! Which of libvirt's errors mean what for a procedure.

use virt::error::Error;
use virt::sys;

use crate::hypervisor::{Fault, HvError};

/// Puts an error of libvirt into our terms.
pub fn translate(zone: &str, during: &str, error: &Error) -> HvError {
    HvError {
        fault: fault(error),
        zone: zone.to_owned(),
        during: during.to_owned(),
        cause: format!("{} [libvirt {}]", told(error.message()), error.code().to_raw()),
    }
}

/// A hook that failed has its whole environment in libvirt's words; what it said comes last.
fn told(message: &str) -> &str {
    let hook = message
        .starts_with("Hook script execution failed")
        .then(|| message.rsplit("unexpected exit status "));
    hook.and_then(|mut parts| parts.next()?.split_once(": ")).map_or(message, |(_, said)| said).trim()
}

/// What kind of trouble it is. The library's numbers, since the wrapper's names change between releases.
pub fn fault(error: &Error) -> Fault {
    match error.code().to_raw() {
        sys::VIR_ERR_NO_DOMAIN => Fault::NoSuchDomain,
        sys::VIR_ERR_OPERATION_INVALID
        | sys::VIR_ERR_OPERATION_DENIED
        | sys::VIR_ERR_ACCESS_DENIED
        | sys::VIR_ERR_AUTH_FAILED
        | sys::VIR_ERR_AUTH_CANCELLED
        | sys::VIR_ERR_AUTH_UNAVAILABLE => Fault::Refused,
        sys::VIR_ERR_OPERATION_TIMEOUT | sys::VIR_ERR_AGENT_UNRESPONSIVE | sys::VIR_ERR_RESOURCE_BUSY => {
            Fault::Timeout
        }
        sys::VIR_ERR_NO_SUPPORT
        | sys::VIR_ERR_OPERATION_UNSUPPORTED
        | sys::VIR_ERR_CONFIG_UNSUPPORTED
        | sys::VIR_ERR_ARGUMENT_UNSUPPORTED => Fault::Unsupported,
        sys::VIR_ERR_NO_CONNECT | sys::VIR_ERR_RPC | sys::VIR_ERR_GNUTLS_ERROR => Fault::Lost,
        _ => match error.domain().to_raw() {
            // Errors of the client's own end of the wire; the daemon's errors come with its drivers' names.
            sys::VIR_FROM_RPC | sys::VIR_FROM_REMOTE => Fault::Lost,
            _ => Fault::Failed,
        },
    }
}

/// The call does not know this flag: the test driver knows none.
pub fn is_unknown_flag(error: &Error) -> bool {
    matches!(error.code().to_raw(), sys::VIR_ERR_INVALID_ARG | sys::VIR_ERR_ARGUMENT_UNSUPPORTED)
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn of_a_hook_that_failed_only_its_own_words_are_told() {
        let hook = "Hook script execution failed: internal error: Child process (PATH=/bin /etc/libvirt/hooks/network l started \
                    begin -) unexpected exit status 1: ip link: no device\n";
        assert_eq!(told(hook), "ip link: no device");
        assert_eq!(told("Domain not found: x"), "Domain not found: x");
    }
}
