//! The directory in the database: zones, clusters, customers with contacts and services, staff, rotas. What dialogues ask for people
//! is in [`super::people`].

mod rows;
mod save;

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;

use rows::{
    ClusterRow, ContactRow, CustomerRow, NetworkRow, PriceRow, RotaRow, ServiceRow, StaffRow, ZoneRow,
};

use super::{Result, Tx, sql};
use crate::clock::Moment;
use crate::directory::{Cluster, Contact, Customer, Directory, Network, Price, Service, Staff, Zone};
use crate::domain::ids::{ContactId, CustomerId, NetworkId, ServiceId, ZoneId};
use crate::domain::rota::Rota;

/// A service that exists or existed, for reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastService {
    /// The service.
    pub service: Service,
    /// When it left the directory, if it did.
    pub retired_at: Option<Moment>,
}

/// Which rows are wanted. Each has a statement of its own: one that says «this id, if one is named» reads the whole table.
#[derive(Debug, Clone, Copy)]
enum Which<'a> {
    All,
    Id(&'a str),
    OfCustomer(&'a str),
}

impl<'a> Which<'a> {
    /// The condition, and what `$1` is in it.
    const fn condition(self) -> (&'static str, &'a str) {
        match self {
            Self::All => ("$1 = ''", ""),
            Self::Id(id) => ("id = $1", id),
            Self::OfCustomer(id) => ("customer_id = $1", id),
        }
    }
}

/// Reads every row.
fn all<R, T>(rows: Vec<R>, mut read: impl FnMut(R) -> Result<T>) -> Result<Vec<T>> {
    rows.into_iter().map(&mut read).collect()
}

/// Services with their prices, each in its order.
fn priced(rows: Vec<ServiceRow>, prices: Vec<PriceRow>) -> Result<Vec<PastService>> {
    let mut by_service: BTreeMap<String, Vec<Price>> = BTreeMap::new();
    for row in prices {
        let price = Price { from: row.valid_from, monthly_tiyn: row.monthly_tiyn };
        by_service.entry(row.service_id).or_default().push(price);
    }
    all(rows, |row| {
        let prices = by_service.remove(&row.id).unwrap_or_default();
        row.read(prices)
    })
}

impl Tx {
    /// The whole directory as of now, without what is retired.
    pub async fn directory_load(&mut self) -> Result<Directory> {
        let mut directory = Directory {
            zones: self.zone_list().await?,
            clusters: self.cluster_list().await?,
            customers: self.customer_list().await?,
            contacts: self.contacts(Which::All).await?,
            services: self.services(Which::All, false).await?.into_iter().map(|s| s.service).collect(),
            networks: self.networks(Which::All).await?,
            staff: self.staff_list().await?,
            rotas: self.rota_list().await?,
        };
        // The database's collation may order ids otherwise than Rust does.
        directory.sort();
        Ok(directory)
    }

    /// Availability zones.
    pub async fn zone_list(&mut self) -> Result<Vec<Zone>> {
        let rows = sql!(
            self,
            fetch_all as ZoneRow,
            "SELECT id, libvirt, link_device, link_address FROM zone WHERE retired_at IS NULL ORDER BY id"
        )?;
        all(rows, ZoneRow::read)
    }

    /// One zone; `None` if unknown or retired.
    pub async fn zone_fetch(&mut self, id: &ZoneId) -> Result<Option<Zone>> {
        Ok(self.zone_list().await?.into_iter().find(|zone| zone.id == *id))
    }

    async fn networks(&mut self, which: Which<'_>) -> Result<Vec<Network>> {
        let (condition, value) = which.condition();
        let text = format!(
            "SELECT id, customer_id, zone_id, NULL AS cluster_id, name, cidr FROM network
             WHERE retired_at IS NULL AND {condition}
             UNION ALL
             SELECT id, customer_id, NULL, cluster_id, namespace, cidr FROM cluster_network
             WHERE retired_at IS NULL AND {condition}
             ORDER BY id"
        );
        let rows = sql!(self, fetch_all as NetworkRow, AssertSqlSafe(text), value)?;
        Ok(rows.into_iter().map(NetworkRow::read).collect())
    }

    /// One network; `None` if unknown or retired.
    pub async fn network_fetch(&mut self, id: &NetworkId) -> Result<Option<Network>> {
        Ok(self.networks(Which::Id(id.as_str())).await?.pop())
    }

    /// A customer's networks.
    pub async fn networks_of_customer(&mut self, customer: &CustomerId) -> Result<Vec<Network>> {
        self.networks(Which::OfCustomer(customer.as_str())).await
    }

    /// Kubernetes clusters.
    pub async fn cluster_list(&mut self) -> Result<Vec<Cluster>> {
        let rows = sql!(
            self,
            fetch_all as ClusterRow,
            "SELECT id, control_plane, kubeconfig, masters FROM cluster WHERE retired_at IS NULL ORDER BY id"
        )?;
        all(rows, ClusterRow::read)
    }

    /// Customers.
    pub async fn customer_list(&mut self) -> Result<Vec<Customer>> {
        let rows = sql!(
            self,
            fetch_all as CustomerRow,
            "SELECT id, name, cabinet FROM customer WHERE retired_at IS NULL ORDER BY id"
        )?;
        Ok(rows.into_iter().map(CustomerRow::read).collect())
    }

    /// One customer; `None` if unknown or retired.
    pub async fn customer_fetch(&mut self, id: &CustomerId) -> Result<Option<Customer>> {
        let row = sql!(
            self,
            fetch_optional as CustomerRow,
            "SELECT id, name, cabinet FROM customer WHERE id = $1 AND retired_at IS NULL",
            id.as_str()
        )?;
        Ok(row.map(CustomerRow::read))
    }

    async fn contacts(&mut self, which: Which<'_>) -> Result<Vec<Contact>> {
        let (condition, value) = which.condition();
        let text = format!(
            "SELECT id, customer_id, name, phone, email, language, sees FROM contact
             WHERE retired_at IS NULL AND {condition} ORDER BY id"
        );
        let rows = sql!(self, fetch_all as ContactRow, AssertSqlSafe(text), value)?;
        all(rows, ContactRow::read)
    }

    /// One contact; `None` if unknown or retired.
    pub async fn contact_fetch(&mut self, id: &ContactId) -> Result<Option<Contact>> {
        Ok(self.contacts(Which::Id(id.as_str())).await?.pop())
    }

    /// The contact who calls from `phone` (E.164); the directory gives a number to one person only.
    pub async fn contact_by_phone(&mut self, phone: &str) -> Result<Option<Contact>> {
        let row = sql!(
            self,
            fetch_optional as ContactRow,
            "SELECT id, customer_id, name, phone, email, language, sees FROM contact
             WHERE retired_at IS NULL AND phone = $1 ORDER BY id LIMIT 1",
            phone
        )?;
        row.map(ContactRow::read).transpose()
    }

    /// Contacts in whose number `digits` stand, by id, at most `limit`.
    pub async fn contacts_by_digits(&mut self, digits: &str, limit: i64) -> Result<Vec<Contact>> {
        // Digits alone: nothing in a pattern that means something else.
        let pattern = format!("%{}%", digits.chars().filter(char::is_ascii_digit).collect::<String>());
        let rows = sql!(
            self,
            fetch_all as ContactRow,
            "SELECT id, customer_id, name, phone, email, language, sees FROM contact
             WHERE retired_at IS NULL AND phone LIKE $1 ORDER BY id LIMIT $2",
            pattern,
            limit
        )?;
        all(rows, ContactRow::read)
    }

    /// The contact who writes from this mail address, whatever its letters' case.
    pub async fn contact_by_email(&mut self, address: &str) -> Result<Option<Contact>> {
        let rows = sql!(
            self,
            fetch_all as ContactRow,
            "SELECT id, customer_id, name, phone, email, language, sees FROM contact
             WHERE retired_at IS NULL AND LOWER(email) = LOWER($1) ORDER BY id LIMIT 2",
            address
        )?;
        // An address that two people share tells nobody who writes.
        let mut found = all(rows, ContactRow::read)?;
        Ok(if found.len() == 1 { found.pop() } else { None })
    }

    /// Who may speak for a customer.
    pub async fn contacts_of_customer(&mut self, customer: &CustomerId) -> Result<Vec<Contact>> {
        self.contacts(Which::OfCustomer(customer.as_str())).await
    }

    /// Services, with `past` also those that are retired.
    async fn services(&mut self, which: Which<'_>, past: bool) -> Result<Vec<PastService>> {
        let (condition, value) = which.condition();
        let text = format!(
            "SELECT id, customer_id, kind, zone_id, domain, cluster_id, namespace, since, until, retired_at FROM service
             WHERE ($2 OR retired_at IS NULL) AND {condition} ORDER BY id"
        );
        let rows = sql!(self, fetch_all as ServiceRow, AssertSqlSafe(text), value, past)?;
        let text = format!(
            "SELECT service_id, valid_from, monthly_tiyn FROM price
             WHERE service_id IN (SELECT id FROM service WHERE {condition}) ORDER BY service_id, valid_from"
        );
        let prices = sql!(self, fetch_all as PriceRow, AssertSqlSafe(text), value)?;
        priced(rows, prices)
    }

    /// Services that exist or existed whose ids lie after `after` and up to `last`, in their order.
    pub(super) async fn services_within(&mut self, after: &str, last: &str) -> Result<Vec<PastService>> {
        let rows = sql!(
            self,
            fetch_all as ServiceRow,
            "SELECT id, customer_id, kind, zone_id, domain, cluster_id, namespace, since, until, retired_at FROM service
             WHERE id > $1 AND id <= $2 ORDER BY id",
            after,
            last
        )?;
        let prices = sql!(
            self,
            fetch_all as PriceRow,
            "SELECT service_id, valid_from, monthly_tiyn FROM price
             WHERE service_id > $1 AND service_id <= $2 ORDER BY service_id, valid_from",
            after,
            last
        )?;
        priced(rows, prices)
    }

    /// One service with its prices; `None` if unknown or retired.
    pub async fn service_fetch(&mut self, id: &ServiceId) -> Result<Option<Service>> {
        Ok(self.services(Which::Id(id.as_str()), false).await?.pop().map(|s| s.service))
    }

    /// A service that exists or existed.
    pub async fn service_ever(&mut self, id: &ServiceId) -> Result<Option<PastService>> {
        Ok(self.services(Which::Id(id.as_str()), true).await?.pop())
    }

    /// What a customer rents.
    pub async fn services_of_customer(&mut self, customer: &CustomerId) -> Result<Vec<Service>> {
        let services = self.services(Which::OfCustomer(customer.as_str()), false).await?;
        Ok(services.into_iter().map(|s| s.service).collect())
    }

    /// What a customer rents or ever rented.
    pub async fn services_ever_of(&mut self, customer: &CustomerId) -> Result<Vec<PastService>> {
        self.services(Which::OfCustomer(customer.as_str()), true).await
    }

    /// Every service there is or was: a month's report needs the retired ones too.
    pub async fn services_ever(&mut self) -> Result<Vec<PastService>> {
        self.services(Which::All, true).await
    }

    /// Who works at the desk.
    pub async fn staff_list(&mut self) -> Result<Vec<Staff>> {
        let rows = sql!(
            self,
            fetch_all as StaffRow,
            "SELECT id, name, role, queues, telegram_id, language FROM staff WHERE retired_at IS NULL ORDER BY id"
        )?;
        all(rows, StaffRow::read)
    }

    /// All rotas.
    pub async fn rota_list(&mut self) -> Result<Vec<Rota>> {
        let rows = sql!(
            self,
            fetch_all as RotaRow,
            "SELECT queue, starts, shift_hours, turns, ack_timeout_minutes FROM rota WHERE retired_at IS NULL ORDER BY queue"
        )?;
        all(rows, RotaRow::read)
    }
}
