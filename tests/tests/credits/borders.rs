//! Where something begins to be an interval, or one that is new: an interval of no length, one that only touches a service's life, a second
//! report of the same.

use anyhow::Result;
use crm::clock::Moment;
use crm::domain::actor::Actor;
use crm::domain::credit::Cause;
use crm::domain::ids::ServiceId;
use crm::incidents::import;
use crm::incidents::monitoring::{Seen, saw};
use komek_tests::desk::Desk;
use komek_tests::engine::Engine;
use rstest::rstest;

use crate::at;

/// How many intervals of Acme's machine there are in the history of the desk and in the database.
async fn known(desk: &Desk) -> Result<(usize, usize)> {
    let mut tx = desk.test.db.read().await?;
    let noted = tx.desk_events_of("downtime_noted").await?.len();
    let service = ServiceId::from("acme-web");
    let stored = tx.downtime_of_service(&service, (at("01T00:00:00"), at("30T00:00:00"))).await?.len();
    Ok((noted, stored))
}

#[rstest]
#[tokio::test]
async fn monitoring_writes_down_what_lies_in_the_life_of_a_service_and_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    // It was rented on the 5th and given back on the 20th.
    for (column, day) in [("since", "05T00:00:00"), ("until", "20T00:00:00")] {
        let moment = at(day).to_rfc3339();
        assert_eq!(
            desk.test
                .tamper(&format!("UPDATE service SET {column} = '{moment}' WHERE id = 'acme-web'"))
                .await?,
            1
        );
    }
    let report = async |from: Moment, until: Moment| -> Result<(usize, usize)> {
        let service = ServiceId::from("acme-web");
        let mut tx = desk.test.db.begin().await?;
        let (starts, ends, cause) = (from, until, Some(Cause::Provider));
        let seen =
            Seen { service: &service, incident: None, starts, ends, cause, evidence: "4711".to_owned() };
        saw(&mut tx, &desk.service, seen, &Actor::Policy).await?;
        tx.commit().await?;
        known(&desk).await
    };
    assert_eq!(report(at("10T02:00:00"), at("10T02:00:00")).await?, (0, 0), "of no length");
    assert_eq!(report(at("04T23:00:00"), at("05T00:00:00")).await?, (0, 0), "over when it was rented");
    assert_eq!(report(at("20T00:00:00"), at("20T01:00:00")).await?, (0, 0), "after it was given back");
    assert_eq!(report(at("04T23:00:00"), at("05T00:00:00.001")).await?, (1, 1));
    assert_eq!(report(at("19T23:59:59.999"), at("20T01:00:00")).await?, (2, 2));
    assert_eq!(report(at("19T23:59:59.999"), at("20T01:00:00")).await?, (2, 2), "reported again");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_file_that_is_imported_again_is_no_event(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let line =
        "acme-web,2026-11-10T02:10:00+05:00,2026-11-10T03:05:30+05:00,provider,nurlan,dana,monitoring 4711";
    let text = format!("{}\n{line}\n", import::COLUMNS.join(","));
    for new in [1, 0] {
        let mut tx = desk.test.db.begin().await?;
        let known = import::known(&mut tx).await?;
        let list = import::read(text.as_bytes(), &known, desk.service.now()).expect("it is right");
        let file = (&list[..], text.as_bytes());
        assert_eq!(import::store(&mut tx, &desk.service, file, &Actor::Policy).await?, new);
        tx.commit().await?;
        let events = desk.test.db.read().await?.desk_events_of("incidents_imported").await?;
        assert_eq!(events.len(), 1);
    }
    Ok(())
}
