//! Any Bot API server: one that lacks methods, one that does not know the token, one that is not there; and webhooks.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use komek_tests::plain::{Called, DESK, Plain, Post, TOKEN, private, refusal};
use komek_tests::services::free_port;
use rstest::rstest;
use serde_json::json;

use crate::{AIGERIM, LIMIT};

/// What a server must have. Without the rest the bot warns, and works.
const NEEDED: [&str; 3] = ["getMe", "getUpdates", "sendMessage"];

#[tokio::test]
async fn a_server_without_optional_methods_is_enough() -> Result<()> {
    let lacks = |call: &Called| (!NEEDED.contains(&call.method.as_str())).then(|| refusal(404, "Not Found"));
    let Some(post) = Post::new(Plain::start(lacks).await?).await? else { return Ok(()) };
    let mut bot = post.start_bot().await?;
    let number = post.api.asks(AIGERIM, "Есепшот керек").await?;
    let card =
        |c: &Called| c.chat() == Some(DESK) && c.params["text"].as_str().is_some_and(|t| t.contains(&number));
    post.api.wait_for("the card", card).await?;
    ensure!(bot.logged().contains("the command menus could not be set; the bot works without them"));
    // What would be an edit becomes a message.
    let menu = post.api.wait_for("the menu", |c| c.button(":question").is_some()).await?;
    let before = post.api.calls().len();
    post.api.presses(AIGERIM, &menu.button(":question").context("a button")?);
    post.api.wait_for("the edit", |c| c.method == "editMessageText").await?;
    post.until("SELECT COUNT(*) FROM outbox WHERE state IN ('ready', 'claimed', 'failed')", 0).await?;
    let said = post.api.calls().into_iter().skip(before);
    ensure!(said.filter(|c| c.method == "sendMessage" && c.chat() == Some(AIGERIM)).count() == 1);
    ensure!(bot.stop().await?.success());
    Ok(())
}

/// A wrong token ends the bot at once, with what to do and without the token.
#[rstest]
#[case::unknown(401, "check KOMEK_TELEGRAM_TOKEN")]
#[case::without_a_proper_form(404, "check KOMEK_TELEGRAM_TOKEN")]
#[tokio::test]
async fn a_token_that_is_refused_ends_the_bot(#[case] code: u16, #[case] told: &str) -> Result<()> {
    let api = Plain::start(move |_| Some(refusal(code, "no"))).await?;
    let Some(post) = Post::new(api).await? else { return Ok(()) };
    let said = post.programs.run("komek-bot", &[]).await?.badly()?;
    ensure!(said.contains(told) && !said.contains(TOKEN), "{said}");
    Ok(())
}

/// Telegram out of reach: the bot says so and waits; told to stop, it stops; and when Telegram is back it works.
#[tokio::test]
async fn a_server_that_is_not_there_is_waited_for() -> Result<()> {
    let Some(post) = Post::new(Plain::start(|_| None).await?).await? else { return Ok(()) };
    let nowhere = format!("http://127.0.0.1:{}", free_port()?);
    let mut bot = post.programs.with("KOMEK_TELEGRAM_API_URL", &nowhere).start("komek-bot", &[])?;
    bot.says("Telegram cannot be reached; trying again", LIMIT).await?;
    ensure!(!bot.logged().contains(TOKEN));
    ensure!(bot.stop().await?.success());

    let down = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let is_down = down.clone();
    let rule = move |_: &Called| {
        is_down.load(std::sync::atomic::Ordering::Relaxed).then(|| refusal(502, "Bad Gateway"))
    };
    let api = Plain::start(rule).await?;
    let bot = post.programs.with("KOMEK_TELEGRAM_API_URL", &api.url()).start("komek-bot", &[])?;
    api.says(AIGERIM, "/menu");
    api.wait_for("a second try", |c| c.method == "getMe").await?;
    bot.says("trying again", LIMIT).await?;
    down.store(false, std::sync::atomic::Ordering::Relaxed);
    api.wait_for("the menu", |c| c.chat() == Some(AIGERIM)).await?;
    Ok(())
}

