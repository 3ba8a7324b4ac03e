//! One outage, four ways in: monitoring's webhook, a telephone call, a mail through real mail servers and a message to the bot end in one
//! incident with four tickets, each with the promise of its own way, and the dashboard has every minute of them.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use bot::context::Settings;
use bot::handler::Handler;
use chrono::TimeDelta;
use crm::admin::{TokenScope, token_create_for};
use crm::api::{Api, router};
use crm::config::Support;
use crm::domain::actor::Actor;
use crm::domain::ids::TicketNumber;
use crm::domain::incident::{IncidentNumber, IncidentState};
use crm::domain::lang::Lang;
use crm::domain::person::Role;
use crm::domain::ticket::State;
use crm::intake::alerts::AlertRules;
use crm::store::{OutboxItem, Payload, RawUpdate};
use komek_tests::console::{Browser, Console};
use komek_tests::desk::Desk;
use komek_tests::engine::Engine;
use komek_tests::lab::mail::DESK;
use rstest::rstest;
use serde_json::{Value, json};

use crate::post::{Draft, Post};

/// Boris, whose machine it is.
const BORIS: i64 = 200_002;

/// The API on a port of its own, and a token for it.
struct Programs {
    http: reqwest::Client,
    address: String,
    token: String,
}

impl Programs {
    async fn new(desk: &Desk) -> Result<Self> {
        let (db, scope) = (desk.test.db.clone(), TokenScope::default());
        let token =
            token_create_for(&db, &*desk.clock, ("am", Role::Engineer), &scope, Actor::Operator).await?;
        let api = Api::new(desk.service.clone(), db, (1_000, 1_000), AlertRules::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}/api/v1", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, router(api)).await });
        Ok(Self { http: reqwest::Client::new(), address, token })
    }

    async fn get(&self, path: &str) -> Result<Value> {
        let request = self.http.get(format!("{}/{path}", self.address)).bearer_auth(&self.token);
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    /// What an Alertmanager reports of Boris's machine.
    async fn alert(&self, status: &str) -> Result<Value> {
        let body = json!({ "version": "4", "groupKey": "vm", "alerts": [{
            "status": status,
            "labels": { "alertname": "VmDown", "severity": "critical", "vm": "birlik-web" },
            "annotations": { "summary": "birlik-web does not answer" },
            "startsAt": "2026-11-23T09:58:00+05:00",
            "endsAt": if status == "firing" { "0001-01-01T00:00:00Z" } else { "2026-11-23T10:40:00+05:00" },
            "generatorURL": "", "fingerprint": "f1",
        }] });
        let request = self.http.post(format!("{}/alerts", self.address)).bearer_auth(&self.token);
        Ok(request.json(&body).send().await?.error_for_status()?.json().await?)
    }
}

/// Boris's telephone before the bot's own handler.
struct Phone {
    handler: Handler,
    updates: i64,
    buttons: Vec<String>,
}

impl Phone {
    fn new(desk: &Desk) -> Result<Self> {
        let settings = Settings {
            desk_chat: None,
            desk_language: Lang::Kk,
            bot_username: "komek_bot".to_owned(),
            support: support(),
            key: Arc::new(crm::seal::bot_key(&"42:OUTAGE".into())),
            address: "https://help.example".parse()?,
        };
        let handler = Handler::new(desk.service.clone(), Arc::new(settings), desk.test.db.clone(), 42, true);
        Ok(Self { handler, updates: 0, buttons: Vec::new() })
    }

    async fn does(&mut self, mut what: Value) -> Result<()> {
        self.updates += 1;
        what["update_id"] = json!(self.updates);
        let raw = RawUpdate { update_id: self.updates, chat_id: None, raw: what.to_string() };
        let handled = self.handler.receive(&[raw]).await?;
        let buttons = |item: &OutboxItem| match &item.payload {
            Payload::Call { params, .. } => params["reply_markup"]["inline_keyboard"].as_array().cloned(),
            Payload::Tell(_) => None,
        };
        let rows = handled.outbox.iter().filter_map(buttons).flatten();
        let shown: Vec<String> = rows
            .flat_map(|row| row.as_array().cloned().unwrap_or_default())
            .filter_map(|button| button["callback_data"].as_str().map(str::to_owned))
            .collect();
        if !shown.is_empty() {
            self.buttons = shown;
        }
        Ok(())
    }

