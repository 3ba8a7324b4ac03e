//! Tickets: numbers, saving, versions, look-ups, bulk writes, links and cards.

use anyhow::Result;
use crm::domain::ids::{CustomerId, ServiceId, StaffId, TicketId, TicketNumber};
use crm::domain::kind::{Kind, Queue};
use crm::domain::ticket::{State, Ticket};
use crm::store::{StoreError, TicketColumns};
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;

use crate::sample::{COUNTS, at, id, strangers, ticket};

#[rstest]
#[tokio::test]
async fn a_ticket_comes_back_as_it_was_saved(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    let known = tx.ticket_save(ticket(1), Some(at(5)));
    assert_eq!(tx.ticket_fetch(known.id).await?.as_ref(), Some(&known), "seen while it is only buffered");
    let stranger = tx.ticket_save(strangers(2, -42), None);
    tx.commit().await?;

    let mut tx = test.db.read().await?;
    assert_eq!(tx.ticket_fetch(known.id).await?, Some(known.clone()));
    assert_eq!(tx.ticket_fetch(TicketId(id())).await?, None);
    assert_eq!(tx.ticket_by_number(TicketNumber(2)).await?, Some(stranger.clone()));
    assert_eq!(tx.ticket_by_number(TicketNumber(3)).await?, None);
    assert_eq!((known.version, stranger.version), (1, 1));
    let columns = TicketColumns { state: "new".to_owned(), queue: "support".to_owned(), assignee_id: None };
    assert_eq!(tx.ticket_columns(known.id).await?, Some(columns));
    assert_eq!(tx.ticket_columns(TicketId(id())).await?, None);

    assert_eq!(tx.tickets_of_customer(&CustomerId::from("acme"), 9).await?, std::slice::from_ref(&known));
    assert_eq!(tx.tickets_of_customer(&CustomerId::from("birlik"), 9).await?, []);
    assert_eq!(tx.tickets_of_stranger(-42, 9).await?, std::slice::from_ref(&stranger));
    assert_eq!(tx.tickets_of_stranger(i64::MAX, 9).await?, [], "a known contact's is not a stranger's");
    let (web, reboot) = (ServiceId::from("acme-web"), Kind::VmReboot);
    assert_eq!(tx.ticket_active_for(&web, reboot).await?, Some(known));
    assert_eq!(tx.ticket_active_for(&web, Kind::VmUnlock).await?, None);
    assert_eq!(tx.ticket_active_for(&ServiceId::from("acme-db"), reboot).await?, None);
    let heads = tx.ticket_heads(0, 9).await?;
    assert_eq!(heads.iter().map(|h| h.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(tx.ticket_heads(1, 9).await?.iter().map(|h| h.id).collect::<Vec<_>>(), [stranger.id.0]);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn of_two_who_change_a_ticket_at_once_the_second_is_told(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    let first = tx.ticket_save(ticket(1), None);
    tx.commit().await?;
    let stale = test.db.read().await?.ticket_fetch(first.id).await?.expect("saved");

    let mut tx = test.db.begin().await?;
    let mut loaded = tx.ticket_fetch(first.id).await?.expect("saved");
    loaded.assignee = Some(StaffId::from("nurlan"));
    let once = tx.ticket_save(loaded, None);
    // Twice in one transaction is one version.
    let twice = tx.ticket_save(Ticket { state: State::Open, ..once }, Some(at(9)));
    tx.commit().await?;
    assert_eq!(twice.version, 2);

    let mut tx = test.db.begin().await?;
    tx.ticket_save(Ticket { state: State::Cancelled, ..stale }, None);
    // What else the loser wrote is lost with it.
    tx.message_link(1, 1, first.id);
    assert!(matches!(tx.commit().await, Err(StoreError::Conflict)));
    let mut tx = test.db.read().await?;
    let now = tx.ticket_fetch(first.id).await?.expect("saved");
    assert_eq!((now.state, now.assignee, now.version), (State::Open, Some(StaffId::from("nurlan")), 2));
    assert_eq!(tx.ticket_of_message(1, 1).await?, None);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn numbers_have_no_gaps_and_no_twins(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    assert_eq!(tx.ticket_number_last().await?, 0);
    assert_eq!(tx.ticket_number_next().await?, TicketNumber(1));
    assert_eq!(tx.ticket_number_next().await?, TicketNumber(2));
    assert_eq!(tx.ticket_number_last().await?, 2);
    // A flush in between must not give a number out again.
    assert_eq!(tx.ticket_number_next().await?, TicketNumber(3));
    drop(tx);
    assert_eq!(test.db.read().await?.ticket_number_last().await?, 0, "rolled back");

    let mut openers = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let db = test.another().await?;
        openers.spawn(async move {
            let mut tx = db.begin().await?;
            let number = tx.ticket_number_next().await?;
            tx.ticket_save(ticket(number.0), None);
            tx.commit().await?;
            anyhow::Ok(number.0)
        });
    }
    let mut numbers: Vec<i64> = openers.join_all().await.into_iter().collect::<Result<_>>()?;
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=16).collect::<Vec<_>>());
    Ok(())
}

#[rstest]
#[tokio::test]
async fn many_rows_are_written_with_few_statements(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    many_rows(&test, 0).await?;
    for rows in COUNTS {
        many_rows(&test, rows).await?;
        test.tamper("DELETE FROM ticket").await?;
        test.tamper("DELETE FROM message_link").await?;
    }
    Ok(())
}

async fn many_rows(test: &TestDb, rows: i64) -> Result<()> {
    let mut tx = test.db.begin().await?;
    let saved: Vec<Ticket> = (1..=rows).map(|n| tx.ticket_save(ticket(n), Some(at(n)))).collect();
    for (message, ticket) in (1..).zip(&saved) {
        tx.message_link(-5, message, ticket.id);
    }
    tx.flush().await?;
    tx.commit().await?;
    let mut tx = test.db.begin().await?;
    assert_eq!(tx.ticket_heads(0, 1_000).await?.len(), saved.len());
    let due = tx.tickets_due(at(rows), 1_000).await?;
    assert_eq!(due, saved, "all, in order of their moments");
    if let Some(last) = saved.last() {
        assert_eq!(tx.ticket_of_message(-5, rows).await?, Some(last.id));
        // The same rows once more, as changes; one that is stale spoils all.
        for ticket in &due {
            tx.ticket_save(Ticket { state: State::Closed, ..ticket.clone() }, None);
        }
        tx.commit().await?;
        assert_eq!(test.db.read().await?.tickets_wake_at().await?, None);
        let mut tx = test.db.begin().await?;
        for ticket in tx.ticket_heads(0, 1_000).await? {
            let loaded = tx.ticket_fetch(TicketId(ticket.id)).await?.expect("there");
            let stale = i64::from(ticket.number == rows);
            tx.ticket_save(Ticket { version: loaded.version - stale, ..loaded }, None);
        }
        assert!(matches!(tx.commit().await, Err(StoreError::Conflict)));
    }
    Ok(())
}

#[rstest]
#[tokio::test]
async fn what_is_owed_comes_nearest_deadline_first(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    for number in [3, 1, 2] {
        tx.ticket_save(ticket(number), Some(at(number)));
    }
    let elsewhere = tx.ticket_save(Ticket { queue: Queue::Network, ..ticket(4) }, Some(at(4)));
    let mut over = ticket(5);
    over.state = State::Cancelled;
    tx.ticket_save(over, None);
    tx.commit().await?;
    let mut tx = test.db.begin().await?;
    let numbers = |tickets: Vec<Ticket>| tickets.iter().map(|t| t.number.0).collect::<Vec<_>>();
    assert_eq!(numbers(tx.tickets_by_due(None, 9).await?), [1, 2, 3, 4]);
    assert_eq!(numbers(tx.tickets_by_due(None, 2).await?), [1, 2]);
    assert_eq!(tx.tickets_by_due(Some(Queue::Network), 9).await?, [elsewhere]);
    assert_eq!(numbers(tx.tickets_due(at(2), 9).await?), [1, 2], "the moment itself is due");
    assert_eq!(numbers(tx.tickets_due(at(9), 1).await?), [1]);
    assert_eq!(tx.tickets_wake_at().await?, Some(at(1)));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn messages_and_cards_lead_to_their_ticket(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let (one, two) = (TicketId(id()), TicketId(id()));
    let mut tx = test.db.begin().await?;
    tx.message_link(7, 1, one);
    assert_eq!(tx.ticket_of_message(7, 1).await?, Some(one), "while it is buffered");
    tx.card_save(one, -100, 50).await?;
    tx.commit().await?;
    let mut tx = test.db.begin().await?;
    tx.message_link(7, 1, two);
    tx.commit().await?;
    let mut tx = test.db.begin().await?;
    assert_eq!(tx.ticket_of_message(7, 1).await?, Some(one), "the first link stays");
    assert_eq!(tx.ticket_of_message(7, 2).await?, None);
    assert_eq!(tx.ticket_of_message(8, 1).await?, None);
    assert_eq!(tx.ticket_of_message(-100, 50).await?, Some(one), "a card is a message of its ticket");
    assert_eq!(tx.card_fetch(one).await?, Some((-100, 50)));
    tx.card_save(one, -200, 60).await?;
    assert_eq!(tx.card_fetch(one).await?, Some((-200, 60)));
    tx.card_forget(Some(one.0)).await?;
    tx.card_forget(None).await?;
    assert_eq!(tx.card_fetch(one).await?, None);
    assert_eq!(tx.card_fetch(two).await?, None);
    tx.commit().await?;
    Ok(())
}
