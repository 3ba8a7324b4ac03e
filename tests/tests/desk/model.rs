//! Random lives of tickets: what is stored is what the events make of it, the chain holds, and the promises end as a simple model says.

use anyhow::{Result, ensure};
use chrono::TimeDelta;
use crm::admin::audit::verify_audit;
use crm::clock::{Clock, Moment};
use crm::domain::action::{Failure, Proof};
use crm::domain::actor::Actor;
use crm::domain::audit::verify;
use crm::domain::decide::Command;
use crm::domain::event::Event;
use crm::domain::ids::TicketId;
use crm::domain::kind::{Kind, Queue};
use crm::domain::sla::{Outcome, Target};
use crm::domain::ticket::{State, Ticket};
use crm::service::ServiceError;
use komek_tests::desk::{Desk, contact, engineer, manager};
use komek_tests::engine::Engine;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rstest::rstest;

/// What somebody does, or time.
#[derive(Debug, Clone, Copy)]
enum Step {
    Pass(i64),
    Take(bool),
    HandOver,
    Ask,
    Answer,
    Write,
    Note,
    Approve(bool),
    DeclineAction,
    Done,
    Failed,
    Solve,
    Decline,
    Confirm,
    Reopen,
    Cancel,
    Acknowledge,
}

fn step() -> impl Strategy<Value = Step> {
    use Step::*;
    prop_oneof![
        6 => (1i64..90).prop_map(Pass),
        1 => (1_000i64..6_000).prop_map(Pass),
        8 => prop::sample::select(vec![Take(true), Take(false), Ask, Answer, Write, Note, Approve(true), Approve(false)]),
        4 => prop::sample::select(vec![HandOver, Done, Failed, Solve, Solve, Reopen, Reopen, Acknowledge]),
        1 => prop::sample::select(vec![DeclineAction, Decline, Confirm, Cancel]),
    ]
}

