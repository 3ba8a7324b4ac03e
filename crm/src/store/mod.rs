//! The store: the only place with SQL. One SQL text serves SQLite and PostgreSQL (DESIGN 5).
//!
//! [`Db`] is a pool on either engine, [`Tx`] a transaction with a small write buffer: tickets, events, messages, jobs and outgoing
//! messages are collected and written as multi-row statements, so that a batch of a hundred updates costs a dozen statements and one
//! commit. Reading a ticket sees what is buffered; everything else is flushed before it is looked at.

mod access;
mod actions;
mod ahead;
mod alerts;
mod api;
mod audit;
mod broadcast;
mod buffer;
mod canned;
mod claim;
mod connect;
mod credits;
mod dialogue;
mod directory;
mod downtime;
mod events;
mod figures;
mod files;
mod inbox;
mod incidents;
mod jobs;
mod lease;
mod mail;
mod outbox;
mod people;
mod probes;
mod quotas;
mod reports;
mod rota;
mod search;
mod secrets;
mod settings;
mod simulated;
mod step_up;
mod tickets;
mod topics;
mod wake;
mod web;
mod webhooks;

pub use access::*;
pub use actions::*;
pub use alerts::*;
pub use api::*;
pub use audit::*;
pub use broadcast::*;
pub use canned::*;
pub use connect::{Db, DbOptions};
pub use credits::*;
pub use dialogue::*;
pub use directory::*;
pub use events::*;
pub use files::*;
pub use inbox::*;
pub use jobs::*;
pub use mail::*;
pub use outbox::*;
pub use people::*;
pub use quotas::*;
pub use rota::*;
pub use search::*;
pub use secrets::*;
pub use simulated::*;
pub use step_up::*;
pub use tickets::*;
pub use wake::Wakeups;
pub use web::*;
pub use webhooks::*;

use std::sync::Arc;

use sqlx::{Postgres, Sqlite, Transaction};

use ahead::Ahead;
use buffer::Buffer;

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed the same ticket meanwhile: load it again and decide anew.
    #[error("the ticket was changed by somebody else at the same time")]
    Conflict,
    /// A row that must exist does not, or does not read.
    #[error("{table} {row}: {problem}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// Its key.
        row: String,
        /// What is wrong.
        problem: String,
    },
    /// The database refused or could not be reached.
    #[error("{}", explain(.0))]
    Database(#[from] sqlx::Error),
    /// The schema is not the one this program was built for.
    #[error("migration failed: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The address of the database cannot be used.
    #[error("KOMEK_DATABASE_URL: {0}")]
    Url(String),
}

impl StoreError {
    /// Whether the same attempt may succeed a moment later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Conflict => true,
            Self::Database(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed) => {
                true
            }
            Self::Database(sqlx::Error::Database(e)) => {
                // SQLite BUSY, LOCKED, FULL, IOERR families; PostgreSQL 40xxx (serialisation), 53xxx (resources), 57P0x (shutdown).
                let code = e.code().unwrap_or_default();
                let sqlite =
                    code.parse::<i64>().is_ok_and(|c| code.len() < 5 && matches!(c & 0xff, 5 | 6 | 10 | 13));
                sqlite
                    || ["40", "53", "57P0", "08"]
                        .iter()
                        .any(|class| code.len() == 5 && code.starts_with(class))
            }
            _ => false,
        }
    }

    /// Whether a commit that ended so may have taken effect: the connection was lost, and with it the answer.
    pub const fn is_undecided(&self) -> bool {
        matches!(self, Self::Database(error) if !matches!(error, sqlx::Error::Database(_)))
    }
}

/// A database error with what to do about it.
fn explain(error: &sqlx::Error) -> String {
    let advice = match error {
        sqlx::Error::Database(e) => advice(&e.code().unwrap_or_default()),
        sqlx::Error::PoolTimedOut => {
            Some("no free connection: is the database reachable, and not overloaded?")
        }
        sqlx::Error::Io(_) => Some("is the database server running, and KOMEK_DATABASE_URL right?"),
        _ => None,
    };
    advice.map_or_else(|| error.to_string(), |advice| format!("{error}: {advice}"))
}

