//! Servers that are away, processes that die, and settings that cannot work.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use crm::domain::decide::Command;
use crm::mail::{MailError, Security};
use komek_tests::desk::engineer;
use komek_tests::engine::Engine;
use rstest::rstest;
use uuid::Uuid;

use crate::post::{Draft, Post};

const AIGERIM: &str = "aigerim@acme.example";

fn draft(text: &str) -> Draft<'_> {
    Draft { from: AIGERIM, subject: "Сұрақ", text, headers: String::new() }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_leaves_its_work_to_the_next(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(post) = Post::new(engine).await? else { return Ok(()) };
    let second = post.another("second", |_| ())?;
    post.sends(draft("бір")).await?;
    assert_eq!(post.mail.fetch().await?, 1);
    // One process reads; when it says nothing for a while, another does, and goes on where it stopped.
    post.sends(draft("екі")).await?;
    assert_eq!(second.fetch().await?, 0, "the first still has the mailbox");
    post.desk.clock.advance(TimeDelta::minutes(3));
    assert_eq!(second.fetch().await?, 1);
    assert_eq!(post.tickets().await?, 2);
    // Without any memory of its place, it reads what is unread, and knows what it has seen.
    post.desk.test.tamper("DELETE FROM setting WHERE key LIKE 'mail_place%'").await?;
    assert_eq!(second.fetch().await?, 0, "all is marked as read");

    // It leased the acknowledgements and died before, or after, it sent them: the next sends them under the same Message-ID.
    let now = crm::clock::Clock::now(&*post.desk.clock);
    let mut tx = post.desk.test.db.begin().await?;
    let claimed = tx.mail_claim("dead", now, now + TimeDelta::minutes(10), 10).await?;
    tx.commit().await?;
    assert_eq!(claimed.len(), 2);
    assert_eq!(post.mail.send_due().await?, 0, "they are leased");
    post.desk.clock.advance(TimeDelta::minutes(11));
    let got = post.got(AIGERIM, 2).await?;
    let mut ids: Vec<Uuid> =
        got.iter().filter_map(|(_, l)| crm::mail::letter::id_of(&l.message_id)).collect();
    ids.sort_unstable();
    assert_eq!(ids, claimed.iter().map(|c| c.id).collect::<Vec<_>>());
    Ok(())
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn while_a_server_is_away_nothing_is_lost_and_the_engineer_sees_that_it_waits(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(post) = Post::new(engine).await? else { return Ok(()) };
    post.sends(draft("бір")).await?;
    post.mail.fetch().await?;
    let closed = komek_tests::services::free_port()?;
    let away = post.another("away", |c| (c.smtp_port, c.imap_port) = (closed, closed))?;
    assert!(matches!(away.fetch().await, Ok(0) | Err(MailError::Mailbox(_))));
    assert_eq!(away.send_due().await?, 1);
    let ticket = post.ticket(1).await?;
    let mut tx = post.desk.test.db.begin().await?;
    let waits = tx.outbox_deliveries(ticket.id).await?;
    assert_eq!((waits[0].state.as_str(), waits[0].attempts), ("ready", 1));
    drop(tx);
    assert_eq!(post.mail.send_due().await?, 0, "not at once again");
    post.desk.clock.advance(TimeDelta::seconds(11));
    post.got(AIGERIM, 1).await?;

    // A wrong password is our fault, not the mail's.
    let wrong = post.another("wrong", |c| {
        (c.smtp_password, c.imap_password) = (Some("no".into()), Some("no".into()));
    })?;
    post.desk.clock.advance(TimeDelta::minutes(3));
    let error = wrong.fetch().await.expect_err("refused").to_string();
    assert!(error.contains("KOMEK_MAIL_IMAP_PASSWORD") && !error.contains("\"no\""), "{error}");
    post.desk.write(ticket.id, Command::Answer, &engineer("arman")).await?;
    wrong.send_due().await?;
    assert_eq!(post.desk.test.number("SELECT COUNT(*) FROM mail_out WHERE state = 'failed'").await?, 0);
    post.desk.clock.advance(TimeDelta::minutes(1));
    post.got(AIGERIM, 2).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_protection_works_and_a_foreign_certificate_does_not() -> Result<()> {
    let Some(post) = Post::new(Engine::Sqlite).await? else { return Ok(()) };
    post.sends(draft("бір")).await?;
    let starttls = post.another("first", |c| {
        (c.imap_port, c.imap_security) = (post.servers.imap, Security::Starttls);
        (c.smtp_port, c.smtp_security) = (post.servers.smtp, Security::Starttls);
        (c.smtp_user, c.smtp_password) = (None, None);
    })?;
    assert_eq!(starttls.fetch().await?, 1);
    assert_eq!(starttls.send_due().await?, 1);
    post.servers.wait_for(AIGERIM, 1).await?;
    let unknown = post.another("first", |c| c.ca_file = None)?;
    let error = unknown.fetch().await.expect_err("nobody vouches for it").to_string();
    assert!(error.contains("TLS"), "{error}");
    Ok(())
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn without_outgoing_mail_the_bot_tells_him(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(post) = Post::new(engine).await? else { return Ok(()) };
    let deaf = post.another("deaf", |c| (c.smtp_host, c.smtp_user, c.smtp_password) = (None, None, None))?;
    post.sends(draft("бір")).await?;
    assert_eq!(deaf.fetch().await?, 1);
    assert_eq!(deaf.send_due().await?, 1);
    assert_eq!(post.desk.waiting(post.ticket(1).await?.id).await?["notice"], 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_cannot_work_say_what_to_do() -> Result<()> {
    let Some(post) = Post::new(Engine::Sqlite).await? else { return Ok(()) };
    let refused = |change: fn(&mut crm::mail::MailConfig)| {
        let error = post.another("x", change).err().context("refused");
        error.map(|e| e.to_string())
    };
    for (error, words) in [
        (refused(|c| c.address = None)?, "KOMEK_MAIL_ADDRESS"),
        (refused(|c| c.address = Some("support".to_owned()))?, "looks like"),
        (refused(|c| c.imap_password = None)?, "KOMEK_MAIL_IMAP_PASSWORD"),
        (refused(|c| c.smtp_user = None)?, "belong together"),
        (refused(|c| (c.imap_host, c.smtp_host) = (None, None))?, "neither"),
        (
            refused(|c| (c.imap_host, c.imap_security) = (Some("mx.example".to_owned()), Security::None))?,
            "in the clear",
        ),
    ] {
        assert!(error.contains(words), "{words}: {error}");
    }
    Ok(())
}
