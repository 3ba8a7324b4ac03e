//! A link between networks of two zones: one network object on each host (see [`crate::links`]).

use std::net::Ipv4Addr;
use std::sync::Arc;

use async_trait::async_trait;
use crm::clock::Clock;
use crm::directory::Underlay;
use crm::domain::action::Proof;
use crm::domain::audit::sha256_hex;
use crm::domain::cidr::Cidr;
use crm::domain::ids::{NetworkId, ZoneId};
use crm::domain::plan::{Change, Facts, Phrase, Plan, Value};

use super::{Half, Halves, Seen, Wish, execute, ping, refused, steps};
use crate::failure::Failure;
use crate::hypervisor::{HvError, Hypervisor};
use crate::links::{LinkSide, MOST, NetworkSeen, TRANSIT, name};
use crate::report::Timing;
use crate::steps::Progress;

/// A customer's network in a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneEnd {
    /// The network.
    pub network: NetworkId,
    /// Its zone.
    pub zone: ZoneId,
    /// libvirt's name of it.
    pub name: String,
    /// Its addresses, `192.168.101.0/24`.
    pub cidr: String,
}

/// One end: where, and through which hypervisor.
pub struct End {
    /// The zone's hypervisor.
    pub hv: Arc<dyn Hypervisor>,
    /// The customer's network there.
    pub end: ZoneEnd,
    /// How the zones' hosts reach each other.
    pub underlay: Underlay,
}

/// Both ends.
pub type Ends = [End; 2];

/// A hypervisor's error; the step is put in by whoever takes it.
fn trouble(error: &HvError) -> Failure {
    Failure::from_hypervisor("plan", error)
}

fn cidr(end: &ZoneEnd) -> Result<Cidr, Failure> {
    end.cidr.parse().map_err(refused)
}

/// This pair's link as a host has it.
fn ours<'n>(networks: &'n [NetworkSeen], here: &ZoneEnd, there: &ZoneEnd) -> Option<&'n NetworkSeen> {
    let pair = |side: &LinkSide| side.here == here.network.as_str() && side.there == there.network.as_str();
    networks.iter().find(|n| n.link.as_ref().is_some_and(pair))
}

/// The sides of link `vni`, complete.
fn sides(ends: &Ends, vni: u32) -> Result<[LinkSide; 2], Failure> {
    let base = u32::from(TRANSIT.network) + 4 * vni;
    let transit = |at: u32| Ipv4Addr::from(base + 1 + at);
    let side = |here: &End, there: &End, at: u32| {
        Ok(LinkSide {
            vni,
            here: here.end.network.to_string(),
            there: there.end.network.to_string(),
            own: cidr(&here.end)?,
            peer: cidr(&there.end)?,
            device: here.underlay.device.clone(),
            local: here.underlay.address,
            remote: there.underlay.address,
            transit: transit(at),
            gateway: transit(1 - at),
        })
    };
    Ok([side(&ends[0], &ends[1], 0)?, side(&ends[1], &ends[0], 1)?])
}

/// Whether the pair can be linked, seen from one host.
fn check(networks: &[NetworkSeen], here: &End, there: &End) -> Result<(), Failure> {
    let (end, peer) = (&here.end, cidr(&there.end)?);
    let zone = here.hv.zone();
    let network = networks.iter().find(|n| n.name == end.name && n.active);
    let Some(network) = network else {
        return Err(refused(format!("zone {zone} has no started network {}", end.name)));
    };
    if !network.cidrs.contains(&cidr(end)?) {
        return Err(refused(format!(
            "network {} in zone {zone} does not have the addresses {} that the directory says",
            end.name, end.cidr
        )));
    }
    let link = ours(networks, end, &there.end).map(|n| &n.name);
    let others = networks.iter().filter(|n| n.active && Some(&n.name) != link);
    let taken = others.into_iter().find(|n| n.routes.iter().chain(&n.cidrs).any(|used| used.overlaps(peer)));
    match taken {
        Some(taken) => Err(refused(format!(
            "zone {zone} already uses addresses of {peer} ({}): both sides of a link need addresses of their own",
            taken.name
        ))),
        None => Ok(()),
    }
}

/// A number that is free on both hosts, always the same one for the same pair as long as it is.
fn free_number(ends: &Ends, seen: &[Vec<NetworkSeen>; 2]) -> Result<u32, Failure> {
    let mut pair = [ends[0].end.network.as_str(), ends[1].end.network.as_str()];
    pair.sort_unstable();
    let digest = sha256_hex(pair.join(" ").as_bytes());
    let first = u32::from_str_radix(&digest[..6], 16).unwrap_or(0);
    let taken = |vni: u32| seen.iter().flatten().any(|n| n.link.as_ref().is_some_and(|l| l.vni == vni));
    (0..MOST)
        .map(|next| (first + next) % MOST + 1)
        .find(|vni| !taken(*vni))
        .ok_or_else(|| refused("every link number is taken on one of the hosts".to_owned()))
}

