//! Opening, reading, listing, writing and working tickets.

use anyhow::Result;
use chrono::TimeDelta;
use crm::domain::ids::TicketId;
use crm::domain::person::Role;
use komek_tests::engine::Engine;
use rstest::rstest;
use serde_json::{Value, json};

use crate::calls::Calls;

fn question(n: usize) -> Value {
    json!({ "kind": "question", "contact": "aigerim", "text": format!("Сұрақ {n}: <b>=1+1</b>") })
}

#[rstest]
#[tokio::test]
async fn a_ticket_is_opened_worked_and_solved(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    let token = api.token(Role::Engineer).await?;
    let wanted = json!({ "kind": "fault_critical", "contact": "aigerim", "service": "acme-web", "text": "Бәрі тоқтады",
                         "channel": "phone", "since": "2026-11-23T04:30:00Z" });
    let made = api.post(&token, "tickets", &wanted).await?;
    assert_eq!(made.code(), 201, "{made:?}");
    let number = made.number().to_owned();
    assert_eq!(made.body["channel"], "phone");
    assert_eq!(made.body["customer"], "acme");
    assert_eq!(made.body["resolution"]["budget_ms"], 3_600_000);
    assert_eq!(made.body["first_reply"]["outcome"], "running");
    let at = format!("tickets/{number}");
    let command = |body: Value| {
        let (api, token, at) = (&api, &token, &at);
        async move { api.post(token, &format!("{at}/commands"), &body).await }
    };
    let taken = command(json!({ "command": "take" })).await?;
    assert_eq!(taken.body["state"], "open", "{taken:?}");
    api.desk.pass(TimeDelta::minutes(5)).await?;
    let said =
        api.post(&token, &format!("{at}/messages"), &json!({ "side": "desk", "text": "Қараймыз" })).await?;
    assert_eq!((said.code(), &said.body["side"]), (201, &json!("desk")));
    let noted =
        api.post(&token, &format!("{at}/messages"), &json!({ "side": "note", "text": "диск" })).await?;
    assert_eq!(noted.code(), 201);
    let wrote = json!({ "side": "customer", "text": "Күтемін", "contact": "aigerim" });
    assert_eq!(api.post(&token, &format!("{at}/messages"), &wrote).await?.code(), 201);
    assert_eq!(
        command(json!({ "command": "hand_over", "queue": "infrastructure" })).await?.body["queue"],
        "infrastructure"
    );
    let asked = command(json!({ "command": "ask", "text": "Қай кезден?" })).await?;
    assert_eq!(asked.body["state"], "waiting_customer");
    let solved = command(json!({ "command": "solve", "text": "Дайын" })).await?;
    assert_eq!(solved.body["state"], "solved");
    assert_eq!(solved.body["resolution"]["outcome"], "met");
    let confirmed = command(json!({ "command": "confirm", "contact": "aigerim" })).await?;
    assert_eq!(confirmed.body["state"], "closed");
    command(json!({ "command": "take" })).await?.problem(409);

    let read = api.get(&token, &at).await?;
    assert_eq!(read.body, confirmed.body);
    let talk = api.get(&token, &format!("{at}/messages")).await?;
    let sides: Vec<_> = talk.body["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|m| m["side"].as_str().expect("a side"))
        .collect();
    assert_eq!(sides, ["customer", "desk", "note", "customer", "desk", "desk"]);
    // The customer's bound account hears of it: the opening, and what the desk did.
    let mut tx = api.desk.test.db.read().await?;
    let id: TicketId = tx.ticket_by_number(number.parse().expect("a number")).await?.expect("there").id;
    drop(tx);
    assert!(api.desk.waiting(id).await?["notice"] >= 4);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn pages_hold_every_ticket_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    let token = api.token(Role::DutyManager).await?;
    for n in 0..11 {
        let mut body = question(n);
        if n % 3 == 0 {
            body["kind"] = json!("fault_minor");
        }
        assert_eq!(api.post(&token, "tickets", &body).await?.code(), 201);
        // Several of one moment.
        if n % 4 == 0 {
            api.desk.clock.advance(TimeDelta::seconds(1));
        }
    }
    let solve = api.post(&token, "tickets/3/commands", &json!({ "command": "solve" })).await?;
    assert_eq!(solve.code(), 200, "{solve:?}");
    for (query, expected) in [
        ("sort=newest", 11),
        ("sort=due", 10),
        ("state=new", 10),
        ("state=solved", 1),
        ("sort=due&queue=support", 10),
        ("queue=billing", 0),
        ("customer=acme", 11),
        ("customer=birlik", 0),
    ] {
        let mut numbers = Vec::new();
        let mut dues = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = api.get(&token, &format!("tickets?limit=3&{query}{cursor}")).await?;
            assert_eq!(page.code(), 200, "{page:?}");
            for item in page.body["items"].as_array().expect("items") {
                numbers.push(item["number"].as_str().expect("a number").to_owned());
                dues.push(item["due_at"].as_str().unwrap_or_default().to_owned());
            }
            let Some(next) = page.body["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let mut sorted = numbers.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!((numbers.len(), sorted.len()), (expected, expected), "{query}: {numbers:?}");
        if query.contains("due") {
            assert!(dues.is_sorted(), "{query}: {dues:?}");
        } else {
            assert!(numbers.iter().rev().is_sorted(), "{query}: {numbers:?}");
        }
    }
    Ok(())
}

#[rstest]
#[tokio::test]
async fn bad_input_is_told_and_changes_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    let token = api.token(Role::Engineer).await?;
    for (body, status) in [
        (json!({}), 422),
        (json!([]), 422),
        (json!({ "kind": "pizza", "text": "x" }), 422),
        (json!({ "kind": "question", "text": " \n " }), 422),
        (json!({ "kind": "question", "text": "a\0b" }), 422),
        (json!({ "kind": "question", "text": "x".repeat(20_001) }), 422),
        (json!({ "kind": "question", "text": "x", "admin": true }), 422),
        (json!({ "kind": "question", "text": 7 }), 422),
        (json!({ "kind": "question", "text": "x", "contact": "nobody" }), 409),
        (json!({ "kind": "vm_reboot", "text": "x", "contact": "aigerim" }), 409),
        (json!({ "kind": "vm_reboot", "text": "x", "contact": "aigerim", "service": "birlik-web" }), 409),
        (json!({ "kind": "vm_reboot", "text": "x", "service": "acme-web" }), 409),
    ] {
        let answer = api.post(&token, "tickets", &body).await?;
        answer.problem(status);
    }
    let raw = |text: &'static str, kind: &'static str| {
        let request = api.request(reqwest::Method::POST, "/api/v1/tickets").bearer_auth(&token);
        Calls::send(request.header("content-type", kind).body(text))
    };
    raw("{", "application/json").await?.problem(400);
    raw("kind=question", "application/x-www-form-urlencoded").await?.problem(415);
    raw("\u{feff}{}", "application/json").await?.problem(400);
    let huge = api.request(reqwest::Method::POST, "/api/v1/tickets").bearer_auth(&token);
    let huge = huge.header("content-type", "application/json").body("x".repeat(5 << 20));
    Calls::send(huge).await?.problem(413);
    for query in ["state=pizza", "limit=0", "limit=201", "limit=x", "cursor=%00", "sort=up", "page=2"] {
        api.get(&token, &format!("tickets?{query}")).await?.problem(422);
    }
    for path in [
        "tickets/0",
        "tickets/KM-",
        "tickets/999999",
        "tickets/%F0%9F%92%A9",
        "tickets/99999999999999999999",
        "nothing",
    ] {
        api.get(&token, path).await?.problem(404);
    }
    let wrong =
        Calls::send(api.request(reqwest::Method::DELETE, "/api/v1/tickets").bearer_auth(&token)).await?;
    wrong.problem(405);
    assert!(wrong.headers.contains_key("allow"), "{wrong:?}");
    assert_eq!(api.desk.test.number("SELECT COUNT(*) FROM ticket").await?, 0);
    Ok(())
}

#[tokio::test]
async fn whoever_calls_too_often_is_told_how_long_to_wait() -> Result<()> {
    let Some(api) = Calls::limited(Engine::Sqlite, (1, 3)).await? else { return Ok(()) };
    let (busy, other) = (api.token(Role::Auditor).await?, api.token(Role::Auditor).await?);
    let mut left = Vec::new();
    for _ in 0..3 {
        let answer = api.get(&busy, "customers").await?;
        assert_eq!(answer.code(), 200);
        assert_eq!(answer.headers["ratelimit-limit"], "3");
        left.push(answer.headers["ratelimit-remaining"].to_str()?.to_owned());
    }
    assert_eq!(left, ["2", "1", "0"]);
    let answer = api.get(&busy, "customers").await?;
    answer.problem(429);
    assert!(answer.headers["retry-after"].to_str()?.parse::<u64>()? >= 1);
    assert_eq!(api.get(&other, "customers").await?.code(), 200, "each token has its own allowance");
    for _ in 0..3 {
        api.get("komek_guess", "customers").await?.problem(401);
    }
    api.get("komek_guess", "customers").await?.problem(429);
    assert_eq!(api.get(&other, "customers").await?.code(), 200, "guessing keeps nobody else out");
    Ok(())
}

#[tokio::test]
async fn the_document_lists_every_route_and_needs_no_token() -> Result<()> {
    let Some(api) = Calls::new(Engine::Sqlite).await? else { return Ok(()) };
    let answer = Calls::send(api.request(reqwest::Method::GET, "/api/v1/openapi.json")).await?;
    assert_eq!(answer.body["openapi"], "3.1.0");
    let paths: Vec<_> = answer.body["paths"].as_object().expect("paths").keys().map(String::as_str).collect();
    for path in [
        "tickets",
        "tickets/{number}",
        "tickets/{number}/messages",
        "tickets/{number}/commands",
        "customers",
        "services",
        "alerts",
        "reports/sla",
    ] {
        assert!(paths.contains(&format!("/api/v1/{path}").as_str()), "{paths:?}");
    }
    let kinds = &answer.body["components"]["schemas"]["Kind"]["enum"];
    assert!(kinds.as_array().is_some_and(|k| k.contains(&json!("vm_unlock"))), "{kinds}");
    Ok(())
}

/// A quota is asked for in words here; whoever puts a number beside them hears that it was not read.
#[rstest]
#[case("NaN")]
#[case("Infinity")]
#[case("-5")]
#[case("1000000000000000000")]
#[case("1e400")]
#[tokio::test]
async fn a_quota_that_is_no_number_opens_nothing(#[case] wanted: &str) -> Result<()> {
    let Some(api) = Calls::new(Engine::Sqlite).await? else { return Ok(()) };
    let token = api.token(Role::Engineer).await?;
    let body = format!(r#"{{"kind":"quota_increase","contact":"aigerim","text":"Ядро","wanted":{wanted}}}"#);
    let request = api.request(reqwest::Method::POST, "/api/v1/tickets").bearer_auth(&token);
    let said = Calls::send(request.header("Content-Type", "application/json").body(body)).await?;
    assert!(said.problem(422).contains("unknown field `wanted`"), "{said:?}");
    assert_eq!(api.desk.test.number("SELECT COUNT(*) FROM ticket").await?, 0);
    Ok(())
}
