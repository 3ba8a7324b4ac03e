//! What the hypervisors announce: the event loop, and a tally per domain.

use std::collections::HashMap;
use std::ffi::c_int;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use virt::event::{event_register_default_impl, event_run_default_impl};
use virt::sys;

use super::ffi::Listener;

/// Starts the event loop's thread, once per process. libvirt wants it before the first connection is opened:
/// later is too late for keepalive and announcements of that connection.
pub fn start_loop() -> Result<(), String> {
    static LOOP: OnceLock<Result<(), String>> = OnceLock::new();
    LOOP.get_or_init(|| {
        // Errors come back to the caller; libvirt need not print them as well.
        virt::error::clear_error_callback();
        event_register_default_impl().map_err(|e| e.to_string())?;
        let turn = || {
            loop {
                if event_run_default_impl().is_err() {
                    std::thread::sleep(Duration::from_millis(100));
                }
            }
        };
        std::thread::Builder::new().name("libvirt-events".into()).spawn(turn).map_err(|e| e.to_string())?;
        Ok(())
    })
    .clone()
}

/// How often what was announced of one domain since this program connected first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Powered on.
    pub started: u64,
    /// Powered off, however it came about.
    pub stopped: u64,
    /// Paused.
    pub suspended: u64,
    /// Let run on.
    pub resumed: u64,
    /// Reset by itself or from outside; one reboot may be announced several times.
    pub reboots: u64,
}

/// The tallies of one zone. They outlive its connections, but what happened without one is missing.
#[derive(Debug)]
pub struct Tallies {
    zone: String,
    domains: Mutex<HashMap<String, Tally>>,
}

impl Tallies {
    /// No announcements yet.
    pub fn new(zone: &str) -> Self {
        Self { zone: zone.to_owned(), domains: Mutex::default() }
    }

    /// The tally of one domain.
    pub fn of(&self, domain: &str) -> Tally {
        self.domains.lock().unwrap_or_else(PoisonError::into_inner).get(domain).copied().unwrap_or_default()
    }

    fn count(&self, domain: &str, add: impl FnOnce(&mut Tally)) {
        let mut domains = self.domains.lock().unwrap_or_else(PoisonError::into_inner);
        add(domains.entry(domain.to_owned()).or_default());
    }
}

impl Listener for Tallies {
    fn lifecycle(&self, domain: &str, event: u32) {
        self.count(domain, |tally| match event {
            sys::VIR_DOMAIN_EVENT_STARTED => tally.started += 1,
            sys::VIR_DOMAIN_EVENT_STOPPED => tally.stopped += 1,
            sys::VIR_DOMAIN_EVENT_SUSPENDED => tally.suspended += 1,
            sys::VIR_DOMAIN_EVENT_RESUMED => tally.resumed += 1,
            _ => {}
        });
    }

    fn reboot(&self, domain: &str) {
        self.count(domain, |tally| tally.reboots += 1);
    }

    fn closed(&self, reason: c_int) {
        let why = match reason {
            1 => "the other side closed it",
            2 => "no answer to keepalive",
            _ => "error",
        };
        tracing::warn!(zone = self.zone, why, "the connection to the hypervisor is lost");
    }
}
