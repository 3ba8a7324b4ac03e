//! The directory file: each entry is read with the place of each of its values, then checked across the file, then made plain.

use toml::de::DeValue;

use super::check::check;
use super::entries::{
    ClusterEntry, ContactEntry, CustomerEntry, Entries, Field, NetworkEntry, NetworkPlace, RotaEntry,
    ServiceEntry, StaffEntry, ZoneEntry,
};
use super::{Cabinet, Directory, Underlay};
use crate::domain::cidr::Cidr;
use crate::domain::kind::{Queue, Terms};
use crate::domain::lang::Lang;
use crate::domain::person::Role;
use crate::input::{self, At, Problems, Report, Table};

/// Reads the directory in `text`; `file` names it in the problems.
pub fn read(file: &str, text: &str) -> Result<Directory, Problems> {
    let report = Report::new(file, text);
    let root = report.parse();
    let entries = entries(Table::root(&root, &report, "directory"));
    check(&entries, &report);
    let directory = entries.plain();
    drop(root);
    report.finish(directory)
}

/// An id: letters, digits, `-`, `_` and `.`, short enough for a button of Telegram.
fn id(value: &DeValue<'_>) -> Result<String, String> {
    let id = input::text(value)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if id.len() <= 40 && id.chars().all(fits) {
        return Ok(id);
    }
    Err(format!(
        "«{id}» cannot be an id; use at most 40 Latin letters, digits, - _ and ., such as \"acme-web\""
    ))
}

fn phone(value: &DeValue<'_>) -> Result<String, String> {
    let phone = input::text(value)?;
    let digits = phone.strip_prefix('+').unwrap_or_default();
    let number = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    if number && (8..=15).contains(&digits.len()) {
        return Ok(phone);
    }
    Err(format!(
        "«{phone}» is not an E.164 number; write + and 8 to 15 digits without spaces, such as \"+77010000001\""
    ))
}

fn email(value: &DeValue<'_>) -> Result<String, String> {
    let email = input::text(value)?;
    let sound = email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    if sound && !email.contains(char::is_whitespace) && email.matches('@').count() == 1 {
        return Ok(email);
    }
    Err(format!("«{email}» is no mail address; write one such as \"aigerim@acme.example\""))
}

/// Who is paged when the order is through: the chain always ends with the duty managers (DESIGN 2.3).
fn chain_end(value: &DeValue<'_>) -> Result<Role, String> {
    match input::word::<Role>(value)? {
        Role::DutyManager => Ok(Role::DutyManager),
        other => Err(format!("pages cannot end with «{other}»; write \"duty-manager\"")),
    }
}

