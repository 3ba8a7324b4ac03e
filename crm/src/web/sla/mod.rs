//! `/reports/sla`: which promises were kept in a period, which were broken and where the minutes went, beside the period before.
//!
//! Every number comes from [`Reports::sla`], as in the API, the files and the bot's `/sla`; every one leads to its tickets ([`list`]).

mod charts;
mod figures;
pub mod list;

use askama::Template;
use axum::extract::{Query as Address, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use super::Web;
use super::error::Problem;
use super::guard::Me;
use super::page::{Page, html};
use super::ticket::staff_names;
use super::words;
use crate::domain::kind::{Channel, Kind, Queue};
use crate::reports::{Filter, GroupBy, Period, Reports, file};
use crate::text::{self, ZONE};

use charts::Chart;
use figures::{Card, Late, Promise, Row};

/// The fields of `/reports/sla?…`. Unknown words in them are left out; dates that are none are refused.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Query {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    group_by: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    queue: String,
    #[serde(default)]
    channel: String,
    /// `csv` or `xlsx`: as a file.
    #[serde(default)]
    format: String,
}

/// Which report: what its address says.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    period: Period,
    by: GroupBy,
    filter: Filter,
}

impl Scope {
    fn of(query: &Query, web: &Web) -> Result<Self, Problem> {
        let day = |text: &str| match text.trim() {
            "" => Ok(None),
            text => text.parse::<NaiveDate>().map(Some).map_err(|_| Problem::Wrong("web-wrong-period")),
        };
        let period = Period::between(day(&query.from)?, day(&query.to)?, web.now())
            .map_err(|_| Problem::Wrong("web-wrong-period"))?;
        let filter = Filter {
            kind: query.kind.parse().ok(),
            queue: query.queue.parse().ok(),
            channel: query.channel.parse().ok(),
        };
        Ok(Self { period, by: query.group_by.parse().unwrap_or_default(), filter })
    }

    /// The same over another period.
    fn over(&self, period: Period) -> Self {
        Self { period, ..self.clone() }
    }

    /// One part of it.
    fn part(&self, key: &str) -> Self {
        let mut part = self.clone();
        match self.by {
            GroupBy::Kind => part.filter.kind = key.parse().ok(),
            GroupBy::Queue => part.filter.queue = key.parse().ok(),
            GroupBy::Channel => part.filter.channel = key.parse().ok(),
            GroupBy::Day => {
                if let Some(day) = key.parse().ok().and_then(|day| Period::new(day, day).ok()) {
                    part.period = day;
                }
            }
        }
        part
    }

    /// An address below `/reports/sla` with all of it, and more.
    fn address(&self, path: &str, more: &[(&str, &str)]) -> String {
        let (from, to) = self.period.dates();
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("from", &from.to_string()).append_pair("to", &to.to_string());
        for (name, word) in [
            ("group_by", Some(self.by.as_str()).filter(|_| self.by != GroupBy::default())),
            ("kind", self.filter.kind.map(Kind::as_str)),
            ("queue", self.filter.queue.map(Queue::as_str)),
            ("channel", self.filter.channel.map(Channel::as_str)),
        ] {
            if let Some(word) = word {
                query.append_pair(name, word);
            }
        }
        query.extend_pairs(more);
        format!("/reports/sla{path}?{}", query.finish())
    }
}

/// A choice of the form above the report.
struct Choice {
    value: &'static str,
    name: String,
    chosen: bool,
}

fn choices<T: Copy + PartialEq>(
    all: &[T],
    word: fn(T) -> &'static str,
    name: impl Fn(T) -> String,
    now: Option<T>,
) -> Vec<Choice> {
    all.iter().map(|x| Choice { value: word(*x), name: name(*x), chosen: now == Some(*x) }).collect()
}

#[derive(Template)]
#[template(path = "sla.html")]
struct SlaPage {
    p: Page,
    from: String,
    to: String,
    /// The period in words, and the one it is compared with.
    span: String,
    /// Whether more than a usual period is chosen.
    filtered: bool,
    before: String,
    at: String,
    /// Periods that are asked for often: address, name, whether it is this one.
    presets: Vec<(String, String, bool)>,
    by: Vec<Choice>,
    kinds: Vec<Choice>,
    queues: Vec<Choice>,
    channels: Vec<Choice>,
    csv: String,
    xlsx: String,
    cards: Vec<Card>,
    by_name: String,
    columns: Vec<String>,
    rows: Vec<Row>,
    promises: Vec<Promise>,
    minutes: Chart,
    heat: Chart,
    backlog: Chart,
    ages: Chart,
    people: Vec<Row>,
    breaches: Vec<Late>,
    all_breaches: String,
    emergencies: Vec<(String, String, String)>,
}

