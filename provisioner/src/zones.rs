//! The hypervisors, one per zone of the directory, and what is read of their machines.

use std::collections::HashMap;
use std::sync::Arc;

use crm::service::Service;
use crm::store::{Db, Rented};
use tokio::sync::RwLock;

use crate::hypervisor::{HvError, Hypervisor, Observed, State};

/// Makes a hypervisor from a zone's id and address.
pub type Connect = Arc<dyn Fn(&str, &str) -> Result<Arc<dyn Hypervisor>, HvError> + Send + Sync>;

/// The address a hypervisor was made for, and the hypervisor.
type Opened = (String, Arc<dyn Hypervisor>);

/// The zones.
#[derive(Clone)]
pub struct Zones {
    connect: Connect,
    open: Arc<RwLock<HashMap<String, Opened>>>,
}

impl Zones {
    /// Zones that are connected by `connect`, when they are needed.
    pub fn new(connect: Connect) -> Self {
        Self { connect, open: Arc::default() }
    }

    /// The hypervisor of a zone, as the directory has it now.
    pub async fn get(&self, db: &Db, zone: &str) -> anyhow::Result<Arc<dyn Hypervisor>> {
        let uris = db.read().await?.zone_uris().await?;
        let Some((_, uri)) = uris.into_iter().find(|(id, _)| id == zone) else {
            anyhow::bail!("zone {zone} is not in the directory")
        };
        if let Some((known, hypervisor)) = self.open.read().await.get(zone)
            && *known == uri
        {
            return Ok(hypervisor.clone());
        }
        let mut open = self.open.write().await;
        if let Some((known, hypervisor)) = open.get(zone)
            && *known == uri
        {
            return Ok(hypervisor.clone());
        }
        let hypervisor = (self.connect)(zone, &uri)?;
        open.insert(zone.to_owned(), (uri, hypervisor.clone()));
        Ok(hypervisor)
    }

    /// Reads the state of every rented machine and writes it down, zone by zone. A zone that cannot be read is reported and left.
    pub async fn observe(&self, db: &Db, service: &Service) -> anyhow::Result<()> {
        let rented = db.read().await?.rented_vms().await?;
        let mut zones: Vec<String> =
            rented.iter().filter_map(|r| r.domain.as_ref().map(|d| d.0.0.clone())).collect();
        zones.sort();
        zones.dedup();
        for zone in zones {
            let seen = match self.get(db, &zone).await {
                Ok(hypervisor) => hypervisor.list().await.map_err(anyhow::Error::from),
                Err(error) => Err(error),
            };
            match seen {
                Ok(seen) => write_down(db, service, &zone, &rented, &seen).await?,
                Err(error) => tracing::error!(zone, %error, "the machines of a zone cannot be read"),
            }
        }
        Ok(())
    }
}

/// The word under which a state is kept.
const fn word(state: State) -> &'static str {
    match state {
        State::Running => "running",
        State::Paused => "paused",
        State::ShuttingDown => "shutting_down",
        State::Off => "off",
        State::Crashed => "crashed",
        State::Asleep => "asleep",
    }
}

/// Writes only what has changed: a quiet zone costs no commit.
async fn write_down(
    db: &Db,
    service: &Service,
    zone: &str,
    rented: &[Rented],
    seen: &[Observed],
) -> anyhow::Result<()> {
    let mut changed = Vec::new();
    for machine in rented {
        let Some((at, domain)) = &machine.domain else { continue };
        if at.0 != zone {
            continue;
        }
        let found = seen.iter().find(|s| s.name == *domain);
        let state = found.map_or("missing", |f| word(f.state));
        let lock = found.and_then(|f| f.lock.as_ref());
        if machine.state.as_deref() != Some(state)
            || machine.lock_reason.as_deref() != lock.map(|l| l.reason.as_str())
        {
            changed.push((machine, state, lock));
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    let now = service.now();
    let mut tx = db.begin().await?;
    for (machine, state, lock) in changed {
        let lock = lock.map(|l| (l.reason.as_str(), (!l.ticket.is_empty()).then_some(l.ticket.as_str())));
        tx.vm_fact_save(&machine.id, state, lock, now).await?;
    }
    tx.commit().await?;
    Ok(())
}
