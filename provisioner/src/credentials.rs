//! New credentials for a namespace: a new service account with a token for the customer, then the end of the old ones, proved by the
//! cluster's own 401.
//!
//! The old ones die last, and the new one is taken back only while an old one still lives: nobody is ever left without any.

use chrono::{DateTime, TimeDelta, Utc};
use crm::clock::Clock;
use crm::domain::action::Proof;
use crm::domain::plan::{Change, Phrase, Plan, Value};
use crm::store::SecretKind;
use serde::{Deserialize, Serialize};

use crate::cluster::{Access, Cluster};
use crate::failure::{Failure, Kind};
use crate::handover::Handover;
use crate::report::Timing;
use crate::steps::{Procedure, Progress, Run, Step};

/// How long a customer's token lives: a year, or as long as the cluster allows.
const TOKEN_SECONDS: i64 = 365 * 24 * 3600;
/// The token that is used to see the old account die; the shortest a cluster gives.
const PROBE_SECONDS: i64 = 600;
/// So long an API server may believe a token whose account is gone: it remembers its answers for ten seconds.
const CACHED: TimeDelta = TimeDelta::seconds(12);
/// So long we wait for the 401.
const DEAD_WITHIN: TimeDelta = TimeDelta::seconds(60);

/// The procedure.
pub struct Credentials;

impl Procedure for Credentials {
    const NAME: &'static str = "credentials";
    type World<'r> = World<'r>;
    type Memory = Memory;
    const STEPS: &'static [Step<Self>] = &[
        Step { name: "look", act: |run| Box::pin(look(run)), undo: None },
        Step { name: "issue", act: |run| Box::pin(issue(run)), undo: Some(|run| Box::pin(take_back(run))) },
        Step { name: "hand-over", act: |run| Box::pin(hand_over(run)), undo: None },
        Step { name: "revoke", act: |run| Box::pin(revoke(run)), undo: None },
        Step { name: "read-back", act: |run| Box::pin(read_back(run)), undo: None },
    ];
}

/// What it works on.
pub struct World<'r> {
    /// The cluster.
    pub cluster: &'r dyn Cluster,
    /// The namespace.
    pub namespace: &'r str,
    /// Where the kubeconfig goes.
    pub handover: Handover,
    /// How long to wait for what.
    pub timing: &'r Timing,
}

/// What it remembers; never a token.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    old: Vec<Access>,
    begun_at: Option<DateTime<Utc>>,
    /// How many old accounts were seen to be refused, by a token of theirs.
    refused: usize,
    proof: Option<Proof>,
}

/// What issuing new credentials would change.
pub async fn plan(cluster: &dyn Cluster, namespace: &str) -> Result<Plan, Failure> {
    let old = cluster.accesses(namespace).await.map_err(|e| e.failure("look"))?;
    Ok(Plan {
        changes: vec![change(namespace, &old, Value::word("plan-credentials-new"))],
        steps: Credentials::names(),
        notes: Vec::new(),
        ..Plan::default()
    })
}

/// Issues new credentials, or goes on where an earlier run stopped.
pub async fn run(world: World<'_>, clock: &dyn Clock, progress: &mut dyn Progress) -> Result<Proof, Failure> {
    let mut run = Run::<Credentials>::open(world, clock, progress).await?;
    run.finish().await?;
    let proof = run.memory.proof.take();
    proof
        .ok_or_else(|| run.failure(Kind::Uncertain, "the credentials were renewed, but the proof is missing"))
}

fn change(namespace: &str, old: &[Access], after: Value) -> Change {
    let names: Vec<&str> = old.iter().map(|a| a.account.as_str()).collect();
    let before = if names.is_empty() { Value::word("plan-none") } else { Value::Name(names.join(", ")) };
    Change { what: Phrase::new("plan-what-credentials").with("namespace", namespace), before, after }
}

/// The new account's name: the same in every run of this action.
fn name(handover: &Handover) -> String {
    format!("access-{}", handover.action.0.simple())
}

