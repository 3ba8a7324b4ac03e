//! Pages: who is woken, who is next, what stops it.

use anyhow::Result;
use chrono::TimeDelta;
use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::kind::{Kind, Queue};
use komek_tests::desk::{Desk, engineer, manager, morning};
use komek_tests::engine::Engine;
use rstest::rstest;

/// The pages in a history.
fn pages(history: Vec<String>) -> Vec<String> {
    history.into_iter().filter(|h| h.contains("page") || h.contains("acknowledged")).collect()
}

#[rstest]
#[tokio::test]
async fn nobody_answers_so_the_next_is_woken_and_at_last_the_duty_manager(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let id = desk.open("aigerim", Kind::FaultCritical).await?.id;
    desk.look().await?;
    for _ in 0..20 {
        desk.pass(TimeDelta::minutes(1)).await?;
    }
    assert_eq!(
        pages(desk.history(id, morning()).await?),
        [
            "0m page_requested 0",
            "0m paged nurlan",
            "5m page_requested 1",
            "5m paged dana",
            "10m page_requested 2",
            "10m paged marat",
            "15m page_requested 3",
            "15m page_exhausted",
        ]
    );
    // The next mark that wakes somebody begins the chain anew.
    desk.pass(TimeDelta::minutes(25)).await?;
    let history = pages(desk.history(id, morning()).await?);
    assert_eq!(history[8..], ["45m page_requested 0", "45m paged nurlan"]);
    let sent = desk.waiting(id).await?;
    assert_eq!(sent.get("page"), Some(&4), "{sent:?}");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn whoever_acknowledges_takes_or_answers_stops_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("acknowledge", "take", "answer")] how: &str,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let id = desk.open("aigerim", Kind::FaultCritical).await?.id;
    desk.look().await?;
    desk.pass(TimeDelta::minutes(4)).await?;
    match how {
        "acknowledge" => desk.run(id, Command::Acknowledge, &engineer("dana")).await?,
        "take" => desk.run(id, Command::Take, &engineer("dana")).await?,
        _ => desk.write(id, Command::Answer, &engineer("dana")).await?,
    };
    for _ in 0..60 {
        desk.pass(TimeDelta::minutes(1)).await?;
    }
    let expected = ["0m page_requested 0", "0m paged nurlan", "4m acknowledged dana"];
    assert_eq!(pages(desk.history(id, morning()).await?), expected);
    // A second person hears who has it.
    let second = desk.run(id, Command::Acknowledge, &manager()).await;
    assert!(second.is_err_and(|e| e.to_string().contains("dana")));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_page_that_comes_too_late_wakes_nobody(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let id = desk.open("aigerim", Kind::FaultCritical).await?.id;
    // Taken before the page's job ran.
    desk.run(id, Command::Take, &engineer("dana")).await?;
    desk.look().await?;
    assert_eq!(desk.waiting(id).await?.get("page"), None);
    let mut tx = desk.test.db.read().await?;
    // What waits are the hand-overs of the next two shifts.
    assert_eq!((tx.jobs_count("done").await?, tx.jobs_count("ready").await?), (1, 2));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn who_cannot_be_reached_is_passed_over(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    desk.test.tamper("UPDATE staff SET telegram_id = NULL WHERE id = 'nurlan'").await?;
    let id = desk.open("aigerim", Kind::FaultCritical).await?.id;
    desk.look().await?;
    assert_eq!(
        pages(desk.history(id, morning()).await?),
        ["0m page_requested 0", "0m page_skipped nurlan", "0m paged dana"]
    );
    // A page that Telegram does not take goes to the next at once.
    let undelivered = Command::PageUndelivered("dana".into());
    desk.run(id, undelivered.clone(), &Actor::Clock).await?;
    desk.look().await?;
    desk.run(id, undelivered, &Actor::Clock).await?;
    desk.look().await?;
    let history = pages(desk.history(id, morning()).await?);
    assert_eq!(history[3..], ["0m page_undelivered", "0m page_requested 2", "0m paged marat"]);
    Ok(())
}

#[rstest]
#[case(Queue::Network, &["dana", "marat"], 7)]
#[case(Queue::Billing, &["nurlan", "dana", "marat"], 5)]
#[tokio::test]
async fn a_handed_over_fault_wakes_the_other_department(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[case] queue: Queue,
    #[case] chain: &[&str],
    #[case] patience: i64,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let id = desk.open("boris", Kind::FaultCritical).await?.id;
    desk.look().await?;
    desk.run(id, Command::HandOver(queue), &engineer("nurlan")).await?;
    desk.look().await?;
    for _ in 0..chain.len() {
        desk.pass(TimeDelta::minutes(patience)).await?;
    }
    let history = pages(desk.history(id, morning()).await?);
    let paged: Vec<_> = history[2..].iter().filter(|h| h.contains("paged")).collect();
    let expected: Vec<_> =
        (0i64..).zip(chain).map(|(n, who)| format!("{}m paged {who}", n * patience)).collect();
    assert_eq!(paged, expected.iter().collect::<Vec<_>>(), "{history:#?}");
    Ok(())
}

/// Nobody hears twice of the same thing: two marks at one moment make one page.
#[rstest]
#[tokio::test]
async fn a_request_that_nobody_takes_wakes_somebody_before_it_is_late(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let id = desk.open("aigerim", Kind::Question).await?.id;
    for _ in 0..30 {
        desk.pass(TimeDelta::seconds(30)).await?;
    }
    let history = pages(desk.history(id, morning()).await?);
    assert_eq!(history[..2], ["7m30s page_requested 0", "7m30s paged nurlan"]);
    assert_eq!(history[2..], ["12m30s page_requested 1", "12m30s paged dana"]);
    Ok(())
}
