//! `/audit`: what happened to the desk itself, newest first, and whether its chain is whole.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::Web;
use super::error::Problem;
use super::guard::Me;
use super::history::{Entry, what};
use super::page::{Page, html};
use super::ticket::staff_names;
use super::words;
use crate::domain::audit::verify;
use crate::domain::ids::DESK_STREAM;

/// Entries of the page.
const SHOWN: usize = 300;

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    p: Page,
    entries: Vec<Entry>,
    all: i64,
    chain: bool,
}

/// The desk's own stream. Tickets have theirs on their pages; `komek-crm audit verify` checks all.
pub async fn page(State(web): State<Web>, me: Me) -> Result<Response, Problem> {
    let p = Page::mine(&web, &me);
    let mut tx = web.db.read().await?;
    let names = staff_names(&mut tx).await?;
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let events = tx.events(DESK_STREAM).await?;
    let (all, head) = tx.stream_head(DESK_STREAM).await?;
    let chain = verify(&events, (all, &head)).is_ok();
    let entry = |e: &crate::domain::audit::EventRecord| Entry {
        at: p.exactly(&e.at),
        who: words::actor(&p, &e.actor, &name, "Telegram"),
        what: what(&p, &e.event, &name),
        seq: e.seq,
        hash: e.hash.chars().take(8).collect(),
        late: None,
    };
    let entries = events.iter().rev().take(SHOWN).map(entry).collect();
    html(&AuditPage { p, entries, all, chain })
}
