//! The guard trusts no row: whatever was changed between approval and execution, nothing is executed and the audit says why.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::TimeDelta;
use crm::clock::{Clock, SystemClock};
use crm::domain::action::Action;
use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::event::Event;
use crm::domain::ids::{ActionId, ContactId, ServiceId};
use crm::domain::kind::Kind;
use crm::domain::plan::{Facts, Plan};
use crm::domain::refusal::Refusal;
use crm::domain::ticket::{State, Ticket};
use crm::policy::PolicyBook;
use crm::service::{Service, ServiceError};
use komek_tests::desk::{Desk, contact, engineer, fill};
use komek_tests::engine::Engine;
use komek_tests::lab::testvirt::TestVirt;
use provisioner::guard::{Verdict, check};
use provisioner::libvirt::{Libvirt, Limits};
use provisioner::report::Timing;
use provisioner::systems::Systems;
use provisioner::worker::Worker;
use provisioner::zones::Zones;
use rstest::rstest;
use serde_json::json;
use tokio_util::sync::CancellationToken;

/// What the guard says of an action now.
async fn verdict(desk: &Desk, id: ActionId) -> Result<String> {
    let mut tx = desk.test.db.read().await?;
    Ok(match check(&mut tx, &desk.service, id, desk.clock.now()).await? {
        Verdict::Approved(_) => "approved".to_owned(),
        Verdict::Refused(failure) => {
            assert_eq!(failure.code, "guard");
            failure.text
        }
        Verdict::Over => "over".to_owned(),
    })
}

/// An unlock of Acme's machine, locked for `reason`, approved by these engineers.
async fn unlock(desk: &Desk, reason: &str, approvers: &[&str]) -> Result<(Ticket, Action)> {
    let mut tx = desk.test.db.begin().await?;
    let vm = ServiceId::from("acme-web");
    tx.vm_fact_save(&vm, "paused", Some((reason, None)), desk.clock.now()).await?;
    tx.commit().await?;
    let ticket = desk.open("aigerim", Kind::VmUnlock).await?;
    let action = ticket.action.clone().context("a proposal")?;
    for approver in approvers {
        let approve = Command::Approve { id: action.id, digest: action.digest.clone() };
        desk.run(ticket.id, approve, &engineer(approver)).await?;
    }
    Ok((desk.ticket(ticket.id).await?, action))
}

/// Behind the desk's back, and what the guard says then. `{id}` and `{ticket}` are the action and its ticket.
const TAMPERING: [(&str, &str); 12] = [
    (
        "UPDATE action SET spec = REPLACE(CAST(spec AS TEXT), 'acme-web', 'birlik-web'){json}",
        "its digest differs",
    ),
    ("UPDATE action SET spec = '{{\"action\": \"vm_delete\"}}'", "does not read"),
    ("UPDATE action SET digest = 'x' || SUBSTR(digest, 2)", "its digest differs"),
    (
        "UPDATE ticket SET doc = REPLACE(CAST(doc AS TEXT), '\"domain\":\"acme-web\"', '\"domain\":\"acme-db\"'){json}",
        "its digest differs",
    ),
    ("DELETE FROM approval", "0 valid approvals, 1 needed"),
    ("UPDATE approval SET digest = 'of another plan'", "0 valid approvals, 1 needed"),
    ("UPDATE approval SET approver = 'policy'", "0 valid approvals, 1 needed"),
    (
        "UPDATE staff SET retired_at = '2026-11-23T00:00:00+00:00' WHERE id = 'nurlan'",
        "0 valid approvals, 1 needed",
    ),
    ("UPDATE staff SET role = 'auditor' WHERE id = 'nurlan'", "0 valid approvals, 1 needed"),
    ("UPDATE service SET customer_id = 'birlik' WHERE id = 'acme-web'", "not this customer's machine"),
    ("UPDATE service SET domain = 'birlik-web' WHERE id = 'acme-web'", "not this customer's machine"),
    ("UPDATE service SET retired_at = since WHERE id = 'acme-web'", "not this customer's machine"),
];

#[rstest]
#[tokio::test]
async fn whatever_was_changed_after_the_approval_is_refused(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    for (sql, says) in TAMPERING {
        let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
        let (_, action) = unlock(&desk, "unpaid", &["nurlan"]).await?;
        assert_eq!(verdict(&desk, action.id).await?, "approved", "{sql}");
        let json = if engine == Engine::Postgres { "::jsonb" } else { "" };
        // PostgreSQL shows JSON with spaces.
        let sql = if engine == Engine::Postgres { sql.replace("\":\"", "\": \"") } else { sql.to_owned() };
        let sql = sql.replace("{json}", json).replace("{{", "{").replace("}}", "}");
        assert_eq!(desk.test.tamper(&sql).await?, 1, "{sql}");
        let said = verdict(&desk, action.id).await?;
        assert!(said.contains(says), "{sql}: {said}");
    }
    Ok(())
}

