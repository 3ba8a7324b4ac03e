//! Blocking calls outside tokio, with a time limit each and a limit on how many may hang.
//!
//! libvirt offers no way to abandon a call that has no answer: its thread stays until the hypervisor wakes up. So
//! each call has a thread of its own (tokio's would hold up the program's end), and each zone a fixed number of
//! slots: when all are taken by calls that hang, the next ones fail at once instead of piling up threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::hypervisor::{Fault, HvError};

/// The calls of one zone.
#[derive(Debug)]
pub struct Calls {
    zone: String,
    slots: Arc<Semaphore>,
}

/// Tells a call that nobody waits for it any more: what it has not done yet, it must not do.
#[derive(Debug, Clone, Default)]
pub struct GivenUp(Arc<AtomicBool>);

impl GivenUp {
    /// Nobody waits any more.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Gives the call up when its caller goes away, also when the caller itself is cancelled.
struct GiveUp(GivenUp);

impl Drop for GiveUp {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Release);
    }
}

impl Calls {
    /// At most `slots` calls at a time.
    pub fn new(zone: &str, slots: usize) -> Self {
        Self { zone: zone.to_owned(), slots: Arc::new(Semaphore::new(slots)) }
    }

    /// Runs `work` on a thread of its own and waits at most `limit` for it.
    pub async fn run<T: Send + 'static>(
        &self,
        during: &str,
        limit: Duration,
        work: impl FnOnce(&GivenUp) -> Result<T, HvError> + Send + 'static,
    ) -> Result<T, HvError> {
        let deadline = Instant::now() + limit;
        let Ok(Ok(slot)) = timeout_at(deadline, Arc::clone(&self.slots).acquire_owned()).await else {
            return Err(self.trouble(
                Fault::Hung,
                during,
                "earlier requests still have no answer".to_owned(),
            ));
        };
        let (answer, answered) = oneshot::channel();
        let given_up = GivenUp::default();
        let _give_up = GiveUp(given_up.clone());
        let thread = move || {
            // The slot is free again when the call has really come back, not when we stopped waiting.
            let _slot = slot;
            let result = work(&given_up);
            drop(answer.send(result));
        };
        std::thread::Builder::new()
            .name(format!("libvirt {}", self.zone))
            .spawn(thread)
            .map_err(|e| self.trouble(Fault::Failed, during, format!("no thread for it: {e}")))?;
        match timeout_at(deadline, answered).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(self.trouble(Fault::Failed, during, "the call panicked".to_owned())),
            Err(_) => Err(self.trouble(Fault::Hung, during, format!("no answer for {} s", limit.as_secs()))),
        }
    }

    fn trouble(&self, fault: Fault, during: &str, cause: String) -> HvError {
        HvError { fault, zone: self.zone.clone(), during: during.to_owned(), cause }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn calls_that_hang_take_their_slots_and_no_more() {
        let calls = Calls::new("z", 2);
        let limit = Duration::from_millis(50);
        let mut wakers = Vec::new();
        for _ in 0..2 {
            let (wake, sleep) = mpsc::channel::<()>();
            wakers.push(wake);
            let hung = calls.run("look", limit, move |_| Ok(sleep.recv().is_ok())).await;
            assert_eq!(hung.expect_err("hung").cause, "no answer for 0 s");
        }
        let full = calls.run("look", limit, |_| Ok(())).await.expect_err("full");
        assert_eq!((full.fault, full.cause.as_str()), (Fault::Hung, "earlier requests still have no answer"));
        drop(wakers);
        let long = Duration::from_secs(5);
        assert_eq!(calls.run("look", long, |_| Ok(7)).await, Ok(7), "the hypervisor woke up");
    }

    #[tokio::test]
    async fn what_was_given_up_is_not_done_later() {
        let calls = Calls::new("z", 2);
        let (wake, sleep) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel();
        let work = move |given_up: &GivenUp| {
            let _woken = sleep.recv();
            let _told = tell.send(given_up.is_set());
            Ok(())
        };
        calls.run("look", Duration::from_millis(20), work).await.expect_err("hung");
        drop(wake);
        assert!(told.recv().expect("the thread goes on"));
    }
}
