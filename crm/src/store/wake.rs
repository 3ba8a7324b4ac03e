//! Waking up when the database changed: at once within this process; for the other processes by NOTIFY on PostgreSQL, and by watching
//! the log of a SQLite file. Whoever waits looks once a second in any case, so a lost wake-up costs a second, not a promise.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::Watcher as _;
use sqlx::postgres::PgListener;
use sqlx::{PgPool, SqlitePool};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

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
        Wakeups { changes: self.0.subscribe(), woken: None }
    }

    /// Whether anybody is left to wake.
    fn is_abandoned(&self) -> bool {
        // One sender clone lives in the `Db`, one in the watching task.
        self.0.sender_count() <= 1
    }
}

/// A place to wait for changes. Subscribe before looking, so that a change in between is not missed.
#[derive(Debug, Clone)]
pub struct Wakeups {
    changes: watch::Receiver<u64>,
    /// When the last one was told of.
    woken: Option<Instant>,
}

/// At least so long passes between two wake-ups of the same waiter. One that comes alone is told at once; while a thousand commits a
/// second go by, a dozen loops that look after each of them would cost more than the commits.
const APART: Duration = Duration::from_millis(10);

impl Wakeups {
    /// Returns after the next change, or after `at_most`. Changes in a row are told of together.
    pub async fn changed(&mut self, at_most: Duration) {
        let change = async {
            if let Some(woken) = self.woken {
                tokio::time::sleep_until(woken + APART).await;
            }
            let _ = self.changes.changed().await;
        };
        let _ = tokio::time::timeout(at_most, change).await;
        self.woken = Some(Instant::now());
    }
}

/// After the log was written to, its commit follows as soon as the disk has it: how often to look for it, and how long.
const COMMIT_LOOK: Duration = Duration::from_millis(2);
const COMMIT_LOOKS: usize = 50;
/// Where the system tells of no writes (some network file systems): how often to look without being told.
const BLIND_LOOK: Duration = Duration::from_millis(50);
/// Where it does: only against a word that got lost.
const SURE_LOOK: Duration = Duration::from_millis(500);

/// Watches SQLite's data version, which moves when another connection commits. The system tells when somebody writes to the log of
/// `file`, so nobody looks in vain while nothing happens.
pub(super) async fn watch_sqlite(pool: SqlitePool, file: PathBuf, waker: Waker) {
    let written = Arc::new(Notify::new());
    let watcher = log_watcher(&file, written.clone());
    if let Err(error) = &watcher {
        tracing::debug!(%error, "the system does not tell of writes to the database; looking every {BLIND_LOOK:?}");
    }
    let pause = if watcher.is_ok() { SURE_LOOK } else { BLIND_LOOK };
    let mut seen = 0i64;
    let mut conn = None;
    while !waker.is_abandoned() && !pool.is_closed() {
        let told = tokio::time::timeout(pause, written.notified()).await.is_ok();
        for _ in 0..if told { COMMIT_LOOKS } else { 1 } {
            if conn.is_none() {
                conn = pool.acquire().await.ok();
            }
            let Some(c) = &mut conn else { break };
            match sqlx::query_scalar::<_, i64>("PRAGMA data_version").fetch_one(&mut **c).await {
                Ok(version) if version != seen => {
                    seen = version;
                    waker.wake();
                    break;
                }
                Ok(_) => {}
                Err(_) => conn = None,
            }
            if told {
                tokio::time::sleep(COMMIT_LOOK).await;
            }
        }
    }
}

/// Has `written` told whenever somebody writes to the write-ahead log of `file`, for as long as the watcher lives. Many writes in a row
/// are told of once: this process's own are among them, and a busy one would hear of little else.
fn log_watcher(file: &Path, written: Arc<Notify>) -> notify::Result<notify::RecommendedWatcher> {
    // The folder is watched, because the log comes and goes.
    let file = file.canonicalize()?;
    let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else {
        return Err(notify::Error::path_not_found());
    };
    let mut log = name.to_owned();
    log.push("-wal");
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let is_write = |event: &notify::Event| !event.kind.is_access();
        if event.is_ok_and(|e| is_write(&e) && e.paths.iter().any(|path| path.file_name() == Some(&log))) {
            written.notify_one();
            // This thread does nothing but call here; what is written meanwhile the system keeps as one more word.
            std::thread::sleep(COMMIT_LOOK);
        }
    })?;
    watcher.watch(folder, notify::RecursiveMode::NonRecursive)?;
    Ok(watcher)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_change_alone_is_told_at_once_and_those_in_a_row_together() {
        let (waker, long) = (Waker::new(), Duration::from_mins(1));
        let mut wakeups = waker.subscribe();
        let begun = Instant::now();
        waker.wake();
        wakeups.changed(long).await;
        assert_eq!(begun.elapsed(), Duration::ZERO);
        waker.wake();
        waker.wake();
        wakeups.changed(long).await;
        assert!(begun.elapsed() >= APART && begun.elapsed() < 2 * APART, "{:?}", begun.elapsed());
        wakeups.changed(long).await;
        assert!(begun.elapsed() >= long, "nothing was left to be told: {:?}", begun.elapsed());
    }
}
