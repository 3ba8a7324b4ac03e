//! Updates: offsets, long polls, two pollers, allowed kinds, webhooks, and what faults do to them.

use crate::bench::{Bench, fails};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use sandbox::{FaultKind, FaultSpec};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn ids(updates: &[Value]) -> Vec<i64> {
    updates.iter().filter_map(|update| update["update_id"].as_i64()).collect()
}

fn texts(updates: &[Value]) -> Vec<&str> {
    updates.iter().filter_map(|update| update["message"]["text"].as_str()).collect()
}

#[tokio::test]
async fn a_higher_offset_confirms_and_nothing_else_does() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    for text in ["1", "2", "3", "4"] {
        bench.aigerim.send(text)?;
    }
    let all = ids(&bench.updates(0, 0).await);
    assert_eq!(all, (all[0]..all[0] + 4).collect::<Vec<_>>());
    assert_eq!(ids(&bench.updates(0, 0).await), all, "unconfirmed updates come again");
    assert_eq!(ids(&bench.updates(all[1], 0).await), all[1..]);
    let limited = bench.call("getUpdates", json!({"limit": 2})).await;
    assert_eq!(limited["result"].as_array().map(Vec::len), Some(2));
    assert_eq!(ids(&bench.updates(-1, 0).await), all[3..], "a negative offset keeps the newest");
    assert_eq!(ids(&bench.updates(all[3] + 1, 0).await), [0_i64; 0]);
    Ok(())
}

#[tokio::test]
async fn a_long_poll_ends_when_something_comes() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    let poll = tokio::time::timeout(Duration::from_secs(20), bench.updates(0, 50));
    let send = async {
        bench.sandbox.wait_until(|w| (w.bots.get(&100_000)?.poll_generation > 0).then_some(())).await;
        bench.aigerim.send("кел")
    };
    let (updates, done) = tokio::join!(poll, send);
    done?;
    assert_eq!(texts(&updates?), ["кел"]);
    Ok(())
}

#[tokio::test]
async fn a_second_poller_takes_over() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    let first = bench.call("getUpdates", json!({"timeout": 50}));
    let second = async {
        bench.sandbox.wait_until(|w| (w.bots.get(&100_000)?.poll_generation > 0).then_some(())).await;
        bench.call("getUpdates", json!({"timeout": 0})).await;
    };
    let (refused, ()) = tokio::join!(first, second);
    fails(
        &refused,
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    );
    Ok(())
}

#[tokio::test]
async fn only_the_kinds_that_were_asked_for_come() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    bench.call("getUpdates", json!({"allowed_updates": ["message"]})).await;
    let id = bench.aigerim.send("бір")?;
    bench.aigerim.edit(id, "екі")?;
    bench.aigerim.block(true)?;
    let updates = bench.updates(0, 0).await;
    assert_eq!(texts(&updates), ["бір"]);
    assert_eq!(updates.len(), 1);
    bench.call("getUpdates", json!({"allowed_updates": []})).await;
    bench.aigerim.block(false)?;
    assert!(bench.updates(0, 0).await[1]["my_chat_member"].is_object());
    Ok(())
}

#[tokio::test]
async fn deleting_is_silent_and_editing_is_not() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    let id = bench.aigerim.send("қате /x")?;
    bench.aigerim.edit(id, "дұрыс")?;
    bench.aigerim.delete(id)?;
    let updates = bench.updates(0, 0).await;
    assert_eq!(updates.len(), 2);
    assert_eq!(updates[1]["edited_message"]["text"], "дұрыс");
    assert_eq!(updates[1]["edited_message"].get("entities"), None);
    Ok(())
}

