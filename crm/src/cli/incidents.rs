//! `incidents import` and `credits`: a month from files, or from what the desk confirmed.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use crm::admin;
use crm::clock::{Clock, SystemClock};
use crm::credits::view::{COLUMNS, CreditView, csv_row, views};
use crm::credits::{self, checklist};
use crm::domain::actor::Actor;
use crm::domain::downtime::Month;
use crm::incidents::import;
use crm::service::Service;
use crm::store::Db;

use super::open;

/// How the figures are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A list of objects with everything that explains a figure
    Json,
    /// One line per service
    Csv,
}

async fn desk() -> anyhow::Result<(Db, Service)> {
    let config = open::config()?;
    let db = open::ready_database(&config).await?;
    let clock = Arc::new(SystemClock);
    let policies = admin::policies_open(&db, config.policy.dir.as_deref(), clock.now()).await?;
    Ok((db, Service::new(clock, policies)))
}

/// Imports a file of intervals: all of it, or nothing.
pub async fn import(file: &Path) -> anyhow::Result<ExitCode> {
    let text = std::fs::read(file)
        .with_context(|| format!("{} cannot be read; check its name and its owner", file.display()))?;
    let (db, desk) = desk().await?;
    let mut tx = db.begin().await?;
    let known = import::known(&mut tx).await?;
    let list = match import::read(&text, &known, desk.now()) {
        Ok(list) => list,
        Err(mistakes) => {
            eprint!("{mistakes}");
            let many = mistakes.0.len();
            let noun = if many == 1 { "mistake" } else { "mistakes" };
            eprintln!("{}: {many} {noun} found; nothing was imported", file.display());
            return Ok(ExitCode::FAILURE);
        }
    };
    let new = import::store(&mut tx, &desk, (&list, &text), &Actor::Operator).await?;
    tx.commit().await?;
    db.close().await;
    let before = list.len() as u64 - new;
    println!("{new} intervals imported, {before} known already");
    Ok(ExitCode::SUCCESS)
}

/// Prints a month's figures: frozen ones where the period is closed, else what is confirmed now.
pub async fn credits(month: Month, format: Format, close: bool) -> anyhow::Result<ExitCode> {
    let (db, desk) = desk().await?;
    let mut failed = false;
    if close {
        let (services, problems) = credits::close(&db, &desk, month, &Actor::Operator).await?;
        for problem in &problems {
            eprintln!("{problem}");
        }
        eprintln!("{month}: the figures of {services} services are frozen");
        failed = !problems.is_empty();
        if failed {
            eprintln!("{} services are left out; mend what is said above and close again", problems.len());
        }
    }
    let mut tx = db.read().await?;
    let checks = checklist(&mut tx, desk.policies(), month, desk.now()).await?;
    if !checks.over {
        eprintln!("{month} is not over yet: these figures are preliminary");
    }
    for (many, what) in [
        (checks.unconfirmed.len(), "intervals wait for a second person and do not count yet"),
        (checks.unmeasured.len(), "gaps in monitoring wait for a ruling"),
        (checks.blind.len(), "control planes are not looked at any more; start the provisioner"),
        (checks.claims.len(), "claims wait for a decision"),
    ] {
        if many > 0 {
            eprintln!("{many} {what}");
        }
    }
    let mut out = Printer::new(format)?;
    let mut after = String::new();
    while let Some((batch, end)) = views(&mut tx, desk.policies(), &checks, &after).await? {
        after = end;
        for view in &batch {
            if let Some(problem) = &view.problem {
                eprintln!("{problem}");
                failed = true;
            }
            out.print(view)?;
        }
    }
    out.end()?;
    drop(tx);
    db.close().await;
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Writes figures one by one: a hundred thousand services need not be held at once.
enum Printer {
    Json { out: std::io::BufWriter<std::io::Stdout>, first: bool },
    Csv(Box<csv::Writer<std::io::Stdout>>),
}

impl Printer {
    fn new(format: Format) -> anyhow::Result<Self> {
        Ok(match format {
            Format::Json => {
                let mut out = std::io::BufWriter::new(std::io::stdout());
                write!(out, "[")?;
                Self::Json { out, first: true }
            }
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(std::io::stdout());
                writer.write_record(COLUMNS)?;
                Self::Csv(Box::new(writer))
            }
        })
    }

    fn print(&mut self, view: &CreditView) -> anyhow::Result<()> {
        match self {
            Self::Json { out, first } => {
                write!(out, "{}", if std::mem::take(first) { "\n" } else { ",\n" })?;
                serde_json::to_writer(out, view)?;
            }
            Self::Csv(writer) => writer.write_record(csv_row(view))?,
        }
        Ok(())
    }

    fn end(self) -> anyhow::Result<()> {
        match self {
            Self::Json { mut out, .. } => {
                writeln!(out, "\n]")?;
                out.flush()?;
            }
            Self::Csv(mut writer) => writer.flush()?,
        }
        Ok(())
    }
}
