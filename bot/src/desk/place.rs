//! Where the desk is: the configured group, or the supergroup it became since.
//!
//! When a group becomes a supergroup Telegram gives it a new id. The configuration still names the old one, so the move is stored.

use crm::clock::Moment;
use crm::store::{StoreError, Tx};
use serde::{Deserialize, Serialize};

use crate::context::Settings;

/// The setting's key.
const KEY: &str = "desk_moved";

/// A move. It counts only for the group that was configured then: a new configuration wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The old id, as configured.
    pub from: i64,
    /// The new one.
    pub to: i64,
}

/// The desk group's id now; `None` if none is configured.
pub async fn chat(tx: &mut Tx, settings: &Settings) -> Result<Option<i64>, StoreError> {
    let Some(configured) = settings.desk_chat else { return Ok(None) };
    let moved = tx.setting::<Moved>(KEY).await?.filter(|moved| moved.from == configured);
    Ok(Some(moved.map_or(configured, |moved| moved.to)))
}

/// Remembers that group `from` became the supergroup `to`; of any group, for only the configured one is ever looked up.
pub async fn moved(tx: &mut Tx, from: i64, to: i64, now: Moment) -> Result<(), StoreError> {
    tracing::warn!(from, to, "the desk group became a supergroup: put its new id into [telegram] desk_chat");
    tx.setting_save(KEY, &Moved { from, to }, now).await
}
