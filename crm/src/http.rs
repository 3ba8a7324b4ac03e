//! The crm's HTTP server: health, readiness and figures for whoever watches it. Web pages and API are merged into the same router.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::policy::PolicyBook;
use crate::store::Db;

/// How long a check of readiness waits for the database: a watcher wants an answer, not patience.
const READY_WITHIN: Duration = Duration::from_secs(3);

/// What the health pages look at.
#[derive(Clone)]
pub struct Health {
    /// The database.
    pub db: Db,
    /// The terms that are loaded.
    pub policies: Arc<PolicyBook>,
    /// The figures.
    pub figures: PrometheusHandle,
}

/// `/healthz`, `/readyz` and `/metrics`.
pub fn router(health: Health) -> Router {
    Router::new()
        .route("/healthz", get(|| async { Json(json!({ "status": "ok" })) }))
        .route("/readyz", get(ready))
        .route("/metrics", get(figures))
        .with_state(health)
}

/// Ready when the database answers with the schema this program needs; says in detail what is missing.
async fn ready(State(health): State<Health>) -> Response {
    let schema = match tokio::time::timeout(READY_WITHIN, health.db.migrations_missing()).await {
        Ok(Ok(0)) => Ok(()),
        Ok(Ok(missing)) => Err(format!("the schema is {missing} migrations behind; run `komek-crm migrate`")),
        Ok(Err(e)) => Err(e.to_string()),
        Err(_) => Err(format!("no answer within {} s", READY_WITHIN.as_secs())),
    };
    let policies: Vec<_> = health.policies.iter().map(|file| file.policy.name()).collect();
    let (status, word) = match &schema {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
    };
    let database = match schema {
        Ok(()) => json!({ "ok": true }),
        Err(problem) => json!({ "ok": false, "problem": problem }),
    };
    let delivery = if status == StatusCode::OK {
        let read = tokio::time::timeout(READY_WITHIN, crate::telemetry::Delivery::read(&health.db));
        json!(read.await.unwrap_or_default())
    } else {
        json!(null)
    };
    let detail = json!({ "status": word, "database": database, "policies": policies, "delivery": delivery });
    (status, Json(detail)).into_response()
}

async fn figures(State(health): State<Health>) -> Response {
    // What waits is a fact of the database, not of this process: it is counted when somebody asks.
    let pending = async { health.db.read().await?.outbox_pending().await };
    if let Ok(Ok(pending)) = tokio::time::timeout(READY_WITHIN, pending).await {
        metrics::gauge!("komek_outbox_pending").set(f64::from(i32::try_from(pending).unwrap_or(i32::MAX)));
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], health.figures.render())
        .into_response()
}

/// Takes the port; the error says what to do when it is taken.
pub async fn bind(listen: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(listen).await.map_err(|e| {
        let advice = match e.kind() {
            std::io::ErrorKind::AddrInUse => {
                "another program listens there; stop it, or choose another port with KOMEK_WEB_LISTEN"
            }
            std::io::ErrorKind::PermissionDenied => {
                "ports below 1024 need a privilege; choose a higher one with KOMEK_WEB_LISTEN"
            }
            std::io::ErrorKind::AddrNotAvailable => {
                "this machine has no such address; correct KOMEK_WEB_LISTEN"
            }
            _ => "check KOMEK_WEB_LISTEN",
        };
        anyhow::anyhow!("cannot listen on {listen}: {e}: {advice}")
    })
}

/// Serves until `stop`; requests that are under way are answered first.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> std::io::Result<()> {
    // Who calls is known to the handlers: the public form counts by address.
    let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned()).await
}
