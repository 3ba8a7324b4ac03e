//! Control planes are looked at on a schedule, and what was seen is written down stretch by stretch (S6, C3). What follows from it the crm
//! decides: this process neither opens faults nor confirms downtime.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use crm::directory::Cluster as Entry;
use crm::domain::ids::ClusterId;
use crm::domain::probe::{Change, Handled, Health, Look, Stretch, follow};
use crm::service::Service;
use crm::store::StoreError;

use crate::cluster::{Master, measured};
use crate::systems::Systems;

/// How long a master may take to answer. A slower one does not serve.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// How long after a bad look it is made sure of: one lost packet is no outage.
const AGAIN: Duration = Duration::from_secs(1);

/// The prober. Several may run: whoever is first looks, the others find that it was done.
pub struct Prober {
    systems: Systems,
    service: Service,
    every: Duration,
    again: Duration,
    /// Clusters that could not be measured, so that it is said once.
    silent: Mutex<BTreeSet<ClusterId>>,
}

impl Prober {
    /// A prober that looks `every` so long.
    pub fn new(systems: Systems, service: Service, every: Duration) -> Self {
        Self { systems, service, every, again: AGAIN, silent: Mutex::default() }
    }

    /// Makes sure of a bad look after `again` instead of a second.
    #[must_use]
    pub fn again_after(self, again: Duration) -> Self {
        Self { again, ..self }
    }

    /// Looks for ever.
    pub async fn run(&self) {
        let mut clock = tokio::time::interval(self.every);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            clock.tick().await;
            if let Err(error) = self.round().await {
                tracing::error!(%error, "what the control planes are like cannot be written down");
            }
        }
    }

    /// Looks at every cluster of the directory once, at all of them at the same time.
    pub async fn round(&self) -> Result<(), StoreError> {
        let (clusters, open) = {
            let mut tx = self.systems.db.read().await?;
            (tx.cluster_list().await?, tx.probes_open().await?)
        };
        let look = |entry: Entry| {
            let open = open.iter().find(|stretch| stretch.cluster == entry.id);
            async move { self.cluster(&entry, open).await }
        };
        futures::future::join_all(clusters.into_iter().map(look)).await.into_iter().collect()
    }

    async fn cluster(&self, entry: &Entry, open: Option<&Stretch>) -> Result<(), StoreError> {
        let now = self.service.now();
        if open.is_some_and(|open| now - open.seen_at < delta(self.every.mul_f64(0.75))) {
            return Ok(());
        }
        match self.look(entry).await {
            Ok(look) => {
                self.heard(&entry.id);
                self.write(open, look).await
            }
            Err(why) => {
                self.unheard(&entry.id, &why);
                Ok(())
            }
        }
    }

    /// Asks the masters; what is bad is asked twice. Why it cannot be told, if it cannot.
    async fn look(&self, entry: &Entry) -> Result<Look, String> {
        let cluster = self.systems.cluster(&entry.id).await.map_err(|failure| failure.text)?;
        let begun = self.service.now();
        let mut masters = cluster.masters().await;
        if measured(&masters) != Some(Health::Healthy) {
            tokio::time::sleep(self.again).await;
            masters = cluster.masters().await;
        }
        let findings = findings(&masters);
        let Some(health) = measured(&masters) else {
            return Err(if masters.is_empty() {
                "the directory names no masters".to_owned()
            } else {
                findings
            });
        };
        Ok(Look { cluster: entry.id.clone(), begun, done: self.service.now(), health, findings })
    }

    /// A prober that was silent for longer has not measured: two intervals and what a round may take.
    fn patience(&self) -> TimeDelta {
        delta(self.every * 2 + PATIENCE * 2 + self.again)
    }

    async fn write(&self, open: Option<&Stretch>, look: Look) -> Result<(), StoreError> {
        let mut tx = self.systems.db.begin().await?;
        let begins = match (open, follow(open, &look, self.patience())) {
            (Some(open), Change::Continues(at)) => {
                tx.probe_seen(open, at, None).await?;
                tx.commit().await?;
                return Ok(());
            }
            (Some(open), Change::Turns { ends, begins }) => {
                if !tx.probe_seen(open, ends, Some(ends)).await? {
                    return Ok(());
                }
                begins
            }
            (_, Change::Begins(at) | Change::Continues(at) | Change::Turns { begins: at, .. }) => at,
        };
        let stretch = Stretch {
            id: self.service.clock().id(),
            seen_at: look.done.max(begins),
            cluster: look.cluster,
            health: look.health,
            starts: begins,
            ends: None,
            findings: look.findings,
            handled: Handled::No,
        };
        if tx.probe_begin(&stretch).await? {
            tx.commit().await?;
            let Stretch { cluster, health, findings, .. } = stretch;
            if health == Health::Healthy {
                tracing::info!(%cluster, "the control plane serves");
            } else {
                tracing::warn!(%cluster, %health, findings, "the control plane does not serve as it should");
            }
        }
        Ok(())
    }

    fn heard(&self, cluster: &ClusterId) {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner).remove(cluster);
    }

    fn unheard(&self, cluster: &ClusterId, why: &str) {
        if self.silent.lock().unwrap_or_else(PoisonError::into_inner).insert(cluster.clone()) {
            tracing::warn!(%cluster, why, "the control plane is not measured");
        }
    }
}

fn delta(time: Duration) -> TimeDelta {
    TimeDelta::from_std(time).unwrap_or(TimeDelta::MAX)
}

/// What is wrong with which master, for people.
fn findings(masters: &[Master]) -> String {
    let one = |m: &Master| {
        let how = if m.ready { "ok".to_owned() } else { m.failing.join(", ") };
        format!("{}: {how}", m.address)
    };
    masters.iter().map(one).collect::<Vec<_>>().join("; ")
}
