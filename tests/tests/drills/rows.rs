//! The table: what is done, and how the world is before.

use crm::domain::action::{ActionSpec, LinkEnd, LinkPlace};
use crm::domain::form::{QuotaResource, RebootMode};
use komek_tests::fake::World;
use provisioner::cluster::{Peer, Rule};
use provisioner::hypervisor::{LockMarker, State};
use provisioner::links::{LinkSide, NetworkSeen};

use crate::town::Town;

/// A drill.
pub struct Row {
    /// For messages.
    pub name: &'static str,
    /// What is done.
    pub spec: ActionSpec,
    /// How the world is before.
    pub set: fn(&Town),
    /// Nobody can bring back what was before: a human goes on from wherever it stopped.
    pub one_way: bool,
}

impl Row {
    fn new(name: &'static str, spec: ActionSpec, set: fn(&Town)) -> Self {
        Self { name, spec, set, one_way: false }
    }
}

/// Every kind of action. A kind that the domain has got since does not compile here: put it in, and a row of it into [`rows`].
pub const fn kinds(spec: &ActionSpec) -> [&'static str; 9] {
    match spec {
        ActionSpec::VmReboot { .. }
        | ActionSpec::VmUnlock { .. }
        | ActionSpec::QuotaCabinet { .. }
        | ActionSpec::QuotaNamespace { .. }
        | ActionSpec::CabinetPassword { .. }
        | ActionSpec::ClusterCredentials { .. }
        | ActionSpec::ZoneLink { .. }
        | ActionSpec::ZoneUnlink { .. }
        | ActionSpec::ControlPlaneCheck { .. } => [
            "vm_reboot",
            "vm_unlock",
            "quota_cabinet",
            "quota_namespace",
            "cabinet_password",
            "cluster_credentials",
            "zone_link",
            "zone_unlink",
            "control_plane_check",
        ],
    }
}

fn project() -> ActionSpec {
    ActionSpec::QuotaCabinet {
        customer: "acme".into(),
        project: "acme".to_owned(),
        resource: QuotaResource::Cores,
        wanted: 24,
    }
}

fn namespace() -> ActionSpec {
    ActionSpec::QuotaNamespace {
        service: "acme-k8s".into(),
        cluster: "ala-k8s".into(),
        namespace: "acme".to_owned(),
        resource: QuotaResource::Cpu,
        wanted: 24,
    }
}

fn credentials() -> ActionSpec {
    ActionSpec::ClusterCredentials {
        service: "acme-k8s".into(),
        cluster: "ala-k8s".into(),
        namespace: "acme".to_owned(),
    }
}

fn masters() -> ActionSpec {
    ActionSpec::ControlPlaneCheck { service: "acme-k8s".into(), cluster: "ala-k8s".into() }
}

fn password() -> ActionSpec {
    ActionSpec::CabinetPassword { customer: "acme".into(), user: "aigerim".to_owned() }
}

fn reboot(mode: RebootMode) -> ActionSpec {
    ActionSpec::VmReboot {
        vm: "acme-web".into(),
        zone: "ala-1".into(),
        domain: "vm".to_owned(),
        mode,
        graceful_wait_ms: 60_000,
    }
}

fn unlock() -> ActionSpec {
    ActionSpec::VmUnlock {
        vm: "acme-web".into(),
        zone: "ala-1".into(),
        domain: "vm".to_owned(),
        lock_reason: Some("abuse".to_owned()),
        lock_ticket: Some("KM-000009".to_owned()),
    }
}

fn ends() -> [LinkEnd; 2] {
    [1, 2].map(|n| LinkEnd {
        network: format!("acme-net-{n}").as_str().into(),
        place: LinkPlace::Zone { zone: format!("ala-{n}").as_str().into(), name: "acme-net".to_owned() },
        cidr: format!("10.1{n}.0.0/24"),
    })
}

fn pods() -> [LinkEnd; 2] {
    ["acme", "acme-test"].map(|namespace| LinkEnd {
        network: format!("{namespace}-pods").as_str().into(),
        place: LinkPlace::Cluster { cluster: "ala-k8s".into(), namespace: namespace.to_owned() },
        cidr: "10.244.0.0/16".to_owned(),
    })
}

fn pod_link() -> ActionSpec {
    let [from, to] = pods();
    ActionSpec::ZoneLink { customer: "acme".into(), from, to }
}

fn pod_unlink() -> ActionSpec {
    let [from, to] = pods();
    ActionSpec::ZoneUnlink { customer: "acme".into(), from, to }
}

