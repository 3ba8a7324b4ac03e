//! What the world puts in the way: a locked database, one that goes away, a full disk, wrong settings. Each is named with what to do, and
//! nothing that was written is lost. (Mistakes in terms and directories: `crm/tests/cli`. Forged buttons: `bot/tests/it` and the fuzz test.)

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use komek_tests::engine::TestDb;
use komek_tests::lab::{absent, postgres};
use komek_tests::plain::{Plain, Post};
use komek_tests::services::{Programs, free_port};
use sqlx::{Connection, Executor, SqliteConnection};

const AIGERIM: i64 = 200_001;
const BORIS: i64 = 200_002;
const LIMIT: Duration = Duration::from_mins(1);
const HANDLED: &str = "SELECT COUNT(*) FROM inbox WHERE done_at IS NOT NULL AND error IS NULL";

/// Somebody else holds the database: the bot says who and waits, Telegram keeps what came, and it is handled when the file is free.
#[tokio::test]
async fn a_locked_database_is_waited_for() -> Result<()> {
    let Some(post) = Post::new(Plain::start(|_| None).await?).await? else { return Ok(()) };
    let mut bot = post.start_bot().await?;
    let mut other = SqliteConnection::connect(&post.test.url).await?;
    other.execute("BEGIN IMMEDIATE").await?;
    post.api.says(AIGERIM, "/menu");
    let advice = "another program holds the database file; close it, or wait and try again";
    let (logged, invited) =
        tokio::join!(bot.says(advice, LIMIT), post.programs.run("komek-crm", &["invite", "aigerim"]));
    logged?;
    let said = invited?.badly()?;
    ensure!(said.contains(advice), "{said}");
    ensure!(post.api.unconfirmed() == 1, "an update that is not stored must not be confirmed");
    other.execute("ROLLBACK").await?;
    post.api.wait_for("the menu", |c| c.chat() == Some(AIGERIM)).await?;
    post.until(HANDLED, 1).await?;
    post.programs.run("komek-crm", &["invite", "aigerim"]).await?.well()?;
    ensure!(bot.stop().await?.success());
    Ok(())
}

