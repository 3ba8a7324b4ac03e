//! What happened to a ticket: the facts of the audit, from which its state is folded.
//!
//! Words that people wrote are not in here: they are messages, and an event names the message and its digest, so that personal data
//! can be erased while the chain and the figures remain.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::action::{ActionSpec, Failure, Proof};
use super::credit::Cause;
use super::downtime::Month;
use super::form::Form;
use super::ids::{ActionId, ContactId, CustomerId, MessageId, ServiceId, StaffId, TicketId, TicketNumber};
use super::incident::{DowntimeState, IncidentNumber, IncidentState};
use super::kind::{Channel, Kind, Queue};
use super::lang::Lang;
use super::plan::Plan;
use super::policy::{Audience, Quorum};
use super::sla::Target;
use crate::clock::Moment;

/// A message as an event refers to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRef {
    /// The message's row.
    pub id: MessageId,
    /// SHA-256 of its text and attachments.
    pub digest: String,
}

/// Where a ticket came from and where its customer is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// How it came.
    pub channel: Channel,
    /// The private chat to answer in, if there is one.
    pub chat: Option<i64>,
}

word_enum! {
    /// How two tickets belong together.
    pub enum Link {
        /// The same request, filed twice.
        Duplicate = "duplicate",
        /// Different customers' or services' view of one incident.
        Incident = "incident",
    }
}

/// Everything that is fixed when a ticket is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The number people use.
    pub number: TicketNumber,
    /// What is asked.
    pub kind: Kind,
    /// The answers to the kind's questions.
    pub form: Form,
    /// Who asked, if it is a known contact.
    pub requester: Option<ContactId>,
    /// For which customer.
    pub customer: Option<CustomerId>,
    /// How the requester is called, as the desk shows him.
    pub requester_name: String,
    /// The language to answer in.
    pub language: Lang,
    /// Where from.
    pub origin: Origin,
    /// The policy version, `vm@2025-09-10`.
    pub policy: String,
    /// Department.
    pub queue: Queue,
    /// First-reply promise, milliseconds.
    pub first_reply_ms: i64,
    /// Resolution promise, milliseconds.
    pub resolution_ms: i64,
    /// Whether emergency mode stretched the first-reply promise (T8).
    pub emergency: bool,
    /// The first words, if any.
    pub message: Option<MessageRef>,
}