#[rstest]
#[tokio::test]
async fn four_eyes_are_four(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let (ticket, action) = unlock(&desk, "abuse", &["nurlan"]).await?;
    assert_eq!(ticket.state, State::WaitingApproval, "S4: two where it was locked for abuse");
    assert_eq!(verdict(&desk, action.id).await?, "over", "nothing to execute yet");
    let again = Command::Approve { id: action.id, digest: action.digest.clone() };
    let refused = desk.run(ticket.id, again, &engineer("nurlan")).await;
    assert!(matches!(refused, Err(ServiceError::Refused(Refusal::AnotherPersonNeeded))), "{refused:?}");
    let refusal = desk.events(ticket.id).await?.into_iter().find_map(|e| match e.event {
        Event::ApprovalRefused { why, .. } => Some((e.actor, why)),
        _ => None,
    });
    assert_eq!(refusal, Some((engineer("nurlan"), "this needs another person".to_owned())), "on record");
    // A desk that thinks the quorum complete does not convince the guard.
    let (one, full) = match engine {
        Engine::Sqlite => ("\"quorum\":\"two\"", "\"quorum\":\"one\""),
        Engine::Postgres => ("\"quorum\": \"two\"", "\"quorum\": \"one\""),
    };
    let json = if engine == Engine::Postgres { "::jsonb" } else { "" };
    for (from, to) in [(one, full), ("waiting_approval", "executing"), ("proposed", "approved")] {
        desk.test
            .tamper(&format!("UPDATE ticket SET doc = REPLACE(CAST(doc AS TEXT), '{from}', '{to}'){json}"))
            .await?;
    }
    assert_eq!(verdict(&desk, action.id).await?, "1 valid approvals, 2 needed");
    // The same person's second row does not count, whatever it is called.
    let mut tx = desk.test.db.begin().await?;
    for approver in ["nurlan", "NURLAN", "nurlan ", "policy", "timur"] {
        tx.approval_add(action.id, approver, &action.digest, desk.clock.now()).await?;
    }
    tx.commit().await?;
    assert_eq!(verdict(&desk, action.id).await?, "1 valid approvals, 2 needed");
    let mut tx = desk.test.db.begin().await?;
    tx.approval_add(action.id, "dana", &action.digest, desk.clock.now()).await?;
    tx.commit().await?;
    assert_eq!(verdict(&desk, action.id).await?, "approved");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_plan_that_claims_a_code_nobody_typed_is_refused(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(mut desk) = Desk::new(engine).await? else { return Ok(()) };
    desk.provisioned = true;
    let ticket = desk.open("aigerim", Kind::PasswordRecovery).await?;
    let action = ticket.action.context("a wanted action")?;
    let facts = Facts { stepped_up: true, ..Facts::default() };
    let claimed = Command::Planned { id: action.id, plan: Box::new(Plan { facts, ..Plan::default() }) };
    let ticket = desk.run(ticket.id, claimed, &Actor::Provisioner).await?;
    assert_eq!(ticket.state, State::Executing, "by the terms a code is enough");
    let said = verdict(&desk, action.id).await?;
    assert!(said.contains("no code on record proves who asks"), "{said}");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn nobody_approves_what_he_asked_for(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let (_, action) = unlock(&desk, "unpaid", &["nurlan"]).await?;
    let mut tx = desk.test.db.begin().await?;
    tx.account_bind(100_001, &ContactId::from("nora"), "Нұрлан", desk.clock.now()).await?;
    tx.commit().await?;
    assert_eq!(verdict(&desk, action.id).await?, "approved", "another customer's contact asked for nothing");
    let mut tx = desk.test.db.begin().await?;
    // The engineer's own account is a contact of Acme, too: the one who asked.
    tx.account_bind(100_001, &ContactId::from("aigerim"), "Нұрлан", desk.clock.now()).await?;
    tx.commit().await?;
    let said = verdict(&desk, action.id).await?;
    assert!(said.contains("Нұрлан approved what he asked for himself"), "{said}");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn what_is_too_late_over_or_without_terms_is_not_begun(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let (ticket, action) = unlock(&desk, "unpaid", &["nurlan"]).await?;
    desk.clock.set(action.expires_at);
    assert_eq!(verdict(&desk, action.id).await?, "approved", "its last moment");
    desk.clock.advance(TimeDelta::microseconds(1));
    assert!(verdict(&desk, action.id).await?.contains("expired before it could be executed"));
    let mut tx = desk.test.db.begin().await?;
    tx.action_progress(action.id, &json!({ "step": "ask" })).await?;
    tx.commit().await?;
    assert_eq!(verdict(&desk, action.id).await?, "approved", "what was begun in time is finished");
    desk.test.tamper("UPDATE approval SET approved_at = '2026-11-24T00:00:00+00:00'").await?;
    assert!(verdict(&desk, action.id).await?.contains("0 valid approvals"), "approved after it had lapsed");

    let nowhere = Service::new(desk.clock.clone(), Arc::new(PolicyBook::default()));
    let mut tx = desk.test.db.read().await?;
    let without = check(&mut tx, &nowhere, action.id, ticket.opened_at).await?;
    assert!(
        matches!(without, Verdict::Refused(f) if f.text.contains("the terms vm@2025-09-10 are not loaded"))
    );
    drop(tx);
    assert_eq!(verdict(&desk, ActionId(ticket.id.0)).await?, "over", "no such action");
    desk.test.tamper("UPDATE action SET finished_at = proposed_at").await?;
    assert_eq!(verdict(&desk, action.id).await?, "over", "it has ended");
    Ok(())
}

/// The whole way with real libvirt: one reboot that was tampered with, one that was not.
#[rstest]
#[tokio::test]
async fn a_refused_action_touches_no_machine_and_is_on_record(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(lab) = TestVirt::start(&["acme-web", "birlik-web"]).await? else { return Ok(()) };
    let Some(mut desk) = Desk::new(engine).await? else { return Ok(()) };
    // Real machines need real time.
    desk.service = Service::new(Arc::new(SystemClock), Arc::new(PolicyBook::shipped()?));
    let mut tx = desk.test.db.begin().await?;
    fill(&mut tx, &lab.uri(), desk.clock.now()).await?;
    tx.commit().await?;
    desk.provisioned = true;
    let sound = desk.open("aigerim", Kind::VmReboot).await?;
    let wrong = desk.open("boris", Kind::VmReboot).await?;
    let json = if engine == Engine::Postgres { "::jsonb" } else { "" };
    let redirected = format!(
        "UPDATE action SET spec = REPLACE(CAST(spec AS TEXT), 'birlik-web', 'acme-web'){json} \
         WHERE CAST(spec AS TEXT) LIKE '%birlik-web%'"
    );
    assert_eq!(desk.test.tamper(&redirected).await?, 1);

    let zones = Zones::new(Arc::new(|zone, uri| Ok(Arc::new(Libvirt::new(zone, uri, Limits::default())?))));
    let timing = Timing { poll: TimeDelta::milliseconds(20), ..Timing::default() };
    let systems = Systems::of_zones(desk.test.db.clone(), zones);
    let worker = Worker::new(desk.service.clone(), systems, "test".to_owned(), timing);
    let stop = CancellationToken::new();
    let working = tokio::spawn(worker.run(stop.clone()));
    let mut wakeups = desk.test.db.wakeups();
    let ended = async {
        loop {
            let (a, b) = (desk.ticket(sound.id).await?, desk.ticket(wrong.id).await?);
            if a.state == State::Solved && b.state == State::New {
                return anyhow::Ok(());
            }
            wakeups.changed(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ended).await.context("the actions did not end")??;
    stop.cancel();
    working.await?;

    let failed = desk.events(wrong.id).await?.into_iter().find_map(|e| match e.event {
        Event::ActionFailed { failure, .. } => Some(failure),
        _ => None,
    });
    let failed = failed.context("the refusal is on record")?;
    assert_eq!(failed.code, "guard");
    assert!(failed.text.contains("komek-crm audit verify"), "{}", failed.text);
    let words: Vec<_> = desk.events(wrong.id).await?.iter().map(|e| e.event.word()).collect();
    assert_eq!(words.last(), Some(&"page_requested"), "a human is woken");
    for _ in 0..100 {
        if lab.tally("acme-web").started == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!((lab.tally("acme-web").stopped, lab.tally("birlik-web").stopped), (1, 0));
    assert!(
        desk.run(wrong.id, Command::Cancel, &contact("boris")).await.is_ok(),
        "the customer may take it back"
    );
    Ok(())
}
