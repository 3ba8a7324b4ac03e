//! Every page, in the light and in the dark, on a desk and on a telephone: axe finds nothing serious, nothing is wider than the screen, and
//! nothing is refused by the content security policy.
//!
//! `KOMEK_SCREENSHOTS=folder cargo test --test browser` also writes pictures of them there, in each language; those of the documents
//! are made so.

use std::path::Path;

use anyhow::Result;
use komek_tests::chromium::{Chromium, Look};
use komek_tests::console::Console;
use komek_tests::engine::Engine;

use crate::{axe, browser, month};

/// The pages: a name, and the path with the number of the newest ticket in its place.
const PAGES: [(&str, &str); 22] = [
    ("queue", "/queue"),
    ("all", "/queue?show=all"),
    ("ticket", "/tickets/{newest}"),
    ("talk", "/tickets/{mine}"),
    ("search", "/search?q=acme"),
    ("approvals", "/approvals"),
    ("phone", "/phone?phone=7701"),
    ("oncall", "/oncall"),
    ("directory", "/directory"),
    ("sessions", "/sessions"),
    ("sla", "/reports/sla"),
    ("sla-list", "/reports/sla/tickets?figure=resolution_breached"),
    ("incidents", "/incidents"),
    ("incident", "/incidents/IN-000001"),
    ("credits", "/credits"),
    ("month", "/credits?period=2026-11"),
    ("intervals", "/credits/2026-11/acme-db/intervals"),
    ("note", "/credits/2026-11/acme-db/note?lang=kk"),
    ("close", "/credits/2026-10/close"),
    ("tokens", "/tokens"),
    ("audit", "/audit"),
    ("lost", "/tickets/KM-999999"),
];

/// What is wider than its place, with everything open: the page than the screen (its own width, for a telephone's grows with what it
/// shows), or what stands on a card than the card.
const WIDE: &str = "
    for (const closed of document.querySelectorAll('details:not([open]):not(.menu)')) closed.open = true;
    const wide = [];
    if (document.documentElement.scrollWidth > arguments[0] + 1) wide.push('page ' + document.documentElement.scrollWidth);
    for (const card of document.querySelectorAll('.sheet, .talk li, .tickets li, article, blockquote')) {
      if (card.scrollWidth > card.clientWidth + 1) wide.push(card.className + ' ' + card.scrollWidth + ' of ' + card.clientWidth);
    }
    return wide;";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_serious_on_any_page() -> Result<()> {
    let Some(script) = axe::script()? else { return Ok(()) };
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    month::pass(&console).await?;
    let newest = console.desk.test.texts("SELECT CAST(MAX(number) AS TEXT) FROM ticket").await?.concat();
    let newest: i64 = newest.parse()?;
    let mut wrong = Vec::new();
    for look in
        [Look::DESK, Look { dark: true, ..Look::DESK }, Look { dark: false, ..Look::PHONE }, Look::PHONE]
    {
        // Whoever sees most: the duty manager handles and oversees, the administrator has the tokens.
        for (staff, only) in [("marat", None), ("askar", Some("tokens")), ("", Some("doors"))] {
            let page = if staff.is_empty() {
                Chromium::new(look).await?
            } else {
                browser(&console, staff, look).await?
            };
            let Some(page) = page else { return Ok(()) };
            for (name, path) in PAGES.into_iter().chain([("door", "/sign-in"), ("ask", "/ask")]) {
                let shown_to = match name {
                    "tokens" => Some("tokens"),
                    "door" | "ask" => Some("doors"),
                    _ => None,
                };
                if shown_to != only {
                    continue;
                }
                let path = path
                    .replace("{newest}", &format!("KM-{newest:06}"))
                    .replace("{mine}", &format!("KM-{:06}", newest - 2));
                for lang in langs() {
                    page.open(&format!("{}/language/{lang}?next=/sign-in", console.url)).await?;
                    page.open(&format!("{}{path}", console.url)).await?;
                    let scene = format!("{name} {lang} {look:?}");
                    wrong.extend(
                        axe::serious(&page, script).await?.into_iter().map(|v| format!("{scene}: {v}")),
                    );
                    let wide = page.client.execute(WIDE, vec![look.width.into()]).await?;
                    if wide.as_array().is_none_or(|wide| !wide.is_empty()) {
                        wrong.push(format!("{scene}: too wide: {wide}"));
                    }
                    picture(&page, name, lang, look).await?;
                }
            }
            page.close().await?;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// English suffices for axe, which reads structure; pictures are taken in all three.
fn langs() -> &'static [&'static str] {
    if std::env::var_os("KOMEK_SCREENSHOTS").is_some() { &["kk", "ru", "en"] } else { &["en"] }
}

/// Saves what is on the screen, if pictures are wanted.
async fn picture(page: &Chromium, name: &str, lang: &str, look: Look) -> Result<()> {
    let Some(folder) = std::env::var_os("KOMEK_SCREENSHOTS") else { return Ok(()) };
    std::fs::create_dir_all(&folder)?;
    let shade = if look.dark { "dark" } else { "light" };
    let file = format!("{name}-{lang}-{shade}-{}.png", look.width);
    std::fs::write(Path::new(&folder).join(file), page.client.screenshot().await?)?;
    Ok(())
}
