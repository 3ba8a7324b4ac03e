//! Every route with every role, with none, and with a customer's token.

use anyhow::{Context as _, Result};
use crm::domain::person::{Right, Role};
use komek_tests::engine::Engine;
use rstest::rstest;
use serde_json::{Value, json};

use crate::calls::Calls;

const READ: &[Right] = &[Right::Read];
const HANDLE: &[Right] = &[Right::Handle];
/// Who may say what happened.
const JUDGE: &[Right] = &[Right::Handle, Right::Credit];

/// A route, its body if it is a POST, and the rights of which it asks for one.
fn routes() -> Vec<(&'static str, Option<Value>, &'static [Right])> {
    let command = |body: Value| ("tickets/1/commands", Some(body), HANDLE);
    let incident = |body: Value| ("incidents/1/commands", Some(body), JUDGE);
    vec![
        ("tickets", None, READ),
        ("tickets?sort=due&queue=support&state=new", None, READ),
        ("tickets/1", None, READ),
        ("tickets/1/messages", None, READ),
        ("customers", None, READ),
        ("services", None, READ),
        ("reports/sla", None, READ),
        ("webhooks", None, &[Right::Oversee]),
        (
            "webhooks",
            Some(json!({ "url": "https://example.kz/", "words": ["opened"] })),
            &[Right::Administer],
        ),
        ("credits?period=2026-10", None, READ),
        ("incidents", None, READ),
        ("incidents?over=true", None, READ),
        ("tickets", Some(json!({ "kind": "question", "text": "x" })), HANDLE),
        ("tickets/1/messages", Some(json!({ "side": "note", "text": "x" })), HANDLE),
        ("tickets/1/messages", Some(json!({ "side": "desk", "text": "x" })), HANDLE),
        (
            "tickets/1/messages",
            Some(json!({ "side": "customer", "text": "x", "contact": "aigerim" })),
            HANDLE,
        ),
        command(json!({ "command": "take" })),
        command(json!({ "command": "ask", "text": "x" })),
        command(json!({ "command": "answer", "text": "x" })),
        command(json!({ "command": "note", "text": "x" })),
        command(json!({ "command": "hand_over", "queue": "support" })),
        command(json!({ "command": "solve" })),
        command(json!({ "command": "decline", "text": "x" })),
        command(json!({ "command": "acknowledge" })),
        command(json!({ "command": "confirm", "contact": "aigerim" })),
        command(json!({ "command": "reopen", "contact": "aigerim" })),
        command(json!({ "command": "cancel", "contact": "aigerim" })),
        ("alerts", Some(json!({ "version": "4", "groupKey": "g", "alerts": [] })), HANDLE),
        ("incidents/1", None, READ),
        ("intervals?state=proposed", None, READ),
        ("incidents", Some(json!({ "services": ["acme-web"], "started_at": "2026-11-23T04:00:00Z" })), JUDGE),
        incident(json!({ "command": "attach", "ticket": "KM-000001" })),
        incident(json!({ "command": "close", "text": "x" })),
        incident(json!({ "command": "dismiss" })),
        (
            "incidents/1/commands",
            Some(json!({ "command": "announce", "kk": "x", "ru": "x", "en": "x" })),
            &[Right::Emergency],
        ),
    ]
}

async fn call(api: &Calls, token: Option<&str>, path: &str, body: Option<&Value>) -> Result<u16> {
    let path = format!("/api/v1/{path}");
    let request = match body {
        None => api.request(reqwest::Method::GET, &path),
        Some(body) => api.request(reqwest::Method::POST, &path).json(body),
    };
    let request = if let Some(token) = token { request.bearer_auth(token) } else { request };
    Ok(Calls::send(request).await?.code())
}

#[rstest]
#[tokio::test]
async fn every_route_asks_for_its_right(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    let opener = api.token(Role::Engineer).await?;
    let first = json!({ "kind": "question", "contact": "aigerim", "text": "x" });
    assert_eq!(api.post(&opener, "tickets", &first).await?.code(), 201);
    let outage = json!({ "services": ["acme-web"], "started_at": "2026-11-23T04:00:00Z" });
    assert_eq!(api.post(&opener, "incidents", &outage).await?.code(), 201);
    for (path, body, rights) in routes() {
        for nobody in [None, Some(""), Some("komek_0000"), Some("Basic eDp5")] {
            assert_eq!(call(&api, nobody, path, body.as_ref()).await?, 401, "{path} {body:?} {nobody:?}");
        }
        for role in Role::ALL {
            let token = api.token(*role).await?;
            let code = call(&api, Some(&token), path, body.as_ref()).await?;
            // What the role allows may still be impossible in the ticket's state.
            let let_in = matches!(code, 200 | 201 | 409);
            assert_eq!(let_in, rights.iter().any(|right| role.may(*right)), "{path} {body:?} {role}: {code}");
            assert!(let_in || code == 403, "{path} {body:?} {role}: {code}");
        }
    }
    Ok(())
}

