//! `/api/v1/tickets`: opening, listing, reading.

use async_trait::async_trait;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::Api;
use super::caller::{Caller, no_contact};
use super::gather;
use super::idempotency::{Asked, Failure, Work};
use super::input::{self, Body, IdempotencyKey, Number, Params, at_most, text};
use super::problem::Problem;
use super::refusals;
use super::schema;
use super::views::{TicketPage, TicketView};
use crate::clock::Moment;
use crate::domain::form::RebootMode;
use crate::domain::ids::{ContactId, CustomerId, ServiceId, StaffId, TicketNumber};
use crate::domain::kind::{Channel, Kind, Queue};
use crate::domain::lang::Lang;
use crate::domain::person::Right;
use crate::domain::ticket::{State as TicketState, Ticket};
use crate::intake::{self, IntakeError, Request};
use crate::service::Words;
use crate::store::{After, QueueFilter, Tx};

/// Tickets of a page, unless the caller says otherwise; and at most.
const PAGE: (i64, i64) = (50, 200);

/// A ticket to be opened.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTicketBody {
    /// What is asked.
    #[schema(value_type = schema::Kind)]
    kind: Kind,
    /// Who asks: a contact of the directory. Without one, `requester_name` says how to call whoever asked.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"^[^\x00]+$")]
    contact: Option<ContactId>,
    /// How whoever asked is called, if the directory does not know him.
    #[schema(max_length = 200, pattern = r"^[^\x00]*$")]
    requester_name: Option<String>,
    /// About which rented service; needed for a reboot or an unlock.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"^[^\x00]+$")]
    service: Option<ServiceId>,
    /// The words of whoever asks.
    #[schema(min_length = 1, max_length = 20_000, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$")]
    text: String,
    /// How it came: `api` unless it was a call (`phone`) or a form (`web`).
    #[schema(value_type = Option<IntakeChannel>)]
    channel: Option<IntakeChannel>,
    /// The language to answer a person in whom the directory does not know.
    #[schema(value_type = Option<schema::Lang>)]
    language: Option<Lang>,
    /// For a reboot: how.
    #[schema(value_type = Option<schema::RebootMode>)]
    reboot: Option<RebootMode>,
    /// For a fault or a claim: since when (C8).
    #[serde(default, deserialize_with = "input::present")]
    #[schema(value_type = String, format = DateTime, required = false)]
    since: Option<DateTime<Utc>>,
}

/// Ways in that a program may name.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IntakeChannel {
    /// The API itself.
    Api,
    /// A call.
    Phone,
    /// A form.
    Web,
}

impl NewTicketBody {
    fn read(self) -> Result<Request, Problem> {
        let words = text("text", &self.text)?;
        let name = at_most("requester_name", self.requester_name.as_deref().unwrap_or("").trim(), 200)?;
        for (field, id) in [
            ("contact", self.contact.as_ref().map(ContactId::as_str)),
            ("service", self.service.as_ref().map(ServiceId::as_str)),
        ] {
            input::id(field, id)?;
        }
        Ok(Request {
            channel: match self.channel {
                None | Some(IntakeChannel::Api) => Channel::Api,
                Some(IntakeChannel::Phone) => Channel::Phone,
                Some(IntakeChannel::Web) => Channel::Web,
            },
            kind: self.kind,
            contact: self.contact,
            name,
            language: self.language.unwrap_or_default(),
            service: self.service,
            reboot: self.reboot.unwrap_or_default(),
            since: self.since,
            words: Words::text(words),
        })
    }
}

impl From<IntakeError> for Problem {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::NoContact(id) => no_contact(&id),
            IntakeError::ServiceMissing(_) => Self::conflict("service-missing", error.to_string()),
            IntakeError::Service(error) => error.into(),
        }
    }
}

