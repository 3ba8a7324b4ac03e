//! The database as a whole: opening, migrating, waking up, closing.

use std::time::Duration;

use anyhow::Result;
use crm::clock::Clock;
use crm::store::{Db, DbOptions, StoreError};
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;

use crate::sample::{at, ticket};

#[rstest]
#[tokio::test]
async fn migrations_run_once_whoever_and_however_often(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::bare(engine).await? else { return Ok(()) };
    let all = test.db.migrations_missing().await?;
    assert!(all >= 5, "{all}");
    // Two services start at the same moment.
    let other = test.another().await?;
    let (one, two) = tokio::join!(test.db.migrate(), other.migrate());
    one?;
    two?;
    assert_eq!(test.db.migrations_missing().await?, 0);
    let mut tx = test.db.begin().await?;
    let saved = tx.ticket_save(ticket(1), None);
    tx.commit().await?;
    test.db.migrate().await?;
    assert_eq!(test.db.read().await?.ticket_fetch(saved.id).await?, Some(saved));
    Ok(())
}

/// As in an upgrade: whatever came after the first five migrations is applied to tables that have rows.
#[rstest]
#[tokio::test]
async fn migrations_apply_over_tables_that_are_not_empty(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    // A schema that stands at 5, with rows in it, is brought up to date by the program of today.
    let Some(old) = TestDb::bare(engine).await? else { return Ok(()) };
    let files = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let first_five = tempfile::tempdir()?;
    for entry in std::fs::read_dir(files)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.as_str() < "0006" {
            std::fs::copy(&path, first_five.path().join(name))?;
        }
    }
    let migrator = sqlx::migrate::Migrator::new(first_five.path()).await?;
    match engine {
        Engine::Sqlite => migrator.run(&sqlx::SqlitePool::connect(&old.url).await?).await?,
        Engine::Postgres => migrator.run(&sqlx::PgPool::connect(&old.url).await?).await?,
    }
    for sql in SAMPLE {
        assert_eq!(old.tamper(sql).await?, 1, "{sql}");
    }
    old.db.migrate().await?;
    assert_eq!(old.db.migrations_missing().await?, 0);
    assert_eq!(old.number("SELECT COUNT(*) FROM service").await?, 1);
    Ok(())
}

/// One row in each table of migrations 1 to 5, in words that both engines read.
const SAMPLE: [&str; 22] = [
    "INSERT INTO zone VALUES ('z', 'test:///default', NULL)",
    "INSERT INTO cluster VALUES ('k', 'ha', '/k', '[]', NULL)",
    "INSERT INTO customer VALUES ('c', 'C', NULL, NULL)",
    "INSERT INTO contact VALUES ('p', 'c', 'P', NULL, NULL, 'kk', NULL)",
    "INSERT INTO service VALUES ('s', 'c', 'vm', 'z', 'd', NULL, NULL, '2026-01-01T00:00:00+00:00', NULL, NULL)",
    "INSERT INTO price VALUES ('s', '2026-01-01T00:00:00+00:00', 100)",
    "INSERT INTO staff VALUES ('n', 'N', 'engineer', '[]', 1, 'kk', NULL)",
    "INSERT INTO rota VALUES ('support', '2026-01-01T00:00:00+00:00', 12, '[]', 5, 'duty-manager', NULL)",
    "INSERT INTO vm_fact VALUES ('s', 'running', NULL, NULL, '2026-01-01T00:00:00+00:00')",
    "INSERT INTO account VALUES (1, 'p', NULL, 'A', NULL, '2026-01-01T00:00:00+00:00')",
    "INSERT INTO invite VALUES ('h', 'p', '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00', NULL, NULL)",
    "INSERT INTO policy VALUES ('vm@1', 'vm', '2026-01-01T00:00:00+00:00', 'd', 'b', '2026-01-01T00:00:00+00:00')",
    "INSERT INTO setting VALUES ('k', '1', '2026-01-01T00:00:00+00:00')",
    "INSERT INTO stream_head VALUES ('018f0000-0000-7000-8000-000000000001', 1, 'h')",
    "INSERT INTO message_link VALUES (1, 1, '018f0000-0000-7000-8000-000000000001')",
    "INSERT INTO card VALUES ('018f0000-0000-7000-8000-000000000001', 1, 1)",
    "INSERT INTO inbox VALUES (1, 1, NULL, '{}', '2026-01-01T00:00:00+00:00', NULL, 0, NULL)",
    "INSERT INTO dialogue VALUES (1, 0, 1, '{}', '2026-01-01T00:00:00+00:00')",
    "INSERT INTO job VALUES ('018f0000-0000-7000-8000-000000000001', 'crm', 'k', '{}', 'ready', '2026-01-01T00:00:00+00:00', 0, NULL, NULL, NULL)",
    "INSERT INTO outbox VALUES ('018f0000-0000-7000-8000-000000000001', 1, NULL, NULL, '{}', NULL, 'ready', '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00', 0, NULL, NULL, NULL)",
    "INSERT INTO lease VALUES ('l', 'h', '2026-01-01T00:00:00+00:00')",
    "INSERT INTO approval VALUES ('018f0000-0000-7000-8000-000000000001', 'n', 'd', '2026-01-01T00:00:00+00:00')",
];

