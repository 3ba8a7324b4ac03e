//! Logs and figures, the same for the three services.

use std::io::IsTerminal;
use std::net::SocketAddr;

use anyhow::Context;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::Log;

/// The setting under which the bot writes down what keeps messages from going out.
pub const DELIVERY: &str = "delivery";

/// What keeps messages from going out: since when, and what is wrong; `None` where all is well.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Delivery {
    /// Telegram does not answer.
    pub telegram: Option<(crate::clock::Moment, String)>,
    /// The desk's group cannot be written to.
    pub desk: Option<(crate::clock::Moment, String)>,
}

impl Delivery {
    /// As it was last written down. A detail of readiness, never a reason not to be ready.
    pub async fn read(db: &crate::store::Db) -> Self {
        let read = async { db.read().await?.setting::<Self>(DELIVERY).await };
        read.await.ok().flatten().unwrap_or_default()
    }
}

/// Starts logging to standard error.
pub fn logging(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.filter).with_context(|| {
        format!("KOMEK_LOG_FILTER «{}» does not read; write for example info, or info,sqlx=warn", log.filter)
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let started = if log.json { builder.json().try_init() } else { builder.try_init() };
    started.map_err(|e| anyhow::anyhow!("logging cannot start: {e}"))
}

/// Starts the figures; the handle renders the Prometheus page.
pub fn figures() -> anyhow::Result<PrometheusHandle> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(
            Matcher::Full("komek_timer_lateness_seconds".to_owned()),
            &[0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 30.0, 300.0],
        )?
        .set_buckets_for_metric(
            Matcher::Full("komek_action_seconds".to_owned()),
            &[0.1, 0.5, 1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0],
        )?;
    let handle = builder.install_recorder()?;
    describe();
    Ok(handle)
}

/// What each figure means, for whoever reads the page.
fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_counter!("komek_updates_total", "Updates from Telegram that were stored, by kind");
    describe_counter!("komek_tickets_opened_total", "Tickets opened, by kind");
    describe_counter!("komek_sla_breaches_total", "Promises broken, by target (first_reply, resolution)");
    describe_gauge!("komek_outbox_pending", "Messages that wait to be sent");
    describe_gauge!(
        "komek_inbox_lag_seconds",
        Unit::Seconds,
        "Age of the oldest update that is not handled yet"
    );
    describe_counter!(
        "komek_mails_total",
        "Mails that came in, by outcome (opened, added, automatic, nobody, seen)"
    );
    describe_counter!(
        "komek_mail_failures_total",
        "Attempts to read or send mail that failed, by way (in, out)"
    );
    describe_counter!(
        "komek_webhook_attempts_total",
        "Attempts to tell a webhook, by outcome (sent, failed)"
    );
    describe_histogram!("komek_timer_lateness_seconds", Unit::Seconds, "How late SLA clocks were looked at");
    describe_histogram!("komek_action_seconds", Unit::Seconds, "How long actions took, by kind and outcome");
}

/// Ends with the first of Ctrl-C and SIGTERM.
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term.recv() => {}
    }
}

/// Serves `/healthz`, `/readyz` and `/metrics` of a service without a web of its own, until the process ends.
pub async fn serve_health(
    listen: SocketAddr,
    handle: PrometheusHandle,
    db: crate::store::Db,
) -> anyhow::Result<()> {
    use axum::http::StatusCode;
    use axum::routing::get;
    let ready = move || {
        let db = db.clone();
        async move {
            match db.migrations_missing().await {
                Ok(0) => {
                    let mut text = "ready\n".to_owned();
                    let delivery = Delivery::read(&db).await;
                    for (what, wrong) in [("telegram", delivery.telegram), ("desk", delivery.desk)] {
                        if let Some((since, problem)) = wrong {
                            text.push_str(&format!("{what}: {problem}, since {since}; messages wait\n"));
                        }
                    }
                    (StatusCode::OK, text)
                }
                Ok(n) => (
                    StatusCode::SERVICE_UNAVAILABLE,
                    format!("{n} migrations missing: run komek-crm migrate\n"),
                ),
                Err(e) => (StatusCode::SERVICE_UNAVAILABLE, format!("{e}\n")),
            }
        }
    };
    let router = axum::Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(move || std::future::ready(handle.render())));
    let listener =
        tokio::net::TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    Ok(axum::serve(listener, router).await?)
}