/// The rule of one end, that lets the other in.
fn ruled(town: &Town, namespace: &str, other: &str) {
    let rule = Rule { peer: Peer::Namespace(other.to_owned()), out: false };
    town.cluster.held().links.insert(namespace.to_owned(), rule);
}

fn link() -> ActionSpec {
    let [from, to] = ends();
    ActionSpec::ZoneLink { customer: "acme".into(), from, to }
}

fn unlink() -> ActionSpec {
    let [from, to] = ends();
    ActionSpec::ZoneUnlink { customer: "acme".into(), from, to }
}

fn deaf(world: &mut World) {
    world.obeys_after = None;
}

fn mute(world: &mut World) {
    world.agent_after = None;
}

fn off(world: &mut World) {
    (world.domain.state, world.domain.domain_id) = (State::Off, None);
}

fn locked(world: &mut World) {
    world.domain.lock = Some(LockMarker { reason: "abuse".to_owned(), ticket: "KM-000009".to_owned() });
    world.domain.state = State::Paused;
}

fn strange(town: &Town) {
    let mut held = town.cluster.held();
    held.accounts.clear();
    held.serves = false;
}

/// The side of the link on host `at`, started or not.
fn linked(town: &Town, at: usize, active: bool) {
    let [here, there] = if at == 0 {
        ends()
    } else {
        let [a, b] = ends();
        [b, a]
    };
    let address = |n: usize| std::net::Ipv4Addr::new(10, 255, 0, if n == 0 { 1 } else { 2 });
    let transit = |n: u8| std::net::Ipv4Addr::new(10, 254, 0, 28 + n);
    let (own, peer) = if at == 0 { (1, 2) } else { (2, 1) };
    let side = LinkSide {
        vni: 7,
        here: here.network.to_string(),
        there: there.network.to_string(),
        own: here.cidr.parse().expect("a range"),
        peer: there.cidr.parse().expect("a range"),
        device: "bond0".to_owned(),
        local: address(at),
        remote: address(1 - at),
        transit: transit(own),
        gateway: transit(peer),
    };
    town.hosts[at].world().networks.push(NetworkSeen {
        name: provisioner::links::name(7),
        active,
        cidrs: Vec::new(),
        routes: vec![side.peer],
        link: Some(side),
    });
}

/// The table.
pub fn rows() -> Vec<Row> {
    use RebootMode::{Graceful, Hard};
    vec![
        Row::new("reboot", reboot(Graceful), |_| {}),
        Row::new("reboot, ignores ACPI", reboot(Graceful), |t| t.machine(deaf)),
        Row::new("reboot, no agent", reboot(Graceful), |t| t.machine(mute)),
        Row::new("reboot, no agent, ignores ACPI", reboot(Graceful), |t| {
            t.machine(|w| {
                mute(w);
                deaf(w);
            });
        }),
        Row::new("hard reboot", reboot(Hard), |_| {}),
        Row::new("reboot, off", reboot(Graceful), |t| t.machine(off)),
        Row::new("unlock, paused", unlock(), |t| t.machine(locked)),
        Row::new("unlock, off", unlock(), |t| {
            t.machine(|w| {
                locked(w);
                off(w);
            });
        }),
        Row::new("link", link(), |_| {}),
        Row::new("link, one half stopped", link(), |t| linked(t, 0, false)),
        Row::new("link, there already", link(), |t| {
            linked(t, 0, true);
            linked(t, 1, true);
        }),
        Row::new("removal", unlink(), |t| {
            linked(t, 0, true);
            linked(t, 1, true);
        }),
        Row::new("removal of a half", unlink(), |t| linked(t, 1, true)),
        Row::new("link of namespaces", pod_link(), |_| {}),
        Row::new("link of namespaces closed both ways", pod_link(), |t| {
            t.cluster.held().closed.outwards = true;
        }),
        Row::new("link of namespaces, one half wrong", pod_link(), |t| ruled(t, "acme", "another")),
        Row::new("removal between namespaces", pod_unlink(), |t| {
            ruled(t, "acme", "acme-test");
            ruled(t, "acme-test", "acme");
        }),
        Row::new("removal of a half between namespaces", pod_unlink(), |t| ruled(t, "acme-test", "acme")),
        Row::new("quota of a project", project(), |_| {}),
        Row::new("quota of a project, there already", project(), |t| t.cabinet.books().quota = 24),
        Row::new("quota of a namespace", namespace(), |_| {}),
        Row { one_way: true, ..Row::new("password", password(), |_| {}) },
        Row::new("credentials", credentials(), |_| {}),
        Row::new("first credentials", credentials(), strange),
        Row::new("check of the masters", masters(), |_| {}),
    ]
}
