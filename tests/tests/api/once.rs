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
