//! T1 to T8: every kind's promise breaks at its moment and not before, marks come on the way, whenever anybody looks.

use anyhow::Result;
use chrono::TimeDelta;
use crm::clock::Clock;
use crm::domain::decide::Command;
use crm::domain::event::Event;
use crm::domain::kind::{Channel, Kind};
use crm::domain::sla::{Outcome, Target};
use crm::domain::ticket::State;
use komek_tests::desk::{Desk, contact, engineer, manager, morning};
use komek_tests::engine::Engine;
use rstest::rstest;

/// RULES.md, in minutes.
const PROMISES: [(Kind, i64); 13] = [
    (Kind::VmReboot, 10),
    (Kind::VmUnlock, 10),
    (Kind::QuotaIncrease, 20),
    (Kind::PasswordRecovery, 20),
    (Kind::ZoneLink, 30),
    (Kind::FaultCritical, 60),
    (Kind::FaultMinor, 4 * 60),
    (Kind::Question, 24 * 60),
    (Kind::Order, 24 * 60),
    (Kind::NewCabinet, 24 * 60),
    (Kind::Trial, 24 * 60),
    (Kind::CreditClaim, 24 * 60),
    (Kind::DataLossClaim, 24 * 60),
];

#[rstest]
#[tokio::test]
async fn each_kind_is_broken_at_its_moment_and_not_before(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let mut tickets = Vec::new();
    for (kind, minutes) in PROMISES {
        // Acme rents both services already and has no trial of either (S2).
        let who = if kind == Kind::Trial { "nora" } else { "aigerim" };
        tickets.push((desk.open(who, kind).await?, minutes));
    }
    for (ticket, minutes) in tickets {
        let due = morning() + TimeDelta::minutes(minutes);
        assert_eq!(ticket.resolution.due_at, due, "{}", ticket.kind);
        desk.clock.set((due - TimeDelta::microseconds(1)).max(desk.clock.now()));
        desk.look().await?;
        if desk.clock.now() < due {
            let before = desk.ticket(ticket.id).await?;
            assert_eq!(before.resolution.outcome, Outcome::Running, "{}", ticket.kind);
            assert_eq!(before.resolution.marks_fired, [50, 75], "{}", ticket.kind);
        }
        desk.clock.set(due.max(desk.clock.now()));
        desk.look().await?;
        let broken = desk.ticket(ticket.id).await?;
        assert_eq!(broken.resolution.outcome, Outcome::Breached { answered_at: None }, "{}", ticket.kind);
    }
    Ok(())
}