#[rstest]
#[tokio::test]
async fn a_commit_wakes_whoever_waits_in_this_service_and_in_others(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    assert_eq!(test.db.is_sqlite(), engine == Engine::Sqlite);
    let other = test.another().await?;
    for waiting in [test.db.clone(), other] {
        // The other service needs a moment until it listens; then a commit must reach it long before the minute is over.
        let woken = async {
            let mut wakeups = waiting.wakeups();
            wakeups.changed(Duration::from_mins(5)).await;
        };
        let writing = async {
            for n in 0.. {
                let mut tx = test.db.begin().await?;
                tx.dialogue_end(crm::store::DialogueKey { chat: n, thread: 0, user: 0 });
                tx.setting_save("n", &n, at(n)).await?;
                tx.commit().await?;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            anyhow::Ok(())
        };
        tokio::select! {
            () = woken => {}
            wrote = writing => wrote?,
            () = tokio::time::sleep(Duration::from_secs(20)) => anyhow::bail!("nobody was woken"),
        }
    }
    // Without a change it returns when its time is up.
    let quiet = TestDb::new(engine).await?.expect("the engine is there");
    let mut wakeups = quiet.db.wakeups();
    wakeups.changed(Duration::from_millis(1)).await;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_closed_database_says_so_and_a_wrong_address_what_is_wrong(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    test.db.close().await;
    assert!(test.db.begin().await.is_err());
    for url in ["mysql://x", "sqlite", ""] {
        let error = Db::connect(url, &DbOptions::default()).await.expect_err("no such engine");
        assert!(matches!(error, StoreError::Url(_)) && error.to_string().contains("sqlite://"), "{error}");
    }
    let options = DbOptions { patience: Duration::from_secs(2), ..DbOptions::default() };
    let wrong = match engine {
        Engine::Sqlite => test.url.replace("komek.db", "no-folder/komek.db"),
        Engine::Postgres => test.url.replace("komek:", "komek:wrong"),
    };
    let error = Db::connect(&wrong, &options).await.expect_err("it cannot be opened").to_string();
    let advice = match engine {
        Engine::Sqlite => "check that its folder exists",
        Engine::Postgres => "the user or the password in KOMEK_DATABASE_URL is wrong",
    };
    assert!(error.contains(advice), "{error}");
    if engine == Engine::Postgres {
        let missing = test.url.replace("/komek_", "/nowhere_");
        let error = Db::connect(&missing, &options).await.expect_err("no such database").to_string();
        assert!(error.contains("createdb"), "{error}");
    }
    Ok(())
}

/// Whether to try again is read from the engine's code, and so is the advice.
#[rstest]
#[tokio::test]
async fn a_fault_that_may_pass_is_told_from_one_that_will_not(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    match engine {
        Engine::Sqlite => {
            // The first writer holds the file.
            let error = test.impatient().await?.begin().await.err().expect("it is held");
            assert!(error.is_passing() && error.to_string().contains("another program holds"), "{error}");
        }
        Engine::Postgres => {
            // Of this test's database alone: other tests run on the same server.
            let kill = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND state = 'idle in transaction'";
            assert_eq!(test.number(kill).await?, 1);
            let error = tx.inbox_oldest_waiting(1).await.expect_err("the server hung up");
            assert!(error.is_passing(), "{error:?}");
        }
    }
    drop(tx);
    let mut tx = test.db.begin().await?;
    tx.token_create(uuid::Uuid::nil(), "one", crm::domain::person::Role::Auditor, at(0)).await?;
    let twice = tx.token_create(uuid::Uuid::nil(), "two", crm::domain::person::Role::Auditor, at(0)).await;
    assert!(!twice.expect_err("the same row").is_passing());
    assert!(StoreError::Conflict.is_passing());
    Ok(())
}

/// An injected clock gives ids that sort with its time on both engines.
#[test]
fn ids_follow_the_injected_clock() {
    let clock = crm::clock::ManualClock::new(at(0));
    let first = clock.id();
    clock.advance(chrono::TimeDelta::milliseconds(1));
    assert!(first < clock.id());
}
