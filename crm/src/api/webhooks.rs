//! `/api/v1/webhooks`: who is told of events, what became of it, and telling again.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Api;
use super::caller::Caller;
use super::input::{Body, Params, at_most};
use super::problem::Problem;
use super::{refusals, schema};
use crate::domain::event::Event;
use crate::domain::person::Right;
use crate::domain::told::Told;
use crate::store::{Webhook, WebhookDelivery};
use crate::webhooks::address;

/// Deliveries that are listed at most.
const LISTED: i64 = 200;
/// Webhooks there may be.
const MOST: usize = 50;

/// A webhook to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Where to tell: `https://`, in the public internet. It is stored and shown as it is: put no secret into it, check the signature.
    #[schema(
        min_length = 10,
        max_length = 2000,
        pattern = r"^https?://",
        example = "https://example.kz/komek"
    )]
    url: String,
    /// Of which events.
    #[schema(value_type = Vec<schema::Told>, min_items = 1, max_items = 30)]
    words: Vec<String>,
}

/// Who is told of events.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookView {
    /// Its id.
    id: Uuid,
    /// Where it is told.
    url: String,
    /// Of which events.
    #[schema(value_type = Vec<schema::Told>)]
    words: BTreeSet<String>,
    /// Since when.
    created_at: DateTime<Utc>,
    /// What its deliveries are signed with; shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl WebhookView {
    fn of(webhook: Webhook, secret: Option<String>) -> Self {
        let Webhook { id, url, words, created_at } = webhook;
        Self { id, url, words, created_at, secret }
    }
}

/// Webhooks, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookList {
    /// All there are.
    items: Vec<WebhookView>,
}

/// What became of telling one event.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryView {
    /// Its id, as in `Komek-Delivery`: the same however often it is sent.
    id: Uuid,
    /// The ticket's id in the database.
    ticket: Uuid,
    /// Which of its events.
    seq: i64,
    /// `ready` waits, `sent` was told, `failed` was given up.
    state: String,
    /// How often it was tried; what waits behind one that was not answered counts as tried too.
    attempts: i64,
    /// What the receiver answered last.
    status: Option<i64>,
    /// Why it was not told.
    error: Option<String>,
    /// Since when it waits.
    created_at: DateTime<Utc>,
    /// When it ended.
    settled_at: Option<DateTime<Utc>>,
}

impl From<WebhookDelivery> for DeliveryView {
    fn from(d: WebhookDelivery) -> Self {
        let WebhookDelivery { id, stream, seq, state, attempts, status, error, created_at, settled_at } = d;
        Self { id, ticket: stream, seq, state, attempts, status, error, created_at, settled_at }
    }
}

/// Deliveries, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryList {
    /// The newest two hundred.
    items: Vec<DeliveryView>,
}

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeliveryQuery {
    /// In this state.
    #[serde(default)]
    #[param(inline)]
    state: Option<DeliveryState>,
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It waits, for the first time or again.
    Ready,
    /// It was told.
    Sent,
    /// It was given up.
    Failed,
}

impl DeliveryState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

fn nothing() -> Problem {
    Problem::not_found("there is no such webhook or delivery; GET /api/v1/webhooks lists what there is")
}

/// What is no id names nothing.
fn id(text: &str) -> Result<Uuid, Problem> {
    text.parse().map_err(|_| nothing())
}

/// Have events told to another program.
///
/// Each event of the words asked for is sent as a POST with a JSON body: `id` (of the delivery), `webhook`, `event` (the word), `at`, `seq` and
/// `ticket` as `GET /tickets/{number}` shows it at the moment of sending. Answer with 2xx within ten seconds; anything else is tried again with
/// growing pauses for about a day and a half, then listed as failed; 410 ends it at once. Deliveries may come twice or out of order: know them by
/// `Komek-Delivery` and `seq`. `Komek-Signature: t=SECONDS,v1=HEX` signs each one: HEX is the HMAC-SHA256 of SECONDS, a dot and the body,
/// with the webhook's secret as the key. Compare in constant time, and refuse what is older than five minutes. The secret is shown in this answer alone;
/// whoever loses it deletes the webhook and makes a new one.
#[utoipa::path(
    post,
    path = "/webhooks",
    tag = "webhooks",
    request_body = NewWebhook,
    responses(
        (status = 201, description = "The webhook, with its secret", body = WebhookView),
        (status = 403, description = "Not with this role", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Webhooks are off, or too many", body = Problem, content_type = "application/problem+json"),
        refusals::Body,
        refusals::Always,
    ),
)]
pub async fn create(
    State(api): State<Api>,
    caller: Caller,
    Body { value, .. }: Body<NewWebhook>,
) -> Result<(StatusCode, Json<WebhookView>), Problem> {
    caller.must(Right::Administer)?;
    let url = at_most("url", value.url.trim(), 2_000)?;
    let url = address::check(&url, api.webhooks.allow_private).map_err(Problem::invalid)?;
    let words: BTreeSet<String> = value.words.into_iter().collect();
    if words.is_empty() {
        return Err(Problem::invalid("words: name at least one event; the document lists them"));
    }
    if let Some(word) = words.iter().find(|word| word.parse::<Told>().is_err()) {
        let word: String = word.chars().take(40).collect();
        return Err(Problem::invalid(format!("words: there is no event «{word}»; the document lists them")));
    }
    let id = api.service.clock().id();
    let Some(secret) = api.webhooks.secret(id) else {
        let detail = "webhooks are off: set KOMEK_WEBHOOKS_KEY to 32 random characters or more and start komek-crm again";
        return Err(Problem::conflict("webhooks-off", detail));
    };
    let now = api.service.now();
    let host = url.host_str().unwrap_or_default().to_owned();
    let webhook = Webhook { id, url: url.to_string(), words, created_at: now };
    let mut tx = api.db.begin().await?;
    if tx.webhooks().await?.len() >= MOST {
        return Err(Problem::conflict("too-many-webhooks", format!("there are {MOST}; delete one first")));
    }
    tx.webhook_add(&webhook).await?;
    tx.desk_event(caller.actor(), Event::WebhookMade { webhook: id, host }, now).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(WebhookView::of(webhook, Some(secret.expose_secret().to_owned())))))
}

