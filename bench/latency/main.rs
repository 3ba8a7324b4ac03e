//! How long people wait: from a press to the first byte of the answer, and from an approval to the first call of the hypervisor.

mod approval;
mod press;

use anyhow::Result;
use bench::figures::{Spread, machine};
use bench::options::{Engines, Places};
use clap::Parser;

/// Measures waiting.
#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    engines: Engines,
    /// Presses, and approvals, in each measurement.
    #[arg(long, default_value_t = 500)]
    count: usize,
    /// How often each is measured.
    #[arg(long, default_value_t = 2)]
    runs: usize,
    #[command(flatten)]
    places: Places,
}

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    println!("# {}", machine());
    for run in 1..=cli.runs {
        for engine in &cli.engines.engines {
            for at_once in [1, 10] {
                let times = press::measure(*engine, cli.count, at_once, &cli.places.programs, &cli.places.work).await?;
                tell(&format!("{engine}\t{run}\tpress to toast\t{at_once} at once"), times.toast);
                tell(&format!("{engine}\t{run}\tpress to answer\t{at_once} at once"), times.answer);
            }
            for at_once in [1, 10] {
                let times = approval::measure(*engine, cli.count, at_once, &cli.places.work).await?;
                tell(&format!("{engine}\t{run}\tapproval to first call\t{at_once} at once"), times.first);
                tell(&format!("{engine}\t{run}\tapproval to first change\t{at_once} at once"), times.change);
            }
        }
    }
    println!("# {}", machine());
    Ok(())
}

fn tell(what: &str, times: Vec<f64>) {
    let count = times.len();
    match Spread::of(times) {
        Some(spread) => println!("{what}\t{spread}, of {count}"),
        None => println!("{what}\tnothing was measured"),
    }
}
