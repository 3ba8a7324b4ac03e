//! The time as the procedures see it. The same two methods as `crm::clock::Clock`, which takes its place.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// Where the time comes from.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> DateTime<Utc>;

    /// Returns once `now` has reached `moment`; at once if it already has.
    async fn sleep_until(&self, moment: DateTime<Utc>);
}
