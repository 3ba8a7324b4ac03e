//! What stands in a directory file, with the place of each value, as far as it could be read: a wrong value is `None` (and noted),
//! so that the rest is still checked.

use super::{
    Cabinet, Cluster, Contact, ControlPlane, Customer, Directory, Network, Place, Price, Sees, Service,
    Staff, Underlay, Zone,
};
use crate::clock::Moment;
use crate::domain::action::LinkPlace;
use crate::domain::ids::{ClusterId, ContactId, CustomerId, NetworkId, ServiceId, StaffId, ZoneId};
use crate::domain::kind::{Queue, Terms};
use crate::domain::lang::Lang;
use crate::domain::person::Role;
use crate::domain::rota::Rota;
use crate::input::At;

/// A file's entries, in the order of the file.
#[derive(Default)]
pub(super) struct Entries {
    pub zones: Vec<ZoneEntry>,
    pub clusters: Vec<ClusterEntry>,
    pub customers: Vec<CustomerEntry>,
    pub contacts: Vec<ContactEntry>,
    pub services: Vec<ServiceEntry>,
    pub networks: Vec<NetworkEntry>,
    pub staff: Vec<StaffEntry>,
    pub rotas: Vec<RotaEntry>,
}

/// A value that must be there; `None`: absent or wrong. `Option<Field<_>>` is one that may be absent: `None` means wrong there.
pub(super) type Field<T> = Option<At<T>>;

pub(super) struct ZoneEntry {
    pub id: Field<String>,
    pub libvirt: Field<String>,
    pub link: Option<Field<Underlay>>,
}

pub(super) struct NetworkEntry {
    pub customer: Field<String>,
    pub id: Field<String>,
    pub place: NetworkPlace,
    pub cidr: Field<String>,
}

pub(super) enum NetworkPlace {
    Zone { zone: Field<String>, name: Field<String> },
    Cluster { cluster: Field<String>, namespace: Field<String> },
}

pub(super) struct ClusterEntry {
    pub id: Field<String>,
    pub control_plane: Field<ControlPlane>,
    pub kubeconfig: Field<String>,
    pub masters: Field<Vec<String>>,
}

pub(super) struct CustomerEntry {
    pub id: Field<String>,
    pub name: Field<String>,
    pub cabinet: Option<Field<Cabinet>>,
}

pub(super) struct ContactEntry {
    pub customer: Field<String>,
    pub id: Field<String>,
    pub name: Field<String>,
    pub phone: Option<Field<String>>,
    pub email: Option<Field<String>>,
    pub language: Option<Lang>,
    pub sees: Option<Field<Sees>>,
}

pub(super) struct ServiceEntry {
    pub customer: Field<String>,
    pub id: Field<String>,
    pub kind: Field<Terms>,
    pub zone: Field<String>,
    pub domain: Field<String>,
    pub cluster: Field<String>,
    pub namespace: Field<String>,
    pub since: Field<Moment>,
    pub until: Option<Field<Moment>>,
    pub prices: Vec<(Field<Moment>, Field<i64>)>,
}

pub(super) struct StaffEntry {
    pub id: Field<String>,
    pub name: Field<String>,
    pub role: Field<Role>,
    pub queues: Field<Vec<Queue>>,
    pub telegram: Option<Field<i64>>,
    pub language: Option<Lang>,
}

pub(super) struct RotaEntry {
    pub queue: Field<Queue>,
    pub starts: Field<Moment>,
    pub shift_hours: Field<i64>,
    pub order: Field<Vec<String>>,
    pub ack_timeout_minutes: Field<i64>,
}

