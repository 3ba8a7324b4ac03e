//! Webhooks against a receiver on this machine: signed, once, again after failures, replayed, and never into our own network.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::TimeDelta;
use crm::domain::kind::Kind;
use crm::domain::person::Role;
use crm::webhooks::{WebhookConfig, Webhooks, sign};
use komek_tests::engine::Engine;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::calls::{Answer, Calls};

#[derive(Clone)]
struct Receiver {
    seen: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    answers: Arc<Mutex<StatusCode>>,
    url: String,
}

impl Receiver {
    async fn new() -> Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook?key=hidden", listener.local_addr()?);
        let this = Self { seen: Arc::default(), answers: Arc::new(Mutex::new(StatusCode::OK)), url };
        let take = |State(receiver): State<Self>, headers: HeaderMap, body: Bytes| async move {
            let body = String::from_utf8_lossy(&body).into_owned();
            receiver.seen.lock().expect("whole").push((headers, body));
            let code = *receiver.answers.lock().expect("whole");
            (code, [("location", "http://127.0.0.1:1/")])
        };
        let router = axum::Router::new().route("/hook", axum::routing::post(take)).with_state(this.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(this)
    }

    fn taken(&self) -> Vec<(HeaderMap, String)> {
        std::mem::take(&mut *self.seen.lock().expect("whole"))
    }

    fn answer(&self, code: u16) {
        *self.answers.lock().expect("whole") = StatusCode::from_u16(code).expect("a status");
    }
}

fn config(allow_private: bool) -> WebhookConfig {
    WebhookConfig { key: Some("0123456789abcdef0123456789abcdef".into()), allow_private }
}

fn sender(api: &Calls, name: &str, allow_private: bool) -> Webhooks {
    Webhooks::new(api.desk.service.clone(), api.desk.test.db.clone(), config(allow_private), name.to_owned())
}

