//! The queues: updates that came in, jobs, messages that go out, dialogues in the middle.

use anyhow::Result;
use crm::domain::ids::{ActionId, TicketId};
use crm::domain::job::{Job, Lane};
use crm::domain::reactions::Outgoing;
use crm::store::{Call, Delivery, DialogueKey, NewJob, OutboxItem, RawUpdate, Remember};
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;
use serde_json::json;

use crate::sample::{COUNTS, HARD, at, id};

fn updates(ids: impl IntoIterator<Item = i64>) -> Vec<RawUpdate> {
    let raw = |n| RawUpdate {
        update_id: n,
        chat_id: (n % 2 == 0).then_some(-n),
        raw: format!("{{ \"update_id\":{n},\n \"text\": \"{}\"}}", HARD.replace('"', "”").replace('\\', "")),
    };
    ids.into_iter().map(raw).collect()
}

#[rstest]
#[tokio::test]
async fn an_update_is_stored_once_and_waits_until_it_is_done(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    for count in COUNTS {
        stored_once(&test, 2 * count, count).await?;
    }
    Ok(())
}

async fn stored_once(test: &TestDb, bot: i64, count: i64) -> Result<()> {
    let all = updates(1..=count);
    let mut tx = test.db.begin().await?;
    assert_eq!(tx.inbox_oldest_waiting(bot).await?, None);
    assert_eq!(tx.inbox_store(bot, &[], at(0), None).await?, 0);
    assert_eq!(tx.inbox_store(bot, &all, at(1), None).await?, u64::try_from(count)?);
    assert_eq!(tx.inbox_store(bot, &all, at(2), None).await?, 0, "they are there");
    assert_eq!(tx.inbox_store(bot, &updates([count, count + 1]), at(3), None).await?, 1);
    assert_eq!(
        tx.inbox_store(bot + 1, &all[..1], at(4), Some(at(4))).await?,
        1,
        "another bot's, done at once"
    );
    tx.commit().await?;
    let mut tx = test.db.begin().await?;
    let waiting = tx.inbox_waiting(bot, 1_000).await?;
    assert_eq!(waiting.iter().map(|w| w.update_id).collect::<Vec<_>>(), (1..=count + 1).collect::<Vec<_>>());
    assert_eq!(waiting[0].raw, all[0].raw, "byte for byte");
    assert_eq!((waiting[0].attempts, waiting[0].received_at), (0, at(1)));
    assert_eq!(tx.inbox_waiting(bot, 1).await?.len(), 1);
    assert!(tx.inbox_waiting(bot + 1, 9).await?.is_empty());
    assert_eq!(tx.inbox_oldest_waiting(bot).await?, Some(at(1)));
    tx.inbox_done(bot, &(1..=count).collect::<Vec<_>>(), at(5)).await?;
    tx.inbox_done(bot, &[], at(5)).await?;
    assert_eq!(tx.inbox_waiting(bot, 9).await?.len(), 1);
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn an_update_that_fails_is_tried_again_and_then_laid_aside_for_good(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    tx.inbox_store(7, &updates(1..=4), at(1), None).await?;
    tx.inbox_failed(7, 1, HARD, None).await?;
    assert_eq!(tx.inbox_waiting(7, 9).await?[0].attempts, 1);
    tx.inbox_failed(7, 1, HARD, Some(at(2))).await?;
    tx.inbox_done(7, &[2, 3, 4], at(2)).await?;
    assert!(tx.inbox_waiting(7, 9).await?.is_empty());
    assert_eq!(tx.inbox_prune(at(2), 9).await?, 0, "not old enough");
    assert_eq!(tx.inbox_prune(at(3), 1).await?, 1, "at most so many");
    assert_eq!(tx.inbox_prune(at(3), 9).await?, 1, "not the failed one, and not the newest");
    // What was pruned and comes again is older than the newest; it would be stored, so Telegram's offset must hold it back.
    tx.commit().await?;
    assert_eq!(test.number("SELECT COUNT(*) FROM inbox WHERE error IS NOT NULL").await?, 1);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn the_same_work_is_queued_once_until_it_is_over(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let payload = Job::Execute { ticket: TicketId(id()), action: ActionId(id()) };
    let job = |at| NewJob { id: id(), payload: payload.clone(), run_at: at };
    let mut tx = test.db.begin().await?;
    assert_eq!(tx.jobs_wake_at(Lane::Provisioner).await?, None);
    tx.job_add(job(at(5)));
    tx.job_add(job(at(6)));
    tx.commit().await?;
    let mut tx = test.db.begin().await?;
    tx.job_add(job(at(7)));
    tx.flush().await?;
    assert_eq!(tx.jobs_count("ready").await?, 1);
    assert_eq!(tx.jobs_wake_at(Lane::Provisioner).await?, Some(at(5)));
    assert!(tx.job_claim(Lane::Provisioner, "w", at(4), at(9)).await?.is_none(), "not due");
    let held = tx.job_claim(Lane::Provisioner, "w", at(5), at(9)).await?.expect("due at its moment");
    assert_eq!(held.payload, payload);
    tx.job_add(job(at(7)));
    tx.flush().await?;
    assert_eq!(
        (tx.jobs_count("ready").await?, tx.jobs_count("running").await?),
        (0, 1),
        "while it runs, too"
    );
    tx.job_retry(held.id, "w", at(20), HARD).await?;
    assert_eq!(tx.jobs_wake_at(Lane::Provisioner).await?, Some(at(20)));
    tx.job_claim(Lane::Provisioner, "w", at(20), at(30)).await?.expect("due again");
    tx.job_bury(held.id, "w", HARD).await?;
    assert_eq!(tx.jobs_count("dead").await?, 1);
    tx.job_add(job(at(30)));
    tx.flush().await?;
    let next = tx.job_claim(Lane::Provisioner, "w", at(30), at(40)).await?.expect("asked for anew");
    tx.job_done(next.id, "w").await?;
    assert_eq!(tx.jobs_prune(at(30), 9).await?, 0);
    assert_eq!(tx.jobs_prune(at(31), 9).await?, 1, "what died stays to be looked at");
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_job_of_a_newer_version_is_parked(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    let payload = Job::Page { ticket: TicketId(id()), step: 0 };
    tx.job_add(NewJob { id: id(), payload, run_at: at(0) });
    tx.commit().await?;
    test.tamper("UPDATE job SET payload = '{\"job\": \"of the future\"}'").await?;
    let mut tx = test.db.begin().await?;
    assert!(tx.job_claim(Lane::Crm, "w", at(1), at(2)).await?.is_none());
    tx.commit().await?;
    let mut tx = test.db.begin().await?;
    assert_eq!(tx.jobs_count("dead").await?, 1);
    assert!(tx.jobs_running(Lane::Crm).await?.is_empty());
    Ok(())
}

fn call(chat: i64) -> Call {
    let params = json!({ "chat_id": chat, "text": HARD, "big": 1.5e300, "nested": [null, true, {"ә": 0}] });
    Call { method: "sendMessage".to_owned(), params, ticket: None, remember: Some(Remember::Link) }
}

#[rstest]
#[tokio::test]
async fn what_is_to_be_sent_comes_most_urgent_first_and_exactly_as_it_was_queued(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    for count in COUNTS {
        urgent_first(&test, usize::try_from(count)?).await?;
    }
    Ok(())
}

async fn urgent_first(test: &TestDb, count: usize) -> Result<()> {
    let ticket = TicketId(id());
    let mut tx = test.db.begin().await?;
    let mut queued: Vec<OutboxItem> = (0..count).map(|_| OutboxItem::call(id(), 5, call(5), at(1))).collect();
    let page = Outgoing::Page { ticket, staff: "nurlan".into(), step: 0 };
    queued.push(OutboxItem::tell(id(), page, at(1)));
    for item in &queued {
        tx.outbox_add(item.clone());
    }
    assert_eq!(tx.outbox_pending().await?, i64::try_from(count)? + 1);
    assert!(tx.commit().await?.is_empty(), "nothing was claimed");
    queued.sort_by_key(|i| (i.priority, i.id));
    let mut tx = test.db.begin().await?;
    assert!(!tx.outbox_ready(at(0)).await?);
    assert!(tx.outbox_ready(at(1)).await?);
    assert_eq!(tx.outbox_claim(at(0), 1_000).await?, []);
    assert_eq!(tx.outbox_claim(at(1), 1).await?, queued[..1]);
    assert_eq!(tx.outbox_claim(at(1), 1_000).await?, queued[1..]);
    assert!(!tx.outbox_ready(at(1)).await?);
    let ids: Vec<_> = queued.iter().map(|i| i.id).collect();
    tx.outbox_forget(&ids).await?;
    tx.outbox_forget(&[]).await?;
    assert_eq!(tx.outbox_pending().await?, 0);
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_card_waits_once_and_a_new_leader_takes_over_what_was_claimed(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let card = || OutboxItem::tell(id(), Outgoing::Card { ticket: TicketId(uuid::Uuid::nil()) }, at(0));
    let mut tx = test.db.begin().await?;
    tx.outbox_add(card());
    tx.outbox_add(card());
    tx.commit().await?;
    let mut tx = test.db.begin().await?;
    tx.outbox_add(card());
    tx.outbox_add(OutboxItem::call(id(), 5, call(5), at(0)));
    assert_eq!(tx.outbox_pending().await?, 2, "one card, one message");
    tx.commit().await?;
    // One is under way while the next is queued: that one shows a newer state.
    let mut tx = test.db.begin().await?;
    assert_eq!(tx.outbox_claim(at(0), 9).await?.len(), 2);
    tx.outbox_claims();
    tx.outbox_add(card());
    tx.outbox_add(card());
    assert_eq!(tx.commit().await?.len(), 1, "handed to the leader at once");
    let mut tx = test.db.begin().await?;
    tx.outbox_add(card());
    assert_eq!(tx.outbox_pending().await?, 4);
    assert_eq!(tx.outbox_release_all().await?, 1, "of three cards the one that waits; and the message");
    let ready = tx.outbox_claim(at(0), 9).await?;
    assert_eq!(ready.len(), 2);
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn without_a_desk_nothing_is_queued_for_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let ticket = TicketId(id());
    let mut tx = test.db.begin().await?;
    tx.outbox_deskless();
    for what in
        [Outgoing::Card { ticket }, Outgoing::Desk { ticket, seq: 1 }, Outgoing::Notice { ticket, seq: 1 }]
    {
        tx.outbox_add(OutboxItem::tell(id(), what, at(0)));
    }
    tx.commit().await?;
    let ready = test.db.begin().await?.outbox_claim(at(0), 9).await?;
    assert_eq!(
        ready.iter().map(|i| i.priority).collect::<Vec<_>>(),
        [2],
        "the customer is told all the same"
    );
    Ok(())
}

#[rstest]
#[tokio::test]
async fn how_sending_ended_is_kept_as_long_as_it_matters(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let ticket = TicketId(id());
    let mut tx = test.db.begin().await?;
    for _ in 0..4 {
        let item = OutboxItem::call(id(), 5, Call { ticket: Some(ticket), ..call(5) }, at(0));
        tx.outbox_add(OutboxItem { event_seq: Some(3), ..item });
    }
    tx.flush().await?;
    let items = tx.outbox_claim(at(0), 9).await?;
    assert_eq!(tx.outbox_failure(ticket).await?, None);
    tx.outbox_settle(items[0].id, &Delivery::Sent(Some(77)), at(10)).await?;
    let ended = [(items[1].id, Delivery::Dropped), (items[2].id, Delivery::Failed(HARD.to_owned()))];
    tx.outbox_settle_all(&ended, at(10)).await?;
    tx.outbox_settle_all(&[], at(10)).await?;
    tx.outbox_postpone(items[3].id, at(50), "429").await?;
    assert_eq!(tx.outbox_failure(ticket).await?.as_deref(), Some(HARD));
    let mut states: Vec<_> =
        tx.outbox_deliveries(ticket).await?.into_iter().map(|d| (d.seq, d.state)).collect();
    states.sort();
    let state = |word: &str| (3, word.to_owned());
    assert_eq!(states, [state("claimed"), state("failed"), state("sent")]);
    assert_eq!(tx.outbox_pending().await?, 1, "what was postponed is not lost");
    assert_eq!(tx.outbox_release_all().await?, 1);
    assert_eq!(tx.outbox_claim(at(49), 9).await?, []);
    assert_eq!(tx.outbox_claim(at(50), 9).await?[0].attempts, 1);
    assert_eq!(tx.outbox_prune(at(10), 9).await?, 0);
    assert_eq!(tx.outbox_prune(at(11), 1).await?, 1);
    assert_eq!(tx.outbox_prune(at(11), 9).await?, 1, "a failure stays");
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn only_the_rows_that_are_named_are_released(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    // More than one statement takes.
    let count = 1_100;
    for _ in 0..count {
        tx.outbox_add(OutboxItem::call(id(), 5, call(5), at(0)));
    }
    assert!(tx.outbox_claimed().await?.is_empty());
    assert_eq!(tx.outbox_claim(at(0), 2_000).await?.len(), count);
    tx.outbox_claims();
    let claimed = tx.outbox_claimed().await?;
    assert_eq!(claimed.len(), count);
    assert_eq!(tx.outbox_release(&[]).await?, 0);
    assert_eq!(tx.outbox_release(&claimed[1..]).await?, u64::try_from(count)? - 1);
    assert_eq!(tx.outbox_release(&claimed[1..]).await?, 0, "they wait already");
    assert_eq!(tx.outbox_claimed().await?, claimed[..1]);
    assert_eq!(tx.outbox_claim(at(0), 2_000).await?.len(), count - 1);
    assert_eq!(tx.outbox_defer(&claimed[..2], at(9)).await?, 2);
    assert!(tx.outbox_claim(at(8), 2_000).await?.is_empty());
    assert_eq!(tx.outbox_claim(at(9), 2_000).await?.len(), 2);
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn everybody_in_a_chat_has_a_dialogue_of_his_own(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let key = |user| DialogueKey { chat: i64::MIN, thread: 5, user };
    let mut tx = test.db.begin().await?;
    tx.dialogue_save(key(1), json!({ "step": 1 }), at(1));
    tx.dialogue_save(key(2), json!({ "words": HARD, "n": i64::MIN }), at(2));
    tx.dialogue_save(key(1), json!({ "step": 2 }), at(3));
    assert_eq!(tx.dialogue_fetch(key(1)).await?, Some((json!({ "step": 2 }), at(3))));
    assert_eq!(tx.dialogue_fetch(key(2)).await?, Some((json!({ "words": HARD, "n": i64::MIN }), at(2))));
    assert_eq!(tx.dialogue_fetch(DialogueKey { thread: 0, ..key(1) }).await?, None);
    tx.dialogue_end(key(1));
    tx.dialogue_end(key(1));
    assert_eq!(tx.dialogue_fetch(key(1)).await?, None);
    assert!(tx.dialogue_fetch(key(2)).await?.is_some());
    tx.commit().await?;
    Ok(())
}
