//! Closing a reporting period: what must be decided first, and the records that are frozen.

use super::gather::{frame, preview};
use super::{CreditsError, Judged, manager, tiyn};
use crate::clock::Moment;
use crate::domain::actor::Actor;
use crate::domain::downtime::Month;
use crate::domain::event::Event;
use crate::domain::incident::{Downtime, DowntimeState};
use crate::domain::probe::Stretch;
use crate::policy::PolicyBook;
use crate::service::Service;
use crate::store::{ClosedPeriod, CreditRecord, CreditState, Db, StoredClaim, Tx};

/// Most rows that a checklist names.
const LISTED: i64 = 500;

/// What stands between a period and its closing, and between its closing and the bill.
#[derive(Debug, Clone)]
pub struct Checklist {
    /// The period.
    pub month: Month,
    /// Whether it is over.
    pub over: bool,
    /// Its closing, if it was begun.
    pub closed: Option<ClosedPeriod>,
    /// Intervals that a second person has not confirmed, or that are disputed.
    pub unconfirmed: Vec<Downtime>,
    /// Gaps in monitoring that nobody has ruled on.
    pub unmeasured: Vec<Downtime>,
    /// Control planes that were looked at during the period and not since its end: whether they were up until then nobody knows. The
    /// gap is put down when the provisioner looks again.
    pub blind: Vec<Stretch>,
    /// Claims that nobody has decided.
    pub claims: Vec<StoredClaim>,
    /// Credits that nobody has approved, the first of them.
    pub unapproved: Vec<CreditRecord>,
}

impl Checklist {
    /// Whether the period may be closed.
    pub fn ready(&self) -> bool {
        self.over
            && self.unconfirmed.is_empty()
            && self.unmeasured.is_empty()
            && self.blind.is_empty()
            && self.claims.is_empty()
    }
}

/// What is still to be done for a period.
pub async fn checklist(
    tx: &mut Tx,
    policies: &PolicyBook,
    month: Month,
    now: Moment,
) -> Result<Checklist, CreditsError> {
    let (from, until) = frame(policies, month);
    let waiting = tx.downtime_waiting(from, until, LISTED).await?;
    let (unmeasured, unconfirmed) = waiting.into_iter().partition(|d| d.state == DowntimeState::Unmeasured);
    let over = until <= now;
    Ok(Checklist {
        month,
        over,
        closed: tx.period_fetch(month).await?,
        unconfirmed,
        unmeasured,
        blind: if over { tx.probes_blind(until).await? } else { Vec::new() },
        claims: tx.claims_open(month).await?,
        unapproved: tx.credits_of_month(month, ("", LISTED), (None, Some(CreditState::Waiting))).await?,
    })
}

/// A record of what was computed.
pub(super) fn freeze(
    judged: Judged,
    revision: i64,
    reason: &str,
    now: Moment,
) -> Result<CreditRecord, CreditsError> {
    let sheet = judged.sheet?;
    let credit_tiyn = tiyn(sheet.credit);
    Ok(CreditRecord {
        revision,
        policy: sheet.policy.clone(),
        downtime_ms: sheet.downtime_ms(),
        inputs: judged.inputs,
        credit_tiyn,
        state: if credit_tiyn == 0 { CreditState::Nothing } else { CreditState::Waiting },
        reason: reason.to_owned(),
        made_at: now,
    })
}

/// Closes a period: each service's figures are frozen with the terms and everything they follow from. Services whose figures cannot be
/// computed are left out and named; once that is mended, closing again does the rest. A crash in between loses nothing either.
/// Each batch is a transaction of its own, so that the desk goes on working meanwhile.
pub async fn close(
    db: &Db,
    desk: &Service,
    month: Month,
    actor: &Actor,
) -> Result<(u32, Vec<String>), CreditsError> {
    manager(actor)?;
    let now = desk.now();
    let mut tx = db.begin().await?;
    let checks = checklist(&mut tx, desk.policies(), month, now).await?;
    if !checks.over {
        return Err(CreditsError::NotOver(month));
    }
    if checks.closed.as_ref().is_some_and(|c| c.finished_at.is_some()) {
        return Err(CreditsError::Already(format!(
            "{month} is closed already; a correction is a new record"
        )));
    }
    if !checks.ready() {
        return Err(CreditsError::Undecided {
            month,
            unconfirmed: checks.unconfirmed.len(),
            unmeasured: checks.unmeasured.len(),
            blind: checks.blind.len(),
            claims: checks.claims.len(),
        });
    }
    tx.period_begin(month, actor, now).await?;
    tx.commit().await?;

    let (mut services, mut problems, mut after) = (0u32, Vec::new(), String::new());
    loop {
        let mut tx = db.begin().await?;
        let Some((batch, last)) = preview(&mut tx, desk.policies(), month, &after).await? else { break };
        let mut records = Vec::with_capacity(batch.len());
        for judged in batch {
            match freeze(judged, 1, "closing", now) {
                Ok(record) => records.push(record),
                Err(CreditsError::Credit(error)) => problems.push(error.to_string()),
                Err(error) => return Err(error),
            }
        }
        services += u32::try_from(records.len()).unwrap_or(u32::MAX);
        tx.credits_add(&records).await?;
        tx.commit().await?;
        after = last;
    }
    if problems.is_empty() {
        let mut tx = db.begin().await?;
        if tx.period_finish(month, now).await? {
            tx.desk_event(actor.clone(), Event::PeriodClosed { month, services }, now).await?;
        }
        tx.commit().await?;
    }
    Ok((services, problems))
}

/// Whether a period's records are frozen, wholly or in part.
pub(super) async fn is_closed(tx: &mut Tx, month: Month) -> Result<bool, CreditsError> {
    Ok(tx.period_fetch(month).await?.is_some())
}

/// The months, from the first to the last, that a stretch of time touches in the zones of the terms.
pub(super) fn months_of(policies: &PolicyBook, from: Moment, until: Moment) -> Vec<Month> {
    let first = Month::of(from, crate::text::ZONE).before();
    std::iter::successors(Some(first), |month| Some(month.next()))
        .map(|month| (month, frame(policies, month)))
        .skip_while(|(_, (_, ends))| *ends <= from)
        .take_while(|(_, (begins, _))| *begins < until)
        .map(|(month, _)| month)
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    /// A month owns its first millisecond and not that of the next one.
    #[test]
    fn a_stretch_touches_the_months_it_has_a_millisecond_of() {
        let policies = PolicyBook::shipped().expect("the shipped policies");
        let month = |text: &str| text.parse::<Month>().expect("a month");
        let (october, november) = (month("2026-10"), month("2026-11"));
        let (begins, ends) = frame(&policies, october);
        assert_eq!(frame(&policies, november).0, ends);
        let ms = TimeDelta::milliseconds(1);
        for (from, until, touched) in [
            (begins, ends, vec![october]),
            (begins - ms, begins, vec![october.before()]),
            (begins - ms, begins + ms, vec![october.before(), october]),
            (ends, ends + ms, vec![november]),
            (ends - ms, ends + ms, vec![october, november]),
        ] {
            assert_eq!(months_of(&policies, from, until), touched, "{from} to {until}");
        }
    }
}
