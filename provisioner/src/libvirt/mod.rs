//! The real hypervisor: libvirt, one connection URI per zone.
//!
//! [`calls`] keeps its blocking calls away from tokio, [`connection`] keeps the connection, [`events`] counts what
//! it announces, [`facts`] and [`agent`] read a domain, [`errors`] says what an error means, [`ffi`] is what the
//! bindings lack.

mod agent;
mod calls;
mod connection;
mod errors;
mod events;
mod facts;
mod ffi;
mod links;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use virt::connect::Connect;
use virt::domain::Domain;
use virt::error::Error;
use virt::sys;

pub use self::events::Tally;

use self::calls::{Calls, GivenUp};
use self::connection::Connection;
use self::errors::{fault, is_unknown_flag, translate};
use self::events::Tallies;
use crate::hypervisor::{Fault, HvError, Hypervisor, LockMarker, Observed};

/// How long the adapter waits, and how much may hang.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For reading: list, observe.
    pub look: Duration,
    /// For acting. libvirt itself gives up on a QEMU that hangs after 30 s.
    pub act: Duration,
    /// For each answer of a guest agent; libvirt adds up to 5 s if the agent is deaf.
    pub agent: Duration,
    /// From one keepalive to the next; three without an answer end the connection.
    pub keepalive: Duration,
    /// Calls of one zone at a time, those that hang included.
    pub calls: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            look: Duration::from_secs(15),
            act: Duration::from_secs(40),
            agent: Duration::from_secs(2),
            keepalive: Duration::from_secs(5),
            calls: 8,
        }
    }
}

/// The hypervisor of one zone, behind libvirt. Connects at the first call.
pub struct Libvirt {
    zone: String,
    limits: Limits,
    calls: Calls,
    connection: Arc<Connection>,
    tallies: Arc<Tallies>,
}

impl Libvirt {
    /// `uri` as libvirt writes it: `qemu+ssh://host/system`, `qemu:///system`, `test:///absolute/file.xml`.
    ///
    /// Fails only if libvirt's event loop cannot be started.
    pub fn new(zone: &str, uri: &str, limits: Limits) -> Result<Self, HvError> {
        events::start_loop().map_err(|cause| HvError {
            fault: Fault::Failed,
            zone: zone.to_owned(),
            during: "start of libvirt's event loop".to_owned(),
            cause,
        })?;
        let tallies = Arc::new(Tallies::new(zone));
        let interval = i32::try_from(limits.keepalive.as_secs()).unwrap_or(5).max(1);
        let listener = Arc::clone(&tallies) as Arc<dyn ffi::Listener>;
        Ok(Self {
            zone: zone.to_owned(),
            calls: Calls::new(zone, limits.calls),
            connection: Arc::new(Connection::new(uri, (interval, 3), listener)),
            limits,
            tallies,
        })
    }

    /// What was announced of a domain so far.
    pub fn tally(&self, domain: &str) -> Tally {
        self.tallies.of(domain)
    }

    /// Adds a domain from libvirt's XML, or changes its description; it stays off. For the demo and the tests.
    pub async fn define(&self, xml: &str) -> Result<(), HvError> {
        let xml = xml.to_owned();
        let define = move |connect: Connect| connect.define_domain_xml(&xml).map(drop);
        self.with("definition of a domain", self.limits.act, |connect| Ok(connect.clone()), define).await
    }

    /// Reaches for something through the connection, then works with it. Reaching changes nothing, so it is done
    /// once more if the connection turns out to be dead; working is never repeated.
    async fn with<R, T: Send + 'static>(
        &self,
        during: &str,
        limit: Duration,
        reach: impl Fn(&Connect) -> Result<R, Error> + Send + 'static,
        work: impl FnOnce(R) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, HvError> {
        let (connection, zone, context) =
            (Arc::clone(&self.connection), self.zone.clone(), during.to_owned());
        let call = move |given_up: &GivenUp| {
            let reach = || connection.get().and_then(|connect| reach(&connect));
            let reached = reach().or_else(|e| if fault(&e) == Fault::Lost { reach() } else { Err(e) });
            let reached = reached.map_err(|e| unsent(translate(&zone, &context, &e)))?;
            if given_up.is_set() {
                let cause = "given up before it was asked".to_owned();
                return Err(HvError { fault: Fault::Hung, zone, during: context, cause });
            }
            work(reached).map_err(|e| translate(&zone, &context, &e))
        };
        self.calls.run(during, limit, call).await
    }

