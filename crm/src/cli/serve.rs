//! `serve` and `migrate`.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use crm::admin;
use crm::api::Api;
use crm::clock::{Clock, SystemClock};
use crm::http::{self, Health};
use crm::incidents::probes::Probes;
use crm::mail::Mail;
use crm::once::{self, Once};
use crm::process;
use crm::reports::Reports;
use crm::service::Service;
use crm::telemetry;
use crm::web::Web;
use crm::webhooks::Webhooks;
use crm::worker::Worker;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::open;

/// How long to wait at the end for what is under way.
const GRACE: Duration = Duration::from_secs(10);

/// Runs the service until SIGTERM or Ctrl-C.
pub async fn serve() -> anyhow::Result<ExitCode> {
    let config = open::config()?;
    telemetry::logging(&config.log)?;
    let figures = telemetry::figures()?;
    // The port first: a second crm on the same machine is noticed before it touches anything.
    let listener = http::bind(config.web.listen).await?;
    let db = open::ready_database(&config).await?;
    let clock = Arc::new(SystemClock);
    let policies = admin::policies_open(&db, config.policy.dir.as_deref(), clock.now()).await?;
    let names: Vec<_> = policies.iter().map(|file| file.policy.name()).collect();
    tracing::info!(listen = %config.web.listen, policies = names.join(" "), "komek-crm {} is up", env!("CARGO_PKG_VERSION"));

    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    let service = Service::new(clock.clone(), policies.clone());
    let probes = Probes::new(db.clone(), service.clone(), config.alerts.clone());
    let limits = (config.api.requests_per_second, config.api.burst);
    let api =
        Api::new(service.clone(), db.clone(), limits, config.alerts).with_webhooks(config.webhooks.clone());
    let reports = Reports::new(service.clone(), db.clone());
    let name = process::name("crm");
    let webhooks = Webhooks::new(service.clone(), db.clone(), config.webhooks, name.clone());
    let mail = Mail::new(service.clone(), db.clone(), config.mail, config.support.clone(), name.clone())?;
    let worker = Worker::new(service.clone(), db.clone(), name);
    let mut worker = tasks.spawn(worker.run(stop.clone()));
    let pages =
        Web::new(db.clone(), service, config.web.address(), config.support.clone(), config.oidc.clone())
            .until(stop.clone())
            .router();
    tasks.spawn(crm::web::indexer(db.clone(), clock.clone(), stop.clone()));
    let router = http::router(Health { db: db.clone(), policies, figures: figures.clone() })
        .merge(crm::api::router(api))
        .merge(pages)
        .merge(once::router(Once { db: db.clone(), clock }));
    let mut server = tasks.spawn(http::serve(listener, router, stop.clone()));
    tasks.spawn(mail.clone().receive(stop.clone()));
    tasks.spawn(mail.send(stop.clone()));
    tasks.spawn(webhooks.run(stop.clone()));
    tasks.spawn(probes.run(stop.clone()));
    tasks.spawn(upkeep(figures, stop.clone()));
    tasks.spawn(count(reports, stop.clone()));
    tasks.close();

    let outcome = tokio::select! {
        () = telemetry::stop_signal() => {
            tracing::info!("stopping: finishing what is under way");
            Ok(())
        }
        ended = &mut worker => Err(anyhow::anyhow!("the SLA clock ended by itself: {ended:?}; please report this")),
        ended = &mut server => match ended {
            Ok(Err(e)) => Err(anyhow::Error::from(e).context("the web server ended")),
            other => Err(anyhow::anyhow!("the web server ended by itself: {other:?}; please report this")),
        },
    };
    stop.cancel();
    if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
        tracing::warn!(
            "something was still under way after {} s and was left; it is done again at the next start",
            GRACE.as_secs()
        );
    }
    db.close().await;
    outcome.map(|()| ExitCode::SUCCESS)
}

/// Keeps the figures small while nobody asks for them.
async fn upkeep(figures: metrics_exporter_prometheus::PrometheusHandle, stop: CancellationToken) {
    while tokio::time::timeout(Duration::from_secs(10), stop.cancelled()).await.is_err() {
        figures.run_upkeep();
    }
}

/// Counts changed tickets into the reports' sums, so that little is left to do when somebody asks.
async fn count(reports: Reports, stop: CancellationToken) {
    while tokio::time::timeout(Duration::from_secs(5), stop.cancelled()).await.is_err() {
        if let Err(error) = reports.tidy().await {
            tracing::error!(%error, "the reports could not be brought up to date; trying again in 5 s");
        }
    }
}

/// Brings the schema up to date.
pub async fn migrate() -> anyhow::Result<ExitCode> {
    let config = open::config()?;
    let db = open::database(&config).await?;
    let missing = db.migrations_missing().await.context("the database does not answer")?;
    db.migrate().await.context("the schema cannot be brought up to date")?;
    db.close().await;
    match missing {
        0 => println!("the schema is up to date"),
        1 => println!("1 migration applied"),
        n => println!("{n} migrations applied"),
    }
    Ok(ExitCode::SUCCESS)
}
