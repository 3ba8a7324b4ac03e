//! Progress of a plan in the action's row, written only while this worker holds the job.

use async_trait::async_trait;
use chrono::TimeDelta;
use crm::domain::ids::ActionId;
use crm::service::Service;
use crm::store::Db;
use uuid::Uuid;

use crate::steps::{Progress, ProgressError, Saved};

/// How long a job is leased; prolonged by every save and every heartbeat.
pub const LEASE: TimeDelta = TimeDelta::seconds(30);

/// The progress of one action, kept in the database.
pub struct Row {
    /// The database.
    pub db: Db,
    /// For the time.
    pub service: Service,
    /// The action.
    pub action: ActionId,
    /// The job that this worker holds.
    pub job: Uuid,
    /// This worker.
    pub worker: String,
    /// The job is not tried again after this run.
    pub last_run: bool,
}

fn lost(error: impl std::fmt::Display) -> ProgressError {
    ProgressError(error.to_string())
}

#[async_trait]
impl Progress for Row {
    async fn load(&mut self) -> Result<Option<Saved>, ProgressError> {
        let mut tx = self.db.read().await.map_err(lost)?;
        let action =
            tx.action_fetch(self.action).await.map_err(lost)?.ok_or_else(|| lost("the action is gone"))?;
        if action.progress.as_object().is_some_and(serde_json::Map::is_empty) {
            return Ok(None);
        }
        serde_json::from_value(action.progress).map(Some).map_err(lost)
    }

    fn last_run(&self) -> bool {
        self.last_run
    }

    async fn save(&mut self, saved: &Saved) -> Result<(), ProgressError> {
        let progress = serde_json::to_value(saved).map_err(lost)?;
        let until = self.service.now() + LEASE;
        let mut tx = self.db.begin().await.map_err(lost)?;
        // In the same transaction: whoever lost the job writes nothing, and therefore does nothing.
        if !tx.job_heartbeat(self.job, &self.worker, until).await.map_err(lost)? {
            return Err(lost("another worker has taken the action over"));
        }
        tx.action_progress(self.action, &progress).await.map_err(lost)?;
        tx.commit().await.map_err(lost)?;
        Ok(())
    }
}
