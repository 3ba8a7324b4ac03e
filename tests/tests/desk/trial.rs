//! A trial turns paid by itself: its customer hears of it a day before, from the first launch on (S2).

use anyhow::Result;
use chrono::TimeDelta;
use crm::clock::{Clock, Moment};
use crm::directory::{Place, Service};
use crm::domain::decide::Command;
use crm::domain::ids::{ClusterId, CustomerId, ServiceId, TicketId};
use crm::domain::kind::Kind;
use crm::domain::reactions::Outgoing;
use crm::store::Payload;
use komek_tests::desk::{Desk, engineer};
use komek_tests::engine::Engine;
use rstest::rstest;

/// A trial of a cluster's place that an engineer has granted.
async fn granted(desk: &Desk) -> Result<TicketId> {
    let trial = desk.open("boris", Kind::Trial).await?.id;
    desk.run(trial, Command::Take, &engineer("dana")).await?;
    desk.run(trial, Command::Solve(None), &engineer("dana")).await?;
    Ok(trial)
}

/// Birlik's place in the cluster, from `since` to `until`, as the directory has it.
async fn launch(desk: &Desk, since: Moment, until: Option<Moment>) -> Result<()> {
    let mut tx = desk.test.db.begin().await?;
    let stored = tx.directory_load().await?;
    let mut wanted = stored.clone();
    wanted.services.retain(|s| s.id.as_str() != "birlik-k8s");
    wanted.services.push(Service {
        id: ServiceId::from("birlik-k8s"),
        customer: CustomerId::from("birlik"),
        place: Place::Kubernetes { cluster: ClusterId::from("ala-k8s"), namespace: "birlik".to_owned() },
        since,
        until,
        prices: Vec::new(),
    });
    tx.directory_save(&stored, &wanted, desk.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// What was told since somebody looked last.
async fn told(desk: &Desk) -> Result<Vec<Option<Moment>>> {
    let mut tx = desk.test.db.begin().await?;
    let mut ends = Vec::new();
    loop {
        let items = tx.outbox_claim(desk.clock.now(), 100).await?;
        if items.is_empty() {
            break;
        }
        for item in items {
            if let Payload::Tell(Outgoing::TrialEnds { ends: at, .. }) = item.payload {
                ends.push(at);
            }
        }
    }
    tx.commit().await?;
    Ok(ends)
}

#[rstest]
#[tokio::test]
async fn a_day_before_the_end_counted_from_the_first_launch(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    granted(&desk).await?;
    desk.pass(TimeDelta::hours(30)).await?;
    let since = desk.clock.now();
    launch(&desk, since, None).await?;
    for _ in 0..47 {
        desk.pass(TimeDelta::hours(1)).await?;
    }
    assert_eq!(told(&desk).await?, [], "more than a day is left");
    desk.pass(TimeDelta::hours(1)).await?;
    assert_eq!(told(&desk).await?, [Some(since + TimeDelta::hours(72))]);
    for _ in 0..50 {
        desk.pass(TimeDelta::hours(1)).await?;
    }
    assert_eq!(told(&desk).await?, [], "once");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn whoever_deletes_it_hears_nothing_and_an_unknown_launch_is_warned_of(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    granted(&desk).await?;
    for _ in 0..48 {
        desk.pass(TimeDelta::hours(1)).await?;
    }
    assert_eq!(told(&desk).await?, [None], "the earliest end that is possible");
    let since = desk.clock.now();
    launch(&desk, since, Some(since + TimeDelta::hours(40))).await?;
    for _ in 0..80 {
        desk.pass(TimeDelta::hours(1)).await?;
    }
    assert_eq!(told(&desk).await?, [], "it was deleted: nothing turns paid");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_trial_that_was_opened_again_is_reminded_of_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let trial = granted(&desk).await?;
    desk.pass(TimeDelta::hours(2)).await?;
    desk.run(trial, Command::Reopen(None), &komek_tests::desk::contact("boris")).await?;
    desk.pass(TimeDelta::hours(2)).await?;
    desk.run(trial, Command::Solve(None), &engineer("dana")).await?;
    for _ in 0..80 {
        desk.pass(TimeDelta::hours(1)).await?;
    }
    assert_eq!(told(&desk).await?, [None]);
    Ok(())
}
