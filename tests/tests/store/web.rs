//! What the web console keeps, and how tickets are found.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use chrono::TimeDelta;
use crm::domain::ids::{MessageId, StaffId, TicketId};
use crm::domain::kind::{Kind, Queue};
use crm::store::{After, LinkUse, QueueFilter, SESSION_IDLE, SESSION_VALID, StoredFile, Wanted};
use komek_tests::desk::{Desk, engineer, fill};
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;
use uuid::Uuid;

use crate::sample::{HARD, at};

const fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

#[rstest]
#[tokio::test]
async fn a_sign_in_link_works_once_and_only_the_newest(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let dana = StaffId::from("dana");
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", at(0)).await?;
    let old = tx.login_link_create(&dana, at(0), TimeDelta::minutes(10)).await?;
    let new = tx.login_link_create(&dana, at(1), TimeDelta::microseconds(10)).await?;
    assert_eq!(tx.login_link_look(&old, at(2)).await?, LinkUse::Expired, "a newer one was made");
    assert_eq!(tx.login_link_look(&new, at(2)).await?, LinkUse::Welcome(dana.clone()));
    assert_eq!(tx.login_link_use(&new, at(2)).await?, LinkUse::Welcome(dana));
    assert_eq!(tx.login_link_use(&new, at(3)).await?, LinkUse::Used);
    assert_eq!(tx.login_link_look(&new, at(3)).await?, LinkUse::Used);
    assert_eq!(tx.login_link_use(HARD, at(3)).await?, LinkUse::Unknown);
    tx.commit().await?;
    let stored = test.texts("SELECT code_hash FROM login_link").await?.concat();
    assert!(!stored.contains(&new) && !stored.contains(&old), "the code itself is stored nowhere");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_session_ends_by_age_by_idleness_by_hand_and_by_another_role(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let dana = StaffId::from("dana");
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", at(0)).await?;
    let staff = tx.staff_member(&dana).await?.context("staff")?;
    let token = tx.session_create(id(1), &staff, HARD, at(0)).await?;
    let session = tx.session_fetch(&token, at(1)).await?.context("open")?;
    assert_eq!((session.id, session.staff.clone(), session.agent.as_str()), (id(1), staff.clone(), HARD));
    assert!(session.is_stale(at(0) + TimeDelta::minutes(6)) && !session.is_stale(at(1)));
    assert_eq!(tx.session_fetch(&token, at(0) + SESSION_IDLE).await?, None, "idle");
    tx.session_seen(id(1), at(0) + TimeDelta::hours(11)).await?;
    assert!(tx.session_fetch(&token, at(0) + SESSION_IDLE).await?.is_some());
    for hour in 12..24 * 8 {
        tx.session_seen(id(1), at(0) + TimeDelta::hours(hour)).await?;
    }
    assert_eq!(tx.session_fetch(&token, at(0) + SESSION_VALID).await?, None, "old");
    tx.session_seen(id(1), at(2)).await?;
    let marat = StaffId::from("marat");
    assert_eq!(tx.session_list(Some(&marat), at(3)).await?, []);
    assert_eq!(tx.session_list(None, at(3)).await?.len(), 1);
    assert!(!tx.session_end(id(1), Some(&marat), at(3)).await?, "somebody else's");
    assert!(tx.session_end(id(1), Some(&dana), at(3)).await?);
    assert_eq!(tx.session_fetch(&token, at(4)).await?, None, "ended");
    let second = tx.session_create(id(2), &staff, "", at(5)).await?;
    tx.commit().await?;
    test.tamper("UPDATE staff SET role = 'auditor' WHERE id = 'dana'").await?;
    assert_eq!(test.db.read().await?.session_fetch(&second, at(6)).await?, None, "another role");
    test.tamper("UPDATE staff SET role = 'engineer', retired_at = CURRENT_TIMESTAMP WHERE id = 'dana'")
        .await?;
    assert_eq!(test.db.read().await?.session_fetch(&second, at(6)).await?, None, "left");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn forms_presence_and_calendars(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let (dana, nurlan) = (StaffId::from("dana"), StaffId::from("nurlan"));
    let ticket = TicketId(id(9));
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", at(0)).await?;
    assert!(tx.form_once(id(1), at(0)).await? && !tx.form_once(id(1), at(1)).await?);
    tx.presence_save(ticket, &dana, at(10)).await?;
    tx.presence_save(ticket, &dana, at(20)).await?;
    assert_eq!(tx.presence_of(ticket, &nurlan, at(15)).await?, ["Дана"]);
    assert!(tx.presence_of(ticket, &dana, at(15)).await?.is_empty(), "not oneself");
    assert!(tx.presence_of(ticket, &nurlan, at(20)).await?.is_empty(), "not any more");
    let first = tx.calendar_feed_create(&dana, at(0)).await?;
    let second = tx.calendar_feed_create(&dana, at(1)).await?;
    assert_eq!(tx.calendar_feed_owner(&first).await?, None);
    assert_eq!(tx.calendar_feed_owner(&second).await?, Some(dana.clone()));
    tx.web_prune(at(100)).await?;
    assert!(tx.form_once(id(1), at(100)).await?, "forgotten by then");
    assert!(tx.staff_names().await?.contains(&("dana".to_owned(), "Дана".to_owned())));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_list_keeps_its_filter_and_its_order_over_pages(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let slow = desk.open("aigerim", Kind::FaultMinor).await?;
    let mut questions = Vec::new();
    for _ in 0..5 {
        questions.push(desk.open("boris", Kind::Question).await?);
        desk.clock.advance(TimeDelta::seconds(1));
    }
    desk.run(questions[0].id, crm::domain::decide::Command::Take, &engineer("dana")).await?;
    let mut tx = desk.test.db.read().await?;
    let owed = QueueFilter { owed: true, ..QueueFilter::default() };
    let first = tx.tickets_listed(&owed, None, 4).await?;
    let last = &first[3].ticket;
    let after = After { due_at: last.next_due().map(|d| d.1), number: last.number.0 };
    let second = tx.tickets_listed(&owed, Some(after), 4).await?;
    let numbers: BTreeSet<i64> = first.iter().chain(&second).map(|l| l.ticket.number.0).collect();
    assert_eq!((first.len(), second.len(), numbers.len()), (4, 2, 6), "every ticket once");
    assert_eq!(tx.tickets_counted(&owed, 100).await?, 6);
    assert_eq!(tx.tickets_counted(&owed, 3).await?, 3, "counting ends there");
    assert_eq!(tx.tickets_outline(&owed, 100).await?.len(), 6);
    for (filter, count) in [
        (QueueFilter { queue: Some(slow.queue), ..owed.clone() }, 6),
        (QueueFilter { queue: Some(Queue::Sales), ..owed.clone() }, 0),
        (QueueFilter { kind: Some(Kind::Question), ..owed.clone() }, 5),
        (QueueFilter { state: Some(crm::domain::ticket::State::Open), ..owed.clone() }, 1),
        (QueueFilter { holder: Some(Some(StaffId::from("dana"))), ..owed.clone() }, 1),
        (QueueFilter { holder: Some(None), ..owed.clone() }, 5),
        (QueueFilter { customer: slow.customer.clone(), ..QueueFilter::default() }, 1),
        (QueueFilter { service: slow.form.service().cloned(), ..QueueFilter::default() }, 1),
        (QueueFilter { due_before: Some(crm::clock::Clock::now(&*desk.clock)), ..owed.clone() }, 0),
        (QueueFilter { opened_after: Some(questions[3].opened_at), ..owed.clone() }, 1),
        (QueueFilter { opened_until: Some(questions[3].opened_at), ..owed.clone() }, 5),
    ] {
        assert_eq!(tx.tickets_listed(&filter, None, 100).await?.len(), count, "{filter:?}");
    }
    let all = tx.tickets_listed(&QueueFilter::default(), None, 3).await?;
    let before = After { due_at: None, number: all[2].ticket.number.0 };
    let rest = tx.tickets_listed(&QueueFilter::default(), Some(before), 100).await?;
    assert_eq!(rest.len(), 3);
    assert_eq!(all[0].customer.as_deref(), Some("ТОО «Бирлик»"));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn words_are_found_by_stem_by_beginning_and_newest_first(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let ticket = desk.open("aigerim", Kind::FaultMinor).await?;
    let mut tx = desk.test.db.begin().await?;
    let (words, last) = tx.search_tickets(0, 10).await?;
    assert_eq!(last, Some(ticket.number.0));
    let (said, message) = tx.search_messages(Uuid::nil(), 10).await?;
    assert!(message.is_some());
    for stem in ["acme", "acme-web", "айгер", "77010000001"] {
        assert!(words.contains(&(stem.to_owned(), ticket.number.0)), "{stem}: {words:?}");
    }
    assert!(said.contains(&("серве".to_owned(), ticket.number.0)), "{said:?}");
    tx.search_add(&said).await?;
    tx.search_add(&said).await?;
    tx.search_add(&BTreeSet::from([("серверлік".to_owned(), 2), ("серве".to_owned(), 3)])).await?;
    assert_eq!(tx.search_stem("серве", 10).await?, [3, ticket.number.0]);
    assert_eq!(tx.search_stem("серве", 1).await?, [3]);
    assert_eq!(tx.search_among(&[77, 3, 1], "серве").await?, BTreeSet::from([1, 3]));
    assert!(
        tx.search_among(&[], "серве").await?.is_empty() && tx.search_among(&[1], "серв").await?.is_empty()
    );
    assert_eq!(tx.search_beginning("серв", 10).await?, [3, 2, 1]);
    assert!(tx.search_beginning("серб", 10).await?.is_empty());
    let found = tx.tickets_numbered(&[1, 77, 1]).await?;
    assert_eq!(found.iter().map(|l| l.ticket.number.0).collect::<Vec<_>>(), [1]);
    assert_eq!(tx.search_tickets(1, 10).await?.1, None);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn files_are_wanted_once_and_kept(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let file = |place| Wanted { ticket: TicketId(id(9)), message: MessageId(id(8)), place };
    let mut tx = test.db.begin().await?;
    assert_eq!(tx.file_fetch(MessageId(id(8)), 0).await?, None);
    for second in [5, 1, 2] {
        tx.file_want(file(0), at(second)).await?;
    }
    tx.file_want(file(1), at(1)).await?;
    assert_eq!(tx.files_wanted(9).await?, [file(1), file(0)], "the longest wanted first");
    assert_eq!(tx.files_wanted(1).await?, [file(1)]);
    let state = |file: Option<StoredFile>| file.map(|file| (file.state, file.body, file.error));
    let wanted = Some(("wanted".to_owned(), None, None));
    assert_eq!(state(tx.file_fetch(MessageId(id(8)), 0).await?), wanted);
    let bytes = vec![0, 255, 10, 13, b'<'];
    tx.file_settle(file(0), Ok(bytes.clone()), at(6)).await?;
    tx.file_settle(file(1), Err(HARD.to_owned()), at(7)).await?;
    assert!(tx.files_wanted(9).await?.is_empty());
    tx.file_want(file(0), at(8)).await?;
    let stored = Some(("stored".to_owned(), Some(bytes), None));
    assert_eq!(state(tx.file_fetch(MessageId(id(8)), 0).await?), stored, "it is here already");
    let failed = Some(("failed".to_owned(), None, Some(HARD.to_owned())));
    assert_eq!(state(tx.file_fetch(MessageId(id(8)), 1).await?), failed);
    tx.file_want(file(1), at(9)).await?;
    assert_eq!(tx.files_wanted(9).await?, [file(1)], "what failed is tried again");
    tx.commit().await?;
    Ok(())
}
