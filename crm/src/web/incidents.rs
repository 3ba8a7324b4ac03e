//! `/incidents`: what goes on, what must be confirmed by a second person, gaps to be ruled on, works to be announced.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{NaiveDateTime, TimeDelta, TimeZone};
use serde::Deserialize;
use uuid::Uuid;

use super::Web;
use super::command::clean;
use super::error::Problem;
use super::guard::Me;
use super::page::{Page, html};
use super::posted::Posted;
use super::ticket::staff_names;
use crate::clock::Moment;
use crate::credits::words;
use crate::domain::credit::Cause;
use crate::domain::ids::ServiceId;
use crate::domain::incident::{Downtime, DowntimeState, Incident, IncidentNumber, IncidentState};
use crate::domain::lang::Lang;
use crate::domain::person::Right;
use crate::domain::probe::Stretch;
use crate::incidents::monitoring::MONITORING;
use crate::incidents::{self, IncidentError, Proposal, Ruling};
use crate::store::{Bodies, StoreError, Tx};
use crate::text::ZONE;

/// Incidents that are over and still listed.
const OVER: i64 = 30;

/// How a state looks: what is wrong, what waits for somebody, what is well.
pub(super) fn tone(state: &str) -> &'static str {
    match state {
        "open" | "critical" | "unmeasured" | "declined" => "late",
        "restored" | "proposed" | "degraded" | "waiting" => "risk",
        "confirmed" | "healthy" | "closed" | "approved" => "met",
        _ => "",
    }
}

/// An interval on a page.
pub(super) struct Span {
    id: Uuid,
    service: String,
    cause: String,
    when: String,
    long: String,
    evidence: String,
    tone: &'static str,
    standing: String,
    by: String,
    second: String,
    /// What the one who looks may do.
    may_second: bool,
    may_dispute: bool,
    gap: bool,
    /// How many services of the same silence wait beside this one, in words.
    beside: String,
}

/// An incident on a page.
pub(super) struct Shown {
    number: String,
    /// Whether it is not over.
    goes_on: bool,
    tone: &'static str,
    standing: String,
    since: String,
    until: String,
    words: String,
    services: Vec<String>,
    tickets: Vec<String>,
    spans: Vec<Span>,
}

/// A control plane on a page, as the provisioner sees it.
struct Plane {
    cluster: String,
    tone: &'static str,
    standing: String,
    since: String,
    seen: String,
    findings: String,
}

/// What was not seen for so long is not known any more.
const SEEN: TimeDelta = TimeDelta::minutes(2);

impl Plane {
    fn of(p: &Page, stretch: &Stretch, now: Moment) -> Self {
        let known = now - stretch.seen_at < SEEN;
        let health = if known { stretch.health.as_str() } else { "unmeasured" };
        let bad = stretch.health != crate::domain::probe::Health::Healthy;
        Self {
            cluster: stretch.cluster.to_string(),
            tone: tone(health),
            standing: p.t(&format!("web-plane-{health}")),
            since: p.exactly(if known { &stretch.starts } else { &stretch.seen_at }),
            seen: p.exactly(&stretch.seen_at),
            findings: if bad { stretch.findings.clone() } else { String::new() },
        }
    }
}

