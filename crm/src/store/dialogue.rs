//! Dialogues in the middle: one state per chat, thread and user, as the bot's JSON.

use serde_json::Value;
use sqlx::types::Json;

use super::{Result, Tx, sql};
use crate::clock::Moment;

/// Whose dialogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DialogueKey {
    /// The chat.
    pub chat: i64,
    /// The forum topic, or 0.
    pub thread: i64,
    /// The person: in a group everybody has his own dialogue.
    pub user: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    state: Json<Value>,
    touched_at: Moment,
}

impl Tx {
    /// The state of a dialogue and when it was last touched.
    pub async fn dialogue_fetch(&mut self, key: DialogueKey) -> Result<Option<(Value, Moment)>> {
        let row = sql!(
            self,
            fetch_optional as Row,
            "SELECT state, touched_at FROM dialogue WHERE chat_id = $1 AND thread_id = $2 AND user_id = $3",
            key.chat,
            key.thread,
            key.user
        )?;
        Ok(row.map(|r| (r.state.0, r.touched_at)))
    }

    /// Saves a state.
    pub async fn dialogue_save(&mut self, key: DialogueKey, state: &Value, now: Moment) -> Result<()> {
        sql!(self, execute,
            "INSERT INTO dialogue (chat_id, thread_id, user_id, state, touched_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (chat_id, thread_id, user_id) DO UPDATE SET state = excluded.state, touched_at = excluded.touched_at",
            key.chat, key.thread, key.user, Json(state), now)?;
        Ok(())
    }

    /// Ends a dialogue; one that is not there has ended.
    pub async fn dialogue_end(&mut self, key: DialogueKey) -> Result<()> {
        sql!(
            self,
            execute,
            "DELETE FROM dialogue WHERE chat_id = $1 AND thread_id = $2 AND user_id = $3",
            key.chat,
            key.thread,
            key.user
        )?;
        Ok(())
    }
}
