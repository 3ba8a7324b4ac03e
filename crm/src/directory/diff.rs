//! What applying a directory would change, in lines that a person can read before it happens.

use std::collections::BTreeMap;
use std::fmt;

use chrono::SecondsFormat;

use super::{
    Cabinet, Cluster, Contact, Customer, Directory, Network, Price, Sees, Service, Staff, Zone, kzt,
};
use crate::clock::Moment;
use crate::domain::action::LinkPlace;
use crate::domain::rota::Rota;

/// One line of difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Something new, or something retired that comes back.
    Added(String),
    /// Something that is different now: what, and the fields.
    Changed(String, Vec<String>),
    /// Something that is gone from the file: it is retired, not deleted.
    Retired(String),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(what) => write!(f, "+ {what}"),
            Self::Changed(what, fields) => write!(f, "~ {what}: {}", fields.join(", ")),
            Self::Retired(what) => write!(f, "- {what}: retired"),
        }
    }
}

/// Something with an id that can be compared field by field.
trait Entry: PartialEq {
    /// What it is and its id: `contact aigerim`.
    fn title(&self) -> String;
    /// More to say when it is new: whose it is.
    fn belongs(&self) -> String {
        String::new()
    }
    /// Each field's name and value, as a person reads them.
    fn fields(&self) -> Vec<(String, String)>;
}

/// The lines that turn `stored` into `wanted`; none if they are the same. Both are sorted.
pub fn diff(stored: &Directory, wanted: &Directory) -> Vec<Change> {
    let mut changes = Vec::new();
    compare(&stored.zones, &wanted.zones, &mut changes);
    compare(&stored.clusters, &wanted.clusters, &mut changes);
    compare(&stored.customers, &wanted.customers, &mut changes);
    compare(&stored.contacts, &wanted.contacts, &mut changes);
    compare(&stored.services, &wanted.services, &mut changes);
    compare(&stored.networks, &wanted.networks, &mut changes);
    compare(&stored.staff, &wanted.staff, &mut changes);
    compare(&stored.rotas, &wanted.rotas, &mut changes);
    changes
}

fn compare<E: Entry>(stored: &[E], wanted: &[E], changes: &mut Vec<Change>) {
    let old: BTreeMap<_, _> = stored.iter().map(|e| (e.title(), e)).collect();
    let new: BTreeMap<_, _> = wanted.iter().map(|e| (e.title(), e)).collect();
    for (title, entry) in &new {
        match old.get(title) {
            None => changes.push(Change::Added(format!("{title}{}", entry.belongs()))),
            Some(before) if before != entry => {
                changes.push(Change::Changed(title.clone(), fields(&before.fields(), &entry.fields())));
            }
            Some(_) => {}
        }
    }
    for title in old.keys().filter(|title| !new.contains_key(*title)) {
        changes.push(Change::Retired(title.clone()));
    }
}

/// `role engineer → duty-manager` for each field that differs; a field may be there on one side alone.
fn fields(before: &[(String, String)], after: &[(String, String)]) -> Vec<String> {
    const NONE: &str = "none";
    let find = |side: &[(String, String)], name: &str| {
        side.iter().find(|(n, _)| n == name).map_or_else(|| NONE.to_owned(), |(_, value)| value.clone())
    };
    let mut names: Vec<&String> = before.iter().chain(after).map(|(name, _)| name).collect();
    let mut seen = Vec::new();
    names.retain(|name| {
        !seen.contains(name) && {
            seen.push(name);
            true
        }
    });
    names
        .into_iter()
        .map(|name| (name, find(before, name), find(after, name)))
        .filter(|(_, old, new)| old != new)
        .map(|(name, old, new)| format!("{name} {old} → {new}"))
        .collect()
}

fn field(name: &str, value: impl fmt::Display) -> (String, String) {
    (name.to_owned(), value.to_string())
}

fn optional<T: fmt::Display>(name: &str, value: Option<&T>) -> Option<(String, String)> {
    value.map(|value| field(name, value))
}

