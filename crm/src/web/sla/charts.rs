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

/// A bound of a band, as [`EDGES`] and [`AGES`] have them: «до 4 часов». What stands before a length decides its ending, so each unit
/// has a sentence of its own.
fn bound(page: &Page, key: &str, ms: i64) -> String {
    let units = [("days", 86_400_000), ("hours", 3_600_000)];
    let (unit, long) = units.into_iter().find(|(_, long)| ms % long == 0).unwrap_or(("minutes", 60_000));
    page.n(&format!("{key}{unit}"), ms / long)
}

/// What took how long: a class of [`EDGES`] in words.
pub fn class(page: &Page, class: usize) -> String {
    match EDGES.get(class) {
        Some(edge) => bound(page, "web-sla-within-", *edge),
        None => bound(page, "web-sla-longer-", EDGES[EDGES.len() - 1]),
    }
}

/// How old: a class of [`AGES`] in words.
fn age(page: &Page, class: usize) -> String {
    let (key, hours) = match AGES.get(class) {
        Some(hours) => ("web-sla-younger-", *hours),
        None => ("web-sla-older-", AGES[AGES.len() - 1]),
    };
    bound(page, key, hours * 3_600_000)
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
    let counts = distribution.iter().enumerate();
    let named: Vec<_> =
        counts.clone().map(|(n, count)| (class(page, n), *count, count.to_string())).collect();
    let rows = counts.map(|(n, count)| {
        row(class(page, n), linked(*count, || list::address(scope, done, &[("class", &n.to_string())])))
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
    let address = |class: usize| {
        let bound = |hours: Option<&i64>| hours.map_or_else(String::new, ToString::to_string);
        let from = class.checked_sub(1).and_then(|before| AGES.get(before));
        format!("/queue?age={}-{}", bound(from), bound(AGES.get(class)))
    };
    let counts = report.backlog.ages.iter().enumerate();
    let named: Vec<_> = counts.clone().map(|(class, n)| (age(page, class), *n, n.to_string())).collect();
    let svg = bars(page, "ages", &title, &named);
    let rows = counts.map(|(class, n)| row(age(page, class), linked(*n, || address(class)))).collect();
    Chart { title, svg, columns: vec![page.t("web-sla-tickets")], rows }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lang::Lang;
    use crate::web::standing::tests::page;

    /// Every band in every language, as its readers say it.
    #[test]
    fn bands_read_as_people_say_them() {
        let all = |lang: Lang| {
            let page = page(lang, crate::clock::Moment::UNIX_EPOCH);
            let lengths: Vec<_> = (0..=EDGES.len()).map(|n| class(&page, n)).collect();
            let ages: Vec<_> = (0..=AGES.len()).map(|n| age(&page, n)).collect();
            format!("{}\n{}", lengths.join(", "), ages.join(", "))
        };
        assert_eq!(
            all(Lang::Kk),
            "1 минут ішінде, 5 минут ішінде, 10 минут ішінде, 20 минут ішінде, 30 минут ішінде, 1 сағат ішінде, 4 сағат ішінде, \
             1 күн ішінде, 3 күн ішінде, 3 күннен артық\n\
             1 сағатқа жетпеген, 4 сағатқа жетпеген, 8 сағатқа жетпеген, 1 күнге жетпеген, 3 күнге жетпеген, 7 күнге жетпеген, \
             30 күнге жетпеген, 30 күннен асқан"
        );
        assert_eq!(
            all(Lang::Ru),
            "до 1 минуты, до 5 минут, до 10 минут, до 20 минут, до 30 минут, до 1 часа, до 4 часов, до 1 дня, до 3 дней, дольше 3 дней\n\
             моложе 1 часа, моложе 4 часов, моложе 8 часов, моложе 1 дня, моложе 3 дней, моложе 7 дней, моложе 30 дней, старше 30 дней"
        );
        assert_eq!(
            all(Lang::En),
            "within 1 minute, within 5 minutes, within 10 minutes, within 20 minutes, within 30 minutes, within 1 hour, within 4 hours, \
             within 1 day, within 3 days, longer than 3 days\n\
             younger than 1 hour, younger than 4 hours, younger than 8 hours, younger than 1 day, younger than 3 days, \
             younger than 7 days, younger than 30 days, older than 30 days"
        );
    }
}
