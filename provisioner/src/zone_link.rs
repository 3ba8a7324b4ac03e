//! Links two networks of a customer in two zones, or takes a link away: one network object on each host (see [`crate::links`]).
//!
//! | step      | link                                    | removal                           | way back             |
//! |-----------|-----------------------------------------|-----------------------------------|----------------------|
//! | look      | how both sides are is remembered        | the same                          | –                    |
//! | first     | one side is made                        | one side is removed               | as it was remembered |
//! | second    | the other side                          | the other side                    | as it was remembered |
//! | read-back | both are there, a machine pings across  | both are gone, the ping dies away | –                    |
//!
//! A side that is right already is left alone, also on the way back. A half may not stay: a host that hangs while the second half is made
//! leads to the way back, too.

use std::net::Ipv4Addr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use crm::clock::Clock;
use crm::directory::Underlay;
use crm::domain::action::{LinkEnd, Proof};
use crm::domain::audit::sha256_hex;
use crm::domain::cidr::Cidr;
use crm::domain::plan::{Change, Facts, Phrase, Plan, Value};
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Kind};
use crate::hypervisor::{HvError, Hypervisor};
use crate::links::{LinkSide, MOST, NetworkSeen, TRANSIT, name};
use crate::report::Timing;
use crate::steps::{Procedure, Progress, Run, Step};

/// One end: where, and through which hypervisor.
pub struct End {
    /// The zone's hypervisor.
    pub hv: Arc<dyn Hypervisor>,
    /// The customer's network there.
    pub end: LinkEnd,
    /// How the zones' hosts reach each other.
    pub underlay: Underlay,
}

/// Both ends.
pub type Ends = [End; 2];

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// The link.
    Link,
    /// Its absence.
    Removal,
}

fn refused(text: String) -> Failure {
    Failure::new("plan", Kind::Refused, text)
}

fn trouble(step: &str, error: &HvError) -> Failure {
    Failure::from_hypervisor(step, error)
}

fn cidr(end: &LinkEnd) -> Result<Cidr, Failure> {
    end.cidr.parse().map_err(refused)
}

/// This pair's link as a host has it.
fn ours<'n>(networks: &'n [NetworkSeen], here: &LinkEnd, there: &LinkEnd) -> Option<&'n NetworkSeen> {
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
        *seen = end.hv.networks().await.map_err(|e| trouble("plan", &e))?;
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
    let before = found.map(|side| side.filter(|n| n.active).and_then(|n| n.link.as_ref()));
    let after = sides(ends, vni)?;
    Ok(Plan {
        changes: changes(ends, before, wished(wish, &after)),
        steps: if wish == Wish::Link { Linking::names() } else { Unlinking::names() },
        facts: Facts { vni: Some(vni), ..Facts::default() },
        notes: Vec::new(),
    })
}

/// Both sides as they shall be.
fn wished(wish: Wish, sides: &[LinkSide; 2]) -> [Option<&LinkSide>; 2] {
    if wish == Wish::Link { sides.each_ref().map(Some) } else { [None; 2] }
}

/// Before → after, for each direction.
fn changes(ends: &Ends, before: [Option<&LinkSide>; 2], after: [Option<&LinkSide>; 2]) -> Vec<Change> {
    let way = |side: Option<&LinkSide>| match side {
        Some(side) => Value::Name(format!("VXLAN {}, {} → {}", side.vni, side.local, side.remote)),
        None => Value::word("plan-none"),
    };
    let label = |end: &End| format!("{} ({}, {})", end.end.network, end.end.zone, end.end.cidr);
    let change = |from: usize, to: usize| Change {
        what: Phrase::new("plan-what-route").with("from", label(&ends[from])).with("to", label(&ends[to])),
        before: way(before[from]),
        after: way(after[from]),
    };
    vec![change(0, 1), change(1, 0)]
}

/// What both procedures work with.
pub struct World<'r> {
    ends: &'r Ends,
    sides: [LinkSide; 2],
    timing: &'r Timing,
}

/// What they remember.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    began: Option<DateTime<Utc>>,
    /// How each side was before anything was done, and whether it was started; saved before it is touched.
    before: [Option<(LinkSide, bool)>; 2],
    read: Vec<Change>,
    done_at: Option<DateTime<Utc>>,
}

/// Makes a link.
pub struct Linking;
/// Takes a link away.
pub struct Unlinking;

