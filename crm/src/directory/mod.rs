//! The directory: who the customers are, what they rent, who works at the desk. Written by the provider as one TOML file,
//! applied by `komek-crm directory apply` (DESIGN 6: its keys are fixed).
//!
//! [`file`] reads and checks a file, [`diff`] says what applying it would change; the store keeps it.

mod check;
mod diff;
mod entries;
pub mod file;

pub use diff::{Change, diff};

use std::net::Ipv4Addr;

use crate::clock::Moment;
use crate::domain::action::LinkPlace;
use crate::domain::ids::{ClusterId, ContactId, CustomerId, NetworkId, ServiceId, StaffId, ZoneId};
use crate::domain::kind::{Queue, Terms};
use crate::domain::lang::Lang;
use crate::domain::person::Role;
use crate::domain::rota::Rota;

/// Everything in a directory file, each list sorted by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    /// Availability zones.
    pub zones: Vec<Zone>,
    /// Kubernetes clusters.
    pub clusters: Vec<Cluster>,
    /// Customers, without their contacts and services.
    pub customers: Vec<Customer>,
    /// The people who may speak for customers.
    pub contacts: Vec<Contact>,
    /// What is rented.
    pub services: Vec<Service>,
    /// Customers' networks, which can be linked across zones (T4).
    pub networks: Vec<Network>,
    /// The desk.
    pub staff: Vec<Staff>,
    /// Who is on call, at most one per queue.
    pub rotas: Vec<Rota>,
}

/// An availability zone: one or more KVM hosts behind one libvirt address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Its id.
    pub id: ZoneId,
    /// libvirt's connection URI.
    pub libvirt: String,
    /// How its host reaches other zones' hosts; without it no link can be made from here.
    pub link: Option<Underlay>,
}

/// Where the tunnels between zones end on a zone's host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Underlay {
    /// The network device, `bond0`.
    pub device: String,
    /// Its address, which the other zones' hosts can reach.
    pub address: Ipv4Addr,
}

/// A customer's network in a zone, or a namespace as an end of links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Its id.
    pub id: NetworkId,
    /// Whose.
    pub customer: CustomerId,
    /// Where it is.
    pub place: LinkPlace,
    /// Its addresses, `192.168.101.0/24`; for a namespace those of its cluster's pods.
    pub cidr: String,
}

word_enum! {
    /// A cluster's control plane (S6).
    pub enum ControlPlane {
        /// One master.
        Basic = "basic",
        /// Three masters on different virtual servers.
        Ha = "ha",
    }
}

impl ControlPlane {
    /// How many masters it has (S6).
    pub const fn masters(self) -> usize {
        match self {
            Self::Basic => 1,
            Self::Ha => 3,
        }
    }
}

/// A Kubernetes cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Its id.
    pub id: ClusterId,
    /// Basic or highly available: decides what is compensable (C3).
    pub control_plane: ControlPlane,
    /// Path of the kubeconfig on the provisioner's machine.
    pub kubeconfig: String,
    /// The masters' addresses.
    pub masters: Vec<String>,
}

/// An account of the Cabinet.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Cabinet {
    /// The project whose quota it has.
    pub project: String,
    /// Its user.
    pub user: String,
}

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// Its name.
    pub name: String,
    /// Its Cabinet account, if it has one.
    pub cabinet: Option<Cabinet>,
}

/// A person who may speak for a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Unique among all customers.
    pub id: ContactId,
    /// For whom.
    pub customer: CustomerId,
    /// The name.
    pub name: String,
    /// E.164, such as `+77010000001`; unique, so that a telephone call finds one person.
    pub phone: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// The language, until he chooses another in the bot.
    pub language: Lang,
    /// Whose tickets he sees.
    pub sees: Sees,
}

word_enum! {
    /// Which of the customer's tickets a contact sees.
    #[derive(Default)]
    pub enum Sees {
        /// All of the customer's.
        #[default]
        All = "all",
        /// Those he opened himself.
        Own = "own",
    }
}

/// Where a service runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A virtual machine.
    Vm {
        /// Its zone.
        zone: ZoneId,
        /// libvirt's domain name.
        domain: String,
    },
    /// A place in a cluster.
    Kubernetes {
        /// The cluster.
        cluster: ClusterId,
        /// The namespace.
        namespace: String,
    },
}

impl Place {
    /// Whose terms apply.
    pub const fn terms(&self) -> Terms {
        match self {
            Self::Vm { .. } => Terms::Vm,
            Self::Kubernetes { .. } => Terms::Kubernetes,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Vm { zone, domain } => write!(f, "{zone}/{domain}"),
            Self::Kubernetes { cluster, namespace } => write!(f, "{cluster}/{namespace}"),
        }
    }
}

/// Rental cost per month from a moment on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// From when.
    pub from: Moment,
    /// Per month, tiyn (1/100 KZT).
    pub monthly_tiyn: i64,
}

/// A rented service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// Who rents it.
    pub customer: CustomerId,
    /// Where it runs.
    pub place: Place,
    /// From when it exists.
    pub since: Moment,
    /// Until when, if its end is known.
    pub until: Option<Moment>,
    /// Its prices, by moment.
    pub prices: Vec<Price>,
}

/// A person who works at the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// The id.
    pub id: StaffId,
    /// The name.
    pub name: String,
    /// What he may do.
    pub role: Role,
    /// The departments he works for.
    pub queues: Vec<Queue>,
    /// Telegram's user id; without it he cannot be paged.
    pub telegram: Option<i64>,
    /// The language of the desk's messages to him.
    pub language: Lang,
}

/// Tiyn as an amount of KZT, `45000.00`.
pub fn kzt(tiyn: i64) -> String {
    rust_decimal::Decimal::new(tiyn, 2).to_string()
}

impl Directory {
    /// Sorts every list by id, so that two directories with the same content are equal.
    pub fn sort(&mut self) {
        self.zones.sort_by(|a, b| a.id.cmp(&b.id));
        self.clusters.sort_by(|a, b| a.id.cmp(&b.id));
        self.customers.sort_by(|a, b| a.id.cmp(&b.id));
        self.contacts.sort_by(|a, b| a.id.cmp(&b.id));
        self.services.sort_by(|a, b| a.id.cmp(&b.id));
        self.networks.sort_by(|a, b| a.id.cmp(&b.id));
        self.staff.sort_by(|a, b| a.id.cmp(&b.id));
        self.rotas.sort_by_key(|rota| rota.queue);
    }
}

#[cfg(test)]
mod tests;
