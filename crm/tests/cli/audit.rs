//! `audit verify` finds whatever somebody with access to the database file does to it.

use std::sync::Arc;

use chrono::TimeDelta;
use crm::admin::audit::verify_audit;
use crm::clock::ManualClock;
use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::event::Origin;
use crm::domain::form::{Form, RebootMode};
use crm::domain::ids::{ContactId, CustomerId, ServiceId, StaffId};
use crm::domain::kind::{Channel, Kind};
use crm::domain::lang::Lang;
use crm::domain::person::Role;
use crm::policy::PolicyBook;
use crm::service::{NewTicket, Service, Words};
use crm::store::Side;
use crm::worker::Worker;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use crate::world::World;

/// Three tickets: a question with an answer, a reboot, another question.
async fn tickets(world: &World) {
    let (db, service) = (world.db().await, World::service());
    let contact = Actor::Contact { id: ContactId::from("aigerim"), customer: CustomerId::from("acme") };
    let engineer = Actor::Staff { id: StaffId::from("nurlan"), role: Role::Engineer };
    let mut tx = db.begin().await.expect("begun");
    let ask = |kind, form, text: &str| NewTicket {
        kind,
        form,
        requester: Some((ContactId::from("aigerim"), CustomerId::from("acme"))),
        requester_name: "Айгерім".to_owned(),
        language: Lang::Kk,
        origin: Origin { channel: Channel::Telegram, chat: Some(7) },
        words: Words::text(text),
    };
    let question = ask(Kind::Question, Form::Plain, "Баға қанша?");
    let question = service.open(&mut tx, question, &contact).await.expect("opened");
    let reboot = Form::VmReboot { vm: ServiceId::from("acme-web"), mode: RebootMode::Graceful };
    service.open(&mut tx, ask(Kind::VmReboot, reboot, ""), &contact).await.expect("opened");
    service
        .open(&mut tx, ask(Kind::Question, Form::Plain, "Тағы бір сұрақ"), &contact)
        .await
        .expect("opened");
    tx.commit().await.expect("committed");
    let mut tx = db.begin().await.expect("begun");
    service.execute(&mut tx, question.id, Command::Take, &engineer).await.expect("taken");
    let words = (Side::Desk, Words::text("45 000 теңге"));
    service.write(&mut tx, question.id, words, Command::Answer, &engineer).await.expect("answered");
    tx.commit().await.expect("committed");
    db.close().await;
}

async fn world() -> World {
    let world = World::with_directory();
    tickets(&world).await;
    world
}

