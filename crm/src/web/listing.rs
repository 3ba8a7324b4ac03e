//! One line of a list of tickets.

use super::page::Page;
use super::standing::Standing;
use super::words;
use crate::store::Listed;

/// A ticket in a list.
#[derive(Debug, Clone)]
pub struct Line {
    /// `KM-000042`.
    pub number: String,
    /// What is asked.
    pub kind: String,
    /// The state in words, and the mark it has everywhere.
    pub state: String,
    /// The mark.
    pub mark: &'static str,
    /// Whether it is a critical fault that is not over.
    pub critical: bool,
    /// The customer and the requester.
    pub whose: String,
    /// Who asked.
    pub requester: String,
    /// The service it is about.
    pub service: Option<String>,
    /// The department.
    pub queue: String,
    /// Who holds it.
    pub holder: Option<String>,
    /// The promise that matters now, or how the last one ended.
    pub standing: Standing,
}

impl Line {
    /// The line for `listed`.
    pub fn of(page: &Page, listed: &Listed) -> Self {
        let ticket = &listed.ticket;
        let clock = ticket.next_due().map_or(&ticket.resolution, |(target, _)| ticket.clock(target));
        Self {
            number: ticket.number.to_string(),
            kind: words::kind(page, ticket.kind),
            state: words::state_of(page, ticket),
            mark: words::mark(ticket),
            critical: ticket.kind == crate::domain::kind::Kind::FaultCritical && ticket.state.is_active(),
            whose: listed.customer.clone().unwrap_or_else(|| ticket.requester_name.clone()),
            requester: ticket.requester_name.clone(),
            service: ticket.form.service().map(ToString::to_string),
            queue: words::queue(page, ticket.queue),
            holder: listed.holder.clone(),
            standing: Standing::of(page, clock),
        }
    }
}