#[derive(Template)]
#[template(path = "incidents.html")]
struct IncidentsPage {
    p: Page,
    open: Vec<Shown>,
    /// Those that are over, without what is on their own pages; and the number before which the next ones are.
    over: Vec<Shown>,
    older: Option<String>,
    waiting: Vec<Span>,
    planes: Vec<Plane>,
    services: Vec<String>,
    causes: Vec<(&'static str, String)>,
    /// Where a form leads: to the list.
    back: &'static str,
}

/// One incident.
#[derive(Template)]
#[template(path = "incident.html")]
struct IncidentPage {
    p: Page,
    i: Shown,
    causes: Vec<(&'static str, String)>,
    /// Where a form leads: to this page again.
    back: String,
}

fn span(p: &Page, me: &Me, d: &Downtime, name: super::words::Names<'_>) -> Span {
    let said_by = d.disputed_by.as_ref().unwrap_or(&d.proposed_by);
    let waits = d.state == DowntimeState::Proposed
        || (d.state == DowntimeState::Confirmed && d.disputed_by.is_some());
    let disputed = d.disputed_by.is_some() && d.state != DowntimeState::Withdrawn;
    let measured = d.state == DowntimeState::Proposed && d.proposed_by == MONITORING && !disputed;
    let standing = if measured {
        "measured"
    } else if disputed {
        "disputed"
    } else {
        d.state.as_str()
    };
    let may = me.may(Right::Handle);
    Span {
        id: d.id,
        service: d.service.to_string(),
        cause: d.cause.map_or_else(|| p.t("web-interval-gap"), |cause| words::cause(cause, p.lang)),
        when: words::stretch(d.span(), p.lang),
        long: words::length(d.span().ms(), p.lang),
        evidence: d.evidence.clone(),
        tone: tone(d.state.as_str()),
        standing: p.t(&format!("web-interval-{standing}")),
        by: if said_by == MONITORING { p.t("web-monitoring") } else { name(said_by) },
        second: d.seconded_by.as_deref().map(name).unwrap_or_default(),
        may_second: may && waits && *said_by != me.staff.id.0,
        may_dispute: may
            && d.disputed_by.is_none()
            && d.state != DowntimeState::Withdrawn
            && d.state != DowntimeState::Unmeasured,
        gap: d.state == DowntimeState::Unmeasured && may,
        beside: String::new(),
    }
}

/// What is known of an incident itself.
fn outline(p: &Page, incident: Incident) -> Shown {
    Shown {
        number: incident.number.to_string(),
        goes_on: matches!(incident.state, IncidentState::Open | IncidentState::Restored),
        tone: tone(incident.state.as_str()),
        standing: p.t(&format!("web-incident-{}", incident.state)),
        since: p.exactly(&incident.started_at),
        until: incident.ended_at.map(|at| p.exactly(&at)).unwrap_or_default(),
        words: incident.words,
        services: incident.services.into_iter().map(|s| s.0).collect(),
        tickets: Vec::new(),
        spans: Vec::new(),
    }
}

/// An incident with its tickets and intervals.
async fn shown(
    tx: &mut Tx,
    p: &Page,
    me: &Me,
    incident: Incident,
    name: super::words::Names<'_>,
) -> Result<Shown, StoreError> {
    let mut tickets = Vec::new();
    for id in incident.tickets.iter().take(50) {
        tickets.extend(tx.ticket_fetch(*id).await?.map(|t| t.number.to_string()));
    }
    let spans = tx.downtime_of_incident(incident.id).await?;
    let spans = spans.iter().map(|d| span(p, me, d, name)).collect();
    Ok(Shown { tickets, spans, ..outline(p, incident) })
}

/// What was done, and before which incident the list of those that are over begins.
#[derive(Debug, Default, Deserialize)]
pub struct Address {
    #[serde(default)]
    done: String,
    #[serde(default)]
    before: String,
}

fn causes(p: &Page) -> Vec<(&'static str, String)> {
    Cause::ALL.iter().map(|c| (c.as_str(), words::cause(*c, p.lang))).collect()
}

/// The page of one incident, over or not.
pub async fn one(
    State(web): State<Web>,
    me: Me,
    Path(number): Path<String>,
    Query(address): Query<Address>,
) -> Result<Response, Problem> {
    let number: IncidentNumber = number.parse().map_err(|_| Problem::NotFound)?;
    let mut p = Page::mine(&web, &me);
    let mut tx = web.db.read().await?;
    let names = staff_names(&mut tx).await?;
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let incident = tx.incident_by_number(number).await?.ok_or(Problem::NotFound)?;
    let i = shown(&mut tx, &p, &me, incident, &name).await?;
    if !address.done.is_empty() {
        p.done = Some(p.t("web-done-saved"));
    }
    html(&IncidentPage { causes: causes(&p), back: number.to_string(), i, p })
}

/// The page.
pub async fn page(
    State(web): State<Web>,
    me: Me,
    Query(address): Query<Address>,
) -> Result<Response, Problem> {
    let mut p = Page::mine(&web, &me);
    let mut tx = web.db.read().await?;
    let names = staff_names(&mut tx).await?;
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let mut open = Vec::new();
    for incident in tx.incidents(true, 100).await? {
        open.push(shown(&mut tx, &p, &me, incident, &name).await?);
    }
    let over = tx.incidents_over(address.before.parse().ok(), OVER).await?;
    let over: Vec<_> = over.into_iter().map(|incident| outline(&p, incident)).collect();
    let more = i64::try_from(over.len()).unwrap_or(OVER) == OVER;
    let older = over.last().filter(|_| more).map(|last| last.number.clone());
    let year = (web.now() - TimeDelta::days(400), web.now() + TimeDelta::days(400));
    let waiting = tx.downtime_waiting(year.0, year.1, 200).await?;
    let beside = |d: &Downtime| waiting.iter().filter(|o| o.id != d.id && o.same_silence(d)).count();
    let shown = |d: &Downtime| {
        let beside = match beside(d) {
            0 => String::new(),
            n => p.n("web-gap-all", i64::try_from(n).unwrap_or(i64::MAX)),
        };
        Span { beside, ..span(&p, &me, d, &name) }
    };
    let waiting = waiting.iter().map(shown).collect();
    let planes = tx.probes_open().await?.iter().map(|s| Plane::of(&p, s, web.now())).collect();
    let services = tx.directory_load().await?.services.into_iter().map(|s| s.id.0).collect();
    if !address.done.is_empty() {
        p.done = Some(p.t("web-done-saved"));
    }
    let causes = causes(&p);
    html(&IncidentsPage { p, open, over, older, waiting, planes, services, causes, back: "" })
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
    /// The incident on whose page the form stands.
    #[serde(default)]
    back: String,
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

/// Carries a deed out, once.
pub async fn act(State(web): State<Web>, me: Me, Posted(form): Posted<Form>) -> Result<Response, Problem> {
    for _ in 0..10 {
        match act_once(&web, &me, &form).await {
            Err(StoreOr::Conflict) => {}
            Err(StoreOr::Problem(problem)) => return Err(problem.keeping(&form.text)),
            Ok(()) => {
                let page = form.back.parse::<IncidentNumber>().map(|number| format!("/{number}"));
                let to = format!("/incidents{}?done=yes", page.unwrap_or_default());
                return Ok(Redirect::to(&to).into_response());
            }
        }
    }
    Err(StoreError::Conflict.into())
}

/// A lost race, or something for the person.
enum StoreOr {
    Conflict,
    Problem(Problem),
}

impl<E: Into<Problem>> From<E> for StoreOr {
    fn from(error: E) -> Self {
        Self::Problem(error.into())
    }
}

async fn act_once(web: &Web, me: &Me, form: &Form) -> Result<(), StoreOr> {
    let mut tx = web.db.begin().await?;
    if !tx.form_once(form.once, web.now()).await? {
        return Ok(());
    }
    match run(web, &mut tx, me, form).await {
        Ok(()) => {}
        Err(IncidentError::Store(StoreError::Conflict)) => return Err(StoreOr::Conflict),
        Err(IncidentError::Refused(crate::domain::refusal::Refusal::NotFound)) => {
            return Err(Problem::NotFound.into());
        }
        Err(error) => return Err(Problem::from(error).into()),
    }
    match tx.commit().await {
        Ok(_) => Ok(()),
        Err(StoreError::Conflict) => Err(StoreOr::Conflict),
        Err(error) => Err(error.into()),
    }
}

fn number(form: &Form) -> Result<IncidentNumber, IncidentError> {
    form.incident.parse().map_err(IncidentError::NotFound)
}

fn interval(form: &Form) -> Result<Uuid, IncidentError> {
    form.interval.ok_or_else(|| IncidentError::NotFound("interval".to_owned()))
}

async fn run(web: &Web, tx: &mut Tx, me: &Me, form: &Form) -> Result<(), IncidentError> {
    let (desk, actor, text) = (&web.service, me.actor(), clean(&form.text));
    let at = |text: &str| moment(text).map_err(|_| IncidentError::Cause(String::new()));
    let cause = || form.cause.parse::<Cause>().map_err(IncidentError::Cause);
    match form.what.as_str() {
        "open" => {
            let services =
                form.service.split([',', ' ']).filter(|s| !s.is_empty()).map(ServiceId::from).collect();
            drop(incidents::open(tx, desk, (services, at(&form.from)?, &text), &actor).await?);
        }
        "propose" => {
            let incident = if form.incident.is_empty() { None } else { Some(number(form)?) };
            let (starts, ends) = (at(&form.from)?, at(&form.until)?);
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
        "answer" if text.is_empty() => return Err(IncidentError::NoEvidence),
        "answer" => drop(incidents::answer_all(tx, desk, (number(form)?, &text), &actor).await?),
        "dismiss" => drop(incidents::dismiss(tx, desk, number(form)?, &actor).await?),
        other => return Err(IncidentError::NotFound(other.to_owned())),
    }
    Ok(())
}
