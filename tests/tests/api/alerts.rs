//! Alertmanager's notifications: filed once, bursts together, solved when all is well.

use anyhow::Result;
use chrono::TimeDelta;
use crm::domain::person::Role;
use futures::future::join_all;
use komek_tests::engine::Engine;
use rstest::rstest;
use serde_json::{Value, json};

use crate::calls::{Answer, Calls};

/// One alert as Alertmanager 0.27 writes it.
fn alert(name: &str, status: &str, labels: &[(&str, &str)]) -> Value {
    let mut all = json!({ "alertname": name });
    for (key, value) in labels {
        all[*key] = json!(value);
    }
    json!({
        "status": status, "labels": all, "annotations": { "summary": format!("{name} <script>alert(1)</script>") },
        "startsAt": "2026-11-23T04:59:12.345678901Z",
        "endsAt": if status == "firing" { "0001-01-01T00:00:00Z" } else { "2026-11-23T05:20:00Z" },
        "generatorURL": "http://prometheus:9090/graph?g0.expr=up", "fingerprint": format!("fp-{name}-{labels:?}"),
    })
}

fn notification(group: &str, alerts: &[Value]) -> Value {
    json!({ "version": "4", "groupKey": group, "truncatedAlerts": 0, "status": "firing", "receiver": "komek",
            "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "http://am:9093", "alerts": alerts })
}

async fn tell(api: &Calls, token: &str, group: &str, alerts: &[Value]) -> Result<Answer> {
    let answer = api.post(token, "alerts", &notification(group, alerts)).await?;
    assert_eq!(answer.code(), 200, "{answer:?}");
    Ok(answer)
}

#[rstest]
#[tokio::test]
async fn an_alert_is_filed_once_and_its_end_solves_the_ticket(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    let token = api.token(Role::Engineer).await?;
    let down = |status| alert("VmDown", status, &[("severity", "critical"), ("vm", "birlik-web")]);
    let disk = |status| {
        alert("DiskFull", status, &[("severity", "warning"), ("domain", "birlik-web"), ("zone", "ala-2")])
    };
    let said = tell(&api, &token, "g1", &[down("firing")]).await?;
    assert_eq!(said.body["opened"], json!(["KM-000001"]), "{said:?}");
    for _ in 0..3 {
        let said = tell(&api, &token, "g1", &[down("firing")]).await?;
        assert_eq!((&said.body["repeated"], &said.body["opened"]), (&json!(1), &json!([])));
    }
    let ticket = api.get(&token, "tickets/1").await?.body;
    assert_eq!((&ticket["kind"], &ticket["channel"]), (&json!("fault_critical"), &json!("alert")));
    assert_eq!((&ticket["customer"], &ticket["service"]), (&json!("birlik"), &json!("birlik-web")));
    // The same service in another group joins; the customer reads none of it.
    let said = tell(&api, &token, "g2", &[disk("firing")]).await?;
    assert_eq!((&said.body["joined"], &said.body["opened"]), (&json!(1), &json!([])), "{said:?}");
    let birlik = api.token_of_customer("birlik").await?;
    assert_eq!(api.get(&birlik, "tickets/1/messages").await?.body["items"], json!([]));
    assert_eq!(api.get(&token, "tickets/1/messages").await?.body["items"].as_array().map(Vec::len), Some(2));

    let said = tell(&api, &token, "g2", &[disk("resolved")]).await?;
    assert_eq!((&said.body["resolved"], &said.body["solved"]), (&json!(1), &json!([])), "one still fires");
    let said = tell(&api, &token, "g1", &[down("resolved")]).await?;
    assert_eq!(said.body["solved"], json!(["KM-000001"]), "{said:?}");
    // What monitoring saw is an interval, to the millisecond, which two people still have to confirm; a full disk is no downtime.
    let incidents = api.get(&token, "incidents").await?.body;
    let intervals = &incidents["items"][0]["intervals"];
    assert_eq!(intervals.as_array().map(Vec::len), Some(1), "{incidents}");
    let seen = &intervals[0];
    assert_eq!((&seen["cause"], &seen["state"]), (&json!("provider"), &json!("proposed")));
    assert_eq!(seen["started_at"], "2026-11-23T04:59:12.345Z");
    assert_eq!(seen["ended_at"], "2026-11-23T05:00:00Z", "the test's present: what lies ahead was not seen");
    let ticket = api.get(&token, "tickets/1").await?.body;
    assert_eq!(ticket["state"], "solved");
    assert_eq!(ticket["resolution"]["outcome"], "met");
    assert_eq!(ticket["first_reply"]["outcome"], "void", "a machine's recovery is nobody's reply");
    let said = tell(&api, &token, "g1", &[down("resolved")]).await?;
    assert_eq!(said.body["ignored"], 1, "its end was told before");
    let id =
        api.desk.test.db.read().await?.ticket_by_number("1".parse().expect("1")).await?.expect("there").id;
    assert!(api.desk.waiting(id).await?["desk"] >= 1, "the desk hears that all is well");

    // It fires again: a new fault.
    api.desk.clock.advance(TimeDelta::hours(1));
    let said = tell(&api, &token, "g1", &[down("firing")]).await?;
    assert_eq!(said.body["opened"], json!(["KM-000002"]));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_critical_alert_never_hides_in_a_minor_ticket_and_info_is_forgotten(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    let token = api.token(Role::Engineer).await?;
    let info = alert("Watchdog", "firing", &[("severity", "none")]);
    assert_eq!(tell(&api, &token, "g", &[info]).await?.body["ignored"], 1);
    let minor = alert("Slow", "firing", &[("severity", "warning"), ("instance", "acme-web:9100")]);
    let major = alert("Down", "firing", &[("severity", "critical"), ("instance", "acme-web:9100")]);
    assert_eq!(tell(&api, &token, "g", &[minor]).await?.body["opened"], json!(["KM-000001"]));
    assert_eq!(tell(&api, &token, "g", &[major]).await?.body["opened"], json!(["KM-000002"]));
    assert_eq!(api.get(&token, "tickets/1").await?.body["service"], "acme-web");
    assert_eq!(api.get(&token, "tickets/2").await?.body["kind"], "fault_critical");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_thousand_alerts_at_once_are_few_tickets_and_all_are_kept(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    let token = api.token(Role::Engineer).await?;
    // A zone is gone: forty groups of twenty-five, in several notifications at the same time.
    let notifications: Vec<(String, Vec<Value>)> = (0..40)
        .map(|group| {
            let one = |n| {
                let host = format!("host-{group}-{n}");
                alert("HostDown", "firing", &[("severity", "critical"), ("instance", &host)])
            };
            (format!("rack-{group}"), (0..25).map(one).collect())
        })
        .collect();
    let answers =
        join_all(notifications.iter().map(|(group, alerts)| tell(&api, &token, group, alerts))).await;
    let answers = answers.into_iter().collect::<Result<Vec<_>>>()?;
    let sum = |key: &str| answers.iter().map(|a| a.body[key].as_u64().unwrap_or(0)).sum::<u64>();
    let opened: usize = answers.iter().map(|a| a.body["opened"].as_array().map_or(0, Vec::len)).sum();
    assert!((1..=5).contains(&opened), "{opened} tickets");
    assert_eq!(sum("joined") + opened as u64, 1_000);
    assert_eq!(api.desk.test.number("SELECT COUNT(*) FROM alert WHERE resolved_at IS NULL").await?, 1_000);
    // Sent again, as Alertmanager does after a timeout: nothing new.
    let answers =
        join_all(notifications.iter().map(|(group, alerts)| tell(&api, &token, group, alerts))).await;
    let repeated: u64 =
        answers.into_iter().map(|a| a.expect("told").body["repeated"].as_u64().unwrap_or(0)).sum();
    assert_eq!(repeated, 1_000);
    // All is well again: all tickets are solved.
    for (group, alerts) in &notifications {
        let mut alerts = alerts.clone();
        for alert in &mut alerts {
            alert["status"] = json!("resolved");
        }
        tell(&api, &token, group, &alerts).await?;
    }
    assert_eq!(api.desk.test.number("SELECT COUNT(*) FROM ticket WHERE state <> 'solved'").await?, 0);
    Ok(())
}

#[tokio::test]
async fn what_is_no_notification_is_told() -> Result<()> {
    let Some(api) = Calls::new(Engine::Sqlite).await? else { return Ok(()) };
    let token = api.token(Role::Engineer).await?;
    let mut old = notification("g", &[]);
    old["version"] = json!("3");
    assert!(api.post(&token, "alerts", &old).await?.problem(422).contains("only version 4"));
    for body in [json!({}), json!({ "version": "4", "groupKey": "g", "alerts": [{}] }), json!([]), json!("4")]
    {
        api.post(&token, "alerts", &body).await?.problem(422);
    }
    let mut undated = alert("Undated", "firing", &[("severity", "warning")]);
    undated["startsAt"] = json!("yesterday");
    assert_eq!(
        tell(&api, &token, "h", &[undated]).await?.body["opened"],
        json!(["KM-000001"]),
        "no alert is lost over a date"
    );
    let nul = alert("A\0B", "firing", &[("severity", "a\0")]);
    assert_eq!(tell(&api, &token, "g\0", &[nul]).await?.body["opened"], json!(["KM-000002"]));
    Ok(())
}
