//! `/queue`: what the desk owes, nearest deadline first; or everything, newest first. Filters are the address.

use askama::Template;
use axum::extract::{Query as Address, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::Web;
use super::error::Problem;
use super::filter::{Query, mark};
use super::guard::{Me, Visitor};
use super::listing::Line;
use super::page::{Page, html};
use super::posted::Posted;
use super::words;
use crate::domain::decide::Command;
use crate::domain::ids::TicketNumber;
use crate::domain::kind::{Kind, Queue};
use crate::domain::person::Right;
use crate::domain::ticket::State as TicketState;
use crate::service::ServiceError;
use crate::store::{After, QueueFilter};

/// Tickets of one page.
pub const PAGE: i64 = 50;
/// Counting ends here: «999+».
const COUNTED: i64 = 1000;
/// Tickets that can be taken with one press.
const BULK: usize = 50;

/// The first page leads to the queue.
pub async fn home(visitor: Visitor) -> Redirect {
    Redirect::to(if visitor.session.is_some() { "/queue" } else { "/sign-in" })
}

/// A way to look at the queue: its address, name, number of tickets, and whether it is the present one.
struct View {
    address: String,
    name: String,
    count: String,
    chosen: bool,
}

/// A choice of one filter.
struct Choice {
    value: &'static str,
    name: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "queue.html")]
struct QueuePage {
    p: Page,
    q: Query,
    views: Vec<View>,
    queues: Vec<Choice>,
    states: Vec<Choice>,
    kinds: Vec<Choice>,
    lines: Vec<Line>,
    next: Option<String>,
    live: String,
    may_take: bool,
}

#[derive(Template)]
#[template(path = "queue_list.html")]
struct QueueList<'a> {
    p: &'a Page,
    lines: &'a [Line],
    next: &'a Option<String>,
    views: &'a [View],
    may_take: bool,
}

fn count(n: i64) -> String {
    if n >= COUNTED { format!("{}+", COUNTED - 1) } else { n.to_string() }
}

fn choices<T: Copy>(
    all: &[T],
    word: fn(T) -> &'static str,
    name: impl Fn(T) -> String,
    now: &str,
) -> Vec<Choice> {
    let one = |item: &T| Choice { value: word(*item), name: name(*item), chosen: word(*item) == now };
    all.iter().map(one).collect()
}

/// The page, or for htmx its list alone.
pub async fn page(State(web): State<Web>, me: Me, Address(q): Address<Query>) -> Result<Response, Problem> {
    let mut p = Page::mine(&web, &me);
    let filter = q.filter(&me, p.now);
    let mut tx = web.db.read().await?;
    let mut listed = tx.tickets_listed(&filter, q.page_after(), PAGE + 1).await?;
    let more = listed.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    listed.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let next = listed.last().filter(|_| more).map(|last| {
        let after = After { due_at: last.ticket.next_due().map(|d| d.1), number: last.ticket.number.0 };
        let join = if q.is_plain() { '?' } else { '&' };
        format!("{}{join}after={}", q.address(), mark(after))
    });
    let owed = QueueFilter { owed: true, ..QueueFilter::default() };
    let late = QueueFilter { due_before: Some(p.now), ..owed.clone() };
    let mine = QueueFilter { holder: Some(Some(me.staff.id.clone())), ..owed.clone() };
    let free = QueueFilter { holder: Some(None), ..owed.clone() };
    let mut views = Vec::new();
    for (key, address, filter) in [
        ("web-view-owed", "/queue", owed),
        ("web-view-late", "/queue?due=late", late),
        ("web-view-mine", "/queue?holder=me", mine),
        ("web-view-free", "/queue?holder=nobody", free),
    ] {
        let counted = count(tx.tickets_counted(&filter, COUNTED).await?);
        views.push(View {
            chosen: q.address() == address,
            address: address.to_owned(),
            name: p.t(key),
            count: counted,
        });
    }
    views.push(View {
        chosen: q.address() == "/queue?show=all",
        address: "/queue?show=all".to_owned(),
        name: p.t("web-view-all"),
        count: String::new(),
    });
    let lines: Vec<Line> = listed.iter().map(|l| Line::of(&p, l)).collect();
    let may_take = me.may(Right::Handle);
    if me.visitor.part {
        return html(&QueueList { p: &p, lines: &lines, next: &next, views: &views, may_take });
    }
    let live = q.address().replacen("/queue", "/queue/live", 1);
    let (queues, states, kinds) = (
        choices(Queue::ALL, Queue::as_str, |x| words::queue(&p, x), &q.queue),
        choices(TicketState::ALL, TicketState::as_str, |x| words::state(&p, x), &q.state),
        choices(Kind::ALL, Kind::as_str, |x| words::kind(&p, x), &q.kind),
    );
    p.done = done(&p, &q.done);
    html(&QueuePage { p, q, views, queues, states, kinds, lines, next, live, may_take })
}

/// What bulk taking came to, from the address: `3` or `3.2` (taken, not taken).
fn done(page: &Page, word: &str) -> Option<String> {
    let (taken, not) = word.split_once('.').unwrap_or((word, "0"));
    let (taken, not): (i64, i64) = (taken.parse().ok()?, not.parse().ok()?);
    let mut said = page.n("web-done-taken-many", taken);
    if not > 0 {
        said.push(' ');
        said.push_str(&page.n("web-done-not-taken", not));
    }
    Some(said)
}

/// Tickets that were ticked.
#[derive(Debug, Deserialize)]
pub struct Ticked {
    #[serde(default)]
    number: Vec<String>,
    #[serde(default)]
    back: String,
}

/// Takes several tickets: each by itself, so that one that somebody else holds keeps nobody from the others.
pub async fn take(State(web): State<Web>, me: Me, Posted(form): Posted<Ticked>) -> Result<Response, Problem> {
    let numbers: Vec<TicketNumber> = form.number.iter().filter_map(|n| n.parse().ok()).collect();
    if numbers.is_empty() || numbers.len() > BULK {
        return Err(Problem::Wrong("web-wrong-ticked"));
    }
    let (mut taken, mut not) = (0, 0);
    for number in numbers {
        let id = web.db.read().await?.ticket_by_number(number).await?.map(|t| t.id);
        let Some(id) = id else {
            not += 1;
            continue;
        };
        match web.service.run(&web.db, id, Command::Take, &me.actor()).await {
            Ok(_) => taken += 1,
            Err(ServiceError::Refused(_)) => not += 1,
            Err(ServiceError::Store(error)) => return Err(error.into()),
        }
    }
    let back = if form.back.starts_with("/queue") { form.back.as_str() } else { "/queue" };
    let join = if back.contains('?') { '&' } else { '?' };
    Ok(Redirect::to(&format!("{back}{join}done={taken}.{not}")).into_response())
}
