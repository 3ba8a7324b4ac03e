//! What must hold across the directory file: ids used once, references that lead somewhere, nothing claimed twice.

use std::collections::BTreeMap;

use super::entries::{Entries, Field, NetworkPlace};
use crate::domain::person::{Right, Role};
use crate::input::{At, Report, suggest};

/// Notes every contradiction between the file's entries.
pub(super) fn check(e: &Entries, report: &Report<'_>) {
    let check = Check(report);
    check.ids("zone", e.zones.iter().map(|z| &z.id), "");
    check.ids("cluster", e.clusters.iter().map(|c| &c.id), "");
    check.ids("customer", e.customers.iter().map(|c| &c.id), "");
    check.ids("contact", e.contacts.iter().map(|c| &c.id), " (contacts of all customers share their ids)");
    check.ids("service", e.services.iter().map(|s| &s.id), " (services of all customers share their ids)");
    check.ids("network", e.networks.iter().map(|n| &n.id), " (networks of all customers share their ids)");
    check.ids("staff", e.staff.iter().map(|s| &s.id), "");
    check.phones(e);
    check.services(e);
    check.networks(e);
    check.telegram(e);
    check.rotas(e);
}

struct Check<'r>(&'r Report<'r>);

/// The entry's name for messages.
fn called(id: Option<&At<String>>) -> &str {
    id.map_or("?", |id| &id.value)
}

impl Check<'_> {
    fn line(&self, at: usize) -> usize {
        self.0.place(at).0
    }

    fn ids<'e>(&self, what: &str, ids: impl Iterator<Item = &'e Field<String>>, why: &str) {
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        for At { value, at } in ids.flatten() {
            if let Some(before) = first.get(value.as_str()) {
                let line = self.line(*before);
                self.0.problem(
                    *at,
                    format!("{what} «{value}»: line {line} has the same id{why}; give one of them another"),
                );
            }
            first.entry(value).or_insert(*at);
        }
    }

    fn known(&self, whose: &str, what: &str, named: &At<String>, all: &[&str]) {
        if !all.contains(&named.value.as_str()) {
            let hint = suggest(&named.value, all.iter().copied());
            let text = format!(
                "{whose}: there is no {what} «{}» in this file{hint}; correct it or add `[[{what}]]`",
                named.value
            );
            self.0.problem(named.at, text);
        }
    }

    fn phones(&self, e: &Entries) {
        let mut first: BTreeMap<&str, &str> = BTreeMap::new();
        for contact in &e.contacts {
            let Some(Some(At { value, at })) = &contact.phone else { continue };
            let id = called(contact.id.as_ref());
            match first.get(value.as_str()) {
                Some(other) => {
                    let text = format!(
                        "contact «{id}»: the phone {value} is also that of «{other}», but a call must find one person; leave it with one of them"
                    );
                    self.0.problem(*at, text);
                }
                None => drop(first.insert(value, id)),
            }
        }
    }

    fn services(&self, e: &Entries) {
        let zones: Vec<_> = e.zones.iter().map(|z| called(z.id.as_ref())).collect();
        let clusters: Vec<_> = e.clusters.iter().map(|c| called(c.id.as_ref())).collect();
        let mut first: BTreeMap<(&str, &str, &str), &str> = BTreeMap::new();
        for service in &e.services {
            let id = called(service.id.as_ref());
            let whose = format!("service «{id}»");
            service.zone.iter().for_each(|zone| self.known(&whose, "zone", zone, &zones));
            service.cluster.iter().for_each(|cluster| self.known(&whose, "cluster", cluster, &clusters));
            let vm = service.zone.as_ref().zip(service.domain.as_ref()).map(|pair| ("domain", pair));
            let place =
                service.cluster.as_ref().zip(service.namespace.as_ref()).map(|pair| ("namespace", pair));
            for (key, (home, name)) in vm.into_iter().chain(place) {
                match first.get(&(key, home.value.as_str(), name.value.as_str())) {
                    Some(other) => {
                        let text = format!(
                            "{whose}: {key} «{}» in «{}» is already service «{other}»; a {key} belongs to one service",
                            name.value, home.value
                        );
                        self.0.problem(name.at, text);
                    }
                    None => drop(first.insert((key, &home.value, &name.value), id)),
                }
            }
        }
    }

    fn networks(&self, e: &Entries) {
        let zones: Vec<_> = e.zones.iter().map(|z| called(z.id.as_ref())).collect();
        let clusters: Vec<_> = e.clusters.iter().map(|c| called(c.id.as_ref())).collect();
        let mut first: BTreeMap<(&str, &str, &str), &str> = BTreeMap::new();
        for network in &e.networks {
            let id = called(network.id.as_ref());
            let (key, home, name, homes) = match &network.place {
                NetworkPlace::Zone { zone, name } => ("zone", zone, name, &zones),
                NetworkPlace::Cluster { cluster, namespace } => ("cluster", cluster, namespace, &clusters),
            };
            if let Some(home) = home {
                self.known(&format!("network «{id}»"), key, home, homes);
            }
            let (Some(home), Some(name)) = (home, name) else { continue };
            if let Some(other) = first.insert((key, &home.value, &name.value), id) {
                let text = format!(
                    "network «{id}»: «{}» in «{}» is already network «{other}»; a network belongs to one customer",
                    name.value, home.value
                );
                self.0.problem(name.at, text);
            }
        }
    }

    fn telegram(&self, e: &Entries) {
        let mut first: BTreeMap<i64, &str> = BTreeMap::new();
        for staff in &e.staff {
            let Some(Some(At { value, at })) = &staff.telegram else { continue };
            let id = called(staff.id.as_ref());
            match first.get(value) {
                Some(other) => {
                    let text = format!(
                        "staff «{id}»: telegram {value} is also that of «{other}»; an account belongs to one person"
                    );
                    self.0.problem(*at, text);
                }
                None => drop(first.insert(*value, id)),
            }
        }
    }

    fn rotas(&self, e: &Entries) {
        let staff: Vec<_> = e.staff.iter().map(|s| called(s.id.as_ref())).collect();
        let role = |id: &str| {
            e.staff.iter().find(|s| called(s.id.as_ref()) == id).and_then(|s| s.role).map(|r| r.value)
        };
        let mut seen = Vec::new();
        for rota in &e.rotas {
            let Some(queue) = &rota.queue else { continue };
            let whose = format!("rota «{}»", queue.value);
            if seen.contains(&queue.value) {
                self.0.problem(queue.at, format!("{whose}: this queue has a rota above; join the two"));
            }
            seen.push(queue.value);
            let Some(order) = &rota.order else { continue };
            for (index, name) in order.value.iter().enumerate() {
                self.known(&whose, "staff", &At { value: name.clone(), at: order.at }, &staff);
                if order.value[..index].contains(name) {
                    self.0.problem(
                        order.at,
                        format!("{whose}: «{name}» stands twice in `order`; everybody has one turn"),
                    );
                }
                if let Some(role) = role(name).filter(|role: &Role| !role.may(Right::Handle)) {
                    let text = format!(
                        "{whose}: «{name}» is {role} and may not handle tickets; only engineers and duty managers can be on call"
                    );
                    self.0.problem(order.at, text);
                }
            }
        }
    }
}
