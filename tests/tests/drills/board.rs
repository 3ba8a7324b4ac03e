//! Where troubles come from: every call to any system and every save goes through the board, which lets one of them go wrong.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use tokio::sync::watch;

/// What is to go wrong at one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The process dies before the call took effect.
    CrashBefore,
    /// The process dies after it took effect.
    CrashAfter,
    /// The call fails and took no effect.
    Fails(Answer),
    /// The call took effect, but its answer is an error.
    FailsAfter(Answer),
    /// The process stands still after the call took effect, until its lease has run out and another has done all there is to do.
    StandsStill,
}

/// The errors that systems answer with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The system cannot be reached.
    Unreachable,
    /// The connection broke.
    Lost,
    /// No answer at all.
    Hung,
    /// The system says no.
    Refused,
    /// The system stumbled.
    Failed,
}

/// Every trouble there is.
pub fn troubles() -> Vec<Trouble> {
    use Answer::{Failed, Hung, Lost, Refused, Unreachable};
    let mut all = vec![Trouble::CrashBefore, Trouble::CrashAfter, Trouble::StandsStill];
    all.extend([Unreachable, Lost, Hung, Refused, Failed].map(Trouble::Fails));
    all.extend([Lost, Hung].map(Trouble::FailsAfter));
    all
}

impl Trouble {
    /// Whether everything must come to its good end all the same.
    pub const fn passes(self) -> bool {
        match self {
            Self::CrashBefore | Self::CrashAfter | Self::StandsStill => true,
            Self::Fails(answer) | Self::FailsAfter(answer) => {
                matches!(answer, Answer::Unreachable | Answer::Lost)
            }
        }
    }
}

/// An error that can be made of an [`Answer`].
pub trait Faulty: Send {
    /// The error.
    fn of(answer: Answer) -> Self;
}

/// How the process that is at work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It works.
    Well,
    /// It died.
    Dead,
    /// It stands still.
    Still,
}

struct State {
    calls: usize,
    trouble: Option<(usize, Trouble)>,
    walk: Vec<String>,
}

/// The board; clone it for everybody who calls.
#[derive(Clone)]
pub struct Board {
    state: Arc<Mutex<State>>,
    health: watch::Sender<Health>,
    stirred: watch::Sender<bool>,
}

impl Board {
    /// A board that lets everything pass.
    pub fn new() -> Self {
        let state = State { calls: 0, trouble: None, walk: Vec::new() };
        let health = watch::Sender::new(Health::Well);
        Self { state: Arc::new(Mutex::new(state)), health, stirred: watch::Sender::new(false) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on, calls are counted from 0, and the one numbered `at` has this trouble.
    pub fn begin(&self, trouble: Option<(usize, Trouble)>) {
        *self.state() = State { calls: 0, trouble, walk: Vec::new() };
        self.stirred.send_replace(false);
        self.heal();
    }

    /// How many calls there were.
    pub fn calls(&self) -> usize {
        self.state().calls
    }

    /// Whether the trouble has happened.
    pub fn met(&self) -> bool {
        self.state().trouble.is_none()
    }

    /// Whoever stands still moves again.
    pub fn stir(&self) {
        self.stirred.send_replace(true);
    }

    /// The next process is at work.
    pub fn heal(&self) {
        self.health.send_replace(Health::Well);
    }

    /// Returns once the process is not well.
    pub async fn unwell(&self) -> Health {
        let mut health = self.health.subscribe();
        let seen = health.wait_for(|health| *health != Health::Well).await;
        seen.map_or(Health::Dead, |health| *health)
    }

    /// Writes down what the world looks like after a call.
    pub fn saw(&self, picture: String) {
        let mut state = self.state();
        if state.walk.last() != Some(&picture) {
            state.walk.push(picture);
        }
    }

    /// What the world looked like, one after another.
    pub fn walk(&self) -> Vec<String> {
        self.state().walk.clone()
    }

    /// One call: has its effect, or its trouble.
    pub async fn call<T: Send, E: Faulty>(&self, effect: BoxFuture<'_, Result<T, E>>) -> Result<T, E> {
        let trouble = {
            let mut state = self.state();
            let number = state.calls;
            state.calls += 1;
            state.trouble.take_if(|(at, _)| *at == number).map(|(_, trouble)| trouble)
        };
        match trouble {
            None => return effect.await,
            Some(Trouble::Fails(answer)) => return Err(E::of(answer)),
            Some(Trouble::FailsAfter(answer)) => {
                // Whether it took effect or not, its own answer is lost.
                let _lost = effect.await;
                return Err(E::of(answer));
            }
            Some(Trouble::StandsStill) => {
                let answer = effect.await;
                self.health.send_replace(Health::Still);
                let mut stirred = self.stirred.subscribe();
                // The board outlives its callers.
                let _stirred = stirred.wait_for(|stirred| *stirred).await;
                return answer;
            }
            Some(Trouble::CrashBefore) => {}
            Some(Trouble::CrashAfter) => drop(effect.await),
        }
        self.health.send_replace(Health::Dead);
        std::future::pending().await
    }
}