/// Open a ticket.
///
/// Starts its clocks under the terms in force. A customer with a bound Telegram account hears of it there. A request that was sent
/// with an `Idempotency-Key` may be sent again: it is answered as the first time.
#[utoipa::path(
    post,
    path = "/tickets",
    tag = "tickets",
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of your own, new for each new ticket",
            min_length = 1, max_length = 255)),
    request_body = NewTicketBody,
    responses(
        (status = 201, description = "The ticket", body = TicketView),
        (status = 403, description = "Not with this role", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Not possible: an unknown contact or service, or the same is open already", body = Problem,
            content_type = "application/problem+json"),
        refusals::Body,
        refusals::Always,
    ),
)]
pub async fn create(
    State(api): State<Api>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    Body { value, digest }: Body<NewTicketBody>,
) -> Result<Response, Problem> {
    caller.must_speak()?;
    let request = value.read()?;
    gather::once(&api, Asked::new(caller, (key, digest), StatusCode::CREATED, request)).await
}

#[async_trait]
impl Work for Request {
    type Answer = TicketView;

    async fn run(&self, api: &Api, caller: &Caller, tx: &mut Tx) -> Result<TicketView, Failure> {
        let actor = match &self.contact {
            // A customer's token speaks for its own contacts only; whoever else there is, it does not learn.
            Some(contact) if caller.customer.is_some() => caller.speak_for(tx, contact).await?,
            None if caller.customer.is_some() => {
                let detail = "a customer's token must name the contact who asks";
                return Err(Problem::conflict("contact-missing", detail).into());
            }
            _ => caller.actor(),
        };
        let ticket = intake::open(&api.service, tx, self.clone(), &actor).await?;
        Ok(TicketView::of(&ticket, api.service.now()))
    }
}

/// Which tickets.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListParams {
    /// In this state.
    #[param(value_type = Option<schema::State>, inline)]
    state: Option<TicketState>,
    /// In this department.
    #[param(value_type = Option<schema::Queue>, inline)]
    queue: Option<Queue>,
    /// Of this customer.
    #[param(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"^[^\x00]+$")]
    customer: Option<CustomerId>,
    /// Held by this member of the desk.
    #[param(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"^[^\x00]+$")]
    assignee: Option<StaffId>,
    /// `due`: only what the desk owes, nearest deadline first. `newest` (the default): by number, newest first.
    #[param(inline)]
    sort: Option<Sort>,
    /// The `next` of the page before.
    #[param(pattern = "^[dn][0-9a-f]{1,13}-[0-9a-f]{1,15}$")]
    cursor: Option<String>,
    /// Tickets of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Nearest deadline first; only tickets on which the desk owes something.
    Due,
    /// Newest first.
    Newest,
}

/// `at` is the deadline, or the opening where newest come first.
fn cursor_write(sort: Sort, at: Moment, number: TicketNumber) -> String {
    let word = if sort == Sort::Due { 'd' } else { 'n' };
    format!("{word}{:x}-{:x}", at.timestamp_micros(), number.0)
}

fn cursor_read(sort: Sort, text: &str) -> Result<After, Problem> {
    let wrong = || Problem::invalid("cursor: take it from the «next» of a page; begin without one");
    let of = match text.chars().next() {
        Some('d') => Sort::Due,
        Some('n') => Sort::Newest,
        _ => return Err(wrong()),
    };
    let rest = &text[1..];
    let (at, number) = rest.split_once('-').ok_or_else(wrong)?;
    let read = |digits: &str| i64::from_str_radix(digits, 16).ok().filter(|n| *n >= 0);
    let at: Moment = read(at).and_then(DateTime::from_timestamp_micros).ok_or_else(wrong)?;
    let after = After { due_at: (sort == Sort::Due).then_some(at), number: read(number).ok_or_else(wrong)? };
    if of != sort {
        let detail = "cursor: it is of a list with another sort; keep to one sort, or begin without a cursor";
        return Err(Problem::conflict("cursor", detail));
    }
    Ok(after)
}

