//! What the provisioner adds to the calls it makes: overhead of an action beyond them, from the proof to the message in the outbox, and
//! whether slow hypervisors delay another zone.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bench::database::{Engine, Fresh};
use bench::figures::{Spread, machine, millis};
use bench::hypervisor::Noting;
use bench::unlocks::Desk;
use clap::Parser;
use crm::clock::SystemClock;
use provisioner::report::Timing;
use provisioner::systems::Systems;
use provisioner::worker::Worker;
use provisioner::zones::Zones;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

/// Measures actions.
#[derive(Parser)]
struct Cli {
    /// On which engines.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "sqlite,postgres")]
    engines: Vec<Engine>,
    /// Actions in each measurement.
    #[arg(long, default_value_t = 300)]
    count: usize,
    /// How long a call of a usual hypervisor takes, milliseconds.
    #[arg(long, default_value_t = 5)]
    call_ms: u64,
    /// Slow hypervisors, and actions that wait on each.
    #[arg(long, num_args = 2, default_values_t = [20, 10])]
    slow: Vec<usize>,
    /// How long a call of theirs takes, milliseconds.
    #[arg(long, default_value_t = 3000)]
    slow_ms: u64,
    /// A few actions and no long waits: to see that it works.
    #[arg(long)]
    short: bool,
    /// Where databases go.
    #[arg(long)]
    work: PathBuf,
    /// Not needed here; all benchmarks take it.
    #[arg(long)]
    programs: Option<PathBuf>,
}

/// How long a usual action may take at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// A desk and a provisioner at work on zones.
struct Work {
    desk: Desk,
    usual: Noting,
    slow: Noting,
    stop: CancellationToken,
    worker: JoinHandle<()>,
}

impl Work {
    /// The zone `bench` with so many machines, and slow zones with theirs.
    async fn begin(cli: &Cli, engine: Engine, usual: usize, slow: (usize, usize)) -> Result<Self> {
        let database = Fresh::new(engine, &cli.work, "actions").await?;
        let service = database.service(Arc::new(SystemClock)).await?;
        let desk = Desk { db: database.open().await?, service: service.clone() };
        let mut zones = vec![("bench".to_owned(), (0..usual).map(|n| format!("vm-{n}")).collect())];
        zones.extend((0..slow.0).map(|z| (format!("slow-{z}"), waiting(z, slow.1))));
        desk.fill(&zones).await?;
        let noting = Noting::slow(Duration::from_millis(cli.call_ms));
        let late = Noting::slow(Duration::from_millis(cli.slow_ms));
        for vm in (0..slow.0).flat_map(|z| waiting(z, slow.1)) {
            late.lock(&vm);
        }
        let connected = (noting.clone(), late.clone());
        let zones = Zones::new(Arc::new(move |zone, _| {
            Ok(Arc::new(if zone == "bench" { connected.0.clone() } else { connected.1.clone() }))
        }));
        let stop = CancellationToken::new();
        let systems = Systems::of_zones(database.open().await?, zones);
        let worker = Worker::new(service, systems, "bench".to_owned(), Timing::default());
        let worker = tokio::spawn(worker.run(stop.clone()));
        Ok(Self { desk, usual: noting, slow: late, stop, worker })
    }

    async fn end(self) -> Result<()> {
        self.stop.cancel();
        self.worker.await?;
        self.desk.db.close().await;
        Ok(())
    }

    /// One unlock in the usual zone, one after another: what it took at each stage, milliseconds.
    async fn one(&self, vm: &str) -> Result<Stages> {
        self.usual.lock(vm);
        let (ticket, action) = self.desk.propose(vm, PATIENCE).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
        self.usual.lock(vm);
        let approved = self.desk.approve(ticket, action).await?;
        let solved = self.desk.solved(ticket, PATIENCE).await?;
        let calls = self.usual.calls(vm);
        let (first, last) = (calls.first.context("it was called")?, calls.last.context("it was called")?);
        Ok(Stages {
            first: millis(first - approved),
            told: millis(solved.saturating_duration_since(last)),
            overhead: millis((solved - approved).saturating_sub(calls.spent)),
        })
    }

    async fn many(&self, count: usize) -> Result<Vec<Stages>> {
        let mut all = Vec::with_capacity(count);
        for n in 0..count {
            all.push(self.one(&format!("vm-{}", n % 4)).await?);
        }
        Ok(all)
    }
}

/// Milliseconds.
struct Stages {
    /// From the approval to the first call.
    first: f64,
    /// From the end of the last call, which is the proof, to the message in the outbox, seen by another connection.
    told: f64,
    /// From the approval to the message, without what the calls took.
    overhead: f64,
}

fn waiting(zone: usize, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("slow-{zone}-{n}")).collect()
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut cli = Cli::parse();
    if cli.short {
        (cli.count, cli.slow, cli.slow_ms) = (8, vec![4, 3], 200);
    }
    let [hypervisors, each] = cli.slow[..] else { anyhow::bail!("--slow takes two numbers") };
    println!("# {}", machine());
    for engine in cli.engines.clone() {
        let work = Work::begin(&cli, engine, 4, (0, 0)).await?;
        tell(&format!("{engine}\talone"), &work.many(cli.count).await?);
        work.end().await?;

        let work = Work::begin(&cli, engine, 4, (hypervisors, each)).await?;
        let (all, took) = beside_slow_ones(&work, cli.count, (hypervisors, each)).await?;
        tell(&format!("{engine}\tbeside {} on {hypervisors} slow hypervisors", hypervisors * each), &all);
        println!("{engine}\tall slow ones done after\t{:.1} s", took.as_secs_f64());
        work.end().await?;
    }
    println!("# {}", machine());
    Ok(())
}

/// The usual zone while every slow one has its actions waiting; and how long those took.
async fn beside_slow_ones(
    work: &Work,
    count: usize,
    (hypervisors, each): (usize, usize),
) -> Result<(Vec<Stages>, Duration)> {
    // Planning is slow there, too: hours would be patience enough.
    let patience = Duration::from_secs(3600);
    let mut proposed = JoinSet::new();
    for vm in (0..hypervisors).flat_map(|zone| waiting(zone, each)) {
        let desk = work.desk.clone();
        proposed.spawn(async move { desk.propose(&vm, patience).await });
    }
    let mut approved = Vec::new();
    while let Some(one) = proposed.join_next().await {
        approved.push(one??);
    }
    let begun = Instant::now();
    let mut slow = JoinSet::new();
    for (ticket, action) in approved {
        work.desk.approve(ticket, action).await?;
        let desk = work.desk.clone();
        slow.spawn(async move {
            // Looked at rarely: it is the others that are measured.
            tokio::time::sleep(Duration::from_secs(1)).await;
            desk.until_rarely(ticket, patience).await
        });
    }
    let all = work.many(count).await?;
    while let Some(done) = slow.join_next().await {
        done??;
    }
    anyhow::ensure!(work.slow.calls("slow-0-0").change.is_some(), "nothing was done on the slow ones");
    Ok((all, begun.elapsed()))
}

fn tell(what: &str, all: &[Stages]) {
    for (stage, of) in [
        ("approval to first call", (|s| s.first) as fn(&Stages) -> f64),
        ("proof to outbox", |s| s.told),
        ("overhead beyond the calls", |s| s.overhead),
    ] {
        match Spread::of(all.iter().map(of).collect()) {
            Some(spread) => println!("{what}\t{stage}\t{spread}, of {}", all.len()),
            None => println!("{what}\t{stage}\tnothing was measured"),
        }
    }
}
