//! SLA clocks under load: how late promises are found broken with a million open tickets, and what the clock costs while nothing is due.
//!
//! The real `komek-crm serve` runs on the real clock; this program fills the database through the service and looks on.

mod fill;
mod watch;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bench::database::{Engine, Fresh};
use bench::figures::machine;
use bench::options::Places;
use bench::process::Running;
use chrono::TimeDelta;
use clap::Parser;
use crm::clock::{Clock, Moment, SystemClock};

/// Measures the SLA clock.
#[derive(Parser)]
struct Cli {
    /// On which engine.
    #[arg(long, value_enum, default_value = "sqlite")]
    engine: Engine,
    /// Open tickets whose clocks run.
    #[arg(long, default_value_t = 1_000_000)]
    open: usize,
    /// Promises that are broken in one and the same second.
    #[arg(long, default_value_t = 10_000)]
    due: usize,
    /// How often each shape (spread over the second, all at one instant) is measured.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Seconds to look at an idle clock.
    #[arg(long, default_value_t = 30)]
    idle: u64,
    #[command(flatten)]
    places: Places,
}

/// Waits until the reports have counted the tickets that were filed just now: that is work, not idleness.
async fn counted(database: &Fresh, crm: &mut Running) -> Result<()> {
    let begun = Instant::now();
    while crm.runs() && database.number("SELECT COUNT(*) FROM report_dirty").await? > 0 {
        ensure!(begun.elapsed() < Duration::from_mins(30), "the reports do not catch up");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    println!(
        "# the reports have counted them after {:.0} s, {:.1} CPU s",
        begun.elapsed().as_secs_f64(),
        crm.used().cpu
    );
    tokio::time::sleep(Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    println!("# {}", machine());
    let database = filled(&cli).await?;
    let open = database.number("SELECT COUNT(*) FROM ticket WHERE wake_at IS NOT NULL").await?;
    println!("# {}, {open} open deadlines, {} due in one second", cli.engine, cli.due);

    let mut crm = start(&cli.places, &database)?;
    counted(&database, &mut crm).await?;
    ensure!(crm.runs(), "komek-crm has ended: see {}", cli.places.work.join("crm.log").display());
    let before = crm.used();
    tokio::time::sleep(Duration::from_secs(cli.idle)).await;
    let idle = (crm.used().cpu - before.cpu) / f64::from(u32::try_from(cli.idle)?) * 100.0;
    println!("idle\t{idle:.2} % of one core over {} s\tpeak {:.1} MiB", cli.idle, crm.used().peak_mib);

    for run in 1..=cli.runs {
        for (shape, second) in [("spread", TimeDelta::seconds(1)), ("instant", TimeDelta::zero())] {
            let deadlines = deadlines(cli.due, second);
            fill::due(&database, &deadlines).await?;
            ensure!(
                SystemClock.now() < deadlines[0],
                "the machine is too slow: the tickets were not ready in time"
            );
            let before = crm.used().cpu;
            let fired = watch::watch(&database, &deadlines).await?;
            tokio::time::sleep(Duration::from_secs(1)).await;
            let cpu = crm.used().cpu - before;
            let (breaches, tickets) = fired.breaches;
            let once = if (breaches, tickets) == (cli.due, cli.due) { "each once" } else { "NOT EACH ONCE" };
            for (what, spread) in [("written down", fired.written), ("seen committed", fired.seen)] {
                if let Some(spread) = spread {
                    println!("{shape}\t{run}\t{what}\t{spread}");
                }
            }
            println!(
                "{shape}\t{run}\tall fired {:.0} ms after the first deadline, {breaches} breaches of {tickets} tickets ({once}), {cpu:.2} CPU s",
                fired.all
            );
            // Their clocks go on to the next mark; the next run is not about that.
            database.run("UPDATE ticket SET wake_at = NULL WHERE state = 'open'").await?;
        }
    }
    println!("peak\t{:.1} MiB", crm.used().peak_mib);
    println!("# {}", machine());
    crm.end().await
}

/// The moments at which promises are to be broken: far enough ahead to file their tickets first.
fn deadlines(count: usize, spread: TimeDelta) -> Vec<Moment> {
    let lead = TimeDelta::milliseconds(10_000 + i64::try_from(count).unwrap_or(0) * 2);
    let first = SystemClock.now() + lead;
    (0..count)
        .map(|n| first + spread * i32::try_from(n).unwrap_or(0) / i32::try_from(count).unwrap_or(1))
        .collect()
}

/// The database with its open tickets: a former run's, if its clocks are still far from due.
async fn filled(cli: &Cli) -> Result<Fresh> {
    let name = format!("timers_{}", cli.open);
    let known = Fresh::named(cli.engine, &cli.places.work, &name)?;
    if let Ok(far) = known.far_from_due(SystemClock.now() + TimeDelta::hours(2)).await
        && far >= i64::try_from(cli.open)?
    {
        return Ok(known);
    }
    let fresh = Fresh::new(cli.engine, &cli.places.work, &name).await?;
    let begun = Instant::now();
    fill::far(&fresh, cli.open, SystemClock.now()).await?;
    println!("# {} tickets filed in {:.0} s", cli.open, begun.elapsed().as_secs_f64());
    Ok(fresh)
}

fn start(places: &Places, database: &Fresh) -> Result<Running> {
    let command = [places.programs.join("komek-crm").display().to_string(), "serve".to_owned()];
    let env = BTreeMap::from([
        ("KOMEK_DATABASE_URL".to_owned(), database.url.clone()),
        ("KOMEK_WEB_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
    ]);
    Running::start(&command, &env, &places.work.join("crm.log"), &places.work)
}
