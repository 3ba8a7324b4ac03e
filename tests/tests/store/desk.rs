//! What the desk stores: topics, covers, pages, canned replies, broadcasts, and what it looks for.

use anyhow::Result;
use chrono::TimeDelta;
use crm::domain::actor::Actor;
use crm::domain::event::Event;
use crm::domain::ids::{StaffId, TicketId};
use crm::domain::kind::{Kind, Queue};
use crm::domain::lang::Lang;
use crm::domain::reactions::Outgoing;
use crm::domain::rota::Cover;
use crm::domain::sla::Target;
use crm::store::{About, Audience, Bodies, Broadcast, Canned, CoverRow, Delivery, OutboxItem, Side};
use komek_tests::desk::{directory, fill, morning};
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;

use crate::sample::{at, id, link, message, ticket};

#[rstest]
#[tokio::test]
async fn a_topic_that_is_lost_names_the_cards_that_stood_in_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    let (one, two) = (tx.ticket_save(ticket(1), None), tx.ticket_save(ticket(2), None));
    tx.flush().await?;
    assert_eq!(tx.topic_of(-100, Queue::Network).await?, None);
    tx.topic_save(-100, Queue::Network, 7).await?;
    tx.topic_save(-100, Queue::Support, 8).await?;
    tx.topic_save(-100, Queue::Support, 9).await?;
    assert_eq!(tx.topic_of(-100, Queue::Support).await?, Some(9));
    assert_eq!(tx.topic_queue(-100, 7).await?, Some(Queue::Network));
    for (ticket, thread) in [(one.id, 7), (two.id, 9)] {
        tx.card_save(ticket, -100, thread + 50).await?;
        tx.card_thread_save(ticket, thread).await?;
    }
    assert_eq!((tx.card_thread(one.id).await?, tx.card_thread(two.id).await?), (7, 9));
    assert_eq!(tx.topic_forget(-100, 7).await?, [one.id]);
    assert_eq!((tx.topic_of(-100, Queue::Network).await?, tx.topic_queue(-100, 7).await?), (None, None));
    assert_eq!((tx.card_fetch(one.id).await?, tx.card_fetch(two.id).await?), (None, Some((-100, 59))));
    tx.card_save(two.id, -100, 60).await?;
    assert_eq!(tx.card_thread(two.id).await?, 0, "a new card is outside until said otherwise");
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_cover_counts_from_agreement_until_its_end(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let now = morning();
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", now).await?;
    let pair = id();
    let row = |staff: &str, hours: i64| CoverRow {
        id: id(),
        pair,
        queue: Queue::Support,
        cover: Cover {
            staff: StaffId::from(staff),
            starts: now + TimeDelta::hours(hours),
            until: now + TimeDelta::hours(hours + 2),
        },
        made_by: "nurlan".into(),
        agreed_at: None,
        ended_at: None,
    };
    let rows = [row("dana", 0), row("nurlan", 5)];
    for row in &rows {
        tx.cover_add(row, now).await?;
    }
    assert_eq!(tx.covers_of(pair).await?, rows);
    let on_call =
        |rota: Option<crm::domain::rota::Rota>| rota.and_then(|r| r.chain(now, &[]).into_iter().next());
    let nurlan = Some(StaffId::from("nurlan"));
    assert_eq!(on_call(tx.rota_of(Queue::Support).await?), nurlan, "nobody has agreed");
    assert!(tx.covers_ahead(now).await?.is_empty());
    assert!(tx.covers_agree(pair, now).await?);
    assert!(!tx.covers_agree(pair, now).await?, "once");
    assert_eq!(on_call(tx.rota_of(Queue::Support).await?), Some("dana".into()));
    assert_eq!(tx.covers_ahead(now + TimeDelta::hours(3)).await?.len(), 1);
    assert!(tx.covers_end(pair, now).await?);
    assert!(!tx.covers_end(pair, now).await?);
    assert_eq!(on_call(tx.rota_of(Queue::Support).await?), nurlan);
    let names: Vec<_> = tx.staff_all().await?.into_iter().map(|s| s.id.0).collect();
    assert!(names.contains(&"marat".to_owned()), "{names:?}");

    let dana = StaffId::from("dana");
    let (one, two) = (TicketId(id()), TicketId(id()));
    tx.page_log_add(&dana, (one, Queue::Support, Kind::FaultCritical), now).await?;
    tx.page_log_add(&dana, (two, Queue::Network, Kind::FaultMinor), now + TimeDelta::seconds(9)).await?;
    assert_eq!(tx.page_log_since(&dana, None, now).await?, [one, two]);
    assert_eq!(tx.page_log_since(&dana, Some((Queue::Network, Kind::FaultMinor)), now).await?, [two]);
    assert_eq!(tx.page_log_since(&dana, None, now + TimeDelta::seconds(1)).await?, [two]);
    assert_eq!(tx.page_log_prune(now + TimeDelta::seconds(1)).await?, 1);
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn canned_replies_are_kept_by_name_and_language(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    let canned = |language, body: &str| Canned { name: "disk".to_owned(), language, body: body.to_owned() };
    for one in [canned(Lang::Kk, "Диск толды"), canned(Lang::Ru, "?"), canned(Lang::Ru, "Диск заполнен")]
    {
        tx.canned_save(&one, &"dana".into(), at(1)).await?;
    }
    assert_eq!(tx.canned_all().await?, [canned(Lang::Kk, "Диск толды"), canned(Lang::Ru, "Диск заполнен")]);
    assert_eq!(tx.canned_delete("disk").await?, 2);
    assert_eq!(tx.canned_all().await?, []);
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_broadcast_knows_its_people_and_how_far_it_has_got(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let now = morning();
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", now).await?;
    let everybody = tx.audience(&Audience::default()).await?;
    let chats: Vec<i64> = everybody.iter().filter_map(|r| r.chat).collect();
    assert_eq!((chats.len(), chats.contains(&200_001)), (3, true), "{everybody:?}");
    let nowhere = Audience { zone: Some("nowhere".to_owned()), ..Audience::default() };
    assert!(tx.audience(&nowhere).await?.is_empty());
    let zone = directory("test:///default").zones[0].id.0.clone();
    assert!(!tx.audience(&Audience { zone: Some(zone), ..Audience::default() }).await?.is_empty());
    let acme = Audience { customer: Some("acme".to_owned()), ..Audience::default() };
    tx.account_blocked(200_001, Some(now)).await?;
    let found = tx.audience(&acme).await?;
    assert!(found.len() == 1 && found[0].chat.is_none(), "who blocks the bot is not reached: {found:?}");

    let body: Bodies = Lang::ALL.iter().map(|l| (*l, format!("words in {l}"))).collect();
    let broadcast = Broadcast {
        id: id(),
        about: About::Outage,
        body,
        audience: acme,
        chats: 2,
        unreachable: vec!["Acme".to_owned()],
        made_by: Actor::Operator,
        made_at: now,
    };
    tx.broadcast_add(&broadcast).await?;
    assert_eq!(tx.broadcast_fetch(broadcast.id).await?.as_ref(), Some(&broadcast));
    assert_eq!(tx.broadcasts(5).await?, std::slice::from_ref(&broadcast));
    for chat in [200_002, 200_003] {
        tx.outbox_add(OutboxItem::tell(id(), Outgoing::Broadcast { id: broadcast.id, chat }, now));
    }
    tx.flush().await?;
    let items = tx.outbox_claim(now, 9).await?;
    assert_eq!(tx.broadcast_progress(broadcast.id).await?.get("claimed"), Some(&2));
    tx.outbox_settle(items[0].id, &Delivery::Sent(Some(1)), now).await?;
    tx.outbox_trying(&[items[1].id]).await?;
    // The bot died while it sent the second: nobody knows, and nobody is told twice.
    assert_eq!(tx.outbox_release_all().await?, 0);
    let progress = tx.broadcast_progress(broadcast.id).await?;
    assert_eq!((progress.get("sent"), progress.get("failed")), (Some(&1), Some(&1)));
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn what_a_desk_looks_for(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", morning()).await?;
    let (mut one, two) = (ticket(1), ticket(2));
    tx.message_add(message(one.id, Side::Customer, "Диск 100% толды", 5));
    tx.message_add(message(two.id, Side::Note, "ҚАТЕ осында", 6));
    let met = Event::TargetMet { target: Target::FirstReply, used_ms: 5 };
    let broken = Event::TargetBreached { target: Target::Resolution, tell: Vec::new() };
    for event in [met, broken] {
        let record = link(&mut one, event);
        tx.event_append(record);
    }
    let when = one.opened_at;
    let (one, two) = (tx.ticket_save(one, None), tx.ticket_save(two, None));
    assert_eq!(tx.tickets_find("диск", 9).await?, [one.id]);
    assert_eq!(tx.tickets_find("100%", 9).await?, [one.id]);
    assert_eq!(tx.tickets_find("100_", 9).await?, [], "no wildcard");
    assert_eq!(tx.tickets_find("қате", 9).await?, [two.id]);
    let events = tx.events(one.id.0).await?;
    let broken_at = events[1].at;
    assert_eq!(
        tx.breaches_since(when - TimeDelta::days(1), 9).await?,
        [(one.id, Target::Resolution, broken_at)]
    );
    assert_eq!(tx.breaches_since(broken_at + TimeDelta::days(1), 9).await?, []);
    tx.commit().await?;
    Ok(())
}
