//! The files of messages that this desk holds itself: those that came by mail, and those that were fetched from Telegram.

use super::{Result, Tx, sql};
use crate::clock::Moment;
use crate::domain::ids::{MessageId, TicketId};

/// A file, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredFile {
    /// `wanted`, `stored` or `failed`.
    pub state: String,
    /// What is in it, once it is stored.
    pub body: Option<Vec<u8>>,
    /// Why it is not there.
    pub error: Option<String>,
}

impl Tx {
    /// Keeps the `place`-th file of a message, counted from 0; or says why it is not kept.
    pub async fn file_keep(
        &mut self,
        (message, place): (MessageId, i64),
        ticket: TicketId,
        body: std::result::Result<&[u8], &str>,
        now: Moment,
    ) -> Result<()> {
        let (state, bytes, error) = match body {
            Ok(bytes) => ("stored", Some(bytes), None),
            Err(why) => ("failed", None, Some(why)),
        };
        sql!(
            self,
            execute,
            "INSERT INTO file (message_id, place, ticket_id, state, body, error, asked_at, stored_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
            message.0,
            place,
            ticket.0,
            state,
            bytes,
            error,
            now
        )?;
        Ok(())
    }

    /// The `place`-th file of a message, if it was ever wanted.
    pub async fn file_fetch(&mut self, message: MessageId, place: i64) -> Result<Option<StoredFile>> {
        Ok(sql!(
            self,
            fetch_optional as StoredFile,
            "SELECT state, body, error FROM file WHERE message_id = $1 AND place = $2",
            message.0,
            place
        )?)
    }
}
