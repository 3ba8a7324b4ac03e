//! Two hours on call, in seconds: pages, acknowledgements, escalations, swaps and the hand-over, exactly as the rota says.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::TimeDelta;
use crm::clock::Clock;
use crm::domain::decide::Command;
use crm::domain::event::Link;
use crm::domain::ids::StaffId;
use crm::domain::kind::{Kind, Queue};
use crm::domain::reactions::Outgoing;
use crm::domain::rota::Cover;
use crm::store::{CoverRow, Payload};
use komek_tests::desk::{Desk, engineer, manager, morning};
use komek_tests::engine::Engine;
use rstest::rstest;

/// Who is told what in private, by minute: what the outbox holds, taken out as the bot would.
async fn told(desk: &Desk, log: &mut Vec<String>) -> Result<()> {
    let mut tx = desk.test.db.begin().await?;
    for item in tx.outbox_claim(desk.clock.now(), 10_000).await? {
        let minute = (desk.clock.now() - morning()).num_minutes();
        let Payload::Tell(what) = &item.payload else { continue };
        let number = match what.ticket() {
            Some(ticket) => tx.ticket_fetch(ticket).await?.map_or(0, |t| t.number.0),
            None => 0,
        };
        match what {
            Outgoing::Page { staff, .. } => log.push(format!("{minute}m page {staff} for {number}")),
            Outgoing::Pages { staff, .. } => log.push(format!("{minute}m pages {staff}")),
            Outgoing::Shift { staff, queue, .. } => log.push(format!("{minute}m {staff} comes on, {queue}")),
            _ => {}
        }
    }
    tx.commit().await?;
    Ok(())
}

async fn minutes(desk: &Desk, count: i64, log: &mut Vec<String>) -> Result<()> {
    for _ in 0..count {
        desk.look().await?;
        told(desk, log).await?;
        desk.clock.advance(TimeDelta::minutes(1));
    }
    Ok(())
}

#[rstest]
#[tokio::test]
async fn two_hours_on_call(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    // 20:00; Нұрлан is on call until 21:00, then Дана.
    desk.clock.advance(TimeDelta::hours(10));
    let start = desk.clock.now();
    let since = |minute: i64| (start - morning()).num_minutes() + minute;
    let mut log = Vec::new();

    // Nobody answers: the next, then the duty manager, who acknowledges.
    let one = desk.open("aigerim", Kind::FaultCritical).await?.id;
    minutes(&desk, 12, &mut log).await?;
    desk.run(one, Command::Acknowledge, &manager()).await?;
    // Нұрлан answers within his five minutes.
    let two = desk.open("boris", Kind::FaultCritical).await?.id;
    minutes(&desk, 3, &mut log).await?;
    desk.run(two, Command::Acknowledge, &engineer("nurlan")).await?;
    // He calls for help: the next after him.
    minutes(&desk, 5, &mut log).await?;
    desk.write(two, Command::Escalate, &engineer("nurlan")).await?;
    minutes(&desk, 2, &mut log).await?;
    desk.run(two, Command::Take, &engineer("dana")).await?;
    // A closed ticket wakes nobody: declined before anybody answered.
    let three = desk.open("nora", Kind::FaultCritical).await?.id;
    minutes(&desk, 1, &mut log).await?;
    desk.write(three, Command::Decline, &engineer("dana")).await?;
    // 20:23; nothing until the shift ends at 21:00.
    minutes(&desk, 60 - 23, &mut log).await?;
    // 21:00: Дана is on call. She asked Нұрлан to cover from 21:30 to 22:00.
    let cover = CoverRow {
        id: desk.clock.id(),
        pair: desk.clock.id(),
        queue: Queue::Support,
        cover: Cover {
            staff: StaffId::from("nurlan"),
            starts: start + TimeDelta::minutes(90),
            until: start + TimeDelta::minutes(120),
        },
        made_by: "dana".into(),
        agreed_at: Some(desk.clock.now()),
        ended_at: None,
    };
    let mut tx = desk.test.db.begin().await?;
    tx.cover_add(&cover, desk.clock.now()).await?;
    tx.commit().await?;
    minutes(&desk, 10, &mut log).await?;
    let four = desk.open("aigerim", Kind::FaultCritical).await?.id;
    minutes(&desk, 2, &mut log).await?;
    desk.run(four, Command::Take, &engineer("dana")).await?;
    minutes(&desk, 90 - 72, &mut log).await?;
    let five = desk.open("boris", Kind::FaultCritical).await?.id;
    minutes(&desk, 6, &mut log).await?;
    desk.run(five, Command::Take, &engineer("dana")).await?;
    minutes(&desk, 120 - 96 + 1, &mut log).await?;

    let expected = [
        (0, "page nurlan for 1"),
        (5, "page dana for 1"),
        (10, "page marat for 1"),
        (12, "page nurlan for 2"),
        (20, "page dana for 2"),
        (22, "page nurlan for 3"),
        (60, "dana comes on, support"),
        (70, "page dana for 4"),
        (90, "nurlan comes on, support"),
        (90, "page nurlan for 5"),
        (95, "page dana for 5"),
        (120, "dana comes on, support"),
    ];
    let expected: Vec<String> = expected.iter().map(|(m, what)| format!("{}m {what}", since(*m))).collect();
    let mut seen: Vec<String> = log.into_iter().filter(|l| !l.contains("network")).collect();
    // What happens in one minute has no order.
    seen.sort_by_key(|l| (l.split('m').next().and_then(|m| m.parse::<i64>().ok()), l.clone()));
    let mut expected = expected;
    expected.sort_by_key(|l| (l.split('m').next().and_then(|m| m.parse::<i64>().ok()), l.clone()));
    assert_eq!(seen, expected);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn thirty_similar_faults_in_a_minute_are_no_thirty_pages(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let mut log = Vec::new();
    for _ in 0..30 {
        desk.open("aigerim", Kind::FaultCritical).await?;
        desk.clock.advance(TimeDelta::seconds(2));
    }
    minutes(&desk, 1, &mut log).await?;
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for line in &log {
        let word = line.split(' ').nth(1).unwrap_or_default().to_owned();
        *count.entry(word).or_default() += 1;
    }
    assert_eq!(count.get("page"), Some(&3), "{log:?}");
    assert_eq!(count.get("pages"), Some(&1), "one message for the other twenty-seven: {log:?}");
    Ok(())
}

/// Two people attach two tickets to each other in the same moment: one wins, and there is no circle.
#[rstest]
#[tokio::test]
async fn of_two_who_attach_both_ways_one_wins(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let (one, two) =
        (desk.open("aigerim", Kind::Question).await?, desk.open("aigerim", Kind::Question).await?);
    let attach = async |ticket: crm::domain::ids::TicketId, to, who: &str| -> Result<bool> {
        for _ in 0..10 {
            let mut tx = desk.test.db.begin().await?;
            match desk.service.attach(&mut tx, ticket, to, Link::Duplicate, &engineer(who)).await {
                Ok(_) => {}
                Err(crm::service::ServiceError::Refused(_)) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
            match tx.commit().await {
                Ok(_) => return Ok(true),
                Err(crm::store::StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(false)
    };
    let (a, b) = tokio::join!(attach(one.id, two.number, "nurlan"), attach(two.id, one.number, "dana"));
    assert_eq!([a?, b?].iter().filter(|done| **done).count(), 1);
    let active = [desk.ticket(one.id).await?, desk.ticket(two.id).await?]
        .iter()
        .filter(|t| t.state.is_active())
        .count();
    assert_eq!(active, 1);
    Ok(())
}
