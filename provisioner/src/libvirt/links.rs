//! Links between zones as libvirt's network objects, and machines' agents as witnesses.

use std::net::{IpAddr, Ipv4Addr};

use async_trait::async_trait;
use crm::domain::cidr::Cidr;
use roxmltree::{Document, Node};
use virt::connect::Connect;
use virt::domain::Domain;
use virt::error::Error;
use virt::network::Network;
use virt::sys;

use super::errors::fault;
use super::facts::escape;
use super::{Libvirt, agent};
use crate::hypervisor::{Fault, HvError};
use crate::links::{LinkSide, Links, NetworkSeen, name};

/// The XML namespace of the mark, which the hook on the hosts looks for.
const LINK_URI: &str = "urn:komek:link";
/// 1500 less what VXLAN adds, over IPv4.
const MTU: u32 = 1450;

/// The description of one side.
fn describe(side: &LinkSide) -> String {
    let LinkSide { vni, here, there, own, peer, device, local, remote, transit, gateway } = side;
    let (here, there, device) = (escape(here), escape(there), escape(device));
    format!(
        "<network><name>{}</name><metadata><komek:link xmlns:komek='{LINK_URI}' vni='{vni}' here='{here}' \
         there='{there}' own='{own}' peer='{peer}' dev='{device}' local='{local}' remote='{remote}' \
         transit='{transit}' gateway='{gateway}'/></metadata>\
         <forward mode='open'/><bridge name='kml{vni}' stp='off' delay='0'/><mtu size='{MTU}'/><dns enable='no'/>\
         <ip address='{transit}' prefix='30'/>\
         <route address='{}' prefix='{}' gateway='{gateway}'/></network>",
        name(*vni),
        peer.network,
        peer.prefix,
    )
}

/// The side that a mark tells of, if it is whole.
fn side(mark: Node<'_, '_>) -> Option<LinkSide> {
    let word = |name: &str| mark.attribute(name);
    Some(LinkSide {
        vni: word("vni")?.parse().ok()?,
        here: word("here")?.to_owned(),
        there: word("there")?.to_owned(),
        own: word("own")?.parse().ok()?,
        peer: word("peer")?.parse().ok()?,
        device: word("dev")?.to_owned(),
        local: word("local")?.parse().ok()?,
        remote: word("remote")?.parse().ok()?,
        transit: word("transit")?.parse().ok()?,
        gateway: word("gateway")?.parse().ok()?,
    })
}

/// The range that an element's `address` lies in.
fn range(node: Node<'_, '_>) -> Option<Cidr> {
    let address: Ipv4Addr = node.attribute("address")?.parse().ok()?;
    let prefix = match (node.attribute("prefix"), node.attribute("netmask")) {
        (Some(prefix), _) => prefix.parse().ok()?,
        (None, Some(mask)) => u8::try_from(u32::from(mask.parse::<Ipv4Addr>().ok()?).leading_ones()).ok()?,
        (None, None) => return None,
    };
    (prefix <= 32).then(|| Cidr::around(address, prefix))
}

/// A network from its XML.
fn read(xml: &str, active: bool) -> Option<NetworkSeen> {
    let document = Document::parse(xml).ok()?;
    let root = document.root_element();
    let text = |name: &str| root.children().find(|n| n.has_tag_name(name)).and_then(|n| n.text());
    let ranges = |name: &str| root.children().filter(|n| n.has_tag_name(name)).filter_map(range).collect();
    let mark = root.descendants().find(|n| n.has_tag_name((LINK_URI, "link")));
    Some(NetworkSeen {
        name: text("name")?.to_owned(),
        active,
        cidrs: ranges("ip"),
        routes: ranges("route"),
        link: mark.and_then(side),
    })
}

fn find(connect: &Connect, wanted: &str) -> Result<Option<Network>, Error> {
    // Looking up by name would put an error into the hypervisor's log where there is none.
    for network in connect.list_all_networks(0)? {
        if network.name()? == wanted {
            return Ok(Some(network));
        }
    }
    Ok(None)
}

/// Stops and deletes the network `called`, if it is there.
fn remove(connect: &Connect, called: &str) -> Result<(), Error> {
    let Some(network) = find(connect, called)? else { return Ok(()) };
    if network.is_active()? {
        network.destroy()?;
    }
    network.undefine()
}

/// The hardware addresses of a domain's interfaces on `network`.
fn interfaces(domain: &Domain, network: &str) -> Result<Vec<String>, Error> {
    let xml = domain.xml_desc(0)?;
    let Ok(document) = Document::parse(&xml) else { return Ok(Vec::new()) };
    let on = |n: &Node<'_, '_>| {
        n.has_tag_name("interface")
            && n.children().any(|s| s.has_tag_name("source") && s.attribute("network") == Some(network))
    };
    let mac = |n: Node<'_, '_>| {
        let mac = n.children().find(|m| m.has_tag_name("mac"))?;
        mac.attribute("address").map(str::to_lowercase)
    };
    Ok(document.descendants().filter(on).filter_map(mac).collect())
}

