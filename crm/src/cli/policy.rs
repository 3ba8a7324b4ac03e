//! `policy check`.

use std::path::PathBuf;
use std::process::ExitCode;

use crm::policy::{PolicyBook, PolicyFile};

use super::open;

/// Checks the files, or what the service would load.
pub fn check(files: &[PathBuf]) -> anyhow::Result<ExitCode> {
    if files.is_empty() {
        let book = PolicyBook::load(open::config()?.policy.dir.as_deref())?;
        book.iter().for_each(describe);
        return Ok(ExitCode::SUCCESS);
    }
    let mut mistakes = 0;
    for file in files {
        match PolicyFile::read(&file.display().to_string(), &open::text(file)?) {
            Ok(file) => describe(&file),
            Err(problems) => {
                mistakes += problems.0.len();
                eprintln!("{problems}");
            }
        }
    }
    match mistakes {
        0 => return Ok(ExitCode::SUCCESS),
        1 => eprintln!("1 mistake found"),
        n => eprintln!("{n} mistakes found"),
    }
    Ok(ExitCode::FAILURE)
}

fn describe(file: &PolicyFile) {
    let (policy, origin) = (&file.policy, &file.origin);
    let from = policy.in_force_from.with_timezone(&policy.time_zone).to_rfc3339();
    println!("{origin}: {} is in order: {} kinds, in force from {from}", policy.name(), policy.kinds.len());
}
