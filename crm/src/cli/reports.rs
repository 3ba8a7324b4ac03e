//! `reports recount`.

use std::process::ExitCode;
use std::sync::Arc;

use crm::admin;
use crm::clock::{Clock, SystemClock};
use crm::reports::Reports;
use crm::service::Service;

use super::open;

/// Counts every ticket anew.
pub async fn recount() -> anyhow::Result<ExitCode> {
    let config = open::config()?;
    let db = open::ready_database(&config).await?;
    let clock = Arc::new(SystemClock);
    let policies = admin::policies_open(&db, config.policy.dir.as_deref(), clock.now()).await?;
    Reports::new(Service::new(clock, policies), db.clone()).recount().await?;
    db.close().await;
    println!("every ticket is counted");
    Ok(ExitCode::SUCCESS)
}
