//! Many at once: a thousand people in dialogues, one who floods, minutes of steady load, and an urgent message behind a long queue.

mod load;
mod urgent;

use std::time::Duration;

use anyhow::Result;
use bench::database::Engine;
use bench::figures::{Spread, machine};
use bench::options::{Engines, Places};
use clap::Parser;

use load::Load;

/// Measures crowds.
#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    engines: Engines,
    /// Seconds that a thousand people are watched, with and without one who floods.
    #[arg(long, default_value_t = 60)]
    watch: u64,
    /// Seconds that 200 updates a second are held.
    #[arg(long, default_value_t = 300)]
    hold: u64,
    #[command(flatten)]
    places: Places,
}

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    println!("# {}", machine());
    for engine in &cli.engines.engines {
        for (what, took) in urgent::measure(*engine, &cli.places.programs, &cli.places.work).await? {
            println!("{engine}\t{what}\t{took:.0} ms");
        }
        let thinking = Duration::from_secs(10);
        let dialogues =
            Load { per_second: 100, thinking, lasts: Duration::from_secs(cli.watch), flood: false };
        tell(*engine, "1,000 in dialogues", &dialogues, &cli).await?;
        tell(*engine, "1,000 in dialogues, one floods", &Load { flood: true, ..dialogues }, &cli).await?;
        let held = Load {
            per_second: 200,
            thinking: Duration::from_secs(5),
            lasts: Duration::from_secs(cli.hold),
            flood: false,
        };
        tell(*engine, "held", &held, &cli).await?;
    }
    println!("# {}", machine());
    Ok(())
}

async fn tell(engine: Engine, name: &str, load: &Load, cli: &Cli) -> Result<()> {
    let came = load.run(engine, &cli.places.programs, &cli.places.work).await?;
    let what = format!("{engine}\t{name}, {} updates/s for {} s", load.per_second, load.lasts.as_secs());
    for (side, times) in [("words to offer", came.offer), ("press to answer", came.answer)] {
        if let Some(spread) = Spread::of(times) {
            println!("{what}\t{side}\t{spread}");
        }
    }
    println!(
        "{what}\t{} dialogues, {} without an answer, {} tickets too few or too many, {:.3} CPU s per 1,000 updates, peak {:.0} MiB",
        came.dialogues, came.lost, came.wrong, came.cpu_per_thousand, came.peak_mib
    );
    Ok(())
}
