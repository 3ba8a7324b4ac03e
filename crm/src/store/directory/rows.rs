//! The directory's rows as they are stored, and how each is read.

use sqlx::types::Json;

use super::PastService;
use crate::clock::Moment;
use crate::directory::{
    Cabinet, Cluster, Contact, Customer, Network, Place, Price, Service, Staff, Underlay, Zone,
};
use crate::domain::action::LinkPlace;
use crate::domain::ids::{ClusterId, ContactId, CustomerId, NetworkId, ServiceId, StaffId, ZoneId};
use crate::domain::kind::{Queue, Terms};
use crate::domain::rota::Rota;
use crate::store::{Result, unreadable};

/// A column that holds a word of the domain.
fn word<T: std::str::FromStr<Err = String>>(table: &'static str, row: &str, text: &str) -> Result<T> {
    text.parse().map_err(|e: String| unreadable(table, row, e))
}

#[derive(sqlx::FromRow)]
pub(super) struct ZoneRow {
    id: String,
    libvirt: String,
    link_device: Option<String>,
    link_address: Option<String>,
}

impl ZoneRow {
    pub(super) fn read(self) -> Result<Zone> {
        let link = match self.link_device.zip(self.link_address) {
            None => None,
            Some((device, address)) => {
                let address =
                    address.parse().map_err(|_| unreadable("zone", &self.id, "its link address"))?;
                Some(Underlay { device, address })
            }
        };
        Ok(Zone { id: ZoneId(self.id), libvirt: self.libvirt, link })
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct NetworkRow {
    id: String,
    customer_id: String,
    zone_id: Option<String>,
    cluster_id: Option<String>,
    name: String,
    cidr: String,
}

impl NetworkRow {
    pub(super) fn read(self) -> Network {
        let place = match self.cluster_id {
            Some(cluster) => LinkPlace::Cluster { cluster: ClusterId(cluster), namespace: self.name },
            None => LinkPlace::Zone { zone: ZoneId(self.zone_id.unwrap_or_default()), name: self.name },
        };
        Network { id: NetworkId(self.id), customer: CustomerId(self.customer_id), place, cidr: self.cidr }
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct ClusterRow {
    id: String,
    control_plane: String,
    kubeconfig: String,
    masters: Json<Vec<String>>,
}

impl ClusterRow {
    pub(super) fn read(self) -> Result<Cluster> {
        Ok(Cluster {
            control_plane: word("cluster", &self.id, &self.control_plane)?,
            id: ClusterId(self.id),
            kubeconfig: self.kubeconfig,
            masters: self.masters.0,
        })
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct CustomerRow {
    id: String,
    name: String,
    cabinet: Option<Json<Cabinet>>,
}

impl CustomerRow {
    pub(super) fn read(self) -> Customer {
        Customer { id: CustomerId(self.id), name: self.name, cabinet: self.cabinet.map(|c| c.0) }
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct ContactRow {
    id: String,
    customer_id: String,
    name: String,
    phone: Option<String>,
    email: Option<String>,
    language: String,
    sees: String,
}

impl ContactRow {
    pub(super) fn read(self) -> Result<Contact> {
        Ok(Contact {
            language: word("contact", &self.id, &self.language)?,
            sees: word("contact", &self.id, &self.sees)?,
            id: ContactId(self.id),
            customer: CustomerId(self.customer_id),
            name: self.name,
            phone: self.phone,
            email: self.email,
        })
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct ServiceRow {
    pub id: String,
    customer_id: String,
    kind: String,
    zone_id: Option<String>,
    domain: Option<String>,
    cluster_id: Option<String>,
    namespace: Option<String>,
    since: Moment,
    until: Option<Moment>,
    retired_at: Option<Moment>,
}

impl ServiceRow {
    pub(super) fn read(self, prices: Vec<Price>) -> Result<PastService> {
        let place = match word("service", &self.id, &self.kind)? {
            Terms::Vm => {
                self.zone_id.zip(self.domain).map(|(zone, domain)| Place::Vm { zone: ZoneId(zone), domain })
            }
            Terms::Kubernetes => self
                .cluster_id
                .zip(self.namespace)
                .map(|(cluster, namespace)| Place::Kubernetes { cluster: ClusterId(cluster), namespace }),
        };
        let place = place.ok_or_else(|| {
            unreadable("service", &self.id, "it is nowhere: no zone and domain, no cluster and namespace")
        })?;
        let service = Service {
            id: ServiceId(self.id),
            customer: CustomerId(self.customer_id),
            place,
            since: self.since,
            until: self.until,
            prices,
        };
        Ok(PastService { service, retired_at: self.retired_at })
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct PriceRow {
    pub service_id: String,
    pub valid_from: Moment,
    pub monthly_tiyn: i64,
}

#[derive(sqlx::FromRow)]
pub(super) struct StaffRow {
    id: String,
    name: String,
    role: String,
    queues: Json<Vec<Queue>>,
    telegram_id: Option<i64>,
    language: String,
}

impl StaffRow {
    pub(super) fn read(self) -> Result<Staff> {
        Ok(Staff {
            role: word("staff", &self.id, &self.role)?,
            language: word("staff", &self.id, &self.language)?,
            id: StaffId(self.id),
            name: self.name,
            queues: self.queues.0,
            telegram: self.telegram_id,
        })
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct RotaRow {
    queue: String,
    starts: Moment,
    shift_hours: i64,
    turns: Json<Vec<StaffId>>,
    ack_timeout_minutes: i64,
}

impl RotaRow {
    pub(super) fn read(self) -> Result<Rota> {
        Ok(Rota {
            queue: word("rota", &self.queue, &self.queue)?,
            starts: self.starts,
            shift_hours: self.shift_hours,
            order: self.turns.0,
            ack_timeout_minutes: self.ack_timeout_minutes,
            covers: Vec::new(),
        })
    }
}
