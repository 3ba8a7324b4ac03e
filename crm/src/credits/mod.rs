//! Credits of a month (C1–C13): what each service's figures are computed from, the closing of a reporting period into frozen records,
//! their approval and correction. The rules themselves are [`crate::domain::credit`]; page, API, files and bot all come through here.

mod approve;
mod claims;
mod close;
mod correct;
mod gather;
pub mod note;
pub mod view;
pub mod words;

pub use approve::{approve, approve_all, decline};
pub use claims::{ClaimRequest, claim, decide_claim, propose_claim};
pub use close::{Checklist, checklist, close};
pub use correct::{correct_all, correct_touched};
pub use gather::{Judged, of_service, plane_of, preview};

use crate::domain::actor::Actor;
use crate::domain::credit::{CreditError, Sheet, judge};
use crate::domain::downtime::Month;
use crate::domain::kind::Terms;
use crate::domain::person::Right;
use crate::policy::PolicyBook;
use crate::store::{CreditRecord, StoreError};

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum CreditsError {
    /// Not with this role.
    #[error("only a manager or a duty manager may do this")]
    Forbidden,
    /// Who speaks for the customer does not approve his credit.
    #[error("this is your own customer: another person must decide")]
    Own,
    /// The period is not over.
    #[error("{0} is not over yet: its figures are preliminary, and it cannot be closed")]
    NotOver(Month),
    /// Something must be decided first.
    #[error(
        "{month} cannot be closed yet: {unconfirmed} intervals wait for a second person, {unmeasured} gaps in monitoring for a ruling, {blind} control planes for the provisioner to look at them again, {claims} claims for a decision"
    )]
    Undecided {
        /// The period.
        month: Month,
        /// Proposed or disputed intervals.
        unconfirmed: usize,
        /// Gaps.
        unmeasured: usize,
        /// Control planes that nobody looks at any more.
        blind: usize,
        /// Claims.
        claims: usize,
    },
    /// No terms were in force.
    #[error("no {terms} terms were in force in {month}; put their file into KOMEK_POLICY_DIR")]
    NoTerms {
        /// Whose.
        terms: Terms,
        /// When.
        month: Month,
    },
    /// There is no such record.
    #[error("there is no {0}")]
    NotFound(String),
    /// It stands otherwise by now.
    #[error("{0}")]
    Already(String),
    /// The figures cannot be computed.
    #[error(transparent)]
    Credit(#[from] CreditError),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who acts, as records name him; managers, duty managers and the server's command line answer for credits.
fn manager(actor: &Actor) -> Result<String, CreditsError> {
    match actor {
        Actor::Operator => Ok("operator".to_owned()),
        _ => actor.staff_with(Right::Credit).map(|id| id.0.clone()).ok_or(CreditsError::Forbidden),
    }
}

/// An amount in tiyn; a credit has two digits after the point.
fn tiyn(amount: rust_decimal::Decimal) -> i64 {
    use rust_decimal::prelude::ToPrimitive;
    (amount * rust_decimal::Decimal::ONE_HUNDRED).to_i64().unwrap_or(i64::MAX)
}

/// The figures of a frozen record, computed anew from what was frozen with it (C12): the same for ever.
pub fn replay(record: &CreditRecord, policies: &PolicyBook) -> Result<Sheet, CreditsError> {
    let policy = policies
        .pinned(&record.policy)
        .ok_or_else(|| CreditsError::NoTerms { terms: record.inputs.terms, month: record.inputs.month })?;
    let sheet = judge(&record.inputs, policy)?;
    if (sheet.downtime_ms(), tiyn(sheet.credit)) == (record.downtime_ms, record.credit_tiyn) {
        return Ok(sheet);
    }
    let row = format!("{} {}", record.inputs.service, record.inputs.month);
    let problem =
        "the frozen inputs do not give the frozen figures: this record was changed by hand".to_owned();
    Err(StoreError::Inconsistent { table: "credit", row, problem }.into())
}
