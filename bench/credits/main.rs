//! Closing a month: 100,000 services with 1,000,000 confirmed intervals, on one core; and one customer's sheet.
//!
//! The closing runs in a process of its own, so that its memory is its own. What it wrote is counted and one record is computed anew.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use bench::database::{Engine, Fresh};
use bench::figures::{Spread, machine, millis};
use bench::options::{Engines, Places};
use bench::process::Used;
use chrono::TimeDelta;
use clap::Parser;
use crm::clock::{Clock, ManualClock, Moment};
use crm::credits;
use crm::directory::{Customer, Directory, Place, Price, Service, Zone};
use crm::domain::actor::Actor;
use crm::domain::credit::Cause;
use crm::domain::downtime::Month;
use crm::domain::ids::{CustomerId, ServiceId, ZoneId};
use crm::domain::incident::{Downtime, DowntimeState};
use uuid::Uuid;

/// Close a month of many services, and compute one customer's sheet.
#[derive(Debug, Parser)]
struct Options {
    #[command(flatten)]
    places: Places,
    /// Services
    #[arg(long, default_value_t = 100_000)]
    services: usize,
    /// Intervals of each
    #[arg(long, default_value_t = 10)]
    intervals: usize,
    #[command(flatten)]
    engines: Engines,
    /// Only close the month of the database that is there: what the program does in its own process
    #[arg(long, hide = true)]
    only_close: bool,
}

/// Sheets that are timed.
const SHEETS: usize = 200;

fn month() -> Month {
    "2026-10".parse().unwrap_or_else(|problem| unreachable!("{problem}"))
}

fn moment(text: &str) -> Moment {
    text.parse().unwrap_or_else(|problem| unreachable!("{problem}"))
}

fn service(n: usize) -> ServiceId {
    ServiceId(format!("vm-{n:06}"))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let options = Options::parse();
    for engine in options.engines.engines.clone() {
        if options.only_close {
            return close(&options, engine).await;
        }
        println!("{}", machine());
        let fresh = Fresh::new(engine, &options.places.work, "credits").await?;
        fill(&options, &fresh).await?;
        println!("{engine}: {} services, {} intervals", options.services, options.services * options.intervals);
        // On one core, in its own process.
        let this = std::env::current_exe()?;
        let begun = Instant::now();
        let status = Command::new("taskset")
            .args(["--cpu-list", "0"])
            .arg(this)
            .args(["--only-close", "--engines", &engine.to_string().to_lowercase().replace("postgresql", "postgres")])
            .arg("--work")
            .arg(&options.places.work)
            .arg("--programs")
            .arg(&options.places.programs)
            .status()
            .context("taskset (util-linux)")?;
        ensure!(status.success(), "the closing failed");
        println!("closing: {:.1} s by the clock, with starting the process", begun.elapsed().as_secs_f64());
        sheets(&options, &fresh).await?;
    }
    Ok(())
}

async fn close(options: &Options, engine: Engine) -> Result<()> {
    let fresh = Fresh::named(engine, &options.places.work, "credits")?;
    let clock = ManualClock::new(moment("2026-11-02T05:00:00Z"));
    let desk = fresh.service(clock).await?;
    let db = fresh.open().await?;
    let (before, begun) = (Used::of(std::process::id()).cpu, Instant::now());
    let (services, problems) = credits::close(&db, &desk, month(), &Actor::Operator).await?;
    let Used { cpu, peak_mib } = Used::of(std::process::id());
    ensure!(problems.is_empty(), "{problems:?}");
    println!(
        "closing: {services} services in {:.2} s, {:.2} CPU seconds, peak memory {peak_mib:.0} MiB",
        begun.elapsed().as_secs_f64(),
        cpu - before
    );
    db.close().await;
    Ok(())
}

