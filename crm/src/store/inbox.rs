//! The inbox: every update of Telegram as it came, stored before it is confirmed, handled exactly once.

use super::{Result, Tx, bulk, bulk_keys, sql};
use crate::clock::Moment;

/// An update to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawUpdate {
    /// Telegram's number.
    pub update_id: i64,
    /// The chat it belongs to, if any.
    pub chat_id: Option<i64>,
    /// The JSON, byte for byte.
    pub raw: String,
}

/// An update that waits to be handled.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct WaitingUpdate {
    /// Telegram's number.
    pub update_id: i64,
    /// The JSON.
    pub raw: String,
    /// How often handling it has failed.
    pub attempts: i64,
    /// When it came.
    pub received_at: Moment,
}

impl Tx {
    /// Stores updates; those that are there already stay as they are. Returns how many were new. With `done_at` they are stored as
    /// handled: by this very transaction.
    pub async fn inbox_store(
        &mut self,
        bot: i64,
        updates: &[RawUpdate],
        received_at: Moment,
        done_at: Option<Moment>,
    ) -> Result<u64> {
        Ok(bulk!(
            self,
            "INSERT INTO inbox (bot_id, update_id, chat_id, raw, received_at, done_at, attempts)",
            "ON CONFLICT (bot_id, update_id) DO NOTHING",
            updates,
            |u| bot,
            u.update_id,
            u.chat_id,
            &u.raw,
            received_at,
            done_at,
            0i64,
        ))
    }

    /// Updates that wait, oldest first.
    pub async fn inbox_waiting(&mut self, bot: i64, limit: i64) -> Result<Vec<WaitingUpdate>> {
        Ok(sql!(
            self,
            fetch_all as WaitingUpdate,
            "SELECT update_id, raw, attempts, received_at FROM inbox
             WHERE bot_id = $1 AND done_at IS NULL ORDER BY update_id LIMIT $2",
            bot,
            limit
        )?)
    }

    /// An update was handled, by this transaction.
    pub async fn inbox_done(&mut self, bot: i64, updates: &[i64], now: Moment) -> Result<()> {
        bulk_keys!(
            self,
            "UPDATE inbox SET done_at = v.column3 FROM (",
            ") AS v WHERE inbox.bot_id = v.column1 AND inbox.update_id = v.column2",
            updates,
            |u| bot,
            *u,
            now,
        );
        Ok(())
    }

    /// Handling an update failed. `give_up`: it is not tried again, but stays to be looked at.
    pub async fn inbox_failed(
        &mut self,
        bot: i64,
        update: i64,
        error: &str,
        give_up: Option<Moment>,
    ) -> Result<()> {
        sql!(
            self,
            execute,
            "UPDATE inbox SET attempts = attempts + 1, error = $3, done_at = $4 WHERE bot_id = $1 AND update_id = $2",
            bot,
            update,
            error,
            give_up
        )?;
        Ok(())
    }

    /// When the oldest waiting update came.
    pub async fn inbox_oldest_waiting(&mut self, bot: i64) -> Result<Option<Moment>> {
        Ok(sql!(self, fetch_one scalar Option<Moment>,
            "SELECT MIN(received_at) FROM inbox WHERE bot_id = $1 AND done_at IS NULL", bot)?)
    }

    /// Deletes updates handled without error before `before`, at most `limit`; the newest stays.
    pub async fn inbox_prune(&mut self, before: Moment, limit: i64) -> Result<u64> {
        Ok(sql!(self, execute,
            "DELETE FROM inbox WHERE (bot_id, update_id) IN (
                SELECT bot_id, update_id FROM inbox WHERE done_at < $1 AND error IS NULL
                AND update_id < (SELECT MAX(i.update_id) FROM inbox i WHERE i.bot_id = inbox.bot_id) LIMIT $2)", before, limit)?)
    }
}
