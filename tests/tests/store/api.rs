//! What the API, the telephone and monitoring ask of the store.

use anyhow::Result;
use crm::domain::ids::{ServiceId, TicketId};
use crm::domain::person::Role;
use crm::store::{Answered, StoreError, StoredAlert};
use komek_tests::desk::fill;
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;

use crate::sample::{HARD, at, id, ticket};

#[rstest]
#[tokio::test]
async fn an_answer_is_kept_once_and_forgotten_in_time(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let token = id();
    let answer = Answered { request: "digest".to_owned(), status: 201, body: HARD.to_owned() };
    let mut tx = test.db.begin().await?;
    assert_eq!(tx.idempotency_fetch(token, HARD).await?, None);
    tx.idempotency_add(token, HARD, &answer, at(0)).await?;
    assert!(matches!(tx.idempotency_add(token, HARD, &answer, at(0)).await, Err(StoreError::Conflict)));
    assert_eq!(tx.idempotency_fetch(token, HARD).await?, Some(answer));
    assert_eq!(tx.idempotency_fetch(id(), HARD).await?, None);
    assert!(tx.outdated(at(1), at(1)).await? && !tx.outdated(at(0), at(1)).await?);
    assert_eq!(tx.idempotency_prune(at(0)).await?, 0);
    assert_eq!(tx.idempotency_prune(at(1)).await?, 1);
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_token_is_narrowed(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    let token = tx.token_create(id(), "panel", Role::Engineer, at(0)).await?;
    tx.token_narrow(&token, Some(&"dana".into()), Some(&"acme".into())).await?;
    let stored = tx.token_fetch(&token).await?.expect("known");
    assert_eq!((stored.staff, stored.customer), (Some("dana".into()), Some("acme".into())));
    assert!(tx.token_narrow("komek_nothing", None, None).await.is_err());
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn callers_writers_and_machines_are_found(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", at(0)).await?;
    let found = tx.contacts_by_digits("701000", 2).await?;
    assert_eq!(found.len(), 2);
    assert_eq!(tx.contacts_by_digits("0000002", 9).await?[0].id.as_str(), "boris");
    assert!(tx.contacts_by_digits("99999", 9).await?.is_empty());
    assert_eq!(tx.contact_by_email("Aigerim@ACME.example").await?.expect("known").id.as_str(), "aigerim");
    assert_eq!(tx.contact_by_email("%").await?, None);
    assert_eq!(tx.service_by_domain(Some("ala-1"), "acme-web").await?, Some(ServiceId::from("acme-web")));
    assert_eq!(tx.service_by_domain(None, "acme-web").await?, Some(ServiceId::from("acme-web")));
    assert_eq!(tx.service_by_domain(Some("ala-2"), "acme-web").await?, None);
    let callers = crm::intake::phone::callers(&mut tx, "8 701 000-00-02", 5).await?;
    assert_eq!(callers.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["boris"]);
    assert_eq!(crm::intake::phone::callers(&mut tx, "8 701 0", 5).await?.len(), 3, "while it is being typed");
    assert!(crm::intake::phone::callers(&mut tx, "8 7", 5).await?.is_empty());
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn alerts_are_kept_by_fingerprint(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    let owed = tx.ticket_save(ticket(1), None).id;
    let alert = |n: i64, resolved| StoredAlert {
        fingerprint: format!("{HARD}{n}"),
        ticket: owed,
        group: "g".to_owned(),
        service: Some(ServiceId::from("acme-web")),
        name: HARD.to_owned(),
        labels: std::iter::once((HARD.to_owned(), HARD.to_owned())).collect(),
        annotations: crm::store::Labels::new(),
        starts_at: at(n),
        resolved_at: resolved,
        seen_at: at(n),
        times: 1,
    };
    tx.alerts_lock().await?;
    tx.alerts_lock().await?;
    let alerts: Vec<_> = (0..300).map(|n| alert(n, (n < 100).then(|| at(n)))).collect();
    tx.alerts_save(&alerts).await?;
    tx.alerts_save(&alerts[..7]).await?;
    assert_eq!(tx.alerts_count(owed).await?, (300, 200));
    assert_eq!(tx.alerts_count(TicketId(id())).await?, (0, 0));
    let names: Vec<_> = alerts.iter().map(|a| a.fingerprint.clone()).collect();
    assert_eq!(tx.alerts_fetch(&names[..130]).await?.len(), 130);
    assert_eq!(tx.alerts_fetch(&names[5..6]).await?, alerts[5..6]);
    assert!(tx.alerts_fetch(&[]).await?.is_empty());
    assert_eq!(tx.alerts_of_ticket(owed, 3).await?, alerts[..3]);
    let recent = tx.alerts_recent(at(150), 9).await?;
    assert_eq!(recent, [(owed.0, "g".to_owned(), Some("acme-web".to_owned()), at(299))]);
    assert!(tx.alerts_recent(at(300), 9).await?.is_empty());
    assert_eq!(tx.alert_ticket_of(&ServiceId::from("acme-web")).await?, [owed]);
    assert!(tx.alert_ticket_of(&ServiceId::from("acme-db")).await?.is_empty());
    assert_eq!(tx.alerts_prune(at(50)).await?, 50);
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn whether_a_commit_took_effect_is_unknown_only_without_an_answer(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    assert!(!StoreError::Conflict.is_undecided());
    let mut tx = test.db.begin().await?;
    for _ in 0..2 {
        tx.ticket_save(ticket(1), None);
    }
    let refused = tx.commit().await.map(drop).expect_err("two tickets of one number");
    assert!(!refused.is_undecided(), "the database has said no: {refused}");
    test.db.close().await;
    let gone = test.db.begin().await.map(drop).expect_err("closed");
    assert!(gone.is_undecided(), "nobody has answered: {gone}");
    Ok(())
}
