//! The numbers of the report as a page shows them: each with the one before, and with the address of its tickets.

use std::cmp::Ordering;

use super::charts::{self, Chart};
use super::{Scope, list};
use crate::domain::report::{Figure, Kept};
use crate::domain::sla::Target;
use crate::reports::{BreachView, Figures, GroupBy, Minutes, PromiseFigures, SlaReport};
use crate::web::page::Page;
use crate::web::words::{self, Names};

/// A number.
pub struct Number {
    /// As it is written.
    pub value: String,
    /// Where its tickets are.
    pub href: Option<String>,
    /// The number before, if there is one.
    pub before: Option<String>,
}

/// One of the chief figures.
pub struct Card {
    /// What it is.
    pub name: String,
    /// The number.
    pub number: Number,
    /// Whether it is better or worse than before: class and word.
    pub trend: Option<(&'static str, String)>,
}

/// A row of a table.
pub struct Row {
    /// What it is about.
    pub name: String,
    /// Where that alone is shown.
    pub href: Option<String>,
    /// The numbers.
    pub numbers: Vec<Number>,
}

/// How one promise was kept.
pub struct Promise {
    /// Its name.
    pub name: String,
    /// How many: names and numbers.
    pub counts: Vec<(String, Number)>,
    /// How long it took.
    pub chart: Chart,
}

/// A ticket with a broken promise.
pub struct Late {
    /// Its number.
    pub number: String,
    /// What was asked.
    pub kind: String,
    /// For whom.
    pub customer: String,
    /// When.
    pub opened: String,
    /// Where it is.
    pub state: String,
    /// Which promises.
    pub which: String,
    /// Who had it how long.
    pub minutes: String,
}

/// Nothing to tell.
pub const NONE: &str = "–";

/// `97.20` as readers write it.
pub fn percent(page: &Page, value: Option<&String>) -> String {
    value.map_or_else(|| NONE.to_owned(), |v| format!("{}\u{a0}%", page.decimal(v)))
}

fn long(page: &Page, ms: Option<i64>) -> String {
    ms.map_or_else(|| NONE.to_owned(), |ms| page.long(ms))
}

/// Hundredths of a number with two decimals.
fn hundredths(value: Option<&String>) -> Option<i64> {
    value.and_then(|v| v.replace('.', "").parse().ok())
}

fn trend(
    page: &Page,
    now: Option<i64>,
    before: Option<i64>,
    more_is_better: bool,
) -> Option<(&'static str, String)> {
    let better = match now?.cmp(&before?) {
        Ordering::Equal => return Some(("same", page.t("web-sla-same"))),
        Ordering::Greater => more_is_better,
        Ordering::Less => !more_is_better,
    };
    Some(if better { ("better", page.t("web-sla-better")) } else { ("worse", page.t("web-sla-worse")) })
}

/// The chief figures.
pub fn cards(page: &Page, scope: &Scope, report: &SlaReport) -> Vec<Card> {
    let (now, before) = (&report.total, &report.before);
    let card = |key: &str, value: String, then: String, figure: Figure, trend| Card {
        name: page.t(key),
        number: Number { value, href: Some(list::address(scope, figure, &[])), before: Some(then) },
        trend,
    };
    let of_percent = |key: &str, get: fn(&Figures) -> Option<&String>, figure: Figure, more: bool| {
        let change = trend(page, hundredths(get(now)), hundredths(get(before)), more);
        card(key, percent(page, get(now)), percent(page, get(before)), figure, change)
    };
    let of_count = |key: &str, get: fn(&Figures) -> i64, figure: Figure, judged: bool| {
        let change = judged.then(|| trend(page, Some(get(now)), Some(get(before)), false)).flatten();
        card(key, get(now).to_string(), get(before).to_string(), figure, change)
    };
    let rating = |f: &Figures| f.rating.as_ref().map_or_else(|| NONE.to_owned(), |r| page.decimal(r));
    vec![
        of_percent(
            "web-sla-first-reply-kept",
            |f| f.first_reply.compliance.as_ref(),
            Figure::FirstReplyBreached,
            true,
        ),
        of_percent(
            "web-sla-resolution-kept",
            |f| f.resolution.compliance.as_ref(),
            Figure::ResolutionBreached,
            true,
        ),
        of_count("web-sla-first-reply-broken", |f| f.first_reply.breached, Figure::FirstReplyBreached, true),
        of_count("web-sla-resolution-broken", |f| f.resolution.breached, Figure::ResolutionBreached, true),
        of_count("web-sla-opened", |f| f.opened, Figure::Opened, false),
        of_count("web-sla-solved", |f| f.solved, Figure::Solved, false),
        of_percent("web-sla-reopened", |f| f.reopened_percent.as_ref(), Figure::Reopened, false),
        of_percent("web-sla-automated", |f| f.automated_percent.as_ref(), Figure::Automated, true),
        card(
            "web-sla-rating",
            rating(now),
            rating(before),
            Figure::Rated,
            trend(page, hundredths(now.rating.as_ref()), hundredths(before.rating.as_ref()), true),
        ),
    ]
}

/// What the parts are called.
fn part_name(page: &Page, by: GroupBy, key: &str) -> String {
    match by {
        GroupBy::Kind => key.parse().map_or_else(|_| key.to_owned(), |kind| words::kind(page, kind)),
        GroupBy::Queue => key.parse().map_or_else(|_| key.to_owned(), |queue| words::queue(page, queue)),
        GroupBy::Channel => page.t(&format!("web-channel-{key}")),
        GroupBy::Day => key.parse().map_or_else(|_| key.to_owned(), |day| super::span(page, day, day)),
    }
}

/// The parts, one row each, with the names of the columns.
pub fn groups(page: &Page, scope: &Scope, report: &SlaReport) -> (Vec<String>, Vec<Row>) {
    type Column = (&'static str, fn(&Page, &Figures) -> String, Figure);
    let columns: [Column; 11] = [
        ("web-sla-opened", |_, f| f.opened.to_string(), Figure::Opened),
        (
            "web-sla-first-reply-kept",
            |p, f| percent(p, f.first_reply.compliance.as_ref()),
            Figure::FirstReplyBreached,
        ),
        (
            "web-sla-resolution-kept",
            |p, f| percent(p, f.resolution.compliance.as_ref()),
            Figure::ResolutionBreached,
        ),
        // Both, in the words of the tiles above: one «late» beside two promises would be read as either.
        ("web-sla-first-reply-broken", |_, f| f.first_reply.breached.to_string(), Figure::FirstReplyBreached),
        ("web-sla-resolution-broken", |_, f| f.resolution.breached.to_string(), Figure::ResolutionBreached),
        ("web-sla-p50", |p, f| long(p, f.resolution.p50_ms), Figure::ResolutionDone),
        ("web-sla-p90", |p, f| long(p, f.resolution.p90_ms), Figure::ResolutionDone),
        ("web-sla-p99", |p, f| long(p, f.resolution.p99_ms), Figure::ResolutionDone),
        ("web-sla-reopened", |p, f| percent(p, f.reopened_percent.as_ref()), Figure::Reopened),
        ("web-sla-automated", |p, f| percent(p, f.automated_percent.as_ref()), Figure::Automated),
        (
            "web-sla-rating",
            |p, f| f.rating.as_ref().map_or_else(|| NONE.to_owned(), |r| p.decimal(r)),
            Figure::Rated,
        ),
    ];
    let rows = report.groups.iter().map(|group| {
        let part = scope.part(&group.key);
        let number = |(_, write, figure): &Column| {
            let value = write(page, &group.figures);
            let before = group.before.as_ref().map(|before| write(page, before));
            Number {
                href: (value != NONE).then(|| list::address(&part, *figure, &[])),
                before: before.filter(|before| *before != value),
                value,
            }
        };
        Row {
            name: part_name(page, scope.by, &group.key),
            href: Some(part.address("", &[])),
            numbers: columns.iter().map(number).collect(),
        }
    });
    (columns.iter().map(|c| page.t(c.0)).collect(), rows.collect())
}

/// Both promises.
pub fn promises(page: &Page, scope: &Scope, report: &SlaReport) -> Vec<Promise> {
    [
        (Target::FirstReply, &report.total.first_reply, &report.before.first_reply, Figure::FirstReplyDone),
        (Target::Resolution, &report.total.resolution, &report.before.resolution, Figure::ResolutionDone),
    ]
    .into_iter()
    .map(|(target, now, before, done)| {
        let count = |key: &str, get: fn(&PromiseFigures) -> i64, kept: Kept| {
            let href = Some(list::address(scope, Figure::of(target, kept), &[]));
            (page.t(key), Number { value: get(now).to_string(), href, before: Some(get(before).to_string()) })
        };
        let length = |key: &str, get: fn(&PromiseFigures) -> Option<i64>| {
            let href = get(now).map(|_| list::address(scope, done, &[]));
            (page.t(key), Number { value: long(page, get(now)), href, before: Some(long(page, get(before))) })
        };
        let name = page.t(&format!("desk-target-{target}"));
        Promise {
            counts: vec![
                count("web-sla-met", |f| f.met, Kept::Met),
                count("web-sla-broken", |f| f.breached, Kept::Breached),
                count("web-sla-running", |f| f.running, Kept::Running),
                count("web-sla-void", |f| f.void, Kept::Void),
                length("web-sla-p50", |f| f.p50_ms),
                length("web-sla-p90", |f| f.p90_ms),
                length("web-sla-p99", |f| f.p99_ms),
                length("web-sla-mean", |f| f.mean_ms),
            ],
            chart: charts::lengths(page, scope, (&name, target.as_str()), &now.distribution, done),
            name,
        }
    })
    .collect()
}

/// The desk's people, by name: what they had to do, not who is better.
pub fn people(scope: &Scope, report: &SlaReport, name: Names<'_>) -> Vec<Row> {
    let mut rows: Vec<Row> = report
        .staff
        .iter()
        .map(|s| {
            let number = |n: i64, figure: Figure| Number {
                value: n.to_string(),
                href: (n > 0).then(|| list::address(scope, figure, &[("staff", &s.staff)])),
                before: None,
            };
            Row {
                name: name(&s.staff),
                href: None,
                numbers: vec![
                    number(s.held, Figure::Held),
                    number(s.solved, Figure::SolvedBy),
                    number(s.breached, Figure::BreachedBy),
                    number(s.inherited, Figure::InheritedBy),
                ],
            }
        })
        .collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    rows
}

/// Who had it how long: names, milliseconds and the figure that counts the tickets, of those who had it at all.
pub fn holders(page: &Page, minutes: Minutes) -> Vec<(String, i64, Figure)> {
    [
        ("web-sla-in-queue", minutes.queue_ms, Figure::AtQueue),
        ("web-sla-at-engineer", minutes.engineer_ms, Figure::AtEngineer),
        ("web-holds-approval", minutes.approval_ms, Figure::AtApproval),
        ("web-holds-provisioner", minutes.provisioner_ms, Figure::AtProvisioner),
        ("web-sla-at-customer", minutes.customer_ms, Figure::AtCustomer),
    ]
    .into_iter()
    .filter(|(_, ms, _)| *ms > 0)
    .map(|(key, ms, figure)| (page.t(key), ms, figure))
    .collect()
}

/// The newest broken promises.
pub fn breaches(page: &Page, report: &SlaReport) -> Vec<Late> {
    let late = |b: &BreachView| {
        let targets = [(b.first_reply, Target::FirstReply), (b.resolution, Target::Resolution)];
        let which = targets.iter().filter(|t| t.0).map(|t| page.t(&format!("desk-target-{}", t.1)));
        let minutes =
            holders(page, b.minutes).into_iter().map(|(who, ms, _)| format!("{who} {}", page.long(ms)));
        Late {
            number: b.number.clone(),
            kind: b.kind.parse().map_or_else(|_| b.kind.clone(), |kind| words::kind(page, kind)),
            customer: b.customer.clone().unwrap_or_else(|| NONE.to_owned()),
            opened: page.when(&b.opened_at),
            state: b.state.parse().map_or_else(|_| b.state.clone(), |state| words::state(page, state)),
            which: which.collect::<Vec<_>>().join(", "),
            minutes: minutes.collect::<Vec<_>>().join(" · "),
        }
    };
    report.breaches.iter().map(late).collect()
}