    async fn on<T: Send + 'static>(
        &self,
        what: &str,
        domain: &str,
        limit: Duration,
        work: impl FnOnce(Domain) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, HvError> {
        let name = domain.to_owned();
        let find = move |connect: &Connect| connect.lookup_domain_by_name(&name);
        self.with(&format!("{what} of {domain}"), limit, find, work).await
    }

    async fn act(
        &self,
        what: &str,
        domain: &str,
        work: impl FnOnce(&Domain) -> Result<(), Error> + Send + 'static,
    ) -> Result<(), HvError> {
        tracing::info!(zone = self.zone, domain, what, "acting on a domain");
        self.on(what, domain, self.limits.act, move |domain| work(&domain)).await
    }
}

/// An error from before the request itself.
fn unsent(error: HvError) -> HvError {
    let fault = if error.fault == Fault::Lost { Fault::Unreachable } else { error.fault };
    HvError { fault, ..error }
}

#[async_trait]
impl Hypervisor for Libvirt {
    fn zone(&self) -> &str {
        &self.zone
    }

    async fn list(&self) -> Result<Vec<Observed>, HvError> {
        let tallies = Arc::clone(&self.tallies);
        let read = move |domains: Vec<Domain>| {
            let mut all = Vec::with_capacity(domains.len());
            for domain in domains {
                match facts::read(&domain, tallies.of(&domain.name()?).reboots) {
                    Ok(seen) => all.push(seen),
                    // Deleted since it was listed.
                    Err(error) if fault(&error) == Fault::NoSuchDomain => {}
                    Err(error) => return Err(error),
                }
            }
            all.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(all)
        };
        self.with("list of the domains", self.limits.look, |connect| connect.list_all_domains(0), read).await
    }

    async fn observe(&self, domain: &str) -> Result<Observed, HvError> {
        let tallies = Arc::clone(&self.tallies);
        let seconds = i32::try_from(self.limits.agent.as_secs()).unwrap_or(2).max(1);
        let read = move |domain: Domain| {
            let mut seen = facts::read(&domain, tallies.of(&domain.name()?).reboots)?;
            facts::ask_agent(&domain, &mut seen, seconds);
            Ok(seen)
        };
        self.on("look", domain, self.limits.look, read).await
    }

    async fn reboot(&self, domain: &str) -> Result<(), HvError> {
        // ACPI by name: without a flag libvirt asks the agent first, and waits for one that is deaf.
        let press = |domain: &Domain| match domain.reboot(sys::VIR_DOMAIN_REBOOT_ACPI_POWER_BTN) {
            Err(error) if is_unknown_flag(&error) => domain.reboot(0),
            pressed => pressed,
        };
        self.act("reboot", domain, press).await
    }

    async fn shutdown(&self, domain: &str) -> Result<(), HvError> {
        let press = |domain: &Domain| match domain.shutdown_flags(sys::VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN) {
            Err(error) if is_unknown_flag(&error) => domain.shutdown(),
            pressed => pressed,
        };
        self.act("shutdown", domain, press).await
    }

    async fn start(&self, domain: &str) -> Result<(), HvError> {
        self.act("start", domain, Domain::create).await
    }

    async fn reset(&self, domain: &str) -> Result<(), HvError> {
        self.act("reset", domain, Domain::reset).await
    }

    async fn destroy(&self, domain: &str) -> Result<(), HvError> {
        self.act("power-off", domain, Domain::destroy).await
    }

    async fn suspend(&self, domain: &str) -> Result<(), HvError> {
        self.act("pause", domain, Domain::suspend).await
    }

    async fn resume(&self, domain: &str) -> Result<(), HvError> {
        self.act("resume", domain, Domain::resume).await
    }

    async fn set_lock(&self, domain: &str, marker: &LockMarker) -> Result<(), HvError> {
        let element = facts::lock_element(marker);
        self.act("lock marker", domain, move |domain| facts::mark(domain, Some(&element))).await
    }

    async fn clear_lock(&self, domain: &str) -> Result<(), HvError> {
        self.act("removal of the lock marker", domain, |domain| match facts::mark(domain, None) {
            Err(error) if error.code().to_raw() == sys::VIR_ERR_NO_DOMAIN_METADATA => Ok(()),
            marked => marked,
        })
        .await
    }
}
