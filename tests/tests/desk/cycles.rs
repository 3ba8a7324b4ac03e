//! A ticket's life after the first answer: reopening, pauses, hand-over, expiry, closing by itself (T9, T11).

use anyhow::Result;
use chrono::TimeDelta;
use crm::clock::Clock;
use crm::domain::decide::Command;
use crm::domain::kind::{Kind, Queue};
use crm::domain::refusal::Refusal;
use crm::domain::sla::Outcome;
use crm::domain::ticket::State;
use crm::service::ServiceError;
use komek_tests::desk::{Desk, contact, engineer, morning, terms};
use komek_tests::engine::Engine;
use rstest::rstest;

fn minutes(n: i64) -> TimeDelta {
    TimeDelta::minutes(n)
}

#[rstest]
#[tokio::test]
async fn a_reopened_ticket_keeps_its_result_and_goes_on_with_its_old_clock(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let id = desk.open("aigerim", Kind::FaultCritical).await?.id;
    desk.pass(minutes(20)).await?;
    let solved = desk.run(id, Command::Solve(None), &engineer("nurlan")).await?;
    let kept = Outcome::Met { at: morning() + minutes(20) };
    assert_eq!((solved.state, solved.resolution.outcome), (State::Solved, kept));
    desk.pass(minutes(120)).await?;
    let again = desk.write(id, |m| Command::Reopen(Some(m)), &contact("aigerim")).await?;
    assert_eq!((again.cycle, again.past_cycles[0].resolution), (2, kept));
    // 20 of 60 minutes are used; the two hours in between do not count.
    assert_eq!(again.resolution.due_at, morning() + minutes(180));
    assert_eq!(again.resolution.outcome, Outcome::Running);
    desk.pass(minutes(40)).await?;
    let late = desk.ticket(id).await?;
    assert_eq!(late.resolution.outcome, Outcome::Breached { answered_at: None });
    let solved = desk.run(id, Command::Solve(None), &engineer("nurlan")).await?;
    assert_eq!(solved.past_cycles[0].resolution, kept, "the first cycle's result is untouched");
    // A broken promise stays broken in the next cycle.
    desk.run(id, Command::Reopen(None), &contact("aigerim")).await?;
    let third = desk.run(id, Command::Solve(None), &engineer("nurlan")).await?;
    assert!(matches!(third.resolution.outcome, Outcome::Breached { .. }));
    assert_eq!(third.past_cycles.len(), 2);
    let marks = desk.history(id, morning()).await?;
    for once in ["30m mark_reached resolution 50", "180m target_breached resolution"] {
        assert!(marks.iter().filter(|m| *m == once).count() <= 1, "{marks:#?}");
    }
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_clock_stands_still_only_where_the_terms_say_so(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let pausing = terms(|_, text| {
        text.replace("pauses_while = []", "pauses_while = [\"waiting_customer\"]")
            .replace("version = \"2025-09-10\"", "version = \"test\"")
    });
    let Some(desk) = Desk::under(engine, pausing).await? else { return Ok(()) };
    let Some(plain) = Desk::new(engine).await? else { return Ok(()) };
    for (desk, pause) in [(&desk, 30), (&plain, 0)] {
        let id = desk.open("aigerim", Kind::FaultCritical).await?.id;
        desk.pass(minutes(10)).await?;
        let asked = desk.write(id, Command::Ask, &engineer("nurlan")).await?;
        assert_eq!(asked.state, State::WaitingCustomer);
        assert_eq!(asked.resolution.paused_at.is_some(), pause > 0);
        desk.pass(minutes(30)).await?;
        let back = desk.write(id, Command::Write, &contact("aigerim")).await?;
        assert_eq!(back.state, State::Open);
        let due = morning() + minutes(60 + pause);
        assert_eq!(back.resolution.due_at, due);
        desk.clock.set(due - TimeDelta::microseconds(1));
        desk.look().await?;
        assert_eq!(desk.ticket(id).await?.resolution.outcome, Outcome::Running);
        desk.pass(TimeDelta::microseconds(1)).await?;
        assert_eq!(desk.ticket(id).await?.resolution.outcome, Outcome::Breached { answered_at: None });
    }
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_hand_over_does_not_stop_the_clock(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let id = desk.open("aigerim", Kind::ZoneLink).await?.id;
    desk.run(id, Command::Take, &engineer("dana")).await?;
    desk.pass(minutes(14)).await?;
    let handed = desk.run(id, Command::HandOver(Queue::Infrastructure), &engineer("dana")).await?;
    assert_eq!((handed.queue, handed.assignee.clone()), (Queue::Infrastructure, None));
    assert_eq!(handed.resolution.due_at, morning() + minutes(30));
    desk.pass(minutes(16)).await?;
    assert_eq!(desk.ticket(id).await?.resolution.outcome, Outcome::Breached { answered_at: None });
    Ok(())
}

#[rstest]
#[tokio::test]
async fn an_unanswered_proposal_lapses_at_its_moment_and_a_human_has_the_ticket(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let ticket = desk.open("aigerim", Kind::VmUnlock).await?;
    let action = ticket.action.clone().expect("a proposal");
    assert_eq!(ticket.state, State::WaitingApproval);
    desk.pass(minutes(60) - TimeDelta::microseconds(1)).await?;
    assert_eq!(desk.ticket(ticket.id).await?.state, State::WaitingApproval);
    desk.pass(minutes(5)).await?;
    assert_eq!(desk.ticket(ticket.id).await?.state, State::New);
    assert!(desk.history(ticket.id, morning()).await?.contains(&"60m action_expired".to_owned()));
    let late = Command::Approve { id: action.id, digest: action.digest };
    let refused = desk.run(ticket.id, late, &engineer("nurlan")).await;
    assert!(matches!(refused, Err(ServiceError::Refused(Refusal::ExpiredAction))), "{refused:?}");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_solved_ticket_closes_itself_and_then_stays_closed(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let id = desk.open("aigerim", Kind::Question).await?.id;
    desk.pass(minutes(3)).await?;
    desk.run(id, Command::Solve(None), &engineer("nurlan")).await?;
    desk.pass(TimeDelta::hours(72) - TimeDelta::microseconds(1)).await?;
    assert_eq!(desk.ticket(id).await?.state, State::Solved);
    desk.pass(TimeDelta::hours(9)).await?;
    assert_eq!(desk.ticket(id).await?.state, State::Closed);
    let closed = desk.history(id, morning()).await?.pop();
    assert_eq!(closed.as_deref(), Some("4323m closed_by_time"));
    let refused = desk.run(id, Command::Reopen(None), &contact("aigerim")).await;
    assert!(matches!(refused, Err(ServiceError::Refused(Refusal::WrongState(State::Closed)))), "{refused:?}");
    // Too late to reopen counts from the moment, not from the tick that noticed it.
    let other = desk.open("boris", Kind::Question).await?.id;
    desk.run(other, Command::Solve(None), &engineer("nurlan")).await?;
    desk.clock.advance(TimeDelta::hours(72));
    assert!(desk.run(other, Command::Reopen(None), &contact("boris")).await.is_err());
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_customer_reaches_only_his_own_tickets_and_machines(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let ticket = desk.open("aigerim", Kind::Question).await?;
    for command in [Command::Cancel, Command::Confirm, Command::Reopen(None)] {
        let refused = desk.run(ticket.id, command, &contact("boris")).await;
        assert!(matches!(refused, Err(ServiceError::Refused(Refusal::NotFound))), "{refused:?}");
    }
    for command in [Command::Take, Command::Solve(None), Command::HandOver(Queue::Network)] {
        let refused = desk.run(ticket.id, command, &contact("aigerim")).await;
        assert!(matches!(refused, Err(ServiceError::Refused(Refusal::Forbidden))), "{refused:?}");
    }
    let new = crm::service::NewTicket {
        kind: Kind::VmReboot,
        form: crm::domain::form::Form::VmReboot {
            vm: "birlik-web".into(),
            mode: crm::domain::form::RebootMode::Hard,
        },
        requester: Some(("aigerim".into(), "acme".into())),
        requester_name: "A".to_owned(),
        language: crm::domain::lang::Lang::Kk,
        origin: crm::domain::event::Origin { channel: crm::domain::kind::Channel::Telegram, chat: None },
        words: crm::service::Words::default(),
    };
    let mut tx = desk.test.db.begin().await?;
    let refused = desk.service.open(&mut tx, new, &contact("aigerim")).await;
    assert!(matches!(refused, Err(ServiceError::Refused(Refusal::NoSuchService))), "{refused:?}");
    drop(tx);
    assert_eq!(desk.test.db.begin().await?.ticket_number_last().await?, 1, "no number was used up");
    assert!(desk.clock.now() == morning());
    Ok(())
}