/// The directory and the intervals, spread over the month and a little beyond, overlapping here and there.
async fn fill(options: &Options, fresh: &Fresh) -> Result<()> {
    let db = fresh.open().await?;
    let zone = Zone { id: ZoneId::from("ala-1"), libvirt: "test:///default".to_owned(), link: None };
    let since = moment("2026-01-01T00:00:00Z");
    let rented = |n: usize| Service {
        id: service(n),
        customer: CustomerId(format!("customer-{:04}", n % 1_000)),
        place: Place::Vm { zone: zone.id.clone(), domain: format!("vm-{n:06}") },
        since,
        until: None,
        prices: vec![Price { from: since, monthly_tiyn: 4_500_000 + i64::try_from(n % 1_000).unwrap_or(0) * 100 }],
    };
    let customer = |n: usize| {
        let id = CustomerId(format!("customer-{n:04}"));
        Customer { name: id.to_string(), id, cabinet: None }
    };
    let wanted = Directory {
        zones: vec![zone.clone()],
        customers: (0..1_000).map(customer).collect(),
        services: (0..options.services).map(rented).collect(),
        ..Directory::default()
    };
    let mut tx = db.begin().await?;
    tx.directory_save(&Directory::default(), &wanted, since).await?;
    tx.commit().await?;
    drop(wanted);
    let first = moment("2026-09-29T00:00:00Z");
    let mut batch = Vec::new();
    for n in 0..options.services {
        for k in 0..options.intervals {
            let at = (n * 7_919 + k * 104_729) % (34 * 86_400);
            let starts = first + TimeDelta::seconds(i64::try_from(at)?);
            batch.push(Downtime {
                id: Uuid::from_u128((n as u128) << 64 | k as u128),
                service: service(n),
                incident: None,
                state: DowntimeState::Confirmed,
                cause: Some([Cause::Provider, Cause::Provider, Cause::CustomerAct, Cause::PlannedWorks][(n + k) % 4]),
                starts,
                ends: starts + TimeDelta::seconds(60 + i64::try_from(n * 31 % 3_600)?),
                evidence: format!("monitoring {n}-{k}"),
                announced_at: None,
                proposed_by: "nurlan".to_owned(),
                proposed_at: starts,
                seconded_by: Some("dana".to_owned()),
                seconded_at: Some(starts),
                disputed_by: None,
            });
        }
        if batch.len() >= 50_000 || n + 1 == options.services {
            let mut tx = db.begin().await?;
            tx.downtime_add(&batch).await?;
            tx.commit().await?;
            batch.clear();
        }
    }
    db.close().await;
    Ok(())
}

/// One customer's sheets from their frozen records, each in a transaction of its own; and computed from what is confirmed.
async fn sheets(options: &Options, fresh: &Fresh) -> Result<()> {
    let clock = ManualClock::new(moment("2026-11-02T05:00:00Z"));
    let desk = fresh.service(clock.clone()).await?;
    let db = fresh.open().await?;
    let (mut frozen, mut computed, mut down) = (Vec::new(), Vec::new(), 0);
    for n in 0..SHEETS {
        let id = service(n * options.services / SHEETS);
        let begun = Instant::now();
        let mut tx = db.read().await?;
        let record = tx.credit_revisions(&id, month()).await?.pop().context("a record")?;
        let sheet = credits::replay(&record, desk.policies())?;
        frozen.push(millis(begun.elapsed()));
        down += i64::from(sheet.downtime_ms() > 0);
        drop(tx);
        let begun = Instant::now();
        let mut tx = db.read().await?;
        let judged = credits::of_service(&mut tx, desk.policies(), &id, month()).await?.context("it existed")?;
        computed.push(millis(begun.elapsed()));
        ensure!(judged.sheet.as_ref().ok() == Some(&sheet), "{id}: what was frozen comes out again");
    }
    ensure!(down > 0, "somebody had downtime, or nothing was measured");
    for (what, times) in [("frozen", frozen), ("computed anew", computed)] {
        println!("one sheet, {what}: {}", Spread::of(times).context("times")?);
    }
    ensure!(clock.now() == moment("2026-11-02T05:00:00Z"));
    db.close().await;
    Ok(())
}
