//! The provisioner executes approved actions on the hypervisors and proves that they worked.
//!
//! - [`hypervisor`]: what it needs of a hypervisor, as a trait; [`libvirt`] is the real one.
//! - [`vm_reboot`], [`vm_unlock`]: the procedures, as tables of durable steps ([`steps`]).
//! - [`worker`] claims actions, [`guard`] checks them, [`progress`] keeps their steps on disk.
//! - [`zones`]: the hypervisors of the directory, and the states of the machines.
//! - [`report`], [`failure`]: what comes out of them.

pub mod failure;
pub mod guard;
pub mod hypervisor;
#[cfg(feature = "libvirt")]
pub mod libvirt;
mod power;
pub mod progress;
pub mod report;
pub mod steps;
pub mod vm_reboot;
pub mod vm_unlock;
pub mod wait;
pub mod worker;
pub mod zones;

#[cfg(test)]
mod drills;
#[cfg(test)]
mod fake;
