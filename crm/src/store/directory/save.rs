//! Applying a directory: what is new or different is written, what is gone is retired, nothing else is touched.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::types::Json;

use crate::clock::Moment;
use crate::directory::{Cluster, Contact, Customer, Directory, Network, Place, Service, Staff, Zone};
use crate::domain::action::LinkPlace;
use crate::domain::person::Role;
use crate::domain::rota::Rota;
use crate::store::{Result, Tx, sql};

/// The entries of `wanted` that are not exactly so in `stored`.
fn fresh<'w, T: PartialEq>(stored: &'w [T], wanted: &'w [T], key: impl Fn(&T) -> &str) -> Vec<&'w T> {
    let old: BTreeMap<&str, &T> = stored.iter().map(|entry| (key(entry), entry)).collect();
    wanted.iter().filter(|entry| old.get(key(entry)) != Some(entry)).collect()
}

/// The keys of `stored` that `wanted` no longer has.
fn gone<'s, T>(stored: &'s [T], wanted: &'s [T], key: impl Fn(&T) -> &str) -> Vec<&'s str> {
    let kept: BTreeSet<&str> = wanted.iter().map(&key).collect();
    stored.iter().map(key).filter(|id| !kept.contains(id)).collect()
}

impl Tx {
    /// Makes the stored directory what `wanted` is; `stored` is what [`Tx::directory_load`] gave in this transaction. What is gone is
    /// retired at `now`; what was retired and is wanted again comes back.
    pub async fn directory_save(
        &mut self,
        stored: &Directory,
        wanted: &Directory,
        now: Moment,
    ) -> Result<()> {
        self.ahead.persons.clear();
        for zone in fresh(&stored.zones, &wanted.zones, |z| z.id.as_str()) {
            self.zone_save(zone).await?;
        }
        for cluster in fresh(&stored.clusters, &wanted.clusters, |c| c.id.as_str()) {
            self.cluster_save(cluster).await?;
        }
        for customer in fresh(&stored.customers, &wanted.customers, |c| c.id.as_str()) {
            self.customer_save(customer).await?;
        }
        for contact in fresh(&stored.contacts, &wanted.contacts, |c| c.id.as_str()) {
            self.contact_save(contact).await?;
        }
        for service in fresh(&stored.services, &wanted.services, |s| s.id.as_str()) {
            self.service_save(service).await?;
        }
        for network in fresh(&stored.networks, &wanted.networks, |n| n.id.as_str()) {
            // It may have moved from a zone to a cluster under its name.
            self.network_retire(network.id.as_str(), now).await?;
            self.network_save(network).await?;
        }
        for rota in fresh(&stored.rotas, &wanted.rotas, |r| r.queue.as_str()) {
            self.rota_save(rota).await?;
        }
        self.directory_retire(stored, wanted, now).await?;
        // Staff come after the retired ones are gone: a Telegram account may pass from one person to another in the same file.
        let staff = fresh(&stored.staff, &wanted.staff, |s| s.id.as_str());
        for person in &staff {
            sql!(self, execute, "UPDATE staff SET telegram_id = NULL WHERE id = $1", person.id.as_str())?;
        }
        for person in staff {
            self.staff_save(person).await?;
        }
        Ok(())
    }

    async fn directory_retire(&mut self, stored: &Directory, wanted: &Directory, now: Moment) -> Result<()> {
        for id in gone(&stored.zones, &wanted.zones, |z| z.id.as_str()) {
            sql!(self, execute, "UPDATE zone SET retired_at = $2 WHERE id = $1", id, now)?;
        }
        for id in gone(&stored.clusters, &wanted.clusters, |c| c.id.as_str()) {
            sql!(self, execute, "UPDATE cluster SET retired_at = $2 WHERE id = $1", id, now)?;
        }
        for id in gone(&stored.customers, &wanted.customers, |c| c.id.as_str()) {
            sql!(self, execute, "UPDATE customer SET retired_at = $2 WHERE id = $1", id, now)?;
        }
        for id in gone(&stored.contacts, &wanted.contacts, |c| c.id.as_str()) {
            sql!(self, execute, "UPDATE contact SET retired_at = $2 WHERE id = $1", id, now)?;
        }
        for id in gone(&stored.services, &wanted.services, |s| s.id.as_str()) {
            sql!(self, execute, "UPDATE service SET retired_at = $2 WHERE id = $1", id, now)?;
        }
        for id in gone(&stored.networks, &wanted.networks, |n| n.id.as_str()) {
            self.network_retire(id, now).await?;
        }
        for id in gone(&stored.staff, &wanted.staff, |s| s.id.as_str()) {
            sql!(self, execute, "UPDATE staff SET retired_at = $2 WHERE id = $1", id, now)?;
        }
        for queue in gone(&stored.rotas, &wanted.rotas, |r| r.queue.as_str()) {
            sql!(self, execute, "UPDATE rota SET retired_at = $2 WHERE queue = $1", queue, now)?;
        }
        Ok(())
    }

