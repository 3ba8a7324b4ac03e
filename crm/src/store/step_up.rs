//! Codes that prove who asks: see [`crate::step_up`].

use uuid::Uuid;

use super::{Result, Tx, sql};
use crate::clock::Moment;
use crate::domain::ids::{ContactId, TicketId};
use crate::step_up::Kept;

/// A code that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedCode {
    /// Its id.
    pub id: Uuid,
    /// To whom.
    pub contact: ContactId,
    /// The Telegram account that asked.
    pub account: i64,
    /// How often sending was tried before.
    pub attempts: i64,
}

/// A code that somebody has typed.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct TriedCode {
    /// Of salt and code.
    pub digest: String,
    /// Closed for the bot.
    pub salt: String,
    /// How often it was typed by now.
    pub tries: i64,
}

/// A contact has proved by a code that it is he who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SteppedUp {
    /// Who.
    pub contact: ContactId,
    /// When.
    pub passed_at: Moment,
}

impl Tx {
    /// How many codes a contact has asked for since `since`.
    pub async fn step_ups_since(&mut self, contact: &ContactId, since: Moment) -> Result<i64> {
        Ok(sql!(self, fetch_one scalar i64,
            "SELECT COUNT(*) FROM step_up WHERE contact_id = $1 AND created_at > $2", contact.as_str(), since)?)
    }

    /// Asks for a code; earlier ones of the contact work no more.
    pub async fn step_up_add(
        &mut self,
        id: Uuid,
        contact: &ContactId,
        account: i64,
        now: Moment,
        expires_at: Moment,
    ) -> Result<()> {
        sql!(
            self,
            execute,
            "UPDATE step_up SET state = 'over', digest = NULL, salt = NULL
             WHERE contact_id = $1 AND state IN ('wanted', 'sent')",
            contact.as_str()
        )?;
        sql!(
            self,
            execute,
            "INSERT INTO step_up (id, contact_id, account, state, tries, attempts, not_before, created_at, expires_at)
             VALUES ($1, $2, $3, 'wanted', 0, 0, $4, $4, $5)",
            id,
            contact.as_str(),
            account,
            now,
            expires_at
        )?;
        Ok(())
    }

    /// A code that is to be sent now.
    pub async fn step_up_due(&mut self, now: Moment) -> Result<Option<WantedCode>> {
        let row = sql!(
            self,
            fetch_optional as (Uuid, String, i64, i64),
            "SELECT id, contact_id, account, attempts FROM step_up
             WHERE state = 'wanted' AND digest IS NULL AND not_before <= $1 AND expires_at > $1
             ORDER BY not_before, id LIMIT 1",
            now
        )?;
        Ok(row.map(|(id, contact, account, attempts)| WantedCode {
            id,
            contact: ContactId(contact),
            account,
            attempts,
        }))
    }

    /// Keeps the code that is about to be sent. `false`: another process sends one.
    pub async fn step_up_drawn(&mut self, id: Uuid, kept: &Kept) -> Result<bool> {
        let rows = sql!(
            self,
            execute,
            "UPDATE step_up SET digest = $2, salt = $3, attempts = attempts + 1
             WHERE id = $1 AND state = 'wanted' AND digest IS NULL",
            id,
            kept.digest.as_str(),
            kept.salt.as_str()
        )?;
        Ok(rows == 1)
    }

    /// The mail server has taken the code: its time begins.
    pub async fn step_up_sent(&mut self, id: Uuid, expires_at: Moment) -> Result<()> {
        sql!(
            self,
            execute,
            "UPDATE step_up SET state = 'sent', expires_at = $2 WHERE id = $1 AND state = 'wanted'",
            id,
            expires_at
        )?;
        Ok(())
    }

    /// The mail server has not taken it: another is drawn at `again`, or none any more.
    pub async fn step_up_unsent(&mut self, id: Uuid, again: Option<Moment>) -> Result<()> {
        sql!(
            self,
            execute,
            "UPDATE step_up SET digest = NULL, salt = NULL, not_before = COALESCE($2, not_before), state = $3
             WHERE id = $1 AND state = 'wanted'",
            id,
            again,
            if again.is_some() { "wanted" } else { "failed" }
        )?;
        Ok(())
    }

    /// Whether a code could not be sent.
    pub async fn step_up_failed(&mut self, id: Uuid) -> Result<bool> {
        let row = sql!(self, fetch_optional scalar i64, "SELECT tries FROM step_up WHERE id = $1 AND state = 'failed'", id)?;
        Ok(row.is_some())
    }

    /// Counts one try of a code, if it still works for this account and contact and was typed less than `most` times.
    pub async fn step_up_try(
        &mut self,
        id: Uuid,
        contact: &ContactId,
        account: i64,
        most: i64,
        now: Moment,
    ) -> Result<Option<TriedCode>> {
        Ok(sql!(
            self,
            fetch_optional as TriedCode,
            "UPDATE step_up SET tries = tries + 1
             WHERE id = $1 AND contact_id = $2 AND account = $3 AND state IN ('wanted', 'sent')
                AND digest IS NOT NULL AND salt IS NOT NULL AND tries < $4 AND expires_at > $5
             RETURNING digest, salt, tries",
            id,
            contact.as_str(),
            account,
            most,
            now
        )?)
    }

    /// It was the right one.
    pub async fn step_up_passed(&mut self, id: Uuid, now: Moment) -> Result<()> {
        sql!(
            self,
            execute,
            "UPDATE step_up SET state = 'passed', passed_at = $2, digest = NULL, salt = NULL WHERE id = $1",
            id,
            now
        )?;
        Ok(())
    }

    /// It works no more.
    pub async fn step_up_end(&mut self, id: Uuid) -> Result<()> {
        sql!(
            self,
            execute,
            "UPDATE step_up SET state = 'over', digest = NULL, salt = NULL WHERE id = $1",
            id
        )?;
        Ok(())
    }

    /// It is used for `ticket`, and for no other.
    pub async fn step_up_use(&mut self, id: Uuid, ticket: TicketId) -> Result<()> {
        sql!(
            self,
            execute,
            "UPDATE step_up SET ticket_id = $2 WHERE id = $1 AND state = 'passed' AND ticket_id IS NULL",
            id,
            ticket.0
        )?;
        Ok(())
    }

    /// Who has proved by a code that it is he who asks for `ticket`, if anybody has.
    pub async fn step_up_of(&mut self, ticket: TicketId) -> Result<Option<SteppedUp>> {
        let row = sql!(
            self,
            fetch_optional as (String, Moment),
            "SELECT contact_id, passed_at FROM step_up WHERE ticket_id = $1 AND passed_at IS NOT NULL",
            ticket.0
        )?;
        Ok(row.map(|(contact, passed_at)| SteppedUp { contact: ContactId(contact), passed_at }))
    }

    /// Forgets codes whose time is over, and from `before` those that came to nothing.
    pub async fn step_ups_forget(&mut self, now: Moment, before: Moment) -> Result<()> {
        sql!(
            self,
            execute,
            "UPDATE step_up SET state = 'over', digest = NULL, salt = NULL
             WHERE expires_at <= $1 AND state IN ('wanted', 'sent')",
            now
        )?;
        sql!(self, execute, "DELETE FROM step_up WHERE ticket_id IS NULL AND created_at < $1", before)?;
        Ok(())
    }
}
