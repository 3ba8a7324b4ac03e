//! One-time links to secrets. What lies here is closed: see [`crate::seal`].

use uuid::Uuid;

use super::{Result, Tx, sql};
use crate::clock::Moment;
use crate::domain::ids::{ActionId, TicketId};

word_enum! {
    /// What a one-time link leads to.
    pub enum SecretKind {
        /// A temporary password.
        Password = "password",
        /// A kubeconfig.
        Kubeconfig = "kubeconfig",
    }
}

/// A secret to be handed over once.
#[derive(Debug, Clone)]
pub struct NewSecret {
    /// The action that made it; a repeated step replaces what an interrupted one left.
    pub action: ActionId,
    /// Its ticket.
    pub ticket: TicketId,
    /// What it is.
    pub what: SecretKind,
    /// The hash of the link's token.
    pub token_hash: String,
    /// The secret, closed with the key of the token.
    pub sealed: String,
    /// The token, closed for the bot.
    pub link: String,
    /// Until when the link works.
    pub expires_at: Moment,
}

/// What a link leads to, without opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretState {
    /// It is there.
    Waiting(SecretKind),
    /// Somebody opened it.
    Opened,
    /// Its time is over.
    Expired,
}

#[derive(sqlx::FromRow)]
struct Row {
    action_id: Uuid,
    what: String,
    opened_at: Option<Moment>,
    expires_at: Moment,
}

impl Tx {
    /// Stores a secret and its link.
    pub async fn secret_add(&mut self, new: &NewSecret, now: Moment) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO secret (action_id, ticket_id, what, token_hash, sealed, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (action_id) DO UPDATE SET what = excluded.what, token_hash = excluded.token_hash,
                sealed = excluded.sealed, created_at = excluded.created_at, expires_at = excluded.expires_at",
            new.action.0,
            new.ticket.0,
            new.what.as_str(),
            new.token_hash.as_str(),
            new.sealed.as_str(),
            now,
            new.expires_at
        )?;
        sql!(
            self,
            execute,
            "INSERT INTO secret_link (action_id, sealed, expires_at) VALUES ($1, $2, $3)
             ON CONFLICT (action_id) DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at",
            new.action.0,
            new.link.as_str(),
            new.expires_at
        )?;
        Ok(())
    }

    /// The token of an action's link, closed for the bot, while the link works.
    pub async fn secret_link(&mut self, action: ActionId, now: Moment) -> Result<Option<String>> {
        Ok(sql!(
            self,
            fetch_optional scalar String,
            "SELECT sealed FROM secret_link WHERE action_id = $1 AND expires_at > $2",
            action.0,
            now
        )?)
    }

    /// What the link with this token leads to; `None` if there is no such link.
    pub async fn secret_look(&mut self, token_hash: &str, now: Moment) -> Result<Option<SecretState>> {
        let row = sql!(
            self,
            fetch_optional as Row,
            "SELECT action_id, what, opened_at, expires_at FROM secret WHERE token_hash = $1",
            token_hash
        )?;
        Ok(row.and_then(|row| match row {
            Row { opened_at: Some(_), .. } => Some(SecretState::Opened),
            Row { expires_at, .. } if expires_at <= now => Some(SecretState::Expired),
            Row { what, .. } => what.parse().ok().map(SecretState::Waiting),
        }))
    }

    /// Takes the secret out, still closed: it is gone from here, and only one caller ever gets it.
    pub async fn secret_take(
        &mut self,
        token_hash: &str,
        now: Moment,
    ) -> Result<Option<(SecretKind, String)>> {
        let row = sql!(
            self,
            fetch_optional as Row,
            "SELECT action_id, what, opened_at, expires_at FROM secret
             WHERE token_hash = $1 AND opened_at IS NULL AND sealed IS NOT NULL AND expires_at > $2",
            token_hash,
            now
        )?;
        let Some(row) = row else { return Ok(None) };
        let sealed = sql!(
            self,
            fetch_optional scalar String,
            "SELECT sealed FROM secret WHERE action_id = $1 AND opened_at IS NULL AND sealed IS NOT NULL",
            row.action_id
        )?;
        let taken = sql!(
            self,
            execute,
            "UPDATE secret SET opened_at = $2, sealed = NULL WHERE action_id = $1 AND opened_at IS NULL",
            row.action_id,
            now
        )?;
        self.link_forget(now).await?;
        Ok(sealed.filter(|_| taken == 1).zip(row.what.parse().ok()).map(|(sealed, what)| (what, sealed)))
    }

    /// Forgets the tokens of links that lead nowhere any more: opened, or out of date.
    async fn link_forget(&mut self, now: Moment) -> Result<()> {
        sql!(
            self,
            execute,
            "DELETE FROM secret_link WHERE expires_at <= $1
                OR action_id IN (SELECT action_id FROM secret WHERE opened_at IS NOT NULL)",
            now
        )?;
        Ok(())
    }

    /// Forgets what nobody opened in time. How many.
    pub async fn secrets_forget(&mut self, now: Moment) -> Result<u64> {
        self.link_forget(now).await?;
        Ok(sql!(
            self,
            execute,
            "UPDATE secret SET sealed = NULL WHERE sealed IS NOT NULL AND expires_at <= $1",
            now
        )?)
    }

    /// The bot tells the public half of its key.
    pub async fn bot_key_save(&mut self, public: &str, now: Moment) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO bot_key (public, since) VALUES ($1, $2) ON CONFLICT (public) DO UPDATE SET since = excluded.since",
            public,
            now
        )?;
        Ok(())
    }

    /// The public half of the bot's key, if a bot has ever run.
    pub async fn bot_key(&mut self) -> Result<Option<String>> {
        Ok(
            sql!(self, fetch_optional scalar String, "SELECT public FROM bot_key ORDER BY since DESC LIMIT 1")?,
        )
    }
}
