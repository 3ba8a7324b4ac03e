//! Actions on the Cabinet and on clusters, from the request to the proof: the real provisioner's worker on both databases, and each plan
//! with a failure at every step.

mod once;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use crm::clock::Clock;
use crm::domain::action::ActionState;
use crm::domain::decide::Command;
use crm::domain::event::{Event, Origin};
use crm::domain::form::{Form, QuotaResource};
use crm::domain::ids::TicketId;
use crm::domain::kind::{Channel, Kind, Terms};
use crm::domain::lang::Lang;
use crm::domain::plan::Value;
use crm::domain::ticket::{State, Ticket};
use crm::seal::bot_key;
use crm::service::{NewTicket, Words};
use komek_tests::desk::{ACCOUNTS, Desk, contact, engineer};
use komek_tests::engine::Engine;
use provisioner::cabinet::Cabinet;
use provisioner::cabinet::builtin::Builtin;
use provisioner::hypervisor::{Fault, HvError};
use provisioner::report::Timing;
use provisioner::systems::Systems;
use provisioner::worker::Worker;
use provisioner::zones::Zones;
use rstest::rstest;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use tokio_util::sync::DropGuard;

/// The bot's secret in these tests.
pub fn telegram_token() -> SecretString {
    SecretString::from("42:a-token-of-telegram".to_owned())
}

/// A desk whose provisioner works with the built-in Cabinet until the guard is dropped.
pub async fn desk(engine: Engine) -> Result<Option<(Desk, DropGuard)>> {
    let Some(mut desk) = Desk::new(engine).await? else { return Ok(None) };
    desk.provisioned = true;
    let mut tx = desk.test.db.begin().await?;
    tx.bot_key_save(&bot_key(&telegram_token()).public(), desk.clock.now()).await?;
    tx.commit().await?;
    let zones = Zones::new(Arc::new(|zone, _| {
        Err(HvError {
            fault: Fault::Unsupported,
            zone: zone.to_owned(),
            during: "connection".to_owned(),
            cause: "no hypervisor in this test".to_owned(),
        })
    }));
    let db = desk.test.db.clone();
    let cabinet: Arc<dyn Cabinet> = Arc::new(Builtin::new(db.clone()));
    let systems = Systems { cabinet: Some(cabinet), ..Systems::of_zones(db, zones) };
    let stop = CancellationToken::new();
    let worker = Worker::new(desk.service.clone(), systems, "the provisioner".to_owned(), Timing::default());
    tokio::spawn(worker.run(stop.clone()));
    Ok(Some((desk, stop.drop_guard())))
}

/// A ticket of Aigerim's, to be opened.
pub fn new(kind: Kind, form: Form) -> NewTicket {
    let (chat, who, customer) = ACCOUNTS[0];
    NewTicket {
        kind,
        form,
        requester: Some((who.into(), customer.into())),
        requester_name: who.to_owned(),
        language: Lang::Kk,
        origin: Origin { channel: Channel::Telegram, chat: Some(chat) },
        words: Words::default(),
    }
}

/// Opens it.
pub async fn ask(desk: &Desk, kind: Kind, form: Form) -> Result<Ticket> {
    let mut tx = desk.test.db.begin().await?;
    let ticket = desk.service.open(&mut tx, new(kind, form), &contact(ACCOUNTS[0].1)).await?;
    tx.commit().await?;
    Ok(ticket)
}

/// Approves what is proposed, by as many engineers as it takes, until the ticket has come to an end; the ticket as it is then.
pub async fn to_the_end(desk: &Desk, id: TicketId) -> Result<Ticket> {
    let begun = Instant::now();
    loop {
        let ticket = desk.ticket(id).await?;
        let action = ticket.action.as_ref().context("an action")?;
        match action.state {
            ActionState::Proposed => {
                let who = ["nurlan", "dana"][action.approved_by.len().min(1)];
                let approve = Command::Approve { id: action.id, digest: action.digest.clone() };
                desk.run(id, approve, &engineer(who)).await?;
            }
            ActionState::Done | ActionState::Failed => return Ok(ticket),
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
        ensure!(begun.elapsed() < Duration::from_secs(30), "no end: {action:?}");
    }
}

/// Why the ticket's action failed.
async fn failure(desk: &Desk, id: TicketId) -> Result<String> {
    let events = desk.events(id).await?;
    let text = events.into_iter().find_map(|record| match record.event {
        Event::ActionFailed { failure, .. } => Some(failure.text),
        _ => None,
    });
    text.context("a failure")
}

fn cores(wanted: i64) -> Form {
    Form::QuotaIncrease {
        terms: Terms::Vm,
        service: None,
        resource: QuotaResource::Cores,
        current: None,
        wanted,
    }
}

#[rstest]
#[tokio::test]
async fn a_quota_is_planned_approved_set_and_read_back(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some((desk, _working)) = desk(engine).await? else { return Ok(()) };
    let ticket = ask(&desk, Kind::QuotaIncrease, cores(24)).await?;
    let ticket = to_the_end(&desk, ticket.id).await?;
    ensure!(ticket.state == State::Solved, "{ticket:?}");
    let plan = &ticket.action.as_ref().context("an action")?.plan;
    ensure!(
        plan.changes[0].before == Value::Count(16) && plan.changes[0].after == Value::Count(24),
        "{plan:?}"
    );
    ensure!(plan.notes.iter().any(|n| n.key == "plan-note-simulated"), "it must say that it is simulated");
    let proof = desk.events(ticket.id).await?.into_iter().find_map(|record| match record.event {
        Event::ActionDone { proof, .. } => Some(proof),
        _ => None,
    });
    let proof = proof.context("a proof")?;
    ensure!(proof.read_back == plan.changes && proof.method == "done", "{proof:?}");
    let cabinet = Builtin::new(desk.test.db.clone());
    ensure!(cabinet.quota("acme", QuotaResource::Cores).await?.limit == Some(24));
    Ok(())
}

#[rstest]
#[case(5, "less than what is in use")]
#[case(0, "must be 1 or more")]
#[case(-1, "must be 1 or more")]
#[case(100_000, "more than there is")]
#[case(1_000_000_000_000_000_000, "more than there is")]
#[case(i64::MIN, "must be 1 or more")]
#[tokio::test]
async fn an_impossible_quota_goes_to_a_human_and_changes_nothing(
    #[case] wanted: i64,
    #[case] says: &str,
) -> Result<()> {
    let Some((desk, _working)) = desk(Engine::Sqlite).await? else { return Ok(()) };
    let ticket = ask(&desk, Kind::QuotaIncrease, cores(wanted)).await?;
    let ticket = to_the_end(&desk, ticket.id).await?;
    ensure!(ticket.state != State::Solved);
    let why = failure(&desk, ticket.id).await?;
    ensure!(why.contains(says), "{why}");
    let cabinet = Builtin::new(desk.test.db.clone());
    ensure!(cabinet.quota("acme", QuotaResource::Cores).await?.limit == Some(16));
    Ok(())
}
