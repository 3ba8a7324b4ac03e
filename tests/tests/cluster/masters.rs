//! A highly available control plane: three real masters, of which one and then two are killed (S6, C3), and what the prober makes of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use crm::clock::{Clock, Moment, SystemClock};
use crm::directory::{ControlPlane, Directory};
use crm::domain::credit::Cause;
use crm::domain::incident::{Downtime, DowntimeState, Incident, IncidentState};
use crm::domain::probe::Stretch;
use crm::incidents::probes::Probes;
use crm::policy::PolicyBook;
use crm::service::Service;
use komek_tests::desk::directory;
use komek_tests::engine::{Engine, TestDb};
use komek_tests::lab::kubernetes::Plane;
use provisioner::cluster::{Cluster, Health, health};
use provisioner::kubernetes::Kubernetes;
use provisioner::probes::Prober;
use provisioner::systems::Systems;
use provisioner::zones::Zones;

#[tokio::test]
async fn one_of_three_masters_is_a_degradation_and_two_are_an_outage() -> Result<()> {
    let Some(plane) = Plane::start(3)? else { return Ok(()) };
    let identity = plane.provisioner()?;
    let cluster = plane.connect(&identity).await?;
    let all = cluster.masters().await;
    ensure!(all.len() == 3 && health(&all) == Health::Healthy, "{all:?}");
    plane.signal("apiserver-2", "KILL")?;
    let one_less = cluster.masters().await;
    ensure!(health(&one_less) == Health::Degraded, "{one_less:?}");
    ensure!(!one_less[1].alive && one_less[0].ready && one_less[2].ready, "{one_less:?}");
    plane.signal("apiserver-3", "KILL")?;
    let outage = cluster.masters().await;
    ensure!(health(&outage) == Health::Critical, "{outage:?}");
    Ok(())
}

/// The prober and what the crm makes of it, on a database of the test, looking at a real plane.
struct Watched {
    test: TestDb,
    prober: Prober,
    crm: Probes,
}

impl Watched {
    async fn new(plane: &Plane, engine: Engine, kind: ControlPlane) -> Result<Option<Self>> {
        let Some(test) = TestDb::new(engine).await? else { return Ok(None) };
        let service = Service::new(Arc::new(SystemClock), Arc::new(PolicyBook::shipped()?));
        let mut wanted = directory("test:///default");
        wanted.clusters[0].control_plane = kind;
        wanted.clusters[0].masters.clone_from(&plane.masters);
        wanted.clusters[0].kubeconfig = plane.provisioner()?.display().to_string();
        let mut tx = test.db.begin().await?;
        tx.directory_save(&Directory::default(), &wanted, service.now()).await?;
        tx.commit().await?;
        let reach: provisioner::systems::Reach = Arc::new(|entry| {
            Box::pin(async move {
                let kubeconfig = std::path::PathBuf::from(&entry.kubeconfig);
                let patience = Duration::from_secs(3);
                let cluster = Kubernetes::open("ala-k8s", &kubeconfig, &entry.masters, patience).await?;
                Ok(Arc::new(cluster) as Arc<dyn Cluster>)
            })
        });
        let nowhere = Zones::new(Arc::new(|_, _| unreachable!("no machine is asked for")));
        let systems = Systems { clusters: Some(reach), ..Systems::of_zones(test.db.clone(), nowhere) };
        let prober = Prober::new(systems, service.clone(), Duration::from_millis(200))
            .again_after(Duration::from_millis(100));
        let crm = Probes::new(test.db.clone(), service, crm::intake::alerts::AlertRules::default());
        Ok(Some(Self { test, prober, crm }))
    }

