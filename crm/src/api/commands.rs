//! `/api/v1/tickets/{number}/commands`: everything the desk does to a ticket, by the one way in, `service::execute`.

use async_trait::async_trait;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Api;
use super::caller::Caller;
use super::gather;
use super::idempotency::{Asked, Failure, Work};
use super::input::{Body, IdempotencyKey, Number, at_most, text};
use super::problem::Problem;
use super::refusals;
use super::schema;
use super::tickets::visible;
use super::views::TicketView;
use crate::domain::decide::Command;
use crate::domain::event::MessageRef;
use crate::domain::ids::{ActionId, ContactId, TicketNumber};
use crate::domain::kind::Queue;
use crate::domain::person::Right;
use crate::service::Words;
use crate::store::{Side, Tx};

/// Something to be done to a ticket. `command` says what; the other fields depend on it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum CommandBody {
    /// Hold it.
    Take {},
    /// Answer a page.
    Acknowledge {},
    /// Give it to another department; the clock goes on (T9).
    HandOver {
        /// Which.
        #[schema(value_type = schema::Queue)]
        queue: Queue,
    },
    /// Ask the customer.
    Ask {
        /// The question.
        #[schema(min_length = 1, max_length = 20_000, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$")]
        text: String,
    },
    /// Answer the customer.
    Answer {
        /// The answer.
        #[schema(min_length = 1, max_length = 20_000, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$")]
        text: String,
    },
    /// Write an internal note.
    Note {
        /// The note.
        #[schema(min_length = 1, max_length = 20_000, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$")]
        text: String,
    },
    /// It is done.
    Solve {
        /// What the customer is told.
        #[schema(max_length = 20_000, pattern = r"^[^\x00]*$")]
        text: Option<String>,
    },
    /// The desk will not do it.
    Decline {
        /// Why, for the customer.
        #[schema(min_length = 1, max_length = 20_000, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$")]
        text: String,
    },
    /// Agree to the action that is proposed.
    Approve {
        /// The action's id.
        action: Uuid,
        /// The digest of exactly what is agreed to.
        #[schema(max_length = 100)]
        digest: String,
    },
    /// Refuse the action, and with it the ticket.
    DeclineAction {
        /// The action's id.
        action: Uuid,
        /// Why, for the customer.
        #[schema(min_length = 1, max_length = 20_000, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$")]
        text: String,
    },
    /// The customer agrees that it is solved.
    Confirm {
        /// Which contact says so.
        #[schema(value_type = String, min_length = 1, max_length = 100, pattern = r"^[^\x00]+$")]
        contact: ContactId,
    },
    /// The customer says that it is not solved.
    Reopen {
        /// Which contact says so.
        #[schema(value_type = String, min_length = 1, max_length = 100, pattern = r"^[^\x00]+$")]
        contact: ContactId,
        /// The words.
        #[schema(max_length = 20_000, pattern = r"^[^\x00]*$")]
        text: Option<String>,
    },
    /// The customer takes it back.
    Cancel {
        /// Which contact says so.
        #[schema(value_type = String, min_length = 1, max_length = 100, pattern = r"^[^\x00]+$")]
        contact: ContactId,
    },
}

/// The contact that something said by the customer must name.
pub fn contact_needed(contact: Option<&ContactId>) -> Result<&ContactId, Problem> {
    contact.ok_or_else(|| {
        Problem::conflict("contact-missing", "contact: say which contact of the customer said it")
    })
}

/// Makes a command of the message that goes with it.
type WithMessage = Box<dyn Fn(MessageRef) -> Command + Send>;

/// A command, read and sorted by what it takes.
enum Wanted {
    /// As it is.
    Plain(Command),
    /// With words to the customer, or a note.
    Words(Side, String, WithMessage),
}

impl CommandBody {
    /// What it takes to give this command.
    const fn right(&self) -> Option<Right> {
        match self {
            Self::Approve { .. } | Self::DeclineAction { .. } => Some(Right::Approve),
            Self::Confirm { .. } | Self::Reopen { .. } | Self::Cancel { .. } => None,
            _ => Some(Right::Handle),
        }
    }

    /// The contact in whose name it is given.
    const fn contact(&self) -> Option<&ContactId> {
        match self {
            Self::Confirm { contact } | Self::Reopen { contact, .. } | Self::Cancel { contact } => {
                Some(contact)
            }
            _ => None,
        }
    }

