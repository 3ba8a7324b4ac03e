//! Waking up when the database changed: at once within this process, by NOTIFY on PostgreSQL, by looking at SQLite's data version
//! every 50 ms for the other processes. Whoever waits looks once a second in any case, so a lost wake-up costs a second, not a promise.

use std::time::Duration;

use sqlx::postgres::PgListener;
use sqlx::{PgPool, SqlitePool};
use tokio::sync::watch;

/// Tells the tasks of this process that something was committed.
#[derive(Debug, Clone)]
pub struct Waker(watch::Sender<u64>);

impl Waker {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    pub(super) fn wake(&self) {
        self.0.send_modify(|n| *n = n.wrapping_add(1));
    }

    pub(super) fn subscribe(&self) -> Wakeups {
        Wakeups(self.0.subscribe())
    }

    /// Whether anybody is left to wake.
    fn is_abandoned(&self) -> bool {
        // One sender clone lives in the `Db`, one in the watching task.
        self.0.sender_count() <= 1
    }
}

/// A place to wait for changes. Subscribe before looking, so that a change in between is not missed.
#[derive(Debug, Clone)]
pub struct Wakeups(watch::Receiver<u64>);

impl Wakeups {
    /// Returns after the next change, or after `at_most`.
    pub async fn changed(&mut self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.0.changed()).await;
    }
}

/// Watches SQLite's data version: it moves when another connection commits.
pub(super) async fn watch_sqlite(pool: SqlitePool, waker: Waker) {
    let mut seen = 0i64;
    let mut conn = None;
    while !waker.is_abandoned() && !pool.is_closed() {
        if conn.is_none() {
            conn = pool.acquire().await.ok();
        }
        if let Some(c) = &mut conn {
            match sqlx::query_scalar::<_, i64>("PRAGMA data_version").fetch_one(&mut **c).await {
                Ok(version) if version != seen => {
                    seen = version;
                    waker.wake();
                }
                Ok(_) => {}
                Err(_) => conn = None,
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Listens for NOTIFY on PostgreSQL; reconnects by itself.
pub(super) async fn watch_postgres(pool: PgPool, waker: Waker) {
    while !waker.is_abandoned() && !pool.is_closed() {
        if let Ok(mut listener) = PgListener::connect_with(&pool).await
            && listener.listen("komek").await.is_ok()
        {
            while let Ok(Ok(_)) | Err(_) = tokio::time::timeout(Duration::from_secs(5), listener.recv()).await
            {
                waker.wake();
                if waker.is_abandoned() {
                    return;
                }
            }
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
