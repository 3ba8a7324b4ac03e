//! What billing takes over: preliminary, computed and frozen figures, as JSON and CSV, of one customer or of all.

use anyhow::Result;
use crm::credits;
use crm::domain::actor::Actor;
use crm::domain::credit::Cause;
use crm::domain::ids::ServiceId;
use crm::domain::person::Role;
use crm::incidents::{Proposal, propose, second};
use komek_tests::desk::{engineer, manager};
use komek_tests::engine::Engine;
use rstest::rstest;
use serde_json::json;

use crate::calls::Calls;

/// An hour in November that two engineers have confirmed.
async fn hour_of_downtime(api: &Calls) -> Result<()> {
    let (desk, proposal) = (
        &api.desk.service,
        Proposal {
            service: ServiceId::from("acme-web"),
            incident: None,
            cause: Cause::Provider,
            starts: "2026-11-10T02:00:00+05:00".parse()?,
            ends: "2026-11-10T03:00:00+05:00".parse()?,
            evidence: "monitoring 4711".to_owned(),
        },
    );
    let mut tx = api.desk.test.db.begin().await?;
    let said = propose(&mut tx, desk, proposal, &engineer("nurlan")).await?;
    second(&mut tx, desk, said.id, &engineer("dana")).await?;
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn billing_gets_the_same_discount_for_ever(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    hour_of_downtime(&api).await?;
    let token = api.token(Role::Auditor).await?;
    let now = api.get(&token, "credits?period=2026-11&customer=acme").await?;
    let web = |answer: &crate::calls::Answer| {
        let items = answer.body["items"].as_array().cloned().unwrap_or_default();
        items.into_iter().find(|i| i["service"] == "acme-web").expect("there")
    };
    assert_eq!(web(&now)["status"], "preliminary");
    assert_eq!((now.body["closed"].clone(), web(&now)["credit"].clone()), (json!(false), json!("2250.00")));
    assert_eq!(api.get(&token, "credits?period=2026-11&approved=true").await?.body["items"], json!([]));

    api.desk.clock.set("2026-12-02T09:00:00+05:00".parse()?);
    assert_eq!(web(&api.get(&token, "credits?period=2026-11").await?)["status"], "computed");
    let month = "2026-11".parse().map_err(anyhow::Error::msg)?;
    credits::close(&api.desk.test.db, &api.desk.service, month, &Actor::Operator).await?;
    let mut tx = api.desk.test.db.begin().await?;
    assert_eq!(credits::approve_all(&mut tx, &api.desk.service, month, &manager()).await?, (1, 0));
    tx.commit().await?;
    let bill = api.get(&token, "credits?period=2026-11&approved=true").await?;
    assert_eq!(bill.body["items"].as_array().map(Vec::len), Some(1));
    let row = web(&bill);
    assert_eq!((row["status"].clone(), row["revision"].clone()), (json!("approved"), json!(1)));
    assert_eq!(row["availability"], "99.861111");
    assert_eq!(row["intervals"][0]["rule"], "C8");
    assert_eq!(bill.body, api.get(&token, "credits?period=2026-11&approved=true").await?.body, "asked again");

    let csv = api.request(reqwest::Method::GET, "/api/v1/credits?period=2026-11&approved=true&format=csv");
    let text = csv.bearer_auth(&token).send().await?.text().await?;
    assert_eq!(
        text.lines().nth(1),
        Some(
            "acme-web,acme,2026-11,approved,1,vm@2025-09-10,2592000000,3600000,99.861111,5,45000.00,45000.00,2250.00,false,C1 C2 C8 C9 C12 C13"
        )
    );
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_customers_token_sees_its_own_figures_alone(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(api) = Calls::new(engine).await? else { return Ok(()) };
    hour_of_downtime(&api).await?;
    let birlik = api.token_of_customer("birlik").await?;
    let own = api.get(&birlik, "credits?period=2026-11").await?;
    let items = own.body["items"].as_array().cloned().unwrap_or_default();
    assert!(items.len() == 2 && items.iter().all(|i| i["customer"] == "birlik"), "{own:?}");
    api.get(&birlik, "credits?period=2026-11&customer=acme").await?.problem(403);
    api.get(&birlik, "incidents").await?.problem(403);
    let said = api.get(&birlik, "credits?period=October").await?;
    assert!(said.problem(422).contains("write one such as 2026-10"), "{said:?}");
    api.get(&birlik, "credits").await?.problem(422);
    // Before the terms there was no promise.
    api.get(&birlik, "credits?period=2020-01").await?.problem(409);
    Ok(())
}
