//! What several processes reach for at once, each gets once: jobs, due tickets, invitations, leases.

use std::collections::HashMap;

use anyhow::Result;
use chrono::TimeDelta;
use crm::domain::ids::{ActionId, ContactId, TicketId};
use crm::domain::job::{Job, Lane};
use crm::store::{InviteUse, NewJob, StoreError};
use komek_tests::desk::fill;
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;

use crate::sample::{at, id, ticket};

const JOBS: usize = 60;

fn page() -> NewJob {
    NewJob { id: id(), payload: Job::Page { ticket: TicketId(id()), step: 0 }, run_at: at(0) }
}

#[rstest]
#[tokio::test]
async fn each_job_goes_to_one_worker(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    (0..JOBS).for_each(|_| tx.job_add(page()));
    // Not due yet, and of another lane: nobody's.
    tx.job_add(NewJob { run_at: at(9), ..page() });
    let execute = Job::Execute { ticket: TicketId(id()), action: ActionId(id()) };
    tx.job_add(NewJob { id: id(), payload: execute, run_at: at(0) });
    tx.commit().await?;
    let mut workers = tokio::task::JoinSet::new();
    for n in 0..6 {
        let db = test.another().await?;
        workers.spawn(async move {
            let (name, mut mine) = (format!("worker-{n}"), Vec::new());
            loop {
                let mut tx = db.begin().await?;
                let Some(job) = tx.job_claim(Lane::Crm, &name, at(1), at(100)).await? else { break };
                mine.push(job.id);
                tx.job_done(job.id, &name).await?;
                tx.commit().await?;
            }
            anyhow::Ok(mine)
        });
    }
    let mut times: HashMap<uuid::Uuid, u32> = HashMap::new();
    for mine in workers.join_all().await {
        mine?.into_iter().for_each(|job| *times.entry(job).or_default() += 1);
    }
    assert_eq!(times.len(), JOBS);
    assert!(times.values().all(|n| *n == 1));
    let mut tx = test.db.read().await?;
    assert_eq!((tx.jobs_count("done").await?, tx.jobs_count("ready").await?), (i64::try_from(JOBS)?, 2));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_lost_lease_is_noticed_by_whoever_lost_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    tx.job_add(page());
    tx.commit().await?;
    let mut tx = test.db.begin().await?;
    let job = tx.job_claim(Lane::Crm, "slow", at(0), at(10)).await?.expect("due");
    assert_eq!((job.attempt, job.run_at), (1, at(0)));
    assert!(tx.job_claim(Lane::Crm, "quick", at(9), at(20)).await?.is_none());
    assert_eq!(tx.jobs_running(Lane::Crm).await?, [(job.id, "slow".to_owned())]);
    assert_eq!(tx.jobs_wake_at(Lane::Crm).await?, Some(at(10)));
    assert!(tx.job_heartbeat(job.id, "slow", at(15)).await?);
    assert!(!tx.job_heartbeat(job.id, "quick", at(99)).await?);
    assert_eq!(tx.jobs_reap(Lane::Crm, at(15)).await?, 0, "the lease's last moment is its holder's");
    assert_eq!(tx.jobs_reap(Lane::Provisioner, at(16)).await?, 0, "another lane's");
    assert_eq!(tx.jobs_reap(Lane::Crm, at(16)).await?, 1);
    let again = tx.job_claim(Lane::Crm, "quick", at(16), at(30)).await?.expect("ready again");
    assert_eq!((again.id, again.attempt), (job.id, 2));
    assert!(!tx.job_heartbeat(job.id, "slow", at(40)).await?, "slow is told");
    for lost in [tx.job_done(job.id, "slow").await, tx.job_retry(job.id, "slow", at(50), "x").await] {
        assert!(matches!(lost, Err(StoreError::Inconsistent { table: "job", .. })));
    }
    tx.job_release(job.id, "slow").await?;
    assert_eq!(tx.jobs_count("running").await?, 1, "only its holder's death releases it");
    tx.job_release(job.id, "quick").await?;
    assert_eq!(tx.jobs_count("ready").await?, 1);
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn two_clocks_never_have_the_same_ticket_in_hand(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    (1..=40).for_each(|n| drop(tx.ticket_save(ticket(n), Some(at(0)))));
    tx.commit().await?;
    let mut clocks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let db = test.another().await?;
        clocks.spawn(async move {
            let mut fired = Vec::new();
            loop {
                let mut tx = db.begin().await?;
                let due = tx.tickets_due(at(1), 7).await?;
                if due.is_empty() && tx.tickets_wake_at().await?.is_none() {
                    return anyhow::Ok(fired);
                }
                let numbers: Vec<i64> = due.iter().map(|t| t.number.0).collect();
                for ticket in due {
                    tx.ticket_save(ticket, None);
                }
                match tx.commit().await {
                    Ok(_) => fired.extend(numbers),
                    Err(StoreError::Conflict) => {}
                    Err(e) => return Err(e.into()),
                }
                tokio::task::yield_now().await;
            }
        });
    }
    let mut all: Vec<i64> = clocks.join_all().await.into_iter().collect::<Result<Vec<_>>>()?.concat();
    all.sort_unstable();
    assert_eq!(all, (1..=40).collect::<Vec<_>>());
    Ok(())
}