/// What a link, or its removal, would change.
pub async fn plan(ends: &Ends, wish: Wish) -> Result<Plan, Failure> {
    let [a, b] = ends;
    if a.end.zone == b.end.zone {
        return Err(refused(format!("both networks are in zone {}: there is nothing to link", a.end.zone)));
    }
    if a.underlay.address == b.underlay.address {
        return Err(refused("both zones have the same `link` address in the directory".to_owned()));
    }
    let mut seen = [Vec::new(), Vec::new()];
    for (end, seen) in ends.iter().zip(&mut seen) {
        *seen = end.hv.networks().await.map_err(|e| trouble(&e))?;
    }
    let found = [ours(&seen[0], &a.end, &b.end), ours(&seen[1], &b.end, &a.end)];
    let number = found.iter().flatten().find_map(|n| n.link.as_ref()).map(|side| side.vni);
    let vni = match (wish, number) {
        (Wish::Removal, None) => {
            return Err(refused(format!("{} and {} are not linked", a.end.network, b.end.network)));
        }
        (_, Some(number)) => number,
        (Wish::Link, None) => free_number(ends, &seen)?,
    };
    if wish == Wish::Link {
        let (one, other) = (cidr(&a.end)?, cidr(&b.end)?);
        if one.overlaps(other) {
            return Err(refused(format!(
                "{one} and {other} overlap: no machine could tell the two networks apart"
            )));
        }
        if let Some(range) = [one, other].into_iter().find(|range| range.overlaps(TRANSIT)) {
            return Err(refused(format!("{range} lies in {TRANSIT}, which the links themselves use")));
        }
        check(&seen[0], a, b)?;
        check(&seen[1], b, a)?;
    }
    let tunnel = Tunnel { ends, sides: sides(ends, vni)? };
    let before = found.map(|side| {
        side.filter(|n| n.active).and_then(|n| n.link.clone()).map(|side| Half::Tunnel(side, true))
    });
    let whole = tunnel.whole();
    let after = if wish == Wish::Link { whole.each_ref().map(Some) } else { [None; 2] };
    Ok(Plan {
        changes: tunnel.changes(before.each_ref().map(Option::as_ref), after),
        steps: steps(wish),
        facts: Facts { vni: Some(vni), ..Facts::default() },
        notes: Vec::new(),
    })
}

/// Executes `wish` with the number that was planned.
pub async fn run(
    ends: &Ends,
    wish: Wish,
    vni: u32,
    time: (&dyn Clock, &Timing),
    progress: &mut dyn Progress,
) -> Result<Proof, Failure> {
    execute(&Tunnel { ends, sides: sides(ends, vni)? }, wish, time, progress).await
}

/// A link of this kind.
struct Tunnel<'e> {
    ends: &'e Ends,
    sides: [LinkSide; 2],
}

#[async_trait]
impl Halves for Tunnel<'_> {
    fn whole(&self) -> [Half; 2] {
        self.sides.clone().map(|side| Half::Tunnel(side, true))
    }

    async fn seen(&self, at: usize) -> Result<Seen, Failure> {
        let (hv, side) = (&self.ends[at].hv, &self.sides[at]);
        let networks = hv.networks().await.map_err(|e| trouble(&e))?;
        let Some(found) = networks.into_iter().find(|n| n.name == name(side.vni)) else {
            return Ok(Seen::Nothing);
        };
        Ok(match found.link {
            Some(link) if link.same_pair(side) => {
                let routed = found.routes == [link.peer];
                Seen::Ours(Half::Tunnel(link, found.active), routed)
            }
            _ => {
                let (vni, zone) = (side.vni, hv.zone());
                Seen::Foreign(format!("link number {vni} belongs to other networks in zone {zone} now"))
            }
        })
    }

    async fn set(&self, at: usize, half: &Half) -> Result<(), Failure> {
        let Half::Tunnel(side, active) = half else { return Err(super::of_another_kind()) };
        self.ends[at].hv.set_link(side, *active).await.map_err(|e| trouble(&e))
    }

    async fn clear(&self, at: usize) -> Result<(), Failure> {
        self.ends[at].hv.remove_link(self.sides[at].vni).await.map_err(|e| trouble(&e))
    }

    fn changes(&self, before: [Option<&Half>; 2], after: [Option<&Half>; 2]) -> Vec<Change> {
        let way = |half: Option<&Half>| match half {
            Some(Half::Tunnel(side, _)) => {
                Value::Name(format!("VXLAN {}, {} → {}", side.vni, side.local, side.remote))
            }
            _ => Value::word("plan-none"),
        };
        let label = |end: &End| format!("{} ({}, {})", end.end.network, end.end.zone, end.end.cidr);
        let change = |from: usize, to: usize| Change {
            what: Phrase::new("plan-what-route")
                .with("from", label(&self.ends[from]))
                .with("to", label(&self.ends[to])),
            before: way(before[from]),
            after: way(after[from]),
        };
        vec![change(0, 1), change(1, 0)]
    }

    async fn tried(&self, wish: Wish, clock: &dyn Clock, timing: &Timing) -> Result<Vec<Change>, Failure> {
        ping::across(self.ends, wish, clock, timing).await
    }
}
