//! What keeps pages live: a stream of «something changed» that makes htmx fetch the changed part, and who is writing.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, Query as Address, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use chrono::TimeDelta;
use futures::stream::{self, Stream, StreamExt};

use super::Web;
use super::error::Problem;
use super::filter::Query;
use super::guard::{Me, SESSION};
use super::posted::{Nothing, Posted};
use super::queue::PAGE;
use super::ticket::named;
use crate::domain::audit::sha256_hex;
use crate::domain::ids::{StaffId, TicketId};
use crate::store::{QueueFilter, Result};

/// How often a page hears of changes at most.
const EVERY: Duration = Duration::from_secs(1);
/// A look at least this often: deadlines pass without anybody changing anything.
const AT_LEAST: Duration = Duration::from_secs(20);
/// How long somebody counts as writing after the last key.
const WRITING: TimeDelta = TimeDelta::seconds(25);

/// What a page shows, so small that it can be compared.
enum Watched {
    Queue(QueueFilter),
    Ticket(TicketId, StaffId),
}

impl Watched {
    async fn digest(&self, web: &Web) -> Result<String> {
        let mut tx = web.db.read().await?;
        let now = web.now();
        Ok(match self {
            Self::Queue(filter) => {
                sha256_hex(format!("{:?}", tx.tickets_outline(filter, PAGE).await?).as_bytes())
            }
            Self::Ticket(id, me) => {
                let version = tx.ticket_fetch(*id).await?.map_or(0, |t| t.version);
                let writing = tx.presence_of(*id, me, now).await?;
                let sent: Vec<_> =
                    tx.outbox_deliveries(*id).await?.into_iter().map(|d| (d.state, d.attempts)).collect();
                sha256_hex(format!("{version} {writing:?} {sent:?}").as_bytes())
            }
        })
    }
}

/// One event per change. Ends with the session: then the browser asks again and is told to sign in; and with the server.
fn changes(web: Web, watched: Watched, token: String) -> impl Stream<Item = Result<Event, Infallible>> {
    struct Place {
        web: Web,
        watched: Watched,
        token: String,
        seen: Option<String>,
        wakeups: crate::store::Wakeups,
    }
    let (wakeups, stop) = (web.db.wakeups(), web.stop.clone());
    let place = Place { web, watched, token, seen: None, wakeups };
    stream::unfold(place, |mut place| async move {
        loop {
            if place.seen.is_some() {
                place.wakeups.changed(AT_LEAST).await;
                tokio::time::sleep(EVERY).await;
            }
            let mut tx = place.web.db.read().await.ok()?;
            let session = tx.session_fetch(&place.token, place.web.now()).await.ok()?;
            drop(tx);
            session?;
            let digest = place.watched.digest(&place.web).await.ok()?;
            if place.seen.as_ref() == Some(&digest) {
                continue;
            }
            // Browsers pass over an event without data. The first look is what the page has just been made from; it tells the browser that it is connected.
            let name = if place.seen.is_none() { "ready" } else { "changed" };
            place.seen = Some(digest);
            return Some((Ok(Event::default().event(name).data("-")), place));
        }
    })
    .take_until(stop.cancelled_owned())
}

fn token(jar: &axum_extra::extract::CookieJar) -> String {
    jar.get(SESSION).map(|c| c.value().to_owned()).unwrap_or_default()
}

/// Changes of the queue under a filter.
pub async fn queue(
    State(web): State<Web>,
    me: Me,
    jar: axum_extra::extract::CookieJar,
    Address(q): Address<Query>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut filter = q.filter(&me, web.now());
    // The deadline moves on while the page is open; what counts is how the list looks without it.
    filter.due_before = None;
    let stream = changes(web, Watched::Queue(filter), token(&jar));
    Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

/// Changes of one ticket.
pub async fn ticket(
    State(web): State<Web>,
    me: Me,
    jar: axum_extra::extract::CookieJar,
    Path(number): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let id = named(&mut web.db.read().await?, &number).await?.id;
    let stream = changes(web, Watched::Ticket(id, me.staff.id), token(&jar));
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

/// Somebody writes to this ticket just now.
pub async fn writing(
    State(web): State<Web>,
    me: Me,
    Path(number): Path<String>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<StatusCode, Problem> {
    let mut tx = web.db.begin().await?;
    let ticket = named(&mut tx, &number).await?;
    tx.presence_save(ticket.id, &me.staff.id, web.now() + WRITING).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
