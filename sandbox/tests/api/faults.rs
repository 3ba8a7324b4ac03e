//! What goes wrong on demand: refusals, error pages, lost answers; and Telegram's rate limits under a set clock.

use crate::bench::{Bench, fails};
use sandbox::{Config, FaultKind, FaultSpec, GroupSpec, ManualClock};
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn a_429_has_no_effect_and_says_how_long() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    bench.aigerim.start("")?;
    let spec = FaultSpec::times(FaultKind::TooManyRequests { retry_after: 7 }, 1).on("sendMessage");
    bench.sandbox.fault(bench.aigerim.fault_here(spec));
    let refused = bench.send(json!({"text": "x"})).await;
    fails(&refused, 429, "Too Many Requests: retry after 7");
    assert_eq!(refused["parameters"]["retry_after"], 7);
    assert_eq!(bench.aigerim.messages().len(), 1);
    assert_eq!(bench.send(json!({"text": "x"})).await["ok"], true);
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_took_effect_and_a_dropped_call_did_not() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    bench.aigerim.start("")?;
    for (kind, messages) in
        [(FaultKind::Drop, 1), (FaultKind::Hang { ms: 20 }, 1), (FaultKind::LostAnswer, 2)]
    {
        bench.sandbox.fault(FaultSpec::times(kind.clone(), 1).on("sendMessage"));
        let request =
            bench.http.post(bench.method("sendMessage")).json(&json!({"chat_id": 200_001, "text": "x"}));
        let error = request.send().await.err();
        assert!(
            error.is_some_and(|error| error.is_request()),
            "{kind:?}: the connection ends without a byte"
        );
        assert_eq!(bench.aigerim.messages().len(), messages, "{kind:?}");
    }
    let calls = bench.sandbox.calls("sendMessage");
    assert_eq!(calls.last().map(|call| (call.status, call.faults[0].as_str())), Some((200, "lost_answer")));
    Ok(())
}

#[tokio::test]
async fn a_bad_gateway_is_a_page_not_json() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    bench.sandbox.fault(FaultSpec::times(FaultKind::HttpError { status: 502 }, 1));
    let answer = bench.http.get(bench.method("getMe")).send().await?;
    assert_eq!(answer.status(), 502);
    assert!(answer.text().await?.contains("502 Bad Gateway"));
    let code = FaultKind::ApiError { code: 401, description: "Unauthorized".into() };
    bench.sandbox.fault(FaultSpec::times(code, 1));
    fails(&bench.call("getMe", json!({})).await, 401, "Unauthorized");
    assert_eq!(bench.call("getMe", json!({})).await["ok"], true);
    Ok(())
}

#[tokio::test]
async fn limits_count_messages_edits_and_topics_by_the_clock() -> anyhow::Result<()> {
    let clock = Arc::new(ManualClock::at(1_795_000_000_000));
    let config = Config { limits: true, clock: clock.clone(), ..Config::default() };
    let bench = Bench::with(config).await?;
    bench.aigerim.start("")?;
    bench.sandbox.add_group(&GroupSpec::forum(-1001, "Desk", &[200_001]))?;
    let mut last = json!(null);
    for n in 0..3 {
        last = bench.send(json!({"text": n.to_string()})).await["result"]["message_id"].clone();
        assert!(last.is_i64());
    }
    fails(&bench.send(json!({"text": "4"})).await, 429, "Too Many Requests: retry after 1");
    let edit = json!({"chat_id": 200_001, "message_id": last, "text": "өзге"});
    fails(&bench.call("editMessageText", edit.clone()).await, 429, "Too Many Requests: retry after 1");
    clock.advance_ms(1000);
    assert_eq!(bench.call("editMessageText", edit).await["ok"], true);

    for n in 0..20 {
        clock.advance_ms(1000);
        let topic = bench.call("createForumTopic", json!({"chat_id": -1001, "name": format!("T{n}")})).await;
        assert_eq!(topic["ok"], true, "{topic}");
    }
    clock.advance_ms(1000);
    let refused = bench.call("sendMessage", json!({"chat_id": -1001, "text": "x"})).await;
    fails(&refused, 429, "Too Many Requests: retry after 40");
    assert_eq!(bench.send(json!({"text": "5"})).await["ok"], true, "other chats go on");
    clock.advance_ms(40_000);
    assert_eq!(bench.call("sendMessage", json!({"chat_id": -1001, "text": "x"})).await["ok"], true);
    bench.sandbox.limits(false);
    for _ in 0..50 {
        assert_eq!(bench.send(json!({"text": "көп"})).await["ok"], true);
    }
    Ok(())
}

#[tokio::test]
async fn an_old_button_can_no_longer_be_answered() -> anyhow::Result<()> {
    let clock = Arc::new(ManualClock::at(1_795_000_000_000));
    let bench = Bench::with(Config { clock: clock.clone(), ..Config::default() }).await?;
    bench.aigerim.start("")?;
    let markup = json!({"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]});
    bench.send(json!({"text": "?", "reply_markup": markup})).await;
    bench.aigerim.press("A")?;
    let id = bench.updates(0, 0).await[1]["callback_query"]["id"].clone();
    clock.advance_ms(61_000);
    let late = bench.call("answerCallbackQuery", json!({"callback_query_id": id})).await;
    fails(&late, 400, "Bad Request: query is too old and response timeout expired or query ID is invalid");
    Ok(())
}
