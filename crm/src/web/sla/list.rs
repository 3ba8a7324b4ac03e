//! `/reports/sla/tickets`: the tickets behind one figure of the report.

use askama::Template;
use axum::extract::{Query as Address, State};
use axum::response::Response;
use chrono::DateTime;
use serde::Deserialize;

use super::{Query, Scope, span};
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
    #[serde(default)]
    after: String,
}

/// The address of a figure's tickets.
pub fn address(scope: &Scope, figure: Figure, more: &[(&str, &str)]) -> String {
    let mut pairs = vec![("figure", figure.as_str())];
    pairs.extend_from_slice(more);
    scope.address("/tickets", &pairs)
}

impl Narrow {
    fn which(&self) -> Which {
        let hour = self.weekday.parse().ok().zip(self.hour.parse().ok());
        Which {
            hour,
            staff: (!self.staff.is_empty()).then(|| self.staff.clone()),
            class: self.class.parse().ok(),
            ..Which::all(self.figure.parse().unwrap_or(Figure::Opened))
        }
    }

    fn mark(&self) -> Option<Mark> {
        let (opened, number) = self.after.split_once('.')?;
        Some((DateTime::from_timestamp_micros(opened.parse().ok()?)?, number.parse().ok()?))
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
    let (from, to) = scope.period.dates();
    let mut limits = vec![span(page, from, to)];
    limits.extend(scope.filter.kind.map(|kind| words::kind(page, kind)));
    limits.extend(scope.filter.queue.map(|queue| words::queue(page, queue)));
    limits.extend(scope.filter.channel.map(|channel| page.t(&format!("web-channel-{channel}"))));
    limits.extend(which.staff.as_deref().map(name));
    if let Some((day, hour)) = which.hour {
        limits.push(format!("{} {hour:02}:00", page.t(&format!("web-day-{}", day.clamp(0, 6) + 1))));
    }
    if let Some(class) = which.class {
        let edges = crate::domain::report::EDGES;
        limits.push(match edges.get(class) {
            Some(edge) => page.a("web-sla-within", "length", page.long(*edge)),
            None => page.a("web-sla-longer", "length", page.long(edges[edges.len() - 1])),
        });
    }
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
    let next = found.next.map(|(opened, number)| {
        let mark = format!("{}.{number}", opened.timestamp_micros());
        let mut more: Vec<(&str, &str)> = vec![("after", &mark)];
        for (field, value) in [
            ("staff", &narrow.staff),
            ("weekday", &narrow.weekday),
            ("hour", &narrow.hour),
            ("class", &narrow.class),
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
