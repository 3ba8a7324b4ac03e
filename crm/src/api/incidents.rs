//! `/api/v1/incidents`: what is broken or was, and what the desk does about it.

use async_trait::async_trait;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Api;
use super::caller::Caller;
use super::idempotency::{Asked, Failure, Work};
use super::input::{Body, IdempotencyKey, Params, at_most, id, numbered, text};
use super::intervals::{DowntimeView, storable};
use super::problem::Problem;
use super::refusals;
use crate::admin::broadcast;
use crate::domain::ids::{ServiceId, TicketNumber};
use crate::domain::incident::{Incident, IncidentNumber};
use crate::domain::lang::Lang;
use crate::domain::person::Right;
use crate::incidents::{self as desk, IncidentError};
use crate::store::{Bodies, Tx};

/// Which incidents.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct IncidentParams {
    /// Those that are over, instead of those that are not.
    over: Option<bool>,
}

/// An incident.
#[derive(Debug, Serialize, ToSchema)]
pub struct IncidentView {
    /// The number.
    number: String,
    /// `open`, `restored`, `closed` or `dismissed`.
    state: &'static str,
    /// Who reported it first: `ticket`, `alert` or `engineer`.
    source: &'static str,
    /// The earlier of monitoring's record and the customer's message (C8).
    started_at: DateTime<Utc>,
    /// When everything worked again.
    ended_at: Option<DateTime<Utc>>,
    /// What it is about, in the desk's words.
    words: String,
    /// What it affects.
    services: Vec<String>,
    /// How many tickets report it.
    tickets: usize,
    /// The intervals that are proposed or confirmed of it.
    intervals: Vec<DowntimeView>,
}

/// Incidents, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct IncidentList {
    /// At most two hundred.
    items: Vec<IncidentView>,
}

impl From<IncidentError> for Problem {
    fn from(error: IncidentError) -> Self {
        let said = error.to_string();
        match error {
            IncidentError::Store(error)
            | IncidentError::Broadcast(broadcast::Problem::Store(error))
            | IncidentError::Credit(crate::credits::CreditsError::Store(error)) => error.into(),
            IncidentError::Credit(error) => error.into(),
            IncidentError::Refused(refusal) => refusal.into(),
            IncidentError::Forbidden | IncidentError::Broadcast(broadcast::Problem::Forbidden) => {
                Self::forbidden(format!("{said}; use a token of another role"))
            }
            IncidentError::NotFound(_) => Self::not_found(said),
            IncidentError::NoService { .. } => Self::conflict("no-such-service", said),
            IncidentError::SamePerson(_) => Self::conflict("another-person", said),
            IncidentError::Already(_) => Self::conflict("already", said),
            IncidentError::NoEvidence => Self::conflict("no-evidence", said),
            IncidentError::Broadcast(_) => Self::conflict("broadcast", said),
            IncidentError::Backwards { .. }
            | IncidentError::Future(_)
            | IncidentError::Cause(_)
            | IncidentError::LateNotice { .. }
            | IncidentError::LongerThanOutage { .. } => Self::conflict("interval", said),
        }
    }
}

/// The number of an incident in a path.
pub(super) fn number(text: &str) -> Result<IncidentNumber, Problem> {
    numbered(text, "IN-")
}

impl IncidentView {
    async fn of(tx: &mut Tx, incident: Incident) -> Result<Self, Problem> {
        let intervals = tx.downtime_of_incident(incident.id).await?;
        Ok(Self {
            number: incident.number.to_string(),
            state: incident.state.as_str(),
            source: incident.source.as_str(),
            started_at: incident.started_at,
            ended_at: incident.ended_at,
            words: incident.words,
            services: incident.services.into_iter().map(|s| s.0).collect(),
            tickets: incident.tickets.len(),
            intervals: intervals.into_iter().map(DowntimeView::from).collect(),
        })
    }

