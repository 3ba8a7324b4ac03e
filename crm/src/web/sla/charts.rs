//! The report's pictures, each with the same numbers as a table, whose cells lead to the tickets.

use super::figures::{Number, Row, holders};
use super::{Scope, list};
use crate::domain::report::{EDGES, Figure};
use crate::reports::chart::{self, Bar, Words};
use crate::reports::{AGES, SlaReport};
use crate::web::page::Page;

/// A picture.
pub struct Chart {
    /// Its title.
    pub title: String,
    /// The SVG, made by [`chart`], which escapes every word in it.
    pub svg: String,
    /// The names of the table's columns.
    pub columns: Vec<String>,
    /// The table.
    pub rows: Vec<Row>,
}

fn linked(count: i64, href: impl FnOnce() -> String) -> Number {
    Number { value: count.to_string(), href: (count > 0).then(href), before: None }
}

fn row(name: String, number: Number) -> Row {
    Row { name, href: None, numbers: vec![number] }
}

/// The bars of a table's rows, with their values as they are written.
fn bars(page: &Page, id: &str, title: &str, named: &[(String, i64, String)]) -> String {
    let shown: Vec<String> = named.iter().map(|(name, _, shown)| format!("{name}: {shown}")).collect();
    let description = shown.join("; ");
    let words = Words { id, title, description: &description };
    let bars: Vec<Bar> = named
        .iter()
        .map(|(label, value, shown)| Bar { label: label.clone(), value: *value, shown: shown.clone() })
        .collect();
    if bars.is_empty() { page.t("web-sla-nothing") } else { chart::bars(words, &bars, None) }
}

/// How long it took.
pub fn lengths(
    page: &Page,
    scope: &Scope,
    (name, word): (&str, &str),
    distribution: &[i64],
    done: Figure,
) -> Chart {
    let title = page.a("web-sla-lengths", "target", name);
    let label = |class: usize| match EDGES.get(class) {
        Some(edge) => page.a("web-sla-within", "length", page.long(*edge)),
        None => page.a("web-sla-longer", "length", page.long(EDGES[EDGES.len() - 1])),
    };
    let named: Vec<_> =
        distribution.iter().enumerate().map(|(class, n)| (label(class), *n, n.to_string())).collect();
    let rows = distribution.iter().enumerate().map(|(class, n)| {
        row(label(class), linked(*n, || list::address(scope, done, &[("class", &class.to_string())])))
    });
    Chart {
        svg: bars(page, &format!("lengths-{word}"), &title, &named),
        columns: vec![page.t("web-sla-tickets")],
        rows: rows.collect(),
        title,
    }
}

/// Where the minutes of what is done went.
pub fn minutes(page: &Page, scope: &Scope, report: &SlaReport) -> Chart {
    let title = page.t("web-timeline");
    let all = holders(page, report.total.minutes);
    let total = all.iter().map(|(_, ms, _)| ms).sum::<i64>().max(1);
    let shown = |ms: i64| format!("{} ({} %)", page.long(ms), (ms.saturating_mul(100) + total / 2) / total);
    let named: Vec<_> = all.iter().map(|(name, ms, _)| (name.clone(), *ms, shown(*ms))).collect();
    let svg = bars(page, "minutes", &title, &named);
    let rows = all.into_iter().map(|(name, ms, figure)| {
        let href = Some(list::address(scope, figure, &[]));
        row(name, Number { value: shown(ms), href, before: None })
    });
    let rows = rows.collect();
    Chart { title, svg, columns: vec![page.t("web-sla-time")], rows }
}

/// When tickets are opened.
pub fn heat(page: &Page, scope: &Scope, report: &SlaReport) -> Chart {
    let title = page.t("web-sla-heat");
    let days: Vec<String> = (1..=7).map(|day| page.t(&format!("web-day-{day}"))).collect();
    let most = report
        .heat
        .iter()
        .enumerate()
        .flat_map(|(day, hours)| hours.iter().enumerate().map(move |(hour, count)| (*count, day, hour)));
    let description = match most.max_by_key(|(count, ..)| *count).filter(|(count, ..)| *count > 0) {
        Some((count, day, hour)) => {
            page.aa("web-sla-heat-most", ("when", format!("{} {hour:02}:00", days[day])), ("n", count))
        }
        None => page.t("web-sla-nothing"),
    };
    let words = Words { id: "heat", title: &title, description: &description };
    let rows = report.heat.iter().zip(&days).enumerate().map(|(day, (hours, name))| Row {
        name: name.clone(),
        href: None,
        numbers: hours
            .iter()
            .enumerate()
            .map(|(hour, count)| {
                let (day, hour) = (day.to_string(), hour.to_string());
                linked(*count, || list::address(scope, Figure::Opened, &[("weekday", &day), ("hour", &hour)]))
            })
            .collect(),
    });
    Chart {
        svg: chart::heat(words, &days, &report.heat),
        columns: (0..24).map(|hour| format!("{hour:02}")).collect(),
        rows: rows.collect(),
        title,
    }
}

/// How many tickets were open.
pub fn backlog(page: &Page, scope: &Scope, report: &SlaReport) -> Chart {
    let title = page.t("web-sla-backlog");
    let points: Vec<i64> = report.backlog.points.iter().map(|p| p.1).collect();
    let ends =
        |point: Option<&(crate::clock::Moment, i64)>| point.map_or_else(String::new, |(at, _)| page.when(at));
    let (first, last) = (ends(report.backlog.points.first()), ends(report.backlog.points.last()));
    let most = points.iter().max().copied().unwrap_or(0);
    let description = page.aa("web-sla-backlog-most", ("now", report.backlog.now), ("most", most));
    let words = Words { id: "backlog", title: &title, description: &description };
    // A table of every hour would bury the page: one row a day is enough to read.
    let step = points.len().div_ceil(31).max(1);
    let rows = report.backlog.points.iter().step_by(step);
    Chart {
        svg: chart::steps(words, &points, (&first, &last)),
        columns: vec![page.t("web-sla-tickets")],
        rows: rows
            .map(|(at, open)| row(page.when(at), linked(*open, || list::owed_address(scope, *at))))
            .collect(),
        title,
    }
}

/// How old the open tickets are.
pub fn ages(page: &Page, report: &SlaReport) -> Chart {
    let title = page.t("web-sla-ages");
    let length = |hours: i64| page.long(hours * 3_600_000);
    let label = |class: usize| match AGES.get(class) {
        Some(hours) => page.a("web-sla-younger", "length", length(*hours)),
        None => page.a("web-sla-older", "length", length(AGES[AGES.len() - 1])),
    };
    let address = |class: usize| {
        let bound = |hours: Option<&i64>| hours.map_or_else(String::new, ToString::to_string);
        let from = class.checked_sub(1).and_then(|before| AGES.get(before));
        format!("/queue?age={}-{}", bound(from), bound(AGES.get(class)))
    };
    let counts = report.backlog.ages.iter().enumerate();
    let named: Vec<_> = counts.clone().map(|(class, n)| (label(class), *n, n.to_string())).collect();
    let svg = bars(page, "ages", &title, &named);
    let rows = counts.map(|(class, n)| row(label(class), linked(*n, || address(class)))).collect();
    Chart { title, svg, columns: vec![page.t("web-sla-tickets")], rows }
}
