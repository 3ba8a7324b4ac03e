//! A fresh database on either engine, with schema and terms, and a back door for counting.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use crm::clock::{Clock, Moment, SystemClock};
use crm::service::Service;
use crm::store::{Db, DbOptions};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Executor, FromRow, PgConnection, SqliteConnection};
use uuid::Uuid;

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Engine {
    /// One file, each commit waits for the disk.
    Sqlite,
    /// The server that `BENCH_POSTGRES` names.
    Postgres,
}

impl std::fmt::Display for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// A database for one measurement.
pub struct Fresh {
    /// What `KOMEK_DATABASE_URL` says.
    pub url: String,
    engine: Engine,
}

/// Removes a SQLite file with what belongs to it.
pub fn remove_file(file: &Path) {
    for end in ["", "-wal", "-shm"] {
        // Not there is as good as removed.
        let _ = std::fs::remove_file(format!("{}{end}", file.display()));
    }
}

impl Fresh {
    /// An empty database called `name`, in `folder` or on the server; a former one of that name is dropped.
    pub async fn new(engine: Engine, folder: &Path, name: &str) -> Result<Self> {
        let this = Self::named(engine, folder, name)?;
        match engine {
            Engine::Sqlite => remove_file(&folder.join(format!("{name}.db"))),
            Engine::Postgres => {
                let mut admin = PgConnection::connect(&server()?).await.context("the PostgreSQL server")?;
                for sql in [
                    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
                    format!("CREATE DATABASE {name}"),
                ] {
                    admin.execute(sqlx::AssertSqlSafe(sql)).await?;
                }
            }
        }
        let db = this.open().await?;
        db.migrate().await?;
        crm::admin::policies_open(&db, None, SystemClock.now()).await?;
        db.close().await;
        Ok(this)
    }

    /// The database called `name`, as it is.
    pub fn named(engine: Engine, folder: &Path, name: &str) -> Result<Self> {
        let url = match engine {
            Engine::Sqlite => format!("sqlite://{}", folder.join(format!("{name}.db")).display()),
            Engine::Postgres => {
                let server = server()?;
                let (start, _) = server.rsplit_once('/').context("postgres://…/database")?;
                format!("{start}/{name}")
            }
        };
        Ok(Self { url, engine })
    }

    /// A handle, as a service has it.
    pub async fn open(&self) -> Result<Db> {
        Ok(Db::connect(&self.url, &DbOptions::default()).await?)
    }

    /// A service under the stored terms.
    pub async fn service(&self, clock: crm::clock::SharedClock) -> Result<Service> {
        let db = self.open().await?;
        let policies = crm::admin::policies_open(&db, None, clock.now()).await?;
        db.close().await;
        Ok(Service::new(clock, policies))
    }

    /// The rows of one column of numbers.
    pub async fn numbers(&self, sql: &str) -> Result<Vec<i64>> {
        self.column(sql).await
    }

    /// The rows of one column of texts.
    pub async fn texts(&self, sql: &str) -> Result<Vec<String>> {
        self.column(sql).await
    }

    async fn column<T>(&self, sql: &str) -> Result<Vec<T>>
    where
        T: Send + Unpin,
        (T,): for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow>,
    {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        let rows: Vec<(T,)> = match self.engine {
            Engine::Sqlite => {
                sqlx::query_as(sql).fetch_all(&mut SqliteConnection::connect(&self.url).await?).await?
            }
            Engine::Postgres => {
                sqlx::query_as(sql).fetch_all(&mut PgConnection::connect(&self.url).await?).await?
            }
        };
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    /// Runs a statement behind the store's back.
    pub async fn run(&self, sql: &str) -> Result<()> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        match self.engine {
            Engine::Sqlite => {
                SqliteConnection::connect(&self.url).await?.execute(sql).await?;
            }
            Engine::Postgres => {
                PgConnection::connect(&self.url).await?.execute(sql).await?;
            }
        }
        Ok(())
    }

    /// How large it is, bytes.
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    pub async fn size(&self) -> Result<f64> {
        let bytes = match self.engine {
            Engine::Sqlite => {
                let pages = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
                self.number(pages).await?
            }
            Engine::Postgres => self.number("SELECT pg_database_size(current_database())").await?,
        };
        Ok(bytes as f64)
    }

    /// How many clocks are due, if none is before `moment`.
    pub async fn far_from_due(&self, moment: Moment) -> Result<i64> {
        ensure!(self.look().await?.waiting_until(moment).await? == 0, "some are due before");
        self.number("SELECT COUNT(*) FROM ticket WHERE wake_at IS NOT NULL").await
    }

    /// A connection to look on with.
    pub async fn look(&self) -> Result<Eyes> {
        Ok(match self.engine {
            Engine::Sqlite => Eyes::Sqlite(SqliteConnection::connect(&self.url).await?),
            Engine::Postgres => Eyes::Postgres(PgConnection::connect(&self.url).await?),
        })
    }

    /// One number.
    pub async fn number(&self, sql: &str) -> Result<i64> {
        self.numbers(sql).await?.first().copied().context("one row")
    }
}

/// A connection that looks on.
pub enum Eyes {
    /// To the file.
    Sqlite(SqliteConnection),
    /// To the server.
    Postgres(PgConnection),
}

impl Eyes {
    /// When the next clock is due; cheap, so that looking does not slow down what is looked at.
    pub async fn next_due(&mut self) -> Result<Option<Moment>> {
        let sql = "SELECT MIN(wake_at) FROM ticket WHERE wake_at IS NOT NULL";
        Ok(match self {
            Self::Sqlite(c) => sqlx::query_scalar(sql).fetch_one(c).await?,
            Self::Postgres(c) => sqlx::query_scalar(sql).fetch_one(c).await?,
        })
    }

    /// How many clocks are due by `moment`.
    pub async fn waiting_until(&mut self, moment: Moment) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM ticket WHERE wake_at <= $1";
        Ok(match self {
            Self::Sqlite(c) => sqlx::query_scalar(sql).bind(moment).fetch_one(c).await?,
            Self::Postgres(c) => sqlx::query_scalar(sql).bind(moment).fetch_one(c).await?,
        })
    }

    /// Breaches whose deadline was between `from` and `to`: ticket, deadline, when it was written down.
    pub async fn breaches_between(
        &mut self,
        from: Moment,
        to: Moment,
    ) -> Result<Vec<(Uuid, Moment, Moment)>> {
        let sql = "SELECT stream, at, recorded_at FROM event WHERE word = 'target_breached' AND at BETWEEN $1 AND $2";
        Ok(match self {
            Self::Sqlite(c) => sqlx::query_as(sql).bind(from).bind(to).fetch_all(c).await?,
            Self::Postgres(c) => sqlx::query_as(sql).bind(from).bind(to).fetch_all(c).await?,
        })
    }
}

fn server() -> Result<String> {
    std::env::var("BENCH_POSTGRES")
        .context("BENCH_POSTGRES must name a server: postgres://user:password@127.0.0.1:5432/postgres; bench/postgres.sh starts one")
}
