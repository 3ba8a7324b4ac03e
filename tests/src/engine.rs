//! A migrated database of a test's own, on either engine, with a back door for looking and tampering.

use std::time::Duration;

use anyhow::Result;
use crm::store::{Db, DbOptions};
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::lab::postgres;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// One file.
    Sqlite,
    /// A server.
    Postgres,
}

/// A database that ends with the test.
pub struct TestDb {
    /// Which.
    pub engine: Engine,
    /// What `KOMEK_DATABASE_URL` would say.
    pub url: String,
    /// The store on it.
    pub db: Db,
    _folder: TempDir,
}

impl TestDb {
    /// An empty database with the present schema; `None` if this machine lacks the engine (see [`crate::lab`]).
    pub async fn new(engine: Engine) -> Result<Option<Self>> {
        let Some(this) = Self::bare(engine).await? else { return Ok(None) };
        this.db.migrate().await?;
        Ok(Some(this))
    }

    /// The database at this address, brought to the present schema. Whoever made it ends it.
    pub async fn at(url: &str) -> Result<Self> {
        let engine = if url.starts_with("sqlite:") { Engine::Sqlite } else { Engine::Postgres };
        let db = Self::connect(url).await?;
        db.migrate().await?;
        Ok(Self { engine, url: url.to_owned(), db, _folder: tempfile::tempdir()? })
    }

    /// A database without any schema.
    pub async fn bare(engine: Engine) -> Result<Option<Self>> {
        let folder = tempfile::tempdir()?;
        let url = match engine {
            Engine::Sqlite => format!("sqlite://{}", folder.path().join("komek.db").display()),
            Engine::Postgres => match postgres::fresh_database().await? {
                Some(url) => url,
                None => return Ok(None),
            },
        };
        let db = Self::connect(&url).await?;
        Ok(Some(Self { engine, url, db, _folder: folder }))
    }

    /// A handle that waits for nobody.
    pub async fn impatient(&self) -> Result<Db> {
        let options = DbOptions { patience: Duration::from_millis(50), ..DbOptions::default() };
        Ok(Db::connect(&self.url, &options).await?)
    }

    async fn connect(url: &str) -> Result<Db> {
        let options = DbOptions { patience: Duration::from_secs(20), ..DbOptions::default() };
        Ok(Db::connect(url, &options).await?)
    }

    /// A second handle, as another service has it.
    pub async fn another(&self) -> Result<Db> {
        Self::connect(&self.url).await
    }

    /// Runs any SQL behind the store's back; returns the number of rows affected.
    pub async fn tamper(&self, sql: &str) -> Result<u64> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        Ok(match self.engine {
            Engine::Sqlite => SqliteConnection::connect(&self.url).await?.execute(sql).await?.rows_affected(),
            Engine::Postgres => PgConnection::connect(&self.url).await?.execute(sql).await?.rows_affected(),
        })
    }

    /// One number that a query gives.
    pub async fn number(&self, sql: &str) -> Result<i64> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        Ok(match self.engine {
            Engine::Sqlite => {
                sqlx::query_scalar(sql).fetch_one(&mut SqliteConnection::connect(&self.url).await?).await?
            }
            Engine::Postgres => {
                sqlx::query_scalar(sql).fetch_one(&mut PgConnection::connect(&self.url).await?).await?
            }
        })
    }

    /// One column of text that a query gives.
    pub async fn texts(&self, sql: &str) -> Result<Vec<String>> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        Ok(match self.engine {
            Engine::Sqlite => {
                sqlx::query_scalar(sql).fetch_all(&mut SqliteConnection::connect(&self.url).await?).await?
            }
            Engine::Postgres => {
                sqlx::query_scalar(sql).fetch_all(&mut PgConnection::connect(&self.url).await?).await?
            }
        })
    }

    /// Waits until a query gives `wanted`.
    pub async fn until(&self, sql: &str, wanted: i64, limit: Duration) -> Result<()> {
        let mut wakeups = self.db.wakeups();
        let begun = std::time::Instant::now();
        loop {
            let found = self.number(sql).await?;
            if found == wanted {
                return Ok(());
            }
            anyhow::ensure!(begun.elapsed() < limit, "{sql}: {found} after {limit:?}, not {wanted}");
            wakeups.changed(Duration::from_millis(200)).await;
        }
    }
}
