//! Switching a domain on: the step that both procedures end with.

use crate::failure::{Failure, Kind};
use crate::hypervisor::{Observed, State};
use crate::machine::OfMachine;
use crate::steps::Run;
use crate::wait::Waited;

/// Starts the domain if it is off and waits until it runs. Twice is as good as once.
///
/// A domain that was locked meanwhile stays off: that is refused.
pub async fn on<P: OfMachine>(run: &mut Run<'_, P>) -> Result<(), Failure> {
    let until = run.after(run.timing.start_wait);
    let settled =
        run.look_until(until, |seen| (seen.state != State::ShuttingDown).then(|| seen.clone())).await?;
    let Waited::Found(seen) = settled else {
        return Err(
            run.failure(Kind::Failed, format!("{} does not come to the end of its power-off", run.domain))
        );
    };
    if let Some(refusal) = locked(run, &seen) {
        return Err(refusal);
    }
    if seen.is_off() {
        run.fence().await?;
        if let Err(error) = run.hv.start(run.domain).await
            // Somebody else may have been quicker; if not, the hypervisor's own words tell why it did not start.
            && (error.is_passing() || run.see().await?.is_off())
        {
            return Err(Failure::from_hypervisor(run.step(), &error));
        }
    }
    match run.look_until(until, |seen| (seen.state == State::Running).then_some(())).await? {
        Waited::Found(()) => Ok(()),
        Waited::NotYet(seen) => Err(locked(run, &seen).unwrap_or_else(|| {
            run.failure(
                Kind::Failed,
                format!("{} was started, but is {} ({})", run.domain, seen.state, seen.reason),
            )
        })),
    }
}

/// The way back: whatever happened, a machine that is off and not locked is started again.
pub async fn leave_running<P: OfMachine>(run: &mut Run<'_, P>) -> Result<(), Failure> {
    let seen = run.see().await?;
    if seen.is_off() && seen.lock.is_none() { on(run).await } else { Ok(()) }
}

fn locked<P: OfMachine>(run: &Run<'_, P>, seen: &Observed) -> Option<Failure> {
    let lock = seen.lock.as_ref()?;
    let text = format!("{} is locked ({lock}) and was not started: unlock it first", run.domain);
    Some(run.failure(Kind::Refused, text))
}
