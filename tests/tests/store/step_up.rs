//! Codes that prove who asks.

use anyhow::Result;
use crm::domain::ids::{ContactId, TicketId};
use crm::seal::bot_key;
use crm::step_up::{self, Answer, TRIES, VALID};
use crm::store::Tx;
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;
use secrecy::{ExposeSecret, SecretString};

use crate::sample::{at, id};

const ME: i64 = 200_001;

fn bot() -> crm::seal::Key {
    bot_key(&SecretString::from("42:telegram-token".to_owned()))
}

/// A code that was asked for and sent.
async fn sent(tx: &mut Tx, contact: &ContactId, micros: i64) -> Result<(uuid::Uuid, String)> {
    let code_id = id();
    assert!(step_up::ask(tx, code_id, contact, ME, at(micros)).await?);
    let due = tx.step_up_due(at(micros)).await?.expect("it is wanted");
    assert_eq!((due.id, due.account, due.attempts), (code_id, ME, 0));
    assert_eq!(due.contact, *contact);
    let (code, kept) = step_up::draw(&bot().public())?;
    assert!(tx.step_up_drawn(code_id, &kept).await?);
    assert!(!tx.step_up_drawn(code_id, &kept).await?, "one process sends it");
    assert_eq!(tx.step_up_due(at(micros)).await?, None);
    tx.step_up_sent(code_id, at(micros) + VALID).await?;
    Ok((code_id, code.expose_secret().to_owned()))
}

fn other(code: &str) -> String {
    let digit = if code.starts_with('0') { '1' } else { '0' };
    format!("{digit}{}", &code[1..])
}

#[rstest]
#[tokio::test]
async fn a_code_works_for_who_asked_in_time_and_a_few_times(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let me = ContactId::from("aigerim");
    let mut tx = test.db.begin().await?;
    let (code_id, code) = sent(&mut tx, &me, 0).await?;
    tx.commit().await?;
    // Whoever has the database has the code's digest, and no way to try the million.
    let stored = test.texts("SELECT digest || salt FROM step_up").await?.concat();
    assert!(!stored.contains(&code) && !stored.contains(bot().public().as_str()));

    let mut tx = test.db.begin().await?;
    let asked = (code_id, &me, ME);
    let (late, wrong) = (at(0) + VALID, other(&code));
    for (who, when, typed, answer) in [
        ((id(), &me, ME), at(1), &code, Answer::Over),
        ((code_id, &ContactId::from("boris"), ME), at(1), &code, Answer::Over),
        ((code_id, &me, ME + 1), at(1), &code, Answer::Over),
        (asked, late, &code, Answer::Over),
        (asked, at(1), &wrong, Answer::Wrong(TRIES - 1)),
        (asked, at(2), &code, Answer::Right),
        (asked, at(3), &code, Answer::Over),
    ] {
        assert_eq!(step_up::check(&mut tx, &bot(), who, typed, when).await?, answer, "{who:?} {when}");
    }
    // It is used for one ticket.
    let (one, two) = (TicketId(id()), TicketId(id()));
    tx.step_up_use(code_id, one).await?;
    tx.step_up_use(code_id, two).await?;
    let by = tx.step_up_of(one).await?.expect("on record");
    assert_eq!((by.contact, by.passed_at), (me.clone(), at(2)));
    assert_eq!(tx.step_up_of(two).await?, None);

    // Worn out; and what was never right is no proof.
    let (worn, code) = sent(&mut tx, &me, 10).await?;
    let asked = (worn, &me, ME);
    for left in (1..TRIES).rev() {
        let tried = step_up::check(&mut tx, &bot(), asked, &other(&code), at(11)).await?;
        assert_eq!(tried, Answer::Wrong(left));
    }
    assert_eq!(step_up::check(&mut tx, &bot(), asked, &other(&code), at(11)).await?, Answer::Over);
    assert_eq!(step_up::check(&mut tx, &bot(), asked, &code, at(12)).await?, Answer::Over);
    tx.step_up_use(worn, two).await?;
    assert_eq!(tx.step_up_of(two).await?, None);
    tx.commit().await?;
    assert!(
        test.texts("SELECT COALESCE(digest, salt) FROM step_up WHERE digest IS NOT NULL OR salt IS NOT NULL")
            .await?
            .is_empty()
    );
    Ok(())
}

