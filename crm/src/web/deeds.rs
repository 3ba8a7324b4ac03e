//! What is done to incidents and intervals with the forms of their pages: read, carried out once, and shown again where something must be
//! mended.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{NaiveDateTime, TimeZone};
use serde::Deserialize;
use uuid::Uuid;

use super::Web;
use super::again::Wrong;
use super::command::clean;
use super::error::Problem;
use super::guard::Me;
use super::page::Page;
use super::posted::Posted;
use crate::clock::Moment;
use crate::domain::credit::Cause;
use crate::domain::downtime::Month;
use crate::domain::ids::ServiceId;
use crate::domain::incident::IncidentNumber;
use crate::domain::lang::Lang;
use crate::domain::refusal::Refusal;
use crate::incidents::{self, IncidentError, Proposal, Ruling};
use crate::store::{Bodies, StoreError, Tx};
use crate::text::ZONE;

/// What the fields of a form begin with: what is known already, or what was typed and must be mended.
#[derive(Debug, Clone, Default)]
pub struct Fill {
    pub service: String,
    pub cause: String,
    pub from: String,
    pub until: String,
    pub ticket: String,
    pub text: String,
    pub kk: String,
    pub ru: String,
    pub en: String,
    /// What is wrong with it.
    pub wrong: Wrong,
}

impl Fill {
    /// Whether `cause` is chosen.
    pub fn has(&self, cause: &str) -> bool {
        self.cause == cause
    }

    /// The steps of a field of time that begins with `value`, seconds: some moments have milliseconds.
    #[expect(clippy::unused_self, reason = "templates call it")]
    pub fn step(&self, value: &str) -> &'static str {
        if value.contains('.') { "0.001" } else { "1" }
    }
}

/// A form that was not carried out.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What it does.
    pub what: String,
    /// Of which incident; empty: of none.
    pub incident: String,
    fill: Fill,
}

impl Draft {
    /// The fields of `draft`, if it is one that does `what`; else what they begin with.
    pub fn or(draft: Option<&Self>, what: &str, fresh: impl FnOnce() -> Fill) -> Fill {
        draft.filter(|d| d.what == what).map_or_else(fresh, |d| d.fill.clone())
    }
}

/// A deed as the form says it.
#[derive(Debug, Deserialize)]
pub struct Form {
    #[serde(rename = "do")]
    what: String,
    once: Uuid,
    #[serde(default)]
    incident: String,
    #[serde(default)]
    interval: Option<Uuid>,
    #[serde(default)]
    service: String,
    #[serde(default)]
    cause: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    ticket: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    kk: String,
    #[serde(default)]
    ru: String,
    #[serde(default)]
    en: String,
    #[serde(default)]
    all: String,
    /// The page on which the form stands: an incident's, or a service's month (`2026-10/acme-web`).
    #[serde(default)]
    back: String,
}

impl Form {
    /// Where it leads once it is done.
    fn to(&self) -> String {
        if let Ok(number) = self.back.parse::<IncidentNumber>() {
            return format!("/incidents/{number}?done=yes");
        }
        match self
            .back
            .split_once('/')
            .and_then(|(month, service)| Some((month.parse::<Month>().ok()?, service)))
        {
            Some((month, service)) => format!("{}?done=yes", super::intervals::address(month, service)),
            None => "/incidents?done=yes".to_owned(),
        }
    }

    /// What was typed, to be shown again with what is wrong with it.
    fn draft(self, wrong: Wrong) -> Draft {
        let Self { what, incident, service, cause, from, until, ticket, text, kk, ru, en, .. } = self;
        Draft { what, incident, fill: Fill { service, cause, from, until, ticket, text, kk, ru, en, wrong } }
    }
}

/// A moment as a browser's field writes it, in Almaty.
fn moment(text: &str) -> Result<Moment, Problem> {
    let read = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text.trim(), form).ok())
        .and_then(|local| ZONE.from_local_datetime(&local).earliest());
    read.map(|at| at.to_utc()).ok_or(Problem::Wrong("web-wrong-moment"))
}

impl From<IncidentError> for Problem {
    fn from(error: IncidentError) -> Self {
        match error {
            IncidentError::Forbidden => Self::Forbidden,
            IncidentError::NotFound(_) => Self::NotFound,
            IncidentError::SamePerson(_) => Self::Wrong("web-wrong-same-person"),
            IncidentError::NoService { .. } => Self::Wrong("web-wrong-no-service"),
            IncidentError::Backwards { .. } => Self::Wrong("web-wrong-backwards"),
            IncidentError::Future(_) => Self::Wrong("web-wrong-future"),
            IncidentError::Cause(_) => Self::Wrong("web-wrong-cause"),
            IncidentError::NoEvidence => Self::Wrong("web-wrong-evidence"),
            IncidentError::LateNotice { .. } => Self::Wrong("web-wrong-notice"),
            IncidentError::LongerThanOutage { .. } => Self::Wrong("web-wrong-longer"),
            IncidentError::Already(_) => Self::Wrong("web-wrong-already"),
            IncidentError::Refused(refusal) => Self::Refused(refusal),
            IncidentError::Broadcast(crate::admin::broadcast::Problem::Store(error)) => error.into(),
            IncidentError::Broadcast(crate::admin::broadcast::Problem::Forbidden) => Self::Forbidden,
            IncidentError::Broadcast(_) => Self::Wrong("web-wrong-broadcast"),
            IncidentError::Credit(error) => error.into(),
            IncidentError::Store(error) => error.into(),
        }
    }
}