/// List the webhooks.
#[utoipa::path(
    get,
    path = "/webhooks",
    tag = "webhooks",
    responses(
        (status = 200, description = "The webhooks, without their secrets", body = WebhookList),
        (status = 403, description = "Not with this role", body = Problem, content_type = "application/problem+json"),
        refusals::Always,
    ),
)]
pub async fn list(State(api): State<Api>, caller: Caller) -> Result<Json<WebhookList>, Problem> {
    caller.must(Right::Oversee)?;
    let items = api.db.read().await?.webhooks().await?;
    Ok(Json(WebhookList { items: items.into_iter().map(|w| WebhookView::of(w, None)).collect() }))
}

/// Delete a webhook. What waits for it is given up.
#[utoipa::path(
    delete,
    path = "/webhooks/{id}",
    tag = "webhooks",
    params(("id" = Uuid, Path, description = "The webhook")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 403, description = "Not with this role", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such webhook", body = Problem, content_type = "application/problem+json"),
        refusals::Always,
    ),
)]
pub async fn delete(
    State(api): State<Api>,
    caller: Caller,
    Path(webhook): Path<String>,
) -> Result<StatusCode, Problem> {
    caller.must(Right::Administer)?;
    let now = api.service.now();
    let mut tx = api.db.begin().await?;
    let webhook = tx.webhook_fetch(id(&webhook)?).await?.ok_or_else(nothing)?;
    if !tx.webhook_retire(webhook.id, now).await? {
        return Err(nothing());
    }
    let host =
        Url::parse(&webhook.url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    tx.desk_event(caller.actor(), Event::WebhookDeleted { webhook: webhook.id, host }, now).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List what a webhook was or is to be told, newest first.
#[utoipa::path(
    get,
    path = "/webhooks/{id}/deliveries",
    tag = "webhooks",
    params(("id" = Uuid, Path, description = "The webhook"), DeliveryQuery),
    responses(
        (status = 200, description = "Deliveries", body = DeliveryList),
        (status = 403, description = "Not with this role", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such webhook", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A value cannot be used", body = Problem, content_type = "application/problem+json"),
        refusals::Always,
    ),
)]
pub async fn deliveries(
    State(api): State<Api>,
    caller: Caller,
    Path(webhook): Path<String>,
    Params(query): Params<DeliveryQuery>,
) -> Result<Json<DeliveryList>, Problem> {
    caller.must(Right::Oversee)?;
    let mut tx = api.db.read().await?;
    let webhook = tx.webhook_fetch(id(&webhook)?).await?.ok_or_else(nothing)?;
    let items = tx.deliveries(webhook.id, query.state.map(DeliveryState::as_str), LISTED).await?;
    Ok(Json(DeliveryList { items: items.into_iter().map(DeliveryView::from).collect() }))
}

/// Tell an event again, under the same id, whatever became of it before.
#[utoipa::path(
    post,
    path = "/webhooks/{id}/deliveries/{delivery}/replay",
    tag = "webhooks",
    params(
        ("id" = Uuid, Path, description = "The webhook"),
        ("delivery" = Uuid, Path, description = "The delivery"),
    ),
    responses(
        (status = 202, description = "It is sent again"),
        (status = 403, description = "Not with this role", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such delivery", body = Problem, content_type = "application/problem+json"),
        refusals::Always,
    ),
)]
pub async fn replay(
    State(api): State<Api>,
    caller: Caller,
    Path((webhook, delivery)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    caller.must(Right::Administer)?;
    let mut tx = api.db.begin().await?;
    let webhook = tx.webhook_fetch(id(&webhook)?).await?.ok_or_else(nothing)?;
    if !tx.delivery_replay(webhook.id, id(&delivery)?, api.service.now()).await? {
        return Err(nothing());
    }
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}
