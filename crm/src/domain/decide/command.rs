//! The commands: everything that somebody may want done to a ticket.

use super::Lead;
use crate::clock::Moment;
use crate::domain::action::{ActionSpec, Failure, Proof};
use crate::domain::event::{Link, MessageRef};
use crate::domain::ids::{ActionId, MessageId, StaffId, TicketId, TicketNumber};
use crate::domain::kind::{Kind, Queue};
use crate::domain::plan::Plan;
use crate::domain::policy::Quorum;

/// Something somebody wants done to a ticket. The actor comes apart, established by whoever received the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Hold it.
    Take,
    /// Let somebody hold it.
    Assign {
        /// Who.
        to: StaffId,
        /// Who held it when the button was made.
        from: Option<StaffId>,
    },
    /// Call for help.
    Escalate(MessageRef),
    /// Say that a fault is worse, or less bad, than reported.
    Reclassify {
        /// What it is.
        to: Kind,
        /// Why.
        reason: MessageRef,
    },
    /// Attach it to another ticket.
    Attach {
        /// The other one, as it is in this transaction.
        lead: Box<Lead>,
        /// How they belong together.
        link: Link,
    },
    /// The other side of [`Command::Attach`]; only the service says it.
    Join {
        /// The ticket that was attached.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// How.
        link: Link,
    },
    /// Give it to another department.
    HandOver(Queue),
    /// Ask the customer.
    Ask(MessageRef),
    /// Write to the customer.
    Answer(MessageRef),
    /// The customer writes.
    Write(MessageRef),
    /// An internal note.
    Note(MessageRef),
    /// Want a change to a real system: it is planned, then proposed.
    Propose {
        /// Its new id.
        id: ActionId,
        /// What exactly.
        spec: Box<ActionSpec>,
        /// Who must agree at first sight; the plan decides.
        quorum: Quorum,
    },
    /// The provisioner has read what an action would change.
    Planned {
        /// The action.
        id: ActionId,
        /// What it would change.
        plan: Box<Plan>,
    },
    /// The provisioner found another world than the one that was approved to be changed.
    PlanChanged {
        /// The action whose approvals are void with that.
        id: ActionId,
        /// The id under which the new plan is proposed.
        next: ActionId,
        /// What it would change now.
        plan: Box<Plan>,
    },
    /// Agree to an action.
    Approve {
        /// The action, as the button claims.
        id: ActionId,
        /// The digest, as the button claims.
        digest: String,
    },
    /// Refuse an action, and with it the ticket.
    DeclineAction {
        /// The action, as the button claims.
        id: ActionId,
        /// Why.
        message: MessageRef,
    },
    /// The provisioner proved it.
    ActionDone {
        /// The action.
        id: ActionId,
        /// The proof.
        proof: Proof,
    },
    /// The provisioner could not do it.
    ActionFailed {
        /// The action.
        id: ActionId,
        /// Why.
        failure: Failure,
    },
    /// Done.
    Solve(Option<MessageRef>),
    /// The desk will not do it.
    Decline(MessageRef),
    /// Monitoring: everything that was reported in this ticket is well again.
    Recover {
        /// How many alerts there were.
        alerts: u32,
    },
    /// The customer agrees.
    Confirm,
    /// The customer does not agree; with or without words.
    Reopen(Option<MessageRef>),
    /// The customer takes it back.
    Cancel,
    /// The customer rates the help, from 1 to 5; with or without words.
    Rate {
        /// From 1 to 5.
        score: u8,
        /// What he says to it.
        message: Option<MessageRef>,
    },
    /// A staff member puts words right that the customer was sent.
    Correct {
        /// The message as it was first.
        of: MessageId,
        /// As it is now.
        message: MessageRef,
    },
    /// Somebody answers a page.
    Acknowledge,
    /// The crm paged somebody, or found nobody.
    RecordPage {
        /// The step that was asked for.
        step: u32,
        /// The step that was paged (those with nobody to reach are skipped), who it was, and until when he may acknowledge; `None`
        /// at the end of the chain.
        paged: Option<(u32, StaffId, Moment)>,
        /// Who was passed over because nobody can reach him.
        skipped: Vec<StaffId>,
        /// Whether it is one of a storm of similar ones, told in one message.
        grouped: bool,
    },
    /// Telegram would not take a page.
    PageUndelivered(StaffId),
    /// Time passed.
    Tick,
}
