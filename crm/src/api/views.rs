//! Tickets and messages as the API shows them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::schema;
use crate::clock::Moment;
use crate::domain::action::{Action, ActionState};
use crate::domain::actor::Actor;
use crate::domain::sla::{Outcome, TargetClock};
use crate::domain::ticket::Ticket;
use crate::store::Message;

/// How a promise stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Neither kept nor broken yet.
    Running,
    /// Kept.
    Met,
    /// Broken, for good.
    Breached,
    /// The ticket ended before it mattered.
    Void,
}

/// One promise of a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct Promise {
    /// How it stands at this moment.
    pub outcome: Standing,
    /// How long it is, milliseconds.
    pub budget_ms: i64,
    /// When the clock began.
    pub started_at: DateTime<Utc>,
    /// When it is broken.
    pub due_at: DateTime<Utc>,
    /// When it was fulfilled, in time or late.
    pub done_at: Option<DateTime<Utc>>,
    /// Milliseconds left, negative when it is overdue; absent once it is done.
    pub left_ms: Option<i64>,
}

impl Promise {
    fn of(clock: &TargetClock, now: Moment) -> Self {
        let (outcome, done_at, ticking) = match clock.outcome {
            Outcome::Running if clock.is_breached(now) => (Standing::Breached, None, true),
            Outcome::Running => (Standing::Running, None, true),
            Outcome::Met { at } => (Standing::Met, Some(at), false),
            Outcome::Breached { answered_at } => (Standing::Breached, answered_at, answered_at.is_none()),
            Outcome::Void => (Standing::Void, None, false),
        };
        Self {
            outcome,
            budget_ms: clock.budget_ms,
            started_at: clock.started_at,
            due_at: clock.due_at,
            done_at,
            left_ms: ticking.then(|| clock.left_ms(now)),
        }
    }
}

/// The proposed change to a real system that a ticket has.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActionView {
    /// Its id; the commands `approve` and `decline_action` name it.
    pub id: Uuid,
    /// What approvals bind to.
    pub digest: String,
    /// Exactly what would be done.
    #[schema(value_type = Object)]
    pub spec: serde_json::Value,
    /// `proposed`, `approved`, `done`, `failed`, `declined` or `void`.
    #[schema(value_type = String)]
    pub state: ActionState,
    /// How many people must agree.
    pub people: usize,
    /// Who has agreed.
    pub approved_by: Vec<String>,
    /// Until when it may be approved.
    pub expires_at: DateTime<Utc>,
}

impl ActionView {
    fn of(action: &Action) -> Self {
        Self {
            id: action.id.0,
            digest: action.digest.clone(),
            spec: serde_json::to_value(&action.spec).unwrap_or_default(),
            state: action.state,
            people: action.quorum.people(),
            approved_by: action.approved_by.iter().map(ToString::to_string).collect(),
            expires_at: action.expires_at,
        }
    }
}

/// One request or fault.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketView {
    /// `KM-000042`.
    pub number: String,
    /// What is asked.
    #[schema(value_type = schema::Kind)]
    pub kind: &'static str,
    /// Where it is in its life.
    #[schema(value_type = schema::State)]
    pub state: &'static str,
    /// Department.
    #[schema(value_type = schema::Queue)]
    pub queue: &'static str,
    /// How it came.
    #[schema(value_type = schema::Channel)]
    pub channel: &'static str,
    /// For which customer.
    pub customer: Option<String>,
    /// Who asked.
    pub contact: Option<String>,
    /// How whoever asked is called.
    pub requester_name: String,
    /// About which rented service.
    pub service: Option<String>,
    /// The language to answer in.
    #[schema(value_type = schema::Lang)]
    pub language: &'static str,
    /// Who holds it.
    pub assignee: Option<String>,
    /// When it was registered.
    pub opened_at: DateTime<Utc>,
    /// When it was solved last.
    pub solved_at: Option<DateTime<Utc>>,
    /// One more at each reopening.
    pub cycle: u32,
    /// The terms it was opened under.
    pub policy: String,
    /// Whether emergency mode stretched its first-reply promise.
    pub emergency: bool,
    /// The deadline that matters now; absent when nothing is owed.
    pub due_at: Option<DateTime<Utc>>,
    /// The first-reply promise.
    pub first_reply: Promise,
    /// The resolution promise.
    pub resolution: Promise,
    /// Its latest action.
    pub action: Option<ActionView>,
    /// Messages so far, of both sides.
    pub messages: u32,
}