#[rstest]
#[tokio::test]
async fn marks_and_breach_are_recorded_at_their_moments_though_noticed_late(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let ticket = desk.open("aigerim", Kind::FaultMinor).await?;
    let taken = desk.run(ticket.id, Command::Take, &engineer("nurlan")).await?;
    // Nobody looks for a day and 17 seconds: the desk was down.
    desk.pass(TimeDelta::days(1) + TimeDelta::seconds(17)).await?;
    let history = desk.history(taken.id, morning()).await?;
    assert_eq!(
        history,
        [
            "0m opened",
            "0m taken nurlan",
            "5m mark_reached first_reply 50",
            "7m30s mark_reached first_reply 75",
            "10m target_breached first_reply",
            "15m mark_reached first_reply 150",
            "120m mark_reached resolution 50",
            "180m mark_reached resolution 75",
            "240m target_breached resolution",
            "360m mark_reached resolution 150",
        ]
    );
    let events = desk.events(taken.id).await?;
    assert!(events[2..].iter().all(|e| e.recorded_at == desk.clock.now()), "when it was noticed is told too");
    // People hear of the latest of each promise only, not of eight things at once.
    let told: Vec<_> = events
        .iter()
        .filter_map(|e| match &e.event {
            Event::MarkReached { tell, percent, .. } if !tell.is_empty() => Some(*percent),
            Event::TargetBreached { tell, .. } if !tell.is_empty() => Some(100),
            _ => None,
        })
        .collect();
    assert_eq!(told, [150]);
    // Looking again, and starting again, finds nothing more.
    for _ in 0..3 {
        desk.pass(TimeDelta::days(1)).await?;
    }
    assert_eq!(desk.history(taken.id, morning()).await?.len(), history.len());
    assert_eq!(desk.test.db.read().await?.tickets_wake_at().await?, None);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_late_start_fires_everything_once_however_much_it_is(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    // More than one transaction of the worker holds.
    for _ in 0..620 {
        desk.open("boris", Kind::Question).await?;
    }
    desk.pass(TimeDelta::days(2)).await?;
    let breaches = "SELECT COUNT(*) FROM event WHERE word = 'target_breached'";
    assert_eq!(desk.test.number(breaches).await?, 2 * 620);
    let marks = "SELECT COUNT(*) FROM event WHERE word = 'mark_reached'";
    assert_eq!(desk.test.number(marks).await?, 6 * 620);
    desk.pass(TimeDelta::days(2)).await?;
    assert_eq!(desk.test.number(breaches).await? + desk.test.number(marks).await?, 8 * 620);
    Ok(())
}

#[rstest]
#[case(Channel::Telegram, 10)]
#[case(Channel::Web, 10)]
#[case(Channel::Phone, 10)]
#[case(Channel::Email, 24 * 60)]
#[tokio::test]
async fn the_first_reply_is_promised_by_channel(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[case] channel: Channel,
    #[case] minutes: i64,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let ticket = desk.open_by("nora", Kind::Question, channel).await?;
    assert_eq!(ticket.first_reply.due_at, morning() + TimeDelta::minutes(minutes));
    desk.pass(TimeDelta::minutes(minutes) - TimeDelta::microseconds(1)).await?;
    let answered = desk.write(ticket.id, Command::Answer, &engineer("dana")).await?;
    assert_eq!(answered.first_reply.outcome, Outcome::Met { at: desk.clock.now() });
    Ok(())
}

#[rstest]
#[tokio::test]
async fn emergency_mode_stretches_the_first_reply_of_new_tickets_and_is_logged(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let before = desk.open("aigerim", Kind::Question).await?;
    let switch = async |on, actor| {
        let mut tx = desk.test.db.begin().await?;
        desk.service.emergency(&mut tx, on, "дата-центр без света".to_owned(), &actor).await?;
        tx.commit().await?;
        anyhow::Ok(())
    };
    assert!(switch(true, engineer("nurlan")).await.is_err(), "an engineer may not");
    assert!(switch(true, contact("boris")).await.is_err());
    switch(true, manager()).await?;
    let during = desk.open("boris", Kind::Question).await?;
    let mail = desk.open_by("boris", Kind::Question, Channel::Email).await?;
    switch(false, manager()).await?;
    let after = desk.open("nora", Kind::Question).await?;
    let promised = |t: &crm::domain::ticket::Ticket| (t.first_reply.budget_ms / 60_000, t.emergency);
    assert_eq!(
        [&before, &during, &mail, &after].map(promised),
        [(10, false), (60, true), (1_440, true), (10, false)]
    );
    let desk_stream = desk.test.db.read().await?.events(crm::domain::ids::DESK_STREAM).await?;
    let words: Vec<_> = desk_stream.iter().map(|e| (e.event.word(), e.actor == manager())).collect();
    assert_eq!(words, [("emergency_switched", true); 2]);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn done_a_moment_before_the_deadline_is_kept_and_at_the_deadline_is_broken(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let early = desk.open("aigerim", Kind::FaultCritical).await?;
    let late = desk.open("boris", Kind::FaultCritical).await?;
    let due = morning() + TimeDelta::hours(1);
    // No worker runs: the command itself must see what fell due before it.
    desk.clock.set(due - TimeDelta::microseconds(1));
    let early = desk.run(early.id, Command::Solve(None), &engineer("nurlan")).await?;
    assert_eq!(early.resolution.outcome, Outcome::Met { at: desk.clock.now() });
    desk.clock.set(due);
    let late = desk.run(late.id, Command::Solve(None), &engineer("nurlan")).await?;
    assert_eq!(late.resolution.outcome, Outcome::Breached { answered_at: Some(due) });
    let history = desk.history(late.id, morning()).await?;
    assert!(history.contains(&"60m target_breached resolution".to_owned()), "{history:#?}");
    assert!(history.contains(&"60m target_done_late resolution".to_owned()), "{history:#?}");
    assert_eq!(late.first_reply.outcome, Outcome::Breached { answered_at: Some(due) });
    // A kept or broken promise stays what it is, whatever time does.
    desk.pass(TimeDelta::hours(30)).await?;
    assert_eq!(desk.ticket(early.id).await?.resolution.outcome, early.resolution.outcome);
    assert_eq!(early.state, State::Solved);
    assert_eq!(early.clock(Target::Resolution).marks_fired, [50, 75]);
    Ok(())
}
