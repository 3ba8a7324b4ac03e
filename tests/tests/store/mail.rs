//! Mail: threads, what came in once, what goes out once, and files.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use crm::domain::ids::{MessageId, TicketId};
use crm::store::{MailEnd, MailIn, MailOutcome, MailThread, MailWhat, NewMail};
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;
use uuid::Uuid;

use crate::sample::{HARD, at, id};

fn mail(n: i64, sender: &str) -> MailIn {
    let (message_id, digest) = (format!("m{n}@x"), format!("d{n}"));
    MailIn { message_id, digest, sender: sender.to_owned(), received_at: at(n) }
}

#[rstest]
#[tokio::test]
async fn each_mail_comes_in_once_and_is_found_by_its_id(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let (one, two) = (TicketId(id()), TicketId(id()));
    let thread = MailThread { address: "a@x".to_owned(), name: HARD.to_owned(), subject: HARD.to_owned() };
    let mut tx = test.db.begin().await?;
    tx.mail_thread_add(one, &thread).await?;
    assert!(tx.mail_in_add(&mail(1, "a@x")).await? && !tx.mail_in_add(&mail(1, "a@x")).await?);
    tx.mail_in_done(&mail(1, "a@x"), MailOutcome::Opened, Some(one)).await?;
    // Another mail under the same Message-ID.
    let twin = MailIn { digest: "other".to_owned(), ..mail(1, "b@x") };
    assert!(tx.mail_in_add(&twin).await?);
    assert!(tx.mail_in_add(&mail(2, "a@x")).await?);
    tx.mail_in_done(&mail(2, "a@x"), MailOutcome::Added, Some(one)).await?;
    assert!(tx.mail_in_add(&mail(3, "a@x")).await?);
    tx.mail_in_done(&mail(3, "a@x"), MailOutcome::Opened, Some(two)).await?;
    tx.commit().await?;
    let mut tx = test.db.read().await?;
    assert_eq!((tx.mail_thread(one).await?, tx.mail_thread(two).await?), (Some(thread), None));
    assert_eq!(tx.mail_in_ticket("m2@x").await?, Some(one));
    assert_eq!(tx.mail_in_ticket("m9@x").await?, None);
    assert_eq!(tx.mail_opened_by("a@x", at(0)).await?, [two, one]);
    assert_eq!(tx.mail_opened_by("a@x", at(1)).await?, [two]);
    assert_eq!(tx.mail_ids_of(one, 10).await?, ["m1@x", "m2@x"]);
    assert_eq!(tx.mail_ids_of(one, 1).await?, ["m2@x"]);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn each_mail_goes_out_by_one_process_and_its_end_is_written_down(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let ticket = TicketId(id());
    let mut tx = test.db.begin().await?;
    let mut ids: Vec<Uuid> = Vec::new();
    for seq in 1..=40 {
        ids.push(id());
        let what = MailWhat::Notice { seq };
        assert_eq!(what.seq(), Some(seq));
        tx.mail_add(NewMail { id: ids[ids.len() - 1], ticket, what, created_at: at(0) });
    }
    tx.commit().await?;
    assert!(test.db.read().await?.mail_due(at(0)).await?);
    let until = at(0) + TimeDelta::minutes(10);
    let mut processes = tokio::task::JoinSet::new();
    for n in 0..4 {
        let db = test.another().await?;
        processes.spawn(async move {
            let mut mine = Vec::new();
            loop {
                let mut tx = db.begin().await?;
                let claimed = tx.mail_claim(&format!("p{n}"), at(1), until, 3).await?;
                tx.commit().await?;
                if claimed.is_empty() {
                    return anyhow::Ok(mine);
                }
                mine.extend(claimed.into_iter().map(|mail| mail.id));
            }
        });
    }
    let mut all = Vec::new();
    for mine in processes.join_all().await {
        all.extend(mine?);
    }
    all.sort_unstable();
    assert_eq!(all, ids, "each once");
    let mut tx = test.db.begin().await?;
    assert!(!tx.mail_due(at(1)).await?, "all are leased");
    let again =
        tx.mail_claim("p9", until + TimeDelta::seconds(1), until + TimeDelta::minutes(9), 100).await?;
    assert_eq!(again.len(), 40, "the leases have run out");
    assert!(again[0].automatic && !again[1].automatic, "the first tells of the opening");
    assert!(
        !tx.mail_settle(ids[0], "p0", &MailEnd::Dropped("x".to_owned()), at(2)).await?,
        "the lease was lost"
    );
    for (n, end) in
        [MailEnd::Sent("a@x".to_owned()), MailEnd::Failed(HARD.to_owned()), MailEnd::Dropped("-".to_owned())]
            .iter()
            .enumerate()
    {
        assert!(tx.mail_settle(ids[n], "p9", end, at(5)).await?);
    }
    tx.mail_postpone(ids[3], "p9", at(9), "later").await?;
    assert_eq!(tx.mail_automatic_to("a@x", at(4)).await?, 1);
    assert_eq!(tx.mail_automatic_to("a@x", at(5)).await?, 0);
    assert_eq!(tx.mail_out_ticket(ids[1]).await?, Some((ticket, Some(2))));
    let told: Vec<(i64, String)> =
        tx.outbox_deliveries(ticket).await?.into_iter().map(|d| (d.seq, d.state)).take(3).collect();
    assert_eq!(told, [(1, "sent".to_owned()), (2, "failed".to_owned()), (4, "ready".to_owned())]);
    assert_eq!(tx.outbox_failure(ticket).await?.as_deref(), Some(HARD));
    assert!(tx.mail_bounced(ids[0], "gone").await? && !tx.mail_bounced(ids[0], "gone").await?);
    tx.commit().await?;
    assert!(test.db.read().await?.mail_due(at(9)).await?);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn files_are_kept_byte_for_byte(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let (message, ticket) = (MessageId(id()), TicketId(id()));
    let body: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let mut tx = test.db.begin().await?;
    tx.file_keep((message, 0), ticket, Ok(&body), at(0)).await?;
    tx.file_keep((message, 1), ticket, Err("too large"), at(0)).await?;
    tx.commit().await?;
    let mut tx = test.db.read().await?;
    let kept = tx.file_fetch(message, 0).await?.context("kept")?;
    assert_eq!((kept.state.as_str(), kept.body, kept.error), ("stored", Some(body), None));
    let not = tx.file_fetch(message, 1).await?.context("noted")?;
    assert_eq!((not.state.as_str(), not.body, not.error.as_deref()), ("failed", None, Some("too large")));
    assert_eq!(tx.file_fetch(message, 2).await?, None);
    Ok(())
}
