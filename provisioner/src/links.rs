//! What the provisioner needs of a hypervisor to link customers' networks across zones (T4), in plain types.
//!
//! A link is one network object on each of two hosts: a bridge of its own with a transit address, a route to the other side's
//! addresses, and a mark in its metadata. The hook that the operator installs on each host (`deploy/libvirt-hook-network`) reads the
//! mark, puts the end of a VXLAN tunnel into the bridge, and lets nothing through but the two networks' own addresses: other customers'
//! networks on the same host have the same routes.

use std::net::Ipv4Addr;

use async_trait::async_trait;
use crm::domain::cidr::Cidr;
use serde::{Deserialize, Serialize};

use crate::hypervisor::{Fault, HvError};

/// The addresses that the ends of all links take, a /30 each: no customer's network may lie in here.
pub const TRANSIT: Cidr = Cidr { network: Ipv4Addr::new(10, 254, 0, 0), prefix: 16 };
/// So many links fit into [`TRANSIT`]; their numbers begin at 1.
pub const MOST: u32 = (1 << 14) - 1;

/// A network of a host, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkSeen {
    /// libvirt's name.
    pub name: String,
    /// It is started.
    pub active: bool,
    /// Its addresses.
    pub cidrs: Vec<Cidr>,
    /// Where it has routes to.
    pub routes: Vec<Cidr>,
    /// Whose link it is, if it is one.
    pub link: Option<LinkSide>,
}

impl NetworkSeen {
    /// Whether this is `side` and nothing else, started or not as wanted.
    pub fn is(&self, side: &LinkSide, active: bool) -> bool {
        self.active == active && self.link.as_ref() == Some(side) && self.routes == [side.peer]
    }
}

/// One side of a link, complete; the mark on its network object says all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkSide {
    /// The tunnel's number.
    pub vni: u32,
    /// The customer's network on this host: its id in the directory.
    pub here: String,
    /// The one on the other.
    pub there: String,
    /// The addresses of the network here: nobody else may use the link.
    pub own: Cidr,
    /// The addresses of the network there.
    pub peer: Cidr,
    /// The device on which the other host is reached.
    pub device: String,
    /// This host's address there.
    pub local: Ipv4Addr,
    /// The other host's.
    pub remote: Ipv4Addr,
    /// This end's transit address, in a /30.
    pub transit: Ipv4Addr,
    /// The other end's.
    pub gateway: Ipv4Addr,
}

impl LinkSide {
    /// Whether the two are sides of the same pair of networks, on the same host.
    pub fn same_pair(&self, other: &Self) -> bool {
        (&self.here, &self.there) == (&other.here, &other.there)
    }
}

/// The name of a link's network object.
pub fn name(vni: u32) -> String {
    format!("komek-link-{vni}")
}

fn cannot(zone: &str) -> HvError {
    HvError {
        fault: Fault::Unsupported,
        zone: zone.to_owned(),
        during: "link".to_owned(),
        cause: "this hypervisor links no networks".to_owned(),
    }
}

/// A hypervisor that can link networks. Those that cannot say so.
#[async_trait]
pub trait Links: Send + Sync {
    /// All networks of the host.
    async fn networks(&self) -> Result<Vec<NetworkSeen>, HvError> {
        Err(cannot("?"))
    }

    /// Makes one side of a link as `side` says, in the place of any other with its number. If `active`, it is started, and again with
    /// the host; otherwise it is left stopped. What is right already should be left alone: this interrupts it.
    async fn set_link(&self, _side: &LinkSide, _active: bool) -> Result<(), HvError> {
        Err(cannot("?"))
    }

    /// Removes the side of number `vni`. No error if there is none.
    async fn remove_link(&self, _vni: u32) -> Result<(), HvError> {
        Err(cannot("?"))
    }

    /// Running machines on a network and their addresses in it, as far as agents or leases tell.
    async fn guests(&self, _network: &str) -> Result<Vec<(String, Ipv4Addr)>, HvError> {
        Ok(Vec::new())
    }

    /// Has a machine's agent ping an address once; `None`: nobody in there can be asked.
    async fn pings(&self, _domain: &str, _address: Ipv4Addr) -> Result<Option<bool>, HvError> {
        Ok(None)
    }
}
