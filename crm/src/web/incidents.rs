//! `/incidents`: what goes on, what must be confirmed by a second person, gaps to be ruled on, works to be announced.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use chrono::TimeDelta;
use serde::Deserialize;

use super::Web;
use super::again;
use super::deeds::{Draft, Fill};
use super::error::Problem;
use super::guard::Me;
use super::page::{Page, html};
use super::spans::{Span, causes, door, tone};
use super::ticket::staff_names;
use crate::clock::Moment;
use crate::domain::incident::{Downtime, Incident, IncidentNumber, IncidentState};
use crate::domain::probe::Stretch;
use crate::store::{StoreError, Tx};
use crate::text::ZONE;

/// Incidents that are over and still listed.
const OVER: i64 = 30;

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
    /// What an interval of it begins with: its service, start and end.
    known: Fill,
    /// What was sent of it and must be mended.
    draft: Option<Draft>,
}

impl Shown {
    /// What the fields of the form that does `what` begin with.
    fn fill(&self, what: &str) -> Fill {
        Draft::or(self.draft.as_ref(), what, || {
            if what == "propose" { self.known.clone() } else { Fill::default() }
        })
    }
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
    /// Where a form is sent.
    door: &'static str,
    /// Where it leads: to the list.
    back: &'static str,
    /// What was sent of no incident and must be mended.
    draft: Option<Draft>,
}

impl IncidentsPage {
    /// What the fields of the form that does `what` begin with.
    fn fill(&self, what: &str) -> Fill {
        Draft::or(self.draft.as_ref(), what, Fill::default)
    }
}

/// One incident.
#[derive(Template)]
#[template(path = "incident.html")]
struct IncidentPage {
    p: Page,
    i: Shown,
    causes: Vec<(&'static str, String)>,
    /// Where a form is sent.
    door: &'static str,
    /// Where it leads: to this page again.
    back: String,
}

/// A moment as a browser's field has it, in Almaty; with its milliseconds, if it has any.
fn field(at: Moment) -> String {
    let text = at.with_timezone(&ZONE).format("%Y-%m-%dT%H:%M:%S%.3f").to_string();
    text.trim_end_matches(".000").to_owned()
}

/// What is known of an incident itself.
fn outline(p: &Page, incident: Incident) -> Shown {
    let known = Fill {
        service: incident.services.first().map(ToString::to_string).unwrap_or_default(),
        from: field(incident.started_at),
        until: incident.ended_at.map(field).unwrap_or_default(),
        ..Fill::default()
    };
    Shown {
        known,
        draft: None,
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
    let spans = spans.iter().map(|d| Span::of(p, me, d, name)).collect();
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

/// The page of one incident, over or not.
pub async fn one(
    State(web): State<Web>,
    me: Me,
    Path(number): Path<String>,
    Query(address): Query<Address>,
) -> Result<Response, Problem> {
    let number: IncidentNumber = number.parse().map_err(|_| Problem::NotFound)?;
    html(&incident(&web, &me, number, &address, None).await?)
}

async fn incident(
    web: &Web,
    me: &Me,
    number: IncidentNumber,
    address: &Address,
    draft: Option<Draft>,
) -> Result<IncidentPage, Problem> {
    let mut p = Page::mine(web, me);
    let mut tx = web.db.read().await?;
    let names = staff_names(&mut tx).await?;
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let incident = tx.incident_by_number(number).await?.ok_or(Problem::NotFound)?;
    let i = Shown { draft, ..shown(&mut tx, &p, me, incident, &name).await? };
    if !address.done.is_empty() {
        p.done = Some(p.t("web-done-saved"));
    }
    Ok(IncidentPage { causes: causes(&p), door: door(me), back: number.to_string(), i, p })
}

/// The page.
pub async fn page(
    State(web): State<Web>,
    me: Me,
    Query(address): Query<Address>,
) -> Result<Response, Problem> {
    html(&list(&web, &me, &address, None).await?)
}

async fn list(web: &Web, me: &Me, address: &Address, draft: Option<Draft>) -> Result<IncidentsPage, Problem> {
    let mut p = Page::mine(web, me);
    let mut tx = web.db.read().await?;
    let names = staff_names(&mut tx).await?;
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let mut open = Vec::new();
    for incident in tx.incidents(true, 100).await? {
        open.push(shown(&mut tx, &p, me, incident, &name).await?);
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
        Span { beside, ..Span::of(&p, me, d, &name) }
    };
    let waiting = waiting.iter().map(shown).collect();
    let planes = tx.probes_open().await?.iter().map(|s| Plane::of(&p, s, web.now())).collect();
    let services = tx.directory_load().await?.services.into_iter().map(|s| s.id.0).collect();
    if !address.done.is_empty() {
        p.done = Some(p.t("web-done-saved"));
    }
    let causes = causes(&p);
    let (door, back) = (door(me), "");
    Ok(IncidentsPage { p, open, over, older, waiting, planes, services, causes, door, back, draft })
}

/// The page on which a form stood, with what was typed and what is wrong with it. `None`: the form stands there no more.
pub(super) async fn again(
    web: &Web,
    me: &Me,
    problem: &Problem,
    draft: Draft,
) -> Result<Option<Response>, Problem> {
    let address = Address::default();
    if draft.incident.is_empty() {
        return again::shown(problem, &list(web, me, &address, Some(draft)).await?).map(Some);
    }
    let Ok(number) = draft.incident.parse() else { return Ok(None) };
    let proposed = draft.what == "propose";
    let page = incident(web, me, number, &address, Some(draft)).await?;
    if proposed || page.i.goes_on { again::shown(problem, &page).map(Some) } else { Ok(None) }
}