/// An optional value: `Some(None)` where it is absent, `None` where it is wrong.
fn maybe<T>(
    t: &mut Table<'_>,
    key: &'static str,
    read: impl Fn(&DeValue<'_>) -> Result<T, String>,
) -> Option<Field<T>> {
    let there = t.has(key);
    let value = t.optional(key, read);
    if there && value.is_none() { None } else { Some(value) }
}

/// A language; Kazakh where nothing is said. `None`: wrong.
fn language(t: &mut Table<'_>) -> Option<Lang> {
    maybe(t, "language", input::word).map(|l| l.map(|l| l.value).unwrap_or_default())
}

fn entries(mut t: Table<'_>) -> Entries {
    let mut entries = Entries {
        zones: t.tables("zone", "zone").into_iter().map(zone).collect(),
        clusters: t.tables("cluster", "cluster").into_iter().map(cluster).collect(),
        ..Entries::default()
    };
    for table in t.tables("customer", "customer") {
        customer(table, &mut entries);
    }
    entries.staff = t.tables("staff", "staff").into_iter().map(staff).collect();
    entries.rotas = t.tables("rota", "rota").into_iter().map(rota).collect();
    t.finish();
    entries
}

fn zone(mut t: Table<'_>) -> ZoneEntry {
    let id = t.required("id", id);
    t.name(id.as_ref());
    let libvirt = t.required("libvirt", input::uri);
    let link = if t.has("link") { Some(t.table("link", "link").and_then(underlay)) } else { None };
    t.finish();
    ZoneEntry { id, libvirt, link }
}

fn underlay(mut t: Table<'_>) -> Field<Underlay> {
    let at = t.at();
    let device = t.required("device", device);
    let address = t.required("address", |value| {
        let typed = input::text(value)?;
        typed.parse().map_err(|_| format!("«{typed}» is no IPv4 address; write one such as \"10.255.0.1\""))
    });
    t.finish();
    Some(At { value: Underlay { device: device?.value, address: address?.value }, at })
}

/// A network device of Linux: at most 15 characters, and none that means something to a shell or to XML.
fn device(value: &DeValue<'_>) -> Result<String, String> {
    let device = input::text(value)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if device.len() <= 15 && device.chars().all(fits) && !device.starts_with('-') {
        return Ok(device);
    }
    Err(format!("«{device}» is no network device; write its name as `ip link` shows it, such as \"bond0\""))
}

fn network(mut t: Table<'_>, customer: Field<String>) -> NetworkEntry {
    let id = t.required("id", id);
    t.name(id.as_ref());
    // A namespace, or a network of machines.
    let place = if t.has("cluster") || t.has("namespace") {
        let (cluster, namespace) = (t.required("cluster", input::text), t.required("namespace", input::text));
        NetworkPlace::Cluster { cluster, namespace }
    } else {
        NetworkPlace::Zone { zone: t.required("zone", input::text), name: t.required("name", input::text) }
    };
    let entry = NetworkEntry {
        customer,
        place,
        cidr: t.required("cidr", |value| input::text(value)?.parse::<Cidr>().map(|c| c.to_string())),
        id,
    };
    t.finish();
    entry
}

fn cluster(mut t: Table<'_>) -> ClusterEntry {
    let id = t.required("id", id);
    t.name(id.as_ref());
    let entry = ClusterEntry {
        control_plane: t.required("control_plane", input::word),
        kubeconfig: t.required("kubeconfig", input::text),
        masters: t.required("masters", |value| input::list(value, input::uri)),
        id,
    };
    t.finish();
    entry
}

fn customer(mut t: Table<'_>, entries: &mut Entries) {
    let id = t.required("id", id);
    t.name(id.as_ref());
    let name = t.required("name", input::text);
    let cabinet =
        if t.has("cabinet") { t.table("cabinet", "cabinet").and_then(cabinet).map(Some) } else { Some(None) };
    entries.contacts.extend(t.tables("contact", "contact").into_iter().map(|c| contact(c, id.clone())));
    entries.services.extend(t.tables("service", "service").into_iter().map(|s| service(s, id.clone())));
    entries.networks.extend(t.tables("network", "network").into_iter().map(|n| network(n, id.clone())));
    t.finish();
    entries.customers.push(CustomerEntry { id, name, cabinet });
}

fn cabinet(mut t: Table<'_>) -> Field<Cabinet> {
    let at = t.at();
    let project = t.required("project", input::text);
    let user = t.required("user", input::text);
    t.finish();
    Some(At { value: Cabinet { project: project?.value, user: user?.value }, at })
}

fn contact(mut t: Table<'_>, customer: Field<String>) -> ContactEntry {
    let id = t.required("id", id);
    t.name(id.as_ref());
    let entry = ContactEntry {
        customer,
        name: t.required("name", input::text),
        phone: maybe(&mut t, "phone", phone),
        email: maybe(&mut t, "email", email),
        language: language(&mut t),
        sees: maybe(&mut t, "sees", input::word),
        id,
    };
    t.finish();
    entry
}

fn service(mut t: Table<'_>, customer: Field<String>) -> ServiceEntry {
    let id = t.required("id", id);
    t.name(id.as_ref());
    let kind = t.required("kind", input::word::<Terms>);
    let mut place = |key: &'static str, owner: Terms| {
        let value = match &kind {
            Some(kind) if kind.value == owner => t.required(key, input::text),
            _ => t.optional(key, input::text),
        };
        if let (Some(kind), Some(value)) = (&kind, &value)
            && kind.value != owner
        {
            t.problem(
                value.at,
                format!(
                    "`{key}` belongs to a service of kind \"{owner}\", this one is \"{}\"; take it out",
                    kind.value
                ),
            );
        }
        value
    };
    let zone = place("zone", Terms::Vm);
    let domain = place("domain", Terms::Vm);
    let cluster = place("cluster", Terms::Kubernetes);
    let namespace = place("namespace", Terms::Kubernetes);
    let since = t.required("since", input::moment);
    let until = maybe(&mut t, "until", input::moment);
    if let (Some(since), Some(Some(until))) = (&since, &until)
        && until.value <= since.value
    {
        t.problem(until.at, "`until` is not after `since`; write when the service ends, or take it out");
    }
    let mut prices = Vec::new();
    for mut price in t.tables("price", "price") {
        prices.push((price.required("from", input::moment), price.required("monthly", input::tiyn)));
        price.finish();
    }
    for pair in prices.windows(2) {
        if let [(Some(before), _), (Some(after), _)] = pair
            && after.value <= before.value
        {
            t.problem(
                after.at,
                "this price begins no later than the one before; write prices in the order of `from`",
            );
        }
    }
    t.finish();
    ServiceEntry { customer, id, kind, zone, domain, cluster, namespace, since, until, prices }
}

fn staff(mut t: Table<'_>) -> StaffEntry {
    let id = t.required("id", id);
    t.name(id.as_ref());
    let entry = StaffEntry {
        name: t.required("name", input::text),
        role: t.required("role", input::word),
        queues: t.required("queues", input::words),
        telegram: maybe(&mut t, "telegram", input::integer(1, i64::MAX)),
        language: language(&mut t),
        id,
    };
    t.finish();
    entry
}

fn rota(mut t: Table<'_>) -> RotaEntry {
    let queue = t.required("queue", input::word::<Queue>);
    t.name(queue.as_ref().map(|q| At { value: q.value.to_string(), at: q.at }).as_ref());
    let entry = RotaEntry {
        queue,
        starts: t.required("starts", input::moment),
        shift_hours: t.required("shift_hours", input::integer(1, 24 * 31)),
        order: t.required("order", |value| input::list(value, input::text)),
        ack_timeout_minutes: t.required("ack_timeout_minutes", input::integer(1, 24 * 60)),
    };
    t.required("then", chain_end);
    t.finish();
    entry
}
