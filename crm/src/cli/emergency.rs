//! `emergency on|off`: the longer first-reply promise while something large is broken (T8).

use std::process::ExitCode;
use std::sync::Arc;

use crm::clock::SystemClock;
use crm::domain::actor::Actor;
use crm::policy::PolicyBook;
use crm::service::{Emergency, Service};

use super::open;

/// Switches emergency mode, and says how it stands.
pub async fn switch(on: bool, reason: Option<String>) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(!on || reason.is_some(), "say why with --reason: the desk's record keeps it");
    let config = open::config()?;
    let db = open::ready_database(&config).await?;
    // No ticket is touched, so no terms are needed.
    let service = Service::new(Arc::new(SystemClock), Arc::new(PolicyBook::default()));
    let mut tx = db.begin().await?;
    let before: Emergency = tx.setting("emergency").await?.unwrap_or_default();
    if before.on == on {
        println!("emergency mode is {} already", if on { "on" } else { "off" });
    } else {
        service.emergency(&mut tx, on, reason.unwrap_or_default(), &Actor::Operator).await?;
        tx.commit().await?;
        println!(
            "emergency mode is {}",
            if on { "on: first replies are promised later, and customers are told so" } else { "off" }
        );
    }
    db.close().await;
    Ok(ExitCode::SUCCESS)
}