    async fn zone_save(&mut self, zone: &Zone) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO zone (id, libvirt, link_device, link_address) VALUES ($1, $2, $3, $4)
             ON CONFLICT (id) DO UPDATE SET libvirt = excluded.libvirt, link_device = excluded.link_device,
                link_address = excluded.link_address, retired_at = NULL",
            zone.id.as_str(),
            &zone.libvirt,
            zone.link.as_ref().map(|l| &l.device),
            zone.link.as_ref().map(|l| l.address.to_string())
        )?;
        Ok(())
    }

    async fn network_retire(&mut self, id: &str, now: Moment) -> Result<()> {
        sql!(self, execute, "UPDATE network SET retired_at = $2 WHERE id = $1", id, now)?;
        sql!(self, execute, "UPDATE cluster_network SET retired_at = $2 WHERE id = $1", id, now)?;
        Ok(())
    }

    async fn network_save(&mut self, network: &Network) -> Result<()> {
        let (id, customer) = (network.id.as_str(), network.customer.as_str());
        let (home, name) = (network.place.home(), network.place.name());
        match &network.place {
            LinkPlace::Zone { .. } => sql!(
                self,
                execute,
                "INSERT INTO network (id, customer_id, zone_id, name, cidr) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (id) DO UPDATE SET customer_id = excluded.customer_id, zone_id = excluded.zone_id,
                    name = excluded.name, cidr = excluded.cidr, retired_at = NULL",
                id,
                customer,
                home,
                name,
                &network.cidr
            )?,
            LinkPlace::Cluster { .. } => sql!(
                self,
                execute,
                "INSERT INTO cluster_network (id, customer_id, cluster_id, namespace, cidr) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (id) DO UPDATE SET customer_id = excluded.customer_id, cluster_id = excluded.cluster_id,
                    namespace = excluded.namespace, cidr = excluded.cidr, retired_at = NULL",
                id,
                customer,
                home,
                name,
                &network.cidr
            )?,
        };
        Ok(())
    }

    async fn cluster_save(&mut self, cluster: &Cluster) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO cluster (id, control_plane, kubeconfig, masters) VALUES ($1, $2, $3, $4)
             ON CONFLICT (id) DO UPDATE SET control_plane = excluded.control_plane, kubeconfig = excluded.kubeconfig,
                masters = excluded.masters, retired_at = NULL",
            cluster.id.as_str(),
            cluster.control_plane.as_str(),
            &cluster.kubeconfig,
            Json(&cluster.masters)
        )?;
        Ok(())
    }

    async fn customer_save(&mut self, customer: &Customer) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO customer (id, name, cabinet) VALUES ($1, $2, $3)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, cabinet = excluded.cabinet, retired_at = NULL",
            customer.id.as_str(),
            &customer.name,
            customer.cabinet.as_ref().map(Json)
        )?;
        Ok(())
    }

    async fn contact_save(&mut self, contact: &Contact) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO contact (id, customer_id, name, phone, email, language, sees) VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (id) DO UPDATE SET customer_id = excluded.customer_id, name = excluded.name,
                phone = excluded.phone, email = excluded.email, language = excluded.language, sees = excluded.sees,
                retired_at = NULL",
            contact.id.as_str(),
            contact.customer.as_str(),
            &contact.name,
            &contact.phone,
            &contact.email,
            contact.language.as_str(),
            contact.sees.as_str()
        )?;
        Ok(())
    }

    async fn service_save(&mut self, service: &Service) -> Result<()> {
        let (zone, domain, cluster, namespace) = match &service.place {
            Place::Vm { zone, domain } => (Some(zone.as_str()), Some(domain), None, None),
            Place::Kubernetes { cluster, namespace } => (None, None, Some(cluster.as_str()), Some(namespace)),
        };
        sql!(
            self,
            execute,
            "INSERT INTO service (id, customer_id, kind, zone_id, domain, cluster_id, namespace, since, until)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (id) DO UPDATE SET customer_id = excluded.customer_id, kind = excluded.kind,
                zone_id = excluded.zone_id, domain = excluded.domain, cluster_id = excluded.cluster_id,
                namespace = excluded.namespace, since = excluded.since, until = excluded.until, retired_at = NULL",
            service.id.as_str(),
            service.customer.as_str(),
            service.place.terms().as_str(),
            zone,
            domain,
            cluster,
            namespace,
            service.since,
            service.until
        )?;
        // A price list is part of its service: what the file no longer says was a mistake.
        sql!(self, execute, "DELETE FROM price WHERE service_id = $1", service.id.as_str())?;
        for price in &service.prices {
            sql!(
                self,
                execute,
                "INSERT INTO price (service_id, valid_from, monthly_tiyn) VALUES ($1, $2, $3)",
                service.id.as_str(),
                price.from,
                price.monthly_tiyn
            )?;
        }
        Ok(())
    }

    async fn staff_save(&mut self, staff: &Staff) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO staff (id, name, role, queues, telegram_id, language) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, queues = excluded.queues,
                telegram_id = excluded.telegram_id, language = excluded.language, retired_at = NULL",
            staff.id.as_str(),
            &staff.name,
            staff.role.as_str(),
            Json(&staff.queues),
            staff.telegram,
            staff.language.as_str()
        )?;
        Ok(())
    }

    async fn rota_save(&mut self, rota: &Rota) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO rota (queue, starts, shift_hours, turns, ack_timeout_minutes, then_role)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (queue) DO UPDATE SET starts = excluded.starts, shift_hours = excluded.shift_hours,
                turns = excluded.turns, ack_timeout_minutes = excluded.ack_timeout_minutes,
                then_role = excluded.then_role, retired_at = NULL",
            rota.queue.as_str(),
            rota.starts,
            rota.shift_hours,
            Json(&rota.order),
            rota.ack_timeout_minutes,
            Role::DutyManager.as_str()
        )?;
        Ok(())
    }
}
