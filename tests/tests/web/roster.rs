//! Who is on call out of turn, by the forms of `/oncall`.

use anyhow::Result;
use chrono::TimeDelta;
use crm::domain::ids::StaffId;
use crm::domain::kind::Queue;
use komek_tests::console::Console;
use komek_tests::engine::Engine;

/// Who would be paged first.
async fn first(console: &Console) -> Result<Option<String>> {
    let mut tx = console.desk.test.db.read().await?;
    let rota = tx.rota_of(Queue::Support).await?;
    Ok(rota
        .and_then(|rota| rota.chain(console.desk.service.now(), &[]).into_iter().next())
        .map(|staff| staff.0))
}

#[tokio::test]
async fn an_engineer_takes_over_and_takes_it_back() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    console.desk.clock.advance(TimeDelta::hours(1));
    assert_eq!(first(&console).await?.as_deref(), Some("nurlan"));
    let dana = console.browser("dana").await?;
    assert!(dana.get("/oncall").await?.body.contains("I take over"));
    assert_eq!(dana.post("/oncall/turn", &[("queue", "support")]).await?.to(), "/oncall?done=turn");
    assert_eq!(first(&console).await?.as_deref(), Some("dana"));
    let page = dana.get("/oncall?done=turn").await?.body;
    assert!(page.contains("The rota is changed") && page.contains("Take back"), "{page}");
    let at = page.find("/oncall/cover/").expect("the form");
    let end = page[at..].split('"').next().unwrap_or_default().to_owned();
    // Somebody whom it does not concern may not; whoever keeps the roster may.
    let (nurlan, timur) = (console.browser("nurlan").await?, console.browser("timur").await?);
    for other in [&nurlan, &timur] {
        assert!(!other.get("/oncall").await?.body.contains("Take back"));
        assert_eq!(other.post(&end, &[]).await?.status, 403);
    }
    assert_eq!(dana.post(&end, &[]).await?.to(), "/oncall?done=turn-ended");
    assert_eq!(first(&console).await?.as_deref(), Some("nurlan"));
    let audit = console.browser("marat").await?.get("/audit").await?.body;
    assert!(audit.contains("on call out of turn: Дана") && audit.contains("no longer on call out of turn"));
    Ok(())
}

#[tokio::test]
async fn the_duty_manager_puts_somebody_on_for_a_while() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let marat = console.browser("marat").await?;
    let fields = [
        ("queue", "support"),
        ("staff", "dana"),
        ("from", "2026-11-23T12:00"),
        ("until", "2026-11-23T14:30"),
    ];
    assert_eq!(marat.post("/oncall/cover", &fields).await?.status, 303);
    let covers = console.desk.test.db.read().await?.covers_ahead(console.desk.service.now()).await?;
    let cover = &covers[0].cover;
    assert_eq!(cover.staff, StaffId::from("dana"));
    assert_eq!((cover.until - cover.starts).num_minutes(), 150);
    assert_eq!(cover.starts.to_rfc3339(), "2026-11-23T07:00:00+00:00", "the form is in Almaty's time");
    for wrong in [
        [
            ("queue", "support"),
            ("staff", "dana"),
            ("from", "2026-11-24T12:00"),
            ("until", "2026-11-24T11:00"),
        ],
        [("queue", "support"), ("staff", "dana"), ("from", ""), ("until", "2028-01-01T00:00")],
        [("queue", "support"), ("staff", "timur"), ("from", ""), ("until", "")],
        [("queue", "support"), ("staff", "nobody"), ("from", ""), ("until", "")],
        [("queue", "sales"), ("staff", "dana"), ("from", ""), ("until", "")],
        [("queue", "support"), ("staff", "dana"), ("from", "yesterday"), ("until", "")],
    ] {
        let answer = marat.post("/oncall/cover", &wrong).await?;
        assert_eq!(answer.status, 422, "{wrong:?}: {}", answer.body);
    }
    assert_eq!(console.desk.test.db.read().await?.covers_ahead(console.desk.service.now()).await?.len(), 1);
    Ok(())
}
