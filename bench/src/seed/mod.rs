//! Fills a database with tickets whose whole lives have happened: kinds, ways in, hours and weekdays, breaches, reopenings, customers and
//! engineers spread as at a real desk, each event decided by the desk's own rules and linked into its chain.
//!
//! Days are told by all cores and written in order, a transaction for some thousand tickets. What the worker would count and index a
//! moment later (the sums of the reports, the words of the search) is written at once. Indexes are taken off and made again at the end.

mod indexes;
mod story;
mod town;
mod words;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use chrono::{Datelike, FixedOffset, TimeDelta, Timelike};
use clap::Args;
use crm::clock::{Clock, Moment, SystemClock};
use crm::domain::kind::Terms;
use crm::domain::search;
use crm::policy::PolicyBook;
use crm::reports::Changes;
use crm::store::{Db, DbOptions};
use fastrand::Rng;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::database::{Engine, Fresh};
use crate::options::Places;
use story::{Story, Teller};
pub use town::Town;

/// Tickets of one transaction, about.
const BATCH: usize = 4_000;

/// What is to be there.
#[derive(Debug, Clone, Args)]
pub struct Size {
    /// Tickets
    #[arg(long, default_value_t = 1_000_000)]
    pub tickets: usize,
    /// Months over which they were opened, until now
    #[arg(long, default_value_t = 14)]
    pub months: u32,
    /// Of how many, the newest, the words are there and found by the search; older ones have lost theirs, as after an erasure
    #[arg(long, default_value_t = 1_000_000)]
    pub worded: usize,
}

impl Size {
    /// The database of this size: one that is there already is taken as it is.
    pub async fn ready(&self, engine: Engine, places: &Places) -> Result<Fresh> {
        let name = format!("desk_{}", self.tickets);
        let known = Fresh::named(engine, &places.work, &name)?;
        let full = known.number("SELECT value FROM counter WHERE name = 'ticket'").await;
        if full.is_ok_and(|n| usize::try_from(n).is_ok_and(|n| n >= self.tickets)) {
            return Ok(known);
        }
        let fresh = Fresh::new(engine, &places.work, &name).await?;
        let begun = Instant::now();
        self.fill(engine, &fresh).await?;
        let seconds = begun.elapsed().as_secs_f64();
        println!("# {engine}: {} tickets in {seconds:.0} s, {:.2} GB", self.tickets, fresh.size().await? / 1e9);
        Ok(fresh)
    }

    async fn fill(&self, engine: Engine, fresh: &Fresh) -> Result<()> {
        let now = SystemClock.now();
        let policies = Arc::new(PolicyBook::shipped()?);
        let town = Town::for_tickets(self.tickets);
        let days = days(self.tickets, self.months, &policies, now)?;
        // What is lost when the machine fails now is made again.
        let db = Db::connect(&fresh.url, &DbOptions { sync_full: false, ..DbOptions::default() }).await?;
        town.settle(&db, days[0].begins - TimeDelta::days(365)).await?;
        let taken_off = indexes::take_off(engine, fresh).await?;
        let cores = std::thread::available_parallelism()?.get();
        let mut told: VecDeque<JoinHandle<Vec<Story>>> = VecDeque::new();
        let mut waiting = days.into_iter();
        let mut pen = Pen { db: &db, fresh, town, worded_from: self.tickets.saturating_sub(self.worded), stories: Vec::new() };
        loop {
            while told.len() <= cores
                && let Some(day) = waiting.next()
            {
                let policies = policies.clone();
                told.push_back(spawn_blocking(move || day.told(&Teller { town, policies: &policies, now })));
            }
            let Some(day) = told.pop_front() else { break };
            pen.stories.append(&mut day.await?);
            if pen.stories.len() >= BATCH {
                pen.write().await?;
            }
        }
        pen.write().await?;
        pen.finish(self.tickets, now).await?;
        db.close().await;
        let begun = Instant::now();
        indexes::put_on(engine, fresh, &taken_off).await?;
        eprintln!("{} indexes made in {:.0} s", taken_off.len(), begun.elapsed().as_secs_f64());
        Ok(())
    }
}

/// One day of the desk.
struct Day {
    begins: Moment,
    /// The number before its first ticket.
    before: usize,
    tickets: usize,
}

