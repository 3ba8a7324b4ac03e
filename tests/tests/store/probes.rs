//! What was seen of control planes.

use anyhow::Result;
use chrono::TimeDelta;
use crm::domain::ids::{ClusterId, ServiceId};
use crm::domain::probe::{Handled, Health, Stretch};
use komek_tests::desk::{fill, morning};
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;

use crate::sample::{HARD, id};

fn stretch(cluster: &str, health: Health, from: i64) -> Stretch {
    let at = morning() + TimeDelta::seconds(from);
    Stretch {
        id: id(),
        cluster: ClusterId::from(cluster),
        health,
        starts: at,
        seen_at: at,
        ends: None,
        findings: HARD.to_owned(),
        handled: Handled::No,
    }
}

#[rstest]
#[tokio::test]
async fn one_stretch_is_open_for_each_cluster_and_whoever_is_late_changes_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", morning()).await?;
    let well = stretch("ala-k8s", Health::Healthy, 0);
    assert!(tx.probe_begin(&well).await?);
    assert!(!tx.probe_begin(&stretch("ala-k8s", Health::Critical, 1)).await?, "another goes on");
    assert!(tx.probe_begin(&stretch("other", Health::Healthy, 1)).await?);
    assert_eq!(tx.probes_open().await?.len(), 2);
    assert_eq!(tx.probes_waiting(10).await?, [], "nothing follows from what is well");

    let later = morning() + TimeDelta::seconds(30);
    assert!(tx.probe_seen(&well, later, None).await?);
    assert!(!tx.probe_seen(&well, later, Some(later)).await?, "it was read before that");
    let seen = Stretch { seen_at: later, ..well.clone() };
    assert_eq!(tx.probes_open().await?[0], seen);
    // `other` has no customer's place, and of this one it is known how it was at that moment.
    assert_eq!(tx.probes_blind(later).await?, []);
    assert_eq!(tx.probes_blind(later + TimeDelta::seconds(1)).await?, std::slice::from_ref(&seen));
    assert!(tx.probe_seen(&seen, later, Some(later)).await?);
    let bad = stretch("ala-k8s", Health::Critical, 30);
    assert!(tx.probe_begin(&bad).await?);
    let over = Stretch { ends: Some(later), ..seen };
    assert_eq!(tx.probes_waiting(10).await?, [over.clone(), bad.clone()]);
    assert_eq!(tx.probe_after(&well.cluster, later).await?.as_ref(), Some(&bad));
    assert_eq!(tx.probe_after(&ClusterId::from("third"), later).await?, None);

    assert!(tx.probe_handled(&over, Handled::Done).await?);
    assert!(!tx.probe_handled(&over, Handled::Done).await?, "another worker did it");
    assert!(tx.probe_handled(&bad, Handled::Raised).await?);
    assert_eq!(tx.probes_waiting(10).await?, [], "a fault that goes on is raised once");
    let [_, other] = &tx.probes_open().await?[..] else { panic!("two go on") };
    assert!(tx.probe_seen(other, other.starts, Some(other.starts)).await?);
    assert_eq!(tx.probe_after(&other.cluster, other.starts).await?, None, "it lasted no time");
    assert_eq!(tx.services_in_cluster(&well.cluster).await?, [ServiceId::from("acme-k8s")]);
    tx.commit().await?;
    Ok(())
}
