//! What the provisioner saw of control planes becomes faults, incidents and intervals (C3, C8, S6): a critical plane is a critical fault,
//! which opens an incident; one master of three a minor fault. When it is over the interval is proposed for every place in the cluster.
//! Time in which nobody looked is put down as not measured, for a person to rule on.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::IncidentError;
use super::monitoring::{MONITORING, Seen, of_plane, saw};
use crate::clock::Moment;
use crate::domain::actor::Actor;
use crate::domain::ids::{ServiceId, StaffId};
use crate::domain::person::Role;
use crate::domain::probe::{Handled, Health, Stretch};
use crate::intake::alerts::{self, Alert, AlertRules};
use crate::service::Service;
use crate::store::{Db, StoreError, Tx};

/// How often it is looked for something new.
const LOOK: Duration = Duration::from_secs(1);
/// Stretches that are read at once.
const BATCH: i64 = 100;

/// Makes faults and intervals of what the provisioner saw.
pub struct Probes {
    db: Db,
    service: Service,
    rules: AlertRules,
}

impl Probes {
    /// With the rules by which alerts become faults.
    pub const fn new(db: Db, service: Service, rules: AlertRules) -> Self {
        Self { db, service, rules }
    }

    /// At work until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while tokio::time::timeout(LOOK, stop.cancelled()).await.is_err() {
            if let Err(error) = self.look().await {
                tracing::error!(%error, "what was seen of the control planes could not be taken in; trying again");
            }
        }
    }

    /// Does what follows from everything seen so far, each stretch in a transaction of its own.
    pub async fn look(&self) -> Result<(), IncidentError> {
        loop {
            let waiting = self.db.read().await?.probes_waiting(BATCH).await?;
            let Some(first) = waiting.first() else { return Ok(()) };
            match self.follow(first).await {
                Ok(()) | Err(IncidentError::Store(StoreError::Conflict)) => {}
                Err(error) => return Err(error),
            }
        }
    }

    async fn follow(&self, stretch: &Stretch) -> Result<(), IncidentError> {
        let mut tx = self.db.begin().await?;
        let mut handled = stretch.handled;
        let bad = stretch.health != Health::Healthy;
        if bad && handled == Handled::No {
            self.raise(&mut tx, stretch).await?;
            handled = Handled::Raised;
        }
        if let Some(ends) = stretch.ends {
            self.ended(&mut tx, stretch, ends).await?;
            handled = Handled::Done;
        }
        if tx.probe_handled(stretch, handled).await? {
            tx.commit().await?;
        }
        Ok(())
    }

    async fn ended(&self, tx: &mut Tx, stretch: &Stretch, ends: Moment) -> Result<(), IncidentError> {
        let services = tx.services_in_cluster(&stretch.cluster).await?;
        let plane = tx.control_planes().await?.get(stretch.cluster.as_str()).copied();
        let incident = match tx.alerts_fetch(&[fingerprint(stretch)]).await?.pop() {
            Some(alert) => tx.incident_of_ticket(alert.ticket).await?.map(|i| i.id),
            None => None,
        };
        let note = |what: &str| format!("{}: {what}", stretch.cluster);
        let span = |service, starts, ends| Seen {
            service,
            incident: None,
            starts,
            ends,
            cause: None,
            evidence: note("control plane not measured"),
        };
        let next = tx.probe_after(&stretch.cluster, ends).await?;
        if stretch.health == Health::Critical {
            for service in &services {
                let evidence = note(&stretch.findings);
                let cause = plane.map(of_plane);
                let seen = Seen { incident, cause, evidence, ..span(service, stretch.starts, ends) };
                saw(tx, &self.service, seen, &monitor()).await?;
            }
        }
        if let Some(silent_until) = next.as_ref().map(|n| n.starts).filter(|starts| *starts > ends) {
            for service in &services {
                saw(tx, &self.service, span(service, ends, silent_until), &monitor()).await?;
            }
        }
        match next {
            // The same fault goes on, whether or not somebody looked meanwhile.
            Some(next) if next.health == stretch.health && next.handled == Handled::No => {
                tx.probe_handled(&next, Handled::Raised).await?;
            }
            _ => self.alert(tx, stretch, &services, Some(ends)).await?,
        }
        Ok(())
    }

    /// A fault, as an alert of outside monitoring makes one; its incident affects every place in the cluster.
    async fn raise(&self, tx: &mut Tx, stretch: &Stretch) -> Result<(), IncidentError> {
        let services = tx.services_in_cluster(&stretch.cluster).await?;
        self.alert(tx, stretch, &services, None).await?;
        let Some(alert) = tx.alerts_fetch(&[fingerprint(stretch)]).await?.pop() else { return Ok(()) };
        if stretch.health == Health::Critical
            && let Some(mut incident) = tx.incident_of_ticket(alert.ticket).await?
        {
            incident.services = services;
            incident.started_at = incident.started_at.min(super::intervals::whole_ms(stretch.starts));
            tx.incident_save(&incident).await?;
        }
        Ok(())
    }

    async fn alert(
        &self,
        tx: &mut Tx,
        stretch: &Stretch,
        services: &[ServiceId],
        ends_at: Option<Moment>,
    ) -> Result<(), IncidentError> {
        if stretch.health == Health::Healthy {
            return Ok(());
        }
        let rules = &self.rules;
        let critical = rules.critical.first().filter(|_| stretch.health == Health::Critical);
        let mut labels = BTreeMap::from([
            ("alertname".to_owned(), "ControlPlane".to_owned()),
            ("cluster".to_owned(), stretch.cluster.to_string()),
            (rules.severity_label.clone(), critical.cloned().unwrap_or_else(|| Health::Degraded.to_string())),
        ]);
        if let (Some(label), Some(service)) = (rules.service_labels.first(), services.first()) {
            labels.insert(label.clone(), service.to_string());
        }
        let summary = format!("{} {}: {}", stretch.cluster, stretch.health, stretch.findings);
        let alert = Alert {
            fingerprint: fingerprint(stretch),
            firing: ends_at.is_none(),
            labels,
            annotations: BTreeMap::from([("summary".to_owned(), summary)]),
            starts_at: stretch.starts,
            ends_at,
            source: String::new(),
            measures: false,
        };
        let group = format!("control plane {}", stretch.cluster);
        alerts::receive(&self.service, rules, tx, &group, &[alert], &monitor()).await?;
        Ok(())
    }
}

/// Who opens and recovers these faults, as a token of outside monitoring does: with an engineer's rights, and no person.
fn monitor() -> Actor {
    Actor::Staff { id: StaffId::from(MONITORING), role: Role::Engineer }
}

/// One alert for each cluster and way to fail.
fn fingerprint(stretch: &Stretch) -> String {
    format!("control-plane {} {}", stretch.cluster, stretch.health)
}
