//! A hypervisor that takes as long as it is told for each call, and notes when it was called.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

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
    /// The end of the last call: what it said is the proof.
    pub last: Option<Instant>,
    /// What all calls took together.
    pub spent: Duration,
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
    takes: Duration,
}

/// The lock every machine has.
pub fn marker() -> LockMarker {
    LockMarker { reason: "unpaid".to_owned(), ticket: String::new() }
}

impl Noting {
    /// One whose every call takes so long.
    pub fn slow(takes: Duration) -> Self {
        Self { takes, ..Self::default() }
    }

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

    /// One call: begins, takes its time, has its effect.
    async fn call<T>(
        &self,
        domain: &str,
        changes: bool,
        effect: impl FnOnce(&mut Machine) -> T + Send,
    ) -> Result<T, HvError> {
        let began = Instant::now();
        if let Some(machine) = self.machines().get_mut(domain) {
            machine.calls.first.get_or_insert(began);
            if changes {
                machine.calls.change.get_or_insert(began);
            }
        }
        if !self.takes.is_zero() {
            tokio::time::sleep(self.takes).await;
        }
        let mut machines = self.machines();
        let machine = machines.get_mut(domain).ok_or_else(|| fault(Fault::NoSuchDomain, domain))?;
        let done = effect(machine);
        let now = Instant::now();
        (machine.calls.last, machine.calls.spent) = (Some(now), machine.calls.spent + (now - began));
        Ok(done)
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
        let seen = |machine: &mut Machine| Observed {
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
        };
        self.call(domain, false, seen).await
    }

    async fn reboot(&self, domain: &str) -> Result<(), HvError> {
        Err(fault(Fault::Unsupported, domain))
    }

    async fn shutdown(&self, domain: &str) -> Result<(), HvError> {
        Err(fault(Fault::Unsupported, domain))
    }

    async fn start(&self, domain: &str) -> Result<(), HvError> {
        self.call(domain, true, |machine| machine.paused = false).await
    }

    async fn reset(&self, domain: &str) -> Result<(), HvError> {
        Err(fault(Fault::Unsupported, domain))
    }

    async fn destroy(&self, domain: &str) -> Result<(), HvError> {
        Err(fault(Fault::Unsupported, domain))
    }

    async fn suspend(&self, domain: &str) -> Result<(), HvError> {
        self.call(domain, true, |machine| machine.paused = true).await
    }

    async fn resume(&self, domain: &str) -> Result<(), HvError> {
        self.call(domain, true, |machine| machine.paused = false).await
    }

    async fn set_lock(&self, domain: &str, marker: &LockMarker) -> Result<(), HvError> {
        let marker = marker.clone();
        self.call(domain, true, |machine| machine.lock = Some(marker)).await
    }

    async fn clear_lock(&self, domain: &str) -> Result<(), HvError> {
        self.call(domain, true, |machine| machine.lock = None).await
    }
}