/// The days, each with its share: weekends are quieter, and business has grown by half since the beginning.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "shares of a number of tickets"
)]
fn days(tickets: usize, months: u32, policies: &PolicyBook, now: Moment) -> Result<Vec<Day>> {
    let zone = FixedOffset::east_opt(5 * 3600).context("Almaty")?;
    let today = now.with_timezone(&zone).date_naive();
    let mut date = today.checked_sub_months(chrono::Months::new(months)).context("fewer months")?;
    let mut found = Vec::new();
    while date <= today {
        let begins = date.and_hms_opt(0, 0, 0).and_then(|d| d.and_local_timezone(zone).single()).context("a day")?;
        let begins = begins.to_utc();
        // Before the terms were in force there is nothing to be promised.
        if policies.current(Terms::Vm, begins).is_some() {
            found.push((begins, date.weekday().num_days_from_monday()));
        }
        date = date.succ_opt().context("the end of time")?;
    }
    let count = found.len() as f64;
    let weight = |n: usize, weekday: u32| {
        let part = if n + 1 == found.len() { f64::from(now.with_timezone(&zone).hour()) / 24.0 } else { 1.0 };
        (1.0 + 0.5 * n as f64 / count) * [1.2, 1.15, 1.1, 1.05, 1.1, 0.7, 0.6][weekday as usize % 7] * part
    };
    let whole: f64 = found.iter().enumerate().map(|(n, day)| weight(n, day.1)).sum();
    let (mut days, mut sum, mut before) = (Vec::new(), 0.0, 0);
    for (n, (begins, weekday)) in found.iter().enumerate() {
        sum += weight(n, *weekday);
        let until = ((sum / whole) * tickets as f64).round() as usize;
        days.push(Day { begins: *begins, before, tickets: until - before });
        before = until;
    }
    Ok(days)
}

impl Day {
    fn told(&self, teller: &Teller<'_>) -> Vec<Story> {
        let mut random = Rng::with_seed(u64::try_from(self.begins.timestamp()).unwrap_or_default());
        let length = (teller.now - self.begins).min(TimeDelta::days(1)).num_milliseconds().max(2);
        // Nights are quiet, late mornings are not.
        let busy = |ms: i64| [2, 1, 1, 1, 1, 2, 4, 7, 10, 13, 14, 14, 12, 12, 13, 13, 12, 11, 9, 7, 6, 5, 4, 3][usize::try_from(ms / 3_600_000).unwrap_or_default() % 24];
        let mut moments = Vec::with_capacity(self.tickets);
        while moments.len() < self.tickets {
            let ms = random.i64(0..length - 1);
            if random.u32(0..14) < busy(ms) {
                moments.push(ms);
            }
        }
        moments.sort_unstable();
        let number = |n: usize| i64::try_from(self.before + n + 1).unwrap_or_default();
        moments
            .into_iter()
            .enumerate()
            .filter_map(|(n, ms)| teller.tell(number(n), self.begins + TimeDelta::milliseconds(ms)))
            .collect()
    }
}

/// Writes stories down.
struct Pen<'a> {
    db: &'a Db,
    fresh: &'a Fresh,
    town: Town,
    /// Tickets up to this number have lost their words.
    worded_from: usize,
    stories: Vec<Story>,
}

impl Pen<'_> {
    async fn write(&mut self) -> Result<()> {
        let stories = std::mem::take(&mut self.stories);
        let Some(last) = stories.last().map(|s| s.ticket.number) else { return Ok(()) };
        let mut tx = self.db.begin().await?;
        let (mut changes, mut facts, mut words) = (Changes::default(), Vec::new(), BTreeSet::new());
        for story in stories {
            changes.count(&story.fact, 1);
            facts.push((story.ticket.id, story.fact));
            let number = story.ticket.number.0;
            if usize::try_from(number).is_ok_and(|n| n > self.worded_from) {
                let n = story.customer;
                let named = [
                    story.ticket.requester_name.clone(),
                    self.town.customer(n).0,
                    story.ticket.form.service().map_or_else(String::new, |s| s.0.clone()),
                    self.town.customer_name(n),
                    self.town.contact_name(n),
                    self.town.phone(n),
                ];
                let texts = named.iter().chain(story.messages.iter().map(|m| &m.body));
                words.extend(texts.flat_map(|text| search::stems(text)).map(|stem| (stem, number)));
                for message in story.messages {
                    tx.message_add(message);
                }
            }
            for event in story.events {
                tx.event_append(event);
            }
            tx.ticket_save(story.ticket, story.wake_at);
        }
        tx.report_facts_save(&facts).await?;
        changes.save(&mut tx).await?;
        tx.search_add(&words).await?;
        tx.commit().await?;
        // They are counted.
        self.fresh.run("DELETE FROM report_dirty").await?;
        if last.0 / 100_000 != (last.0 - i64::try_from(facts.len())?) / 100_000 {
            eprintln!("{} tickets", last.0);
        }
        Ok(())
    }

    /// New tickets go on behind these, and the search has seen all of them.
    async fn finish(&self, tickets: usize, now: Moment) -> Result<()> {
        let tickets = i64::try_from(tickets)?;
        let mut tx = self.db.begin().await?;
        let message = crm::clock::id_at(now);
        tx.setting_save("search", &serde_json::json!({ "ticket": tickets, "message": message }), now).await?;
        tx.commit().await?;
        self.fresh.run(&format!("UPDATE counter SET value = {tickets} WHERE name = 'ticket'")).await
    }
}
