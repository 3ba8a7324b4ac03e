//! What the prober sees of a control plane, hour by hour: intervals, faults, and silences that are neither up nor down. The clock is the
//! test's; real control planes are in `cluster/masters.rs`.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::TimeDelta;
use crm::clock::{Clock, Moment};
use crm::credits::{CreditsError, checklist, close};
use crm::domain::credit::Cause;
use crm::domain::downtime::{Month, Span};
use crm::domain::ids::ServiceId;
use crm::domain::incident::{Downtime, DowntimeState, Incident, IncidentState};
use crm::domain::kind::Kind;
use crm::incidents::probes::Probes;
use crm::incidents::{IncidentError, Ruling};
use crm::intake::alerts::AlertRules;
use komek_tests::desk::{Desk, engineer, manager};
use komek_tests::engine::Engine;
use komek_tests::fake::FakeCluster;
use provisioner::cluster::Cluster;
use provisioner::probes::Prober;
use provisioner::systems::{Reach, Systems};
use provisioner::zones::Zones;
use rstest::rstest;

use crate::second;

struct Watch {
    desk: Desk,
    cluster: FakeCluster,
    prober: Prober,
    crm: Probes,
}

impl Watch {
    async fn new(engine: Engine) -> Result<Option<Self>> {
        let Some(desk) = Desk::new(engine).await? else { return Ok(None) };
        let cluster = FakeCluster::default();
        let one = cluster.clone();
        let reach: Reach = Arc::new(move |_| {
            let one: Arc<dyn Cluster> = Arc::new(one.clone());
            Box::pin(async move { Ok(one) })
        });
        let nowhere = Zones::new(Arc::new(|_, _| unreachable!("no machine is asked for")));
        let systems = Systems { clusters: Some(reach), ..Systems::of_zones(desk.test.db.clone(), nowhere) };
        let prober =
            Prober::new(systems, desk.service.clone(), Duration::from_secs(10)).again_after(Duration::ZERO);
        let crm = Probes::new(desk.test.db.clone(), desk.service.clone(), AlertRules::default());
        Ok(Some(Self { desk, cluster, prober, crm }))
    }

    /// So many seconds later so many masters fail, and it is looked.
    async fn look(&self, later: i64, failing: usize) -> Result<Moment> {
        self.desk.clock.advance(TimeDelta::seconds(later));
        self.cluster.held().failing = failing;
        self.prober.round().await?;
        // Twice: what was done is done.
        self.crm.look().await?;
        self.crm.look().await?;
        Ok(self.desk.clock.now())
    }

    async fn intervals(&self) -> Result<Vec<Downtime>> {
        let mut tx = self.desk.test.db.read().await?;
        let now = self.desk.clock.now();
        let day = (now - TimeDelta::days(1), now + TimeDelta::days(1));
        Ok(tx.downtime_of_service(&ServiceId::from("acme-k8s"), day).await?)
    }

    async fn incidents(&self) -> Result<Vec<Incident>> {
        let mut tx = self.desk.test.db.read().await?;
        Ok([tx.incidents(true, 10).await?, tx.incidents(false, 10).await?].concat())
    }
}

fn span(from: Moment, until: Moment) -> Span {
    Span::of(from.timestamp_millis(), until.timestamp_millis())
}

