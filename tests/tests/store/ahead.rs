//! What is read ahead for a batch of updates is what would be read one by one, and stays so while the batch changes it.

use anyhow::Result;
use crm::domain::ids::ContactId;
use crm::domain::lang::Lang;
use crm::store::DialogueKey;
use komek_tests::desk::fill;
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;
use serde_json::json;

use crate::sample::{at, strangers};

fn key(user: i64) -> DialogueKey {
    DialogueKey { chat: user, thread: 0, user }
}

#[rstest]
#[tokio::test]
async fn people_are_who_they_are_one_by_one(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", at(0)).await?;
    tx.commit().await?;
    // A contact, a duty manager, nobody, and the contact in another chat.
    let keys = [key(200_001), key(100_003), key(5), DialogueKey { chat: -1, thread: 3, user: 200_001 }];
    let (mut ahead, mut single) = (test.db.begin().await?, test.db.read().await?);
    ahead.read_ahead(&keys).await?;
    for user in [200_001, 100_003, 5] {
        assert_eq!(ahead.person_fetch(user).await?, single.person_fetch(user).await?, "{user}");
    }
    // What the batch itself changes is seen.
    ahead.account_bind(5, &ContactId::from("aigerim"), "A", at(1)).await?;
    assert!(ahead.person_fetch(5).await?.contact.is_some());
    ahead.account_language(100_003, "Marat", Lang::En, at(1)).await?;
    assert_eq!(ahead.person_fetch(100_003).await?.chosen, Some(Lang::En));
    ahead.account_seen(6, "B", at(1)).await?;
    assert!(ahead.person_fetch(6).await?.known);
    ahead.read_ahead(&[]).await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn dialogues_are_as_the_transaction_has_left_them(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    for user in [1, 2] {
        tx.dialogue_save(key(user), json!({ "of": user }), at(user));
    }
    tx.commit().await?;
    let mut tx = test.db.begin().await?;
    tx.read_ahead(&[key(1), key(2), key(3)]).await?;
    assert_eq!(tx.dialogue_fetch(key(2)).await?, Some((json!({ "of": 2 }), at(2))));
    assert_eq!(tx.dialogue_fetch(key(3)).await?, None);
    tx.dialogue_end(key(1));
    tx.dialogue_save(key(3), json!("new"), at(9));
    // In the buffer, written but not committed, and committed.
    for flush in [false, true] {
        if flush {
            tx.flush().await?;
        }
        assert_eq!(tx.dialogue_fetch(key(1)).await?, None);
        assert_eq!(tx.dialogue_fetch(key(3)).await?, Some((json!("new"), at(9))));
    }
    tx.commit().await?;
    let mut tx = test.db.read().await?;
    assert_eq!(tx.dialogue_fetch(key(1)).await?, None);
    assert_eq!(tx.dialogue_fetch(key(3)).await?, Some((json!("new"), at(9))));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_strangers_first_ticket_is_found_by_the_update_behind_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    tx.ticket_save(strangers(1, 8), None);
    tx.commit().await?;
    let mut tx = test.db.begin().await?;
    tx.read_ahead(&[key(7), key(8)]).await?;
    assert_eq!(tx.tickets_of_stranger(7, 10).await?, []);
    assert_eq!(tx.tickets_of_stranger(8, 10).await?.len(), 1, "what was there before");
    let first = tx.ticket_save(strangers(2, 7), None);
    for flush in [false, true] {
        if flush {
            tx.flush().await?;
        }
        assert_eq!(tx.tickets_of_stranger(7, 10).await?, std::slice::from_ref(&first));
    }
    // A changed one is there once, as it is now; and the limit holds.
    let changed = tx.ticket_save(first, Some(at(5)));
    tx.ticket_save(strangers(3, 7), None);
    let all = tx.tickets_of_stranger(7, 10).await?;
    assert_eq!(
        all.iter().map(|t| (t.number.0, t.version)).collect::<Vec<_>>(),
        [(3, 1), (2, changed.version)]
    );
    assert_eq!(tx.tickets_of_stranger(7, 1).await?.len(), 1);
    Ok(())
}
