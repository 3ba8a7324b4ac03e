//! How late the clock was, as the audit says and as another program sees it.

use std::time::Duration;

use anyhow::Result;
use bench::database::Fresh;
use bench::figures::Spread;
use crm::clock::{Clock, Moment, SystemClock};

/// What firing came to.
pub struct Fired {
    /// From the deadline to the moment the clock wrote down.
    pub written: Option<Spread>,
    /// From the deadline to the moment another program saw it committed; at most one look (10 ms) too long.
    pub seen: Option<Spread>,
    /// From the first deadline until the last was seen committed, milliseconds.
    pub all: f64,
    /// Breaches in the audit, and of how many tickets.
    pub breaches: (usize, usize),
}

fn late(at: Moment, deadline: Moment) -> f64 {
    (at - deadline).as_seconds_f64() * 1000.0
}

/// Looks on while `deadlines` (in order) pass.
pub async fn watch(database: &Fresh, deadlines: &[Moment]) -> Result<Fired> {
    let (first, last) = (deadlines[0], deadlines[deadlines.len() - 1]);
    let mut eyes = database.look().await?;
    SystemClock.sleep_until(first).await;
    let mut seen = Vec::with_capacity(deadlines.len());
    while seen.len() < deadlines.len() && SystemClock.now() - last < chrono::TimeDelta::seconds(60) {
        let next = eyes.next_due().await?;
        let now = SystemClock.now();
        // Whatever is older than the oldest that waits has been committed.
        while seen.len() < deadlines.len() && next.is_none_or(|next| deadlines[seen.len()] < next) {
            seen.push(late(now, deadlines[seen.len()]));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let all = late(SystemClock.now(), first);
    let breaches = eyes.breaches_between(first, last).await?;
    let mut streams: Vec<_> = breaches.iter().map(|b| b.0).collect();
    streams.sort_unstable();
    streams.dedup();
    let written = breaches.iter().map(|(_, at, recorded_at)| late(*recorded_at, *at)).collect();
    Ok(Fired {
        written: Spread::of(written),
        seen: Spread::of(seen),
        all,
        breaches: (breaches.len(), streams.len()),
    })
}
