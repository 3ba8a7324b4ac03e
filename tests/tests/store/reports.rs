//! What the reports are counted from.

use anyhow::Result;
use crm::domain::audit::GENESIS;
use crm::domain::event::Event;
use crm::domain::ids::{TicketId, TicketNumber};
use crm::domain::kind::{Channel, Kind};
use crm::domain::report::{Fact, Filter, Span, Sums};
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;

use crate::sample::{HARD, at, id, link, opening, ticket};

#[rstest]
#[tokio::test]
async fn changes_are_taken_once_and_sums_are_kept(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    assert!(!tx.report_is_stale().await?);
    let mut ids = Vec::new();
    for number in 1..=300 {
        let mut one = ticket(number);
        assert_eq!(one.head, GENESIS);
        let record = link(&mut one, Event::Opened(Box::new(opening(number))));
        tx.event_append(record);
        ids.push(tx.ticket_save(one, None).id);
    }
    tx.flush().await?;
    assert!(tx.report_is_stale().await?);
    tx.report_lock().await?;
    let mut taken = tx.report_dirty_take(200).await?;
    assert_eq!(taken.len(), 200);
    taken.extend(tx.report_dirty_take(200).await?);
    assert_eq!(taken, ids);
    assert!(tx.report_dirty_take(200).await?.is_empty() && !tx.report_is_stale().await?);
    let tickets = tx.tickets_fetch(&ids).await?;
    let events = tx.events_of(&ids).await?;
    assert_eq!((tickets.len(), events.len()), (300, 300));
    assert!(tx.tickets_fetch(&[]).await?.is_empty() && tx.events_of(&[TicketId(id())]).await?.is_empty());

    let mut fact = Fact::of(&tickets[0], &events[..1]);
    fact.customer = Some(HARD.to_owned());
    tx.report_facts_save(&[(ids[0], fact.clone())]).await?;
    tx.report_facts_save(&[(ids[0], fact.clone()), (ids[1], Fact::of(&tickets[1], &events[1..2]))]).await?;
    assert_eq!(tx.report_facts(&ids[..1]).await?, [(ids[0], fact.clone())]);
    assert!(tx.report_facts(&[]).await?.is_empty());
    let mut late = fact.clone();
    late.resolution.kept = crm::domain::report::Kept::Breached;
    tx.report_facts_save(&[(ids[0], late)]).await?;
    let span = (at(0), at(999));
    let all = Filter::default();
    let found = tx.report_facts_listed(span, true, all, None, 9).await?;
    assert_eq!(found.iter().map(|fact| fact.number).collect::<Vec<_>>(), [1]);
    let mark = Some((found[0].opened_at, 1));
    assert!(tx.report_facts_listed(span, true, all, mark, 9).await?.is_empty());
    assert!(tx.report_facts_listed((at(500), at(999)), true, all, None, 9).await?.is_empty());
    assert_eq!(tx.report_facts_listed(span, false, all, None, 9).await?.len(), 2);
    assert_eq!(tx.report_facts_listed(span, false, all, None, 1).await?.len(), 1);
    assert!(tx.report_facts_listed(span, false, all, mark, 9).await?.iter().all(|fact| fact.number < 1));
    let same = Filter { kind: Some(fact.kind), queue: Some(fact.queue), channel: Some(fact.channel) };
    let (other, another) = (Kind::DataLossClaim, Channel::Alert);
    assert!(other != fact.kind && another != fact.channel);
    for (filter, late, count) in [
        (same, true, 1),
        (same, false, 2),
        (Filter { kind: Some(fact.kind), ..all }, true, 1),
        (Filter { queue: Some(fact.queue), ..all }, true, 1),
        (Filter { channel: Some(fact.channel), ..all }, true, 1),
        (Filter { kind: Some(other), ..same }, true, 0),
        (Filter { channel: Some(another), ..all }, false, 0),
    ] {
        let found = tx.report_facts_listed(span, late, filter, None, 9).await?;
        assert_eq!(found.len(), count, "{filter:?} {late}");
    }

    let mut sums = Sums::default();
    sums.count(&fact, 1);
    let spans = Span::of(fact.day());
    tx.report_sums_save(&[(spans[0], sums.clone()), (spans[2], sums.clone())]).await?;
    assert_eq!(tx.report_sums(&spans).await?, [(spans[0], sums.clone()), (spans[2], sums.clone())]);
    assert!(
        tx.report_sums(&Span::of(fact.day() + 99)).await?.is_empty() && tx.report_sums(&[]).await?.is_empty()
    );
    sums.count(&fact, -1);
    tx.report_sums_save(&[(spans[0], sums)]).await?;
    assert_eq!(tx.report_sums(&spans).await?.len(), 1, "what has nothing in it goes");

    tx.report_flow_add(&[(5, 2), (7, -1)]).await?;
    tx.report_flow_add(&[(5, 1), (9, 4), (8, 0)]).await?;
    assert_eq!(tx.report_flow(6, 9).await?, (3, vec![(7, -1)]));
    assert_eq!(tx.report_flow(0, 10).await?, (0, vec![(5, 3), (7, -1), (9, 4)]));

    let opened = [found[0].opened_at, fact.opened_at];
    let hour = fact.opened_at.timestamp().div_euclid(3_600);
    tx.report_owed_add(&[(hour, 2), (hour + 1, 3), (hour + 2, 1)]).await?;
    tx.report_owed_add(&[(hour + 1, 1), (hour + 2, -1)]).await?;
    assert_eq!(tx.report_owed().await?, 6);
    let just_before = fact.opened_at - chrono::TimeDelta::milliseconds(1);
    assert_eq!(opened[0], opened[1]);
    let after = tx
        .report_owed_after(&[just_before, fact.opened_at, fact.opened_at + chrono::TimeDelta::hours(1)])
        .await?;
    let at_once = tx.report_facts_listed(span, false, all, None, 9).await?;
    let at_once = at_once.iter().filter(|f| f.opened_at == fact.opened_at).count();
    assert_eq!(after[2], 0);
    assert_eq!(after[0] - after[1], i64::try_from(at_once)?, "to the millisecond");

    assert_eq!(tx.report_dirty_all(TicketNumber(0), 200).await?, Some(TicketNumber(200)));
    assert_eq!(tx.report_dirty_all(TicketNumber(200), 200).await?, Some(TicketNumber(300)));
    assert_eq!(tx.report_dirty_all(TicketNumber(300), 200).await?, None);
    tx.report_clear().await?;
    assert!(!tx.report_is_stale().await? && tx.report_facts(&ids).await?.is_empty());
    let actor = crm::domain::actor::Actor::Operator;
    tx.desk_event(actor, Event::EmergencySwitched { on: true, reason: HARD.to_owned() }, at(1)).await?;
    tx.flush().await?;
    assert_eq!(tx.desk_events_of("emergency_switched").await?.len(), 1);
    assert!(tx.desk_events_of("bound").await?.is_empty());
    tx.commit().await?;
    Ok(())
}
