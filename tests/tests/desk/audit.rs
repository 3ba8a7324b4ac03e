//! `audit verify` finds whatever was changed behind the desk's back, and only that.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::TimeDelta;
use crm::admin::audit::verify_audit;
use crm::domain::decide::Command;
use crm::domain::ids::DESK_STREAM;
use crm::domain::kind::Kind;
use komek_tests::desk::{Desk, engineer, manager};
use komek_tests::engine::Engine;
use rstest::rstest;

/// What somebody does to the ticket with id `{id}`, and what the audit says of it. `{json}` casts to the engine's JSON.
const TAMPERING: [(&str, &str); 14] = [
    (
        "UPDATE event SET event = REPLACE(CAST(event AS TEXT), 'nurlan', 'marat'){json} WHERE stream = {id} AND seq = 3",
        "event 3 was changed",
    ),
    (
        "UPDATE event SET actor = REPLACE(CAST(actor AS TEXT), 'nurlan', 'marat'){json} WHERE stream = {id} AND seq = 3",
        "event 3 was changed",
    ),
    ("UPDATE event SET at = recorded_at WHERE stream = {id} AND word = 'target_breached'", "was changed"),
    ("UPDATE event SET recorded_at = at WHERE stream = {id} AND word = 'target_breached'", "was changed"),
    ("DELETE FROM event WHERE stream = {id} AND seq = 1", "removed"),
    ("DELETE FROM event WHERE stream = {id} AND seq = 3", "event 4 was removed, added or moved"),
    (
        "DELETE FROM event WHERE stream = {id} AND seq = (SELECT MAX(seq) FROM event WHERE stream = {id})",
        "the last events were removed",
    ),
    (
        "UPDATE event SET seq = CASE seq WHEN 2 THEN 1003 ELSE 1002 END WHERE stream = {id} AND seq IN (2, 3)",
        "removed, added or moved|was changed",
    ),
    ("UPDATE event SET hash = prev_hash WHERE stream = {id} AND seq = 3", "event 3 was changed"),
    ("UPDATE ticket SET assignee_id = 'dana' WHERE id = {id}", "the ticket's row was changed"),
    (
        "UPDATE ticket SET doc = REPLACE(CAST(doc AS TEXT), 'nurlan', 'marat'){json} WHERE id = {id}",
        "the ticket's row was changed",
    ),
    ("UPDATE ticket SET seq = seq - 1 WHERE id = {id}", "the last events were removed or replaced"),
    ("UPDATE message SET body = 'бәрі жақсы' WHERE ticket_id = {id}", "the message of event"),
    ("DELETE FROM ticket WHERE id = {id}", "the ticket was removed; its"),
];

async fn a_busy_ticket(desk: &Desk) -> Result<crm::domain::ids::TicketId> {
    let id = desk.open("aigerim", Kind::FaultCritical).await?.id;
    desk.run(id, Command::Take, &engineer("nurlan")).await?;
    desk.write(id, Command::Answer, &engineer("nurlan")).await?;
    desk.pass(TimeDelta::minutes(70)).await?;
    desk.run(id, Command::Solve(None), &engineer("nurlan")).await?;
    Ok(id)
}

#[rstest]
#[tokio::test]
async fn every_kind_of_tampering_is_found_where_it_was_done(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let untouched = a_busy_ticket(&desk).await?;
    let mut expected = BTreeMap::new();
    for (sql, says) in TAMPERING {
        let id = a_busy_ticket(&desk).await?;
        expected.insert(desk.ticket(id).await?.number.to_string(), (id, sql, says));
    }
    let mut tx = desk.test.db.begin().await?;
    desk.service.emergency(&mut tx, true, "why".to_owned(), &manager()).await?;
    tx.commit().await?;
    let sound = verify_audit(&desk.test.db, None).await?;
    assert_eq!((sound.tickets, sound.findings), (15, Vec::new()));

    for (id, sql, _) in expected.values() {
        let (id, json) = match engine {
            Engine::Sqlite => (format!("X'{}'", id.0.simple()), ""),
            Engine::Postgres => (format!("'{}'", id.0), "::jsonb"),
        };
        let rows = desk.test.tamper(&sql.replace("{id}", &id).replace("{json}", json)).await?;
        assert!(rows >= 1, "{sql}");
    }
    let found = verify_audit(&desk.test.db, None).await?;
    let by_subject: BTreeMap<_, _> =
        found.findings.iter().map(|f| (f.subject.clone(), f.problem.clone())).collect();
    for (number, (_, sql, says)) in &expected {
        let problem = by_subject.get(number).unwrap_or_else(|| panic!("not found: {sql}"));
        assert!(says.split('|').any(|s| problem.contains(s)), "{sql}: {problem}");
    }
    assert_eq!(by_subject.len(), expected.len(), "nobody else is blamed: {by_subject:#?}");
    let number = desk.ticket(untouched).await?.number;
    assert_eq!(verify_audit(&desk.test.db, Some(number)).await?.findings, []);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_desks_own_stream_and_the_numbers_are_watched_too(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    a_busy_ticket(&desk).await?;
    for on in [true, false, true] {
        let mut tx = desk.test.db.begin().await?;
        desk.service.emergency(&mut tx, on, "why".to_owned(), &manager()).await?;
        tx.commit().await?;
    }
    let stream = match engine {
        Engine::Sqlite => format!("X'{}'", DESK_STREAM.simple()),
        Engine::Postgres => format!("'{DESK_STREAM}'"),
    };
    desk.test.tamper(&format!("DELETE FROM event WHERE stream = {stream} AND seq = 2")).await?;
    desk.test.tamper("UPDATE counter SET value = value + 1").await?;
    let found = verify_audit(&desk.test.db, None).await?.findings;
    let subjects: Vec<_> = found.iter().map(|f| f.subject.as_str()).collect();
    assert_eq!(subjects, ["KM-000002", "desk"], "{found:?}");
    // Personal data may be erased; that is no tampering.
    desk.test.tamper("UPDATE counter SET value = value - 1").await?;
    desk.test.tamper("DELETE FROM message").await?;
    let found = verify_audit(&desk.test.db, None).await?.findings;
    assert_eq!(found.len(), 1, "{found:?}");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_reason_for_a_severity_that_it_has_already_stays_as_a_note(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let id = desk.open("aigerim", Kind::FaultMinor).await?.id;
    // Two people find the same thing at once.
    for staff in ["nurlan", "dana"] {
        let worse = |reason| Command::Reclassify { to: Kind::FaultCritical, reason };
        desk.write(id, worse, &engineer(staff)).await?;
    }
    for word in ["reclassified", "noted"] {
        let sql = format!("SELECT COUNT(*) FROM event WHERE word = '{word}'");
        assert_eq!(desk.test.number(&sql).await?, 1, "{word}");
    }
    assert_eq!(verify_audit(&desk.test.db, None).await?.findings, [], "every message has its event");
    Ok(())
}
