//! What the bot and the provisioner do first: open the database and wait until the crm has made it ready.

use std::time::Duration;

use anyhow::{Context, bail};
use secrecy::ExposeSecret;

use crate::config::Config;
use crate::policy::PolicyBook;
use crate::store::{Db, DbOptions};

/// How long to wait for the crm.
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(250);

/// Opens the database and waits up to a minute for its schema and the terms: services may be started in any order.
pub async fn open(config: &Config) -> anyhow::Result<(Db, PolicyBook)> {
    let options = DbOptions {
        connections: config.database.connections,
        sync_full: config.database.sync_full,
        ..DbOptions::default()
    };
    let url = config.database.url.expose_secret();
    let db =
        Db::connect(url, &options).await.context("the database (KOMEK_DATABASE_URL) cannot be opened")?;
    let mut waited = Duration::ZERO;
    loop {
        let missing = match db.migrations_missing().await? {
            0 => match db.read().await?.policies().await? {
                texts if texts.is_empty() => "the terms are not loaded yet",
                texts => return Ok((db, PolicyBook::of_texts("the database", &texts)?)),
            },
            _ => "the database's schema is not up to date yet",
        };
        if waited.is_zero() {
            tracing::info!("waiting for the crm: {missing}");
        }
        if waited >= PATIENCE {
            bail!("{missing}: start komek-crm serve, or run komek-crm migrate");
        }
        tokio::time::sleep(PAUSE).await;
        waited += PAUSE;
    }
}
