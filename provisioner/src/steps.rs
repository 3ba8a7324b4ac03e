//! A plan is a table of named steps, run in order with the progress on disk, so that any other process can go on
//! after a crash. (The idea of a saga; ours are linear, so a loop does it.)
//!
//! What a step may rely on: **that it began is saved before it acts**. If the process dies, the next run enters
//! the same step again with [`Run::resumed`] set, and the step must then look before it acts.

use std::ops::Deref;

use chrono::{DateTime, TimeDelta, Utc};
use crm::clock::Clock;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Kind};

/// What is kept of a running plan: one small JSON document per action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// The plan's name; another plan refuses to go on from it.
    pub plan: String,
    /// The step that has begun, or [`DONE`].
    pub step: String,
    /// When it began.
    pub begun_at: DateTime<Utc>,
    /// Why the plan is being undone, if it is.
    pub undoing: Option<Failure>,
    /// What the plan remembers: the evidence from before, and later the proof.
    pub memory: serde_json::Value,
}

/// So long after it was kept, the progress is kept again before anything is changed. Well below the time for which an action is leased.
const FRESH: TimeDelta = TimeDelta::seconds(10);

/// The `step` of a plan that has come to its end.
pub const DONE: &str = "done";

/// Where the progress of one action is kept.
///
/// `save` must be durable when it returns, and must fail if another worker has taken the action over: a failed
/// save stops the plan before it acts.
#[async_trait::async_trait]
pub trait Progress: Send {
    /// What was saved last, if anything.
    async fn load(&mut self) -> Result<Option<Saved>, ProgressError>;
    /// Keeps `saved` in place of what was there.
    async fn save(&mut self, saved: &Saved) -> Result<(), ProgressError>;
    /// Nobody will try again after this run: a passing fault is a reason to undo, too.
    fn last_run(&self) -> bool {
        false
    }
    /// What is to go wrong with a step (`undo …` for its way back): in drills alone.
    fn drill(&mut self, _step: &str) -> Option<Drill> {
        None
    }
}

/// What a drill does to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drill {
    /// It fails before it has done anything.
    FailBefore(Kind),
    /// It does its work, and fails all the same.
    FailAfter(Kind),
    /// It is done twice, as after a crash.
    Twice,
}

/// The progress could not be read or kept.
#[derive(Debug, thiserror::Error)]
#[error("the progress of the action could not be kept: {0}")]
pub struct ProgressError(pub String);

/// Progress in memory: it outlives a run, but not the process. For tests, and for trying a procedure by hand.
#[derive(Debug, Clone, Default)]
pub struct Notes(pub Option<Saved>);

#[async_trait::async_trait]
impl Progress for Notes {
    async fn load(&mut self) -> Result<Option<Saved>, ProgressError> {
        Ok(self.0.clone())
    }

    async fn save(&mut self, saved: &Saved) -> Result<(), ProgressError> {
        self.0 = Some(saved.clone());
        Ok(())
    }
}

/// Progress in memory with one drill, for tests and for trying what happens.
#[derive(Debug, Default)]
pub struct Drilled {
    notes: Notes,
    drill: Option<(&'static str, Drill)>,
}

impl Drilled {
    /// The drill is done to this step, once.
    pub fn at(step: &'static str, drill: Drill) -> Self {
        Self { notes: Notes::default(), drill: Some((step, drill)) }
    }
}

#[async_trait::async_trait]
impl Progress for Drilled {
    async fn load(&mut self) -> Result<Option<Saved>, ProgressError> {
        self.notes.load().await
    }

    async fn save(&mut self, saved: &Saved) -> Result<(), ProgressError> {
        self.notes.save(saved).await
    }

    fn drill(&mut self, step: &str) -> Option<Drill> {
        self.drill.take_if(|(at, _)| *at == step).map(|(_, drill)| drill)
    }
}

/// A kind of plan: its table of steps, and what they work with.
pub trait Procedure: Sized + Send + Sync + 'static {
    /// Its name on disk; never changed while actions may be under way.
    const NAME: &'static str;
    /// The steps, in order.
    const STEPS: &'static [Step<Self>];
    /// A system that hangs is a reason to undo what was done on others; otherwise it is waited for.
    const UNDO_WHEN_HUNG: bool = false;
    /// The systems it works on.
    type World<'r>: Send + Sync;
    /// What it remembers from step to step, across crashes: what it looks for afterwards must be in here before it acts.
    type Memory: Serialize + DeserializeOwned + Default + Send + Sync + 'static;

