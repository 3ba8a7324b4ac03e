//! `/credits`: a month's availability and credits with error budgets, the checklist of its closing, approvals, the export.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::Web;
use super::closing::agreed;
use super::command::clean;
use super::error::Problem;
use super::guard::Me;
use super::page::{Page, html};
use super::posted::Posted;
use super::{intervals, notes, spans};
use crate::credits::view::{COLUMNS, csv_row, views};
use crate::credits::{
    self, Checklist, ClaimRequest, CreditsError, Judged, checklist, preview, replay, words,
};
use crate::domain::credit::{ClaimKind, Sheet};
use crate::domain::downtime::Month;
use crate::domain::ids::ServiceId;
use crate::domain::lang::Lang;
use crate::domain::person::Right;
use crate::store::{CreditRecord, CreditState, StoreError, Tx};
use crate::text::ZONE;

/// Services on a page.
const SHOWN: i64 = 200;

/// A service's month on the page.
#[derive(Default)]
pub struct Line {
    pub service: String,
    pub customer: String,
    /// Its intervals are there.
    pub address: String,
    /// How many are confirmed, in words.
    pub intervals: String,
    pub percent: String,
    pub down: String,
    /// The error budget that is left, in words, and whether the promise is kept.
    pub left: String,
    pub kept: bool,
    /// How much of the budget is left, per cent, for the bar; and the same in words.
    pub share: i64,
    pub bar: String,
    pub tier: String,
    pub credit: String,
    pub revision: i64,
    pub tone: &'static str,
    pub standing: String,
    pub reason: String,
    pub problem: String,
    pub may_decide: bool,
    /// The language of the customer's note; `None` where nothing is owed and there is none.
    pub note: Option<Lang>,
}

impl Line {
    /// What was computed.
    fn of(p: &Page, sheet: &Sheet) -> Self {
        let (budget, down) = (sheet.budget_ms, sheet.downtime_ms());
        let left = sheet.budget_left_ms();
        let share = if budget > 0 { i128::from(left.max(0)) * 100 / i128::from(budget) } else { 0 };
        let long = |ms| words::length(ms, p.lang);
        let key = if left < 0 { "web-credit-budget-over" } else { "web-credit-budget-of" };
        Self {
            service: sheet.service.to_string(),
            customer: sheet.customer.to_string(),
            address: intervals::address(sheet.month, sheet.service.as_str()),
            intervals: p.n("web-credit-intervals", i64::try_from(sheet.rows.len()).unwrap_or(i64::MAX)),
            percent: words::percent(sheet.percent(), p.lang),
            down: long(down),
            left: long(left),
            kept: sheet.tier_percent.is_zero(),
            share: i64::try_from(share).unwrap_or(0),
            bar: p.aa(key, ("left", long(left.abs())), ("all", long(budget))),
            tier: words::percent(sheet.tier_percent.normalize(), p.lang),
            credit: if sheet.credit.is_zero() {
                "–".to_owned()
            } else {
                words::amount(sheet.credit, p.lang)
            },
            ..Self::default()
        }
    }

    /// A service's month: the figures, or why there are none.
    pub fn judged<E: std::fmt::Display>(
        p: &Page,
        (service, month): (&ServiceId, Month),
        sheet: &Result<Sheet, E>,
    ) -> Self {
        match sheet {
            Ok(sheet) => Self::of(p, sheet),
            Err(error) => Self {
                service: service.to_string(),
                address: intervals::address(month, service.as_str()),
                intervals: p.n("web-credit-intervals", 0),
                problem: error.to_string(),
                ..Self::default()
            },
        }
    }

    /// How the frozen record stands.
    pub fn standing(self, p: &Page, me: &Me, record: &CreditRecord, lang: Lang) -> Self {
        Self {
            revision: record.revision,
            tone: spans::tone(record.state.as_str()),
            standing: p.t(&format!("web-credit-{}", record.state)),
            may_decide: record.state == CreditState::Waiting && me.may(Right::Credit),
            reason: if record.revision > 1 { record.reason.clone() } else { String::new() },
            note: (record.state != CreditState::Nothing).then_some(lang),
            ..self
        }
    }
}

#[derive(Template)]
#[template(path = "credits.html")]
struct CreditsPage {
    p: Page,
    month: Month,
    title: String,
    before: (Month, String),
    after: Option<(Month, String)>,
    standing: String,
    list: Checklist,
    unconfirmed: i64,
    unmeasured: i64,
    /// Control planes that nobody looks at any more, and since when.
    blind: Vec<String>,
    claims: i64,
    unapproved: i64,
    may_close: bool,
    lines: Vec<Line>,
    next: Option<String>,
}