/// The address of a domain on `network`: its agent knows best, then the leases.
fn address(domain: &Domain, network: &str) -> Result<Option<Ipv4Addr>, Error> {
    let macs = interfaces(domain, network)?;
    if macs.is_empty() {
        return Ok(None);
    }
    for source in
        [sys::VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT, sys::VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE]
    {
        let Ok(found) = domain.interface_addresses(source, 0) else { continue };
        let ours =
            found.iter().filter(|i| i.hwaddr.as_ref().is_some_and(|mac| macs.contains(&mac.to_lowercase())));
        let four = ours.flat_map(|i| &i.addrs).find_map(|a| match a.addr.parse() {
            Ok(IpAddr::V4(address)) => Some(address),
            _ => None,
        });
        if four.is_some() {
            return Ok(four);
        }
    }
    Ok(None)
}

#[async_trait]
impl Links for Libvirt {
    async fn networks(&self) -> Result<Vec<NetworkSeen>, HvError> {
        let read_all = |networks: Vec<Network>| {
            let mut all = Vec::with_capacity(networks.len());
            for network in networks {
                all.extend(read(&network.xml_desc(0)?, network.is_active()?));
            }
            Ok(all)
        };
        self.with("list of the networks", self.limits.look, |connect| connect.list_all_networks(0), read_all)
            .await
    }

    async fn set_link(&self, side: &LinkSide, active: bool) -> Result<(), HvError> {
        let (xml, called) = (describe(side), name(side.vni));
        tracing::info!(zone = self.zone, link = called, active, "making one side of a link");
        let set = move |connect: Connect| {
            remove(&connect, &called)?;
            let network = connect.define_network_xml(&xml)?;
            if active {
                network.create()?;
                network.set_autostart(true)?;
            }
            Ok(())
        };
        self.with("link", self.limits.act, |connect| Ok(connect.clone()), set).await
    }

    async fn remove_link(&self, vni: u32) -> Result<(), HvError> {
        let called = name(vni);
        tracing::info!(zone = self.zone, link = called, "removing one side of a link");
        let removal = move |connect: Connect| remove(&connect, &called);
        self.with("removal of a link", self.limits.act, |connect| Ok(connect.clone()), removal).await
    }

    async fn guests(&self, network: &str) -> Result<Vec<(String, Ipv4Addr)>, HvError> {
        let network = network.to_owned();
        let look = move |domains: Vec<Domain>| {
            let mut all = Vec::new();
            for domain in domains {
                match address(&domain, &network) {
                    Ok(Some(address)) => all.push((domain.name()?, address)),
                    Ok(None) => {}
                    Err(error) if fault(&error) == Fault::NoSuchDomain => {}
                    Err(error) => return Err(error),
                }
            }
            all.sort();
            Ok(all)
        };
        let running = |connect: &Connect| connect.list_all_domains(sys::VIR_CONNECT_LIST_DOMAINS_ACTIVE);
        self.with("machines of a network", self.limits.look, running, look).await
    }

    async fn pings(&self, domain: &str, address: Ipv4Addr) -> Result<Option<bool>, HvError> {
        let seconds = i32::try_from(self.limits.agent.as_secs()).unwrap_or(2).max(1);
        let ping = move |domain: Domain| Ok(agent::pings(&domain, address, seconds).ok());
        self.on("ping", domain, self.limits.look, ping).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_reads_back_as_it_was_described() {
        let side = LinkSide {
            vni: 42,
            here: "acme-a".to_owned(),
            there: "acme-b".to_owned(),
            own: "192.168.101.0/24".parse().expect("a range"),
            peer: "192.168.102.0/24".parse().expect("a range"),
            device: "bb-a' x='<&".to_owned(),
            local: Ipv4Addr::new(10, 255, 0, 1),
            remote: Ipv4Addr::new(10, 255, 0, 2),
            transit: Ipv4Addr::new(10, 254, 0, 169),
            gateway: Ipv4Addr::new(10, 254, 0, 170),
        };
        let seen = read(&describe(&side), true).expect("a network");
        assert_eq!(seen.name, "komek-link-42");
        assert!(seen.is(&side, true) && !seen.is(&side, false), "{seen:?}");
        assert_eq!(seen.cidrs, [Cidr { network: Ipv4Addr::new(10, 254, 0, 168), prefix: 30 }]);
        let masked = "<network><name>n</name><ip address='192.168.101.1' netmask='255.255.255.0'/></network>";
        assert_eq!(
            read(masked, false).expect("a network").cidrs,
            ["192.168.101.0/24".parse::<Cidr>().expect("a range")]
        );
    }
}