/// A fact in the life of a ticket, or of the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The ticket was registered and both clocks started.
    Opened(Box<Opening>),
    /// A staff member holds it from now on.
    Taken {
        /// Who.
        by: StaffId,
    },
    /// Given to a staff member by another, or taken over from one.
    Assigned {
        /// Who holds it from now on.
        to: StaffId,
        /// Who held it before.
        from: Option<StaffId>,
    },
    /// A staff member calls for help: the next person on call and the duty managers are woken.
    Escalated {
        /// Who.
        by: StaffId,
        /// Why, in his words.
        message: MessageRef,
    },
    /// A fault is worse or less bad than was reported (T5, T6).
    Reclassified {
        /// What it was.
        from: Kind,
        /// What it is.
        to: Kind,
        /// The resolution promise from now on, milliseconds from the start of its clock.
        resolution_ms: i64,
        /// Why.
        message: MessageRef,
    },
    /// The same request was filed twice: it goes on under the other number.
    Merged {
        /// Into which ticket.
        into: TicketId,
        /// Its number.
        number: TicketNumber,
    },
    /// The same incident as another ticket; both live on.
    Linked {
        /// The ticket that leads the incident.
        to: TicketId,
        /// Its number.
        number: TicketNumber,
    },
    /// Another ticket was attached to this one.
    Joined {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// How.
        link: Link,
    },
    /// Handed to another department; the clock goes on (T9).
    HandedOver {
        /// The new queue.
        to: Queue,
    },
    /// The desk asked the customer something.
    Asked(MessageRef),
    /// The desk wrote to the customer.
    Answered(MessageRef),
    /// The customer wrote.
    CustomerWrote(MessageRef),
    /// An internal note.
    Noted(MessageRef),
    /// A change to a real system is wanted; the provisioner looks what it would change.
    ActionWanted {
        /// The action.
        id: ActionId,
        /// What exactly.
        spec: ActionSpec,
        /// How many must agree at first sight; the plan decides.
        quorum: Quorum,
        /// Until when it is worth anything.
        expires_at: Moment,
    },
    /// A change to a real system was planned and is proposed.
    ActionProposed {
        /// The action.
        id: ActionId,
        /// What exactly.
        spec: ActionSpec,
        /// What that changes.
        #[serde(default)]
        plan: Box<Plan>,
        /// What approvals bind to.
        digest: String,
        /// Who must agree.
        quorum: Quorum,
        /// Until when.
        expires_at: Moment,
    },
    /// One person, or the policy, approved.
    ActionApproved {
        /// The action.
        id: ActionId,
        /// The digest that was approved.
        digest: String,
        /// Whether that completes the quorum.
        complete: bool,
    },
    /// A person declined; with it the ticket is declined.
    ActionDeclined {
        /// The action.
        id: ActionId,
    },
    /// Nobody approved in time; a human must decide anew.
    ActionExpired {
        /// The action.
        id: ActionId,
    },
    /// The world changed after it was planned: what was approved is void, and another plan is proposed.
    ActionStale {
        /// The action.
        id: ActionId,
    },
    /// Somebody's approval or refusal of an action did not count.
    ApprovalRefused {
        /// The action, as his button claimed.
        id: ActionId,
        /// Why.
        why: String,
    },
    /// A missing approval endangers the promise: whoever may approve and has not yet is paged.
    ApproverNeeded {
        /// The action.
        id: ActionId,
    },
    /// Executed, and the proof read back.
    ActionDone {
        /// The action.
        id: ActionId,
        /// What proves it.
        proof: Proof,
    },
    /// Could not be executed or not be proved; a human takes over.
    ActionFailed {
        /// The action.
        id: ActionId,
        /// Why.
        failure: Failure,
    },
    /// The desk, or the proof, says it is done.
    Solved {
        /// The words that say so, if a person wrote them.
        message: Option<MessageRef>,
    },
    /// Monitoring says that everything it reported here is well again. Nobody waits for a first reply any more.
    Recovered {
        /// How many alerts there were.
        alerts: u32,
    },
    /// The customer agreed that it is done.
    Confirmed,
    /// Nobody objected in time.
    ClosedByTime,
    /// The customer says it is not done; a new cycle.
    Reopened {
        /// 2 for the first reopening.
        cycle: u32,
    },
    /// The customer took it back.
    Cancelled,
    /// The desk will not do it.
    Declined {
        /// Why.
        message: MessageRef,
    },
    /// The customer rated the help.
    Rated {
        /// From 1 to 5.
        score: u8,
        /// What he says to it.
        message: Option<MessageRef>,
    },
    /// Words that the customer was sent were put right by whoever wrote them.
    Corrected {
        /// The message as it was first.
        of: MessageId,
        /// As it is now.
        message: MessageRef,
    },
    /// A promise was kept.
    TargetMet {
        /// Which.
        target: Target,
        /// Budget used, milliseconds.
        used_ms: i64,
    },
    /// What was promised was done after all, late; the breach stays.
    TargetDoneLate {
        /// Which.
        target: Target,
        /// Time used, milliseconds: more than the budget.
        used_ms: i64,
    },
    /// The resolution clock stands still: the policy names this state (T11).
    ClockPaused,
    /// The resolution clock runs on.
    ClockResumed,
    /// Part of a promise's time is used up; `at` is that moment.
    MarkReached {
        /// Which promise.
        target: Target,
        /// Per cent.
        percent: u32,
        /// Who is told.
        tell: Vec<Audience>,
    },
    /// A promise was broken; `at` is the deadline, for ever.
    TargetBreached {
        /// Which.
        target: Target,
        /// Who is told.
        tell: Vec<Audience>,
    },
    /// Somebody must be woken.
    PageRequested {
        /// 0 = the engineer on call, then the next, at last the duty manager.
        step: u32,
    },
    /// A person was paged.
    Paged {
        /// Which step of the chain.
        step: u32,
        /// Who.
        staff: StaffId,
        /// Until when he may acknowledge before the next is paged.
        until: Moment,
        /// Whether it is one of a storm of similar ones, told in one message.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        grouped: bool,
    },
    /// A step of the chain that has nobody to reach was passed over.
    PageSkipped {
        /// Who cannot be paged.
        staff: StaffId,
    },
    /// A page did not reach its person: the next one is paged at once.
    PageUndelivered {
        /// Who could not be reached.
        staff: StaffId,
    },
    /// The chain ended without anybody to page.
    PageExhausted {
        /// How many steps there were.
        steps: u32,
    },
    /// A paged person (or whoever was quicker) has it.
    Acknowledged {
        /// Who.
        by: StaffId,
    },
    /// Desk: emergency mode was switched (T8).
    EmergencySwitched {
        /// On or off.
        on: bool,
        /// Why.
        reason: String,
    },
    /// Desk: a directory file was applied.
    DirectoryApplied {
        /// SHA-256 of the file.
        digest: String,
        /// How many lines of difference.
        changes: u32,
    },
    /// Desk: an invitation was made.
    Invited {
        /// For whom.
        contact: ContactId,
    },
    /// Desk: a Telegram account was bound to a contact.
    Bound {
        /// The contact.
        contact: ContactId,
        /// Telegram's user id.
        telegram: i64,
    },
    /// Desk: somebody else is on call for a while, or no longer is.
    RotaChanged {
        /// Which department's rota.
        queue: Queue,
        /// Who is on call.
        staff: StaffId,
        /// From when.
        starts: Moment,
        /// Until when.
        until: Moment,
        /// Whether it was taken back.
        ended: bool,
    },
    /// Desk: a canned reply was written, changed or taken out.
    CannedChanged {
        /// Its name.
        name: String,
        /// In which language.
        language: Lang,
        /// SHA-256 of the words; `None` when they were taken out.
        digest: Option<String>,
    },
    /// Desk: customers were told of works or an outage.
    Broadcast {
        /// Which broadcast.
        id: Uuid,
        /// SHA-256 of its words and audience.
        digest: String,
        /// How many chats.
        chats: u32,
    },
    /// Desk: an incident was opened or has changed.
    IncidentNoted {
        /// Which.
        id: Uuid,
        /// Its number.
        number: IncidentNumber,
        /// How it stands now.
        state: IncidentState,
    },
    /// Desk: an interval was proposed, confirmed or withdrawn (C8).
    DowntimeNoted {
        /// Which.
        id: Uuid,
        /// Of which service.
        service: ServiceId,
        /// How it stands now.
        state: DowntimeState,
        /// Why it did not work.
        cause: Option<Cause>,
        /// From when.
        starts: Moment,
        /// Until when.
        ends: Moment,
    },
    /// Desk: a file of intervals was imported.
    IncidentsImported {
        /// SHA-256 of the file.
        digest: String,
        /// How many intervals were new.
        intervals: u32,
    },
    /// Desk: a claim for lost data or other damage was made or decided (C10, C11).
    ClaimNoted {
        /// Which.
        id: Uuid,
        /// Of which service.
        service: ServiceId,
        /// For which month.
        month: Month,
        /// How it stands now: open, proposed, granted, refused.
        state: String,
    },
    /// Desk: a reporting period was closed.
    PeriodClosed {
        /// Which.
        month: Month,
        /// How many services' records were frozen.
        services: u32,
    },
    /// Desk: a credit was approved or declined, or corrected by a new revision.
    CreditNoted {
        /// Of which service.
        service: ServiceId,
        /// For which month.
        month: Month,
        /// Which record.
        revision: i64,
        /// How it stands now.
        state: String,
        /// How much, tiyn.
        tiyn: i64,
    },
    /// Desk: an API token was made.
    TokenCreated {
        /// Its name.
        name: String,
        /// Its role.
        role: String,
    },
    /// Desk: an API token was revoked.
    TokenRevoked {
        /// Its name.
        name: String,
    },
    /// Desk: another program is told of events from now on.
    WebhookMade {
        /// Its id.
        webhook: uuid::Uuid,
        /// Where: the host alone, as a path may be confidential.
        host: String,
    },
    /// Desk: another program is no longer told of events.
    WebhookDeleted {
        /// Its id.
        webhook: uuid::Uuid,
        /// Where it was told.
        host: String,
    },
    /// Desk: a one-time link for signing in was made.
    LoginLinked {
        /// For whom.
        staff: StaffId,
    },
    /// Desk: somebody signed in to the web console.
    SignedIn {
        /// Who.
        staff: StaffId,
        /// How: `link` or `oidc`.
        how: String,
    },
}

