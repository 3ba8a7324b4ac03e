//! Calls that fail, hang, or whose answers are lost; and another program on the same token.

use anyhow::{Context, Result, ensure};
use komek_tests::town::{Asker, BOT, DESK, STAFF, TOKEN, number_in};
use rstest::rstest;
use sandbox::{FaultKind, FaultSpec};

use crate::{AIGERIM, BORIS, all_handled, calls_to, copies, town};

fn bad_gateway() -> FaultKind {
    FaultKind::HttpError { status: 502 }
}

/// One chat's trouble is nobody else's; and a chat that Telegram wants to be left alone is left alone for so long.
#[rstest]
#[case::too_many_requests(FaultKind::TooManyRequests { retry_after: 5 })]
#[case::no_answer(FaultKind::Hang { ms: 5_000 })]
#[tokio::test]
async fn a_chat_that_cannot_be_sent_to_delays_no_other(#[case] fault: FaultKind) -> Result<()> {
    let Some((town, mut bot)) = town().await? else { return Ok(()) };
    let (aigerim, boris) = (town.phone(AIGERIM), town.phone(BORIS));
    town.sandbox.fault(aigerim.fault_here(FaultSpec::times(fault, 1).on("sendMessage")));
    aigerim.send("/menu")?;
    boris.send("/menu")?;
    boris.wait_for(|_| true).await?;
    aigerim.wait_for(|_| true).await?;
    let delivered = |chat| {
        let calls = calls_to(&town, "sendMessage", chat);
        calls.iter().find(|c| c.status == 200).map(|c| c.at_ms).context("delivered")
    };
    let waited = delivered(AIGERIM)? - delivered(BORIS)?;
    ensure!(waited > 1_500, "Boris waited with Aigerim: {waited} ms between them");
    let refused = calls_to(&town, "sendMessage", AIGERIM).into_iter().find(|c| c.status == 429);
    if let Some(refused) = refused {
        let pause = delivered(AIGERIM)? - refused.at_ms;
        ensure!(pause >= 5_000, "told to wait 5 s, came again after {pause} ms");
    }
    ensure!(copies(&aigerim.messages(), "") == 1, "once is enough");
    ensure!(bot.stop().await?.success());
    Ok(())
}

/// Whatever passes is tried again, in both directions, and a request is filed once.
#[rstest]
#[case::server_errors(bad_gateway())]
#[case::dropped_connections(FaultKind::Drop)]
#[case::said_by_telegram(FaultKind::ApiError { code: 500, description: "Internal Server Error".to_owned() })]
#[tokio::test]
async fn what_passes_is_tried_again(#[case] fault: FaultKind) -> Result<()> {
    let Some((town, _bot)) = town().await? else { return Ok(()) };
    for method in ["sendMessage", "getUpdates"] {
        town.sandbox.fault(FaultSpec { skip: 1, ..FaultSpec::times(fault.clone(), 2).on(method) });
    }
    let number = Asker::new(town.phone(AIGERIM)).ask("Диск неге баяу?").await?;
    let nurlan = town.phone(STAFF[0].0).at(DESK);
    nurlan.wait_for_text(&number).await.context("the card")?;
    all_handled(&town).await?;
    ensure!(town.count("SELECT COUNT(*) FROM ticket").await? == 1);
    ensure!(copies(&town.phone(AIGERIM).messages(), &number) == 1, "none of these took effect");
    Ok(())
}

/// An answer that is lost leaves the bot in doubt, and it then says the thing twice rather than never (ARCHITECTURE, guarantees). The
/// message it does not know of works all the same: what is replied to it arrives, once.
#[tokio::test]
async fn a_lost_answer_repeats_a_message_and_loses_nothing() -> Result<()> {
    let Some((town, _bot)) = town().await? else { return Ok(()) };
    let lost = |method, chat| FaultSpec::times(FaultKind::LostAnswer, 1).on(method).in_chat(chat);
    town.sandbox.fault(lost("sendMessage", DESK));
    town.sandbox.fault(FaultSpec::times(FaultKind::LostAnswer, 2).on("getUpdates"));
    let aigerim = town.phone(AIGERIM);
    let number = Asker::new(aigerim.clone()).ask("Есепшот керек").await?;
    let nurlan = town.phone(STAFF[0].0).at(DESK);
    let cards = || -> Vec<_> {
        let all = nurlan.messages().into_iter().filter(|m| m.from == BOT);
        all.filter(|m| number_in(&m.text).as_ref() == Some(&number)).collect()
    };
    town.sandbox
        .wait_for_call(|c| c.method == "sendMessage" && c.params["chat_id"] == DESK && c.faults.is_empty())
        .await?;
    ensure!(cards().len() == 2, "{:#?}", cards());
    let unknown = cards().first().context("the card whose answer was lost")?.id;
    nurlan.reply(unknown, "Поштаға жіберейін бе?")?;
    aigerim.wait_for_text("Поштаға жіберейін бе?").await?;
    town.sandbox.fault(lost("sendMessage", AIGERIM));
    aigerim.send("/menu")?;
    let to_her = |c: &sandbox::CallRecord| c.method == "sendMessage" && c.params["chat_id"] == AIGERIM;
    let lost = town.sandbox.wait_for_call(|c| to_her(c) && !c.faults.is_empty()).await?;
    let again = town.sandbox.wait_for_call(|c| to_her(c) && c.n > lost.n).await?;
    ensure!(again.params["text"] == lost.params["text"], "said again");
    all_handled(&town).await?;
    ensure!(town.count("SELECT COUNT(*) FROM ticket").await? == 1);
    ensure!(town.count("SELECT COUNT(*) FROM message").await? == 2, "the question and one reply");
    Ok(())
}

/// A second program with this token: the bot says so, goes on, and takes its turn back. Nobody's message is lost between them.
#[tokio::test]
async fn another_program_on_the_same_token_is_named_and_outlived() -> Result<()> {
    let Some((town, bot)) = town().await? else { return Ok(()) };
    let http = reqwest::Client::new();
    let method = |name: &str| format!("{}/bot{TOKEN}/{name}", town.sandbox.url());
    // Confirmed by a poll that now waits for more.
    town.sandbox.wait_until_drained(BOT).await?;
    http.post(method("getUpdates")).send().await?.error_for_status()?;
    bot.says("only one bot instance is running", crate::LIMIT).await?;
    let aigerim = town.phone(AIGERIM);
    aigerim.send("/menu")?;
    aigerim.wait_for(|_| true).await?;
    // A webhook that somebody else sets: this bot was told to poll, so it removes it.
    let body = serde_json::json!({ "url": "http://127.0.0.1:9/elsewhere" });
    http.post(method("setWebhook")).json(&body).send().await?.error_for_status()?;
    aigerim.send("/menu")?;
    aigerim.wait_for(|_| true).await?;
    all_handled(&town).await
}
