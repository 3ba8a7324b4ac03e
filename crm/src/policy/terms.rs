//! What the service terms themselves fix, whatever the numbers: which kinds a service has, which of them are actions, and the causes
//! of an interval (RULES.md T1–T7, C3–C6, C13). A policy file that contradicts this is refused.

use crate::domain::credit::Cause;
use crate::domain::kind::{Kind, Terms};

/// The kinds that the terms of a service know; each must stand in its policy file.
pub fn kinds(terms: Terms) -> impl Iterator<Item = Kind> {
    // T3: only the VM terms promise a manual reboot and an unlock.
    let vm_only = |kind: &Kind| matches!(kind, Kind::VmReboot | Kind::VmUnlock);
    Kind::ALL.iter().copied().filter(move |kind| terms == Terms::Vm || !vm_only(kind))
}

/// Whether tickets of this kind end in a change to a real system, which somebody must approve.
pub const fn has_action(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::VmReboot | Kind::VmUnlock | Kind::QuotaIncrease | Kind::PasswordRecovery | Kind::ZoneLink
    )
}

/// The causes of an interval that fit a service, the words of files and API (C13).
pub fn causes(terms: Terms) -> Vec<&'static str> {
    Cause::ALL.iter().filter(|cause| cause.of_terms(terms)).map(|cause| cause.as_str()).collect()
}
