//! The public form: whoever is bound to nobody may ask a question or for a Cabinet, not too often, and nothing else.

use anyhow::Result;
use crm::domain::kind::{Channel, Kind};
use komek_tests::console::{Answer, Browser, Console};
use komek_tests::engine::Engine;
use rstest::rstest;

async fn ask(browser: &Browser, kind: &str, text: &str, more: &[(&str, &str)]) -> Result<Answer> {
    let once = uuid::Uuid::from_u128(rand::random()).to_string();
    let mut body = reqwest::Url::parse("http://form/")?;
    let fields = [("kind", kind), ("name", "Ержан"), ("reach", "+7 701 555 5555"), ("text", text)];
    body.query_pairs_mut().extend_pairs(fields).extend_pairs(more);
    if more.iter().all(|field| field.0 != "once") {
        body.query_pairs_mut().append_pair("once", &once);
    }
    browser.send("/ask", body.query().unwrap_or_default()).await
}

#[rstest]
#[tokio::test]
async fn a_stranger_is_given_a_number_and_nothing_more(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(console) = Console::new(engine).await? else { return Ok(()) };
    let stranger = console.stranger()?;
    assert!(stranger.get("/ask").await?.body.contains("I want a Cabinet"));
    let once = uuid::Uuid::from_u128(7).to_string();
    let answer = ask(&stranger, "question", "Do you rent GPUs?", &[("once", &once)]).await?;
    assert_eq!(answer.to(), "/ask?number=KM-000001", "{}", answer.body);
    assert!(stranger.get(answer.to()).await?.body.contains("KM-000001"));
    assert_eq!(ask(&stranger, "question", "Do you rent GPUs?", &[("once", &once)]).await?.status, 422);
    for kind in ["vm_reboot", "fault_critical", "data_loss_claim", "moon", ""] {
        let refused = ask(&stranger, kind, "Reboot acme-web", &[]).await?;
        assert!(
            refused.status == 422
                && refused.body.contains(">Reboot acme-web</textarea>")
                && refused.body.contains("value=\"Ержан\""),
            "{kind}: {}",
            refused.status
        );
        // Each attempt counts, so the next comes from elsewhere.
        if kind == "fault_critical" {
            break;
        }
    }
    let number = "KM-000001".parse().expect("a number");
    let ticket = console.desk.test.db.read().await?.ticket_by_number(number).await?.expect("the ticket");
    assert_eq!((ticket.kind, ticket.origin.channel, ticket.customer), (Kind::Question, Channel::Web, None));
    assert_eq!(ticket.requester_name, "Ержан, +7 701 555 5555");
    // Its number opens nothing to somebody who is not signed in.
    assert_eq!(stranger.get("/tickets/KM-000001").await?.status, 303);
    Ok(())
}

#[tokio::test]
async fn too_many_from_one_address_wait_and_lose_no_words() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let stranger = console.stranger()?;
    let mut refused = 0;
    for n in 0..20 {
        let answer = ask(&stranger, "question", &format!("Flood {n}, carefully worded"), &[]).await?;
        if answer.status == 429 {
            assert!(answer.body.contains(&format!("Flood {n}, carefully worded")));
            refused += 1;
        }
    }
    assert!(refused >= 12, "{refused} of 20 were told to wait");
    Ok(())
}

#[tokio::test]
async fn programs_that_fill_in_everything_are_turned_away() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let stranger = console.stranger()?;
    assert_eq!(ask(&stranger, "question", "Buy", &[("website", "http://spam.example")]).await?.status, 422);
    assert_eq!(ask(&stranger, "question", "  ", &[]).await?.status, 422);
    assert_eq!(ask(&stranger, "question", &"x".repeat(5_000), &[]).await?.status, 422);
    let count = console.desk.test.texts("SELECT CAST(COUNT(*) AS TEXT) FROM ticket").await?.concat();
    assert_eq!(count, "0");
    Ok(())
}
