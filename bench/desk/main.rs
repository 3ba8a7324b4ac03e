//! The desk at size: tickets by the API, replies, the queue page under its filters, the search, the SLA report; beside Request Tracker 5
//! in the same run, if it is asked for.

mod komek;
mod tracker;

use std::time::Duration;

use anyhow::{Result, ensure};
use bench::figures::{Spread, machine};
use bench::load::{Ask, Load};
use bench::options::{Engines, Places};
use bench::process::Tree;
use bench::seed::Size;
use clap::Parser;

use tracker::Tracker;

/// Measures the desk.
#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    engines: Engines,
    #[command(flatten)]
    size: Size,
    /// Requests of each measurement at most
    #[arg(long, default_value_t = 2_000)]
    count: usize,
    /// Seconds of each at most
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Only fill the databases
    #[arg(long)]
    only_fill: bool,
    /// Request Tracker's folder, as `desk/rt/install.sh` made it: it is measured too, with so many of its own tickets as `--rt-tickets`
    #[arg(long)]
    rt: Option<std::path::PathBuf>,
    /// Tickets of Request Tracker
    #[arg(long, default_value_t = 100_000)]
    rt_tickets: usize,
    #[command(flatten)]
    places: Places,
}

/// One thing that is measured.
struct Shape {
    name: &'static str,
    at_once: usize,
    what: Box<dyn Fn(usize) -> Ask + Send + Sync>,
}

impl Shape {
    fn new(name: &'static str, at_once: usize, what: impl Fn(usize) -> Ask + Send + Sync + 'static) -> Self {
        Self { name, at_once, what: Box::new(what) }
    }

    /// The page at `path`, one reader.
    fn page(name: &'static str, path: impl Into<String>) -> Self {
        let path = path.into();
        Self::new(name, 1, move |_| Ask::get(path.clone()))
    }
}

/// Whose processes are counted: with a name each.
type Watched = Vec<(&'static str, u32)>;

fn used(watched: &Watched) -> Vec<(&'static str, Tree)> {
    watched.iter().map(|(name, pid)| (*name, Tree::of(*pid))).collect()
}

/// Runs one shape against `load`; `settle` waits until what it left behind is done, which belongs to it.
async fn measure(
    who: &str,
    shape: Shape,
    load: &Load,
    watched: &Watched,
    settle: impl AsyncFnOnce() -> Result<()>,
) -> Result<()> {
    let before = used(watched);
    let load = Load { at_once: shape.at_once, ..load.clone() };
    let came = load.run(shape.what).await?;
    settle().await?;
    let after = used(watched);
    ensure!(!came.times.is_empty(), "{}: nothing was answered in time", shape.name);
    let (count, per_second) = (came.times.len(), rate(came.times.len(), came.took));
    let cpu: Vec<(f64, &str)> = before
        .iter()
        .zip(&after)
        .map(|((name, before), (_, after))| ((after.cpu - before.cpu) * 1000.0 / rate(count, Duration::from_secs(1)), *name))
        .collect();
    let whole: f64 = cpu.iter().map(|c| c.0).sum();
    let parts: Vec<String> = cpu.iter().map(|(cpu, name)| format!("{name} {cpu:.3}")).collect();
    let Some(spread) = Spread::of(came.times) else { return Ok(()) };
    println!(
        "{who}\t{}\t{} at once\t{per_second:.1}/s\t{spread}, of {count}\t{whole:.3} CPU s per 1,000 ({})\t{:.0} kB",
        shape.name,
        shape.at_once,
        parts.join(" + "),
        rate(came.last.len(), Duration::from_secs(1_000)),
    );
    Ok(())
}

fn rate(count: usize, time: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / time.as_secs_f64()
}

fn tell_memory(who: &str, watched: &Watched) {
    let parts: Vec<String> = used(watched)
        .into_iter()
        .map(|(name, tree)| format!("{name} {:.0} MiB RSS, {:.0} PSS", tree.rss_mib, tree.pss_mib))
        .collect();
    println!("{who}\tmemory\t{}", parts.join("; "));
}

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    println!("# {}", machine());
    for engine in &cli.engines.engines {
        let database = cli.size.ready(*engine, &cli.places).await?;
        if !cli.only_fill {
            komek::measure_all(*engine, &database, &cli).await?;
        }
    }
    if let Some(folder) = &cli.rt {
        let tracker = Tracker::start(folder, cli.rt_tickets).await?;
        let measured = tracker.measure_all(&cli).await;
        tracker.end().await?;
        measured?;
    }
    println!("# {}", machine());
    Ok(())
}
