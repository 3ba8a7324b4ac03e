//! `/api/v1/tickets/{number}/messages`: reading and adding to a conversation.

use async_trait::async_trait;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Api;
use super::caller::Caller;
use super::commands::contact_needed;
use super::gather;
use super::idempotency::{Asked, Failure, Work};
use super::input::{Body, IdempotencyKey, Number, id, text};
use super::problem::Problem;
use super::refusals;
use super::tickets::visible;
use super::views::{Conversation, MessageView, SideView};
use crate::domain::decide::Command;
use crate::domain::event::MessageRef;
use crate::domain::ids::{ContactId, TicketNumber};
use crate::domain::person::Right;
use crate::service::Words;
use crate::store::{Side, Tx};

/// Read a ticket's conversation, oldest first; a customer's token does not see the desk's notes.
#[utoipa::path(
    get,
    path = "/tickets/{number}/messages",
    tag = "tickets",
    params(("number" = String, Path, description = "`KM-000042`, or `42`", pattern = r"^(KM-)?[0-9]{1,18}$")),
    responses(
        (status = 200, description = "The conversation", body = Conversation),
        refusals::OneTicket,
        refusals::Always,
    ),
)]
pub async fn list(
    State(api): State<Api>,
    caller: Caller,
    Number(number): Number,
) -> Result<Json<Conversation>, Problem> {
    caller.must(Right::Read)?;
    let mut tx = api.db.read().await?;
    let ticket = visible(&mut tx, &caller, number).await?;
    let items = tx.messages(ticket.id, caller.customer.is_none()).await?;
    Ok(Json(Conversation { items: items.into_iter().map(MessageView::of).collect() }))
}

/// Something to be written.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessageBody {
    /// Whose words: `desk` answers the customer, `note` is for the desk alone, `customer` is what the customer said.
    side: SideView,
    /// The text.
    #[schema(min_length = 1, max_length = 20_000, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$")]
    text: String,
    /// For `customer`: which contact said it.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"^[^\x00]+$")]
    contact: Option<ContactId>,
}

/// Write into a ticket's conversation.
#[utoipa::path(
    post,
    path = "/tickets/{number}/messages",
    tag = "tickets",
    params(
        ("number" = String, Path, description = "`KM-000042`, or `42`", pattern = r"^(KM-)?[0-9]{1,18}$"),
        ("Idempotency-Key" = Option<String>, Header, description = "Any text of your own, new for each new message",
            min_length = 1, max_length = 255),
    ),
    request_body = NewMessageBody,
    responses(
        (status = 201, description = "The message", body = MessageView),
        (status = 403, description = "Not with this role", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Not possible in its state", body = Problem, content_type = "application/problem+json"),
        refusals::Body,
        refusals::OneTicket,
        refusals::Always,
    ),
)]
pub async fn create(
    State(api): State<Api>,
    caller: Caller,
    Number(number): Number,
    IdempotencyKey(key): IdempotencyKey,
    Body { value, digest }: Body<NewMessageBody>,
) -> Result<Response, Problem> {
    match value.side {
        SideView::Customer => caller.must_speak()?,
        SideView::Desk | SideView::Note => caller.must(Right::Handle)?,
    }
    id("contact", value.contact.as_ref().map(ContactId::as_str))?;
    let said = text("text", &value.text)?;
    let work = Said { number, body: value, words: Words::text(said) };
    gather::once(&api, Asked::new(caller, (key, digest), StatusCode::CREATED, work)).await
}

/// A message to be added.
struct Said {
    number: TicketNumber,
    body: NewMessageBody,
    words: Words,
}

#[async_trait]
impl Work for Said {
    type Answer = MessageView;

    async fn run(&self, api: &Api, caller: &Caller, tx: &mut Tx) -> Result<MessageView, Failure> {
        let ticket = visible(tx, caller, self.number).await?;
        let side = self.body.side;
        let (kept, actor) = match side {
            SideView::Customer => {
                let contact = contact_needed(self.body.contact.as_ref())?;
                (Side::Customer, caller.speak_for(tx, contact).await?)
            }
            SideView::Desk => (Side::Desk, caller.actor()),
            SideView::Note => (Side::Note, caller.actor()),
        };
        let mut made = None;
        let command = |message: MessageRef| {
            made = Some(message.id);
            match side {
                SideView::Customer => Command::Write(message),
                SideView::Desk => Command::Answer(message),
                SideView::Note => Command::Note(message),
            }
        };
        api.service.write(tx, ticket.id, (kept, self.words.clone()), command, &actor).await?;
        let message = match made {
            Some(id) => tx.message_fetch(id).await?,
            None => None,
        };
        Ok(MessageView::of(message.ok_or_else(|| Problem::broken(false))?))
    }
}