/// What the address says.
#[derive(Debug, Default, Deserialize)]
pub struct Address {
    #[serde(default)]
    period: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
}

impl From<CreditsError> for Problem {
    fn from(error: CreditsError) -> Self {
        match error {
            CreditsError::Forbidden => Self::Forbidden,
            CreditsError::Own => Self::Wrong("web-wrong-own-customer"),
            CreditsError::NotFound(_) | CreditsError::NoTerms { .. } => Self::NotFound,
            CreditsError::NotOver(_) => Self::Wrong("web-wrong-not-over"),
            CreditsError::Undecided { .. } => Self::Wrong("web-wrong-undecided"),
            CreditsError::Already(_) => Self::Wrong("web-wrong-already"),
            CreditsError::Credit(_) => Self::Wrong("web-wrong-price"),
            CreditsError::Store(error) => error.into(),
        }
    }
}

/// The month that an address or a form names.
fn named(text: &str, fallback: Month) -> Result<Month, Problem> {
    if text.is_empty() { Ok(fallback) } else { text.parse().map_err(|_| Problem::Wrong("web-wrong-month")) }
}

async fn lines(
    web: &Web,
    tx: &mut Tx,
    p: &Page,
    me: &Me,
    checks: &Checklist,
    after: &str,
) -> Result<(Vec<Line>, Option<String>), Problem> {
    let (policies, month) = (web.service.policies(), checks.month);
    let mut lines = Vec::new();
    if checks.closed.is_some() {
        let records = tx.credits_of_month(month, (after, SHOWN), (None, None)).await?;
        let full = i64::try_from(records.len()).unwrap_or(SHOWN) == SHOWN;
        let next = records.last().filter(|_| full).map(|r| r.inputs.service.0.clone());
        let mut languages = HashMap::new();
        for record in records {
            let (service, customer) = (&record.inputs.service, &record.inputs.customer);
            let lang = match languages.get(customer) {
                Some(lang) => *lang,
                None if record.state == CreditState::Nothing => p.lang,
                None => notes::language(tx, customer, p.lang).await?,
            };
            if record.state != CreditState::Nothing {
                languages.insert(customer.clone(), lang);
            }
            let line = Line::judged(p, (service, month), &replay(&record, policies));
            lines.push(line.standing(p, me, &record, lang));
        }
        return Ok((lines, next));
    }
    let Some((batch, last)) = preview(tx, policies, month, after).await? else { return Ok((lines, None)) };
    let more = batch.len() > usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let mut end = last;
    for Judged { inputs, sheet } in batch.into_iter().take(usize::try_from(SHOWN).unwrap_or(usize::MAX)) {
        end.clone_from(&inputs.service.0);
        lines.push(Line::judged(p, (&inputs.service, month), &sheet));
    }
    Ok((lines, more.then_some(end)))
}

/// The page of a month.
pub async fn page(
    State(web): State<Web>,
    me: Me,
    Query(address): Query<Address>,
) -> Result<Response, Problem> {
    let mut p = Page::mine(&web, &me);
    let this = Month::of(web.now(), ZONE);
    let month = named(&address.period, this.before())?;
    let mut tx = web.db.read().await?;
    let list = checklist(&mut tx, web.service.policies(), month, web.now()).await?;
    let (lines, next) = lines(&web, &mut tx, &p, &me, &list, &address.after).await?;
    let finished = list.closed.as_ref().is_some_and(|c| c.finished_at.is_some());
    let many = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let standing = match (list.over, finished) {
        (_, true) => "web-period-closed",
        (true, false) => "web-period-over",
        (false, false) => "web-period-running",
    };
    if !address.done.is_empty() {
        p.done = Some(p.t("web-done-saved"));
    }
    html(&CreditsPage {
        title: words::month(month, p.lang),
        before: (month.before(), words::month(month.before(), p.lang)),
        after: (month < this).then(|| (month.next(), words::month(month.next(), p.lang))),
        standing: p.t(standing),
        unconfirmed: many(list.unconfirmed.len()),
        unmeasured: many(list.unmeasured.len()),
        blind: list
            .blind
            .iter()
            .map(|s| {
                p.aa("web-check-blind", ("cluster", s.cluster.as_str()), ("when", p.exactly(&s.seen_at)))
            })
            .collect(),
        claims: many(list.claims.len()),
        unapproved: many(list.unapproved.len()),
        may_close: me.may(Right::Credit) && list.ready() && !finished,
        p,
        month,
        list,
        lines,
        next,
    })
}

