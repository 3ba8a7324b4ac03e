//! Webhooks: who is told of what, each delivery by one process, and how it ended.

use std::collections::BTreeSet;

use anyhow::Result;
use chrono::TimeDelta;
use crm::domain::actor::Actor;
use crm::domain::audit::EventRecord;
use crm::domain::event::Event;
use crm::store::{DeliveryEnd, Webhook};
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;
use uuid::Uuid;

use crate::sample::{at, id};

#[rstest]
#[tokio::test]
async fn what_was_asked_for_is_delivered_once_and_settled_by_who_holds_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let words: BTreeSet<String> = ["confirmed".to_owned()].into();
    let webhook = Webhook { id: id(), url: "https://example.kz/".to_owned(), words, created_at: at(0) };
    let mut tx = test.db.begin().await?;
    tx.webhook_add(&webhook).await?;
    tx.commit().await?;
    let stream = Uuid::from_u128(9);
    let mut tx = test.db.begin().await?;
    for (seq, event) in (1..).zip([Event::Confirmed, Event::Cancelled, Event::Confirmed]) {
        tx.event_append(EventRecord::link(stream, seq, at(seq), at(seq), Actor::Clock, event, String::new()));
    }
    tx.commit().await?;
    let mut tx = test.db.begin().await?;
    assert_eq!(
        (tx.webhooks().await?, tx.webhook_fetch(webhook.id).await?),
        (vec![webhook.clone()], Some(webhook.clone()))
    );
    assert_eq!((tx.webhooks_due(at(9)).await?, tx.webhooks_due(at(0)).await?), (vec![webhook.id], vec![]));
    let until = at(0) + TimeDelta::minutes(1);
    assert_eq!(tx.delivery_claim(id(), "one", (at(9), until), 10).await?, []);
    let claimed = tx.delivery_claim(webhook.id, "one", (at(9), until), 10).await?;
    assert_eq!(claimed.iter().map(|d| d.seq).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(tx.delivery_claim(webhook.id, "two", (at(9), until), 10).await?, []);
    let (first, second) = (claimed[0].id, claimed[1].id);
    assert!(!tx.delivery_settle(first, "two", &DeliveryEnd::Sent(Some(200)), at(9)).await?);
    assert!(tx.delivery_settle(first, "one", &DeliveryEnd::Sent(Some(200)), at(9)).await?);
    let again = DeliveryEnd::Again(None, "x".to_owned(), at(20));
    assert!(tx.delivery_settle(second, "one", &again, at(9)).await?);
    assert_eq!((tx.webhooks_due(at(19)).await?, tx.webhooks_due(at(20)).await?), (vec![], vec![webhook.id]));
    tx.delivery_claim(webhook.id, "one", (at(20), until), 10).await?;
    assert!(
        tx.delivery_settle(second, "one", &DeliveryEnd::Failed(Some(500), "y".to_owned()), at(21)).await?
    );
    let failed = tx.deliveries(webhook.id, Some("failed"), 10).await?;
    assert_eq!((failed.len(), failed[0].attempts, failed[0].status), (1, 2, Some(500)));
    assert_eq!(tx.deliveries(webhook.id, None, 10).await?.len(), 2);
    assert!(
        tx.delivery_replay(webhook.id, second, at(30)).await?
            && !tx.delivery_replay(id(), second, at(30)).await?
    );
    assert_eq!(tx.webhooks_due(at(30)).await?, [webhook.id]);
    assert_eq!(tx.deliveries_prune(at(10), 10).await?, 1);
    assert!(tx.webhook_retire(webhook.id, at(40)).await? && !tx.webhook_retire(webhook.id, at(40)).await?);
    assert_eq!(
        tx.deliveries(webhook.id, None, 10).await?[0].error.as_deref(),
        Some("the webhook was deleted")
    );
    Ok(())
}