    async fn now(tx: &mut Tx, number: IncidentNumber) -> Result<Self, Problem> {
        let incident = tx.incident_by_number(number).await?;
        Self::of(tx, incident.ok_or_else(|| Problem::not_found(format!("there is no {number}")))?).await
    }
}

/// List incidents.
#[utoipa::path(
    get,
    path = "/incidents",
    tag = "incidents",
    params(IncidentParams),
    responses(
        (status = 200, description = "Incidents", body = IncidentList),
        (status = 403, description = "Not with a customer's token", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A parameter cannot be used", body = Problem, content_type = "application/problem+json"),
        refusals::Always,
    ),
)]
pub async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(params): Params<IncidentParams>,
) -> Result<Json<IncidentList>, Problem> {
    caller.must(Right::Read)?;
    caller.must_see_all()?;
    let mut tx = api.db.read().await?;
    let mut items = Vec::new();
    for incident in tx.incidents(!params.over.unwrap_or(false), 200).await? {
        items.push(IncidentView::of(&mut tx, incident).await?);
    }
    Ok(Json(IncidentList { items }))
}

/// One incident.
#[utoipa::path(
    get,
    path = "/incidents/{number}",
    tag = "incidents",
    params(("number" = String, Path, description = "`IN-000007`, or `7`", pattern = r"^(IN-)?[0-9]{1,18}$")),
    responses(
        (status = 200, description = "The incident", body = IncidentView),
        refusals::Outage,
        refusals::Always,
    ),
)]
pub async fn read(
    State(api): State<Api>,
    caller: Caller,
    Path(path): Path<String>,
) -> Result<Json<IncidentView>, Problem> {
    caller.must(Right::Read)?;
    caller.must_see_all()?;
    let mut tx = api.db.read().await?;
    Ok(Json(IncidentView::now(&mut tx, number(&path)?).await?))
}

/// An incident to be opened.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIncident {
    /// What it affects, by the ids of the directory.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 1000)]
    services: Vec<ServiceId>,
    /// Since when.
    started_at: DateTime<Utc>,
    /// What it is about.
    #[schema(max_length = 1_000, pattern = r"^[^\x00]*$")]
    #[serde(default)]
    words: String,
}

/// Open an incident.
///
/// What a ticket or an alert reports opens its incident by itself; this is for what somebody noticed.
#[utoipa::path(
    post,
    path = "/incidents",
    tag = "incidents",
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of your own, new for each new incident",
        min_length = 1, max_length = 255)),
    request_body = NewIncident,
    responses(
        (status = 201, description = "The incident", body = IncidentView),
        refusals::Body,
        refusals::Outage,
        refusals::Always,
    ),
)]
pub async fn create(
    State(api): State<Api>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    Body { value, digest }: Body<NewIncident>,
) -> Result<Response, Problem> {
    caller.must_judge()?;
    if !(1..=1_000).contains(&value.services.len()) {
        return Err(Problem::invalid("services: name at least one and at most a thousand"));
    }
    for service in &value.services {
        id("services", Some(service.as_str()))
            .map_err(|wrong| Problem::conflict("no-such-service", wrong.detail))?;
    }
    at_most("words", &value.words, 1_000)?;
    storable(value.started_at)?;
    Asked::new(caller, (key, digest), StatusCode::CREATED, value).once(&api).await
}

#[async_trait]
impl Work for NewIncident {
    type Answer = IncidentView;

    async fn run(&self, api: &Api, caller: &Caller, tx: &mut Tx) -> Result<IncidentView, Failure> {
        let what = (self.services.clone(), self.started_at, self.words.as_str());
        let incident = desk::open(tx, &api.service, what, &caller.actor()).await?;
        Ok(IncidentView::now(tx, incident.number).await?)
    }
}

