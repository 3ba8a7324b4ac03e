//! Codes that prove who asks for a password: they arrive, once, and lie open nowhere.

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use crm::clock::Clock;
use crm::domain::ids::ContactId;
use crm::seal::bot_key;
use crm::step_up::{self, Answer};
use komek_tests::engine::Engine;
use rstest::rstest;
use secrecy::SecretString;
use uuid::Uuid;

use crate::post::Post;

const AIGERIM: &str = "aigerim@acme.example";
const ACCOUNT: i64 = 200_001;

fn bot() -> crm::seal::Key {
    bot_key(&SecretString::from("42:telegram-token".to_owned()))
}

/// Aigerim asks for a code.
async fn asks(post: &Post) -> Result<Uuid> {
    let (id, now) = (post.desk.clock.id(), post.desk.clock.now());
    let mut tx = post.desk.test.db.begin().await?;
    tx.bot_key_save(&bot().public(), now).await?;
    ensure!(step_up::ask(&mut tx, id, &ContactId::from("aigerim"), ACCOUNT, now).await?);
    tx.commit().await?;
    Ok(id)
}

/// What becomes of a code she types.
async fn types(post: &Post, id: Uuid, code: &str) -> Result<Answer> {
    let mut tx = post.desk.test.db.begin().await?;
    let asked = (id, &ContactId::from("aigerim"), ACCOUNT);
    let answer = step_up::check(&mut tx, &bot(), asked, code, post.desk.clock.now()).await?;
    tx.commit().await?;
    Ok(answer)
}

/// The line of a mail that is a code.
fn code(text: &str) -> Option<String> {
    text.lines().find_map(step_up::typed)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_code_arrives_at_the_directorys_address_and_opens_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(post) = Post::new(engine).await? else { return Ok(()) };
    post.mail.tell_whether().await?;
    let mut tx = post.desk.test.db.begin().await?;
    let channel = step_up::channel(&mut tx, &ContactId::from("aigerim")).await?;
    assert_eq!(channel.as_deref(), Some("a•••@acme.example"));
    assert_eq!(step_up::channel(&mut tx, &ContactId::from("nora")).await?, None, "she has no address");
    drop(tx);
    let id = asks(&post).await?;
    assert_eq!(post.mail.send_codes().await?, 1);
    assert_eq!(post.mail.send_codes().await?, 0);
    let got = post.got(AIGERIM, 1).await?;
    let (source, letter) = &got[0];
    let code = code(&letter.text).context("a code")?;
    assert!(source.contains("Auto-Submitted: auto-generated"), "{source}");
    assert!(!letter.subject.contains(&code), "subjects stand on locked screens");
    for words in ["Сәлеметсіз бе, Айгерім", "10 минут", "+7 (747) 507 3022"] {
        assert!(letter.text.contains(words), "{words}: {}", letter.text);
    }
    for table in ["step_up", "mail_out", "outbox", "job", "event", "setting"] {
        let whole = match engine {
            Engine::Sqlite => format!("SELECT json_group_array(json_array({})) FROM {table}", columns(table)),
            Engine::Postgres => format!("SELECT CAST(t AS TEXT) FROM {table} t"),
        };
        let all = post.desk.test.texts(&whole).await?.concat();
        assert!(!all.contains(&code), "{table} has the code");
    }
    assert_eq!(types(&post, id, &code).await?, Answer::Right);
    assert_eq!(types(&post, id, &code).await?, Answer::Over, "once");
    Ok(())
}

/// The columns in which a code could stand.
fn columns(table: &str) -> &str {
    match table {
        "step_up" => "digest, salt, contact_id",
        "mail_out" => "what, address, error",
        "outbox" | "job" => "payload",
        "event" => "event",
        _ => "value",
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_tried_for_a_while_and_then_he_is_told(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(post) = Post::new(engine).await? else { return Ok(()) };
    let closed = komek_tests::services::free_port()?;
    let away = post.another("away", |c| c.smtp_port = closed)?;
    let id = asks(&post).await?;
    assert_eq!(away.send_codes().await?, 1);
    assert_eq!(away.send_codes().await?, 0, "not at once again");
    // It comes back: another code is drawn and arrives.
    post.desk.clock.advance(TimeDelta::seconds(10));
    assert_eq!(post.mail.send_codes().await?, 1);
    let got = post.got(AIGERIM, 1).await?;
    let code = code(&got[0].1.text).context("a code")?;
    assert_eq!(types(&post, id, &code).await?, Answer::Right);

    let id = asks(&post).await?;
    for _ in 0..4 {
        assert_eq!(away.send_codes().await?, 1);
        post.desk.clock.advance(TimeDelta::seconds(10));
    }
    assert_eq!(away.send_codes().await?, 0, "given up");
    assert_eq!(types(&post, id, "000000").await?, Answer::NotSent);

    // Where no mail is sent from, the bot is told so and offers no code.
    let deaf = post.another("deaf", |c| (c.smtp_host, c.smtp_user, c.smtp_password) = (None, None, None))?;
    post.mail.tell_whether().await?;
    deaf.tell_whether().await?;
    let mut tx = post.desk.test.db.begin().await?;
    assert_eq!(step_up::channel(&mut tx, &ContactId::from("aigerim")).await?, None);
    drop(tx);
    asks(&post).await?;
    assert_eq!(deaf.send_codes().await?, 0);
    Ok(())
}