#[rstest]
#[tokio::test]
async fn an_invitation_is_for_one_account(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", at(0)).await?;
    let code = tx.invite_create(&ContactId::from("saule"), at(0), TimeDelta::days(1)).await?;
    tx.commit().await?;
    let mut accounts = tokio::task::JoinSet::new();
    for telegram in 1..=8 {
        let (db, code) = (test.another().await?, code.clone());
        accounts.spawn(async move {
            let mut tx = db.begin().await?;
            let outcome = tx.invite_use(&code, telegram, at(1)).await?;
            tx.commit().await?;
            anyhow::Ok(outcome)
        });
    }
    let outcomes = accounts.join_all().await.into_iter().collect::<Result<Vec<_>>>()?;
    let welcome = InviteUse::Welcome(ContactId::from("saule"));
    assert_eq!(outcomes.iter().filter(|o| **o == welcome).count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|o| **o == InviteUse::Used).count(), 7, "{outcomes:?}");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn one_holds_a_lease_until_it_ends_or_is_given_back(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut takers = tokio::task::JoinSet::new();
    for n in 0..6 {
        let db = test.another().await?;
        takers.spawn(async move {
            let mut tx = db.begin().await?;
            let taken = tx.lease_take("bot/1", &format!("bot-{n}"), at(0), at(10)).await?;
            tx.commit().await?;
            anyhow::Ok(taken)
        });
    }
    let taken = takers.join_all().await.into_iter().collect::<Result<Vec<_>>>()?;
    assert_eq!(taken.iter().filter(|t| **t).count(), 1);

    let mut tx = test.db.begin().await?;
    let (holder, until) = tx.lease_holder("bot/1").await?.expect("held");
    assert_eq!(until, at(10));
    assert!(tx.lease_take("bot/1", &holder, at(5), at(20)).await?, "prolonged by its holder");
    assert!(tx.lease_check("bot/1", &holder).await?);
    assert!(!tx.lease_check("bot/1", "another").await?);
    assert!(!tx.lease_take("bot/1", "another", at(20), at(30)).await?, "its last moment is its holder's");
    tx.lease_release("bot/1", "another").await?;
    assert!(tx.lease_take("bot/1", "another", at(21), at(30)).await?, "it ran out");
    assert!(!tx.lease_check("bot/1", &holder).await?, "the former leader is fenced off");
    tx.lease_release("bot/1", "another").await?;
    assert_eq!(tx.lease_holder("bot/1").await?, None);
    assert!(tx.lease_take("bot/2", &holder, at(0), at(1)).await?, "another bot's lease is another");
    tx.commit().await?;
    Ok(())
}
