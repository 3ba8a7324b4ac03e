//! The console in a real browser: signing in, working a ticket, approving, filtering, languages, printing; and axe's judgement of each page.

mod axe;
mod month;
mod pages;
mod work;

use anyhow::Result;
use komek_tests::chromium::{Chromium, Look};
use komek_tests::console::Console;

/// Signs somebody in with a one-time link, as he would.
async fn sign_in(browser: &Chromium, console: &Console, staff: &str) -> Result<()> {
    browser.open(&format!("{}/language/en?next=/sign-in", console.url)).await?;
    browser.open(&console.link(staff).await?).await?;
    browser.click("main button").await?;
    browser.arrives("/queue").await
}

/// A browser in which somebody is signed in.
async fn browser(console: &Console, staff: &str, look: Look) -> Result<Option<Chromium>> {
    let Some(browser) = Chromium::new(look).await? else { return Ok(None) };
    sign_in(&browser, console, staff).await?;
    Ok(Some(browser))
}
