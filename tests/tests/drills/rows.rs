//! The table: what is done, and how the world is before.

use crm::domain::action::{ActionSpec, LinkEnd};
use crm::domain::form::RebootMode;
use komek_tests::fake::World;
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
}

/// The kinds of action that have a plan.
pub const KINDS: [&str; 4] = ["vm_reboot", "vm_unlock", "zone_link", "zone_unlink"];

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
        zone: format!("ala-{n}").as_str().into(),
        name: "acme-net".to_owned(),
        cidr: format!("10.1{n}.0.0/24"),
    })
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
        Row { name: "reboot", spec: reboot(Graceful), set: |_| {} },
        Row { name: "reboot, ignores ACPI", spec: reboot(Graceful), set: |t| t.machine(deaf) },
        Row { name: "reboot, no agent", spec: reboot(Graceful), set: |t| t.machine(mute) },
        Row {
            name: "reboot, no agent, ignores ACPI",
            spec: reboot(Graceful),
            set: |t| {
                t.machine(|w| {
                    mute(w);
                    deaf(w);
                });
            },
        },
        Row { name: "hard reboot", spec: reboot(Hard), set: |_| {} },
        Row { name: "reboot, off", spec: reboot(Graceful), set: |t| t.machine(off) },
        Row { name: "unlock, paused", spec: unlock(), set: |t| t.machine(locked) },
        Row {
            name: "unlock, off",
            spec: unlock(),
            set: |t| {
                t.machine(|w| {
                    locked(w);
                    off(w);
                });
            },
        },
        Row { name: "link", spec: link(), set: |_| {} },
        Row { name: "link, one half stopped", spec: link(), set: |t| linked(t, 0, false) },
        Row {
            name: "link, there already",
            spec: link(),
            set: |t| {
                linked(t, 0, true);
                linked(t, 1, true);
            },
        },
        Row {
            name: "removal",
            spec: unlink(),
            set: |t| {
                linked(t, 0, true);
                linked(t, 1, true);
            },
        },
        Row { name: "removal of a half", spec: unlink(), set: |t| linked(t, 1, true) },
    ]
}