/// The field of a form that an error is about; empty where it is none.
const fn field(error: &IncidentError) -> &'static str {
    match error {
        IncidentError::NoService { .. } => "service",
        IncidentError::Cause(_) => "cause",
        IncidentError::LateNotice { .. } => "from",
        IncidentError::Backwards { .. } | IncidentError::LongerThanOutage { .. } => "until",
        IncidentError::NoEvidence => "text",
        _ => "",
    }
}

/// Why a deed was not done.
enum Undone {
    /// A lost race: it is tried again.
    Conflict,
    /// Something for the person, and the field that it is about.
    Problem(Problem, &'static str),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            error => Self::Problem(error.into(), ""),
        }
    }
}

impl From<IncidentError> for Undone {
    fn from(error: IncidentError) -> Self {
        match error {
            IncidentError::Store(error) => error.into(),
            IncidentError::Refused(Refusal::NotFound) => Self::Problem(Problem::NotFound, ""),
            error => {
                let field = field(&error);
                Self::Problem(error.into(), field)
            }
        }
    }
}

/// Carries a deed out, once. What must be mended is shown again as it was typed.
pub async fn act(State(web): State<Web>, me: Me, Posted(form): Posted<Form>) -> Result<Response, Problem> {
    for _ in 0..10 {
        match act_once(&web, &me, &form).await {
            Err(Undone::Conflict) => {}
            Err(Undone::Problem(problem, field)) => return again(&web, &me, form, problem, field).await,
            Ok(()) => return Ok(Redirect::to(&form.to()).into_response()),
        }
    }
    Err(StoreError::Conflict.into())
}

async fn again(
    web: &Web,
    me: &Me,
    form: Form,
    problem: Problem,
    field: &'static str,
) -> Result<Response, Problem> {
    let text = form.text.clone();
    if matches!(form.what.as_str(), "open" | "propose" | "attach" | "announce")
        && let Some(wrong) = Wrong::of(&Page::mine(web, me), &problem, field)
        && let Some(page) = super::incidents::again(web, me, &problem, form.draft(wrong)).await?
    {
        return Ok(page);
    }
    Err(problem.keeping(&text))
}

async fn act_once(web: &Web, me: &Me, form: &Form) -> Result<(), Undone> {
    let mut tx = web.db.begin().await?;
    if !tx.form_once(form.once, web.now()).await? {
        return Ok(());
    }
    run(web, &mut tx, me, form).await?;
    tx.commit().await?;
    Ok(())
}

fn number(form: &Form) -> Result<IncidentNumber, IncidentError> {
    form.incident.parse().map_err(IncidentError::NotFound)
}

fn interval(form: &Form) -> Result<Uuid, IncidentError> {
    form.interval.ok_or_else(|| IncidentError::NotFound("interval".to_owned()))
}

async fn run(web: &Web, tx: &mut Tx, me: &Me, form: &Form) -> Result<(), Undone> {
    let (desk, actor, text) = (&web.service, me.actor(), clean(&form.text));
    let at = |text: &str, field| moment(text).map_err(|problem| Undone::Problem(problem, field));
    let cause = || form.cause.parse::<Cause>().map_err(IncidentError::Cause);
    match form.what.as_str() {
        "open" => {
            let services =
                form.service.split([',', ' ']).filter(|s| !s.is_empty()).map(ServiceId::from).collect();
            drop(incidents::open(tx, desk, (services, at(&form.from, "from")?, &text), &actor).await?);
        }
        "propose" => {
            let incident = if form.incident.is_empty() { None } else { Some(number(form)?) };
            let (starts, ends) = (at(&form.from, "from")?, at(&form.until, "until")?);
            let service = ServiceId(clean(&form.service));
            let proposal = Proposal { service, incident, cause: cause()?, starts, ends, evidence: text };
            drop(incidents::propose(tx, desk, proposal, &actor).await?);
        }
        "second" => drop(incidents::second(tx, desk, interval(form)?, &actor).await?),
        "dispute" => drop(incidents::dispute(tx, desk, (interval(form)?, &text), &actor).await?),
        "worked" | "down" => {
            let ruling = if form.what == "worked" { Ruling::Worked } else { Ruling::Down(cause()?) };
            let said = (interval(form)?, ruling, text.as_str());
            if form.all.is_empty() {
                drop(incidents::rule(tx, desk, said, &actor).await?);
            } else {
                incidents::rule_all(tx, desk, said, &actor).await?;
            }
        }
        "attach" => {
            let ticket = form.ticket.parse().map_err(IncidentError::NotFound)?;
            drop(incidents::attach(tx, desk, (number(form)?, ticket), &actor).await?);
        }
        "announce" => {
            let body: Bodies = [(Lang::Kk, &form.kk), (Lang::Ru, &form.ru), (Lang::En, &form.en)]
                .into_iter()
                .map(|(lang, words)| (lang, clean(words)))
                .collect();
            drop(incidents::announce(tx, desk, (number(form)?, body), &actor).await?);
        }
        "answer" if text.is_empty() => return Err(IncidentError::NoEvidence.into()),
        "answer" => drop(incidents::answer_all(tx, desk, (number(form)?, &text), &actor).await?),
        "dismiss" => drop(incidents::dismiss(tx, desk, number(form)?, &actor).await?),
        other => return Err(IncidentError::NotFound(other.to_owned()).into()),
    }
    Ok(())
}
