//! The only place that reads the time or makes an id: everything else is handed a [`Clock`], so tests can set it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use rand::RngCore;
use tokio::sync::watch;
use uuid::Uuid;

/// A moment, cut to microseconds: what both databases store exactly.
pub type Moment = DateTime<Utc>;

/// Where the time comes from.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    /// The present moment, cut to microseconds.
    fn now(&self) -> Moment;

    /// Returns once [`Clock::now`] has reached `moment`; at once if it already has.
    async fn sleep_until(&self, moment: Moment);

    /// A new time-ordered id (UUID v7) of the present moment.
    fn id(&self) -> Uuid {
        id_at(self.now())
    }
}

/// A clock that can be shared between tasks.
pub type SharedClock = Arc<dyn Clock>;

/// A UUID v7 whose time part is `moment`. Ids of one process grow in the order in which they are made, also within a millisecond: what is
/// queued first is sent first (RFC 9562, method 1: a counter in the first twelve bits after the time).
pub fn id_at(moment: Moment) -> Uuid {
    static LAST: Mutex<(u64, u16)> = Mutex::new((0, 0));
    let mut random = [0u8; 10];
    rand::rng().fill_bytes(&mut random);
    let millis = u64::try_from(moment.timestamp_millis()).unwrap_or(0);
    let (millis, counter) = {
        let mut last = LAST.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *last = match *last {
            (before, _) if millis > before => (millis, 0),
            // A full counter borrows from the next millisecond.
            (before, 0xfff) => (before + 1, 0),
            (before, counter) => (before, counter + 1),
        };
        *last
    };
    [random[0], random[1]] = counter.to_be_bytes();
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
    fn now(&self) -> Moment {
        Utc::now().trunc_subsecs(6)
    }

    async fn sleep_until(&self, moment: Moment) {
        // In slices of an hour, so that a clock that was set meanwhile is noticed.
        while let Ok(left) = (moment - self.now()).to_std()
            && !left.is_zero()
        {
            tokio::time::sleep(left.min(Duration::from_hours(1))).await;
        }
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct ManualClock {
    now: watch::Sender<Moment>,
    /// Serialises movers, so that two `advance` calls add up.
    moving: Mutex<()>,
}

impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: Moment) -> Arc<Self> {
        Arc::new(Self { now: watch::Sender::new(start.trunc_subsecs(6)), moving: Mutex::new(()) })
    }

    /// Moves the clock forward and wakes who sleeps until then.
    pub fn advance(&self, by: TimeDelta) {
        let _one_mover = self.moving.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let next = *self.now.borrow() + by;
        self.now.send_replace(next);
    }

    /// Sets the clock to `moment`.
    pub fn set(&self, moment: Moment) {
        self.now.send_replace(moment.trunc_subsecs(6));
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Moment {
        *self.now.borrow()
    }

    async fn sleep_until(&self, moment: Moment) {
        let mut seen = self.now.subscribe();
        // An error means that the clock itself is gone: nobody will ever wake us.
        if seen.wait_for(|now| *now >= moment).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_within_a_millisecond_and_beyond_a_full_counter() {
        let now = SystemClock.now();
        let ids: Vec<Uuid> = (0..10_000).map(|_| id_at(now)).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(ids[0].get_version_num(), 7);
    }
}
