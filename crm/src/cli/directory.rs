//! `directory apply`.

use std::path::Path;
use std::process::ExitCode;

use crm::admin;
use crm::clock::{Clock, SystemClock};
use crm::directory::file;
use crm::domain::actor::Actor;
use crm::domain::audit::sha256_hex;

use super::open;

/// Reads the file, shows what changes, and applies it unless this is a dry run.
pub async fn apply(path: &Path, dry_run: bool) -> anyhow::Result<ExitCode> {
    let text = open::text(path)?;
    let wanted = match file::read(&path.display().to_string(), &text) {
        Ok(wanted) => wanted,
        Err(problems) => {
            eprintln!("{problems}");
            let count = problems.0.len();
            eprintln!(
                "{count} {} found; nothing was applied",
                if count == 1 { "mistake" } else { "mistakes" }
            );
            return Ok(ExitCode::FAILURE);
        }
    };
    let config = open::config()?;
    let db = open::ready_database(&config).await?;
    let digest = sha256_hex(text.as_bytes());
    let changes =
        admin::directory_apply(&db, SystemClock.now(), &wanted, &digest, Actor::Operator, dry_run).await?;
    db.close().await;
    for change in &changes {
        println!("{change}");
    }
    match (changes.len(), dry_run) {
        (0, _) => println!("nothing to change"),
        (n, true) => println!("{n} changes; nothing was applied (dry run)"),
        (1, false) => println!("1 change applied"),
        (n, false) => println!("{n} changes applied"),
    }
    Ok(ExitCode::SUCCESS)
}
