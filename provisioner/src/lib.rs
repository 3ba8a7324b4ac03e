//! The provisioner executes approved actions on the hypervisors and proves that they worked.
//!
//! - [`hypervisor`], [`cluster`], [`cabinet`]: what it needs of the real systems, as traits; [`libvirt`] is the real hypervisor,
//!   [`kubernetes`] the real cluster.
//!   [`systems`] holds them.
//! - [`plans`]: which procedure plans and executes which action. [`vm_reboot`], [`vm_unlock`], [`zone_link`], [`quota`], [`password`],
//!   [`credentials`], [`control_plane`]: procedures, as tables of durable steps ([`steps`]). [`handover`]: where their secrets go.
//! - [`worker`] claims jobs, [`errand`] does one, [`guard`] checks it, [`progress`] keeps their steps on disk.
//! - [`zones`]: the hypervisors of the directory, and the states of the machines. [`quotas`]: what customers' quotas are.
//! - [`report`], [`failure`]: what comes out of them.

pub mod cabinet;
pub mod cluster;
pub mod control_plane;
pub mod credentials;
pub mod errand;
pub mod failure;
pub mod guard;
pub mod handover;
pub mod hypervisor;
pub mod kubernetes;
#[cfg(feature = "libvirt")]
pub mod libvirt;
pub mod links;
pub mod machine;
pub mod password;
pub mod plans;
mod power;
pub mod probes;
pub mod progress;
pub mod quota;
pub mod quotas;
pub mod report;
pub mod step_up;
pub mod steps;
pub mod system;
pub mod systems;
pub mod vm_reboot;
pub mod vm_unlock;
pub mod wait;
pub mod worker;
pub mod zone_link;
pub mod zones;
