//! A link between two namespaces: a rule in each that lets the other's pods in.
//!
//! A namespace that no rule closes is open to everybody, and its first rule would close it to all but the other end: customers' websites
//! would go dark. So only namespaces that are closed by a rule of their own are linked; where one is closed outwards too, the link opens
//! both ways.

use std::sync::Arc;

use async_trait::async_trait;
use crm::clock::Clock;
use crm::domain::action::Proof;
use crm::domain::audit::sha256_hex;
use crm::domain::cidr::Cidr;
use crm::domain::ids::NetworkId;
use crm::domain::plan::{Change, Phrase, Plan, Value};

use super::{Half, Halves, Seen, Wish, execute, refused, steps};
use crate::cluster::{Cluster, LinkSeen, Peer, Rule};
use crate::failure::Failure;
use crate::report::Timing;
use crate::steps::Progress;
use crate::system::SystemError;

/// One end: which namespace, and its cluster.
pub struct End {
    /// The cluster.
    pub cluster: Arc<dyn Cluster>,
    /// The end's id in the directory.
    pub network: NetworkId,
    /// The cluster's id in the directory.
    pub home: String,
    /// The namespace.
    pub namespace: String,
    /// The addresses of the cluster's pods, `10.244.0.0/16`.
    pub cidr: String,
}

/// Both ends.
pub type Ends = [End; 2];

fn trouble(error: &SystemError) -> Failure {
    error.failure("plan")
}

impl End {
    fn label(&self) -> String {
        format!("{} ({}/{})", self.network, self.home, self.namespace)
    }
}

/// The rules' name, the same for the same two ends in either order.
pub fn name(ends: &Ends) -> String {
    let mut pair = [ends[0].network.as_str(), ends[1].network.as_str()];
    pair.sort_unstable();
    format!("komek-link-{}", &sha256_hex(pair.join(" ").as_bytes())[..10])
}

/// Who is let in at each end.
fn peers(ends: &Ends) -> [Peer; 2] {
    let [a, b] = ends;
    if a.home == b.home {
        [Peer::Namespace(b.namespace.clone()), Peer::Namespace(a.namespace.clone())]
    } else {
        [Peer::Addresses(b.cidr.clone()), Peer::Addresses(a.cidr.clone())]
    }
}

/// Whether the two can be told apart.
fn check(ends: &Ends) -> Result<(), Failure> {
    let [a, b] = ends;
    if (&a.home, &a.namespace) == (&b.home, &b.namespace) {
        let text = format!("both ends are namespace {} of cluster {}", a.namespace, a.home);
        return Err(refused(format!("{text}: there is nothing to link")));
    }
    let range = |end: &End| end.cidr.parse::<Cidr>().map_err(refused);
    let (one, other) = (range(a)?, range(b)?);
    if a.home != b.home && one.overlaps(other) {
        return Err(refused(format!(
            "the pods of {} and {} share addresses ({one}, {other}): no rule could tell them apart",
            a.home, b.home
        )));
    }
    Ok(())
}

/// Both ends' rules as they shall be, by how each namespace is closed.
async fn rules(ends: &Ends, wish: Wish) -> Result<[Rule; 2], Failure> {
    let mut out = [false; 2];
    for (end, out) in ends.iter().zip(&mut out) {
        let closed = end.cluster.closed(&end.namespace).await.map_err(|e| trouble(&e))?;
        if wish == Wish::Link && !closed.inwards {
            return Err(refused(format!(
                "nothing closes namespace {} of cluster {}: everybody reaches its pods already, and a first rule would close it to \
                 all others. Give it a NetworkPolicy that denies ingress, and another for whom it serves",
                end.namespace, end.home
            )));
        }
        *out = closed.outwards;
    }
    let [first, second] = peers(ends);
    Ok([Rule { peer: first, out: out[0] }, Rule { peer: second, out: out[1] }])
}

/// What a link, or its removal, would change.
pub async fn plan(ends: &Ends, wish: Wish) -> Result<Plan, Failure> {
    check(ends)?;
    let link = Rules { ends, name: name(ends), both: rules(ends, wish).await? };
    let mut found = [None, None];
    for (at, found) in found.iter_mut().enumerate() {
        match link.seen(at).await? {
            Seen::Nothing => {}
            Seen::Ours(half, _) => *found = Some(half),
            Seen::Foreign(text) => return Err(refused(text)),
        }
    }
    if wish == Wish::Removal && found.iter().all(Option::is_none) {
        return Err(refused(format!("{} and {} are not linked", ends[0].network, ends[1].network)));
    }
    let whole = link.whole();
    let after = if wish == Wish::Link { whole.each_ref().map(Some) } else { [None; 2] };
    Ok(Plan {
        changes: link.changes(found.each_ref().map(Option::as_ref), after),
        steps: steps(wish),
        ..Plan::default()
    })
}

/// Executes `wish`. How the namespaces are closed is read anew: the link follows it, and so does the proof.
pub async fn run(
    ends: &Ends,
    wish: Wish,
    time: (&dyn Clock, &Timing),
    progress: &mut dyn Progress,
) -> Result<Proof, Failure> {
    let both = rules(ends, wish).await?;
    execute(&Rules { ends, name: name(ends), both }, wish, time, progress).await
}

/// A link of this kind.
struct Rules<'e> {
    ends: &'e Ends,
    name: String,
    both: [Rule; 2],
}

#[async_trait]
impl Halves for Rules<'_> {
    fn whole(&self) -> [Half; 2] {
        self.both.clone().map(Half::Rule)
    }

    async fn seen(&self, at: usize) -> Result<Seen, Failure> {
        let End { cluster, namespace, home, .. } = &self.ends[at];
        let seen = cluster.link(namespace, &self.name).await.map_err(|e| trouble(&e))?;
        Ok(match seen {
            LinkSeen::Nothing => Seen::Nothing,
            LinkSeen::Rule(rule) => Seen::Ours(Half::Rule(rule), true),
            LinkSeen::Other => Seen::Foreign(format!(
                "NetworkPolicy {} of namespace {namespace} in cluster {home} was changed by somebody: put it right or delete it",
                self.name
            )),
        })
    }

    async fn set(&self, at: usize, half: &Half) -> Result<(), Failure> {
        let Half::Rule(rule) = half else { return Err(super::of_another_kind()) };
        let End { cluster, namespace, .. } = &self.ends[at];
        cluster.set_link(namespace, &self.name, rule).await.map_err(|e| trouble(&e))
    }

    async fn clear(&self, at: usize) -> Result<(), Failure> {
        let End { cluster, namespace, .. } = &self.ends[at];
        cluster.remove_link(namespace, &self.name).await.map_err(|e| trouble(&e))
    }

    fn changes(&self, before: [Option<&Half>; 2], after: [Option<&Half>; 2]) -> Vec<Change> {
        let value = |half: Option<&Half>| match half {
            Some(Half::Rule(Rule { peer, out })) => {
                let way = if *out { "↔" } else { "←" };
                Value::Name(format!("NetworkPolicy {} {way} {peer}", self.name))
            }
            _ => Value::word("plan-none"),
        };
        let change = |here: usize, there: usize| Change {
            what: Phrase::new("plan-what-rule")
                .with("from", self.ends[there].label())
                .with("to", self.ends[here].label()),
            before: value(before[here]),
            after: value(after[here]),
        };
        vec![change(0, 1), change(1, 0)]
    }

    /// Rules are read back; there is nobody in a namespace who could be asked to try.
    async fn tried(&self, _: Wish, _: &dyn Clock, _: &Timing) -> Result<Vec<Change>, Failure> {
        Ok(Vec::new())
    }
}
