//! A hypervisor that does at once what it is asked, and notes when.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use provisioner::hypervisor::{Agent, Fault, HvError, Hypervisor, LockMarker, Observed, State};
use provisioner::links::Links;

/// When a domain was looked at and when it was changed first, since it was locked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Calls {
    /// The first call of any kind.
    pub first: Option<Instant>,
    /// The first that changed something.
    pub change: Option<Instant>,
}

struct Machine {
    lock: Option<LockMarker>,
    paused: bool,
    calls: Calls,
}

/// All its machines exist, and are locked until they are unlocked.
#[derive(Clone, Default)]
pub struct Noting {
    machines: Arc<Mutex<HashMap<String, Machine>>>,
}

/// The lock every machine has.
pub fn marker() -> LockMarker {
    LockMarker { reason: "unpaid".to_owned(), ticket: String::new() }
}

impl Noting {
    fn machines(&self) -> MutexGuard<'_, HashMap<String, Machine>> {
        self.machines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks a machine and forgets its calls.
    pub fn lock(&self, domain: &str) {
        let machine = Machine { lock: Some(marker()), paused: true, calls: Calls::default() };
        self.machines().insert(domain.to_owned(), machine);
    }

    /// What was called since.
    pub fn calls(&self, domain: &str) -> Calls {
        self.machines().get(domain).map(|m| m.calls).unwrap_or_default()
    }

    fn look(&self, domain: &str) -> Result<Observed, HvError> {
        let mut machines = self.machines();
        let machine = machines.get_mut(domain).ok_or_else(|| fault(Fault::NoSuchDomain, domain))?;
        machine.calls.first.get_or_insert_with(Instant::now);
        Ok(Observed {
            name: domain.to_owned(),
            state: if machine.paused { State::Paused } else { State::Running },
            reason: "user".to_owned(),
            held: true,
            persistent: true,
            domain_id: Some(1),
            lock: machine.lock.clone(),
            agent: Agent::Absent,
            boot_id: None,
            reboot_events: 0,
        })
    }

    fn change(&self, domain: &str, change: impl FnOnce(&mut Machine)) -> Result<(), HvError> {
        let mut machines = self.machines();
        let machine = machines.get_mut(domain).ok_or_else(|| fault(Fault::NoSuchDomain, domain))?;
        machine.calls.change.get_or_insert_with(Instant::now);
        change(machine);
        Ok(())
    }
}

fn fault(fault: Fault, domain: &str) -> HvError {
    HvError {
        fault,
        zone: "bench".to_owned(),
        during: domain.to_owned(),
        cause: "not needed here".to_owned(),
    }
}

/// No networks are linked here.
impl Links for Noting {}

#[async_trait]
impl Hypervisor for Noting {
    fn zone(&self) -> &'static str {
        "bench"
    }

    async fn list(&self) -> Result<Vec<Observed>, HvError> {
        Ok(Vec::new())
    }

    async fn observe(&self, domain: &str) -> Result<Observed, HvError> {
        self.look(domain)
    }

    async fn reboot(&self, domain: &str) -> Result<(), HvError> {
        Err(fault(Fault::Unsupported, domain))
    }

    async fn shutdown(&self, domain: &str) -> Result<(), HvError> {
        Err(fault(Fault::Unsupported, domain))
    }

    async fn start(&self, domain: &str) -> Result<(), HvError> {
        self.change(domain, |machine| machine.paused = false)
    }

    async fn reset(&self, domain: &str) -> Result<(), HvError> {
        Err(fault(Fault::Unsupported, domain))
    }

    async fn destroy(&self, domain: &str) -> Result<(), HvError> {
        Err(fault(Fault::Unsupported, domain))
    }

    async fn suspend(&self, domain: &str) -> Result<(), HvError> {
        self.change(domain, |machine| machine.paused = true)
    }

    async fn resume(&self, domain: &str) -> Result<(), HvError> {
        self.change(domain, |machine| machine.paused = false)
    }

    async fn set_lock(&self, domain: &str, marker: &LockMarker) -> Result<(), HvError> {
        self.change(domain, |machine| machine.lock = Some(marker.clone()))
    }

    async fn clear_lock(&self, domain: &str) -> Result<(), HvError> {
        self.change(domain, |machine| machine.lock = None)
    }
}