#[rstest]
#[tokio::test]
async fn a_lost_quorum_is_an_outage_that_two_people_confirm(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(watch) = Watch::new(engine).await? else { return Ok(()) };
    watch.look(0, 0).await?;
    watch.look(10, 1).await?;
    assert!(watch.incidents().await?.is_empty(), "two of three serve");
    let mut tx = watch.desk.test.db.read().await?;
    let minor = tx.ticket_by_number("1".parse().expect("1")).await?.context("a minor fault")?;
    assert_eq!(minor.kind, Kind::FaultMinor);
    drop(tx);
    let down = watch.look(10, 2).await?;
    watch.look(10, 3).await?;
    let [incident] = &watch.incidents().await?[..] else { panic!("one incident") };
    assert_eq!((incident.state, incident.started_at), (IncidentState::Open, down));
    assert_eq!(incident.services, [ServiceId::from("acme-k8s")]);
    let up = watch.look(25, 0).await?;
    let [incident] = &watch.incidents().await?[..] else { panic!("one incident") };
    assert_eq!(incident.state, IncidentState::Restored);

    let [seen] = &watch.intervals().await?[..] else { panic!("one interval") };
    assert_eq!((seen.span(), seen.cause), (span(down, up), Some(Cause::HaMasterUnreachable)));
    assert_eq!((seen.state, seen.incident), (DowntimeState::Proposed, Some(incident.id)));
    // Nobody waves away alone what monitoring saw.
    let mut tx = watch.desk.test.db.begin().await?;
    let wrong = (seen.id, "a test of the switch");
    let disputed = crm::incidents::dispute(&mut tx, &watch.desk.service, wrong, &engineer("dana")).await?;
    assert_eq!((disputed.state, disputed.disputed_by.as_deref()), (DowntimeState::Proposed, Some("dana")));
    let alone = crm::incidents::second(&mut tx, &watch.desk.service, seen.id, &engineer("dana")).await;
    assert!(matches!(alone, Err(IncidentError::SamePerson(_))));
    drop(tx);
    // A machine's record is nobody's word: one person says so, another agrees.
    let said = second(&watch.desk, seen.id, &engineer("nurlan")).await?;
    assert_eq!((said.state, said.proposed_by.as_str()), (DowntimeState::Proposed, "nurlan"));
    let alone = second(&watch.desk, seen.id, &engineer("nurlan")).await;
    assert!(matches!(alone, Err(IncidentError::SamePerson(_))));
    assert_eq!(second(&watch.desk, seen.id, &engineer("dana")).await?.state, DowntimeState::Confirmed);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_silence_of_the_prober_is_not_measured_and_the_fault_goes_on(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(watch) = Watch::new(engine).await? else { return Ok(()) };
    let well = watch.look(0, 0).await?;
    let back = watch.look(600, 0).await?;
    let [gap] = &watch.intervals().await?[..] else { panic!("one gap") };
    assert_eq!((gap.span(), gap.state, gap.cause), (span(well, back), DowntimeState::Unmeasured, None));
    let mut tx = watch.desk.test.db.begin().await?;
    let ruled = (gap.id, Ruling::Worked, "the customer's own log");
    let ruled = crm::incidents::rule_all(&mut tx, &watch.desk.service, ruled, &engineer("dana")).await?;
    assert_eq!(ruled, 1, "one place in this cluster");
    tx.commit().await?;

    // The provisioner dies in the middle of an outage: what it saw before and after counts, what it did not see does not.
    let down = watch.look(10, 2).await?;
    let last = watch.look(10, 2).await?;
    let again = watch.look(300, 2).await?;
    let up = watch.look(10, 0).await?;
    let intervals = watch.intervals().await?;
    let spans: Vec<_> = intervals.iter().map(|d| (d.span(), d.state)).collect();
    let (proposed, unmeasured) = (DowntimeState::Proposed, DowntimeState::Unmeasured);
    let expected =
        [(span(down, last), proposed), (span(last, again), unmeasured), (span(again, up), proposed)];
    assert_eq!(spans, expected);
    let [incident] = &watch.incidents().await?[..] else { panic!("one incident") };
    assert_eq!((incident.state, incident.tickets.len()), (IncidentState::Restored, 1));
    assert_eq!(intervals.iter().filter(|d| d.incident == Some(incident.id)).count(), 2);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_month_is_not_closed_over_a_prober_that_stopped_for_good(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(watch) = Watch::new(engine).await? else { return Ok(()) };
    let last = watch.look(0, 0).await?;
    let month = Month::of(last, crm::text::ZONE);
    let over = last + TimeDelta::days(40);
    watch.desk.clock.set(over);
    let (db, service) = (&watch.desk.test.db, &watch.desk.service);
    let list = checklist(&mut db.read().await?, service.policies(), month, over).await?;
    let [blind] = &list.blind[..] else { panic!("one that nobody looks at: {:?}", list.blind) };
    assert_eq!((blind.seen_at, list.over, list.ready()), (last, true, false));
    let refused = close(db, service, month, &manager()).await;
    assert!(matches!(refused, Err(CreditsError::Undecided { blind: 1, unmeasured: 0, .. })), "{refused:?}");
    // It looks again: the gap is there for a ruling, and nothing else stands in the way.
    watch.look(0, 0).await?;
    let list = checklist(&mut db.read().await?, service.policies(), month, over).await?;
    assert_eq!((list.blind.len(), list.unmeasured.len()), (0, 1));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn masters_that_refuse_to_answer_are_not_measured_and_a_second_prober_waits_its_turn(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(watch) = Watch::new(engine).await? else { return Ok(()) };
    watch.cluster.held().refuses = true;
    watch.look(0, 3).await?;
    assert!(watch.desk.test.db.read().await?.probes_open().await?.is_empty());
    watch.cluster.held().refuses = false;
    watch.look(10, 0).await?;
    let before = watch.desk.test.db.read().await?.probes_open().await?;
    // Another prober comes five seconds later: it was looked at already.
    watch.look(5, 3).await?;
    assert_eq!(watch.desk.test.db.read().await?.probes_open().await?, before);
    assert!(watch.intervals().await?.is_empty() && watch.incidents().await?.is_empty());
    Ok(())
}
