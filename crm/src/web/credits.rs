//! `/credits`: a month's availability and credits with error budgets, the checklist of its closing, approvals, the export, and the
//! printable note of each.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::Web;
use super::command::clean;
use super::error::Problem;
use super::files::disposition;
use super::guard::Me;
use super::page::{Page, html};
use super::posted::Posted;
use crate::credits::note::Note;
use crate::credits::view::{COLUMNS, csv_row, views};
use crate::credits::{
    self, Checklist, ClaimRequest, CreditsError, Judged, checklist, preview, replay, words,
};
use crate::domain::credit::{ClaimKind, Sheet};
use crate::domain::downtime::Month;
use crate::domain::ids::ServiceId;
use crate::domain::lang::Lang;
use crate::domain::person::Right;
use crate::store::{CreditState, StoreError, Tx};
use crate::text::ZONE;

/// Services on a page.
const SHOWN: i64 = 200;

/// A service's month on the page.
struct Line {
    service: String,
    customer: String,
    percent: String,
    down: String,
    /// The error budget that is left, in words, and whether the promise is kept.
    left: String,
    kept: bool,
    /// How much of the budget is used, per cent, for the bar; at most 100.
    used: i64,
    tier: String,
    credit: String,
    revision: i64,
    tone: &'static str,
    standing: String,
    reason: String,
    problem: String,
    may_decide: bool,
}

impl Line {
    fn of(p: &Page, sheet: &Sheet) -> Self {
        let (budget, down) = (sheet.budget_ms, sheet.downtime_ms());
        let used = if budget > 0 { (i128::from(down) * 100 / i128::from(budget)).min(100) } else { 100 };
        Self {
            service: sheet.service.to_string(),
            customer: sheet.customer.to_string(),
            percent: words::percent(sheet.percent(), p.lang),
            down: words::length(down, p.lang),
            left: words::length(sheet.budget_left_ms(), p.lang),
            kept: sheet.tier_percent.is_zero(),
            used: i64::try_from(used).unwrap_or(100),
            tier: words::percent(sheet.tier_percent.normalize(), p.lang),
            credit: if sheet.credit.is_zero() {
                "–".to_owned()
            } else {
                words::amount(sheet.credit, p.lang)
            },
            revision: 0,
            tone: "",
            standing: String::new(),
            reason: String::new(),
            problem: String::new(),
            may_decide: false,
        }
    }

    fn broken(service: &ServiceId, problem: String) -> Self {
        Self {
            service: service.to_string(),
            customer: String::new(),
            percent: String::new(),
            down: String::new(),
            left: String::new(),
            kept: false,
            used: 0,
            tier: String::new(),
            credit: String::new(),
            revision: 0,
            tone: "",
            standing: String::new(),
            reason: String::new(),
            problem,
            may_decide: false,
        }
    }
}

#[derive(Template)]
#[template(path = "credits.html")]
struct CreditsPage {
    p: Page,
    month: Month,
    title: String,
    before: Month,
    after: Option<Month>,
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
        for record in records {
            let mut line = match replay(&record, policies) {
                Ok(sheet) => Line::of(p, &sheet),
                Err(error) => Line::broken(&record.inputs.service, error.to_string()),
            };
            line.revision = record.revision;
            line.tone = super::incidents::tone(record.state.as_str());
            line.standing = p.t(&format!("web-credit-{}", record.state));
            line.may_decide = record.state == CreditState::Waiting && me.may(Right::Credit);
            if record.revision > 1 {
                line.reason = record.reason;
            }
            lines.push(line);
        }
        return Ok((lines, next));
    }
    let Some((batch, last)) = preview(tx, policies, month, after).await? else { return Ok((lines, None)) };
    let more = batch.len() > usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let mut end = last;
    for Judged { inputs, sheet } in batch.into_iter().take(usize::try_from(SHOWN).unwrap_or(usize::MAX)) {
        end.clone_from(&inputs.service.0);
        lines.push(match sheet {
            Ok(sheet) => Line::of(p, &sheet),
            Err(error) => Line::broken(&inputs.service, error.to_string()),
        });
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
        before: month.before(),
        after: (month < this).then(|| month.next()),
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
}

/// Closes a period, decides a credit or a claim.
pub async fn act(State(web): State<Web>, me: Me, Posted(form): Posted<Form>) -> Result<Response, Problem> {
    let (desk, actor) = (&web.service, me.actor());
    let month = named(&form.period, Month::of(web.now(), ZONE).before())?;
    if form.what == "close" {
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
                drop(credits::claim(&mut tx, desk, request, &actor).await?);
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

#[derive(Template)]
#[template(path = "credit_note.html")]
struct NotePage {
    n: Note,
    /// Where the same is as a PDF.
    pdf: String,
}

/// The language that a note is asked for in.
#[derive(Debug, Default, Deserialize)]
pub struct NoteAddress {
    lang: Option<Lang>,
}

async fn written(web: &Web, (month, service): (&str, String), lang: Lang) -> Result<Note, Problem> {
    let month: Month = month.parse().map_err(|_| Problem::NotFound)?;
    let mut tx = web.db.read().await?;
    let record = tx.credit_revisions(&ServiceId(service), month).await?.pop().ok_or(Problem::NotFound)?;
    let customer = &record.inputs.customer;
    let name = tx.customer_fetch(customer).await?.map_or_else(|| customer.to_string(), |c| c.name);
    let names = (name, web.support.provider.clone());
    Ok(Note::of(&record, web.service.policies(), names, lang)?)
}

/// The printable note of a service's month, as the record stands; in any language, for the customer may read another than the desk.
pub async fn note(
    State(web): State<Web>,
    me: Me,
    Path((month, service)): Path<(String, String)>,
    Query(address): Query<NoteAddress>,
) -> Result<Response, Problem> {
    let lang = address.lang.unwrap_or(Page::mine(&web, &me).lang);
    let n = written(&web, (&month, service), lang).await?;
    let pdf = format!("note.pdf?lang={lang}");
    html(&NotePage { n, pdf })
}

/// The same as a PDF.
pub async fn pdf(
    State(web): State<Web>,
    me: Me,
    Path((month, service)): Path<(String, String)>,
    Query(address): Query<NoteAddress>,
) -> Result<Response, Problem> {
    let lang = address.lang.unwrap_or(Page::mine(&web, &me).lang);
    let note = written(&web, (&month, service), lang).await?;
    let name = disposition(&format!("{}-{month}-{lang}.pdf", note.service));
    // Fonts are cut down and pressed: not on the threads that answer others.
    let made = tokio::task::spawn_blocking(move || note.pdf()).await.map_err(|e| e.to_string());
    let bytes = made.flatten().map_err(|error| {
        tracing::error!(error, "a credit note cannot be made a PDF");
        Problem::Broken
    })?;
    let kind = HeaderValue::from_static("application/pdf");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}
