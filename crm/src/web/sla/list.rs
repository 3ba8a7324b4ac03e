//! `/reports/sla/tickets`: the tickets behind one figure of the report.

use askama::Template;
use axum::extract::{Query as Address, State};
use axum::response::Response;
use chrono::{DateTime, NaiveDateTime};
use serde::Deserialize;

use super::{Query, Scope, charts, span};
use crate::clock::Moment;
use crate::domain::report::{Figure, Which};
use crate::reports::{Mark, Reports};
use crate::web::Web;
use crate::web::error::Problem;
use crate::web::guard::Me;
use crate::web::listing::Line;
use crate::web::page::{Page, html};
use crate::web::words;

/// Tickets of one page.
const PAGE: usize = 50;

/// Which tickets of the figure, and where the page begins.
#[derive(Debug, Default, Deserialize)]
pub struct Narrow {
    #[serde(default)]
    figure: String,
    #[serde(default)]
    staff: String,
    #[serde(default)]
    weekday: String,
    #[serde(default)]
    hour: String,
    #[serde(default)]
    class: String,
    /// Of what was open: when, such as `2026-11-20T05:00Z`.
    #[serde(default)]
    at: String,
    #[serde(default)]
    after: String,
}

/// The address of a figure's tickets.
pub fn address(scope: &Scope, figure: Figure, more: &[(&str, &str)]) -> String {
    let mut pairs = vec![("figure", figure.as_str())];
    pairs.extend_from_slice(more);
    scope.address("/tickets", &pairs)
}

/// The address of what was open when `at` began, on the hour.
pub fn owed_address(scope: &Scope, at: Moment) -> String {
    address(scope, Figure::OwedAt, &[("at", &at.format("%Y-%m-%dT%H:00Z").to_string())])
}

fn at(text: &str) -> Option<Moment> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:00Z").ok().map(|at| at.and_utc())
}

impl Narrow {
    fn which(&self) -> Which {
        let hour = self.weekday.parse().ok().zip(self.hour.parse().ok());
        Which {
            hour,
            staff: (!self.staff.is_empty()).then(|| self.staff.clone()),
            class: self.class.parse().ok(),
            at: at(&self.at),
            ..Which::all(self.figure.parse().unwrap_or(Figure::Opened))
        }
    }

    fn mark(&self) -> Option<Mark> {
        let mut parts = self.after.split('.');
        let opened_at = DateTime::from_timestamp_micros(parts.next()?.parse().ok()?)?;
        Some(Mark { opened_at, number: parts.next()?.parse().ok()?, listed: parts.next()?.parse().ok()? })
    }
}

#[derive(Template)]
#[template(path = "sla_list.html")]
struct ListPage {
    p: Page,
    title: String,
    /// What else limits it, in words.
    limits: Vec<String>,
    lines: Vec<Line>,
    back: String,
    next: Option<String>,
    may_take: bool,
}

/// What limits the list, in words.
fn limits(page: &Page, scope: &Scope, which: &Which, name: words::Names<'_>) -> Vec<String> {
    // What was open at a moment has no period and no filter.
    if let Some(at) = &which.at {
        return vec![page.when(at)];
    }
    let (from, to) = scope.period.dates();
    let mut limits = vec![span(page, from, to)];
    limits.extend(scope.filter.kind.map(|kind| words::kind(page, kind)));
    limits.extend(scope.filter.queue.map(|queue| words::queue(page, queue)));
    limits.extend(scope.filter.channel.map(|channel| page.t(&format!("web-channel-{channel}"))));
    limits.extend(which.staff.as_deref().map(name));
    if let Some((day, hour)) = which.hour {
        limits.push(format!("{} {hour:02}:00", page.t(&format!("web-day-{}", day.clamp(0, 6) + 1))));
    }
    limits.extend(which.class.map(|class| charts::class(page, class)));
    limits
}

/// The list.
pub async fn page(
    State(web): State<Web>,
    me: Me,
    Address(query): Address<Query>,
    Address(narrow): Address<Narrow>,
) -> Result<Response, Problem> {
    let p = Page::mine(&web, &me);
    let (scope, which) = (Scope::of(&query, &web)?, narrow.which());
    let reports = Reports::new(web.service.clone(), web.db.clone());
    let found = reports.listed(scope.period, scope.filter, &which, narrow.mark(), PAGE).await?;
    let mut tx = web.db.read().await?;
    let listed =
        if found.numbers.is_empty() { Vec::new() } else { tx.tickets_numbered(&found.numbers).await? };
    let names = crate::web::ticket::staff_names(&mut tx).await?;
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let next = found.next.map(|mark| {
        let mark = format!("{}.{}.{}", mark.opened_at.timestamp_micros(), mark.number, mark.listed);
        let mut more: Vec<(&str, &str)> = vec![("after", &mark)];
        for (field, value) in [
            ("staff", &narrow.staff),
            ("weekday", &narrow.weekday),
            ("hour", &narrow.hour),
            ("class", &narrow.class),
            ("at", &narrow.at),
        ] {
            if !value.is_empty() {
                more.push((field, value));
            }
        }
        address(&scope, which.figure, &more)
    });
    html(&ListPage {
        title: p.t(&format!("web-sla-figure-{}", which.figure)),
        limits: limits(&p, &scope, &which, &name),
        lines: listed.iter().map(|l| Line::of(&p, l)).collect(),
        back: scope.address("", &[]),
        next,
        may_take: false,
        p,
    })
}
