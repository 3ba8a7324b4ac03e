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
        cause: format!("{} [libvirt {}]", error.message(), error.code().to_raw()),
    }
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
