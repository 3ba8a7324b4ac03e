//! Two zones whose hosts reach each other, with a customer's network in each: what links need.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use crm::directory::Underlay;
use provisioner::libvirt::{Libvirt, Limits};
use provisioner::zone_link::{End, Ends, ZoneEnd};

use super::kvm::{Zone, wire};

/// The town.
pub struct Town {
    /// Its zones.
    pub zones: [Zone; 2],
    /// The ends of the link, through the provisioner's own adapter.
    pub ends: Ends,
}

/// Both halves whole: object, bridge, tunnel, route and three rules on each host.
pub const WHOLE: [usize; 2] = [7, 7];
/// No trace of a link.
pub const NOTHING: [usize; 2] = [0, 0];

/// A routed network `acme-net`, on the bridge `acme{n}`.
pub fn network(n: u8, subnet: u8) -> String {
    format!(
        "<network><name>acme-net</name><forward mode='route'/><bridge name='acme{n}' stp='off' delay='0'/>\
         <dns enable='no'/><ip address='192.168.{subnet}.1' prefix='24'/></network>"
    )
}

/// The ends of a link between two zones, given by name and address.
pub fn ends(zones: [(&str, &str); 2]) -> Result<Ends> {
    let limits = Limits { look: Duration::from_secs(5), act: Duration::from_secs(8), ..Limits::default() };
    let end = |n: u8, (zone, uri): (&str, &str)| {
        anyhow::Ok(End {
            hv: Arc::new(Libvirt::new(zone, uri, limits.clone())?),
            end: ZoneEnd {
                network: format!("acme-net-{n}").as_str().into(),
                zone: zone.into(),
                name: "acme-net".to_owned(),
                cidr: format!("192.168.{}.0/24", 100 + n),
            },
            underlay: Underlay { device: "kmbb".to_owned(), address: Ipv4Addr::new(10, 255, 0, n) },
        })
    };
    Ok([end(1, zones[0])?, end(2, zones[1])?])
}

impl Town {
    /// Two zones that reach each other, a started network in each, a machine on each if `machines`.
    pub async fn start(name: &str, machines: bool) -> Result<Option<Self>> {
        let (Some(a), Some(b)) = (Zone::start(&format!("{name}-a"))?, Zone::start(&format!("{name}-b"))?)
        else {
            return Ok(None);
        };
        wire(&a, &b)?;
        let ends = ends([(a.name(), a.uri()), (b.name(), b.uri())])?;
        for (n, zone) in [(1, &a), (2, &b)] {
            zone.virsh(&["net-define", "/dev/stdin"], &network(n, 100 + n))?;
            zone.virsh(&["net-start", "acme-net"], "")?;
            if machines {
                let words = [
                    format!("komek.ip=192.168.{}.11/24", 100 + n),
                    format!("komek.gw=192.168.{}.1", 100 + n),
                ];
                let hv = zone.connect(Limits::default())?;
                let words = words.each_ref().map(String::as_str);
                zone.machine_on(&hv, &format!("vm{n}"), "acme-net", &words).await?;
            }
        }
        Ok(Some(Self { zones: [a, b], ends }))
    }

    /// What virsh, ip and iptables see of links: network objects, bridges, tunnels, routes, rules; on both hosts.
    pub fn traces(&self) -> Result<[usize; 2]> {
        let mut count = [0, 0];
        for (zone, count) in self.zones.iter().zip(&mut count) {
            let networks = zone.virsh(&["net-list", "--all", "--name"], "")?;
            let devices = zone.inside(&["ip", "-o", "link"])?;
            let routes = zone.inside(&["ip", "route"])?;
            let rules = zone.inside(&["iptables", "-t", "mangle", "-S", "FORWARD"])?;
            *count = networks.lines().filter(|l| l.starts_with("komek-link-")).count()
                + devices.lines().filter(|l| l.contains(": kml") || l.contains(": kmvx")).count()
                + routes.lines().filter(|l| l.contains("via 10.254.")).count()
                + rules.lines().filter(|l| l.contains(" kml")).count();
        }
        Ok(count)
    }
}
