//! Working tickets through the console: every command, bulk taking, two-person approval, search, the timeline.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use crm::clock::SharedClock;
use crm::domain::kind::Kind;
use crm::domain::ticket::State;
use komek_tests::console::Console;
use komek_tests::engine::Engine;
use rstest::rstest;

#[rstest]
#[tokio::test]
async fn a_ticket_from_the_queue_to_its_solution(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(console) = Console::new(engine).await? else { return Ok(()) };
    let (desk, browser) = (&console.desk, console.browser("nurlan").await?);
    let ticket = desk.open("aigerim", Kind::Question).await?;
    let number = ticket.number.to_string();
    let queue = browser.get("/queue").await?;
    assert!(queue.body.contains(&number) && queue.body.contains("left"), "{}", queue.body);
    assert_eq!(browser.command(&number, "take", &[]).await?.to(), format!("/tickets/{number}?done=take"));
    desk.clock.advance(TimeDelta::minutes(3));
    browser.command(&number, "ask", &[("text", "Which machine?")]).await?;
    assert_eq!(desk.ticket(ticket.id).await?.state, State::WaitingCustomer);
    browser.command(&number, "note", &[("text", "Calls from the bank")]).await?;
    browser.command(&number, "answer", &[("text", "Looking into it")]).await?;
    let page = browser.get(&format!("/tickets/{number}?done=answer")).await?;
    for words in
        ["Which machine?", "Calls from the bank", "Looking into it", "on its way", "audit chain is whole"]
    {
        assert!(page.body.contains(words), "{words} is missing");
    }
    browser.command(&number, "solve", &[("text", "Done")]).await?;
    let solved = desk.ticket(ticket.id).await?;
    assert_eq!((solved.state, solved.assignee.map(|a| a.0)), (State::Solved, Some("nurlan".to_owned())));
    let late = browser.command(&number, "ask", &[("text", "One more thing, carefully worded")]).await?;
    assert_eq!(late.status, 409);
    assert!(late.body.contains("solved") && late.body.contains("One more thing, carefully worded"));
    Ok(())
}

#[tokio::test]
async fn a_form_sent_twice_counts_once() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let browser = console.browser("nurlan").await?;
    let ticket = console.desk.open("aigerim", Kind::Question).await?;
    let once = uuid::Uuid::from_u128(5).to_string();
    let fields = [("do", "answer"), ("once", once.as_str()), ("text", "We are on it")];
    for _ in 0..3 {
        let answer = browser.post(&format!("/tickets/{}", ticket.number), &fields).await?;
        assert_eq!(answer.status, 303);
    }
    let messages = console.desk.test.db.read().await?.messages(ticket.id, true).await?;
    assert_eq!(messages.iter().filter(|m| m.body == "We are on it").count(), 1);
    Ok(())
}

#[tokio::test]
async fn ticked_tickets_are_taken_and_those_of_others_are_counted() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let (mine, other) = (console.browser("nurlan").await?, console.browser("dana").await?);
    let mut numbers = Vec::new();
    for _ in 0..3 {
        numbers.push(console.desk.open("boris", Kind::Question).await?.number.to_string());
    }
    other.command(&numbers[0], "take", &[]).await?;
    let fields: Vec<(&str, &str)> = numbers
        .iter()
        .map(|n| ("number", n.as_str()))
        .chain([("number", "KM-777777"), ("back", "/queue?queue=support")])
        .collect();
    let answer = mine.post("/queue/take", &fields).await?;
    assert_eq!(answer.to(), "/queue?queue=support&done=2.2");
    let page = mine.get("/queue?holder=me&done=2.2").await?;
    assert!(page.body.contains("2 tickets taken. 2 tickets are somebody else"), "{}", page.body);
    assert!(page.body.contains(&numbers[1]) && !page.body.contains(&numbers[0]));
    Ok(())
}

#[tokio::test]
async fn two_people_approve_what_needs_two_and_nobody_twice() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let (nurlan, dana) = (console.browser("nurlan").await?, console.browser("dana").await?);
    let mut tx = console.desk.test.db.begin().await?;
    let vm = crm::domain::ids::ServiceId::from("acme-web");
    tx.vm_fact_save(&vm, "paused", Some(("abuse", None)), console.desk.service.now()).await?;
    tx.commit().await?;
    let ticket = console.desk.open("aigerim", Kind::VmUnlock).await?;
    let action = ticket.action.clone().context("proposed")?;
    let page = nurlan.get("/approvals").await?;
    for words in [
        "two different people approve",
        "signs of a use",
        "Approve",
        &action.digest[..12],
        "Сервер жауап бермейді",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let path = format!("/approvals/{}", ticket.number);
    let id = action.id.to_string();
    let fields = [("do", "approve"), ("action", id.as_str()), ("digest", action.digest.as_str())];
    assert_eq!(nurlan.post(&path, &fields).await?.to(), "/approvals?done=approve");
    let twice = nurlan.post(&path, &fields).await?;
    assert!(twice.status == 409 && twice.body.contains("another person"), "{}", twice.body);
    assert!(nurlan.get("/approvals").await?.body.contains("You have approved"));
    let wrong = dana.post(&path, &[("do", "approve"), ("action", &id), ("digest", &"0".repeat(64))]).await?;
    assert!(wrong.status == 409 && wrong.body.contains("has changed"), "{}", wrong.body);
    assert_eq!(dana.post(&path, &fields).await?.status, 303);
    assert_eq!(console.desk.ticket(ticket.id).await?.state, State::Executing);
    Ok(())
}

