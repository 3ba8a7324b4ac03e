//! Why a deadline is where it is: what moved it after the ticket was opened.

use super::audit::EventRecord;
use super::event::Event;
use crate::clock::Moment;

/// What was added to the start and the budget of a resolution promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shifts {
    /// The clock stood still, because the policy names a state (T11); milliseconds.
    pub paused_ms: i64,
    /// The ticket was solved, until it was reopened; milliseconds.
    pub solved_ms: i64,
    /// Whether a fault's severity was put right, and with it the promised time.
    pub reclassified: bool,
}

/// What moved the deadline of the resolution, from the ticket's events.
pub fn resolution_shifts(records: &[EventRecord]) -> Shifts {
    let (mut shifts, mut paused, mut solved): (Shifts, Option<Moment>, Option<Moment>) = Default::default();
    let since = |begun: Option<Moment>, at: Moment| begun.map_or(0, |begun| (at - begun).num_milliseconds());
    for record in records {
        match &record.event {
            Event::ClockPaused => paused = Some(record.at),
            Event::ClockResumed => shifts.paused_ms += since(paused.take(), record.at),
            Event::Solved { .. } => {
                shifts.paused_ms += since(paused.take(), record.at);
                solved = Some(record.at);
            }
            Event::Reopened { .. } => shifts.solved_ms += since(solved.take(), record.at),
            Event::Reclassified { .. } => shifts.reclassified = true,
            _ => {}
        }
    }
    shifts
}
