//! `/api/v1/intervals`: what people say happened to a service, and what another person agrees to (C8). What does not count is an interval
//! with a cause that says so (C13).

use async_trait::async_trait;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Api;
use super::caller::Caller;
use super::idempotency::{Asked, Failure, Work};
use super::incidents::number;
use super::input::{Body, IdempotencyKey, Params, at_most, id, text};
use super::problem::Problem;
use super::refusals;
use super::schema;
use crate::domain::credit::Cause;
use crate::domain::ids::ServiceId;
use crate::domain::incident::{Downtime, DowntimeState};
use crate::domain::person::Right;
use crate::incidents::{self as desk, Proposal, Ruling};
use crate::store::Tx;

/// Most intervals of one answer.
const PAGE: i64 = 500;
/// How much evidence an interval has, characters.
const EVIDENCE: usize = 1_000;

/// Which intervals.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct IntervalParams {
    /// Of this service.
    #[param(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"^[^\x00]+$")]
    service: Option<ServiceId>,
    /// In this state; otherwise in any.
    #[param(value_type = Option<schema::DowntimeState>, inline)]
    state: Option<DowntimeState>,
    /// What touches the time from then; otherwise of the last year.
    from: Option<DateTime<Utc>>,
    /// Until then; otherwise until a year from now, as works lie ahead.
    to: Option<DateTime<Utc>>,
    /// Intervals after this one, in the order of their ids: `next` of the page before.
    after: Option<Uuid>,
}

/// An interval that is proposed or confirmed.
#[derive(Debug, Serialize, ToSchema)]
pub struct DowntimeView {
    /// Its record.
    id: String,
    /// Of which service.
    service: String,
    /// `unmeasured`, `proposed`, `confirmed` or `withdrawn`.
    state: &'static str,
    /// Why, in a word of the policy file.
    cause: Option<&'static str>,
    /// From when.
    started_at: DateTime<Utc>,
    /// Until when.
    ended_at: DateTime<Utc>,
    /// What shows it.
    evidence: String,
    /// Who says so; `monitoring` until a person does.
    confirmed_by: String,
    /// Who agreed.
    seconded_by: Option<String>,
    /// Who says that it is wrong, until a second person agrees.
    disputed_by: Option<String>,
}

impl From<Downtime> for DowntimeView {
    fn from(d: Downtime) -> Self {
        Self {
            id: d.id.to_string(),
            service: d.service.0,
            state: d.state.as_str(),
            cause: d.cause.map(Cause::as_str),
            started_at: d.starts,
            ended_at: d.ends,
            evidence: d.evidence,
            confirmed_by: d.proposed_by,
            seconded_by: d.seconded_by,
            disputed_by: d.disputed_by,
        }
    }
}

/// Intervals, in the order of their ids.
#[derive(Debug, Serialize, ToSchema)]
pub struct IntervalList {
    /// The intervals.
    items: Vec<DowntimeView>,
    /// Where the next page begins; null on the last one.
    next: Option<Uuid>,
}

/// List intervals.
#[utoipa::path(
    get,
    path = "/intervals",
    tag = "incidents",
    params(IntervalParams),
    responses(
        (status = 200, description = "Intervals", body = IntervalList),
        (status = 403, description = "Not with a customer's token", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A parameter cannot be used", body = Problem, content_type = "application/problem+json"),
        refusals::Always,
    ),
)]
pub async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(params): Params<IntervalParams>,
) -> Result<Json<IntervalList>, Problem> {
    caller.must(Right::Read)?;
    caller.must_see_all()?;
    id("service", params.service.as_ref().map(ServiceId::as_str))?;
    let (now, year) = (api.service.now(), TimeDelta::days(366));
    let time = (known(params.from.unwrap_or(now - year)), known(params.to.unwrap_or(now + year)));
    let which = (params.service.as_ref(), params.state);
    let mut tx = api.db.read().await?;
    let found = tx.downtime_list(which, time, (params.after.unwrap_or_default(), PAGE)).await?;
    let full = i64::try_from(found.len()).unwrap_or(PAGE) == PAGE;
    let next = found.last().filter(|_| full).map(|d| d.id);
    Ok(Json(IntervalList { items: found.into_iter().map(DowntimeView::from).collect(), next }))
}

/// The nearest moment that both databases can hold.
fn known(at: DateTime<Utc>) -> DateTime<Utc> {
    const LAST: i64 = 253_370_764_800;
    let border = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    at.clamp(border(0), border(LAST))
}

/// A moment that both databases can hold.
pub(super) fn storable(at: DateTime<Utc>) -> Result<(), Problem> {
    if known(at) == at {
        return Ok(());
    }
    Err(Problem::conflict("interval", format!("{at}: write a moment of the years 1970 to 9998")))
}