/// Something to be done to an incident.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum IncidentCommand {
    /// A ticket reports the same.
    Attach {
        /// `KM-000042`
        #[schema(pattern = r"^(KM-)?[0-9]{1,18}$")]
        ticket: String,
    },
    /// Tell the customers whom it affects, each once, in their language; the duty manager's right.
    Announce {
        /// Қазақша
        #[schema(min_length = 1, max_length = 3_000, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$")]
        kk: String,
        /// Русский
        #[schema(min_length = 1, max_length = 3_000, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$")]
        ru: String,
        /// English
        #[schema(min_length = 1, max_length = 3_000, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$")]
        en: String,
    },
    /// Close it: everybody whose ticket it is and who still waits gets this answer in his own ticket.
    Close {
        /// The answer.
        #[schema(min_length = 1, max_length = 4_000, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$")]
        text: String,
    },
    /// It was none.
    Dismiss {},
}

impl IncidentCommand {
    /// The same with texts that can be stored.
    fn read(&self) -> Result<(), Problem> {
        match self {
            Self::Attach { ticket } => numbered::<TicketNumber>(ticket, "KM-").map(drop),
            Self::Announce { kk, ru, en } => {
                [("kk", kk), ("ru", ru), ("en", en)].iter().try_for_each(|(field, said)| {
                    text(field, said).and_then(|said| at_most(field, &said, 3_000)).map(drop)
                })
            }
            Self::Close { text: said } => {
                text("text", said).and_then(|said| at_most("text", &said, 4_000)).map(drop)
            }
            Self::Dismiss {} => Ok(()),
        }
    }
}

/// Do something to an incident.
///
/// Answers with the incident as it is afterwards.
#[utoipa::path(
    post,
    path = "/incidents/{number}/commands",
    tag = "incidents",
    params(
        ("number" = String, Path, description = "`IN-000007`, or `7`", pattern = r"^(IN-)?[0-9]{1,18}$"),
        ("Idempotency-Key" = Option<String>, Header, description = "Any text of your own, new for each new command",
            min_length = 1, max_length = 255),
    ),
    request_body = IncidentCommand,
    responses(
        (status = 200, description = "The incident afterwards", body = IncidentView),
        refusals::Body,
        refusals::Outage,
        refusals::Always,
    ),
)]
pub async fn run(
    State(api): State<Api>,
    caller: Caller,
    Path(path): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    Body { value, digest }: Body<IncidentCommand>,
) -> Result<Response, Problem> {
    match value {
        IncidentCommand::Announce { .. } => caller.must(Right::Emergency)?,
        _ => caller.must_judge()?,
    }
    value.read()?;
    let work = Given { number: number(&path)?, command: value };
    Asked::new(caller, (key, digest), StatusCode::OK, work).once(&api).await
}

/// A command to be carried out.
struct Given {
    number: IncidentNumber,
    command: IncidentCommand,
}

#[async_trait]
impl Work for Given {
    type Answer = IncidentView;

    async fn run(&self, api: &Api, caller: &Caller, tx: &mut Tx) -> Result<IncidentView, Failure> {
        let (service, actor, number) = (&api.service, caller.actor(), self.number);
        match &self.command {
            IncidentCommand::Attach { ticket } => {
                let ticket = ticket.parse().map_err(Problem::invalid)?;
                drop(desk::attach(tx, service, (number, ticket), &actor).await?);
            }
            IncidentCommand::Announce { kk, ru, en } => {
                let body: Bodies = [(Lang::Kk, kk), (Lang::Ru, ru), (Lang::En, en)]
                    .map(|(l, said)| (l, said.clone()))
                    .into();
                drop(desk::announce(tx, service, (number, body), &actor).await?);
            }
            IncidentCommand::Close { text } => {
                drop(desk::answer_all(tx, service, (number, text), &actor).await?);
            }
            IncidentCommand::Dismiss {} => drop(desk::dismiss(tx, service, number, &actor).await?),
        }
        Ok(IncidentView::now(tx, number).await?)
    }
}
