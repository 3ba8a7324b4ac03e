//! Opening the database: the engine comes from the address, the settings from what durability and several processes need.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, PgPool, SqlitePool};

use super::ahead::Ahead;
use super::buffer::Buffer;
use super::wake::{self, Waker, Wakeups};
use super::{Conn, Result, StoreError, Tx};

/// The migrations, the same for both engines.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

/// How to open the database.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// Connections at most.
    pub connections: u32,
    /// How long to wait for a lock or a free connection.
    pub patience: Duration,
    /// Whether each commit waits for the disk (SQLite `synchronous=FULL`): on, nothing is lost even when the power goes.
    pub sync_full: bool,
}

impl Default for DbOptions {
    fn default() -> Self {
        Self { connections: 8, patience: Duration::from_secs(15), sync_full: true }
    }
}

/// A pool on either engine. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Db {
    pool: Pool,
    waker: Waker,
}

#[derive(Debug, Clone)]
enum Pool {
    /// SQLite has one writer at a time: waiting for its connection is cheaper and fairer than SQLite's own way of waiting. And it is always
    /// the same one, for what a connection remembers of the pages is void once another has written.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Postgres(PgPool),
}

impl Db {
    /// Opens the database at `url` (`sqlite://FILE` or `postgres://…`); a missing SQLite file is made.
    pub async fn connect(url: &str, options: &DbOptions) -> Result<Self> {
        let waker = Waker::new();
        let pool = if url.starts_with("sqlite:") {
            let writer = connect_sqlite(url, options, 1).await?;
            let readers = connect_sqlite(url, options, options.connections.saturating_sub(1).max(2)).await?;
            let file = SqliteConnectOptions::from_str(url).map(|o| o.get_filename().to_owned());
            tokio::spawn(wake::watch_sqlite(readers.clone(), file.unwrap_or_default(), waker.clone()));
            Pool::Sqlite { writer, readers }
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let pool = connect_postgres(url, options).await?;
            tokio::spawn(wake::watch_postgres(pool.clone(), waker.clone()));
            Pool::Postgres(pool)
        } else {
            return Err(StoreError::Url("it must begin with sqlite:// or postgres://".to_owned()));
        };
        Ok(Self { pool, waker })
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<()> {
        match &self.pool {
            Pool::Sqlite { writer: pool, .. } => {
                // SQLite has no lock for migrations: whoever lost a race finds the next one to do at another try.
                let mut missing = usize::MAX;
                while let Err(error) = MIGRATOR.run(pool).await {
                    let still = self.migrations_missing().await?;
                    if still >= missing {
                        return Err(error.into());
                    }
                    missing = still;
                }
            }
            Pool::Postgres(pool) => MIGRATOR.run(pool).await?,
        }
        Ok(())
    }

    /// How many migrations this program knows that the database does not have yet. A database without any schema lacks all.
    pub async fn migrations_missing(&self) -> Result<usize> {
        let mut tx = self.read().await?;
        let known = MIGRATOR.iter().count();
        let applied = super::sql!(tx, fetch_one scalar i64, "SELECT COUNT(*) FROM _sqlx_migrations");
        match applied {
            Ok(applied) => Ok(known.saturating_sub(usize::try_from(applied).unwrap_or(0))),
            Err(sqlx::Error::Database(_)) => Ok(known),
            Err(e) => Err(e.into()),
        }
    }

    /// Begins a transaction that will write.
    pub async fn begin(&self) -> Result<Tx> {
        let conn = match &self.pool {
            Pool::Sqlite { writer, .. } => Conn::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Pool::Postgres(pool) => Conn::Postgres(pool.begin().await?),
        };
        Ok(self.tx(conn))
    }

    /// Begins a transaction that only reads; it waits for nobody.
    pub async fn read(&self) -> Result<Tx> {
        let conn = match &self.pool {
            Pool::Sqlite { readers, .. } => Conn::Sqlite(readers.begin().await?),
            Pool::Postgres(pool) => Conn::Postgres(pool.begin().await?),
        };
        Ok(self.tx(conn))
    }

    fn tx(&self, conn: Conn) -> Tx {
        Tx { conn, buffer: Buffer::default(), ahead: Ahead::default(), waker: self.waker.clone() }
    }

    /// A place to wait for changes by anybody.
    pub fn wakeups(&self) -> Wakeups {
        self.waker.subscribe()
    }

    /// Whether this is one file on this machine.
    pub const fn is_sqlite(&self) -> bool {
        matches!(self.pool, Pool::Sqlite { .. })
    }

    /// Closes all connections; what is under way ends first.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

async fn connect_sqlite(url: &str, options: &DbOptions, connections: u32) -> Result<SqlitePool> {
    let sync = if options.sync_full { SqliteSynchronous::Full } else { SqliteSynchronous::Normal };
    let connect = SqliteConnectOptions::from_str(url)
        .map_err(|e| StoreError::Url(e.to_string()))?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(sync)
        .foreign_keys(true)
        .busy_timeout(options.patience)
        // What a statement must be able to take back stays in memory instead of a file of its own.
        .pragma("temp_store", "MEMORY")
        // A page that changes with every batch is copied into the file once in a while, not each time: 16 MiB of log at most.
        .pragma("wal_autocheckpoint", "4000")
        .statement_cache_capacity(400)
        .disable_statement_logging();
    Ok(SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(options.patience)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(|connection, _| {
            Box::pin(async move {
                if connection.is_in_transaction() {
                    // A rollback may be under way; this waits for it.
                    connection.ping().await?;
                }
                // On a full disk SQLite itself rolls back, sqlx's own rollback then fails, and the connection would refuse to begin
                // anything for ever: a new one takes its place.
                Ok(!connection.is_in_transaction())
            })
        })
        .connect_with(connect)
        .await?)
}

async fn connect_postgres(url: &str, options: &DbOptions) -> Result<PgPool> {
    let connect = PgConnectOptions::from_str(url)
        // The parser's own message may repeat the address, and with it the password.
        .map_err(|_| {
            StoreError::Url("not a PostgreSQL address (postgres://user:password@host/database)".to_owned())
        })?
        .application_name("komek")
        .statement_cache_capacity(400)
        .disable_statement_logging();
    Ok(PgPoolOptions::new()
        .max_connections(options.connections)
        .acquire_timeout(options.patience)
        .connect_with(connect)
        .await?)
}
