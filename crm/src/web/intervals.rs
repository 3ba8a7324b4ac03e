//! `/credits/{month}/{service}/intervals`: a service's month with every interval it rests on, whoever belongs to an incident or not: who
//! proposed and confirmed it, and the buttons to say that it is wrong.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use uuid::Uuid;

use super::credits::Line;
use super::error::Problem;
use super::guard::Me;
use super::page::{Done, Page, html};
use super::spans::{Span, causes, door};
use super::ticket::staff_names;
use super::{Web, notes};
use crate::clock::Moment;
use crate::credits::{CreditsError, Judged, of_service, replay, words};
use crate::domain::downtime::Month;
use crate::domain::ids::ServiceId;

/// Most intervals on a page: of a month of one service there are a few.
const SHOWN: i64 = 1_000;

#[derive(Template)]
#[template(path = "intervals.html")]
struct IntervalsPage {
    p: Page,
    month: Month,
    title: String,
    customer: String,
    l: Line,
    spans: Vec<Span>,
    causes: Vec<(&'static str, String)>,
    /// Where a form is sent.
    door: &'static str,
    /// Where it leads: to this page again.
    back: String,
}

/// Where the intervals of a service's month are.
pub fn address(month: Month, service: &str) -> String {
    let service = url::form_urlencoded::byte_serialize(service.as_bytes()).collect::<String>();
    format!("/credits/{month}/{}/intervals", service.replace('+', "%20"))
}

/// The page, of a month that is closed or not.
pub async fn page(
    State(web): State<Web>,
    me: Me,
    Path((month, service)): Path<(String, String)>,
    Query(address): Query<Done>,
) -> Result<Response, Problem> {
    let month: Month = month.parse().map_err(|_| Problem::NotFound)?;
    let service = ServiceId(service);
    let mut p = Page::mine(&web, &me);
    let mut tx = web.db.read().await?;
    let policies = web.service.policies();
    let record = tx.credit_revisions(&service, month).await?.pop();
    let (l, customer, terms) = match record {
        Some(record) => {
            let lang = notes::language(&mut tx, &record.inputs.customer, p.lang).await?;
            let line = Line::judged(&p, (&service, month), &replay(&record, policies));
            let line = line.standing(&p, &me, &record, lang);
            (line, record.inputs.customer, record.inputs.terms)
        }
        None => {
            let judged = of_service(&mut tx, policies, &service, month).await;
            let Judged { inputs, sheet } = judged?.ok_or(Problem::NotFound)?;
            (Line::judged(&p, (&service, month), &sheet), inputs.customer, inputs.terms)
        }
    };
    let policy = policies.of_month(terms, month).ok_or(CreditsError::NoTerms { terms, month })?;
    let whole = month.span(policy.time_zone);
    let at = |ms| Moment::from_timestamp_millis(ms).unwrap_or_default();
    let frame = (at(whole.from()), at(whole.to()));
    let mut found = tx.downtime_list((Some(&service), None), frame, (Uuid::nil(), SHOWN)).await?;
    found.sort_by_key(|d| (d.starts, d.id));
    let names = staff_names(&mut tx).await?;
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let spans = found.iter().map(|d| Span::of(&p, &me, d, &name)).collect();
    let customer = tx.customer_fetch(&customer).await?.map_or_else(|| customer.to_string(), |c| c.name);
    if !address.done.is_empty() {
        p.done = Some(p.t("web-done-saved"));
    }
    html(&IntervalsPage {
        title: words::month(month, p.lang),
        causes: causes(&p),
        door: door(&me),
        back: format!("{month}/{service}"),
        p,
        month,
        customer,
        l,
        spans,
    })
}