async fn ask(api: &Calls, method: Method, token: &str, path: &str) -> Result<Answer> {
    Calls::send(api.request(method, &format!("/api/v1/{path}")).bearer_auth(token)).await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_told_signed_retried_listed_and_replayed(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::with_webhooks(engine, config(true)).await? else { return Ok(()) };
    let admin = api.token(Role::Administrator).await?;
    let receiver = Receiver::new().await?;
    let wanted = json!({ "url": receiver.url, "words": ["opened", "target_breached"] });
    let made = api.post(&admin, "webhooks", &wanted).await?;
    assert_eq!(made.code(), 201, "{made:?}");
    let secret = made.body["secret"].as_str().context("shown once")?.to_owned();
    let id = made.body["id"].as_str().context("an id")?.to_owned();
    let listed = api.get(&admin, "webhooks").await?;
    assert_eq!(
        (&listed.body["items"][0]["id"], &listed.body["items"][0]["secret"]),
        (&json!(id), &Value::Null)
    );

    api.desk.open("aigerim", Kind::Question).await?;
    // Two processes send at once: each event is told once.
    let (one, two) = (sender(&api, "one", true), sender(&api, "two", true));
    let (a, b) = tokio::join!(one.send_due(), two.send_due());
    assert_eq!(a? + b?, 1);
    let seen = receiver.taken();
    assert_eq!(seen.len(), 1);
    let (headers, body) = &seen[0];
    let told: Value = serde_json::from_str(body)?;
    assert_eq!(
        (&told["event"], &told["ticket"]["number"], &told["seq"]),
        (&json!("opened"), &json!("KM-000001"), &json!(1))
    );
    assert!(!body.contains(&secret));
    let moment = api.desk.service.now().timestamp();
    assert_eq!(headers["komek-signature"], sign(&secret.clone().into(), moment, body));
    assert_eq!(headers["komek-event"], "opened");
    let delivery = headers["komek-delivery"].to_str()?.to_owned();

    // The receiver breaks: tried again with growing pauses, then given up and listed.
    receiver.answer(500);
    api.desk.open("boris", Kind::Question).await?;
    let mut tries = 0;
    for _ in 0..40 {
        tries += one.send_due().await?;
        api.desk.clock.advance(TimeDelta::hours(5));
    }
    assert_eq!(tries, 15);
    assert_eq!(receiver.taken().len(), 15);
    let failed = api.get(&admin, &format!("webhooks/{id}/deliveries?state=failed")).await?;
    let failure = &failed.body["items"][0];
    assert_eq!((&failure["status"], &failure["attempts"]), (&json!(500), &json!(15)), "{failed:?}");
    assert_eq!(failed.body["items"].as_array().map(Vec::len), Some(1));

    // Replayed: the same delivery, under the same id.
    receiver.answer(204);
    for replayed in [failure["id"].as_str().context("an id")?, delivery.as_str()] {
        let path = format!("webhooks/{id}/deliveries/{replayed}/replay");
        assert_eq!(ask(&api, Method::POST, &admin, &path).await?.code(), 202);
        assert_eq!(one.send_due().await?, 1);
        assert_eq!(receiver.taken()[0].0["komek-delivery"], replayed);
    }
    let sent = api.get(&admin, &format!("webhooks/{id}/deliveries?state=sent")).await?;
    assert_eq!(sent.body["items"].as_array().map(Vec::len), Some(2));

    // A redirection is not followed; one that is gone ends it at once; deleted, nothing more is told.
    for (answer, word) in [(302, "ready"), (410, "failed")] {
        receiver.answer(answer);
        api.desk.clock.advance(TimeDelta::seconds(1));
        api.desk.open("nora", Kind::Question).await?;
        one.send_due().await?;
        let newest = api.get(&admin, &format!("webhooks/{id}/deliveries")).await?;
        assert_eq!(newest.body["items"][0]["state"], word, "{newest:?}");
    }
    assert_eq!(ask(&api, Method::DELETE, &admin, &format!("webhooks/{id}")).await?.code(), 204);
    ask(&api, Method::DELETE, &admin, &format!("webhooks/{id}")).await?.problem(404);
    receiver.taken();
    api.desk.clock.advance(TimeDelta::days(1));
    api.desk.open("nora", Kind::Question).await?;
    assert_eq!((one.send_due().await?, receiver.taken().len()), (0, 0));
    Ok(())
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_into_our_own_network_and_only_the_administrator_decides(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::with_webhooks(engine, config(false)).await? else { return Ok(()) };
    let admin = api.token(Role::Administrator).await?;
    let new = |url: &str, words: Value| json!({ "url": url, "words": words });
    for url in [
        "http://example.kz/",
        "https://127.0.0.1/",
        "https://[::1]:8080/",
        "https://169.254.169.254/",
        "ftp://x.kz/",
    ] {
        api.post(&admin, "webhooks", &new(url, json!(["opened"]))).await?.problem(422);
    }
    for words in [json!([]), json!(["open"]), json!(["opened", "\u{0}"])] {
        api.post(&admin, "webhooks", &new("https://example.kz/", words)).await?.problem(422);
    }
    // A name that leads home is found out when it is looked up, each time.
    let receiver = Receiver::new().await?;
    let port = receiver.url.split(':').nth(2).and_then(|r| r.split('/').next()).context("a port")?.to_owned();
    let made = api
        .post(&admin, "webhooks", &new(&format!("https://localhost:{port}/hook"), json!(["opened"])))
        .await?;
    assert_eq!(made.code(), 201, "{made:?}");
    api.desk.open("aigerim", Kind::Question).await?;
    assert_eq!(sender(&api, "one", false).send_due().await?, 1);
    assert_eq!(receiver.taken().len(), 0);
    let path = format!("webhooks/{}/deliveries", made.body["id"].as_str().context("an id")?);
    let listed = api.get(&admin, &path).await?;
    let why = listed.body["items"][0]["error"].as_str().context("why")?;
    assert!(why.contains("public internet"), "{why}");
    // Who oversees the desk reads; everybody else is refused, a customer too.
    let one = path.trim_end_matches("/deliveries");
    let again = format!("{path}/{}/replay", listed.body["items"][0]["id"].as_str().context("an id")?);
    for role in [Role::Engineer, Role::DutyManager, Role::Manager, Role::Auditor] {
        let token = api.token(role).await?;
        api.post(&token, "webhooks", &new("https://example.kz/", json!(["opened"]))).await?.problem(403);
        ask(&api, Method::DELETE, &token, one).await?.problem(403);
        ask(&api, Method::POST, &token, &again).await?.problem(403);
        let reads = if role == Role::Engineer { 403 } else { 200 };
        assert_eq!(
            (api.get(&token, "webhooks").await?.code(), api.get(&token, &path).await?.code()),
            (reads, reads)
        );
    }
    // Who made it is in the audit, and the address is not.
    let audit = "SELECT COUNT(*) FROM event WHERE word = 'webhook_made' AND CAST(event AS TEXT)";
    assert_eq!(api.desk.test.number(&format!("{audit} LIKE '%localhost%'")).await?, 1);
    assert_eq!(api.desk.test.number(&format!("{audit} LIKE '%hook%:{port}%'")).await?, 0);
    let customer = api.token_of_customer("acme").await?;
    api.get(&customer, "webhooks").await?.problem(403);
    for path in ["webhooks/1/deliveries", "webhooks/00000000-0000-0000-0000-000000000001/deliveries"] {
        api.get(&admin, path).await?.problem(404);
    }
    Ok(())
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_dead_receiver_holds_up_nobody_and_a_dead_sender_loses_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::with_webhooks(engine, config(true)).await? else { return Ok(()) };
    let admin = api.token(Role::Administrator).await?;
    let receiver = Receiver::new().await?;
    let mut ids = Vec::new();
    // Nothing listens on port 1.
    for url in ["http://127.0.0.1:1/", &receiver.url] {
        let made = api.post(&admin, "webhooks", &json!({ "url": url, "words": ["opened"] })).await?;
        ids.push(made.body["id"].as_str().context("an id")?.to_owned());
    }
    for who in ["aigerim", "boris", "nora"] {
        api.desk.open(who, Kind::Question).await?;
    }
    // A sender leases what is due for the living one and dies.
    let now = api.desk.service.now();
    let mut tx = api.desk.test.db.begin().await?;
    let leased = tx.delivery_claim(ids[1].parse()?, "dead", (now, now + TimeDelta::minutes(1)), 2).await?;
    tx.commit().await?;
    assert_eq!(leased.len(), 2);
    let one = sender(&api, "one", true);
    assert_eq!(
        (one.send_due().await?, receiver.taken().len()),
        (4, 1),
        "three for the dead one, one that was left"
    );
    let waiting = api.get(&admin, &format!("webhooks/{}/deliveries?state=ready", ids[0])).await?;
    for item in waiting.body["items"].as_array().context("a list")? {
        assert_eq!((&item["attempts"], &item["status"]), (&json!(1), &Value::Null), "{item}");
        assert!(item["error"].as_str().is_some_and(|e| e.contains("refused")), "{item}");
    }
    // The lease runs out: the program itself, as it runs in the service, sends the rest and goes on until it is stopped.
    api.desk.clock.advance(TimeDelta::minutes(2));
    let stop = CancellationToken::new();
    let running = tokio::spawn(one.run(stop.clone()));
    let mut seen = Vec::new();
    for _ in 0..400 {
        seen.append(&mut receiver.taken());
        if seen.len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(seen.len(), 2);
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(5), running).await??;
    let sent = api.get(&admin, &format!("webhooks/{}/deliveries?state=sent", ids[1])).await?;
    assert_eq!(sent.body["items"].as_array().map(Vec::len), Some(3));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_there_are_none() -> Result<()> {
    let Some(api) = Calls::new(Engine::Sqlite).await? else { return Ok(()) };
    let admin = api.token(Role::Administrator).await?;
    let wanted = json!({ "url": "https://example.kz/", "words": ["opened"] });
    assert!(api.post(&admin, "webhooks", &wanted).await?.problem(409).contains("KOMEK_WEBHOOKS_KEY"));
    Ok(())
}