    /// The names of its steps, for a plan that people read.
    fn names() -> Vec<String> {
        Self::STEPS.iter().map(|step| step.name.to_owned()).collect()
    }
}

/// What a step does.
pub type Act<P> = for<'c, 'r> fn(&'c mut Run<'r, P>) -> BoxFuture<'c, Result<(), Failure>>;

/// One row of a plan.
pub struct Step<P: Procedure> {
    /// Names the step on disk and in messages; never renamed while actions may be under way.
    pub name: &'static str,
    /// Looks, acts, reads back. Runs again after a crash in the middle of it.
    pub act: Act<P>,
    /// Brings the systems back into a state that may be left to a human, after this or a later step failed for
    /// good. Runs again after a crash in the middle of it.
    pub undo: Option<Act<P>>,
}

/// A plan under way: what its steps work with.
pub struct Run<'r, P: Procedure> {
    /// The systems it works on; their fields are at hand as `run.…`.
    pub world: P::World<'r>,
    /// The time.
    pub clock: &'r dyn Clock,
    /// What the plan remembers; kept by [`Run::checkpoint`] and at the beginning of each step.
    pub memory: P::Memory,
    /// The present step was begun by an earlier run that did not finish it: look before acting.
    pub resumed: bool,
    /// Announcements of the hypervisor may have been missed: another run, or a lost connection.
    pub blind: bool,
    progress: &'r mut dyn Progress,
    saved: Saved,
    /// When this run has kept its progress last: the action was certainly its own then.
    own_at: Option<DateTime<Utc>>,
}

impl<'r, P: Procedure> Deref for Run<'r, P> {
    type Target = P::World<'r>;
    fn deref(&self) -> &Self::Target {
        &self.world
    }
}

impl<'r, P: Procedure> Run<'r, P> {
    /// Takes up the plan where the last run left it, or at its beginning.
    pub async fn open(
        world: P::World<'r>,
        clock: &'r dyn Clock,
        progress: &'r mut dyn Progress,
    ) -> Result<Self, Failure> {
        let plan = P::NAME;
        let found = progress.load().await.map_err(|e| Failure::interrupted(plan, &e))?;
        let resumed = found.is_some();
        let saved = found.unwrap_or_else(|| Saved {
            plan: plan.to_owned(),
            step: String::new(),
            begun_at: clock.now(),
            undoing: None,
            memory: serde_json::Value::Null,
        });
        let memory = if saved.memory.is_null() {
            Ok(P::Memory::default())
        } else {
            P::Memory::deserialize(&saved.memory)
        };
        match memory {
            Ok(memory) if saved.plan == plan => {
                Ok(Self { world, clock, memory, resumed, blind: resumed, progress, saved, own_at: None })
            }
            _ => Err(Failure::new(
                plan,
                Kind::Uncertain,
                format!(
                    "the saved progress belongs to {} or to another version; look how far it came",
                    saved.plan
                ),
            )),
        }
    }

    /// When the present step first began, before any crash.
    pub fn begun_at(&self) -> DateTime<Utc> {
        self.saved.begun_at
    }

    /// The name of the present step.
    pub fn step(&self) -> &str {
        &self.saved.step
    }

    /// Keeps what the plan remembers by now.
    pub async fn checkpoint(&mut self) -> Result<(), Failure> {
        self.saved.memory = serde_json::to_value(&self.memory).map_err(|e| {
            Failure::new(self.step(), Kind::Failed, format!("its progress has no JSON form: {e}"))
        })?;
        let asked = self.clock.now();
        self.progress.save(&self.saved).await.map_err(|e| Failure::interrupted(P::NAME, &e))?;
        self.own_at = Some(asked);
        Ok(())
    }