    /// Looks until the plane is seen to be `health`: the stretch that goes on then.
    async fn until(&self, health: Health) -> Result<Stretch> {
        let begun = Instant::now();
        loop {
            self.prober.round().await?;
            self.crm.look().await?;
            let open = self.test.db.read().await?.probes_open().await?.pop().context("it is measured")?;
            if open.health == health {
                return Ok(open);
            }
            ensure!(begun.elapsed() < Duration::from_mins(2), "never {health}: {open:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn incident(&self) -> Result<(Incident, Vec<Downtime>)> {
        let mut tx = self.test.db.read().await?;
        let all = [tx.incidents(true, 10).await?, tx.incidents(false, 10).await?].concat();
        ensure!(all.len() == 1, "{all:?}");
        let incident = all.into_iter().next().context("one")?;
        let intervals = tx.downtime_of_incident(incident.id).await?;
        Ok((incident, intervals))
    }
}

/// Whether `seen` lies between what was done to the plane and when that could be seen.
fn between(seen: Moment, done: Moment, within_seconds: i64) -> Result<()> {
    let late = (seen - done).num_milliseconds();
    ensure!((-1..within_seconds * 1_000).contains(&late), "{seen} is {late} ms after {done}");
    Ok(())
}

#[tokio::test]
async fn killed_masters_are_faults_and_intervals_to_the_second() -> Result<()> {
    let Some(mut plane) = Plane::start(3)? else { return Ok(()) };
    let Some(watched) = Watched::new(&plane, Engine::Sqlite, ControlPlane::Ha).await? else { return Ok(()) };
    watched.until(Health::Healthy).await?;
    plane.signal("apiserver-2", "KILL")?;
    let degraded = watched.until(Health::Degraded).await?;
    ensure!(degraded.findings.contains(&plane.masters[1]), "{degraded:?}");
    let mut tx = watched.test.db.read().await?;
    ensure!(tx.incidents(true, 10).await?.is_empty(), "two of three serve: no outage");
    drop(tx);

    let killed = SystemClock.now();
    plane.signal("apiserver-3", "KILL")?;
    let critical = watched.until(Health::Critical).await?;
    between(critical.starts, killed, 2)?;
    let (incident, none) = watched.incident().await?;
    ensure!(incident.state == IncidentState::Open && none.is_empty() && incident.tickets.len() == 1);
    ensure!(incident.services == [crm::domain::ids::ServiceId::from("acme-k8s")], "{incident:?}");

    plane.restart("apiserver-3")?;
    watched.until(Health::Degraded).await?;
    let served = SystemClock.now();
    plane.restart("apiserver-2")?;
    watched.until(Health::Healthy).await?;
    let (incident, intervals) = watched.incident().await?;
    ensure!(incident.state == IncidentState::Restored, "{incident:?}");
    let [down] = &intervals[..] else { anyhow::bail!("{intervals:?}") };
    between(down.starts, killed, 2)?;
    between(served, down.ends, 2)?;
    ensure!(down.cause == Some(Cause::HaMasterUnreachable) && down.state == DowntimeState::Proposed);
    Ok(())
}

#[tokio::test]
async fn a_stopped_etcd_takes_a_basic_plane_down_and_that_is_never_compensated() -> Result<()> {
    let Some(mut plane) = Plane::start(1)? else { return Ok(()) };
    let kind = ControlPlane::Basic;
    let Some(watched) = Watched::new(&plane, Engine::Postgres, kind).await? else { return Ok(()) };
    watched.until(Health::Healthy).await?;
    let stopped = SystemClock.now();
    plane.signal("etcd", "STOP")?;
    let critical = watched.until(Health::Critical).await?;
    // The server says that etcd is silent once its own patience with it is at an end.
    between(critical.starts, stopped, 10)?;
    plane.signal("etcd", "CONT")?;
    let back = watched.until(Health::Healthy).await?;
    let (_, intervals) = watched.incident().await?;
    let [down] = &intervals[..] else { anyhow::bail!("{intervals:?}") };
    ensure!((back.starts - down.ends).num_milliseconds() == 0, "{back:?} {down:?}");
    ensure!(down.cause == Some(Cause::BasicControlPlane), "{down:?}");

    // Its only master killed: again an interval; and one that refuses to answer is neither up nor down.
    let killed = SystemClock.now();
    plane.signal("apiserver-1", "KILL")?;
    let critical = watched.until(Health::Critical).await?;
    between(critical.starts, killed, 2)?;
    plane.restart("apiserver-1")?;
    watched.until(Health::Healthy).await.map(drop)
}
