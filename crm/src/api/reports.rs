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
use super::schema;
use crate::domain::kind::{Channel, Kind, Queue};
use crate::domain::person::Right;
use crate::reports::{Filter, GroupBy, Period, Reports, SlaReport, table};

/// Days of a report when none are named.
const DAYS: i64 = 30;

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
    #[param(inline)]
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

impl SlaParams {
    fn period(&self, api: &Api) -> Result<Period, Problem> {
        let last = Period::last(DAYS, api.service.now()).dates();
        let to = self.to.unwrap_or_else(|| last.1.max(self.from.unwrap_or(last.1)));
        let from = self
            .from
            .unwrap_or_else(|| to.checked_sub_days(chrono::Days::new(DAYS.unsigned_abs() - 1)).unwrap_or(to));
        Period::new(from, to).map_err(|problem| Problem::conflict("period", format!("from, to: {problem}")))
    }
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
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not with a customer's token", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "No such period", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A parameter cannot be used", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Busy", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn sla(
    State(api): State<Api>,
    caller: Caller,
    Params(params): Params<SlaParams>,
) -> Result<Response, Problem> {
    caller.must(Right::Read)?;
    caller.must_see_all()?;
    let period = params.period(&api)?;
    let filter = Filter { kind: params.kind, queue: params.queue, channel: params.channel };
    let reports = Reports::new(api.service.clone(), api.db.clone());
    let report = reports.sla(period, params.group_by.unwrap_or_default(), filter).await?;
    let broken = |error: String| {
        tracing::error!(error, "a report cannot be written");
        Problem::broken(false)
    };
    let (kind, name, bytes) = match params.format.unwrap_or(Form::Json) {
        Form::Json => return Ok(Json(report).into_response()),
        Form::Csv => {
            let tables = table::tables(&report);
            let first = tables.first().ok_or_else(|| broken("no table".to_owned()))?;
            ("text/csv; charset=utf-8", "csv", table::csv(first).map_err(|e| broken(e.to_string()))?)
        }
        Form::Xlsx => {
            let bytes = table::xlsx(&table::tables(&report)).map_err(|e| broken(e.to_string()))?;
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", bytes)
        }
    };
    let file = format!("attachment; filename=\"sla-{}-{}.{name}\"", report.from, report.to);
    let disposition = HeaderValue::from_str(&file).map_err(|e| broken(e.to_string()))?;
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static(kind)), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, bytes).into_response())
}