#[tokio::test]
async fn updates_are_doubled_swapped_and_redelivered_on_demand() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    bench.sandbox.fault(FaultSpec::times(FaultKind::DuplicateUpdate, 1).on("message"));
    bench.aigerim.send("1")?;
    bench.aigerim.send("2")?;
    bench.sandbox.fault(FaultSpec::times(FaultKind::ReorderUpdate, 1));
    bench.aigerim.send("3")?;
    let updates = bench.updates(0, 0).await;
    assert_eq!(texts(&updates), ["1", "1", "3", "2"]);
    let numbers = ids(&updates);
    assert_eq!(numbers[0], numbers[1]);
    assert_eq!(ids(&bench.updates(numbers[2] + 1, 0).await), [0_i64; 0]);

    bench.sandbox.fault(FaultSpec::times(FaultKind::RedeliverUpdate, 1));
    bench.aigerim.send("4")?;
    let last = ids(&bench.updates(0, 0).await)[0];
    assert_eq!(texts(&bench.updates(last + 1, 0).await), ["4"], "once more after being confirmed");
    assert_eq!(ids(&bench.updates(last + 1, 0).await), [0_i64; 0]);
    Ok(())
}

/// A bot's webhook: it refuses the first delivery and keeps what it took.
#[derive(Clone, Default)]
struct Hook {
    taken: Arc<Mutex<Vec<Value>>>,
    refusals: Arc<Mutex<u32>>,
}

async fn take(State(hook): State<Hook>, headers: HeaderMap, body: axum::Json<Value>) -> (StatusCode, String) {
    if headers.get("x-telegram-bot-api-secret-token").is_none_or(|token| token != "s3cret") {
        return (StatusCode::UNAUTHORIZED, String::new());
    }
    let mut refusals = hook.refusals.lock().expect("unpoisoned");
    if *refusals < 2 {
        *refusals += 1;
        return (StatusCode::SERVICE_UNAVAILABLE, String::new());
    }
    hook.taken.lock().expect("unpoisoned").push(body.0.clone());
    // The answer may be a method call.
    let reply = json!({"method": "sendMessage", "chat_id": body["message"]["chat"]["id"], "text": "жауап"});
    (StatusCode::OK, reply.to_string())
}

#[tokio::test]
async fn a_webhook_is_tried_until_it_answers_and_keeps_the_order() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    let hook = Hook::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook", listener.local_addr()?);
    let app = Router::new().route("/hook", post(take)).with_state(hook.clone());
    let server = tokio::spawn(async move { axum::serve(listener, app).await });

    let set =
        bench.call("setWebhook", json!({"url": url, "secret_token": "s3cret", "max_connections": 5})).await;
    assert_eq!(set["result"], true);
    fails(
        &bench.call("getUpdates", json!({})).await,
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    );
    for text in ["1", "2", "3"] {
        bench.aigerim.send(text)?;
    }
    bench.sandbox.wait_until_drained(bench.bot.id).await?;
    bench.aigerim.wait_for_text("жауап").await?;
    let taken = hook.taken.lock().expect("unpoisoned").clone();
    assert_eq!(texts(&taken), ["1", "2", "3"]);
    let info = bench.call("getWebhookInfo", json!({})).await;
    assert_eq!(info["result"]["url"], json!(url));
    assert_eq!(
        info["result"]["last_error_message"],
        "Wrong response from the webhook: 503 Service Unavailable"
    );
    assert_eq!(bench.call("deleteWebhook", json!({})).await["result"], true);
    assert_eq!(bench.call("getUpdates", json!({})).await["ok"], true);
    server.abort();
    Ok(())
}

#[tokio::test]
async fn setting_a_webhook_ends_a_long_poll() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    let poll = bench.call("getUpdates", json!({"timeout": 50}));
    let set = async {
        // The poll has begun when it has taken its number.
        bench.sandbox.wait_until(|w| (w.bots.get(&100_000)?.poll_generation > 0).then_some(())).await;
        bench.call("setWebhook", json!({"url": "http://127.0.0.1:9/hook"})).await
    };
    let (refused, _) = tokio::join!(poll, set);
    fails(&refused, 409, "Conflict: terminated by setWebhook request");
    Ok(())
}