#[tokio::test]
async fn the_timeline_says_who_held_each_minute_and_why_the_deadline_is_there() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let (desk, browser) = (&console.desk, console.browser("nurlan").await?);
    let ticket = desk.open("aigerim", Kind::Question).await?;
    let number = ticket.number.to_string();
    desk.clock.advance(TimeDelta::minutes(2));
    browser.command(&number, "take", &[]).await?;
    desk.clock.advance(TimeDelta::minutes(3));
    browser.command(&number, "ask", &[("text", "Which?")]).await?;
    desk.clock.advance(TimeDelta::minutes(5));
    let page = browser.get(&format!("/tickets/{number}")).await?.body;
    for words in
        ["In the queue: ", "2 minutes", "3 minutes", "Waiting for aigerim", "5 minutes", "(terms vm@", "50 %"]
    {
        assert!(page.contains(words), "{words} is missing: {page}");
    }
    Ok(())
}

#[tokio::test]
async fn words_customers_and_machines_are_found_and_a_number_leads_to_its_ticket() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let browser = console.browser("timur").await?;
    let ticket = console.desk.open("aigerim", Kind::FaultMinor).await?;
    let number = ticket.number.to_string();
    let clock: SharedClock = console.desk.clock.clone();
    crm::web::index_all(&console.desk.test.db, &clock).await?;
    for typed in ["серверден", "ЖАУАП", "acme", "acme-web", "Айгерім", "%2B77010000001", "сервер+acme"]
    {
        let found = browser.get(&format!("/search?q={typed}")).await?;
        assert!(found.body.contains(&number), "{typed} does not find it: {}", found.body);
    }
    assert!(!browser.get("/search?q=желі").await?.body.contains(&number));
    // A word that is everywhere: an old ticket is found among it by a rarer one, wherever that stands.
    let everywhere = (2..4_000).map(|n| ("серве".to_owned(), n)).collect();
    let mut tx = console.desk.test.db.begin().await?;
    tx.search_add(&everywhere).await?;
    tx.commit().await?;
    for typed in ["серверден+жауап", "жауап+серверден"] {
        let found = browser.get(&format!("/search?q={typed}")).await?;
        assert!(found.body.contains(&number), "{typed} does not find it: {}", found.body);
    }
    for typed in ["km-1", "KM-000001", "1"] {
        assert_eq!(browser.get(&format!("/search?q={typed}")).await?.to(), format!("/tickets/{number}"));
    }
    Ok(())
}

#[tokio::test]
async fn who_is_writing_is_shown_to_the_others() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let (mine, other) = (console.browser("nurlan").await?, console.browser("dana").await?);
    let number = console.desk.open("aigerim", Kind::Question).await?.number.to_string();
    let path = format!("/tickets/{number}");
    assert_eq!(mine.post(&format!("{path}/writing"), &[]).await?.status, 204);
    assert!(other.part(&path).await?.body.contains("Нұрлан is writing an answer."));
    assert!(!mine.part(&path).await?.body.contains("is writing"));
    console.desk.clock.advance(TimeDelta::seconds(30));
    assert!(!other.part(&path).await?.body.contains("is writing"));
    Ok(())
}

#[tokio::test]
async fn the_first_page_with_all_it_needs_is_under_sixty_kilobytes() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    for _ in 0..50 {
        console.desk.open("boris", Kind::Question).await?;
    }
    let browser = console.browser("marat").await?;
    let page = browser.get("/queue").await?.body;
    let assets: std::collections::BTreeSet<&str> =
        page.split('"').filter(|word| word.starts_with("/assets/") && word.len() < 100).collect();
    assert!(assets.len() >= 4, "{assets:?}");
    let mut all = 0;
    for path in std::iter::once("/queue").chain(assets) {
        all += browser.weight(path).await?;
    }
    assert!(all < 60 * 1024, "{all} bytes");
    Ok(())
}

#[tokio::test]
async fn the_report_is_the_same_as_a_page_and_as_files_and_leads_to_its_tickets() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let browser = console.browser("gulnar").await?;
    for _ in 0..3 {
        console.desk.open("aigerim", Kind::Question).await?;
    }
    console.desk.clock.advance(TimeDelta::minutes(11));
    let page = browser.get("/reports/sla?from=2026-11-20&to=2026-11-23&group_by=channel").await?;
    assert_eq!(page.status, 200);
    let list = "/reports/sla/tickets?from=2026-11-20&#38;to=2026-11-23&#38;group_by=channel&#38;figure=first_reply_breached";
    assert!(page.body.contains(&format!("<a href=\"{list}\">3</a>")), "{}", page.body);
    let tickets = browser.get(&list.replace("&#38;", "&")).await?.body;
    for number in ["KM-000001", "KM-000002", "KM-000003"] {
        assert!(tickets.contains(number), "{tickets}");
    }
    let csv = browser.get("/reports/sla?from=2026-11-20&to=2026-11-23&format=csv").await?;
    assert!(csv.headers["content-disposition"].to_str()?.starts_with("attachment;"));
    assert!(csv.body.contains("2026-11-20/2026-11-23,total,3,0,0,0,0,0,,0,3,0,0.00,"), "{}", csv.body);
    for wrong in ["from=2026-11-23&to=2026-11-20", "from=2000-01-01&to=2026-01-01", "from=yesterday"] {
        let answer = browser.get(&format!("/reports/sla?{wrong}")).await?;
        assert!(answer.status == 422 && answer.body.contains("400 days"), "{wrong}: {}", answer.status);
    }
    for odd in [
        "figure=moon",
        "figure=held&staff=nobody",
        "weekday=9&hour=99",
        "class=99&figure=resolution_done",
        "after=1.x",
    ] {
        assert_eq!(browser.get(&format!("/reports/sla/tickets?{odd}")).await?.status, 200, "{odd}");
    }
    Ok(())
}