impl Procedure for Linking {
    const NAME: &'static str = "zone.link";
    const UNDO_WHEN_HUNG: bool = true;
    type World<'r> = World<'r>;
    type Memory = Memory;
    const STEPS: &'static [Step<Self>] = &[
        Step { name: "look", act: |run| Box::pin(look(run)), undo: None },
        Step {
            name: "first",
            act: |run| Box::pin(make(run, 0)),
            undo: Some(|run| Box::pin(put_back(run, 0))),
        },
        Step {
            name: "second",
            act: |run| Box::pin(make(run, 1)),
            undo: Some(|run| Box::pin(put_back(run, 1))),
        },
        Step { name: "read-back", act: |run| Box::pin(read_back(run, Wish::Link)), undo: None },
    ];
}

impl Procedure for Unlinking {
    const NAME: &'static str = "zone.unlink";
    const UNDO_WHEN_HUNG: bool = true;
    type World<'r> = World<'r>;
    type Memory = Memory;
    const STEPS: &'static [Step<Self>] = &[
        Step { name: "look", act: |run| Box::pin(look(run)), undo: None },
        Step {
            name: "first",
            act: |run| Box::pin(remove(run, 0)),
            undo: Some(|run| Box::pin(put_back(run, 0))),
        },
        Step {
            name: "second",
            act: |run| Box::pin(remove(run, 1)),
            undo: Some(|run| Box::pin(put_back(run, 1))),
        },
        Step { name: "read-back", act: |run| Box::pin(read_back(run, Wish::Removal)), undo: None },
    ];
}

/// A procedure of links.
pub trait OfLink: for<'r> Procedure<World<'r> = World<'r>, Memory = Memory> {}
impl OfLink for Linking {}
impl OfLink for Unlinking {}

/// Executes `wish`, or goes on where an earlier run stopped. Called again after it succeeded, it returns the same proof.
pub async fn run(
    ends: &Ends,
    wish: Wish,
    vni: u32,
    (clock, timing): (&dyn Clock, &Timing),
    progress: &mut dyn Progress,
) -> Result<Proof, Failure> {
    let world = World { ends, sides: sides(ends, vni)?, timing };
    match wish {
        Wish::Link => finish(Run::<Linking>::open(world, clock, progress).await?, "linked").await,
        Wish::Removal => finish(Run::<Unlinking>::open(world, clock, progress).await?, "unlinked").await,
    }
}

async fn finish<P: OfLink>(mut run: Run<'_, P>, state: &str) -> Result<Proof, Failure> {
    run.finish().await?;
    let (Some(began), Some(at)) = (run.memory.began, run.memory.done_at) else {
        return Err(run.failure(Kind::Uncertain, "the link was worked on, but its proof is missing"));
    };
    let already = run.memory.read.iter().take(2).all(|change| change.before == change.after);
    Ok(Proof {
        method: if already { "already" } else { "done" }.to_owned(),
        state: state.to_owned(),
        boot_id: None,
        domain_id: None,
        at,
        took_ms: (at - began).num_milliseconds(),
        read_back: std::mem::take(&mut run.memory.read),
    })
}

impl<P: OfLink> Run<'_, P> {
    /// What stands under the link's number on this side.
    async fn seen(&mut self, at: usize) -> Result<Option<NetworkSeen>, Failure> {
        let networks = self.ends[at].hv.networks().await.map_err(|e| trouble(self.step(), &e))?;
        Ok(networks.into_iter().find(|n| n.name == name(self.sides[at].vni)))
    }

    /// The same; an error if the number has gone to somebody else meanwhile.
    async fn seen_ours(&mut self, at: usize) -> Result<Option<NetworkSeen>, Failure> {
        match self.seen(at).await? {
            Some(other) if !self.is_ours(at, &other) => {
                let (vni, zone) = (self.sides[at].vni, self.ends[at].hv.zone());
                let text = format!("link number {vni} belongs to other networks in zone {zone} now");
                Err(self.failure(Kind::Refused, text))
            }
            found => Ok(found),
        }
    }

    fn is_ours(&self, at: usize, seen: &NetworkSeen) -> bool {
        seen.link.as_ref().is_some_and(|side| side.same_pair(&self.sides[at]))
    }

    async fn set(&mut self, at: usize, side: &LinkSide, active: bool) -> Result<(), Failure> {
        self.fence().await?;
        self.ends[at].hv.set_link(side, active).await.map_err(|e| trouble(self.step(), &e))
    }

    async fn clear(&mut self, at: usize) -> Result<(), Failure> {
        self.fence().await?;
        let vni = self.sides[at].vni;
        self.ends[at].hv.remove_link(vni).await.map_err(|e| trouble(self.step(), &e))
    }

    async fn wait(&mut self) {
        self.clock.sleep_until(self.after(self.timing.poll)).await;
    }
}

async fn look<P: OfLink>(run: &mut Run<'_, P>) -> Result<(), Failure> {
    run.memory.began = Some(run.begun_at());
    for at in [0, 1] {
        let found = run.seen_ours(at).await?;
        run.memory.before[at] = found.and_then(|n| n.link.map(|side| (side, n.active)));
    }
    Ok(())
}

