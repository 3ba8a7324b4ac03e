//! Several workers on one database: whatever is due happens once.

use std::time::{Duration, Instant};

use anyhow::Result;
use chrono::TimeDelta;
use crm::clock::Clock;
use crm::domain::decide::Command;
use crm::domain::kind::Kind;
use komek_tests::desk::{Desk, contact, engineer};
use komek_tests::engine::Engine;
use rstest::rstest;
use tokio_util::sync::CancellationToken;

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_mark_and_each_page_comes_once_from_four_workers_at_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    for n in 0..120 {
        let who = ["aigerim", "boris", "nora"][n % 3];
        desk.open(who, if n % 4 == 0 { Kind::FaultCritical } else { Kind::FaultMinor }).await?;
    }
    // Four processes, each with its own connections, while customers write and engineers take.
    let mut others = Vec::new();
    for name in ["a", "b", "c", "d"] {
        let db = desk.test.another().await?;
        others.push(crm::worker::Worker::new(desk.service.clone(), db, name.to_owned()));
    }
    for round in 0..8i64 {
        desk.clock.advance(TimeDelta::minutes([4, 2, 5, 9, 30, 60, 200, 300][usize::try_from(round)?]));
        let mut work = tokio::task::JoinSet::new();
        for worker in others.clone() {
            work.spawn(async move {
                worker.fire_due().await?;
                worker.run_jobs().await?;
                anyhow::Ok(())
            });
        }
        let heads = desk.test.db.read().await?.ticket_heads(round * 10, 10).await?;
        for head in heads {
            let id = crm::domain::ids::TicketId(head.id);
            // Refusals (another customer's, already taken) are part of the crowd.
            let _ = desk.write(id, Command::Write, &contact("boris")).await;
            let _ = desk.run(id, Command::Take, &engineer("nurlan")).await;
        }
        work.join_all().await.into_iter().collect::<Result<Vec<()>>>()?;
    }
    for worker in &others {
        worker.fire_due().await?;
        worker.run_jobs().await?;
    }
    // A mark is a word, a promise and a per cent; and both engines read JSON with these words.
    let twice = "SELECT COUNT(*) FROM (SELECT stream, CAST(event AS TEXT) AS what FROM event \
                 WHERE word IN ('mark_reached', 'target_breached') GROUP BY stream, CAST(event AS TEXT) HAVING COUNT(*) > 1) AS t";
    assert_eq!(desk.test.number(twice).await?, 0);
    // After ten hours every promise of the 120 is long broken or done; each fired once.
    assert_eq!(desk.test.number("SELECT COUNT(*) FROM event WHERE word = 'target_breached'").await?, 240);
    assert_eq!(desk.test.number("SELECT COUNT(*) FROM job WHERE state IN ('ready', 'dead')").await?, 0);
    let requested = desk.test.number("SELECT COUNT(*) FROM event WHERE word = 'page_requested'").await?;
    let answered =
        desk.test.number("SELECT COUNT(*) FROM event WHERE word IN ('paged', 'page_exhausted')").await?;
    assert!(answered <= requested && answered > 30, "{answered} of {requested}");
    let verified = crm::admin::audit::verify_audit(&desk.test.db, None).await?;
    assert_eq!((verified.tickets, verified.findings), (120, Vec::new()));
    assert!(desk.clock.now() > komek_tests::desk::morning());
    Ok(())
}

/// A worker that wakes itself by its own look would run round in circles.
#[rstest]
#[tokio::test]
async fn a_worker_with_nothing_to_do_does_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    desk.open("aigerim", Kind::Question).await?;
    let stop = CancellationToken::new();
    let working = tokio::spawn(desk.worker("idle").run(stop.clone()));
    let mut wakeups = desk.test.db.wakeups();
    let begun = Instant::now();
    let mut wakes = 0;
    while begun.elapsed() < Duration::from_millis(1_500) {
        wakeups.changed(Duration::from_millis(250)).await;
        wakes += 1;
    }
    stop.cancel();
    working.await?;
    assert!(wakes < 20, "{wakes} changes in a second and a half");
    Ok(())
}
