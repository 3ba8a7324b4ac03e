//! Opening what most commands need: the configuration and the database with the right schema.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use crm::config::Config;
use crm::store::{Db, DbOptions};
use secrecy::ExposeSecret;

/// The configuration.
pub fn config() -> anyhow::Result<Config> {
    Config::load().context(
        "correct komek.toml or the environment; `komek-crm --help` says how keys and variables are called",
    )
}

/// The database, whatever its schema is.
pub async fn database(config: &Config) -> anyhow::Result<Db> {
    let options = DbOptions {
        connections: config.database.connections,
        sync_full: config.database.sync_full,
        patience: Duration::from_secs(15),
    };
    let db = Db::connect(config.database.url.expose_secret(), &options).await;
    // The address stays unsaid: it may hold a password.
    db.context("the database (KOMEK_DATABASE_URL) cannot be opened")
}

/// The database with the schema this program needs. SQLite is one file of this program and is brought up to date; PostgreSQL may
/// serve older programs at the same time, so that is left to `komek-crm migrate`.
pub async fn ready_database(config: &Config) -> anyhow::Result<Db> {
    let db = database(config).await?;
    if db.is_sqlite() {
        db.migrate().await.context("the database's schema cannot be brought up to date")?;
        return Ok(db);
    }
    match db.migrations_missing().await.context("the database does not answer")? {
        0 => Ok(db),
        missing => bail!(
            "the database's schema is {missing} migrations behind; stop the services and run `komek-crm migrate`"
        ),
    }
}

/// A file that a person named.
pub fn text(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file)
        .with_context(|| format!("{} cannot be read; check its name and its owner", file.display()))
}