async fn carry_out(desk: &Desk, ticket: &Ticket, step: Step) -> Result<Option<Ticket>> {
    let id = ticket.id;
    let person = |first: bool| engineer(if first { "nurlan" } else { "dana" });
    let action = ticket.action.clone();
    let (action_id, digest) =
        action.map_or((crm::domain::ids::ActionId(id.0), String::new()), |a| (a.id, a.digest));
    let done = match step {
        Step::Pass(minutes) => {
            desk.pass(TimeDelta::minutes(minutes)).await?;
            return Ok(None);
        }
        Step::Take(first) => desk.run(id, Command::Take, &person(first)).await,
        Step::HandOver => desk.run(id, Command::HandOver(Queue::Network), &person(true)).await,
        Step::Ask => desk.write(id, Command::Ask, &person(true)).await,
        Step::Answer => desk.write(id, Command::Answer, &person(false)).await,
        Step::Write => desk.write(id, Command::Write, &contact("aigerim")).await,
        Step::Note => desk.write(id, Command::Note, &manager()).await,
        Step::Approve(first) => {
            desk.run(id, Command::Approve { id: action_id, digest }, &person(first)).await
        }
        Step::DeclineAction => {
            desk.write(id, |message| Command::DeclineAction { id: action_id, message }, &person(true)).await
        }
        Step::Done => {
            let proof = Proof {
                method: "graceful".to_owned(),
                state: "running".to_owned(),
                boot_id: None,
                domain_id: Some((1, 2)),
                at: desk.clock.now(),
                took_ms: 5,
                read_back: Vec::new(),
            };
            desk.run(id, Command::ActionDone { id: action_id, proof }, &Actor::Provisioner).await
        }
        Step::Failed => {
            let failure = Failure { code: "hung".to_owned(), text: "қатып қалды".to_owned() };
            desk.run(id, Command::ActionFailed { id: action_id, failure }, &Actor::Provisioner).await
        }
        Step::Solve => desk.write(id, |m| Command::Solve(Some(m)), &person(true)).await,
        Step::Decline => desk.write(id, Command::Decline, &person(false)).await,
        Step::Confirm => desk.run(id, Command::Confirm, &contact("aigerim")).await,
        Step::Reopen => desk.write(id, |m| Command::Reopen(Some(m)), &contact("aigerim")).await,
        Step::Cancel => desk.run(id, Command::Cancel, &contact("aigerim")).await,
        Step::Acknowledge => desk.run(id, Command::Acknowledge, &manager()).await,
    };
    match done {
        Ok(ticket) => Ok(Some(ticket)),
        Err(ServiceError::Refused(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// How the first-reply promise ends, by the accepted steps alone: the first reply before the deadline keeps it, the deadline breaks it.
fn first_reply(due: Moment, answered: Option<Moment>, ended: Option<Moment>, now: Moment) -> Outcome {
    match (answered, ended) {
        (Some(at), _) if at < due => Outcome::Met { at },
        (Some(at), _) => Outcome::Breached { answered_at: Some(at) },
        (None, Some(at)) if at < due => Outcome::Void,
        (None, None) if now < due => Outcome::Running,
        (None, _) => Outcome::Breached { answered_at: None },
    }
}

async fn life(desk: &Desk, kind: Kind, steps: Vec<Step>) -> Result<()> {
    let opened = desk.open("aigerim", kind).await?;
    let (mut ticket, mut answered, mut ended) = (opened.clone(), None, None);
    for step in steps {
        let was = ticket.state;
        if let Some(done) = carry_out(desk, &ticket, step).await? {
            use Step::{Answer, Ask, Cancel, Decline, DeclineAction, Done, Solve};
            if matches!(step, Ask | Answer | Solve | Decline | DeclineAction | Done) {
                answered = answered.or(Some(desk.clock.now()));
            }
            if matches!(step, Cancel) {
                ended = Some(desk.clock.now());
            }
            ensure!(!was.is_terminal() || done.state == was, "{was} came back to life: {step:?}");
        }
        ticket = desk.ticket(opened.id).await?;
    }
    desk.look().await?;
    check(desk, opened.id, first_reply(opened.first_reply.due_at, answered, ended, desk.clock.now())).await
}

async fn check(desk: &Desk, id: TicketId, expected: Outcome) -> Result<()> {
    let (stored, events) = (desk.ticket(id).await?, desk.events(id).await?);
    verify(&events, (stored.seq, &stored.head))?;
    let folded = Ticket::fold(&events).map(|t| Ticket { version: stored.version, ..t });
    ensure!(folded.as_ref() == Some(&stored), "folded {folded:#?}\nstored {stored:#?}");
    ensure!(stored.first_reply.outcome == expected, "{:?} but {expected:?}", stored.first_reply);
    let mut seen = std::collections::HashSet::new();
    let mut last = None;
    for record in &events {
        ensure!(last.is_none_or(|l| l <= record.recorded_at), "written down in order");
        last = Some(record.recorded_at);
        ensure!(record.at <= record.recorded_at, "nothing is noticed before it happens: {record:?}");
        let mark = match record.event {
            Event::MarkReached { target, percent, .. } => (target, percent),
            Event::TargetBreached { target, .. } => (target, 100),
            _ => continue,
        };
        ensure!(seen.insert(mark), "{mark:?} fired twice");
    }
    if stored.past_cycles.is_empty() && stored.resolution.paused_at.is_none() {
        let breach = events
            .iter()
            .find(|e| matches!(e.event, Event::TargetBreached { target: Target::Resolution, .. }));
        ensure!(breach.is_none_or(|e| e.at == stored.resolution.due_at), "a breach is at its deadline");
    }
    ensure!(stored.state.is_active() || stored.next_due().is_none(), "nothing is owed at the end");
    ensure!(stored.state != State::Merged, "nothing merges");
    Ok(())
}

#[rstest]
fn any_life_of_a_ticket_is_recorded_truly(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let Some(desk) = runtime.block_on(Desk::new(engine))? else { return Ok(()) };
    let kinds =
        prop::sample::select(vec![Kind::VmReboot, Kind::VmUnlock, Kind::FaultCritical, Kind::Question]);
    let lives = (kinds, prop::collection::vec(step(), 1..40));
    let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&lives, |(kind, steps)| {
            // The next life of the same machine must not be its twin.
            let released = "UPDATE ticket SET service_id = NULL";
            let lived = runtime.block_on(async {
                desk.test.tamper(released).await?;
                life(&desk, kind, steps).await
            });
            lived.map_err(|error| TestCaseError::fail(format!("{error:#}")))
        })
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    let verified = runtime.block_on(verify_audit(&desk.test.db, None))?;
    ensure!(verified.findings.is_empty(), "{:?}", verified.findings);
    ensure!(verified.tickets >= 48, "{} lives", verified.tickets);
    Ok(())
}
