//! One of several bots works at a time: it holds a lease in the database and gives the others a chance when it dies.

use std::time::Duration;

use chrono::TimeDelta;
use crm::service::Service;
use crm::store::{Db, Result};
use tokio_util::sync::CancellationToken;

/// How long a lease lasts without being prolonged.
const LEASE: TimeDelta = TimeDelta::seconds(10);
/// How often it is prolonged, or tried for.
const BEAT: Duration = Duration::from_secs(2);

/// Holds, or waits for, the leadership of one bot.
#[derive(Clone)]
pub struct Leader {
    db: Db,
    service: Service,
    lease: String,
    name: String,
}

impl Leader {
    /// For the bot with id `bot`, as the process `name`.
    pub fn new(db: Db, service: Service, bot: i64, name: String) -> Self {
        Self { db, service, lease: format!("bot/{bot}"), name }
    }

    async fn try_take(&self) -> Result<bool> {
        let now = self.service.now();
        let mut tx = self.db.begin().await?;
        let mut taken = tx.lease_take(&self.lease, &self.name, now, now + LEASE).await?;
        if !taken
            && let Some((holder, _)) = tx.lease_holder(&self.lease).await?
            && crm::process::is_dead_here(&holder, &self.name)
        {
            tracing::info!(holder, "the former bot on this machine is gone; taking over");
            tx.lease_release(&self.lease, &holder).await?;
            taken = tx.lease_take(&self.lease, &self.name, now, now + LEASE).await?;
        }
        tx.commit().await?;
        Ok(taken)
    }

    /// Waits until this process leads; `false` when it is time to stop.
    pub async fn wait(&self, stop: &CancellationToken) -> bool {
        let mut told = false;
        loop {
            match self.try_take().await {
                Ok(true) => return true,
                Ok(false) if !told => {
                    told = true;
                    tracing::info!("another bot is working; standing by");
                }
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "the database cannot be reached; trying again"),
            }
            tokio::select! {
                () = stop.cancelled() => return false,
                () = tokio::time::sleep(BEAT) => {}
            }
        }
    }

    /// Prolongs the lease until `stop`, then gives it back. Returns early when the lease was lost: then this process must stop working.
    pub async fn hold(&self, stop: &CancellationToken) {
        let mut until = self.service.now() + LEASE;
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(BEAT) => {}
            }
            // A database that takes its time must not make this process believe in a lease that has run out.
            let taken = tokio::time::timeout(BEAT, self.try_take()).await;
            let problem = match taken {
                Ok(Ok(true)) => {
                    until = self.service.now() + LEASE;
                    continue;
                }
                Ok(Ok(false)) => {
                    tracing::error!("another bot has taken over; standing by");
                    return;
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => format!("the database does not answer within {BEAT:?}"),
            };
            if self.service.now() >= until {
                tracing::error!(problem, "the lease could not be prolonged in time; standing by");
                return;
            }
            tracing::warn!(problem, "the lease could not be prolonged; trying again");
        }
        let release = async {
            let mut tx = self.db.begin().await?;
            tx.lease_release(&self.lease, &self.name).await?;
            tx.commit().await
        };
        if let Err(error) = release.await {
            tracing::warn!(%error, "the lease could not be given back; it runs out by itself");
        }
    }
}
