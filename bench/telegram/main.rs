//! The bot's durable path beside its peers: CPU seconds for a thousand updates, peak memory, updates a second, and whether anything was
//! lost or done twice. `run.sh` prepares the peers and calls this.

mod bots;
mod round;

use std::path::PathBuf;

use anyhow::Result;
use bench::figures::{machine, median};
use bench::options::Places;
use clap::Parser;

use bots::Bot;
use round::{Dialogue, Figures, round};

/// Measures bots against the stub, in turns, so that what else the machine does hits all alike.
#[derive(Parser)]
struct Cli {
    /// Which bots, in this order.
    #[arg(long, value_delimiter = ',', default_value = "komek,teloxide,grammy,aiogram")]
    bots: Vec<String>,
    /// Updates of each run; each person sends two.
    #[arg(long, default_value_t = 20_000)]
    updates: usize,
    /// People at once; when one is done, the next begins.
    #[arg(long, default_value_t = 1_000)]
    people: usize,
    /// Runs of each bot.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// `press`: words, an offer, a press, the answer. `text`: words, a question, words, the answer (peers only).
    #[arg(long, default_value = "press")]
    dialogue: Dialogue,
    #[command(flatten)]
    places: Places,
    /// Where the peers' sources are.
    #[arg(long)]
    sources: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    println!("# {}", machine());
    println!("# {} updates a run, {} people at once, {} runs, in turns", cli.updates, cli.people, cli.runs);
    println!("bot\trun\tupdates/s\tcpu_s/1000\tcpu_s_start\tpeak_MiB\tcalls\tlost\ttwice\tload");
    let mut all: Vec<(String, Vec<Figures>)> = cli.bots.iter().map(|bot| (bot.clone(), Vec::new())).collect();
    for run in 1..=cli.runs {
        for (name, figures) in &mut all {
            let bot = Bot::new(name, &cli.places.work, &cli.places.programs, &cli.sources)?;
            let f = round(&bot, cli.dialogue, cli.updates, cli.people, &cli.places.work).await?;
            let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
            let load = load.split(' ').next().unwrap_or_default().to_owned();
            println!(
                "{name}\t{run}\t{:.0}\t{:.4}\t{:.2}\t{:.1}\t{}\t{}\t{}\t{load}",
                f.per_second, f.cpu_per_thousand, f.cpu_start, f.peak_mib, f.calls, f.lost, f.twice
            );
            figures.push(f);
        }
    }
    println!(
        "\n{:18}{:>11}{:>26}{:>10}  lost  twice",
        "median", "updates/s", "CPU s/1000 (least-most)", "peak MiB"
    );
    for (name, figures) in &all {
        let of = |f: fn(&Figures) -> f64| figures.iter().map(f).collect::<Vec<_>>();
        let cpu = of(|f| f.cpu_per_thousand);
        let (least, most) =
            (cpu.iter().copied().fold(f64::MAX, f64::min), cpu.iter().copied().fold(0.0, f64::max));
        let spread = format!("{:.3} ({least:.3}-{most:.3})", median(cpu));
        let (lost, twice) = figures.iter().fold((0, 0), |(l, t), f| (l + f.lost, t + f.twice));
        let (speed, memory) = (median(of(|f| f.per_second)), median(of(|f| f.peak_mib)));
        println!("{name:18}{speed:11.0}{spread:>26}{memory:10.1}{lost:6}{twice:7}");
    }
    Ok(())
}
