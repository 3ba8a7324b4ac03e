//! `/api/v1` (DESIGN 6): tickets, the directory, alerts and reports for other programs. The OpenAPI document is made from the handlers.

mod alerts;
mod caller;
mod commands;
mod credits;
mod directory;
mod gather;
mod idempotency;
mod incidents;
mod input;
mod intervals;
mod messages;
mod problem;
mod refusals;
mod reports;
mod schema;
mod tickets;
mod views;
mod webhooks;

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router, middleware};
use utoipa::OpenApi;
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{RefOr, Schema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use caller::{Caller, Limits};
pub use problem::Problem;
pub use views::TicketView;

use crate::intake::alerts::AlertRules;
use crate::service::Service;
use crate::store::Db;
use crate::webhooks::WebhookConfig;

/// Largest body: an Alertmanager that reports a thousand alerts at once needs about one MiB.
const BODY_LIMIT: usize = 4 << 20;

/// What the API works with.
#[derive(Clone)]
pub struct Api {
    /// Changes tickets.
    pub service: Service,
    /// The database.
    pub db: Db,
    /// How often each token may call.
    pub limits: Limits,
    /// What alerts mean.
    pub alerts: Arc<AlertRules>,
    /// Whether webhooks may be made, and where they may lead.
    pub webhooks: Arc<WebhookConfig>,
    /// Who waits for a transaction.
    gathering: gather::Gathering,
}

impl Api {
    /// An API with so many requests a second for each token, and so many at once; zero counts as one.
    pub fn new(service: Service, db: Db, (per_second, burst): (u32, u32), alerts: AlertRules) -> Self {
        let at_least_one = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let limits = Limits::new(at_least_one(per_second), at_least_one(burst));
        Self {
            service,
            db,
            limits,
            alerts: Arc::new(alerts),
            webhooks: Arc::default(),
            gathering: gather::Gathering::default(),
        }
    }

    /// The same with webhooks.
    #[must_use]
    pub fn with_webhooks(self, config: WebhookConfig) -> Self {
        Self { webhooks: Arc::new(config), ..self }
    }
}

/// The frame of the document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Komek",
        description = "Tickets of the support desk, with the promises they carry. Every request needs a bearer token (`komek-crm \
                       token create`); errors are problem documents (RFC 9457) that say what to do.",
    ),
    security(("token" = [])),
    modifiers(&Token),
)]
struct Document;

struct Token;

impl utoipa::Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

/// Says of the commands what serde enforces: no other fields.
fn close(document: &mut utoipa::openapi::OpenApi) {
    let Some(schemas) = document.components.as_mut().map(|c| &mut c.schemas) else { return };
    for body in ["CommandBody", "IncidentCommand", "IntervalCommand"] {
        let Some(RefOr::T(Schema::OneOf(commands))) = schemas.get_mut(body) else { continue };
        for command in &mut commands.items {
            if let RefOr::T(Schema::Object(fields)) = command {
                fields.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
            }
        }
    }
}

fn parts(api: Api) -> (Router, utoipa::openapi::OpenApi) {
    let described = OpenApiRouter::new()
        .routes(routes!(tickets::list, tickets::create))
        .routes(routes!(tickets::read))
        .routes(routes!(messages::list, messages::create))
        .routes(routes!(commands::run))
        .routes(routes!(directory::customers))
        .routes(routes!(directory::services))
        .routes(routes!(alerts::receive))
        .routes(routes!(webhooks::list, webhooks::create))
        .routes(routes!(webhooks::delete))
        .routes(routes!(webhooks::deliveries))
        .routes(routes!(webhooks::replay))
        .routes(routes!(reports::sla))
        .routes(routes!(credits::credits))
        .routes(routes!(incidents::list, incidents::create))
        .routes(routes!(incidents::read))
        .routes(routes!(incidents::run))
        .routes(routes!(intervals::list, intervals::create))
        .routes(routes!(intervals::run));
    let (router, mut document) =
        OpenApiRouter::with_openapi(Document::openapi()).nest("/api/v1", described).split_for_parts();
    close(&mut document);
    let router = router
        .method_not_allowed_fallback(|| async { Problem::method() })
        .layer(middleware::from_fn_with_state(api.clone(), caller::enter))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(api);
    (router, document)
}

/// The routes below `/api/v1`.
pub fn router(api: Api) -> Router {
    let (router, document) = parts(api);
    let document = Arc::new(document);
    let open = move || {
        let document = document.clone();
        async move {
            let cache = [(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"))];
            (cache, Json(&*document)).into_response()
        }
    };
    // Whoever writes a client may read what there is without a token.
    Router::new().route("/api/v1/openapi.json", get(open)).merge(router).route(
        "/api/v1/{*rest}",
        axum::routing::any(|| async {
            Problem::not_found("there is no such address; /api/v1/openapi.json lists what there is")
        }),
    )
}