/// PostgreSQL is stopped under the running services and comes back: nobody has to start anything again, nothing is lost.
#[tokio::test]
async fn a_server_that_goes_away_and_comes_back_costs_nothing() -> Result<()> {
    let Some(mut server) = postgres::Cluster::start()? else { return Ok(()) };
    let test = TestDb::at(&server.database().await?).await?;
    let Some(mut post) = Post::on(Plain::start(|_| None).await?, test).await? else { return Ok(()) };
    let web = free_port()?;
    post.programs = post.programs.with("KOMEK_WEB_LISTEN", &format!("127.0.0.1:{web}"));
    let mut crm = post.programs.start("komek-crm", &["serve"])?;
    let mut bot = post.start_bot().await?;
    post.api.asks(AIGERIM, "Бірінші сұрақ").await?;
    let ready = || async move {
        let answer = reqwest::get(format!("http://127.0.0.1:{web}/readyz")).await;
        answer.map_or(0, |a| a.status().as_u16())
    };
    server.stop()?;
    for n in 0..20 {
        post.api.says(AIGERIM, &format!("{n}: сұрақ"));
    }
    bot.says("updates cannot be stored; Telegram keeps them, trying again", LIMIT).await?;
    bot.says("standing by", LIMIT).await?;
    ensure!(ready().await == 503, "a crm without its database is not ready");
    ensure!(post.api.unconfirmed() == 20);
    ensure!(post.programs.run("komek-crm", &["doctor"]).await?.badly()?.contains("is the database"));
    server.start_again()?;
    post.until(HANDLED, 3 + 20).await?;
    post.api.asks(BORIS, "Второй вопрос").await?;
    ensure!(post.test.number("SELECT COUNT(*) FROM ticket").await? == 2);
    post.until("SELECT COUNT(*) FROM outbox WHERE state IN ('ready', 'claimed')", 0).await?;
    let begun = std::time::Instant::now();
    while ready().await != 200 {
        ensure!(begun.elapsed() < LIMIT, "the crm is not ready again:\n{}", crm.last_words());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    ensure!(bot.stop().await?.success() && crm.stop().await?.success());
    Ok(())
}

/// A disk of a few megabytes; it goes with the value.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// `None` if this machine does not let us (see [`absent`]).
    fn new() -> Result<Option<Self>> {
        let folder = tempfile::tempdir()?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
            .arg(folder.path())
            .output()
            .context("mount")?;
        if !mounted.status.success() {
            let why = String::from_utf8_lossy(&mounted.stderr).into_owned();
            return absent("a small disk (tmpfs; needs root)", why.trim());
        }
        Ok(Some(Self { folder }))
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Fills it to the last byte; returns what fills it.
    fn fill(&self) -> Result<PathBuf> {
        let ballast = self.path().join("ballast");
        let mut file = std::fs::File::create(&ballast)?;
        for block in [vec![0u8; 65_536], vec![0u8; 512], vec![0u8; 1]] {
            while file.write_all(&block).is_ok() {}
        }
        Ok(ballast)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a program of a failed test may hold it for a moment longer.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

/// The disk is full: the bot says so, Telegram keeps what came, and it is handled once there is room.
#[tokio::test]
async fn a_full_disk_loses_nothing() -> Result<()> {
    let Some(disk) = SmallDisk::new()? else { return Ok(()) };
    let test = TestDb::at(&format!("sqlite://{}", disk.path().join("komek.db").display())).await?;
    let Some(post) = Post::on(Plain::start(|_| None).await?, test).await? else { return Ok(()) };
    let mut bot = post.start_bot().await?;
    post.api.asks(AIGERIM, "Бірінші сұрақ").await?;
    post.until("SELECT COUNT(*) FROM outbox WHERE state IN ('ready', 'claimed')", 0).await?;
    let ballast = disk.fill()?;
    post.api.says(AIGERIM, &"Диск толды! ".repeat(300));
    // Whether SQLite notices at a page or at its shared memory is its business.
    let advice = "the disk is full";
    bot.says(advice, LIMIT).await?;
    let said = post.programs.run("komek-crm", &["invite", "aigerim"]).await?.badly()?;
    ensure!(said.contains(advice), "{said}");
    let handled = post.test.number(HANDLED).await?;
    ensure!(handled == 3 && post.api.unconfirmed() > 0, "{handled} handled, {} kept", post.api.unconfirmed());
    std::fs::remove_file(ballast)?;
    post.until(HANDLED, 4).await.with_context(|| bot.last_words())?;
    let asked =
        |c: &komek_tests::plain::Called| c.params["text"].as_str().is_some_and(|t| t.contains("Диск толды!"));
    let _ = post.api.wait_for("an answer", |c| c.button(":kquestion").is_some() || asked(c)).await?;
    post.api.asks(BORIS, "Второй вопрос").await?;
    ensure!(bot.stop().await?.success());
    Ok(())
}

/// Wrong settings end a service at once, with the setting named, what to write instead, and no secret repeated.
#[tokio::test]
async fn wrong_settings_are_named() -> Result<()> {
    let Some(post) = Post::new(Plain::start(|_| None).await?).await? else { return Ok(()) };
    let good = &post.programs;
    let wrong = |name: &str, value: &str| good.with(name, value);
    let without = |name: &str| good.without(name);
    let cases: Vec<(&str, Programs, &[&str])> = vec![
        ("komek-bot", without("KOMEK_TELEGRAM_TOKEN"), &["KOMEK_TELEGRAM_TOKEN", "@BotFather"]),
        ("komek-bot", wrong("KOMEK_TELEGRAM_TOKEN", "hidden"), &["KOMEK_TELEGRAM_TOKEN", "123456:ABC"]),
        ("komek-bot", wrong("KOMEK_TELEGRAM_API_URL", "nowhere"), &["KOMEK_TELEGRAM_API_URL", "URL"]),
        ("komek-bot", wrong("KOMEK_TELEGRAM_DESK_CHAT", "desk"), &["KOMEK_TELEGRAM_DESK_CHAT", "desk"]),
        ("komek-bot", wrong("KOMEK_TELEGRAM_DESK_LANGUAGE", "tr"), &["KOMEK_TELEGRAM_DESK_LANGUAGE", "kk"]),
        ("komek-bot", wrong("KOMEK_TELEGRAM_TOKKEN", "1:hidden"), &["KOMEK_TELEGRAM_TOKKEN"]),
        (
            "komek-bot",
            wrong("KOMEK_TELEGRAM_WEBHOOK_SECRET", "7777777"),
            &["KOMEK_TELEGRAM_WEBHOOK_SECRET", "quotes"],
        ),
        ("komek-bot", wrong("KOMEK_LOG_FILTER", "komek=loudly"), &["KOMEK_LOG_FILTER", "loudly"]),
        ("komek-bot", wrong("KOMEK_CONFIG", "nowhere.toml"), &["KOMEK_CONFIG", "nowhere.toml", "not a file"]),
        (
            "komek-bot",
            wrong("KOMEK_DATABASE_URL", "mysql://u:hidden@h/d"),
            &["KOMEK_DATABASE_URL", "sqlite://"],
        ),
        ("komek-bot", wrong("KOMEK_DATABASE_CONNECTIONS", "many"), &["KOMEK_DATABASE_CONNECTIONS", "many"]),
        (
            "komek-bot",
            wrong("KOMEK_DATABASE_CONNECTIONS", "0"),
            &["KOMEK_DATABASE_CONNECTIONS", "at least 1"],
        ),
        (
            "komek-provisioner",
            wrong("KOMEK_PROVISIONER_OBSERVE_SECONDS", "0"),
            &["KOMEK_PROVISIONER_OBSERVE_SECONDS"],
        ),
        (
            "komek-provisioner",
            wrong("KOMEK_PROVISIONER_CALL_TIMEOUT_SECONDS", "-1"),
            &["KOMEK_PROVISIONER_CALL_TIMEOUT_SECONDS"],
        ),
        ("komek-crm", wrong("KOMEK_WEB_LISTEN", "8080"), &["KOMEK_WEB_LISTEN"]),
        ("komek-crm", wrong("KOMEK_POLICY_DIR", "nowhere"), &["nowhere"]),
    ];
    let mut problems = Vec::new();
    for (program, programs, expected) in cases {
        let arguments: &[&str] = if program == "komek-crm" { &["serve"] } else { &[] };
        let logged = post.logged(program);
        let mut running = programs.start(program, arguments)?;
        let code = match running.wait(LIMIT).await {
            Ok(status) => status.code(),
            Err(_) => None,
        };
        let told = running.logged().get(logged.len()..).unwrap_or_default().to_owned();
        if code != Some(1)
            || !expected.iter().all(|word| told.contains(word))
            || told.contains("hidden")
            || told.contains("7777777")
        {
            problems.push(format!("{program} {expected:?}: {code:?} {told}"));
        }
    }
    ensure!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(())
}
