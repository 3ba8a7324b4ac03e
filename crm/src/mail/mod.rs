//! Mail: requests that come by IMAP and answers that go by SMTP, in one thread (T8: a first reply within 24 h; T10: every request is a
//! ticket). Switched on by `[mail]`.
//!
//! In: each new mail is noted, made a ticket or added to one, and the place in the mailbox is moved on, in one transaction; a mail that is
//! seen again after a crash is known by its Message-ID. Out: an event of a ticket that came by mail is a row of `mail_out`, written with the
//! event; it is leased, worded in its ticket's present state, and sent with a Message-ID made from the row's id. Codes that prove who asks
//! (`code.rs`) go past that queue.

mod code;
mod config;
mod fetch;
pub mod letter;
mod receive;
mod send;
mod tls;
mod words;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

pub use config::{MailConfig, MailDefaults, Security};

use crate::config::Support;
use crate::service::{Service, ServiceError};
use crate::store::{Db, StoreError};

/// Why mail could not be read or sent for now.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The settings cannot be used.
    #[error("[mail]: {0}")]
    Settings(String),
    /// The server of incoming mail cannot be reached or refuses.
    #[error("the mailbox cannot be read: {0}")]
    Mailbox(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The rules.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// Reads the mailbox and sends the answers.
#[derive(Clone)]
pub struct Mail {
    service: Service,
    db: Db,
    config: Arc<MailConfig>,
    /// Who the sender is, and where else he is to be reached.
    support: Support,
    /// Distinguishes this process from others on the same database.
    name: String,
}

/// How long a process that says nothing more keeps others from the mailbox. Two that read it at once would do no harm, only work twice.
const LEASE: TimeDelta = TimeDelta::minutes(2);

impl Mail {
    /// Mail by these settings; `name` is unique among the processes on this database. Settings that cannot work are refused.
    pub fn new(
        service: Service,
        db: Db,
        config: MailConfig,
        support: Support,
        name: String,
    ) -> Result<Self, MailError> {
        config.check()?;
        Ok(Self { service, db, config: Arc::new(config), support, name })
    }

    /// Reads the mailbox now and then until `stop`. Errors are logged and tried again.
    pub async fn receive(self, stop: CancellationToken) {
        if !self.config.reads() {
            return;
        }
        let pause = Duration::from_secs(self.config.poll_seconds);
        let mut well = true;
        while !stop.is_cancelled() {
            // What is given up in the middle was not committed.
            let fetched = tokio::select! {
                () = stop.cancelled() => break,
                fetched = self.fetch() => fetched,
            };
            match fetched {
                Ok(_) if !well => {
                    well = true;
                    tracing::info!("the mailbox can be read again");
                }
                Ok(_) => {}
                // Said once, then counted: a mail server that is down for a night fills no log.
                Err(error) if well => {
                    well = false;
                    tracing::error!(%error, "trying again until it works");
                }
                Err(_) => metrics::counter!("komek_mail_failures_total", "way" => "in").increment(1),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        self.release().await;
    }

    /// Sends what is due until `stop`.
    pub async fn send(self, stop: CancellationToken) {
        tokio::join!(self.letters(stop.clone()), self.codes(stop));
    }

    async fn letters(&self, stop: CancellationToken) {
        let mut wakeups = self.db.wakeups();
        while !stop.is_cancelled() {
            if let Err(error) = self.send_due().await {
                tracing::error!(%error, "mail could not be sent; trying again in a second");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = wakeups.changed(Duration::from_secs(1)) => {}
            }
        }
    }

    /// Takes in every new mail. Returns how many there were; none while another process reads this mailbox.
    pub async fn fetch(&self) -> Result<usize, MailError> {
        if self.leads().await? { self.read_mailbox().await } else { Ok(0) }
    }

    /// Takes the lease on the mailbox, or prolongs it.
    async fn leads(&self) -> Result<bool, StoreError> {
        let now = self.service.now();
        let mut tx = self.db.begin().await?;
        if !tx.lease_take("mail", &self.name, now, now + LEASE).await? {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn release(&self) {
        let given_back = async {
            let mut tx = self.db.begin().await?;
            tx.lease_release("mail", &self.name).await?;
            tx.commit().await
        };
        if let Err(error) = given_back.await {
            tracing::warn!(%error, "the lease on the mailbox stays until it runs out");
        }
    }
}
