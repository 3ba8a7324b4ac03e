//! Hands a secret over to the customer: closed into the database, so that only the holder of a one-time link opens it, once and within a
//! quarter of an hour.
//!
//! The token of the link is drawn here and kept nowhere: its hash finds the secret, its key closes the secret, and the token itself is
//! closed for the bot, which alone puts it into the chat (`crm/src/seal.rs`).

use chrono::TimeDelta;
use crm::domain::ids::{ActionId, TicketId};
use crm::seal::{LinkToken, seal};
use crm::service::Service;
use crm::store::{Db, NewSecret, SecretKind};
use secrecy::SecretString;

use crate::failure::{Failure, Kind};

/// How long a link works.
pub const VALID: TimeDelta = TimeDelta::minutes(15);

/// Where an action's secret goes.
#[derive(Clone)]
pub struct Handover {
    /// The database.
    pub db: Db,
    /// For the time.
    pub service: Service,
    /// The ticket.
    pub ticket: TicketId,
    /// The action that makes the secret.
    pub action: ActionId,
}

impl Handover {
    /// Whether a link can be made at all: it is asked before anything is changed.
    pub async fn possible(&self) -> Result<(), Failure> {
        self.bot_key().await.map(drop)
    }

    /// Leaves `secret` for the customer, in place of what an interrupted run may have left.
    pub async fn leave(&self, what: SecretKind, secret: &SecretString) -> Result<(), Failure> {
        let public = self.bot_key().await?;
        let token = LinkToken::random();
        let closed = || Failure::new("hand-over", Kind::Failed, "the bot's key in the database is no key");
        let now = self.service.now();
        let new = NewSecret {
            action: self.action,
            ticket: self.ticket,
            what,
            token_hash: token.hash(),
            sealed: token.key().seal(secret).map_err(|_| closed())?,
            link: seal(&public, token.secret()).map_err(|_| closed())?,
            expires_at: now + VALID,
        };
        let write = async {
            let mut tx = self.db.begin().await?;
            tx.secret_add(&new, now).await?;
            tx.commit().await
        };
        write.await.map(drop).map_err(|e| Failure::new("hand-over", Kind::Passing, e.to_string()))
    }

    async fn bot_key(&self) -> Result<String, Failure> {
        let read = async { self.db.read().await?.bot_key().await };
        let key = read.await.map_err(|e| Failure::new("hand-over", Kind::Passing, e.to_string()))?;
        let text = "no bot has run on this database yet, so nobody could send the customer his link: start komek-bot";
        key.ok_or_else(|| Failure::new("hand-over", Kind::Passing, text))
    }
}