/// A token that is revoked while the bot works: nothing is lost, and the log says what to do.
#[tokio::test]
async fn a_revoked_token_is_named_and_nothing_is_lost() -> Result<()> {
    let revoked = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let is_revoked = revoked.clone();
    let rule = move |call: &Called| {
        let now = is_revoked.load(std::sync::atomic::Ordering::Relaxed) && call.method == "sendMessage";
        now.then(|| refusal(401, "Unauthorized"))
    };
    let Some(post) = Post::new(Plain::start(rule).await?).await? else { return Ok(()) };
    let mut bot = post.start_bot().await?;
    revoked.store(true, std::sync::atomic::Ordering::Relaxed);
    post.api.says(AIGERIM, "/menu");
    post.until(
        "SELECT COUNT(*) FROM outbox WHERE attempts > 0 AND error LIKE '%check KOMEK_TELEGRAM_TOKEN%'",
        1,
    )
    .await?;
    revoked.store(false, std::sync::atomic::Ordering::Relaxed);
    bot.kill()?;
    let before = post.api.calls().len();
    let _bot = post.programs.start("komek-bot", &[])?;
    let said = |c: &Called| c.method == "sendMessage" && c.chat() == Some(AIGERIM);
    // Of the one that waits 30 s: a new start need not.
    tokio::time::timeout(LIMIT, async {
        while !post.api.calls().iter().skip(before).any(said) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .context("the menu was never sent")?;
    Ok(())
}

#[tokio::test]
async fn a_webhook_believes_only_who_knows_its_secret() -> Result<()> {
    let Some(post) = Post::new(Plain::start(|_| None).await?).await? else { return Ok(()) };
    let free = free_port()?;
    let hooked = post
        .programs
        .with("KOMEK_TELEGRAM_WEBHOOK_URL", "https://komek.example/telegram")
        .with("KOMEK_TELEGRAM_WEBHOOK_LISTEN", &format!("127.0.0.1:{free}"));
    // Without a secret anybody could forge updates; with one that Telegram refuses, nothing would ever come.
    for secret in ["", "бір құпия"] {
        let said =
            hooked.with("KOMEK_TELEGRAM_WEBHOOK_SECRET", secret).run("komek-bot", &[]).await?.badly()?;
        ensure!(said.contains("a webhook needs KOMEK_TELEGRAM_WEBHOOK_SECRET"), "{said}");
    }
    let hooked = hooked.with("KOMEK_TELEGRAM_WEBHOOK_SECRET", "right-secret_1");
    let taken = std::net::TcpListener::bind(("127.0.0.1", free))?;
    let said = hooked.run("komek-bot", &[]).await?.badly()?;
    ensure!(said.contains("KOMEK_TELEGRAM_WEBHOOK_LISTEN"), "{said}");
    drop(taken);

    let mut bot = hooked.start("komek-bot", &[])?;
    let told = post.api.wait_for("setWebhook", |c| c.method == "setWebhook").await?;
    ensure!(told.params["url"] == "https://komek.example/telegram", "{told:?}");
    ensure!(told.params["secret_token"] == "right-secret_1", "{told:?}");
    let http = reqwest::Client::new();
    let deliver = |secret: Option<&str>, body: String| {
        let request = http.post(format!("http://127.0.0.1:{free}/telegram")).body(body);
        match secret {
            Some(secret) => request.header("X-Telegram-Bot-Api-Secret-Token", secret),
            None => request,
        }
    };
    let update =
        json!({ "update_id": 5, "message": private(AIGERIM, &json!({ "text": "/menu" })) }).to_string();
    for wrong in [None, Some(""), Some("wrong"), Some("right-secret_")] {
        ensure!(deliver(wrong, update.clone()).send().await?.status() == 401, "{wrong:?}");
    }
    ensure!(deliver(Some("right-secret_1"), "{}".to_owned()).send().await?.status() == 400);
    ensure!(post.test.number("SELECT COUNT(*) FROM inbox").await? == 0);
    // Telegram sends again what it believes unanswered.
    for _ in 0..2 {
        ensure!(deliver(Some("right-secret_1"), update.clone()).send().await?.status() == 200);
    }
    post.api.wait_for("the menu", |c| c.chat() == Some(AIGERIM)).await?;
    post.until("SELECT COUNT(*) FROM inbox WHERE done_at IS NOT NULL", 1).await?;
    ensure!(post.api.calls().iter().all(|c| c.method != "getUpdates"), "a bot with a webhook does not poll");
    ensure!(!bot.logged().contains("right-secret_1"));
    ensure!(bot.stop().await?.success());
    Ok(())
}
