//! A desk group with topics: a department's cards stand in its topic, and move with the ticket.

use bot::desk::place;
use crm::clock::Clock;
use crm::domain::kind::Queue;
use crm::domain::reactions::Outgoing;

use crate::desk::{mark, question, since};
use crate::world::{DESK, NURLAN, World};

async fn forum() -> World {
    let w = World::new().await;
    let mut tx = w.db.begin().await.expect("a transaction");
    let now = w.clock.now();
    assert!(place::observed(&mut tx, DESK, true, now).await.expect("saved"));
    assert!(!place::observed(&mut tx, DESK, true, now).await.expect("saved"), "nothing new");
    tx.topic_save(DESK, Queue::Support, 500).await.expect("saved");
    tx.topic_save(DESK, Queue::Network, 600).await.expect("saved");
    tx.commit().await.expect("committed");
    w
}

#[tokio::test]
async fn a_card_stands_in_its_departments_topic_and_moves_with_the_ticket() {
    let mut w = forum().await;
    let n = question(&mut w).await;
    assert!(w.transcript().contains("→ DESK #1 (topic 500)"), "{}", w.transcript());
    crate::desk::customer(&mut w, n, "Тағы бір сұрақ").await;
    assert!(w.transcript().contains("(topic 500) ↪#1"), "words under the card: {}", w.transcript());
    let from = mark(&w);
    w.person(NURLAN).at(DESK).presses("Басқа бөлімге беру").await;
    w.person(NURLAN).at(DESK).presses("желі").await;
    let seen = since(&w, from).to_owned();
    assert!(seen.contains("(topic 600)") && seen.contains("↻ DESK #1\n"), "{seen}");
    assert!(seen.contains("карточкасы сол тақырыпта"), "{seen}");
    // A reply under the old card still reaches the customer.
    let from = mark(&w);
    w.person(NURLAN).at(DESK).replies("карточкасы сол тақырыпта", "Желі бөлімі қарап жатыр.").await;
    assert!(since(&w, from).contains("→ Айгерім #"), "{}", since(&w, from));
}

#[tokio::test]
async fn the_topic_that_is_missing_is_made_unless_telegram_refused() {
    let mut w = forum().await;
    let n = question(&mut w).await;
    let what = Outgoing::Card { ticket: w.ticket(n).await.id };
    let now = w.clock.now();
    let mut tx = w.db.begin().await.expect("a transaction");
    let settings = &w.settings;
    assert_eq!(place::missing_topic(&mut tx, settings, &what, now).await.expect("read"), None);
    assert!(!tx.topic_forget(DESK, 500).await.expect("forgotten").is_empty(), "its card must be made anew");
    assert_eq!(
        place::missing_topic(&mut tx, settings, &what, now).await.expect("read"),
        Some((DESK, Queue::Support))
    );
    place::topics_refused(&mut tx, DESK, "not enough rights to create a topic", now).await.expect("saved");
    assert_eq!(
        place::missing_topic(&mut tx, settings, &what, now).await.expect("read"),
        None,
        "the group itself, for an hour"
    );
    let later = now + chrono::TimeDelta::minutes(61);
    assert_eq!(
        place::missing_topic(&mut tx, settings, &what, later).await.expect("read"),
        Some((DESK, Queue::Support))
    );
}
