//! How a cluster's control plane is, for a fault ticket: each master is asked by itself (S6, C3). It changes nothing.

use crm::clock::Clock;
use crm::domain::action::Proof;
use crm::domain::plan::{Change, Phrase, Plan, Value};

use crate::cluster::{Cluster, Master, health};
use crate::failure::Failure;

/// What a check would do: nothing but ask.
pub fn plan(cluster: &dyn Cluster) -> Plan {
    Plan {
        steps: vec!["ask".to_owned()],
        notes: vec![Phrase::new("plan-note-only-looks").with("cluster", cluster.name())],
        ..Plan::default()
    }
}

/// Asks every master, and says what that means.
pub async fn run(cluster: &dyn Cluster, clock: &dyn Clock) -> Result<Proof, Failure> {
    let begun = clock.now();
    let masters = cluster.masters().await;
    let now = clock.now();
    Ok(Proof {
        method: "checked".to_owned(),
        state: health(&masters).to_string(),
        boot_id: None,
        domain_id: None,
        at: now,
        took_ms: (now - begun).num_milliseconds(),
        read_back: masters.iter().map(finding).collect(),
    })
}

fn finding(master: &Master) -> Change {
    let after = if master.ready {
        Value::word("plan-master-ready")
    } else {
        let alive = if master.alive { "/livez ok" } else { "/livez –" };
        Value::Name(format!("{alive}; {}", master.failing.join(", ")))
    };
    Change {
        what: Phrase::new("plan-what-master").with("address", &master.address),
        before: Value::word("plan-master-asked"),
        after,
    }
}