#[rstest]
#[tokio::test]
async fn there_are_few_codes_and_the_last_one_counts(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let (me, boris) = (ContactId::from("aigerim"), ContactId::from("boris"));
    let mut tx = test.db.begin().await?;
    let (first, code) = sent(&mut tx, &me, 0).await?;
    sent(&mut tx, &me, 1).await?;
    assert_eq!(step_up::check(&mut tx, &bot(), (first, &me, ME), &code, at(2)).await?, Answer::Over);
    sent(&mut tx, &me, 3).await?;
    assert!(!step_up::ask(&mut tx, id(), &me, ME, at(4)).await?, "three within an hour");
    assert_eq!(tx.step_ups_since(&me, at(0)).await?, 2, "later than the first");
    assert!(step_up::ask(&mut tx, id(), &boris, ME, at(4)).await?, "others have their own count");
    let hour = 3_600_000_000;
    for micros in [hour + 10, hour + 11, hour + 12] {
        sent(&mut tx, &me, micros).await?;
    }
    assert!(!step_up::ask(&mut tx, id(), &me, ME, at(3 * hour)).await?, "six within a day");
    assert!(step_up::ask(&mut tx, id(), &me, ME, at(26 * hour)).await?);
    // Whatever the limits say, one asked for later ends it.
    let (later, due) = (id(), at(26 * hour) + VALID);
    tx.step_up_add(later, &me, ME, at(26 * hour + 1), due).await?;
    assert_eq!(tx.step_up_due(at(26 * hour + 2)).await?.map(|c| c.id), Some(later));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_code_that_cannot_be_sent_is_drawn_anew_or_given_up(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let me = ContactId::from("aigerim");
    let mut tx = test.db.begin().await?;
    let code_id = id();
    assert!(step_up::ask(&mut tx, code_id, &me, ME, at(0)).await?);
    let (code, kept) = step_up::draw(&bot().public())?;
    assert!(tx.step_up_drawn(code_id, &kept).await?);
    tx.step_up_unsent(code_id, Some(at(10))).await?;
    assert_eq!(tx.step_up_due(at(9)).await?, None);
    assert_eq!(tx.step_up_due(at(10)).await?.map(|c| c.attempts), Some(1));
    let asked = (code_id, &me, ME);
    let typed = code.expose_secret();
    assert_eq!(
        step_up::check(&mut tx, &bot(), asked, typed, at(11)).await?,
        Answer::Over,
        "it was withdrawn"
    );
    let (_, kept) = step_up::draw(&bot().public())?;
    assert!(tx.step_up_drawn(code_id, &kept).await?);
    tx.step_up_unsent(code_id, None).await?;
    assert!(tx.step_up_failed(code_id).await? && !tx.step_up_failed(id()).await?);
    assert_eq!(step_up::check(&mut tx, &bot(), asked, typed, at(12)).await?, Answer::NotSent);

    // Time ends a code by itself, and what came to nothing is forgotten.
    let (open, _) = sent(&mut tx, &me, 20).await?;
    tx.step_ups_forget(at(21), at(0)).await?;
    assert!(tx.step_up_try(open, &me, ME, TRIES, at(22)).await?.is_some(), "not yet");
    tx.step_ups_forget(at(20) + VALID, at(0)).await?;
    assert!(tx.step_up_try(open, &me, ME, TRIES, at(22)).await?.is_none());
    tx.step_up_passed(open, at(23)).await?;
    tx.step_up_use(open, TicketId(id())).await?;
    let last = id();
    assert!(step_up::ask(&mut tx, last, &me, ME, at(24)).await?);
    tx.step_up_end(last).await?;
    assert_eq!(tx.step_up_due(at(25)).await?, None);
    tx.step_ups_forget(at(26), at(25)).await?;
    tx.commit().await?;
    assert_eq!(test.number("SELECT COUNT(*) FROM step_up").await?, 1, "what proved who asked stays");
    Ok(())
}