impl TicketView {
    /// `ticket` as it stands at `now`.
    pub fn of(ticket: &Ticket, now: Moment) -> Self {
        Self {
            number: ticket.number.to_string(),
            kind: ticket.kind.as_str(),
            state: ticket.state.as_str(),
            queue: ticket.queue.as_str(),
            channel: ticket.origin.channel.as_str(),
            customer: ticket.customer.as_ref().map(ToString::to_string),
            contact: ticket.requester.as_ref().map(ToString::to_string),
            requester_name: ticket.requester_name.clone(),
            service: ticket.form.service().map(ToString::to_string),
            language: ticket.language.as_str(),
            assignee: ticket.assignee.as_ref().map(ToString::to_string),
            opened_at: ticket.opened_at,
            solved_at: ticket.solved_at,
            cycle: ticket.cycle,
            policy: ticket.policy.clone(),
            emergency: ticket.emergency,
            due_at: ticket.next_due().map(|due| due.1),
            first_reply: Promise::of(&ticket.first_reply, now),
            resolution: Promise::of(&ticket.resolution, now),
            action: ticket.action.as_ref().map(ActionView::of),
            messages: ticket.messages,
        }
    }
}

/// A page of tickets.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketPage {
    /// The tickets.
    pub items: Vec<TicketView>,
    /// Send it as `cursor` for the next page; absent at the end.
    pub next: Option<String>,
}

/// A file of a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachmentView {
    /// `photo`, `document`, `voice`, …
    pub kind: String,
    /// File name or description.
    pub name: Option<String>,
    /// Bytes.
    pub size: Option<i64>,
}

/// Something that somebody wrote.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageView {
    /// Its id.
    pub id: Uuid,
    /// `customer`, `desk`, or `note`: the desk's, among itself.
    #[schema(value_type = SideView)]
    pub side: &'static str,
    /// Who: an id of the directory, or what wrote it.
    pub author: String,
    /// The text; empty for a file without caption.
    pub text: String,
    /// Its files.
    pub attachments: Vec<AttachmentView>,
    /// When.
    pub written_at: DateTime<Utc>,
}

/// Whose words a message holds.
#[derive(Debug, Clone, Copy, Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SideView {
    /// The customer's.
    Customer,
    /// The desk's, to the customer.
    Desk,
    /// The desk's, among itself.
    Note,
}

impl MessageView {
    /// A stored message.
    pub fn of(message: Message) -> Self {
        let attachments = message
            .attachments
            .into_iter()
            .map(|a| AttachmentView { kind: a.kind, name: a.name, size: a.size })
            .collect();
        Self {
            id: message.id.0,
            side: message.side.as_str(),
            author: author(&message.author),
            text: message.body,
            attachments,
            written_at: message.written_at,
        }
    }
}

/// Who wrote something, in a word.
pub fn author(actor: &Actor) -> String {
    match actor {
        Actor::Contact { id, .. } => id.to_string(),
        Actor::Staff { id, .. } => id.to_string(),
        Actor::Stranger { .. } | Actor::Correspondent { .. } => "stranger".to_owned(),
        Actor::Clock => "clock".to_owned(),
        Actor::Policy => "policy".to_owned(),
        Actor::Provisioner => "provisioner".to_owned(),
        Actor::Operator => "operator".to_owned(),
    }
}

/// A conversation, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Conversation {
    /// The messages.
    pub items: Vec<MessageView>,
}
