//! Events, messages, the desk's stream: appended, read back as they were, and found when something is missing.

use anyhow::Result;
use crm::domain::actor::Actor;
use crm::domain::audit::{GENESIS, verify};
use crm::domain::event::Event;
use crm::domain::ids::{DESK_STREAM, MessageId, StaffId};
use crm::domain::person::Role;
use crm::store::{Side, StoreError};
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;

use crate::sample::{COUNTS, HARD, at, id, link, message, opening, ticket};

fn switched(on: bool) -> Event {
    Event::EmergencySwitched { on, reason: HARD.to_owned() }
}

#[rstest]
#[tokio::test]
async fn a_chain_of_any_length_reads_back_and_verifies(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    for length in COUNTS {
        chain(&test, length).await?;
    }
    Ok(())
}

async fn chain(test: &TestDb, length: i64) -> Result<()> {
    let mut tx = test.db.begin().await?;
    let mut ticket = ticket(length);
    let mut appended = vec![link(&mut ticket, Event::Opened(Box::new(opening(length))))];
    for n in 1..length {
        let event = if n % 2 == 0 { switched(true) } else { Event::Taken { by: StaffId::from(HARD) } };
        appended.push(link(&mut ticket, event));
    }
    for record in &appended {
        tx.event_append(record.clone());
    }
    let saved = tx.ticket_save(ticket, None);
    tx.commit().await?;
    let mut tx = test.db.read().await?;
    let events = tx.events(saved.id.0).await?;
    assert_eq!(events, appended);
    assert_eq!(verify(&events, (length, &saved.head)), Ok(()));
    assert_eq!(tx.event_fetch(saved.id.0, length).await?, appended.last().cloned());
    assert_eq!(tx.event_fetch(saved.id.0, length + 1).await?, None);
    assert_eq!(tx.event_recorded_last().await?, Some(at(length)));
    assert!(tx.event_streams_orphaned().await?.is_empty());
    Ok(())
}

#[rstest]
#[tokio::test]
async fn an_event_cannot_take_anothers_place_and_orphans_are_found(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    assert_eq!(test.db.read().await?.event_recorded_last().await?, None);
    let mut lost = ticket(1);
    let first = link(&mut lost, switched(true));
    let mut tx = test.db.begin().await?;
    tx.event_append(first.clone());
    tx.commit().await?;
    let mut tx = test.db.begin().await?;
    tx.event_append(first);
    assert!(matches!(tx.commit().await, Err(StoreError::Database(_))), "the same number twice");
    assert_eq!(test.db.read().await?.event_streams_orphaned().await?, [lost.id.0]);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_desks_stream_has_one_order_however_many_write(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    assert_eq!(test.db.read().await?.stream_head(DESK_STREAM).await?, (0, GENESIS.to_owned()));
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..12 {
        let db = test.another().await?;
        writers.spawn(async move {
            let mut tx = db.begin().await?;
            if n % 3 == 0 {
                // Whoever is to read before it writes locks first.
                tx.desk_lock().await?;
            }
            let actor = Actor::Staff { id: StaffId::from("marat"), role: Role::DutyManager };
            tx.desk_event(actor, switched(n % 2 == 0), at(n)).await?;
            tx.commit().await?;
            anyhow::Ok(())
        });
    }
    writers.join_all().await.into_iter().collect::<Result<Vec<()>>>()?;
    let mut tx = test.db.read().await?;
    tx.still().await?;
    let (seq, head) = tx.stream_head(DESK_STREAM).await?;
    let events = tx.events(DESK_STREAM).await?;
    assert_eq!((seq, events.len()), (12, 12));
    assert_eq!(verify(&events, (seq, &head)), Ok(()));
    assert_eq!(tx.stream_heads().await?, [(DESK_STREAM, seq, head)]);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_still_picture_does_not_move_while_others_write(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut still = test.db.read().await?;
    still.still().await?;
    assert_eq!(still.ticket_heads(0, 9).await?.len(), 0);
    let other = test.another().await?;
    let mut tx = other.begin().await?;
    tx.ticket_save(ticket(1), None);
    tx.commit().await?;
    assert_eq!(still.ticket_heads(0, 9).await?.len(), 0);
    drop(still);
    assert_eq!(test.db.read().await?.ticket_heads(0, 9).await?.len(), 1);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn words_and_files_come_back_letter_by_letter(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let ticket = ticket(1).id;
    let mut tx = test.db.begin().await?;
    let late = message(ticket, Side::Desk, HARD, 30);
    let note = message(ticket, Side::Note, "", 20);
    let early = message(ticket, Side::Customer, &"ұ".repeat(4_096), 10);
    for m in [&late, &note, &early] {
        tx.message_add((*m).clone());
    }
    let found = tx.message_fetch(late.id).await?.expect("seen while it is only buffered");
    tx.commit().await?;
    assert_eq!(found.body, HARD);
    assert_eq!(found.attachments, late.attachments);
    assert_eq!((found.author, found.side, found.written_at), (late.author.clone(), Side::Desk, at(30)));
    let mut tx = test.db.read().await?;
    let bodies = |all: Vec<crm::store::Message>| all.into_iter().map(|m| m.id).collect::<Vec<_>>();
    assert_eq!(bodies(tx.messages(ticket, true).await?), [early.id, note.id, late.id]);
    assert_eq!(bodies(tx.messages(ticket, false).await?), [early.id, late.id]);
    assert_eq!(tx.message_fetch(MessageId(id())).await?, None);
    // What an event names is the digest of exactly these words.
    let changed = crm::store::NewMessage { body: format!("{HARD} "), ..late.clone() };
    assert_eq!(late.reference(), late.clone().reference());
    assert_ne!(late.reference().digest, changed.reference().digest);
    Ok(())
}

/// A row that no longer reads is a finding of the audit, not an error of the database; a database that is gone is an error.
#[rstest]
#[tokio::test]
async fn a_row_that_does_not_read_says_which(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    let mut broken = ticket(1);
    tx.event_append(link(&mut broken, switched(true)));
    tx.ticket_save(broken.clone(), None);
    tx.commit().await?;
    test.tamper("UPDATE event SET event = '{\"event\": \"no such event\"}'").await?;
    let error = test.db.read().await?.events(broken.id.0).await.expect_err("it does not read");
    let problem = error.unreadable_row()?;
    assert!(problem.contains("no such event"), "{problem}");
    test.db.close().await;
    let gone = test.db.read().await.err().expect("closed");
    assert!(gone.unreadable_row().is_err());
    Ok(())
}