fn time(moment: Moment) -> String {
    moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn listed<T: ToString>(items: &[T]) -> String {
    format!("[{}]", items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
}

impl Entry for Zone {
    fn title(&self) -> String {
        format!("zone {}", self.id)
    }
    fn fields(&self) -> Vec<(String, String)> {
        let link = self.link.as_ref().map(|l| format!("{} {}", l.device, l.address));
        [field("libvirt", &self.libvirt)].into_iter().chain(optional("link", link.as_ref())).collect()
    }
}

impl Entry for Network {
    fn title(&self) -> String {
        format!("network {}", self.id)
    }
    fn belongs(&self) -> String {
        format!(" ({}, {}/{})", self.customer, self.place.home(), self.place.name())
    }
    fn fields(&self) -> Vec<(String, String)> {
        let (home, name) = match self.place {
            LinkPlace::Zone { .. } => ("zone", "name"),
            LinkPlace::Cluster { .. } => ("cluster", "namespace"),
        };
        vec![
            field("customer", &self.customer),
            field(home, self.place.home()),
            field(name, self.place.name()),
            field("cidr", &self.cidr),
        ]
    }
}

impl Entry for Cluster {
    fn title(&self) -> String {
        format!("cluster {}", self.id)
    }
    fn fields(&self) -> Vec<(String, String)> {
        vec![
            field("control_plane", self.control_plane),
            field("kubeconfig", &self.kubeconfig),
            field("masters", listed(&self.masters)),
        ]
    }
}

impl Entry for Customer {
    fn title(&self) -> String {
        format!("customer {}", self.id)
    }
    fn fields(&self) -> Vec<(String, String)> {
        let cabinet = |c: &Cabinet| format!("{}/{}", c.project, c.user);
        [field("name", &self.name)]
            .into_iter()
            .chain(optional("cabinet", self.cabinet.as_ref().map(cabinet).as_ref()))
            .collect()
    }
}

impl Entry for Contact {
    fn title(&self) -> String {
        format!("contact {}", self.id)
    }
    fn belongs(&self) -> String {
        format!(" ({})", self.customer)
    }
    fn fields(&self) -> Vec<(String, String)> {
        let always =
            [field("customer", &self.customer), field("name", &self.name), field("language", self.language)];
        always
            .into_iter()
            .chain(optional("phone", self.phone.as_ref()))
            .chain(optional("email", self.email.as_ref()))
            .chain((self.sees != Sees::default()).then(|| field("sees", self.sees)))
            .collect()
    }
}

impl Entry for Service {
    fn title(&self) -> String {
        format!("service {}", self.id)
    }
    fn belongs(&self) -> String {
        format!(" ({}, {} {})", self.customer, self.place.terms(), self.place)
    }
    fn fields(&self) -> Vec<(String, String)> {
        let price = |p: &Price| (format!("price from {}", time(p.from)), kzt(p.monthly_tiyn));
        [
            field("customer", &self.customer),
            field("kind", self.place.terms()),
            field("place", &self.place),
            field("since", time(self.since)),
        ]
        .into_iter()
        .chain(optional("until", self.until.map(time).as_ref()))
        .chain(self.prices.iter().map(price))
        .collect()
    }
}

impl Entry for Staff {
    fn title(&self) -> String {
        format!("staff {}", self.id)
    }
    fn belongs(&self) -> String {
        format!(" ({})", self.role)
    }
    fn fields(&self) -> Vec<(String, String)> {
        let always = [
            field("name", &self.name),
            field("role", self.role),
            field("queues", listed(&self.queues)),
            field("language", self.language),
        ];
        always.into_iter().chain(optional("telegram", self.telegram.as_ref())).collect()
    }
}

impl Entry for Rota {
    fn title(&self) -> String {
        format!("rota {}", self.queue)
    }
    fn fields(&self) -> Vec<(String, String)> {
        vec![
            field("starts", time(self.starts)),
            field("shift_hours", self.shift_hours),
            field("order", listed(&self.order)),
            field("ack_timeout_minutes", self.ack_timeout_minutes),
        ]
    }
}