/// A deed as the form says it.
#[derive(Debug, Deserialize)]
pub struct Form {
    #[serde(rename = "do")]
    what: String,
    #[serde(default)]
    period: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    revision: i64,
    #[serde(default)]
    claim: Option<Uuid>,
    #[serde(default)]
    kind: Option<ClaimKind>,
    #[serde(default)]
    text: String,
    /// For closing: the sums that the one who closes was shown.
    #[serde(default)]
    sums: String,
}

/// Closes a period, decides a credit or a claim.
pub async fn act(State(web): State<Web>, me: Me, Posted(form): Posted<Form>) -> Result<Response, Problem> {
    run(&web, &me, &form).await.map_err(|problem| problem.keeping(&form.text))
}

async fn run(web: &Web, me: &Me, form: &Form) -> Result<Response, Problem> {
    let (desk, actor) = (&web.service, me.actor());
    let month = named(&form.period, Month::of(web.now(), ZONE).before())?;
    if form.what == "close" {
        // Nobody closes other sums than he was shown, and nobody without having been asked.
        if form.sums != agreed(web, &mut web.db.read().await?, month).await?.digest() {
            let changed = if form.sums.is_empty() { "" } else { "?changed=yes" };
            return Ok(Redirect::to(&format!("/credits/{month}/close{changed}")).into_response());
        }
        let (_, problems) = credits::close(&web.db, desk, month, &actor).await?;
        if !problems.is_empty() {
            return Err(Problem::Wrong("web-wrong-price").keeping(&problems.join("\n")));
        }
    } else {
        let mut tx = web.db.begin().await?;
        let service = ServiceId(form.service.clone());
        let key = (&service.clone(), month, form.revision);
        let claim = form.claim.ok_or(Problem::Wrong("web-wrong-form"));
        match form.what.as_str() {
            "approve" => drop(credits::approve(&mut tx, desk, key, &actor).await?),
            "approve-all" => drop(credits::approve_all(&mut tx, desk, month, &actor).await?),
            "decline" => credits::decline(&mut tx, desk, key, &actor).await?,
            "claim" => {
                let kind = form.kind.ok_or(Problem::Wrong("web-wrong-form"))?;
                let evidence = clean(&form.text);
                if evidence.is_empty() {
                    return Err(Problem::Wrong("web-wrong-evidence"));
                }
                let request = ClaimRequest { service, month, kind, ticket: None, evidence };
                drop(credits::claim(&mut tx, desk, request, &actor).await.map_err(|error| match error {
                    CreditsError::NotFound(_) => Problem::Wrong("web-wrong-no-service"),
                    error => error.into(),
                })?);
            }
            "justify" => drop(credits::propose_claim(&mut tx, desk, (claim?, &form.text), &actor).await?),
            "grant" => drop(credits::decide_claim(&mut tx, desk, (claim?, true), &actor).await?),
            "refuse" => drop(credits::decide_claim(&mut tx, desk, (claim?, false), &actor).await?),
            _ => return Err(Problem::Wrong("web-wrong-command")),
        }
        match tx.commit().await {
            Ok(_) => {}
            Err(StoreError::Conflict) => return Err(Problem::Wrong("web-wrong-already")),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Redirect::to(&format!("/credits?period={month}&done=yes")).into_response())
}

/// The month as CSV for billing.
pub async fn export(State(web): State<Web>, _: Me, Path(month): Path<String>) -> Result<Response, Problem> {
    let month: Month = month.parse().map_err(|_| Problem::NotFound)?;
    let mut tx = web.db.read().await?;
    let policies = web.service.policies();
    let checks = checklist(&mut tx, policies, month, web.now()).await?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let broken = |error: csv::Error| {
        tracing::error!(%error, "the credits cannot be written as CSV");
        Problem::Broken
    };
    writer.write_record(COLUMNS).map_err(broken)?;
    let mut after = String::new();
    while let Some((views, end)) = views(&mut tx, policies, &checks, &after).await? {
        after = end;
        for view in &views {
            writer.write_record(csv_row(view)).map_err(broken)?;
        }
    }
    let bytes = writer.into_inner().map_err(|e| broken(e.into_error().into()))?;
    let name = format!("attachment; filename=\"credits-{month}.csv\"");
    Ok((
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)],
        bytes,
    )
        .into_response())
}