impl Event {
    /// The event's word, as serde writes it; stored beside the event for queries.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Opened(_) => "opened",
            Self::Taken { .. } => "taken",
            Self::Assigned { .. } => "assigned",
            Self::Escalated { .. } => "escalated",
            Self::Reclassified { .. } => "reclassified",
            Self::Merged { .. } => "merged",
            Self::Linked { .. } => "linked",
            Self::Joined { .. } => "joined",
            Self::HandedOver { .. } => "handed_over",
            Self::Asked(_) => "asked",
            Self::Answered(_) => "answered",
            Self::CustomerWrote(_) => "customer_wrote",
            Self::Noted(_) => "noted",
            Self::ActionWanted { .. } => "action_wanted",
            Self::ActionProposed { .. } => "action_proposed",
            Self::ActionApproved { .. } => "action_approved",
            Self::ActionDeclined { .. } => "action_declined",
            Self::ActionExpired { .. } => "action_expired",
            Self::ActionStale { .. } => "action_stale",
            Self::ApprovalRefused { .. } => "approval_refused",
            Self::ApproverNeeded { .. } => "approver_needed",
            Self::ActionDone { .. } => "action_done",
            Self::ActionFailed { .. } => "action_failed",
            Self::Solved { .. } => "solved",
            Self::Recovered { .. } => "recovered",
            Self::Confirmed => "confirmed",
            Self::ClosedByTime => "closed_by_time",
            Self::Reopened { .. } => "reopened",
            Self::Cancelled => "cancelled",
            Self::Declined { .. } => "declined",
            Self::Rated { .. } => "rated",
            Self::Corrected { .. } => "corrected",
            Self::TargetMet { .. } => "target_met",
            Self::TargetDoneLate { .. } => "target_done_late",
            Self::ClockPaused => "clock_paused",
            Self::ClockResumed => "clock_resumed",
            Self::MarkReached { .. } => "mark_reached",
            Self::TargetBreached { .. } => "target_breached",
            Self::PageRequested { .. } => "page_requested",
            Self::Paged { .. } => "paged",
            Self::PageSkipped { .. } => "page_skipped",
            Self::PageUndelivered { .. } => "page_undelivered",
            Self::PageExhausted { .. } => "page_exhausted",
            Self::Acknowledged { .. } => "acknowledged",
            Self::EmergencySwitched { .. } => "emergency_switched",
            Self::DirectoryApplied { .. } => "directory_applied",
            Self::Invited { .. } => "invited",
            Self::Bound { .. } => "bound",
            Self::RotaChanged { .. } => "rota_changed",
            Self::CannedChanged { .. } => "canned_changed",
            Self::Broadcast { .. } => "broadcast",
            Self::IncidentNoted { .. } => "incident_noted",
            Self::DowntimeNoted { .. } => "downtime_noted",
            Self::IncidentsImported { .. } => "incidents_imported",
            Self::ClaimNoted { .. } => "claim_noted",
            Self::PeriodClosed { .. } => "period_closed",
            Self::CreditNoted { .. } => "credit_noted",
            Self::TokenCreated { .. } => "token_created",
            Self::TokenRevoked { .. } => "token_revoked",
            Self::WebhookMade { .. } => "webhook_made",
            Self::WebhookDeleted { .. } => "webhook_deleted",
            Self::LoginLinked { .. } => "login_linked",
            Self::SignedIn { .. } => "signed_in",
        }
    }

    /// The message this event is about.
    pub const fn message(&self) -> Option<&MessageRef> {
        match self {
            Self::Asked(m) | Self::Answered(m) | Self::CustomerWrote(m) | Self::Noted(m) => Some(m),
            Self::Declined { message }
            | Self::Corrected { message, .. }
            | Self::Escalated { message, .. }
            | Self::Reclassified { message, .. } => Some(message),
            Self::Solved { message } | Self::Rated { message, .. } => message.as_ref(),
            Self::Opened(opening) => opening.message.as_ref(),
            _ => None,
        }
    }
}
