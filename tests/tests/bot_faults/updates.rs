//! Updates that come twice, late or in another order, or that nobody has heard of.

use anyhow::{Context, Result, ensure};
use komek_tests::plain::{Plain, Post, person, private};
use komek_tests::town::{Asker, DESK, STAFF};
use sandbox::{FaultKind, FaultSpec};
use serde_json::json;

use crate::{AIGERIM, BORIS, LIMIT, all_handled, town};

#[tokio::test]
async fn updates_that_come_again_or_in_another_order_count_once() -> Result<()> {
    let Some((town, _bot)) = town().await? else { return Ok(()) };
    for (seed, kind) in [FaultKind::DuplicateUpdate, FaultKind::RedeliverUpdate, FaultKind::ReorderUpdate]
        .into_iter()
        .enumerate()
    {
        let spec = FaultSpec { probability: Some(0.5), seed: seed as u64, ..FaultSpec::always(kind) };
        town.sandbox.fault(spec);
    }
    let phone = town.phone(AIGERIM);
    let mut aigerim = Asker::new(phone.clone());
    let mut numbers = Vec::new();
    for n in 0..4 {
        numbers.push(aigerim.ask(&format!("{n}-сұрақ")).await?);
    }
    // Close together, so that they can overtake each other.
    let nurlan = town.phone(STAFF[0].0).at(DESK);
    let card = nurlan.wait_for_text(&numbers[0]).await?;
    for n in 0..10 {
        nurlan.reply(card.id, &format!("{n}-жауап"))?;
    }
    for n in 0..10 {
        phone.wait_for_text(&format!("{n}-жауап")).await?;
    }
    all_handled(&town).await?;
    ensure!(town.count("SELECT COUNT(*) FROM ticket").await? == 4);
    let bodies = town.test.texts("SELECT body FROM message ORDER BY body").await?;
    let expected: Vec<String> =
        (0..10).map(|n| format!("{n}-жауап")).chain((0..4).map(|n| format!("{n}-сұрақ"))).collect();
    let mut expected = expected;
    expected.sort();
    ensure!(bodies == expected, "{bodies:#?}");
    Ok(())
}

/// A hundred messages in a second from one chat: everybody else is answered at once, and none of the hundred is lost.
#[tokio::test]
async fn a_flood_from_one_chat_makes_nobody_wait() -> Result<()> {
    let Some((town, bot)) = town().await? else { return Ok(()) };
    // With Telegram's limits: the flooding chat alone is answered once a second.
    drop(bot);
    let limited = town.programs.with("KOMEK_TELEGRAM_LIMITS", "true");
    let bot = limited.start("komek-bot", &[])?;
    town.sandbox.wait_for_call(|c| c.method == "getUpdates").await?;
    town.sandbox.limits(true);
    let (aigerim, boris) = (town.phone(AIGERIM), town.phone(BORIS));
    for n in 0..100 {
        aigerim.send(format!("{n}: сайт баяу").as_str())?;
    }
    boris.send("/menu")?;
    boris.wait_for(|_| true).await?;
    let behind = town.count(&format!("SELECT COUNT(*) FROM outbox WHERE chat_id = {AIGERIM}")).await?;
    ensure!(behind > 50, "Boris was answered when only {behind} answers to the flood were left");
    all_handled(&town).await?;
    ensure!(town.sandbox.calls("sendMessage").iter().all(|c| c.status == 200), "a limit was broken");
    let kept = town
        .test
        .texts(&format!("SELECT CAST(state AS TEXT) FROM dialogue WHERE chat_id = {AIGERIM}"))
        .await?;
    for n in 0..100 {
        ensure!(kept.iter().any(|text| text.contains(&format!("{n}: сайт баяу"))), "{n} is lost: {kept:#?}");
    }
    drop(bot);
    Ok(())
}

/// Telegram grows. What this bot has never heard of is kept and passed over; a text is read whatever stands beside it.
#[tokio::test]
async fn unknown_updates_entities_and_contents_cost_no_text() -> Result<()> {
    let Some(post) = Post::new(Plain::start(|_| None).await?).await? else { return Ok(()) };
    let _bot = post.start_bot().await?;
    let api = &post.api;
    api.update(json!({ "hologram": { "id": 1, "from": person(AIGERIM) } }));
    api.update(json!({ "message_reaction": { "chat": { "id": AIGERIM, "type": "private" } } }));
    api.update(json!({ "message": private(AIGERIM, &json!({ "telepathy": { "thought": "?" } })) }));
    let nothing_readable = api.wait_for("an answer to the unreadable", |c| c.chat() == Some(AIGERIM)).await?;
    ensure!(nothing_readable.params["text"].as_str().is_some_and(|t| !t.is_empty()));
    // A text with an entity of next year, in a chat of a kind of next year's field.
    let text = "Диск толды 😀\u{200f}\u{0}!";
    let content = json!({ "text": text, "telepathy": true,
        "entities": [{ "type": "time_travel", "offset": 0, "length": 4, "year": 2031 }] });
    api.update(json!({ "message": private(AIGERIM, &content) }));
    let asked = api.wait_for("where it belongs", |c| c.button(":kquestion").is_some()).await?;
    api.presses(AIGERIM, &asked.button(":kquestion").context("a button")?);
    post.until("SELECT COUNT(*) FROM ticket", 1).await?;
    let bodies = post.test.texts("SELECT body FROM message").await?;
    ensure!(bodies == [text.replace('\0', "")], "{bodies:?}");
    post.until("SELECT COUNT(*) FROM inbox WHERE done_at IS NOT NULL AND error IS NULL", 5).await?;
    Ok(())
}

/// Another server counts its updates otherwise: lower numbers than those of yesterday are no confirmation of anything.
#[tokio::test]
async fn a_server_that_counts_from_the_beginning_is_heard() -> Result<()> {
    let api = Plain::start(|_| None).await?;
    api.next_update(900_000_000);
    let Some(post) = Post::new(api).await? else { return Ok(()) };
    let mut bot = post.start_bot().await?;
    post.api.says(AIGERIM, "/menu");
    post.until("SELECT COUNT(*) FROM inbox WHERE done_at IS NOT NULL", 1).await?;
    ensure!(bot.stop().await?.success());
    post.api.next_update(17);
    post.api.says(BORIS, "/menu");
    let _bot = post.programs.start("komek-bot", &[])?;
    post.api.wait_for("the answer", |c| c.chat() == Some(BORIS)).await?;
    post.test.until("SELECT COUNT(*) FROM inbox WHERE done_at IS NOT NULL", 2, LIMIT).await
}