/// List tickets.
///
/// By state, department, customer and holder, page by page. Pages do not overlap and lose nothing while tickets come and go.
#[utoipa::path(
    get,
    path = "/tickets",
    tag = "tickets",
    params(ListParams),
    responses(
        (status = 200, description = "A page", body = TicketPage),
        (status = 403, description = "Not with this token", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The cursor is of another sort", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A parameter cannot be used", body = Problem, content_type = "application/problem+json"),
        refusals::Always,
    ),
)]
pub async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(params): Params<ListParams>,
) -> Result<Json<TicketPage>, Problem> {
    caller.must(Right::Read)?;
    let limit = params.limit.unwrap_or(PAGE.0);
    if !(1..=PAGE.1).contains(&limit) {
        return Err(Problem::invalid(format!("limit: from 1 to {}", PAGE.1)));
    }
    for (field, value) in [
        ("customer", params.customer.as_ref().map(CustomerId::as_str)),
        ("assignee", params.assignee.as_ref().map(StaffId::as_str)),
    ] {
        input::id(field, value)?;
    }
    let sort = params.sort.unwrap_or(Sort::Newest);
    let after = params.cursor.as_deref().map(|text| cursor_read(sort, text)).transpose()?;
    if let (Some(own), Some(asked)) = (&caller.customer, &params.customer)
        && own != asked
    {
        return Err(Problem::forbidden(format!("this token is limited to the customer {own}")));
    }
    let filter = QueueFilter {
        owed: sort == Sort::Due,
        state: params.state,
        queue: params.queue,
        customer: caller.customer.clone().or(params.customer),
        holder: params.assignee.map(Some),
        ..QueueFilter::default()
    };
    let listed = api.db.read().await?.tickets_listed(&filter, after, limit).await?;
    let tickets: Vec<Ticket> = listed.into_iter().map(|listed| listed.ticket).collect();
    let full = i64::try_from(tickets.len()).is_ok_and(|n| n == limit);
    let place = |ticket: &Ticket| match sort {
        Sort::Due => ticket.next_due().map(|due| due.1),
        Sort::Newest => Some(ticket.opened_at),
    };
    let next =
        tickets.last().filter(|_| full).and_then(|last| Some(cursor_write(sort, place(last)?, last.number)));
    let now = api.service.now();
    Ok(Json(TicketPage { items: tickets.iter().map(|ticket| TicketView::of(ticket, now)).collect(), next }))
}

/// The ticket of a path, if this caller may know of it.
pub async fn visible(tx: &mut Tx, caller: &Caller, number: TicketNumber) -> Result<Ticket, Problem> {
    match tx.ticket_by_number(number).await?.filter(|ticket| caller.sees(ticket)) {
        Some(ticket) => Ok(ticket),
        None => Err(Problem::not_found(format!("there is no ticket {number} for this token"))),
    }
}

/// Read a ticket.
#[utoipa::path(
    get,
    path = "/tickets/{number}",
    tag = "tickets",
    params(("number" = String, Path, description = "`KM-000042`, or `42`", pattern = r"^(KM-)?[0-9]{1,18}$")),
    responses(
        (status = 200, description = "The ticket", body = TicketView),
        refusals::OneTicket,
        refusals::Always,
    ),
)]
pub async fn read(
    State(api): State<Api>,
    caller: Caller,
    Number(number): Number,
) -> Result<Json<TicketView>, Problem> {
    caller.must(Right::Read)?;
    let ticket = visible(&mut api.db.read().await?, &caller, number).await?;
    Ok(Json(TicketView::of(&ticket, api.service.now())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nothing_else_does() {
        let at = DateTime::from_timestamp_micros(1_795_000_000_123_456).expect("a moment");
        for sort in [Sort::Due, Sort::Newest] {
            let after = After { due_at: (sort == Sort::Due).then_some(at), number: 42 };
            assert_eq!(cursor_read(sort, &cursor_write(sort, at, TicketNumber(42))).ok(), Some(after));
        }
        let other = cursor_write(Sort::Newest, at, TicketNumber(42));
        for text in [
            "",
            "d",
            "d-",
            "dzz-1",
            "d-1-1",
            "d1",
            "dffffffffffffffff-1",
            "d7fffffffffffffff-1",
            other.as_str(),
            "д1-1",
        ] {
            let problem = cursor_read(Sort::Due, text).expect_err(text);
            assert_eq!(problem.status, if text == other { 409 } else { 422 }, "{text}");
        }
    }
}
