//! Why a command was not carried out. Bot and web turn each into a sentence that says what to do instead.

use super::ids::StaffId;
use super::ticket::State;

/// A command that the rules do not allow now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The actor may not do this at all.
    #[error("not allowed for this person")]
    Forbidden,
    /// The ticket belongs to another customer, or does not exist: the same answer for both.
    #[error("no such ticket")]
    NotFound,
    /// The service is not this customer's, is retired, or does not exist.
    #[error("no such service")]
    NoSuchService,
    /// Somebody holds it already.
    #[error("already taken by {0}")]
    TakenBy(StaffId),
    /// Not possible in this state.
    #[error("not possible while the ticket is {0}")]
    WrongState(State),
    /// The action is not the one that waits for approval: another plan, another digest, or decided meanwhile.
    #[error("this proposal is no longer current")]
    StaleAction,
    /// The proposal lapsed.
    #[error("this proposal has expired")]
    ExpiredAction,
    /// The same person approved before, or is the one who asked.
    #[error("this needs another person")]
    AnotherPersonNeeded,
    /// The same is being done already under another ticket.
    #[error("already being handled")]
    AlreadyOpen(super::ids::TicketNumber),
    /// A trial is given once, and only to a customer new to the service (S2).
    #[error("this customer has had a trial or the service itself")]
    NoTrialLeft,
    /// Somebody called for help already, and the next person is being woken.
    #[error("already escalated by {0}")]
    EscalatedBy(StaffId),
    /// This person does not handle tickets, or works here no more.
    #[error("{0} does not handle tickets")]
    CannotHold(StaffId),
    /// A duplicate must be the same customer's: nobody is shown another's ticket.
    #[error("that ticket is another customer's")]
    OtherCustomer,
    /// The two are attached already, are the same, or would go in a circle.
    #[error("these tickets cannot be attached to each other")]
    NotAttachable,
    /// The terms do not know this kind for this service.
    #[error("the terms of this service have no such request")]
    NoSuchKind,
}
