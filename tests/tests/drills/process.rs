//! One process after another works on an action until there is an answer that stays: as `worker.rs` and `progress.rs` do, with the disk
//! and the lease in memory.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::TimeDelta;
use crm::domain::action::{ActionSpec, Failure, Proof};
use crm::domain::plan::Plan;
use futures::FutureExt;
use futures::future::BoxFuture;
use provisioner::errand::{self, Outcome};
use provisioner::plans::Tools;
use provisioner::steps::{Progress, ProgressError, Saved};

use crate::board::{Board, Health};
use crate::town::Town;

/// What outlives a process: the progress, and who holds the lease.
#[derive(Default)]
struct Kept {
    saved: Option<Saved>,
    holder: u32,
}

/// The disk of an action.
#[derive(Clone, Default)]
pub struct Disk(Arc<Mutex<Kept>>);

impl Disk {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The disk as one process sees it.
struct Handle {
    disk: Disk,
    board: Board,
    me: u32,
    last_run: bool,
}

#[async_trait]
impl Progress for Handle {
    async fn load(&mut self) -> Result<Option<Saved>, ProgressError> {
        Ok(self.disk.kept().saved.clone())
    }

    async fn save(&mut self, saved: &Saved) -> Result<(), ProgressError> {
        let write = async {
            let mut kept = self.disk.kept();
            if kept.holder != self.me {
                return Err(ProgressError("another worker has taken the action over".to_owned()));
            }
            kept.saved = Some(saved.clone());
            Ok(())
        };
        self.board.call(write.boxed()).await
    }

    fn last_run(&self) -> bool {
        self.last_run
    }
}

/// An approved action and its disk.
pub struct Job<'t> {
    /// Where it is to be done.
    pub town: &'t Town,
    /// What.
    pub spec: &'t ActionSpec,
    /// As it was approved.
    pub plan: &'t Plan,
    /// Its disk.
    pub disk: Disk,
}

impl Job<'_> {
    /// What one process makes of it.
    async fn run(&self, me: u32, attempt: i64) -> Outcome {
        let board = self.town.board.clone();
        let begun = self.disk.kept().saved.is_some();
        let mut progress = Handle { disk: self.disk.clone(), board, me, last_run: errand::is_last(attempt) };
        let tools = Tools {
            systems: &self.town.systems,
            clock: &self.town.clock,
            timing: &self.town.timing,
            progress: &mut progress,
            handover: self.town.handover(),
        };
        errand::carry_out(tools, self.spec, self.plan, begun, attempt).await
    }

    /// Runs until there is an answer that stays.
    pub fn to_the_end(&self) -> BoxFuture<'_, Result<Proof, Failure>> {
        async {
            for attempt in 1..20 {
                let me = {
                    let mut kept = self.disk.kept();
                    kept.holder += 1;
                    kept.holder
                };
                let mut run = pin!(self.run(me, attempt));
                let ended = tokio::select! {
                    biased;
                    ended = &mut run => Some(ended),
                    health = self.town.board.unwell() => match health {
                        Health::Still => {
                            let answer = self.overtake(run.as_mut()).await;
                            return answer;
                        }
                        Health::Dead | Health::Well => None,
                    }
                };
                match ended {
                    Some(Outcome::Done(proof)) => return Ok(*proof),
                    Some(Outcome::Failed(failure)) => return Err(failure),
                    Some(Outcome::Again(_) | Outcome::Dropped) | None => {}
                    Some(_) => panic!("the plan was another one, though nobody had changed anything"),
                }
                self.town.board.heal();
                self.town.pass(TimeDelta::seconds(30));
            }
            panic!("no answer after 20 runs");
        }
        .boxed()
    }

    /// Another process takes over and comes to the end; then the first one moves again.
    async fn overtake(&self, first: impl Future<Output = Outcome>) -> Result<Proof, Failure> {
        self.town.pass(TimeDelta::seconds(31));
        self.town.board.heal();
        let answer = self.to_the_end().await;
        let before = self.town.settled();
        self.town.board.stir();
        // Whatever it has to say, nobody listens: its report needs the lease.
        first.await;
        assert_eq!(self.town.settled(), before, "who had lost the action changed something");
        answer
    }
}
