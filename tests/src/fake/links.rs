//! The networks of a host in memory: a link carries pings when both hosts have their side of it.

use std::net::Ipv4Addr;

use async_trait::async_trait;
use crm::domain::cidr::Cidr;
use provisioner::hypervisor::HvError;
use provisioner::links::{LinkSide, Links, NetworkSeen, name};

use super::machine::{Fake, World};

impl World {
    /// Whether a packet between `own` and `peer` passes this host's side of a link.
    fn carries(&self, own: Ipv4Addr, peer: Ipv4Addr) -> bool {
        let sides = self.networks.iter().filter(|n| n.active).filter_map(|n| n.link.as_ref());
        sides.into_iter().any(|side| side.own.contains(own) && side.peer.contains(peer))
    }
}

#[async_trait]
impl Links for Fake {
    async fn networks(&self) -> Result<Vec<NetworkSeen>, HvError> {
        self.call("networks", |world| Ok(world.networks.clone())).await
    }

    async fn set_link(&self, side: &LinkSide, active: bool) -> Result<(), HvError> {
        let seen = NetworkSeen {
            name: name(side.vni),
            active,
            cidrs: vec![Cidr::around(side.transit, 30)],
            routes: vec![side.peer],
            link: Some(side.clone()),
        };
        self.call("set_link", |world| {
            world.networks.retain(|n| n.name != seen.name);
            world.networks.push(seen);
            Ok(())
        })
        .await
    }

    async fn remove_link(&self, vni: u32) -> Result<(), HvError> {
        self.call("remove_link", move |world| {
            world.networks.retain(|n| n.name != name(vni));
            Ok(())
        })
        .await
    }

    async fn guests(&self, network: &str) -> Result<Vec<(String, Ipv4Addr)>, HvError> {
        let network = network.to_owned();
        self.call("guests", move |world| {
            let card = world.card.iter().filter(|(on, _)| *on == network);
            Ok(card.map(|(_, address)| (world.domain.name.clone(), *address)).collect())
        })
        .await
    }

    async fn pings(&self, _: &str, address: Ipv4Addr) -> Result<Option<bool>, HvError> {
        self.call("ping", move |world| {
            let Some((_, own)) = world.card else { return Ok(None) };
            let answers = world.carries(own, address)
                && world.peer.as_ref().is_some_and(|peer| peer.world().carries(address, own));
            Ok(Some(answers))
        })
        .await
    }
}
