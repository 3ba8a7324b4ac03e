//! Attachments: fetched by the bot from Telegram, handed out by the console as downloads and as nothing else.

use std::time::Duration;

use anyhow::{Context, Result};
use bot::telegram::Api;
use crm::domain::decide::Command;
use crm::domain::kind::Kind;
use crm::service::Words;
use crm::store::{Attachment, Side};
use komek_tests::console::Console;
use komek_tests::desk::contact;
use komek_tests::engine::Engine;
use komek_tests::town::TOKEN;
use rstest::rstest;
use sandbox::{Config, Person, Sandbox};
use secrecy::SecretString;

const LIE: &[u8] = b"<html><script>alert(document.cookie)</script></html>";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_from_telegram_and_is_saved_whatever_it_says_it_is(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(console) = Console::new(engine).await? else { return Ok(()) };
    let sandbox = Sandbox::start(Config { patience: Duration::from_mins(1), ..Config::default() }).await?;
    sandbox.add_bot(TOKEN, "komek_town_bot")?;
    let aigerim = sandbox.add_person(Person::new(200_001, "Айгерім"))?;
    let api = Api::new(&sandbox.url().parse()?, &SecretString::from(TOKEN))?;
    aigerim.start("")?;
    aigerim.document("есеп.pdf", LIE)?;
    let updates = api.updates(0, Duration::from_secs(5)).await?;
    let sent = updates.iter().find_map(|update| {
        let update: serde_json::Value = serde_json::from_str(update.get()).ok()?;
        update["message"]["document"]["file_id"].as_str().map(str::to_owned)
    });
    let file = |file_id: Option<String>| Attachment {
        kind: "document".to_owned(),
        file_id,
        name: Some("есеп.pdf".to_owned()),
        size: None,
        source: None,
    };
    let attachments = vec![file(sent), file(Some("gone".to_owned())), file(None)];
    let desk = &console.desk;
    let ticket = desk.open("aigerim", Kind::Question).await?;
    let other = desk.open("boris", Kind::Question).await?;
    let words = (Side::Customer, Words { text: String::new(), attachments });
    let mut tx = desk.test.db.begin().await?;
    desk.service.write(&mut tx, ticket.id, words, Command::Write, &contact("aigerim")).await?;
    tx.commit().await?;
    let messages = desk.test.db.read().await?.messages(ticket.id, true).await?;
    let message = messages.iter().find(|m| !m.attachments.is_empty()).context("the message")?.id;

    let browser = console.browser("nurlan").await?;
    let path = format!("/tickets/{}/files/{message}", ticket.number);
    let coming = browser.get(&format!("{path}/0")).await?;
    assert_eq!((coming.status, coming.headers["refresh"].to_str()?), (202, "2"), "{}", coming.body);
    assert_eq!(browser.get(&format!("{path}/1")).await?.status, 202);
    while bot::files::step(&api, &desk.test.db, &desk.service).await? {}
    let saved = browser.get(&format!("{path}/0")).await?;
    assert_eq!((saved.status, saved.body.as_bytes()), (200, LIE));
    assert_eq!(saved.headers["content-type"], "application/octet-stream");
    assert_eq!(saved.headers["x-content-type-options"], "nosniff");
    let disposition = saved.headers["content-disposition"].to_str()?;
    assert!(disposition.starts_with("attachment; filename*=UTF-8''%D0%B5"), "{disposition}");
    assert!(saved.headers["content-security-policy"].to_str()?.starts_with("sandbox"));

    assert_eq!(browser.get(&format!("{path}/1")).await?.status, 502, "Telegram has no such file");
    assert_eq!(browser.get(&format!("{path}/1")).await?.status, 202, "it is asked for again");
    for wrong in
        [format!("{path}/2"), format!("{path}/9"), format!("/tickets/{}/files/{message}/0", other.number)]
    {
        assert_eq!(browser.get(&wrong).await?.status, 404, "{wrong}");
    }
    Ok(())
}
