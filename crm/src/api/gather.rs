//! Small writes that come at the same moment share a transaction, and with it one wait for the disk.
//!
//! Whoever comes while a transaction is under way waits for its end, and the next one takes all who wait. One who cannot be served,
//! or who loses a race, costs the others nothing but time: the shared transaction is taken back, and each has his own.

use std::sync::{Arc, Mutex, PoisonError};

use axum::response::Response;
use futures::future::join_all;
use tokio::sync::oneshot;

use super::Api;
use super::idempotency::Asked;
use super::problem::Problem;

/// So many share a transaction at most: nobody waits for long, and what is taken back was not much.
const TOGETHER: usize = 64;

/// Who waits for a transaction, and whose turn it is.
#[derive(Clone, Default)]
pub struct Gathering {
    waiting: Arc<Mutex<Vec<Waiting>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

struct Waiting {
    asked: Asked,
    tell: oneshot::Sender<Result<Response, Problem>>,
}

impl Gathering {
    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those who have waited longest, without whoever hung up meanwhile.
    fn take(&self) -> Vec<Waiting> {
        let mut waiting = self.waiting();
        waiting.retain(|w| !w.tell.is_closed());
        let together = waiting.len().min(TOGETHER);
        waiting.drain(..together).collect()
    }
}

/// Does what is asked once, as [`Asked::once`], together with whatever else is asked meanwhile. For work of a few rows only: others
/// wait for it.
pub async fn once(api: &Api, asked: Asked) -> Result<Response, Problem> {
    let (tell, told) = oneshot::channel();
    api.gathering.waiting().push(Waiting { asked, tell });
    // A task of its own: a caller who hangs up does not take the others with him.
    tokio::spawn(next(api.clone()));
    told.await.unwrap_or_else(|_| Err(Problem::broken(true)))
}

/// Serves those who wait, when its turn has come. One of these is begun for everyone who waits, so nobody is left over; most find
/// that somebody took all.
async fn next(api: Api) {
    let turn = api.gathering.turn.lock().await;
    let waiting = api.gathering.take();
    if waiting.is_empty() {
        return;
    }
    let answers = match &waiting[..] {
        [one] => Some(vec![one.asked.once(&api).await]),
        several => together(&api, several).await,
    };
    drop(turn);
    if let Some(answers) = answers {
        for (waiting, answer) in waiting.into_iter().zip(answers) {
            drop(waiting.tell.send(answer));
        }
    } else {
        let alone = waiting.into_iter().map(async |w| drop(w.tell.send(w.asked.once(&api).await)));
        join_all(alone).await;
    }
}

/// All in one transaction; `None` if that did not go, and nothing was done. Where none can be begun, or nobody knows how it ended,
/// everyone is told so.
async fn together(api: &Api, waiting: &[Waiting]) -> Option<Vec<Result<Response, Problem>>> {
    let everyone = |problem: Problem| Some(waiting.iter().map(|_| Err(problem.clone())).collect());
    let mut tx = match api.db.begin().await {
        Ok(tx) => tx,
        Err(error) => return everyone(error.into()),
    };
    let mut answers = Vec::with_capacity(waiting.len());
    for Waiting { asked, .. } in waiting {
        answers.push(Ok(asked.attempt(api, &mut tx).await.ok()?));
    }
    match tx.commit().await {
        Ok(_) => Some(answers),
        // Who asks again under his key learns what became of it; doing it again ourselves might be doing it twice.
        Err(error) if error.is_undecided() => everyone(Problem::of_commit(error)),
        Err(_) => None,
    }
}
