//! `/api/v1/credits`: what billing takes over.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Api;
use super::caller::Caller;
use super::input::{Params, id};
use super::problem::Problem;
use super::refusals;
use crate::credits::view::{COLUMNS, CreditView, csv_row};
use crate::credits::{CreditsError, checklist, preview};
use crate::domain::downtime::Month;
use crate::domain::ids::CustomerId;
use crate::domain::person::Right;
use crate::store::{CreditState, Tx};

/// Most services of one answer.
const PAGE: i64 = 1_000;

/// A form of the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreditForm {
    /// With everything that explains a figure.
    Json,
    /// One line per service.
    Csv,
}

/// Which figures.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CreditParams {
    /// The reporting period, such as `2026-10`.
    #[param(value_type = String, pattern = "^(19[7-9][0-9]|[2-8][0-9]{3})-(0[1-9]|1[0-2])$")]
    period: String,
    /// Of this customer.
    #[param(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"^[^\x00]+$")]
    customer: Option<CustomerId>,
    /// Only the discounts that are approved: what goes on the bill.
    approved: Option<bool>,
    /// Services after this one, in the order of their ids: `next` of the page before.
    #[param(max_length = 100, pattern = r"^[^\x00]*$")]
    after: Option<String>,
    /// In which form.
    #[param(inline)]
    format: Option<CreditForm>,
}

/// Figures of a month, by service.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditList {
    /// The reporting period.
    period: String,
    /// Whether it is closed: then the figures are frozen records, and the same answer comes for ever unless somebody corrects one.
    closed: bool,
    /// The services.
    items: Vec<CreditView>,
    /// Where the next page begins; null on the last one.
    next: Option<String>,
}

impl From<CreditsError> for Problem {
    fn from(error: CreditsError) -> Self {
        match error {
            CreditsError::Store(error) => error.into(),
            CreditsError::Forbidden | CreditsError::Own => Self::forbidden(error.to_string()),
            CreditsError::NotFound(_) => Self::not_found(error.to_string()),
            other => Self::conflict("credits", other.to_string()),
        }
    }
}

/// The figures of a closed period from its records, of another from what is confirmed now.
async fn page(
    api: &Api,
    tx: &mut Tx,
    month: Month,
    params: &CreditParams,
    customer: Option<&CustomerId>,
) -> Result<CreditList, Problem> {
    let policies = api.service.policies();
    let list = checklist(tx, policies, month, api.service.now()).await?;
    let closed = list.closed.is_some();
    let after = params.after.as_deref().unwrap_or_default();
    let (mut items, mut next) = (Vec::new(), None);
    if closed {
        let state = params.approved.unwrap_or(false).then_some(CreditState::Approved);
        let records = tx.credits_of_month(month, (after, PAGE), (customer, state)).await?;
        if i64::try_from(records.len()).unwrap_or(PAGE) == PAGE {
            next = records.last().map(|r| r.inputs.service.0.clone());
        }
        for record in &records {
            items.push(CreditView::frozen(record, policies)?);
        }
    } else if !params.approved.unwrap_or(false) {
        let mut from = after.to_owned();
        // A customer has few services among many: pages are filled before they are handed out.
        while let Some((batch, last)) = preview(tx, policies, month, &from).await? {
            let wanted = batch.iter().filter(|j| customer.is_none_or(|c| *c == j.inputs.customer));
            items.extend(wanted.map(|judged| CreditView::computed(judged, list.over)));
            from.clone_from(&last);
            if items.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX) {
                next = Some(last);
                break;
            }
        }
    }
    Ok(CreditList { period: month.to_string(), closed, items, next })
}

/// Availability and credits of a month.
///
/// A closed period's figures are frozen records: asking again gives the same answer, and a correction is a new `revision` of the same
/// service and period. Billing takes those with `approved=true`, each identified by service, period and revision.
#[utoipa::path(
    get,
    path = "/credits",
    tag = "credits",
    params(CreditParams),
    responses(
        (status = 200, description = "The figures", content((CreditList = "application/json"), (String = "text/csv"))),
        (status = 403, description = "Another customer's", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "No terms were in force", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A parameter cannot be used", body = Problem, content_type = "application/problem+json"),
        refusals::Always,
    ),
)]
pub async fn credits(
    State(api): State<Api>,
    caller: Caller,
    Params(params): Params<CreditParams>,
) -> Result<Response, Problem> {
    caller.must(Right::Read)?;
    id("customer", params.customer.as_ref().map(CustomerId::as_str))?;
    if let Some(after) = params.after.as_deref().filter(|after| !after.is_empty()) {
        id("after", Some(after))?;
    }
    if let (Some(own), Some(asked)) = (&caller.customer, &params.customer)
        && own != asked
    {
        return Err(Problem::forbidden(format!("this token is limited to the customer {own}")));
    }
    let month: Month =
        params.period.parse().map_err(|problem| Problem::invalid(format!("period: {problem}")))?;
    let customer = caller.customer.clone().or_else(|| params.customer.clone());
    let mut tx = api.db.read().await?;
    let list = page(&api, &mut tx, month, &params, customer.as_ref()).await?;
    if params.format.unwrap_or(CreditForm::Json) == CreditForm::Json {
        return Ok(Json(list).into_response());
    }
    let broken = |error: csv::Error| {
        tracing::error!(%error, "the credits cannot be written as CSV");
        Problem::broken(false)
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(broken)?;
    for view in &list.items {
        writer.write_record(csv_row(view)).map_err(broken)?;
    }
    let bytes = writer.into_inner().map_err(|e| broken(e.into_error().into()))?;
    let name = format!("attachment; filename=\"credits-{month}.csv\"");
    let mut response = (
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)],
        bytes,
    )
        .into_response();
    if let Some(next) = list.next.and_then(|next| next.parse().ok()) {
        response.headers_mut().insert("komek-next", next);
    }
    Ok(response)
}
