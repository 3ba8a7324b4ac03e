//! `/api/v1/reports/sla`: the figures that the page, the bot and the files show too.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::Api;
use super::caller::Caller;
use super::input::Params;
use super::problem::Problem;
use super::refusals;
use super::schema;
use crate::domain::kind::{Channel, Kind, Queue};
use crate::domain::person::Right;
use crate::reports::{Filter, GroupBy, Period, Reports, SlaReport, file};

/// A form of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// All of it.
    Json,
    /// The table of figures.
    Csv,
    /// All tables as a spreadsheet.
    Xlsx,
}

/// Which report.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SlaParams {
    /// The first day, in Almaty; thirty days ago unless said otherwise.
    from: Option<NaiveDate>,
    /// The last day; today unless said otherwise.
    to: Option<NaiveDate>,
    /// What it is divided by.
    #[param(value_type = Option<schema::GroupBy>, inline)]
    group_by: Option<GroupBy>,
    /// Of this kind only.
    #[param(value_type = Option<schema::Kind>, inline)]
    kind: Option<Kind>,
    /// In this department only.
    #[param(value_type = Option<schema::Queue>, inline)]
    queue: Option<Queue>,
    /// That came this way only.
    #[param(value_type = Option<schema::Channel>, inline)]
    channel: Option<Channel>,
    /// In which form.
    #[param(inline)]
    format: Option<Form>,
}

/// The SLA report of a period, beside the period before.
///
/// A ticket counts for the day on which it was opened; a promise whose deadline has passed is broken, now and for good.
#[utoipa::path(
    get,
    path = "/reports/sla",
    tag = "reports",
    params(SlaParams),
    responses(
        (status = 200, description = "The report", content(
            (SlaReport = "application/json"),
            (String = "text/csv"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        (status = 403, description = "Not with a customer's token", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "No such period", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A parameter cannot be used", body = Problem, content_type = "application/problem+json"),
        refusals::Always,
    ),
)]
pub async fn sla(
    State(api): State<Api>,
    caller: Caller,
    Params(params): Params<SlaParams>,
) -> Result<Response, Problem> {
    caller.must(Right::Read)?;
    caller.must_see_all()?;
    let period = Period::between(params.from, params.to, api.service.now())
        .map_err(|problem| Problem::conflict("period", format!("from, to: {problem}")))?;
    let filter = Filter { kind: params.kind, queue: params.queue, channel: params.channel };
    let reports = Reports::new(api.service.clone(), api.db.clone());
    let report = reports.sla(period, params.group_by.unwrap_or_default(), filter).await?;
    let form = match params.format.unwrap_or(Form::Json) {
        Form::Json => return Ok(Json(report).into_response()),
        Form::Csv => file::Form::Csv,
        Form::Xlsx => file::Form::Xlsx,
    };
    let file = file::write(&report, form).map_err(|error| {
        tracing::error!(error, "a report cannot be written");
        Problem::broken(false)
    })?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(file.kind)),
        (header::CONTENT_DISPOSITION, file.disposition),
    ];
    Ok((headers, file.bytes).into_response())
}
