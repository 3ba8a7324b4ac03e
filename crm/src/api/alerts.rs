//! `/api/v1/alerts`: the webhook of a Prometheus Alertmanager (version 4).

use std::collections::BTreeMap;

use async_trait::async_trait;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, SubsecRound, TimeDelta};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Api;
use super::caller::Caller;
use super::idempotency::{Asked, Failure, Work};
use super::input::Body;
use super::problem::Problem;
use super::refusals;
use crate::clock::Moment;
use crate::domain::audit::{canonical, sha256_hex};
use crate::domain::person::Right;
use crate::intake::alerts::{self, Alert};
use crate::store::Tx;

/// Longest label or annotation that is kept, characters.
const VALUE_LIMIT: usize = 2_000;

/// A notification as Alertmanager sends it. Fields that are not used are not listed.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AlertmanagerBody {
    /// The format; `4`.
    #[schema(pattern = "^4$")]
    version: String,
    /// Names the group of alerts.
    #[serde(rename = "groupKey")]
    group_key: String,
    /// The alerts.
    alerts: Vec<AlertBody>,
}

/// One alert.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AlertBody {
    /// Whether it fires or is well again.
    status: AlertStatus,
    /// What identifies it.
    labels: BTreeMap<String, String>,
    /// What describes it.
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    /// Since when (RFC 3339). A moment that does not read is no reason to lose an alert: it then began now.
    #[serde(rename = "startsAt")]
    starts_at: String,
    /// Until when; a moment long ago while it fires.
    #[serde(rename = "endsAt")]
    #[serde(default)]
    ends_at: Option<String>,
    /// Where to look at it.
    #[serde(rename = "generatorURL", default)]
    generator_url: String,
    /// Alertmanager's name for this set of labels.
    #[serde(default)]
    fingerprint: String,
}

/// How an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertStatus {
    /// It fires.
    Firing,
    /// It is well again.
    Resolved,
}

/// What became of a notification.
#[derive(Debug, Serialize, ToSchema)]
pub struct Outcome {
    /// Tickets that were opened.
    opened: Vec<String>,
    /// Tickets that were solved: all their alerts are well again.
    solved: Vec<String>,
    /// Alerts that joined a ticket which was there.
    joined: usize,
    /// Alerts that were known and still fire.
    repeated: usize,
    /// Alerts that are well again.
    resolved: usize,
    /// Alerts of no account.
    ignored: usize,
}

fn clean(map: BTreeMap<String, String>) -> BTreeMap<String, String> {
    // PostgreSQL stores no NUL; nobody reads more than some lines of a label.
    let tidy = |text: &str| text.replace('\0', "").chars().take(VALUE_LIMIT).collect::<String>();
    map.into_iter().map(|(key, value)| (tidy(&key), tidy(&value))).collect()
}

impl AlertBody {
    fn read(self, earliest: Moment, now: Moment) -> Alert {
        let read = |text: &str| text.parse::<Moment>().ok().filter(|at| *at < now + TimeDelta::days(36_500));
        let labels = clean(self.labels);
        let fingerprint = match self.fingerprint.trim() {
            "" => sha256_hex(canonical(&serde_json::json!(labels)).as_bytes()),
            given => given.replace('\0', "").chars().take(100).collect(),
        };
        Alert {
            fingerprint,
            firing: self.status == AlertStatus::Firing,
            labels,
            annotations: clean(self.annotations),
            starts_at: read(&self.starts_at).unwrap_or(now).max(earliest).trunc_subsecs(6),
            ends_at: self
                .ends_at
                .as_deref()
                .and_then(read)
                .filter(|at| *at > earliest)
                .map(|at| at.trunc_subsecs(6)),
            source: self.generator_url.replace('\0', "").chars().take(VALUE_LIMIT).collect(),
            measures: true,
        }
    }
}

/// Take in alerts from a Prometheus Alertmanager.
///
/// An alert that is known is not filed again; alerts of one group join one ticket; when all alerts of a ticket are resolved it is
/// solved. Which labels name the service and how bad it is says `[alerts]` of the configuration.
#[utoipa::path(
    post,
    path = "/alerts",
    tag = "alerts",
    request_body = AlertmanagerBody,
    responses(
        (status = 200, description = "What became of them", body = Outcome),
        (status = 403, description = "Not with this role", body = Problem, content_type = "application/problem+json"),
        refusals::Body,
        refusals::Always,
    ),
)]
pub async fn receive(
    State(api): State<Api>,
    caller: Caller,
    Body { value, digest }: Body<AlertmanagerBody>,
) -> Result<Response, Problem> {
    caller.must(Right::Handle)?;
    if value.version != "4" {
        let detail =
            format!("version «{}»: only version 4 of Alertmanager's webhook is understood", value.version);
        return Err(Problem::invalid(detail));
    }
    let group: String = value.group_key.replace('\0', "").chars().take(VALUE_LIMIT).collect();
    let now = api.service.now();
    // Go's zero time, and whatever else neither database can hold.
    let earliest = DateTime::from_timestamp(0, 0).unwrap_or_default();
    let mut alerts: Vec<Alert> = value.alerts.into_iter().map(|alert| alert.read(earliest, now)).collect();
    // The same alert twice in one notification: the later word counts.
    let mut seen = std::collections::HashSet::new();
    alerts.reverse();
    alerts.retain(|alert| seen.insert(alert.fingerprint.clone()));
    alerts.reverse();
    let work = Report { group, alerts };
    Asked::new(caller, (None, digest), StatusCode::OK, work).once(&api).await
}

/// A notification to be taken in.
struct Report {
    group: String,
    alerts: Vec<Alert>,
}

#[async_trait]
impl Work for Report {
    type Answer = Outcome;

    async fn run(&self, api: &Api, caller: &Caller, tx: &mut Tx) -> Result<Outcome, Failure> {
        let actor = caller.actor();
        let received =
            alerts::receive(&api.service, &api.alerts, tx, &self.group, &self.alerts, &actor).await?;
        Ok(Outcome {
            opened: received.opened.iter().map(ToString::to_string).collect(),
            solved: received.solved.iter().map(ToString::to_string).collect(),
            joined: received.joined,
            repeated: received.repeated,
            resolved: received.resolved,
            ignored: received.ignored,
        })
    }
}