    fn read(&self) -> Result<Wanted, Problem> {
        let words =
            |side, said: &str, command: WithMessage| Ok(Wanted::Words(side, text("text", said)?, command));
        let optional = |said: &Option<String>| match said.as_deref().map(str::trim) {
            None | Some("") => Ok(None),
            Some(said) => text("text", said).map(Some),
        };
        match self {
            Self::Take {} => Ok(Wanted::Plain(Command::Take)),
            Self::Acknowledge {} => Ok(Wanted::Plain(Command::Acknowledge)),
            Self::HandOver { queue } => Ok(Wanted::Plain(Command::HandOver(*queue))),
            Self::Ask { text } => words(Side::Desk, text, Box::new(Command::Ask)),
            Self::Answer { text } => words(Side::Desk, text, Box::new(Command::Answer)),
            Self::Note { text } => words(Side::Note, text, Box::new(Command::Note)),
            Self::Decline { text } => words(Side::Desk, text, Box::new(Command::Decline)),
            Self::Solve { text } => Ok(match optional(text)? {
                Some(said) => Wanted::Words(Side::Desk, said, Box::new(|m| Command::Solve(Some(m)))),
                None => Wanted::Plain(Command::Solve(None)),
            }),
            Self::Approve { action, digest } => {
                let digest = at_most("digest", digest, 100)?;
                Ok(Wanted::Plain(Command::Approve { id: ActionId(*action), digest }))
            }
            Self::DeclineAction { action, text } => {
                let id = ActionId(*action);
                let command = move |message| Command::DeclineAction { id, message };
                words(Side::Desk, text, Box::new(command))
            }
            Self::Confirm { .. } => Ok(Wanted::Plain(Command::Confirm)),
            Self::Cancel { .. } => Ok(Wanted::Plain(Command::Cancel)),
            Self::Reopen { text, .. } => Ok(match optional(text)? {
                Some(said) => Wanted::Words(Side::Customer, said, Box::new(|m| Command::Reopen(Some(m)))),
                None => Wanted::Plain(Command::Reopen(None)),
            }),
        }
    }
}

/// Do something to a ticket.
///
/// Answers with the ticket as it is afterwards. Approvals count for people: only a token that belongs to a member of the desk
/// (`komek-crm token create --staff`) can give one.
#[utoipa::path(
    post,
    path = "/tickets/{number}/commands",
    tag = "tickets",
    params(
        ("number" = String, Path, description = "`KM-000042`, or `42`", pattern = r"^(KM-)?[0-9]{1,18}$"),
        ("Idempotency-Key" = Option<String>, Header, description = "Any text of your own, new for each new command",
            min_length = 1, max_length = 255),
    ),
    request_body = CommandBody,
    responses(
        (status = 200, description = "The ticket afterwards", body = TicketView),
        (status = 403, description = "Not with this role", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Not possible in its state", body = Problem, content_type = "application/problem+json"),
        refusals::Body,
        refusals::OneTicket,
        refusals::Always,
    ),
)]
pub async fn run(
    State(api): State<Api>,
    caller: Caller,
    Number(number): Number,
    IdempotencyKey(key): IdempotencyKey,
    Body { value, digest }: Body<CommandBody>,
) -> Result<Response, Problem> {
    match value.right() {
        Some(right) => caller.must(right)?,
        None => caller.must_speak()?,
    }
    if value.right() == Some(Right::Approve) && caller.staff.is_none() {
        return Err(Problem::forbidden(
            "an approval is a person's: use a token that belongs to a member of the desk (komek-crm token create --staff ID)",
        ));
    }
    // What cannot be read is refused before anything is looked at.
    value.read()?;
    let work = Given { number, body: value };
    gather::once(&api, Asked::new(caller, (key, digest), StatusCode::OK, work)).await
}

/// A command to be carried out.
struct Given {
    number: TicketNumber,
    body: CommandBody,
}

#[async_trait]
impl Work for Given {
    type Answer = TicketView;

    async fn run(&self, api: &Api, caller: &Caller, tx: &mut Tx) -> Result<TicketView, Failure> {
        let ticket = visible(tx, caller, self.number).await?;
        let actor = match self.body.contact() {
            Some(contact) => caller.speak_for(tx, contact).await?,
            None => caller.actor(),
        };
        let ticket = match self.body.read()? {
            Wanted::Plain(command) => api.service.execute_on(tx, ticket, command, &actor).await?,
            Wanted::Words(side, said, command) => {
                api.service.write(tx, ticket.id, (side, Words::text(said)), command, &actor).await?
            }
        };
        Ok(TicketView::of(&ticket, api.service.now()))
    }
}
