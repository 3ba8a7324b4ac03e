//! An engineer at work: what keys, clicks and forms do, and what the database says afterwards.

use anyhow::{Context, Result};
use crm::domain::kind::Kind;
use crm::domain::ticket::State;
use fantoccini::Locator;
use fantoccini::wd::PrintConfiguration;
use komek_tests::chromium::{Chromium, Look};
use komek_tests::console::Console;
use komek_tests::engine::Engine;

use crate::{browser, sign_in};

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_taken_answered_noted_and_solved() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let ticket = console.desk.open("aigerim", Kind::Question).await?;
    let Some(page) = browser(&console, "nurlan", Look::DESK).await? else { return Ok(()) };
    // By keys alone: down to the ticket, open it, take it.
    page.sees(".tickets li", &ticket.number.to_string()).await?;
    page.key("j").await?;
    page.sees(".tickets li.at", &ticket.number.to_string()).await?;
    page.click(".tickets li.at a.what").await?;
    page.sees("h1", &ticket.number.to_string()).await?;
    page.key("t").await?;
    page.sees(".done", "yours").await?;
    assert_eq!(console.desk.ticket(ticket.id).await?.assignee.map(|a| a.0).as_deref(), Some("nurlan"));
    page.write("#text", "Қазір қараймын <b>").await?;
    page.click("button[value=answer]").await?;
    page.sees(".talk li.desk", "Қазір қараймын <b>").await?;
    page.click("details.noted summary").await?;
    page.write("details.noted textarea", "Calls from the bank").await?;
    page.click("button[value=note]").await?;
    page.sees(".talk li.note", "Calls from the bank").await?;
    page.click("button[value=solve]").await?;
    page.sees(".state", "solved").await?;
    assert_eq!(console.desk.ticket(ticket.id).await?.state, State::Solved);
    let messages = console.desk.test.db.read().await?.messages(ticket.id, true).await?;
    assert_eq!(messages.iter().filter(|m| m.body == "Қазір қараймын <b>").count(), 1);
    page.close().await
}

