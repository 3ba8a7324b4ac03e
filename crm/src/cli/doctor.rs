//! `doctor`.

use std::process::ExitCode;

use crm::admin::doctor::{Doctor, Level};
use crm::clock::{Clock, SystemClock};

use super::open;

/// Prints every check, and ends with 1 if one is an error.
pub async fn doctor() -> anyhow::Result<ExitCode> {
    let config = open::config()?;
    println!("ok       configuration: read");
    let doctor = Doctor::visit(&config, SystemClock.now()).await;
    for check in &doctor.checks {
        println!("{check}");
    }
    let count = |level| doctor.checks.iter().filter(|check| check.level == level).count();
    println!("{} errors, {} warnings", count(Level::Error), count(Level::Warning));
    Ok(if doctor.has_errors() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
