//! A request that is sent twice takes effect once.

use anyhow::Result;
use crm::domain::person::Role;
use futures::future::join_all;
use komek_tests::engine::Engine;
use rstest::rstest;
use serde_json::json;

use crate::calls::Calls;

#[rstest]
#[tokio::test]
async fn the_same_key_gives_the_same_answer_and_another_body_is_refused(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    let (token, other) = (api.token(Role::Engineer).await?, api.token(Role::Engineer).await?);
    let body = json!({ "kind": "question", "text": "Бір рет" });
    let first = api.post_once(&token, "k1", "tickets", &body).await?;
    assert_eq!(first.code(), 201, "{first:?}");
    api.desk.clock.advance(chrono::TimeDelta::minutes(1));
    let again = api.post_once(&token, "k1", "tickets", &body).await?;
    assert_eq!((again.code(), &again.body), (201, &first.body));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let another = json!({ "kind": "question", "text": "Екі рет" });
    api.post_once(&token, "k1", "tickets", &another).await?.problem(422);
    let at = format!("tickets/{}/messages", first.number());
    let said = json!({ "side": "note", "text": "x" });
    api.post_once(&token, "k1", &at, &said).await?.problem(422);
    assert_eq!(api.post_once(&token, "k2", &at, &said).await?.code(), 201);
    assert_eq!(api.post_once(&token, "k2", &at, &said).await?.code(), 201);
    assert_eq!(api.post_once(&other, "k1", "tickets", &body).await?.code(), 201, "keys are each token's own");
    api.post_once(&token, &"k".repeat(256), "tickets", &body).await?.problem(400);
    assert_eq!(api.desk.test.number("SELECT COUNT(*) FROM ticket").await?, 2);
    assert_eq!(api.desk.test.number("SELECT COUNT(*) FROM message WHERE side = 'note'").await?, 1);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn of_many_at_the_same_time_one_files_the_ticket(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    let token = api.token(Role::Engineer).await?;
    let body = json!({ "kind": "question", "text": "Бір рет" });
    let answers = join_all((0..12).map(|_| api.post_once(&token, "same", "tickets", &body))).await;
    let answers = answers.into_iter().collect::<Result<Vec<_>>>()?;
    assert!(answers.iter().all(|a| a.code() == 201 && a.number() == answers[0].number()), "{answers:?}");
    assert_eq!(api.desk.test.number("SELECT COUNT(*) FROM ticket").await?, 1);

    let bodies: Vec<_> = (0..30).map(|n| json!({ "kind": "question", "text": n.to_string() })).collect();
    let each = bodies.iter().map(|body| api.post(&token, "tickets", body));
    let answers = join_all(each).await.into_iter().collect::<Result<Vec<_>>>()?;
    assert!(answers.iter().all(|a| a.code() == 201), "{answers:?}");
    assert_eq!(api.desk.test.number("SELECT MAX(number) FROM ticket").await?, 31, "no number is lost");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn who_comes_at_the_same_moment_shares_a_transaction_and_nobody_spoils_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    let token = api.token(Role::Engineer).await?;
    let file = |n: usize, contact: Option<&'static str>| {
        let body = json!({ "kind": "question", "text": n.to_string(), "contact": contact });
        let (api, token) = (&api, &token);
        async move { api.post_once(token, &format!("key {}", n % 50), "tickets", &body).await }
    };
    // All good, so all can share; then some repeat what was asked, and some are refused.
    let good = join_all((0..40).map(|n| file(n, None))).await.into_iter().collect::<Result<Vec<_>>>()?;
    assert!(good.iter().all(|a| a.code() == 201), "{good:?}");
    if engine == Engine::Postgres {
        let written = api.desk.test.number("SELECT COUNT(DISTINCT xmin::text) FROM ticket").await?;
        assert!(written < 20, "{written} transactions for forty tickets");
    }
    let contacts = (0..50).map(|n| (n, (n % 7 == 0 && n >= 40).then_some("nobody")));
    let mixed = join_all(contacts.map(|(n, c)| file(n, c))).await.into_iter().collect::<Result<Vec<_>>>()?;
    for (n, answer) in mixed.iter().enumerate() {
        match n {
            42 | 49 => assert!(answer.problem(409).contains("nobody"), "{answer:?}"),
            0..40 => assert_eq!((answer.code(), answer.number()), (201, good[n].number())),
            _ => assert!(answer.code() == 201 && !answer.headers.contains_key("idempotency-replayed")),
        }
    }
    assert_eq!(api.desk.test.number("SELECT COUNT(*) FROM ticket").await?, 48);
    assert_eq!(api.desk.test.number("SELECT MAX(number) FROM ticket").await?, 48, "no number is lost");
    Ok(())
}