/// The keys are the places on the board: on a Kazakh or Russian layout they write other letters.
#[tokio::test(flavor = "multi_thread")]
async fn keys_work_on_every_layout_and_lead_from_the_queue_to_the_answer() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let number = console.desk.open("aigerim", Kind::Question).await?.number;
    let Some(page) = browser(&console, "nurlan", Look::DESK).await? else { return Ok(()) };
    let press = async |key: &str, code: &str, shift: bool| {
        let script = "document.body.dispatchEvent(new KeyboardEvent('keydown',
            { key: arguments[0], code: arguments[1], shiftKey: arguments[2], bubbles: true }));";
        page.client.execute(script, vec![key.into(), code.into(), shift.into()]).await
    };
    let focused = "return document.activeElement.id || document.activeElement.value;";
    page.sees(".tickets li", &number.to_string()).await?;
    // On a Latin layout of another order, the letter counts and not its place.
    press("h", "KeyJ", false).await?;
    assert_eq!(page.count(".tickets li.at").await?, 0);
    press("о", "KeyJ", false).await?;
    page.sees(".tickets li.at", &number.to_string()).await?;
    press(".", "Slash", false).await?;
    assert_eq!(page.client.execute(focused, vec![]).await?, "find");
    page.client.execute("document.activeElement.blur();", vec![]).await?;
    press(",", "Slash", true).await?;
    page.sees(".keys.shown", "j / k").await?;
    for (key, code, place) in [("к", "KeyR", "text"), ("ы", "KeyS", "solve")] {
        page.open(&format!("{}/queue", console.url)).await?;
        page.sees(".tickets li", &number.to_string()).await?;
        press("о", "KeyJ", false).await?;
        page.sees(".tickets li.at", &number.to_string()).await?;
        press(key, code, false).await?;
        page.arrives(&format!("/tickets/{number}")).await?;
        page.sees("h1", &number.to_string()).await?;
        let mut at = page.client.execute(focused, vec![]).await?;
        for _ in 0..100 {
            if at == place {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            at = page.client.execute(focused, vec![]).await?;
        }
        assert_eq!(at, place, "{key}");
    }
    page.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_approve_what_they_see() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let mut tx = console.desk.test.db.begin().await?;
    let vm = crm::domain::ids::ServiceId::from("acme-web");
    tx.vm_fact_save(&vm, "paused", Some(("abuse", None)), console.desk.service.now()).await?;
    tx.commit().await?;
    let ticket = console.desk.open("aigerim", Kind::VmUnlock).await?;
    for (staff, state) in [("nurlan", State::WaitingApproval), ("dana", State::Executing)] {
        let Some(page) = browser(&console, staff, Look::PHONE).await? else { return Ok(()) };
        page.open(&format!("{}/approvals", console.url)).await?;
        page.sees(".plan", "signs of a use").await?;
        page.click("button[value=approve]").await?;
        page.sees(".done", "Approved").await?;
        assert_eq!(console.desk.ticket(ticket.id).await?.state, state, "{staff}");
        page.close().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_filtered_by_its_address_and_stays_live() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let question = console.desk.open("boris", Kind::Question).await?.number.to_string();
    let fault = console.desk.open("aigerim", Kind::FaultMinor).await?.number.to_string();
    let Some(page) = browser(&console, "nurlan", Look::DESK).await? else { return Ok(()) };
    page.sees(".tickets", &question).await?;
    page.click("details.filters summary").await?;
    let kind = page.client.find(Locator::Css("select[name=kind]")).await?;
    kind.select_by_value("fault_minor").await?;
    page.click("details.filters button").await?;
    page.arrives("/queue?").await?;
    let address = page.client.current_url().await?;
    assert!(address.query().is_some_and(|q| q.contains("kind=fault_minor")), "{address}");
    page.sees(".tickets", &fault).await?;
    assert_eq!(page.count(".tickets li").await?, 1);
    // Another one comes in while the page stands open; nobody reloads it.
    page.client.wait().for_element(Locator::Css("body.live")).await.context("the page is live")?;
    let second = console.desk.open("aigerim", Kind::FaultMinor).await?.number.to_string();
    page.sees(".tickets", &second).await?;
    assert_eq!(page.client.current_url().await?, address);
    page.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_is_seen_by_the_other() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let number = console.desk.open("aigerim", Kind::Question).await?.number;
    let address = format!("{}/tickets/{number}", console.url);
    let Some(one) = browser(&console, "nurlan", Look::DESK).await? else { return Ok(()) };
    let Some(other) = browser(&console, "dana", Look::DESK).await? else { return Ok(()) };
    other.open(&address).await?;
    other.client.wait().for_element(Locator::Css("body.live")).await.context("the page is live")?;
    one.open(&address).await?;
    one.write("#text", "I am").await?;
    other.sees(".collision", "Нұрлан").await?;
    one.close().await?;
    other.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_is_chosen_in_the_menu_and_kept() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let Some(page) = browser(&console, "nurlan", Look::PHONE).await? else { return Ok(()) };
    for (lang, title) in [("kk", "Кезек"), ("ru", "Очередь"), ("en", "Queue")] {
        page.click(".menu summary").await?;
        page.click(&format!(".drop a[lang={lang}]")).await?;
        page.sees("h1", title).await?;
        assert_eq!(page.client.find(Locator::Css("html")).await?.attr("lang").await?.as_deref(), Some(lang));
        page.arrives("/queue").await.context("where he was")?;
    }
    page.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_prints_without_what_cannot_be_pressed_on_paper() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let number = console.desk.open("aigerim", Kind::Question).await?.number;
    let Some(page) = browser(&console, "timur", Look::DESK).await? else { return Ok(()) };
    page.open(&format!("{}/tickets/{number}", console.url)).await?;
    let pdf = page.client.print(PrintConfiguration::default()).await?;
    assert!(pdf.starts_with(b"%PDF") && pdf.len() > 5_000, "{} bytes", pdf.len());
    page.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_was_used_says_how_to_get_another() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let Some(page) = Chromium::new(Look::PHONE).await? else { return Ok(()) };
    let link = console.link("nurlan").await?;
    page.open(&link).await?;
    page.click("main button").await?;
    page.arrives("/queue").await?;
    page.client.delete_all_cookies().await?;
    page.open(&link).await?;
    page.sees("main", "/web").await?;
    sign_in(&page, &console, "nurlan").await?;
    page.close().await
}