    fn boris() -> Value {
        json!({ "id": BORIS, "is_bot": false, "first_name": "Борис" })
    }

    async fn writes(&mut self, text: &str) -> Result<()> {
        let chat = json!({ "id": BORIS, "type": "private" });
        let id = self.updates + 100;
        self.does(json!({ "message": { "message_id": id, "from": Self::boris(), "chat": chat, "date": 1, "text": text } })).await
    }

    async fn presses(&mut self, ending: &str) -> Result<()> {
        let data = self.buttons.iter().find(|data| data.ends_with(ending));
        let data = data.with_context(|| format!("no {ending} among {:?}", self.buttons))?.clone();
        let message = json!({ "message_id": 1, "chat": { "id": BORIS, "type": "private" }, "date": 1 });
        let press = json!({ "id": self.updates.to_string(), "from": Self::boris(), "message": message, "data": data });
        self.does(json!({ "callback_query": press })).await
    }
}

fn support() -> Support {
    Support { phone: "+7 (747) 507 3022".to_owned(), provider: "PRO DATA".to_owned() }
}

/// A form of the incidents' page.
async fn incident(browser: &Browser, what: &str, fields: &[(&str, &str)]) -> Result<()> {
    let once = uuid::Uuid::from_u128(rand::random()).to_string();
    let mut all = vec![("do", what), ("once", once.as_str()), ("incident", "IN-000001")];
    all.extend_from_slice(fields);
    let answer = browser.post("/incidents", &all).await?;
    ensure!(answer.to() == "/incidents?done=yes", "{what}: {answer:?}");
    Ok(())
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn four_ways_in_one_incident_and_every_minute_on_the_dashboard(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(Post { desk, servers, mail }) = Post::new(engine).await? else { return Ok(()) };
    let (programs, mut phone) = (Programs::new(&desk).await?, Phone::new(&desk)?);
    let console = Console::on(desk, None).await?;
    let desk = &console.desk;
    let (nurlan, marat) = (console.browser("nurlan").await?, console.browser("marat").await?);
    let minutes = |n| desk.clock.advance(TimeDelta::minutes(n));

    // 10:00: monitoring has seen it for two minutes.
    let said = programs.alert("firing").await?;
    assert_eq!(said["opened"], json!(["KM-000001"]), "{said}");
    // 10:02: Boris calls; the duty manager writes it down while he speaks.
    minutes(2);
    let once = uuid::Uuid::from_u128(rand::random()).to_string();
    let call = [
        ("once", once.as_str()),
        ("phone", "8 701 000 00 02"),
        ("contact", "boris"),
        ("service", "birlik-web"),
        ("kind", "fault_critical"),
        ("text", "Сайт не открывается"),
    ];
    assert_eq!(marat.post("/phone", &call).await?.to(), "/tickets/KM-000002?done=opened");
    // 10:05: he writes a mail, too.
    minutes(3);
    let letter = Draft {
        from: "boris@birlik.example",
        subject: "Сайт лежит",
        text: "Клиенты жалуются, сделайте что-нибудь",
        headers: String::new(),
    };
    servers.deliver(letter.from, letter.raw().as_bytes())?;
    servers.wait_for(DESK, 1).await?;
    assert_eq!(mail.fetch().await?, 1);
    // 10:06: and to the bot.
    minutes(1);
    phone.writes("/menu").await?;
    for ending in ["b:fault", "vbirlik-web", "s1", "a0"] {
        phone.presses(ending).await?;
    }
    phone.writes("Всё лежит").await?;
    phone.presses("y").await?;

    // 10:08: the engineer takes what he sees, and finds the mail to be about the same.
    minutes(2);
    for number in ["KM-000001", "KM-000002", "KM-000004"] {
        assert_eq!(nurlan.command(number, "take", &[]).await?.status, 303, "{number}");
    }
    minutes(1);
    assert_eq!(nurlan.command("KM-000003", "take", &[]).await?.status, 303);
    incident(&nurlan, "attach", &[("ticket", "KM-000003")]).await?;
    minutes(1);
    for number in ["KM-000002", "KM-000003", "KM-000004"] {
        let text = ("text", "Коммутатор отказал, меняем");
        assert_eq!(nurlan.command(number, "answer", &[text]).await?.status, 303, "{number}");
    }
    let mut tx = desk.test.db.read().await?;
    let one = tx.incident_by_number(IncidentNumber(1)).await?.context("an incident")?;
    assert_eq!((one.state, one.tickets.len()), (IncidentState::Open, 4));
    assert_eq!(
        one.started_at,
        "2026-11-23T09:58:00+05:00".parse::<crm::clock::Moment>()?,
        "C8: monitoring's record"
    );
    assert_eq!(tx.incident_by_number(IncidentNumber(2)).await?, None, "there is no other");
    drop(tx);
    let manager = console.browser("gulnar").await?;
    let incidents = manager.get("/incidents").await?.body;
    for number in ["IN-000001", "KM-000001", "KM-000002", "KM-000003", "KM-000004"] {
        ensure!(incidents.contains(number), "{number}");
    }

    // 10:40: monitoring says that it works again. 10:45: everybody is told, and the incident is over.
    minutes(30);
    assert_eq!(programs.alert("resolved").await?["solved"], json!(["KM-000001"]));
    minutes(5);
    incident(&nurlan, "answer", &[("text", "Коммутатор заменён, всё работает")]).await?;
    let mut tx = desk.test.db.read().await?;
    for number in 1..=4 {
        let ticket = tx.ticket_by_number(TicketNumber(number)).await?.context("a ticket")?;
        assert_eq!(ticket.state, State::Solved, "{number}");
    }
    assert_eq!(tx.incident_by_number(IncidentNumber(1)).await?.map(|i| i.state), Some(IncidentState::Closed));
    drop(tx);
    // The mail is answered by mail.
    mail.send_due().await?;
    let answers = servers.wait_for("boris@birlik.example", 3).await?;
    ensure!(answers.iter().any(|m| m.contains("KM-000003")), "{answers:#?}");

    // The dashboard: four tickets, by four ways, and where their minutes went.
    let report = programs.get("reports/sla?from=2026-11-23&to=2026-11-23&group_by=channel").await?;
    let total = &report["total"];
    assert_eq!((&total["opened"], &total["solved"]), (&json!(4), &json!(4)), "{total:#}");
    for (way, queue, engineer) in [("alert", 8, 32), ("email", 4, 36), ("phone", 6, 37), ("telegram", 2, 37)]
    {
        let group = report["groups"].as_array().and_then(|all| all.iter().find(|g| g["key"] == way));
        let spent = &group.with_context(|| format!("{way}: {report:#}"))?["figures"]["minutes"];
        assert_eq!(
            (spent["queue_ms"].as_i64(), spent["engineer_ms"].as_i64()),
            (Some(queue * 60_000), Some(engineer * 60_000)),
            "{way}: {spent}"
        );
    }
    assert_eq!(total["resolution"]["breached"], 0, "{total:#}");
    assert_eq!(total["first_reply"]["met"], 4, "monitoring is answered by whoever takes it: {total:#}");
    let page = manager.get("/reports/sla?from=2026-11-23&to=2026-11-23").await?.body;
    for shown in ["20 minutes (12 %)", "2 hours 22 minutes (88 %)"] {
        ensure!(page.contains(shown), "{shown}: {page}");
    }
    let list = manager.get("/reports/sla/tickets?from=2026-11-23&to=2026-11-23&figure=opened").await?.body;
    for number in 1..=4 {
        let number = TicketNumber(number).to_string();
        ensure!(list.contains(&number), "{number}: {list}");
    }
    Ok(())
}
