//! Long polling: fetch, store and handle, and only then confirm. The offset moves when the updates are safe in the database.

use std::time::Duration;

use chrono::TimeDelta;
use crm::service::Service;
use crm::store::{Db, RawUpdate, StoreError};
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

use crate::handler::Handler;
use crate::outbox::Outlet;
use crate::telegram::{Api, ApiError};
use crate::update;

/// How long Telegram may hold an empty answer back.
const WAIT: Duration = Duration::from_secs(25);

/// Polls.
pub struct Poller {
    api: Api,
    db: Db,
    service: Service,
    handler: Handler,
    /// Handles without claiming, for when the sender's memory is full.
    modest: Handler,
    outlet: Outlet,
    bot: i64,
}

impl Poller {
    /// A poller; `handler` claims what it queues for `outlet`'s sender, `modest` leaves it in the database.
    pub fn new(
        api: Api,
        db: Db,
        service: Service,
        (handler, modest): (Handler, Handler),
        outlet: Outlet,
        bot: i64,
    ) -> Self {
        Self { api, db, service, handler, modest, outlet, bot }
    }

    /// Polls until `stop`. What was stored and not handled before comes first.
    pub async fn run(self, stop: CancellationToken) {
        if self.until(&stop, || self.catch_up()).await.is_none() {
            return;
        }
        self.poll_alone().await;
        // Everything that the server still keeps. Not where we stopped: another server, or this one after a quiet week, counts otherwise,
        // and would take a number of ours as a confirmation. What is stored already is known by its number.
        let mut offset = 0;
        while !stop.is_cancelled() {
            let fetched = tokio::select! {
                () = stop.cancelled() => return,
                fetched = self.api.updates(offset, WAIT) => fetched,
            };
            let updates = match fetched {
                Ok(updates) => updates,
                Err(error) => {
                    self.wait_after(&error, &stop).await;
                    continue;
                }
            };
            let mut raws: Vec<RawUpdate> = updates.iter().filter_map(|u| readable(u)).collect();
            raws.sort_by_key(|u| u.update_id);
            let Some(last) = raws.iter().map(|u| u.update_id).max() else { continue };
            // These updates are ours now: they are not fetched again until they are safe, however long the database takes.
            if self.until(&stop, || self.keep(&raws)).await.is_none() {
                return;
            }
            offset = last + 1;
        }
    }

    /// A server gives updates to a webhook or to a poller, not to both.
    async fn poll_alone(&self) {
        if let Err(error) = self.api.ask("deleteWebhook", &serde_json::json!({})).await {
            tracing::warn!(%error, "a webhook, if one is set, could not be removed; polling all the same");
        }
    }

    /// Handles what was left by a crash.
    async fn catch_up(&self) -> Result<(), StoreError> {
        let oldest = self.db.read().await?.inbox_oldest_waiting(self.bot).await?;
        let lag = oldest.map_or(TimeDelta::zero(), |o| self.service.now() - o);
        metrics::gauge!("komek_inbox_lag_seconds").set(lag.as_seconds_f64());
        self.outlet.hand_over(self.handler.work_off().await?);
        metrics::gauge!("komek_inbox_lag_seconds").set(0.0);
        Ok(())
    }

    async fn keep(&self, raws: &[RawUpdate]) -> Result<(), StoreError> {
        if raws.iter().any(update::refers) {
            self.outlet.known().await;
        }
        let handler = if self.outlet.has_room() { &self.handler } else { &self.modest };
        self.outlet.hand_over(handler.receive(raws).await?);
        Ok(())
    }

    /// Repeats `work` until it succeeds; `None` when it is time to stop.
    async fn until<T, F>(&self, stop: &CancellationToken, work: impl Fn() -> F) -> Option<T>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut pause = Duration::from_millis(100);
        loop {
            match work().await {
                Ok(value) => return Some(value),
                Err(error) => {
                    tracing::error!(%error, "updates cannot be stored; Telegram keeps them, trying again");
                }
            }
            tokio::select! {
                () = stop.cancelled() => return None,
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(Duration::from_secs(5)),
            }
        }
    }

    async fn wait_after(&self, error: &ApiError, stop: &CancellationToken) {
        let pause = match error {
            ApiError::RetryAfter(wait) => *wait,
            ApiError::Unauthorized => Duration::from_secs(30),
            ApiError::Conflict(_) => Duration::from_secs(3),
            _ => Duration::from_secs(1),
        };
        tracing::warn!(%error, "no updates from Telegram; trying again in {pause:?}");
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
        // Somebody else has set one meanwhile: this bot is told to poll.
        if matches!(error, ApiError::Conflict(text) if text.contains("webhook")) && !stop.is_cancelled() {
            self.poll_alone().await;
        }
    }
}

/// What has no number cannot be confirmed, stored or repeated; it is logged and left.
fn readable(update: &RawValue) -> Option<RawUpdate> {
    let raw = update::raw(update);
    if raw.is_none() {
        tracing::error!(update = update.get(), "an update without a number");
    }
    raw
}
