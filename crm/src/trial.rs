//! The end of a trial (S2): the customer hears of it a day before the service turns paid by itself. The term runs from the first launch,
//! which the directory tells (`since` of a service that came after the request); as long as nobody knows of a launch, the earliest end
//! that is possible counts, and it is looked again.

use chrono::TimeDelta;

use crate::clock::Moment;
use crate::domain::ids::TicketId;
use crate::domain::job::Job;
use crate::domain::reactions::Outgoing;
use crate::domain::ticket::{State, Ticket};
use crate::service::{Service, ServiceError};
use crate::store::{NewJob, OutboxItem, PastService, Tx};

/// So long before the end the customer is told.
const AHEAD: TimeDelta = TimeDelta::hours(24);
/// How often it is looked for a launch that nobody knows of yet.
const LOOK: TimeDelta = TimeDelta::hours(1);
/// Whoever has not launched the service by then is told nothing more.
const GIVEN_UP: TimeDelta = TimeDelta::days(60);

/// A trial that was granted, as far as it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    /// Its ticket.
    pub ticket: TicketId,
    /// When it was granted.
    pub granted: Moment,
    /// Whether the customer was told of the earliest possible end.
    pub told: bool,
}

/// A service that was launched on trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Launch {
    since: Moment,
    gone: Option<Moment>,
}

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Tell that it ends at this moment.
    Remind(Moment),
    /// Tell that it may end soon, and look again.
    Warn(Moment),
    /// Look again then.
    Look(Moment),
    /// Nothing any more.
    Nothing,
}

fn next(watch: Watch, launch: Option<Launch>, term: TimeDelta, now: Moment) -> Next {
    let again = now + LOOK;
    match launch {
        // Deleted: nothing turns paid.
        Some(Launch { gone: Some(gone), .. }) if gone <= now => Next::Nothing,
        Some(Launch { since, .. }) if now >= since + term => Next::Nothing,
        Some(Launch { since, .. }) if now >= since + term - AHEAD => Next::Remind(since + term),
        Some(Launch { since, .. }) => Next::Look(since + term - AHEAD),
        None if now >= watch.granted + GIVEN_UP => Next::Nothing,
        None if !watch.told && now >= watch.granted + term - AHEAD => Next::Warn(again),
        None if watch.told => Next::Look(again),
        None => Next::Look(again.min(watch.granted + term - AHEAD)),
    }
}

/// Queues the next look.
pub fn queue(service: &Service, tx: &mut Tx, watch: Watch, at: Moment) {
    let Watch { ticket, granted, told } = watch;
    let payload = Job::Trial { ticket, granted, told, at };
    tx.job_add(NewJob { id: service.clock().id(), payload, run_at: at });
}

/// The watch over a trial that was granted just now, and when it is looked first.
pub fn begin(ticket: &Ticket, now: Moment) -> (Watch, Moment) {
    (Watch { ticket: ticket.id, granted: ticket.solved_at.unwrap_or(now), told: false }, now + LOOK)
}

async fn launch(tx: &mut Tx, ticket: &Ticket) -> Result<Option<Launch>, ServiceError> {
    let (Some(customer), Some(terms)) = (&ticket.customer, ticket.form.terms()) else { return Ok(None) };
    let all = tx.services_ever_of(customer).await?;
    let tried =
        |past: &PastService| past.service.place.terms() == terms && past.service.since >= ticket.opened_at;
    let launches = all.into_iter().filter(tried).map(|past| Launch {
        since: past.service.since,
        gone: [past.service.until, past.retired_at].into_iter().flatten().min(),
    });
    Ok(launches.min_by_key(|launch| launch.since))
}

/// Looks at a trial; decides from the present state. One that was reopened since has another watch.
pub async fn look(service: &Service, tx: &mut Tx, watch: Watch, now: Moment) -> Result<(), ServiceError> {
    let Some(ticket) = tx.ticket_fetch(watch.ticket).await? else { return Ok(()) };
    let granted = matches!(ticket.state, State::Solved | State::Closed);
    if !granted || ticket.solved_at.is_some_and(|at| at != watch.granted) {
        return Ok(());
    }
    let term = TimeDelta::milliseconds(service.policy_of(&ticket)?.trial_ms);
    let tell =
        |ends| OutboxItem::tell(service.clock().id(), Outgoing::TrialEnds { ticket: ticket.id, ends }, now);
    match next(watch, launch(tx, &ticket).await?, term, now) {
        Next::Nothing => {}
        Next::Look(at) => queue(service, tx, watch, at),
        Next::Remind(ends) => tx.outbox_add(tell(Some(ends))),
        Next::Warn(again) => {
            tx.outbox_add(tell(None));
            queue(service, tx, Watch { told: true, ..watch }, again);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn at(hours: i64) -> Moment {
        Moment::from_timestamp(1_800_000_000 + hours * 3600, 0).unwrap_or_default()
    }

    fn launched(hours: i64, gone: Option<i64>) -> Launch {
        Launch { since: at(hours), gone: gone.map(at) }
    }

    #[rstest]
    #[case::nobody_has_launched_it(1, false, None, Next::Look(at(2)))]
    #[case::the_earliest_end_is_near(48, false, None, Next::Warn(at(49)))]
    #[case::just_before(47, false, None, Next::Look(at(48)))]
    #[case::told_of_it(50, true, None, Next::Look(at(51)))]
    #[case::never_launched(60 * 24, true, None, Next::Nothing)]
    #[case::launched_later(40, false, Some(launched(30, None)), Next::Look(at(78)))]
    #[case::a_day_before_its_end(78, true, Some(launched(30, None)), Next::Remind(at(102)))]
    #[case::known_too_late_to_be_exact(101, false, Some(launched(30, None)), Next::Remind(at(102)))]
    #[case::paid_by_now(102, false, Some(launched(30, None)), Next::Nothing)]
    #[case::deleted(78, true, Some(launched(30, Some(78))), Next::Nothing)]
    #[case::to_be_deleted_later(78, true, Some(launched(30, Some(79))), Next::Remind(at(102)))]
    fn a_customer_is_told_a_day_before_it_turns_paid(
        #[case] now: i64,
        #[case] told: bool,
        #[case] launch: Option<Launch>,
        #[case] expected: Next,
    ) {
        let watch = Watch { ticket: TicketId(uuid::Uuid::nil()), granted: at(0), told };
        assert_eq!(next(watch, launch, TimeDelta::hours(72), at(now)), expected);
    }
}
