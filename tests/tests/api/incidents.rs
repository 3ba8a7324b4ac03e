//! Incidents and intervals from other programs: what is said by one person, agreed to by another, and by nobody twice.

use anyhow::Result;
use crm::domain::person::Role;
use komek_tests::engine::Engine;
use rstest::rstest;
use serde_json::{Value, json};

use crate::calls::{Answer, Calls};

#[rstest]
#[tokio::test]
async fn incidents_are_listed_with_what_is_confirmed_of_them(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    api.desk.open("aigerim", crm::domain::kind::Kind::FaultCritical).await?;
    let token = api.token(Role::Engineer).await?;
    let list = api.get(&token, "incidents").await?;
    let one = &list.body["items"][0];
    assert_eq!((one["number"].clone(), one["state"].clone()), (json!("IN-000001"), json!("open")));
    assert_eq!((one["services"].clone(), one["tickets"].clone()), (json!(["acme-web"]), json!(1)));
    assert_eq!(api.get(&token, "incidents?over=true").await?.body["items"], json!([]));
    Ok(())
}

/// An interval of Acme's machine on the tenth.
fn interval(cause: &str, from: &str, until: &str) -> Value {
    json!({ "service": "acme-web", "cause": cause, "started_at": format!("2026-11-10T{from}+05:00"),
            "ended_at": format!("2026-11-10T{until}+05:00"), "evidence": "monitoring 4711" })
}

async fn say(api: &Calls, token: &str, interval: &Value, command: &Value) -> Result<Answer> {
    let id = interval["id"].as_str().unwrap_or_default();
    api.post(token, &format!("intervals/{id}/commands"), command).await
}

#[rstest]
#[tokio::test]
async fn an_outage_goes_from_report_to_discount_by_two_people(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    let (dana, nurlan) = (api.token_of("dana").await?, api.token_of("nurlan").await?);
    let program = api.token(Role::Engineer).await?;
    let confirm = json!({ "command": "confirm" });

    let outage =
        json!({ "services": ["acme-web"], "started_at": "2026-11-10T02:00:00+05:00", "words": "ala-1" });
    let opened = api.post_once(&program, "o1", "incidents", &outage).await?;
    assert_eq!((opened.code(), opened.body["number"].as_str()), (201, Some("IN-000001")), "{opened:?}");
    assert_eq!(api.post_once(&program, "o1", "incidents", &outage).await?.body, opened.body);

    // A program is no person: it may open an incident, but what happened people say.
    let mut down = interval("provider", "02:00:00", "03:00:00.250");
    down["incident"] = json!("IN-000001");
    assert!(api.post(&program, "intervals", &down).await?.problem(403).contains("--staff"));
    let said = api.post_once(&dana, "i1", "intervals", &down).await?;
    assert_eq!((said.code(), &said.body["state"]), (201, &json!("proposed")), "{said:?}");
    assert_eq!(api.post_once(&dana, "i1", "intervals", &down).await?.body, said.body, "once");
    let alone = say(&api, &dana, &said.body, &confirm).await?;
    assert!(alone.problem(409).contains("a second person"), "{alone:?}");
    assert!(say(&api, &program, &said.body, &confirm).await?.problem(403).contains("--staff"));
    let agreed = say(&api, &nurlan, &said.body, &confirm).await?;
    assert_eq!((&agreed.body["state"], &agreed.body["seconded_by"]), (&json!("confirmed"), &json!("nurlan")));

    // What does not count is an interval, too.
    let own = interval("customer_act", "02:30:00", "02:40:00");
    let own = api.post(&nurlan, "intervals", &own).await?;
    assert_eq!(say(&api, &dana, &own.body, &confirm).await?.body["state"], "confirmed");
    let one = api.get(&program, "incidents/1").await?;
    assert_eq!(one.body["intervals"].as_array().map(Vec::len), Some(1), "{one:?}");
    let all = api.get(&program, "intervals?service=acme-web&state=confirmed").await?;
    assert_eq!((all.body["items"].as_array().map(Vec::len), &all.body["next"]), (Some(2), &Value::Null));
    let october = "intervals?from=2026-10-01T00:00:00Z&to=2026-10-31T00:00:00Z";
    assert_eq!(api.get(&program, october).await?.body["items"], json!([]));
    let figures = api.get(&program, "credits?period=2026-11&customer=acme").await?;
    let web = figures.body["items"].as_array().and_then(|i| i.iter().find(|i| i["service"] == "acme-web"));
    assert_eq!(web.map(|w| &w["downtime_ms"]), Some(&json!(3_600_250)), "{figures:?}");

    // It was wrong: one says so, another agrees.
    let wrong = json!({ "command": "dispute", "text": "the probe was broken" });
    assert_eq!(say(&api, &dana, &said.body, &wrong).await?.body["disputed_by"], "dana");
    assert_eq!(say(&api, &dana, &said.body, &confirm).await?.code(), 409);
    assert_eq!(say(&api, &nurlan, &said.body, &confirm).await?.body["state"], "withdrawn");
    let closed = json!({ "command": "close", "text": "Бәрі жұмыс істейді" });
    assert_eq!(api.post(&nurlan, "incidents/1/commands", &closed).await?.body["state"], "closed");
    assert!(api.post(&nurlan, "incidents/1/commands", &closed).await?.problem(409).contains("already"));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn what_cannot_be_is_refused_with_what_to_do(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    let dana = api.token_of("dana").await?;
    let with = |key: &str, value: Value| {
        let mut body = interval("provider", "02:00:00", "03:00:00");
        body[key] = value;
        body
    };
    for (body, code, words) in [
        (interval("provider", "03:00:00", "02:00:00"), 409, "before it begins"),
        (with("ended_at", json!("2026-12-10T02:00:00Z")), 409, "in the future"),
        (with("service", json!("acme-wep")), 409, "did you mean"),
        (with("cause", json!("ha_master_unreachable")), 409, "does not fit a vm service"),
        (with("cause", json!("bad luck")), 422, "unknown variant"),
        (with("evidence", json!("  ")), 422, "evidence"),
        (with("incident", json!("IN-000077")), 404, "IN-000077"),
        (with("started_at", json!("1000-01-01T00:00:00Z")), 409, "1970"),
        (with("cause", json!("planned_works")), 409, "must be announced"),
        (with("severity", json!("x")), 422, "unknown field"),
    ] {
        let said = api.post(&dana, "intervals", &body).await?;
        assert!(said.problem(code).contains(words), "{body} {said:?}");
    }
    let nowhere = json!({ "id": "01890000-0000-7000-8000-000000000000" });
    say(&api, &dana, &nowhere, &json!({ "command": "confirm" })).await?.problem(404);
    say(&api, &dana, &json!({ "id": "x" }), &json!({ "command": "confirm" })).await?.problem(404);
    api.get(&dana, "incidents/IN-000077").await?.problem(404);
    let none = json!({ "services": [], "started_at": "2026-11-10T02:00:00+05:00" });
    api.post(&dana, "incidents", &none).await?.problem(422);
    // A customer's token neither reads nor says any of it.
    let acme = api.token_of_customer("acme").await?;
    api.get(&acme, "intervals").await?.problem(403);
    api.get(&acme, "incidents/1").await?.problem(403);
    api.post(&acme, "intervals", &interval("provider", "02:00:00", "03:00:00")).await?.problem(403);
    Ok(())
}
