//! Machines that answer machines.

use anyhow::Result;
use komek_tests::engine::Engine;
use rstest::rstest;

use crate::post::{Draft, Post};

const ROBOT: &str = "robot@other.example";
const NOISY: &str = "noisy@other.example";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn machines_are_not_answered_and_open_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(post) = Post::new(engine).await? else { return Ok(()) };
    for headers in
        ["Auto-Submitted: auto-replied\r\n", "Precedence: bulk\r\n", "List-Id: <l.other.example>\r\n"]
    {
        post.sends(Draft {
            from: ROBOT,
            subject: "Out of office",
            text: "I am away",
            headers: headers.to_owned(),
        })
        .await?;
    }
    let plain = |from| Draft { from, subject: "Hello", text: "I am away", headers: String::new() };
    post.sends_raw("", plain(ROBOT).raw().as_bytes()).await?;
    post.sends(plain("support@komek.example")).await?;
    assert_eq!(post.mail.fetch().await?, 5);
    assert_eq!((post.tickets().await?, post.mail.send_due().await?), (0, 0));
    assert_eq!(post.servers.mailbox(ROBOT)?.len(), 0);
    assert_eq!(post.desk.test.number("SELECT COUNT(*) FROM mail_in WHERE outcome = 'automatic'").await?, 5);
    Ok(())
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_that_does_not_say_so_is_answered_a_few_times_and_nothing_is_lost(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(post) = Post::new(engine).await? else { return Ok(()) };
    for n in 0..12 {
        let text = format!("Thank you for your mail number {n}, a colleague will look at it");
        post.sends(Draft { from: NOISY, subject: "Ticket received", text: &text, headers: String::new() })
            .await?;
    }
    assert_eq!(post.mail.fetch().await?, 12);
    assert_eq!(post.tickets().await?, 5, "then they stay together");
    assert_eq!(post.desk.test.number("SELECT COUNT(*) FROM message").await?, 12);
    post.got(NOISY, 5).await?;
    // An hour later he is a person again; the answers to the earlier ones are counted no more.
    post.desk.clock.advance(chrono::TimeDelta::minutes(61));
    post.sends(Draft { from: NOISY, subject: "New", text: "A real question", headers: String::new() })
        .await?;
    post.mail.fetch().await?;
    assert_eq!(post.tickets().await?, 6);
    post.got(NOISY, 6).await?;
    Ok(())
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_comes_back_is_told_to_the_desk_and_answered_by_nobody(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(post) = Post::new(engine).await? else { return Ok(()) };
    post.sends(Draft {
        from: "gone@other.example",
        subject: "Hi",
        text: "How much is it?",
        headers: String::new(),
    })
    .await?;
    post.mail.fetch().await?;
    post.mail.send_due().await?;
    // The mail server takes the acknowledgement, then sends it back as a bounce.
    post.servers.wait_for("support@komek.example", 1).await?;
    assert_eq!(post.mail.fetch().await?, 1);
    let ticket = post.ticket(1).await?;
    assert_eq!(post.tickets().await?, 1);
    let mut tx = post.desk.test.db.begin().await?;
    let sent = tx.outbox_deliveries(ticket.id).await?;
    assert_eq!(sent[0].state, "failed", "{sent:?}");
    assert!(tx.outbox_failure(ticket.id).await?.is_some());
    drop(tx);
    assert_eq!(post.desk.waiting(ticket.id).await?["undelivered"], 1);
    assert_eq!(post.mail.send_due().await?, 0);
    Ok(())
}