/// What to do about an error code: five characters are PostgreSQL's SQLSTATE, fewer are SQLite's.
fn advice(code: &str) -> Option<&'static str> {
    if code.len() == 5 {
        return Some(match code {
            "28P01" | "28000" => "the user or the password in KOMEK_DATABASE_URL is wrong",
            "3D000" => "create this database first (createdb), or correct KOMEK_DATABASE_URL",
            "42501" => "give this user the right (GRANT), or use the user who owns the tables",
            "53100" => "the server's disk is full: free some space, nothing that was confirmed is lost",
            "53300" => "too many connections: lower KOMEK_DATABASE_CONNECTIONS, or raise max_connections",
            "57P03" => "the server is starting or stopping: wait and try again",
            _ => return None,
        });
    }
    match code.parse::<i64>().ok()? & 0xff {
        5 | 6 => Some("another program holds the database file; close it, or wait and try again"),
        8 => Some("the database file is read-only: check owner and mode of the file and its folder"),
        10 => Some("the disk is full or broken (df and dmesg tell); nothing that was confirmed is lost"),
        11 | 26 => Some("this is not a sound SQLite database: restore it from a backup"),
        13 => Some("the disk is full: free some space, nothing that was confirmed is lost"),
        14 => Some("the database file cannot be opened: check that its folder exists and is writable"),
        _ => None,
    }
}