/// The periods that are asked for often.
fn presets(page: &Page, scope: &Scope) -> Vec<(String, String, bool)> {
    let today = page.now.with_timezone(&ZONE).date_naive();
    let first = today.with_day(1).unwrap_or(today);
    let last_of_before = first.pred_opt().unwrap_or(first);
    let month = |from: NaiveDate, to: NaiveDate| Period::new(from, to).ok();
    [
        ("web-sla-today", Some(Period::last(1, page.now))),
        ("web-sla-7-days", Some(Period::last(7, page.now))),
        ("web-sla-last-week", Some(Period::last_week(page.now))),
        ("web-sla-30-days", Some(Period::last(30, page.now))),
        ("web-sla-this-month", month(first, today)),
        ("web-sla-last-month", month(last_of_before.with_day(1).unwrap_or(first), last_of_before)),
    ]
    .into_iter()
    .filter_map(|(key, period)| Some((key, period?)))
    .map(|(key, period)| (scope.over(period).address("", &[]), page.t(key), period == scope.period))
    .collect()
}

/// Two dates as people say them.
fn span(page: &Page, from: NaiveDate, to: NaiveDate) -> String {
    text::span(from, to, page.lang)
}

/// The report as a page, or as a file.
pub async fn page(
    State(web): State<Web>,
    me: Me,
    Address(query): Address<Query>,
) -> Result<Response, Problem> {
    let p = Page::mine(&web, &me);
    let scope = Scope::of(&query, &web)?;
    let reports = Reports::new(web.service.clone(), web.db.clone());
    let report = reports.sla(scope.period, scope.by, scope.filter).await?;
    if let Some(form) = file::Form::of(&query.format) {
        let file = file::write(&report, form).map_err(|error| {
            tracing::error!(error, "a report cannot be written");
            Problem::Broken
        })?;
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(file.kind)),
            (header::CONTENT_DISPOSITION, file.disposition),
        ];
        return Ok((headers, file.bytes).into_response());
    }
    let names = staff_names(&mut web.db.read().await?).await?;
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let moment = |at: &crate::clock::Moment| p.when(at);
    let emergencies = report
        .emergencies
        .iter()
        .map(|e| {
            let until = e.to.as_ref().map_or_else(|| p.t("web-now"), moment);
            (moment(&e.from), until, e.reason.clone())
        })
        .collect();
    let (columns, rows) = figures::groups(&p, &scope, &report);
    html(&SlaPage {
        filtered: scope.filter != Filter::default()
            || scope.by != GroupBy::default()
            || !presets(&p, &scope).iter().any(|preset| preset.2),
        from: report.from.to_string(),
        to: report.to.to_string(),
        span: span(&p, report.from, report.to),
        before: span(&p, report.before_from, report.before_to),
        at: p.exactly(&report.at),
        presets: presets(&p, &scope),
        by: choices(GroupBy::ALL, GroupBy::as_str, |x| p.t(&format!("web-sla-by-{x}")), Some(scope.by)),
        kinds: choices(Kind::ALL, Kind::as_str, |x| words::kind(&p, x), scope.filter.kind),
        queues: choices(Queue::ALL, Queue::as_str, |x| words::queue(&p, x), scope.filter.queue),
        channels: choices(
            Channel::ALL,
            Channel::as_str,
            |x| p.t(&format!("web-channel-{x}")),
            scope.filter.channel,
        ),
        csv: scope.address("", &[("format", "csv")]),
        xlsx: scope.address("", &[("format", "xlsx")]),
        cards: figures::cards(&p, &scope, &report),
        by_name: p.t(&format!("web-sla-by-{}", scope.by)),
        columns,
        rows,
        promises: figures::promises(&p, &scope, &report),
        minutes: charts::minutes(&p, &scope, &report),
        heat: charts::heat(&p, &scope, &report),
        backlog: charts::backlog(&p, &scope, &report),
        ages: charts::ages(&p, &report),
        people: figures::people(&scope, &report, &name),
        breaches: figures::breaches(&p, &report),
        all_breaches: list::address(&scope, crate::domain::report::Figure::Breached, &[]),
        emergencies,
        p,
    })
}