async fn look(run: &mut Run<'_, Credentials>) -> Result<(), Failure> {
    let found = run.cluster.accesses(run.namespace).await.map_err(|e| e.failure(run.step()))?;
    run.handover.possible().await?;
    let new = name(&run.handover);
    run.memory.old = found.into_iter().filter(|a| a.account != new).collect();
    run.memory.begun_at = Some(run.begun_at());
    Ok(())
}

async fn issue(run: &mut Run<'_, Credentials>) -> Result<(), Failure> {
    let new = name(&run.handover);
    run.fence().await?;
    run.cluster.grant(run.namespace, &new).await.map(drop).map_err(|e| e.failure(run.step()))
}

/// Takes the new account back, if all the old ones still live.
async fn take_back(run: &mut Run<'_, Credentials>) -> Result<(), Failure> {
    let living = run.cluster.accesses(run.namespace).await.map_err(|e| e.failure(run.step()))?;
    if !run.memory.old.iter().all(|old| living.contains(old)) {
        return Ok(());
    }
    let new = name(&run.handover);
    run.fence().await?;
    run.cluster.revoke(run.namespace, &new).await.map_err(|e| e.failure(run.step()))
}

async fn hand_over(run: &mut Run<'_, Credentials>) -> Result<(), Failure> {
    let new = name(&run.handover);
    let token = run.cluster.token(run.namespace, &new, TOKEN_SECONDS).await;
    let token = token.map_err(|e| e.failure(run.step()))?;
    if !run.cluster.accepts(&token).await.map_err(|e| e.failure(run.step()))? {
        return Err(
            run.failure(Kind::Failed, format!("the cluster refuses the token it has just made for {new}"))
        );
    }
    let kubeconfig = run.cluster.kubeconfig(run.namespace, &token);
    run.fence().await?;
    run.handover.leave(SecretKind::Kubeconfig, &kubeconfig).await
}

async fn revoke(run: &mut Run<'_, Credentials>) -> Result<(), Failure> {
    let living = run.cluster.accesses(run.namespace).await.map_err(|e| e.failure(run.step()))?;
    for old in run.memory.old.clone() {
        // Another account of the same name is not ours to end.
        if !living.contains(&old) {
            continue;
        }
        let probe = run.cluster.token(run.namespace, &old.account, PROBE_SECONDS).await;
        let probe = probe.map_err(|e| e.failure(run.step()))?;
        run.fence().await?;
        run.cluster.revoke(run.namespace, &old.account).await.map_err(|e| e.failure(run.step()))?;
        let until = run.after(DEAD_WITHIN);
        while run.cluster.accepts(&probe).await.map_err(|e| e.failure(run.step()))? {
            if run.clock.now() >= until {
                let text = format!("{} is deleted, and the cluster still lets its token in", old.account);
                return Err(run.failure(Kind::Uncertain, text));
            }
            run.clock.sleep_until(run.after(run.timing.poll)).await;
        }
        run.memory.refused += 1;
    }
    Ok(())
}

async fn read_back(run: &mut Run<'_, Credentials>) -> Result<(), Failure> {
    if run.memory.refused < run.memory.old.len() {
        // A run was interrupted between the deletion and the 401: nobody has a token to try any more, but every memory of it has passed.
        run.clock.sleep_until(run.after(CACHED)).await;
    }
    let living = run.cluster.accesses(run.namespace).await.map_err(|e| e.failure(run.step()))?;
    let new = name(&run.handover);
    let replaced =
        living.iter().any(|a| a.account == new) && !run.memory.old.iter().any(|old| living.contains(old));
    if !replaced {
        let text = format!("{new} should be there and the old ones gone, but there are: {living:?}");
        return Err(run.failure(Kind::Uncertain, text));
    }
    let now = run.clock.now();
    let begun = run.memory.begun_at.unwrap_or(now);
    run.memory.proof = Some(Proof {
        method: "done".to_owned(),
        state: "old_refused".to_owned(),
        boot_id: None,
        domain_id: None,
        at: now,
        took_ms: (now - begun).num_milliseconds(),
        read_back: vec![change(run.namespace, &run.memory.old, Value::Name(new))],
    });
    Ok(())
}