    /// Makes sure that the action is still this run's own. **Called before every call that changes something**: this process may have
    /// stood still for so long that another has taken the action over.
    pub async fn fence(&mut self) -> Result<(), Failure> {
        let fresh = self.own_at.is_some_and(|at| self.clock.now() - at < FRESH);
        if fresh { Ok(()) } else { self.checkpoint().await }
    }

    /// A failure of the present step.
    pub fn failure(&self, kind: Kind, text: impl Into<String>) -> Failure {
        Failure::new(self.step(), kind, text)
    }

    /// The moment `span` from now.
    pub fn after(&self, span: TimeDelta) -> DateTime<Utc> {
        self.clock.now() + span
    }

    async fn begin(&mut self, step: &str) -> Result<(), Failure> {
        step.clone_into(&mut self.saved.step);
        self.saved.begun_at = self.clock.now();
        (self.resumed, self.blind) = (false, false);
        self.checkpoint().await
    }

    /// Does a step, or what a drill wants done to it.
    async fn act(&mut self, name: &str, act: Act<P>) -> Result<(), Failure> {
        match self.progress.drill(name) {
            None => act(self).await,
            Some(Drill::FailBefore(kind)) => Err(self.failure(kind, "a drill: it failed before it acted")),
            Some(Drill::FailAfter(kind)) => {
                act(self).await?;
                Err(self.failure(kind, "a drill: it failed after it acted"))
            }
            Some(Drill::Twice) => {
                act(self).await?;
                (self.resumed, self.blind) = (true, true);
                act(self).await
            }
        }
    }

    /// Whether this failure is worth another run from where the plan stands.
    fn passes(&self, failure: &Failure) -> bool {
        match failure.kind {
            Kind::Interrupted => true,
            Kind::Hung => !P::UNDO_WHEN_HUNG,
            // One system alone is left as it is; where two must agree, a half may not stay.
            Kind::Passing => !(P::UNDO_WHEN_HUNG && self.progress.last_run()),
            Kind::Refused | Kind::Uncertain | Kind::Failed => false,
        }
    }

    /// Runs the steps to the end. A retryable failure leaves the progress where it is, for the next run; any other
    /// is undone backwards, is saved, and stays the answer of every later run.
    pub async fn finish(&mut self) -> Result<(), Failure> {
        let steps = P::STEPS;
        if self.saved.step == DONE {
            return self.saved.undoing.clone().map_or(Ok(()), Err);
        }
        let mut at = steps.iter().position(|s| s.name == self.saved.step).unwrap_or(0);
        if self.saved.step.is_empty() {
            self.begin(steps[0].name).await?;
        }
        while self.saved.undoing.is_none() {
            match self.act(steps[at].name, steps[at].act).await {
                Ok(()) => {}
                Err(failure) if self.passes(&failure) => return Err(failure),
                Err(failure) => {
                    self.saved.undoing = Some(failure);
                    self.checkpoint().await?;
                    break;
                }
            }
            at += 1;
            match steps.get(at) {
                Some(next) => self.begin(next.name).await?,
                None => return self.begin(DONE).await,
            }
        }
        self.undo(&steps[..=at]).await
    }

    async fn undo(&mut self, begun: &[Step<P>]) -> Result<(), Failure> {
        let mut later = None;
        for step in begun.iter().rev() {
            let Some(undo) = step.undo else { continue };
            match self.act(&format!("undo {}", step.name), undo).await {
                Ok(()) => {}
                Err(interrupted) if interrupted.kind == Kind::Interrupted => return Err(interrupted),
                // The others' way back does not wait for this one, and this one is not left until nobody tries again.
                Err(passing) if passing.retryable() => later = Some(passing),
                Err(stuck) => {
                    if let Some(why) = &mut self.saved.undoing {
                        why.text = format!("{}; and the way back: {}", why.text, stuck.text);
                    }
                }
            }
        }
        if let (Some(passing), Some(why)) = (later, &self.saved.undoing) {
            let text = format!("{}; and the way back is not finished: {}", why.text, passing.text);
            let kind = if self.progress.last_run() { passing.kind } else { Kind::Passing };
            return Err(Failure { kind, text, ..passing });
        }
        self.begin(DONE).await?;
        self.saved.undoing.clone().map_or(Ok(()), Err)
    }
}