async fn make(run: &mut Run<'_, Linking>, at: usize) -> Result<(), Failure> {
    let side = run.sides[at].clone();
    match run.seen_ours(at).await? {
        Some(seen) if seen.is(&side, true) => Ok(()),
        _ => run.set(at, &side, true).await,
    }
}

async fn remove(run: &mut Run<'_, Unlinking>, at: usize) -> Result<(), Failure> {
    match run.seen_ours(at).await? {
        Some(_) => run.clear(at).await,
        None => Ok(()),
    }
}

/// One side as it was before.
async fn put_back<P: OfLink>(run: &mut Run<'_, P>, at: usize) -> Result<(), Failure> {
    let seen = run.seen(at).await?;
    if seen.as_ref().is_some_and(|seen| !run.is_ours(at, seen)) {
        return Ok(());
    }
    match (run.memory.before[at].clone(), seen) {
        (Some((side, active)), Some(seen)) if seen.is(&side, active) => Ok(()),
        (Some((side, active)), _) => run.set(at, &side, active).await,
        (None, Some(_)) => run.clear(at).await,
        (None, None) => Ok(()),
    }
}

/// Both sides are as wished, and machines say so too where there are any that can be asked.
async fn read_back<P: OfLink>(run: &mut Run<'_, P>, wish: Wish) -> Result<(), Failure> {
    let until = run.after(run.timing.start_wait);
    loop {
        let seen = [run.seen_ours(0).await?, run.seen_ours(1).await?];
        let right = seen.iter().zip(&run.sides).all(|(seen, side)| match (wish, seen) {
            (Wish::Link, Some(seen)) => seen.is(side, true),
            (Wish::Removal, None) => true,
            _ => false,
        });
        if right {
            break;
        }
        if run.clock.now() >= until {
            return Err(run.failure(Kind::Failed, format!("after the change the hosts show {seen:?}")));
        }
        run.wait().await;
    }
    let before = run.memory.before.each_ref();
    let before = before.map(|side| side.as_ref().filter(|(_, active)| *active).map(|(side, _)| side));
    let mut read = changes(run.ends, before, wished(wish, &run.sides));
    read.extend(ping(run, wish).await?);
    (run.memory.read, run.memory.done_at) = (read, Some(run.clock.now()));
    Ok(())
}

/// So many machines of the other side are pinged: one of them may refuse pings of its own will.
const TARGETS: usize = 3;

/// Has a machine on each side ping some on the other, until it comes out as wished. Where nobody can be asked, nothing is said.
async fn ping<P: OfLink>(run: &mut Run<'_, P>, wish: Wish) -> Result<Vec<Change>, Failure> {
    let mut guests = [Vec::new(), Vec::new()];
    for (end, guests) in run.ends.iter().zip(&mut guests) {
        *guests = end.hv.guests(&end.end.name).await.map_err(|e| trouble(run.step(), &e))?;
    }
    let until = run.after(run.timing.hard_wait);
    let wanted = wish == Wish::Link;
    let answers = |yes: bool| Value::word(if yes { "plan-ping-answers" } else { "plan-ping-silent" });
    let mut read = Vec::new();
    for (from, to) in [(0, 1), (1, 0)] {
        let targets = &guests[to][..guests[to].len().min(TARGETS)];
        'machines: for (machine, _) in &guests[from] {
            loop {
                let Some((target, told)) = reached(run, from, machine, targets).await? else { break };
                if told == wanted {
                    let what = Phrase::new("plan-what-ping").with("from", machine).with("to", target);
                    read.push(Change { what, before: answers(!wanted), after: answers(wanted) });
                    break 'machines;
                }
                if run.clock.now() >= until {
                    let but = if wanted { "does not reach" } else { "still reaches" };
                    let text = format!("both hosts are as wished, but {machine} {but} {target}");
                    return Err(run.failure(Kind::Failed, text));
                }
                run.wait().await;
            }
        }
    }
    Ok(read)
}

/// The first of `targets` that answers to a machine of side `at`; if none does, one that does not. `None`: there is nobody to ask.
async fn reached<'t, P: OfLink>(
    run: &mut Run<'_, P>,
    at: usize,
    machine: &str,
    targets: &'t [(String, Ipv4Addr)],
) -> Result<Option<(&'t str, bool)>, Failure> {
    let mut silent = None;
    for (target, address) in targets {
        match run.ends[at].hv.pings(machine, *address).await.map_err(|e| trouble(run.step(), &e))? {
            None => return Ok(None),
            Some(true) => return Ok(Some((target, true))),
            Some(false) => silent = silent.or(Some((target.as_str(), false))),
        }
    }
    Ok(silent)
}