impl Entries {
    /// The plain directory, if every value could be read.
    pub(super) fn plain(self) -> Option<Directory> {
        let mut directory = Directory {
            zones: self.zones.into_iter().map(ZoneEntry::plain).collect::<Option<_>>()?,
            clusters: self.clusters.into_iter().map(ClusterEntry::plain).collect::<Option<_>>()?,
            customers: self.customers.into_iter().map(CustomerEntry::plain).collect::<Option<_>>()?,
            contacts: self.contacts.into_iter().map(ContactEntry::plain).collect::<Option<_>>()?,
            networks: self.networks.into_iter().map(NetworkEntry::plain).collect::<Option<_>>()?,
            services: self.services.into_iter().map(ServiceEntry::plain).collect::<Option<_>>()?,
            staff: self.staff.into_iter().map(StaffEntry::plain).collect::<Option<_>>()?,
            rotas: self.rotas.into_iter().map(RotaEntry::plain).collect::<Option<_>>()?,
        };
        directory.sort();
        Some(directory)
    }
}

impl ZoneEntry {
    fn plain(self) -> Option<Zone> {
        let link = match self.link {
            Some(link) => Some(link?.value),
            None => None,
        };
        Some(Zone { id: ZoneId(self.id?.value), libvirt: self.libvirt?.value, link })
    }
}

impl NetworkEntry {
    fn plain(self) -> Option<Network> {
        Some(Network {
            id: NetworkId(self.id?.value),
            customer: CustomerId(self.customer?.value),
            place: match self.place {
                NetworkPlace::Zone { zone, name } => {
                    LinkPlace::Zone { zone: ZoneId(zone?.value), name: name?.value }
                }
                NetworkPlace::Cluster { cluster, namespace } => {
                    LinkPlace::Cluster { cluster: ClusterId(cluster?.value), namespace: namespace?.value }
                }
            },
            cidr: self.cidr?.value,
        })
    }
}

impl ClusterEntry {
    fn plain(self) -> Option<Cluster> {
        Some(Cluster {
            id: ClusterId(self.id?.value),
            control_plane: self.control_plane?.value,
            kubeconfig: self.kubeconfig?.value,
            masters: self.masters?.value,
        })
    }
}

impl CustomerEntry {
    fn plain(self) -> Option<Customer> {
        Some(Customer {
            id: CustomerId(self.id?.value),
            name: self.name?.value,
            cabinet: self.cabinet?.map(|c| c.value),
        })
    }
}

impl ContactEntry {
    fn plain(self) -> Option<Contact> {
        Some(Contact {
            id: ContactId(self.id?.value),
            customer: CustomerId(self.customer?.value),
            name: self.name?.value,
            phone: self.phone?.map(|p| p.value),
            email: self.email?.map(|e| e.value),
            language: self.language?,
            sees: self.sees?.map(|s| s.value).unwrap_or_default(),
        })
    }
}

impl ServiceEntry {
    fn plain(self) -> Option<Service> {
        let place = match self.kind?.value {
            Terms::Vm => Place::Vm { zone: ZoneId(self.zone?.value), domain: self.domain?.value },
            Terms::Kubernetes => Place::Kubernetes {
                cluster: ClusterId(self.cluster?.value),
                namespace: self.namespace?.value,
            },
        };
        let price = |(from, monthly): (Field<Moment>, Field<i64>)| {
            Some(Price { from: from?.value, monthly_tiyn: monthly?.value })
        };
        Some(Service {
            id: ServiceId(self.id?.value),
            customer: CustomerId(self.customer?.value),
            place,
            since: self.since?.value,
            until: self.until?.map(|u| u.value),
            prices: self.prices.into_iter().map(price).collect::<Option<_>>()?,
        })
    }
}

impl StaffEntry {
    fn plain(self) -> Option<Staff> {
        Some(Staff {
            id: StaffId(self.id?.value),
            name: self.name?.value,
            role: self.role?.value,
            queues: self.queues?.value,
            telegram: self.telegram?.map(|t| t.value),
            language: self.language?,
        })
    }
}

impl RotaEntry {
    fn plain(self) -> Option<Rota> {
        Some(Rota {
            queue: self.queue?.value,
            starts: self.starts?.value,
            shift_hours: self.shift_hours?.value,
            order: self.order?.value.into_iter().map(StaffId).collect(),
            ack_timeout_minutes: self.ack_timeout_minutes?.value,
            covers: Vec::new(),
        })
    }
}