/// Somebody with the file and a SQL client.
async fn intruder(world: &World, statements: &[&'static str]) {
    let options = SqliteConnectOptions::new().filename(world.path("komek.db")).foreign_keys(false);
    let mut connection: SqliteConnection = options.connect().await.expect("opened");
    for statement in statements {
        let done = sqlx::query(*statement).execute(&mut connection).await.expect(statement);
        assert!(done.rows_affected() > 0, "nothing happened: {statement}");
    }
    connection.close().await.expect("closed");
}

async fn after(statements: &[&'static str]) -> String {
    let world = world().await;
    intruder(&world, statements).await;
    world.run(&["audit", "verify"]).badly()
}

#[tokio::test]
async fn an_untouched_record_is_sound() {
    let world = world().await;
    let said = world.run(&["audit", "verify"]).well();
    assert!(
        said.starts_with("3 tickets, ") && said.ends_with("nothing was changed, removed, moved or added\n"),
        "{said}"
    );
    let said = world.run(&["audit", "verify", "--ticket", "KM-000002"]).well();
    assert!(said.starts_with("1 tickets, "), "{said}");
    let said = world.run(&["audit", "verify", "--ticket", "9"]).badly();
    assert!(said.contains("KM-000009: this number was never given out"), "{said}");
}

#[tokio::test]
async fn a_changed_event_is_found() {
    let said = after(&["UPDATE event SET event = replace(event, '\"by\":\"nurlan\"', '\"by\":\"dana\"') WHERE word = 'taken'"]).await;
    assert!(said.contains("KM-000001: event 2 was changed: its content does not match its hash"), "{said}");
}

#[tokio::test]
async fn a_changed_moment_and_a_changed_actor_are_found() {
    let said = after(&[
        "UPDATE event SET at = recorded_at, recorded_at = '2026-01-01T00:00:00+00:00' WHERE word = 'taken'",
    ])
    .await;
    assert!(said.contains("KM-000001: event 2 was changed"), "{said}");
    let said =
        after(&["UPDATE event SET actor = replace(actor, 'nurlan', 'dana') WHERE word = 'answered'"]).await;
    assert!(said.contains("was changed"), "{said}");
}

#[tokio::test]
async fn an_event_that_does_not_read_any_more_is_found() {
    let said = after(&["UPDATE event SET event = '{\"event\":\"taken\"' WHERE word = 'taken'"]).await;
    assert!(said.contains("KM-000001: an event was changed and does not read any more"), "{said}");
}

#[tokio::test]
async fn a_removed_event_is_found() {
    let said = after(&["DELETE FROM event WHERE word = 'taken'"]).await;
    assert!(
        said.contains("KM-000001: event 3 was removed, added or moved: the chain breaks there"),
        "{said}"
    );
    let renumbered = after(&[
        "DELETE FROM event WHERE word = 'taken'",
        "UPDATE event SET seq = seq - 1 WHERE stream = (SELECT id FROM ticket WHERE number = 1) AND seq > 2",
    ])
    .await;
    assert!(renumbered.contains("KM-000001: event 2 was changed"), "{renumbered}");
}

#[tokio::test]
async fn a_cut_tail_is_found() {
    let said = after(&["DELETE FROM event WHERE stream = (SELECT id FROM ticket WHERE number = 1)
         AND seq = (SELECT seq FROM ticket WHERE number = 1)"])
    .await;
    assert!(said.contains("KM-000001: the last events were removed or replaced"), "{said}");
}

#[tokio::test]
async fn re_ordered_events_are_found() {
    let said = after(&[
        "UPDATE event SET seq = 1000 WHERE word = 'taken'",
        "UPDATE event SET seq = 2 WHERE stream = (SELECT id FROM ticket WHERE number = 1) AND seq = 3",
        "UPDATE event SET seq = 3 WHERE seq = 1000",
    ])
    .await;
    assert!(said.contains("KM-000001: event 2 was"), "{said}");
}

#[tokio::test]
async fn a_removed_ticket_is_found() {
    let said = after(&["DELETE FROM ticket WHERE number = 2"]).await;
    assert!(said.contains("KM-000002: the ticket was removed; its "), "{said}");
    let whole = [
        "DELETE FROM event WHERE stream = (SELECT id FROM ticket WHERE number = 2)",
        "DELETE FROM ticket WHERE number = 2",
    ];
    let said = after(&whole).await;
    assert!(said.contains("KM-000002: the ticket was removed, and its events with it"), "{said}");
    let last =
        after(&["DELETE FROM ticket WHERE number = 3", "UPDATE counter SET value = 2 WHERE name = 'ticket'"])
            .await;
    assert!(last.contains("KM-000003: ") && last.contains("events belong to no ticket"), "{last}");
}

#[tokio::test]
async fn a_changed_ticket_message_or_desk_event_is_found() {
    let said = after(&["UPDATE ticket SET assignee_id = 'dana' WHERE number = 1"]).await;
    assert!(said.contains("KM-000001: the ticket's row was changed"), "{said}");
    let said =
        after(&["UPDATE ticket SET doc = replace(doc, '\"question\"', '\"order\"') WHERE number = 3"]).await;
    assert!(said.contains("KM-000003: the ticket's row was changed"), "{said}");
    let said = after(&["UPDATE message SET body = '40 000 теңге' WHERE body = '45 000 теңге'"]).await;
    assert!(said.contains("KM-000001: the message of event 3 was changed"), "{said}");
    let said = after(&["UPDATE event SET event = replace(event, '\"changes\":9', '\"changes\":1') WHERE word = 'directory_applied'"]).await;
    assert!(said.contains("desk: event 1 was changed"), "{said}");
    let said = after(&["UPDATE counter SET value = 1 WHERE name = 'ticket'"]).await;
    assert!(said.contains("KM-000003: the counter was set back"), "{said}");
}

#[tokio::test]
async fn an_erased_message_is_no_tampering() {
    let world = world().await;
    intruder(&world, &["DELETE FROM message WHERE side = 'customer'"]).await;
    world.run(&["audit", "verify"]).well();
}

#[tokio::test]
async fn marks_breaches_pages_and_reopening_leave_a_sound_record() {
    let world = World::with_directory();
    let db = world.db().await;
    let clock = ManualClock::new(World::now());
    let service = Service::new(clock.clone(), Arc::new(PolicyBook::shipped().expect("sound")));
    let worker = Worker::new(service.clone(), db.clone(), "test".to_owned());
    let contact = Actor::Contact { id: ContactId::from("aigerim"), customer: CustomerId::from("acme") };
    let engineer = Actor::Staff { id: StaffId::from("nurlan"), role: Role::Engineer };
    let mut tx = db.begin().await.expect("begun");
    let new = NewTicket {
        kind: Kind::FaultCritical,
        form: Form::Fault { service: Some(ServiceId::from("acme-web")), since: None },
        requester: Some((ContactId::from("aigerim"), CustomerId::from("acme"))),
        requester_name: "Айгерім".to_owned(),
        language: Lang::Kk,
        origin: Origin { channel: Channel::Phone, chat: None },
        words: Words::text("Бәрі тоқтап тұр"),
    };
    let ticket = service.open(&mut tx, new, &contact).await.expect("opened");
    tx.commit().await.expect("committed");
    for minutes in [0, 6, 6, 40, 60, 120] {
        clock.advance(TimeDelta::minutes(minutes));
        worker.fire_due().await.expect("fired");
        worker.run_jobs().await.expect("worked");
    }
    for (command, actor) in [
        (Command::Take, &engineer),
        (Command::Solve(None), &engineer),
        (Command::Reopen(None), &contact),
        (Command::Solve(None), &engineer),
    ] {
        clock.advance(TimeDelta::minutes(3));
        service.run(&db, ticket.id, command, actor).await.expect("done");
    }
    clock.advance(TimeDelta::days(4));
    worker.fire_due().await.expect("fired");
    let verified = verify_audit(&db, None).await.expect("read");
    assert_eq!(verified.findings, []);
    assert!(verified.events > 12, "{verified:?}");
}