/// The store's result.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// A connection in a transaction, on either engine.
pub(crate) enum Conn {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A transaction. Dropped without [`Tx::commit`], it leaves nothing behind.
pub struct Tx {
    pub(crate) conn: Conn,
    buffer: Buffer,
    ahead: Ahead,
    waker: wake::Waker,
}

/// Runs one statement on whichever engine this transaction is on.
///
/// `sql!(tx, execute, "…", a, b)` gives the number of rows, `sql!(tx, fetch_optional as Row, "…", a)` rows of a `FromRow` type,
/// `sql!(tx, fetch_one scalar i64, "…")` single values. Arguments are evaluated once, on the engine's arm.
macro_rules! sql {
    ($tx:expr, execute, $sql:expr $(, $arg:expr)* $(,)?) => {
        match &mut $tx.conn {
            $crate::store::Conn::Sqlite(c) =>
                sqlx::query($sql)$(.bind($arg))*.execute(&mut **c).await.map(|r| r.rows_affected()),
            $crate::store::Conn::Postgres(c) =>
                sqlx::query($sql)$(.bind($arg))*.execute(&mut **c).await.map(|r| r.rows_affected()),
        }
    };
    ($tx:expr, $fetch:ident as $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        match &mut $tx.conn {
            $crate::store::Conn::Sqlite(c) =>
                sqlx::query_as::<_, $row>($sql)$(.bind($arg))*.$fetch(&mut **c).await,
            $crate::store::Conn::Postgres(c) =>
                sqlx::query_as::<_, $row>($sql)$(.bind($arg))*.$fetch(&mut **c).await,
        }
    };
    ($tx:expr, $fetch:ident scalar $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        match &mut $tx.conn {
            $crate::store::Conn::Sqlite(c) =>
                sqlx::query_scalar::<_, $row>($sql)$(.bind($arg))*.$fetch(&mut **c).await,
            $crate::store::Conn::Postgres(c) =>
                sqlx::query_scalar::<_, $row>($sql)$(.bind($arg))*.$fetch(&mut **c).await,
        }
    };
}
pub(crate) use sql;

/// Writes many rows with few statements: `bulk!(tx, "INSERT INTO t (a, b)", "ON CONFLICT DO NOTHING", rows, |row| row.a, row.b)`.
/// Gives the number of rows affected.
macro_rules! bulk {
    ($tx:expr, $prefix:expr, $suffix:expr, $rows:expr, |$row:ident| $($arg:expr),+ $(,)?) => {
        $crate::store::bulk!(@ $crate::store::buffer::parts, $tx, $prefix, $suffix, $rows, |$row| $($arg),+)
    };
    (@ $parts:path, $tx:expr, $prefix:expr, $suffix:expr, $rows:expr, |$row:ident| $($arg:expr),+) => {{
        let columns = [$(stringify!($arg)),+].len();
        let mut affected = 0u64;
        for part in $parts($rows, columns) {
            let text = $crate::store::buffer::values_text($prefix, columns, part.len(), $suffix, $tx.is_postgres());
            affected += match &mut $tx.conn {
                $crate::store::Conn::Sqlite(c) => {
                    let mut query = sqlx::query(sqlx::AssertSqlSafe(text));
                    for $row in part { query = query$(.bind($arg))+; }
                    query.execute(&mut **c).await?.rows_affected()
                }
                $crate::store::Conn::Postgres(c) => {
                    let mut query = sqlx::query(sqlx::AssertSqlSafe(text));
                    for $row in part { query = query$(.bind($arg))+; }
                    query.execute(&mut **c).await?.rows_affected()
                }
            };
        }
        affected
    }};
}
pub(crate) use bulk;

/// Changes or deletes the rows of many keys with one statement: as [`bulk`], but the last key may be named several times.
macro_rules! bulk_keys {
    ($tx:expr, $prefix:expr, $suffix:expr, $keys:expr, |$key:ident| $($arg:expr),+ $(,)?) => {
        $crate::store::bulk!(@ $crate::store::buffer::parts_padded, $tx, $prefix, $suffix, $keys, |$key| $($arg),+)
    };
}
pub(crate) use bulk_keys;

/// Reads the rows of many keys with one statement: `fetch_keys!(tx, Row, "SELECT … FROM (", ") AS t JOIN …", keys, |key| key.a, key.b)`,
/// the keys being `t.column1`, `t.column2` … The last key may be asked for several times.
macro_rules! fetch_keys {
    ($tx:expr, $type:ty, $prefix:expr, $suffix:expr, $keys:expr, |$key:ident| $($arg:expr),+ $(,)?) => {{
        let columns = [$(stringify!($arg)),+].len();
        let mut rows: Vec<$type> = Vec::new();
        for part in $crate::store::buffer::parts_padded($keys, columns) {
            let text = $crate::store::buffer::values_text($prefix, columns, part.len(), $suffix, $tx.is_postgres());
            match &mut $tx.conn {
                $crate::store::Conn::Sqlite(c) => {
                    let mut query = sqlx::query_as::<_, $type>(sqlx::AssertSqlSafe(text));
                    for $key in part { query = query$(.bind($arg))+; }
                    rows.append(&mut query.fetch_all(&mut **c).await?);
                }
                $crate::store::Conn::Postgres(c) => {
                    let mut query = sqlx::query_as::<_, $type>(sqlx::AssertSqlSafe(text));
                    for $key in part { query = query$(.bind($arg))+; }
                    rows.append(&mut query.fetch_all(&mut **c).await?);
                }
            }
        }
        rows
    }};
}
pub(crate) use fetch_keys;

impl Tx {
    /// Writes the buffer and makes everything permanent, then wakes whoever waits for changes, here and in the other services.
    pub async fn commit(mut self) -> Result<Vec<OutboxItem>> {
        self.flush().await?;
        let claimed = std::mem::take(&mut self.buffer.claimed);
        if let Conn::Postgres(c) = &mut self.conn {
            sqlx::query("SELECT pg_notify('komek', '')").execute(&mut **c).await?;
        }
        match self.conn {
            Conn::Sqlite(c) => c.commit().await?,
            Conn::Postgres(c) => c.commit().await?,
        }
        self.waker.wake();
        Ok(claimed)
    }

    /// Whether this is PostgreSQL; for the one clause that only it has.
    const fn is_postgres(&self) -> bool {
        matches!(self.conn, Conn::Postgres(_))
    }
}

/// Fails unless exactly `expected` rows were affected.
fn ensure_rows(affected: u64, expected: u64, table: &'static str, row: impl std::fmt::Display) -> Result<()> {
    if affected == expected {
        return Ok(());
    }
    Err(StoreError::Inconsistent {
        table,
        row: row.to_string(),
        problem: format!("{affected} rows affected, {expected} expected"),
    })
}

/// A column that does not read as what it should be.
fn unreadable(
    table: &'static str,
    row: impl std::fmt::Display,
    problem: impl std::fmt::Display,
) -> StoreError {
    StoreError::Inconsistent { table, row: row.to_string(), problem: problem.to_string() }
}

/// The database behind an [`Arc`] where a trait object needs it.
pub type SharedDb = Arc<Db>;
