//! The SLA report: figures that agree with the tickets, in every form, however often tickets change.

use anyhow::Result;
use chrono::TimeDelta;
use crm::domain::decide::Command;
use crm::domain::kind::{Kind, Queue};
use crm::domain::person::Role;
use crm::reports::{Filter, GroupBy, Period, Reports};
use komek_tests::desk::{Desk, contact, engineer, manager};
use komek_tests::engine::Engine;
use rstest::rstest;
use serde_json::json;

use crate::calls::Calls;

#[rstest]
#[tokio::test]
async fn a_breach_stays_one_is_seen_at_its_deadline_and_is_nobody_elses(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let reports = Reports::new(desk.service.clone(), desk.test.db.clone());
    let today = || Period::last(1, desk.service.now());
    let ticket = desk.open("aigerim", Kind::FaultCritical).await?.id;
    desk.clock.advance(TimeDelta::minutes(5));
    desk.run(ticket, Command::Take, &engineer("dana")).await?;
    desk.write(ticket, Command::Answer, &engineer("dana")).await?;
    desk.clock.advance(TimeDelta::minutes(54));
    let report = reports.sla(today(), GroupBy::Kind, Filter::default()).await?;
    assert_eq!((report.total.resolution.running, report.total.resolution.compliance), (1, None));
    assert_eq!(report.total.first_reply.compliance.as_deref(), Some("100.00"));
    // Nobody has looked at the clock; the report does.
    desk.run(ticket, Command::HandOver(Queue::Infrastructure), &engineer("dana")).await?;
    desk.run(ticket, Command::Take, &engineer("nurlan")).await?;
    desk.clock.advance(TimeDelta::minutes(1));
    let report = reports.sla(today(), GroupBy::Kind, Filter::default()).await?;
    assert_eq!(
        (report.total.resolution.breached, report.total.resolution.compliance.as_deref()),
        (1, Some("0.00"))
    );
    let minutes = report.breaches[0].minutes;
    assert_eq!((minutes.queue_ms, minutes.engineer_ms), (5 * 60_000, 55 * 60_000));
    let who: Vec<_> =
        report.staff.iter().map(|s| (s.staff.as_str(), s.held, s.breached, s.inherited)).collect();
    assert_eq!(who, [("dana", 1, 0, 0), ("nurlan", 1, 0, 1)], "he took it in the last minute");
    for _ in 0..2 {
        desk.run(ticket, Command::Solve(None), &engineer("nurlan")).await?;
        desk.clock.advance(TimeDelta::minutes(1));
        desk.run(ticket, Command::Reopen(None), &contact("aigerim")).await?;
    }
    let report = reports.sla(today(), GroupBy::Kind, Filter::default()).await?;
    assert_eq!((report.total.resolution.breached, report.total.reopened, report.backlog.now), (1, 1, 1));
    // Tomorrow, today is the period before.
    desk.clock.advance(TimeDelta::days(1));
    let report = reports.sla(today(), GroupBy::Kind, Filter::default()).await?;
    assert_eq!((report.total.opened, report.before.opened, report.before.resolution.breached), (0, 1, 1));
    assert_eq!(report.groups[0].before.as_ref().map(|f| f.opened), Some(1));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn every_form_has_the_same_numbers(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    let token = api.token(Role::Manager).await?;
    for _ in 0..3 {
        api.desk.open("aigerim", Kind::Question).await?;
    }
    let mut tx = api.desk.test.db.begin().await?;
    api.desk.service.emergency(&mut tx, true, "өрт".to_owned(), &manager()).await?;
    tx.commit().await?;
    api.desk.clock.advance(TimeDelta::minutes(11));
    let path = "reports/sla?from=2026-11-20&to=2026-11-23&group_by=channel";
    let report = api.get(&token, path).await?;
    assert_eq!(report.code(), 200, "{report:?}");
    assert_eq!(
        (&report.body["total"]["opened"], &report.body["total"]["first_reply"]["breached"]),
        (&json!(3), &json!(3))
    );
    assert_eq!(report.body["groups"][0]["key"], "telegram");
    assert_eq!(report.body["before_to"], "2026-11-19");
    assert_eq!(report.body["emergencies"][0]["reason"], "өрт");
    assert_eq!(report.body["heat"][0][10], 3, "Monday, ten o'clock");
    let request =
        api.request(reqwest::Method::GET, &format!("/api/v1/{path}&format=csv")).bearer_auth(&token);
    let text = request.send().await?.error_for_status()?.text().await?;
    let total =
        text.lines().find(|line| line.starts_with("2026-11-20/2026-11-23,total,")).expect("the total");
    assert!(total.starts_with("2026-11-20/2026-11-23,total,3,0,0,0,0,0,,0,3,0,0.00,"), "{total}");
    let request =
        api.request(reqwest::Method::GET, &format!("/api/v1/{path}&format=xlsx")).bearer_auth(&token);
    let answer = request.send().await?.error_for_status()?;
    assert!(answer.headers()["content-disposition"].to_str()?.contains("sla-2026-11-20-2026-11-23.xlsx"));
    assert!(answer.bytes().await?.starts_with(b"PK"));
    for query in ["from=2026-11-23&to=2026-11-20", "from=2000-01-01&to=2026-01-01"] {
        api.get(&token, &format!("reports/sla?{query}")).await?.problem(409);
    }
    for query in ["from=yesterday", "group_by=moon", "format=pdf", "from=2026-13-01"] {
        api.get(&token, &format!("reports/sla?{query}")).await?.problem(422);
    }
    Ok(())
}
