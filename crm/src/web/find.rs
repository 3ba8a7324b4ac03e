//! `/search`: by number, customer, machine, and by the words that people wrote; and the task that keeps the words findable.

use std::collections::BTreeSet;
use std::time::Duration;

use askama::Template;
use axum::extract::{Query as Address, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Web;
use super::error::Problem;
use super::guard::Me;
use super::listing::Line;
use super::page::{Page, html};
use crate::clock::{Moment, SharedClock, id_at};
use crate::domain::ids::TicketNumber;
use crate::domain::search;
use crate::store::{Db, Result, Tx};

/// Words of a search that are looked at.
const WORDS: usize = 6;
/// Tickets that are shown.
const SHOWN: usize = 50;
/// Newest tickets with a word that are looked at, so that a word which is everywhere costs no more than a rare one.
const LOOKED: i64 = 3000;

/// What was typed.
#[derive(Debug, Deserialize)]
pub struct Typed {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    p: Page,
    typed: String,
    lines: Vec<Line>,
    may_take: bool,
}

/// The tickets in which all the words stand; a ticket's number leads to the ticket itself.
pub async fn page(
    State(web): State<Web>,
    me: Me,
    Address(typed): Address<Typed>,
) -> Result<Response, Problem> {
    let typed: String = typed.q.trim().chars().take(200).collect();
    let mut tx = web.db.read().await?;
    if let Ok(number) = typed.parse::<TicketNumber>()
        && tx.ticket_by_number(number).await?.is_some()
    {
        return Ok(Redirect::to(&format!("/tickets/{number}")).into_response());
    }
    let numbers = find(&mut tx, &typed).await?;
    let listed = if numbers.is_empty() { Vec::new() } else { tx.tickets_numbered(&numbers).await? };
    let p = Page::mine(&web, &me);
    let lines = listed.iter().map(|l| Line::of(&p, l)).collect();
    html(&SearchPage { p, typed, lines, may_take: false })
}

/// The numbers of the newest tickets in which all words of `typed` stand.
async fn find(tx: &mut Tx, typed: &str) -> Result<Vec<i64>> {
    let (mut found, mut everywhere): (Option<BTreeSet<i64>>, _) = (None, Vec::new());
    for (stem, may_go_on) in search::wanted(typed, WORDS) {
        let mut numbers: BTreeSet<i64> = tx.search_stem(&stem, LOOKED).await?.into_iter().collect();
        let all = i64::try_from(numbers.len()).is_ok_and(|n| n < LOOKED);
        if may_go_on {
            numbers.extend(tx.search_beginning(&stem, LOOKED).await?);
        }
        if !all && !may_go_on {
            everywhere.push((stem, numbers));
            continue;
        }
        found = Some(match found {
            None => numbers,
            Some(before) => before.intersection(&numbers).copied().collect(),
        });
    }
    // Of a word that is everywhere only the newest tickets were read: whether it stands in those that the rarer words found is asked of
    // each of these.
    let found = match found {
        Some(found) => found,
        None => everywhere.pop().map(|(_, newest)| newest).unwrap_or_default(),
    };
    let mut found: Vec<i64> = found.into_iter().rev().collect();
    for (stem, _) in everywhere {
        let with = tx.search_among(&found, &stem).await?;
        found.retain(|number| with.contains(number));
    }
    found.truncate(SHOWN);
    Ok(found)
}

/// How far the words are indexed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Progress {
    /// The last ticket number: numbers are given out in the order of commits.
    ticket: i64,
    /// The last message before which there can be no unseen one.
    message: Uuid,
}

/// Tickets or messages of one step.
const STEP: i64 = 500;
/// So long after a change its words are read, with those of whatever else has come by then.
const GATHER: Duration = Duration::from_millis(200);
/// Ids are made before they are committed: a message this young may still be overtaken by an older one.
const SETTLED: TimeDelta = TimeDelta::seconds(60);

/// Finds the words of what is new, at once; and once in a minute looks again at what was committed out of order.
struct Indexer {
    db: Db,
    clock: SharedClock,
    /// The newest message that was read.
    newest: Uuid,
    /// When everything settled was read last.
    swept: Option<Moment>,
}

impl Indexer {
    fn new(db: Db, clock: SharedClock) -> Self {
        let newest = id_at(clock.now() - SETTLED);
        Self { db, clock, newest, swept: None }
    }

    /// One step. Returns whether there is more to do at once.
    async fn step(&mut self) -> Result<bool> {
        let now = self.clock.now();
        let mut read = self.db.read().await?;
        let before: Progress = read.setting("search").await?.unwrap_or_default();
        let mut after = before.clone();
        let (mut words, last) = read.search_tickets(before.ticket, STEP).await?;
        after.ticket = last.unwrap_or(before.ticket);
        let (new, newest) = read.search_messages(self.newest, STEP).await?;
        words.extend(new);
        let mut more = last.is_some() || newest.is_some();
        if self.swept.is_none_or(|swept| now - swept >= SETTLED) {
            let settled = id_at(now - SETTLED);
            let (old, message) = read.search_messages(before.message, STEP).await?;
            words.extend(old);
            match message.filter(|message| *message < settled) {
                Some(message) => (after.message, more) = (message, true),
                None => self.swept = Some(now),
            }
        }
        drop(read);
        if !words.is_empty() || after != before {
            let mut tx = self.db.begin().await?;
            tx.search_add(&words).await?;
            tx.setting_save("search", &after, now).await?;
            tx.commit().await?;
        }
        self.newest = newest.unwrap_or(self.newest);
        Ok(more)
    }
}

/// Keeps the words of tickets and messages findable, until `stop`. Several may run: what is written twice is written once.
pub async fn indexer(db: Db, clock: SharedClock, stop: CancellationToken) {
    let mut wakeups = db.wakeups();
    let mut indexer = Indexer::new(db, clock);
    while !stop.is_cancelled() {
        let pause = match indexer.step().await {
            Ok(true) => continue,
            Ok(false) => Duration::from_secs(30),
            Err(error) => {
                tracing::warn!(%error, "words of tickets could not be indexed; trying again");
                Duration::from_secs(5)
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = async {
                wakeups.changed(pause).await;
                tokio::time::sleep(GATHER).await;
            } => {}
        }
    }
}

/// Indexes everything there is, for tests.
pub async fn index_all(db: &Db, clock: &SharedClock) -> Result<()> {
    let mut indexer = Indexer::new(db.clone(), clock.clone());
    while indexer.step().await? {}
    Ok(())
}
