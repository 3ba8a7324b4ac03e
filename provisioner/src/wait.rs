//! Looking at a domain until something is the case: the one loop in which the procedures wait.

use chrono::{DateTime, Utc};

use crate::failure::{Failure, Kind};
use crate::hypervisor::{Fault, Observed};
use crate::machine::OfMachine;
use crate::steps::Run;

/// How a wait ended.
#[derive(Debug)]
pub enum Waited<T> {
    /// It is the case.
    Found(T),
    /// It was not the case when the domain was seen last, at or after the deadline. Never a guess: a wait does
    /// not end without a look that succeeded.
    NotYet(Box<Observed>),
}

impl<P: OfMachine> Run<'_, P> {
    /// One look that succeeded; trouble in looking is borne as in [`Run::look_until`].
    pub async fn see(&mut self) -> Result<Observed, Failure> {
        match self.look_until(self.clock.now(), |_| None::<()>).await? {
            Waited::NotYet(seen) => Ok(*seen),
            Waited::Found(()) => Err(self.failure(Kind::Failed, "a look ended without having looked")),
        }
    }

    /// Looks every `timing.poll` until `verdict` says something or the deadline has passed.
    ///
    /// Fails at once if the hypervisor hangs or the domain is gone, and on any other trouble when it has lasted
    /// for `timing.outage`.
    pub async fn look_until<T>(
        &mut self,
        deadline: DateTime<Utc>,
        verdict: impl Fn(&Observed) -> Option<T> + Send,
    ) -> Result<Waited<T>, Failure> {
        let mut dark_since = None;
        loop {
            match self.hv.observe(self.domain).await {
                Ok(seen) => {
                    dark_since = None;
                    if let Some(found) = verdict(&seen) {
                        return Ok(Waited::Found(found));
                    }
                    if self.clock.now() >= deadline {
                        return Ok(Waited::NotYet(Box::new(seen)));
                    }
                }
                Err(error) if !matches!(error.fault, Fault::Hung | Fault::NoSuchDomain) => {
                    self.blind = true;
                    let since = *dark_since.get_or_insert_with(|| self.clock.now());
                    if self.clock.now() - since >= self.timing.outage {
                        return Err(Failure::from_hypervisor(self.step(), &error));
                    }
                }
                Err(error) => return Err(Failure::from_hypervisor(self.step(), &error)),
            }
            self.pause().await;
        }
    }
}
