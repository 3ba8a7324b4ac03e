//! Starts the real things that tests run against: PostgreSQL, libvirt with machines, libvirt's test driver as a daemon, Kubernetes, Keystone
//! with Nova, OpenLDAP.

use std::path::PathBuf;

pub mod cabinet;
pub mod kubernetes;
pub mod kvm;
pub mod linked;
pub mod mail;
pub mod postgres;
mod script;
pub mod testvirt;

/// A part of the lab that this machine lacks: on a build machine (`CI=true`) that is an error, elsewhere the test
/// says so and is skipped.
pub fn absent<T>(what: &str, why: &str) -> anyhow::Result<Option<T>> {
    anyhow::ensure!(!ci(), "{what} is required with CI=true: {why}");
    eprintln!("SKIPPED: no {what} on this machine: {why}");
    Ok(None)
}

fn ci() -> bool {
    std::env::var("CI").is_ok_and(|ci| ci == "true" || ci == "1")
}

/// A script or file of the lab.
pub fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("lab").join(path)
}
