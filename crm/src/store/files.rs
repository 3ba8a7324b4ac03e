//! The files of messages that this desk holds itself: those that came by mail, and those that were fetched from Telegram.

use uuid::Uuid;

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

/// A file that the bot is to fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Of which ticket.
    pub ticket: TicketId,
    /// Of which message.
    pub message: MessageId,
    /// Which of its attachments, from 0.
    pub place: i64,
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

    /// Asks the bot for a file; one that failed is tried again.
    pub async fn file_want(&mut self, file: Wanted, now: Moment) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO file (message_id, place, ticket_id, state, asked_at) VALUES ($1, $2, $3, 'wanted', $4)
             ON CONFLICT (message_id, place) DO UPDATE SET state = 'wanted', error = NULL, asked_at = excluded.asked_at
             WHERE file.state = 'failed'",
            file.message.0,
            file.place,
            file.ticket.0,
            now
        )?;
        Ok(())
    }

    /// Files that are wanted, the longest wanted first.
    pub async fn files_wanted(&mut self, limit: i64) -> Result<Vec<Wanted>> {
        let rows = sql!(
            self,
            fetch_all as (Uuid, Uuid, i64),
            "SELECT ticket_id, message_id, place FROM file WHERE state = 'wanted' ORDER BY asked_at, message_id, place LIMIT $1",
            limit
        )?;
        let wanted = |(ticket, message, place)| Wanted {
            ticket: TicketId(ticket),
            message: MessageId(message),
            place,
        };
        Ok(rows.into_iter().map(wanted).collect())
    }

    /// Keeps what was fetched, or why it was not.
    pub async fn file_settle(
        &mut self,
        file: Wanted,
        fetched: std::result::Result<Vec<u8>, String>,
        now: Moment,
    ) -> Result<()> {
        let (state, body, error) = match fetched {
            Ok(body) => ("stored", Some(body), None),
            Err(error) => ("failed", None, Some(error)),
        };
        sql!(
            self,
            execute,
            "UPDATE file SET state = $3, body = $4, error = $5, stored_at = $6 WHERE message_id = $1 AND place = $2",
            file.message.0,
            file.place,
            state,
            body,
            error,
            now
        )?;
        Ok(())
    }
}