/// What somebody says happened.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInterval {
    /// Which service.
    #[schema(value_type = String, min_length = 1, max_length = 100, pattern = r"^[^\x00]+$")]
    service: ServiceId,
    /// Of which incident, such as `IN-000007`.
    #[schema(pattern = r"^(IN-)?[0-9]{1,18}$")]
    incident: Option<String>,
    /// Why: the cause says whether it counts (C13).
    #[schema(value_type = schema::Cause)]
    cause: Cause,
    /// From when.
    started_at: DateTime<Utc>,
    /// Until when.
    ended_at: DateTime<Utc>,
    /// What shows it.
    #[schema(min_length = 1, max_length = 1_000, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$")]
    evidence: String,
}

/// Propose an interval: an outage, or what does not count.
///
/// It counts once another person confirms it. Planned works may lie ahead: they are announced when they are confirmed.
#[utoipa::path(
    post,
    path = "/intervals",
    tag = "incidents",
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of your own, new for each new interval",
        min_length = 1, max_length = 255)),
    request_body = NewInterval,
    responses(
        (status = 201, description = "The interval", body = DowntimeView),
        refusals::Body,
        refusals::Outage,
        refusals::Always,
    ),
)]
pub async fn create(
    State(api): State<Api>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    Body { value, digest }: Body<NewInterval>,
) -> Result<Response, Problem> {
    caller.must_be_person()?;
    id("service", Some(value.service.as_str()))?;
    storable(value.started_at)?;
    storable(value.ended_at)?;
    text("evidence", &value.evidence).and_then(|said| at_most("evidence", &said, EVIDENCE))?;
    Asked::new(caller, (key, digest), StatusCode::CREATED, value).once(&api).await
}

#[async_trait]
impl Work for NewInterval {
    type Answer = DowntimeView;

    async fn run(&self, api: &Api, caller: &Caller, tx: &mut Tx) -> Result<DowntimeView, Failure> {
        let proposal = Proposal {
            service: self.service.clone(),
            incident: self.incident.as_deref().map(number).transpose()?,
            cause: self.cause,
            starts: self.started_at,
            ends: self.ended_at,
            evidence: self.evidence.clone(),
        };
        Ok(desk::propose(tx, &api.service, proposal, &caller.actor()).await?.into())
    }
}

/// Something to be said about an interval.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum IntervalCommand {
    /// Agree with what another person said: it counts from now on, or is withdrawn if he disputes it.
    Confirm {},
    /// It is wrong. What is confirmed is withdrawn once another person agrees.
    Dispute {
        /// Why.
        #[schema(min_length = 1, max_length = 1_000, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$")]
        text: String,
    },
    /// In this gap of monitoring the service worked.
    Worked {
        /// What shows it.
        #[schema(min_length = 1, max_length = 1_000, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$")]
        evidence: String,
    },
    /// In this gap of monitoring it did not; another person must confirm it.
    Down {
        /// Why.
        #[schema(value_type = schema::Cause)]
        cause: Cause,
        /// What shows it.
        #[schema(min_length = 1, max_length = 1_000, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$")]
        evidence: String,
    },
}

/// Say something about an interval.
///
/// Answers with the interval as it is afterwards.
#[utoipa::path(
    post,
    path = "/intervals/{id}/commands",
    tag = "incidents",
    params(
        ("id" = Uuid, Path, description = "The interval's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Any text of your own, new for each new command",
            min_length = 1, max_length = 255),
    ),
    request_body = IntervalCommand,
    responses(
        (status = 200, description = "The interval afterwards", body = DowntimeView),
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
    Body { value, digest }: Body<IntervalCommand>,
) -> Result<Response, Problem> {
    caller.must_be_person()?;
    let id: Uuid = path.parse().map_err(|_| Problem::not_found(format!("there is no interval {path}")))?;
    if let IntervalCommand::Dispute { text: said }
    | IntervalCommand::Worked { evidence: said }
    | IntervalCommand::Down { evidence: said, .. } = &value
    {
        text("text", said).and_then(|said| at_most("text", &said, EVIDENCE))?;
    }
    let work = Said { id, command: value };
    Asked::new(caller, (key, digest), StatusCode::OK, work).once(&api).await
}

/// A command to be carried out.
struct Said {
    id: Uuid,
    command: IntervalCommand,
}

#[async_trait]
impl Work for Said {
    type Answer = DowntimeView;

    async fn run(&self, api: &Api, caller: &Caller, tx: &mut Tx) -> Result<DowntimeView, Failure> {
        let (service, actor) = (&api.service, caller.actor());
        let done = match &self.command {
            IntervalCommand::Confirm {} => desk::second(tx, service, self.id, &actor).await?,
            IntervalCommand::Dispute { text } => desk::dispute(tx, service, (self.id, text), &actor).await?,
            IntervalCommand::Worked { evidence } => {
                desk::rule(tx, service, (self.id, Ruling::Worked, evidence), &actor).await?
            }
            IntervalCommand::Down { cause, evidence } => {
                desk::rule(tx, service, (self.id, Ruling::Down(*cause), evidence), &actor).await?
            }
        };
        Ok(done.into())
    }
}
