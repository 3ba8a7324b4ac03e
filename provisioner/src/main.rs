//! `komek-provisioner`: holds the hypervisors' credentials and executes what was approved.

use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use crm::clock::SystemClock;
use crm::config::Config;
use crm::service::Service;
use crm::telemetry;
use provisioner::cabinet;
use provisioner::cluster::Cluster;
use provisioner::kubernetes::Kubernetes;
use provisioner::probes::{self, Prober};
use provisioner::quotas;
use provisioner::report::Timing;
use provisioner::systems::{Reach, Systems};
use provisioner::worker::Worker;
use provisioner::zones::{Connect, Zones};
use tokio_util::sync::CancellationToken;

/// Executes the approved actions of the Komek support desk on the hypervisors of the directory, and proves that they worked.
///
/// Reads komek.toml (or the file KOMEK_CONFIG names) and the environment: KOMEK_DATABASE_URL, KOMEK_PROVISIONER_LISTEN and others; the
/// README lists them. The hypervisors' addresses come from the directory's zones. Several may run on one PostgreSQL database.
#[derive(Parser)]
#[expect(clippy::doc_markdown, reason = "this is the text of --help")]
#[command(version)]
struct Cli {}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Cli {} = Cli::parse();
    let config = Config::load()?;
    telemetry::logging(&config.log)?;
    let figures = telemetry::figures()?;
    let (db, policies) = crm::startup::open(&config).await?;
    let service = Service::new(Arc::new(SystemClock), Arc::new(policies));
    if let Some(listen) = config.provisioner.listen {
        let db = db.clone();
        tokio::spawn(async move {
            if let Err(error) = telemetry::serve_health(listen, figures, db).await {
                tracing::error!(%error, "the health page cannot be served");
            }
        });
    }
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        telemetry::stop_signal().await;
        stopping.cancel();
    });
    let zones = Zones::new(connect(Duration::from_secs(config.provisioner.call_timeout_seconds)));
    tracing::info!("the provisioner is at work");
    let name = crm::process::name("provisioner");
    let patience = Duration::from_secs(config.provisioner.call_timeout_seconds);
    let systems = Systems {
        clusters: Some(reach(patience)),
        cabinet: Some(cabinet::open(&config.cabinet, &db)?),
        ..Systems::of_zones(db.clone(), zones)
    };
    if systems.cabinet.as_ref().is_some_and(|c| c.is_simulated()) {
        tracing::warn!(
            "the Cabinet is simulated: quotas and passwords are rows in the database; set [cabinet] for the real one"
        );
    }
    if config.provisioner.probe_seconds > 0 {
        let every = Duration::from_secs(config.provisioner.probe_seconds);
        let seen = Systems { clusters: Some(reach(probes::PATIENCE.min(patience))), ..systems.clone() };
        let prober = Prober::new(seen, service.clone(), every);
        let stop = stop.clone();
        tokio::spawn(async move { stop.run_until_cancelled(prober.run()).await });
    }
    tokio::spawn(observe(systems.clone(), service.clone(), config.provisioner.observe_seconds, stop.clone()));
    Worker::new(service, systems, name, Timing::default()).run(stop).await;
    db.close().await;
    Ok(())
}

/// So many times less often than machines are quotas read: they change seldom, and each is a question of its own.
const QUOTAS_EVERY: u64 = 20;

/// Reads the machines' states and the quotas now and then, so that a customer is told why his machine is locked, and what he has,
/// without anybody asking the systems at that moment. A slow cluster does not keep the machines waiting.
async fn observe(systems: Systems, service: Service, seconds: u64, stop: CancellationToken) {
    let machines = async {
        loop {
            if let Err(error) = systems.zones.observe(&systems.db, &service).await {
                tracing::error!(%error, "the machines' states cannot be kept");
            }
            tokio::time::sleep(Duration::from_secs(seconds.max(1))).await;
        }
    };
    let quotas = async {
        loop {
            if let Err(error) = quotas::observe(&systems, &service).await {
                tracing::error!(%error, "the quotas cannot be kept");
            }
            tokio::time::sleep(Duration::from_secs(seconds.max(1) * QUOTAS_EVERY)).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = machines => {}
        () = quotas => {}
    }
}

/// Opens a cluster anew for each action: its kubeconfig may have been renewed meanwhile.
fn reach(patience: Duration) -> Reach {
    Arc::new(move |entry| {
        Box::pin(async move {
            let kubeconfig = std::path::PathBuf::from(&entry.kubeconfig);
            let cluster = Kubernetes::open(entry.id.as_str(), &kubeconfig, &entry.masters, patience).await?;
            Ok(Arc::new(cluster) as Arc<dyn Cluster>)
        })
    })
}

#[cfg(feature = "libvirt")]
fn connect(patience: Duration) -> Connect {
    use provisioner::libvirt::{Libvirt, Limits};
    Arc::new(move |zone, uri| {
        let limits = Limits { look: patience, act: patience * 2, ..Limits::default() };
        Ok(Arc::new(Libvirt::new(zone, uri, limits)?))
    })
}

#[cfg(not(feature = "libvirt"))]
fn connect(_patience: Duration) -> Connect {
    use provisioner::hypervisor::{Fault, HvError};
    Arc::new(|zone, _| {
        Err(HvError {
            fault: Fault::Unsupported,
            zone: zone.to_owned(),
            during: "connection".to_owned(),
            cause: "this provisioner was built without the feature «libvirt»".to_owned(),
        })
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