#[rstest]
#[tokio::test]
async fn an_approval_is_a_persons(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    let plain = api.token(Role::Engineer).await?;
    let wanted = json!({ "kind": "vm_unlock", "contact": "aigerim", "service": "acme-web", "text": "x" });
    let made = api.post(&plain, "tickets", &wanted).await?;
    let mut tx = api.desk.test.db.read().await?;
    let ticket = tx.ticket_by_number(made.number().parse().map_err(anyhow::Error::msg)?).await?;
    drop(tx);
    api.desk.plan(ticket.context("it was filed")?).await?;
    let made = api.get(&plain, &format!("tickets/{}", made.number())).await?;
    assert_eq!(made.body["state"], "waiting_approval", "{made:?}");
    let action = &made.body["action"];
    let at = format!("tickets/{}/commands", made.number());
    let approve = json!({ "command": "approve", "action": action["id"], "digest": action["digest"] });
    let said = api.post(&plain, &at, &approve).await?;
    assert!(said.problem(403).contains("--staff"), "{said:?}");
    let dana = api.token_of("dana").await?;
    let mut stale = approve.clone();
    stale["digest"] = json!("0");
    api.post(&dana, &at, &stale).await?.problem(409);
    let done = api.post(&dana, &at, &approve).await?;
    assert_eq!((done.code(), &done.body["state"]), (200, &json!("executing")), "{done:?}");
    assert_eq!(done.body["action"]["approved_by"], json!(["dana"]));
    // Whoever left cannot go on with his token, and whoever was moved has his new role's rights.
    api.desk.test.tamper("UPDATE staff SET role = 'auditor' WHERE id = 'dana'").await?;
    api.post(&dana, "tickets/1/commands", &json!({ "command": "note", "text": "x" })).await?.problem(403);
    api.desk.test.tamper("UPDATE staff SET retired_at = '2026-11-23T00:00:00Z' WHERE id = 'dana'").await?;
    api.get(&dana, "tickets").await?.problem(401);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_customers_token_knows_of_that_customer_alone(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    let desk = api.token(Role::Engineer).await?;
    let (acme, birlik) = (api.token_of_customer("acme").await?, api.token_of_customer("birlik").await?);
    let wanted = json!({ "kind": "question", "contact": "aigerim", "text": "x" });
    let own = api.post(&acme, "tickets", &wanted).await?;
    assert_eq!(own.code(), 201, "{own:?}");
    let at = format!("tickets/{}", own.number());
    assert_eq!(
        api.post(&desk, &format!("{at}/messages"), &json!({ "side": "note", "text": "құпия" })).await?.code(),
        201
    );
    let talk = api.get(&acme, &format!("{at}/messages")).await?;
    assert!(!talk.body.to_string().contains("құпия"), "{talk:?}");
    assert_eq!(api.get(&acme, &at).await?.code(), 200);
    // Another customer's number answers as one that does not exist.
    let there = api.get(&birlik, &at).await?.body["detail"].to_string().replace(own.number(), "N");
    let nowhere =
        api.get(&birlik, "tickets/KM-000777").await?.body["detail"].to_string().replace("KM-000777", "N");
    assert_eq!(there, nowhere);
    api.get(&birlik, &format!("{at}/messages")).await?.problem(404);
    let cancel = json!({ "command": "cancel", "contact": "aigerim" });
    api.post(&birlik, &format!("{at}/commands"), &cancel).await?.problem(404);
    let foreign = json!({ "side": "customer", "text": "x", "contact": "boris" });
    api.post(&acme, &format!("{at}/messages"), &foreign).await?.problem(409);
    api.post(&birlik, "tickets", &wanted).await?.problem(409);
    api.post(&acme, "tickets", &json!({ "kind": "question", "text": "x" })).await?.problem(409);
    assert_eq!(api.get(&birlik, "tickets").await?.body["items"], json!([]));
    api.get(&birlik, "tickets?customer=acme").await?.problem(403);
    api.get(&birlik, "services?customer=acme").await?.problem(403);
    api.get(&birlik, "reports/sla").await?.problem(403);
    let services = api.get(&birlik, "services").await?;
    assert!(
        services.body["items"]
            .as_array()
            .is_some_and(|s| s.iter().all(|s| s["customer"] == "birlik") && s.len() == 2)
    );
    assert_eq!(api.get(&birlik, "customers").await?.body["items"].as_array().map(Vec::len), Some(1));
    for body in [
        json!({ "command": "take" }),
        json!({ "command": "solve" }),
        json!({ "command": "note", "text": "x" }),
    ] {
        api.post(&acme, &format!("{at}/commands"), &body).await?.problem(403);
    }
    api.post(&acme, "alerts", &json!({ "version": "4", "groupKey": "", "alerts": [] })).await?.problem(403);
    assert_eq!(api.post(&acme, &format!("{at}/commands"), &cancel).await?.body["state"], "cancelled");
    Ok(())
}
