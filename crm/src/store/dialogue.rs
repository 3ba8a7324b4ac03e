//! Dialogues in the middle: one state per chat, thread and user, as the bot's JSON.

use serde_json::Value;
use sqlx::types::Json;

use super::{Result, Tx, bulk, bulk_keys, sql};
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
    /// The state of a dialogue and when it was last touched, as this transaction has left it.
    pub async fn dialogue_fetch(&mut self, key: DialogueKey) -> Result<Option<(Value, Moment)>> {
        if let Some(known) = self.buffer.dialogues.get(&key).or_else(|| self.ahead.dialogues.get(&key)) {
            return Ok(known.clone());
        }
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
    pub fn dialogue_save(&mut self, key: DialogueKey, state: Value, now: Moment) {
        self.buffer.dialogues.insert(key, Some((state, now)));
    }

    /// Ends a dialogue; one that is not there has ended.
    pub fn dialogue_end(&mut self, key: DialogueKey) {
        self.buffer.dialogues.insert(key, None);
    }

    /// Writes the states that were saved and deletes those that ended.
    pub(super) async fn flush_dialogues(&mut self) -> Result<()> {
        let dialogues = std::mem::take(&mut self.buffer.dialogues);
        let mut saved = Vec::new();
        let mut ended = Vec::new();
        for (key, dialogue) in &dialogues {
            match dialogue {
                Some((state, touched_at)) => saved.push((key, state, touched_at)),
                None => ended.push(key),
            }
        }
        bulk!(
            self,
            "INSERT INTO dialogue (chat_id, thread_id, user_id, state, touched_at)",
            "ON CONFLICT (chat_id, thread_id, user_id)
             DO UPDATE SET state = excluded.state, touched_at = excluded.touched_at",
            saved.as_slice(),
            |d| d.0.chat,
            d.0.thread,
            d.0.user,
            Json(d.1),
            *d.2,
        );
        bulk_keys!(
            self,
            "DELETE FROM dialogue WHERE (chat_id, thread_id, user_id) IN (",
            ")",
            ended.as_slice(),
            |k| k.chat,
            k.thread,
            k.user,
        );
        self.ahead.dialogues.extend(dialogues);
        Ok(())
    }
}
