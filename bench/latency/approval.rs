//! From an approval to the hypervisor: the real provisioner's worker, with a handle of its own on the database as another process has
//! it, and a hypervisor that notes when it was called.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bench::database::{Engine, Fresh};
use bench::figures::millis;
use bench::hypervisor::Noting;
use bench::unlocks::Desk;
use crm::clock::SystemClock;
use provisioner::report::Timing;
use provisioner::systems::Systems;
use provisioner::worker::Worker;
use provisioner::zones::Zones;
use tokio_util::sync::CancellationToken;

/// How long one unlock may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Milliseconds from the approval, counted from before it is decided and committed.
#[derive(Default)]
pub struct Times {
    /// To the first call: a look at the machine.
    pub first: Vec<f64>,
    /// To the first call that changes something; the look was written down before it.
    pub change: Vec<f64>,
}

/// `count` approvals, `at_once` at a time.
pub async fn measure(engine: Engine, count: usize, at_once: usize, work: &Path) -> Result<Times> {
    let database = Fresh::new(engine, work, "approval").await?;
    let service = database.service(Arc::new(SystemClock)).await?;
    let other = database.open().await?;
    let desk = Desk { db: database.open().await?, service: service.clone() };
    let machines = (0..at_once).map(|n| format!("vm-{n}")).collect();
    desk.fill(&[("bench".to_owned(), machines)]).await?;
    let hypervisor = Noting::default();
    let connected = hypervisor.clone();
    let zones = Zones::new(Arc::new(move |_, _| Ok(Arc::new(connected.clone()))));
    let stop = CancellationToken::new();
    let systems = Systems::of_zones(other.clone(), zones);
    let worker = Worker::new(service, systems, "bench".to_owned(), Timing::default());
    let worker = tokio::spawn(worker.run(stop.clone()));
    let mut approvers = tokio::task::JoinSet::new();
    for person in 0..at_once {
        let (desk, hypervisor) = (desk.clone(), hypervisor.clone());
        let rounds = count / at_once;
        approvers.spawn(async move {
            let mut times = Times::default();
            for round in 0..rounds {
                let pause = 30 + u64::try_from((round * 7 + person * 13) % 50)?;
                let (first, change) = one(&desk, &hypervisor, &format!("vm-{person}"), pause).await?;
                times.first.push(first);
                times.change.push(change);
            }
            anyhow::Ok(times)
        });
    }
    let mut all = Times::default();
    while let Some(times) = approvers.join_next().await {
        let Times { first, change } = times??;
        all.first.extend(first);
        all.change.extend(change);
    }
    stop.cancel();
    worker.await?;
    desk.db.close().await;
    other.close().await;
    Ok(all)
}

/// One unlock: asked for, planned, a moment later approved, carried out, solved.
async fn one(desk: &Desk, hypervisor: &Noting, vm: &str, pause: u64) -> Result<(f64, f64)> {
    hypervisor.lock(vm);
    let (ticket, action) = desk.propose(vm, PATIENCE).await?;
    // The staff comes at any moment of the provisioner's rounds; what was called for the plan does not count.
    tokio::time::sleep(Duration::from_millis(pause)).await;
    hypervisor.lock(vm);
    let approved = desk.approve(ticket, action).await?;
    desk.solved(ticket, PATIENCE).await?;
    let calls = hypervisor.calls(vm);
    let since = |at: Option<Instant>| at.map(|at| millis(at - approved)).context("it was called");
    Ok((since(calls.first)?, since(calls.change)?))
}
