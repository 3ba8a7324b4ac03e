//! Large, broken and hostile mails.

use anyhow::{Context, Result};
use komek_tests::engine::Engine;
use rstest::rstest;

use crate::post::Post;

const AIGERIM: &str = "aigerim@acme.example";

fn part(name: &str, body: &[u8]) -> String {
    // Lines as long as mail allows; letters only, so no encoding is needed.
    let mut text = format!(
        "--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\r\n"
    );
    for line in body.chunks(900) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push_str("\r\n");
    }
    text
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_five_megabytes_the_words_are_kept_and_the_file_is_refused_politely(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(post) = Post::new(engine).await? else { return Ok(()) };
    let (dump, log) = (vec![b'x'; 25 << 20], b"one line".to_vec());
    let raw = format!(
        "From: <{AIGERIM}>\r\nSubject: Dump\r\nMessage-ID: <big@client.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee the dump\r\n{}{}--b--\r\n",
        part("dump.bin", &dump),
        part("log.txt", &log),
    );
    post.sends_raw(AIGERIM, raw.as_bytes()).await?;
    assert_eq!(post.mail.fetch().await?, 1);
    let ticket = post.ticket(1).await?;
    let said = post.talk(&ticket).await?;
    assert_eq!(said[0].body, "Dump\n\nSee the dump");
    let names: Vec<_> = said[0].attachments.iter().filter_map(|a| a.name.as_deref()).collect();
    assert_eq!(names, ["dump.bin", "log.txt"]);
    let mut tx = post.desk.test.db.begin().await?;
    let dump = tx.file_fetch(said[0].id, 0).await?.context("noted")?;
    assert_eq!((dump.state.as_str(), dump.body, dump.error.as_deref()), ("failed", None, Some("too large")));
    let log = tx.file_fetch(said[0].id, 1).await?.context("noted")?;
    assert_eq!((log.state.as_str(), log.body.as_deref()), ("stored", Some(&b"one line"[..])));
    drop(tx);
    // The acknowledgement, and what could not be kept.
    let got = post.got(AIGERIM, 2).await?;
    assert!(
        got.iter().any(|(_, letter)| letter.text.contains("dump.bin") && letter.text.contains("10 МБ")),
        "{got:?}"
    );
    Ok(())
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn broken_and_hostile_mails_are_tickets_all_the_same(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(post) = Post::new(engine).await? else { return Ok(()) };
    let head = format!("From: \"<script>alert(1)</script>\" <{AIGERIM}>\r\nSubject: =?utf-8?B?broken");
    let mails = [
        format!("{head}\r\n\r\nno type"),
        format!("{head}\r\nContent-Type: multipart/mixed; boundary=\"x\r\n\r\n--y\r\n--x--"),
        format!(
            "{head}\r\nContent-Type: text/html; charset=koi8-does-not-exist\r\n\r\n<p onload=x()>Сәлем</p><script>alert(2)</script>"
        ),
        format!(
            "{head}\r\nContent-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!"
        ),
        format!("{head}\r\n{}\r\n\r\nmany headers", "X-Long: y\r\n".repeat(5_000).trim_end()),
    ];
    for raw in &mails {
        post.sends_raw(AIGERIM, raw.as_bytes()).await?;
    }
    assert_eq!(post.mail.fetch().await?, mails.len());
    assert_eq!(post.tickets().await?, 5);
    let third = post.ticket(3).await?;
    let words = &post.talk(&third).await?[0].body;
    assert!(words.contains("Сәлем") && !words.contains("alert(2)"), "{words}");
    assert!(post.got(AIGERIM, 5).await?.iter().all(|(_, letter)| letter.number.is_some()));
    Ok(())
}
