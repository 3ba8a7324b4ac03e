//! Signing in and out: links that are replayed, expired or made up, stolen sessions, forms from elsewhere.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use komek_tests::console::Console;
use komek_tests::engine::Engine;
use rstest::rstest;

#[rstest]
#[tokio::test]
async fn a_link_signs_in_once_and_looking_at_it_does_not_count(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(console) = Console::new(engine).await? else { return Ok(()) };
    let link = console.link("nurlan").await?;
    let path = link.strip_prefix(&console.url).context("ours")?;
    let mut browser = console.stranger()?;
    for _ in 0..3 {
        let look = browser.get(path).await?;
        assert!(look.status == 200 && look.body.contains("Нұрлан"), "{}", look.body);
    }
    let enter = browser.send(path, "next=//evil.example/").await?;
    assert_eq!((enter.status, enter.to()), (303, "/queue"), "never to somewhere else");
    let cookie = enter.headers.get("set-cookie").context("a cookie")?.to_str()?.to_owned();
    for word in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    browser.keep(&enter)?;
    assert_eq!(browser.get("/queue").await?.status, 200);
    let again = console.stranger()?.send(path, "").await?;
    assert_eq!(again.status, 410);
    assert!(again.body.contains("was used already"), "{}", again.body);
    let late = console.link("dana").await?;
    console.desk.clock.advance(TimeDelta::minutes(10));
    let late = console.stranger()?.get(late.strip_prefix(&console.url).context("ours")?).await?;
    assert!(late.status == 410 && late.body.contains("has expired"), "{}", late.body);
    let made_up = console.stranger()?.get("/sign-in/0000").await?;
    assert!(made_up.status == 410 && made_up.body.contains("no such link"), "{}", made_up.body);
    Ok(())
}

#[tokio::test]
async fn a_session_ends_with_the_role_and_what_was_written_is_shown_again() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let stolen = console.browser("nurlan").await?;
    assert_eq!(stolen.get("/queue").await?.status, 200);
    console.desk.test.tamper("UPDATE staff SET role = 'auditor' WHERE id = 'nurlan'").await?;
    let sent = stolen.send("/tickets/KM-000001", "do=answer&text=Half+an+hour+of+work").await?;
    assert_eq!(sent.status, 401);
    assert!(sent.body.contains("Half an hour of work"), "{}", sent.body);
    assert_eq!(stolen.get("/queue").await?.status, 303);
    Ok(())
}

#[tokio::test]
async fn signing_out_ends_the_session_for_whoever_has_the_cookie() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let browser = console.browser("nurlan").await?;
    assert_eq!(browser.post("/sign-out", &[]).await?.to(), "/sign-in");
    assert_eq!(browser.get("/queue").await?.status, 303);
    Ok(())
}

#[tokio::test]
async fn forms_from_elsewhere_change_nothing() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let ticket = console.desk.open("aigerim", crm::domain::kind::Kind::Question).await?;
    let (mine, other) = (console.browser("nurlan").await?, console.browser("dana").await?);
    let path = format!("/tickets/{}", ticket.number);
    let once = uuid::Uuid::from_u128(7);
    for csrf in [String::new(), "00".repeat(64), other.csrf().await?] {
        let answer = mine.send(&path, &format!("do=take&once={once}&csrf={csrf}")).await?;
        assert_eq!(answer.status, 403, "{csrf}");
    }
    assert_eq!(console.desk.ticket(ticket.id).await?.assignee, None);
    Ok(())
}

#[tokio::test]
async fn every_answer_is_strict() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let browser = console.browser("nurlan").await?;
    for path in ["/queue", "/nowhere", "/sign-in", "/tickets/KM-999999"] {
        let answer = browser.get(path).await?;
        let policy = answer.headers.get("content-security-policy").context("a policy")?.to_str()?;
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.headers.get(name).and_then(|v| v.to_str().ok()), Some(value), "{path} {name}");
        }
        for inline in ["<script>", "onclick=", "style=", "javascript:"] {
            assert!(!answer.body.contains(inline), "{path} has {inline}");
        }
    }
    Ok(())
}
