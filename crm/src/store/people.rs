//! People as the dialogues meet them: who a Telegram user is, what he rents, who is on call.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::{Result, Tx, fetch_keys, sql, unreadable};
use crate::clock::Moment;
use crate::directory::Sees;
use crate::domain::ids::{ContactId, CustomerId, ServiceId, StaffId, ZoneId};
use crate::domain::kind::Terms;
use crate::domain::lang::Lang;
use crate::domain::person::Role;

/// Who a Telegram user is. Somebody may be both a contact and staff; most are one, a stranger neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Telegram's user id.
    pub telegram: i64,
    /// The language chosen in the bot, if any.
    pub chosen: Option<Lang>,
    /// The contact as whom he speaks at the moment.
    pub contact: Option<Contact>,
    /// Every contact this account is bound to, by id: somebody may speak for several customers.
    pub contacts: Vec<Contact>,
    /// The staff member whose account this is.
    pub staff: Option<Staff>,
    /// Whether the account is known at all.
    pub known: bool,
}

/// A contact of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// His id.
    pub id: ContactId,
    /// His name.
    pub name: String,
    /// His language in the directory.
    pub language: Lang,
    /// His customer.
    pub customer: CustomerId,
    /// The customer's name.
    pub customer_name: String,
    /// Which of the customer's tickets he sees.
    pub sees: Sees,
}

/// A staff member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// The id.
    pub id: StaffId,
    /// The name.
    pub name: String,
    /// What he may do.
    pub role: Role,
    /// His Telegram account; also the id of his private chat.
    pub telegram: Option<i64>,
    /// His language.
    pub language: Lang,
}

/// A service that a customer rents now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rented {
    /// Its id.
    pub id: ServiceId,
    /// Whose.
    pub customer: CustomerId,
    /// Which terms.
    pub terms: Terms,
    /// Its zone and domain, for a VM.
    pub domain: Option<(ZoneId, String)>,
    /// The state last read from the hypervisor.
    pub state: Option<String>,
    /// Why it is locked, if it is.
    pub lock_reason: Option<String>,
    /// The ticket that its lock names.
    pub lock_ticket: Option<String>,
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    telegram: i64,
    chosen: Option<String>,
    known: Option<i64>,
    contact_id: Option<String>,
    contact_name: Option<String>,
    contact_language: Option<String>,
    contact_sees: Option<String>,
    active: Option<String>,
    customer_id: Option<String>,
    customer_name: Option<String>,
    staff_id: Option<String>,
    staff_name: Option<String>,
    staff_role: Option<String>,
    staff_language: Option<String>,
}

#[derive(sqlx::FromRow)]
struct StaffRow {
    id: String,
    name: String,
    role: String,
    telegram_id: Option<i64>,
    language: String,
}

#[derive(sqlx::FromRow)]
struct RentedRow {
    id: String,
    customer_id: String,
    kind: String,
    zone_id: Option<String>,
    domain: Option<String>,
    state: Option<String>,
    lock_reason: Option<String>,
    lock_ticket: Option<String>,
}

fn word<T: std::str::FromStr<Err = String>>(table: &'static str, row: &str, text: &str) -> Result<T> {
    text.parse().map_err(|e: String| unreadable(table, row, e))
}

impl StaffRow {
    fn read(self) -> Result<Staff> {
        Ok(Staff {
            role: word("staff", &self.id, &self.role)?,
            language: word("staff", &self.id, &self.language)?,
            id: StaffId(self.id),
            name: self.name,
            telegram: self.telegram_id,
        })
    }
}

impl RentedRow {
    fn read(self) -> Result<Rented> {
        Ok(Rented {
            terms: word("service", &self.id, &self.kind)?,
            id: ServiceId(self.id),
            customer: CustomerId(self.customer_id),
            domain: self.zone_id.map(ZoneId).zip(self.domain),
            state: self.state,
            lock_reason: self.lock_reason,
            lock_ticket: self.lock_ticket,
        })
    }
}

impl PersonRow {
    /// The person as one row tells of him, and whether its contact is the one he speaks as.
    fn read(self) -> Result<(Person, bool)> {
        let telegram = self.telegram;
        let active = self.contact_id.is_some() && self.contact_id == self.active;
        let contact = match (self.contact_id, self.customer_id) {
            (Some(id), Some(customer)) => Some(Contact {
                sees: word("contact", &id, self.contact_sees.as_deref().unwrap_or_default())?,
                language: word("contact", &id, self.contact_language.as_deref().unwrap_or_default())?,
                id: ContactId(id),
                name: self.contact_name.unwrap_or_default(),
                customer: CustomerId(customer),
                customer_name: self.customer_name.unwrap_or_default(),
            }),
            _ => None,
        };
        let staff = match self.staff_id {
            Some(id) => Some(Staff {
                role: word("staff", &id, self.staff_role.as_deref().unwrap_or_default())?,
                language: word("staff", &id, self.staff_language.as_deref().unwrap_or_default())?,
                id: StaffId(id),
                name: self.staff_name.unwrap_or_default(),
                telegram: Some(telegram),
            }),
            None => None,
        };
        let chosen = self.chosen.map(|c| word("account", &telegram.to_string(), &c)).transpose()?;
        let contacts = contact.iter().cloned().collect();
        Ok((Person { telegram, chosen, contact, contacts, staff, known: self.known.is_some() }, active))
    }

    /// Puts together what several rows tell of the same people.
    fn people(rows: Vec<Self>) -> Result<Vec<Person>> {
        let mut people: BTreeMap<i64, Person> = BTreeMap::new();
        for row in rows {
            let (person, active) = row.read()?;
            match people.entry(person.telegram) {
                Entry::Vacant(place) => drop(place.insert(person)),
                Entry::Occupied(known) => {
                    let known = known.into_mut();
                    let fresh = person.contacts.into_iter().filter(|c| !known.contacts.contains(c));
                    let fresh: Vec<Contact> = fresh.collect();
                    known.contacts.extend(fresh);
                    if active || known.contact.is_none() {
                        known.contact = person.contact;
                    }
                }
            }
        }
        for person in people.values_mut() {
            person.contacts.sort_by(|a, b| a.id.cmp(&b.id));
        }
        Ok(people.into_values().collect())
    }
}

impl Tx {
    /// Who a Telegram user is, as of now: retired contacts and staff are nobody.
    pub async fn person_fetch(&mut self, telegram: i64) -> Result<Person> {
        if let Some(person) = self.ahead.persons.get(&telegram) {
            return Ok(person.clone());
        }
        let found = self.persons(&[telegram]).await?.pop();
        found.ok_or_else(|| {
            unreadable("account", telegram, "the database knows neither him nor that it does not")
        })
    }

    /// Who these Telegram users are; everybody is somebody, if only a stranger.
    pub(super) async fn persons(&mut self, telegram: &[i64]) -> Result<Vec<Person>> {
        // Bindings and contacts are joined one after the other: joined with each other in brackets first, SQLite would do that with all of
        // them for each look.
        let rows = fetch_keys!(
            self,
            PersonRow,
            "SELECT t.column1 AS telegram, a.language AS chosen, a.telegram_id AS known, c.id AS contact_id,
                c.name AS contact_name, c.language AS contact_language, c.sees AS contact_sees, a.contact_id AS active,
                k.id AS customer_id, k.name AS customer_name,
                s.id AS staff_id, s.name AS staff_name, s.role AS staff_role, s.language AS staff_language
             FROM (",
            ") AS t
             LEFT JOIN account a ON a.telegram_id = t.column1
             LEFT JOIN binding b ON b.telegram_id = t.column1
             LEFT JOIN contact c ON c.id = b.contact_id AND c.retired_at IS NULL
             LEFT JOIN customer k ON k.id = c.customer_id AND k.retired_at IS NULL
             LEFT JOIN staff s ON s.telegram_id = t.column1 AND s.retired_at IS NULL",
            telegram,
            |id| *id,
        );
        PersonRow::people(rows)
    }

    /// The services a customer rents now, by id, with what was last read of each.
    pub async fn rented_by(&mut self, customer: &CustomerId) -> Result<Vec<Rented>> {
        sql!(
            self,
            fetch_all as RentedRow,
            "SELECT s.id, s.customer_id, s.kind, s.zone_id, s.domain, f.state, f.lock_reason, f.lock_ticket
             FROM service s LEFT JOIN vm_fact f ON f.service_id = s.id
             WHERE s.customer_id = $1 AND s.retired_at IS NULL ORDER BY s.id",
            &customer.0
        )?
        .into_iter()
        .map(RentedRow::read)
        .collect()
    }

    /// One rented service.
    pub async fn rented_fetch(&mut self, service: &ServiceId) -> Result<Option<Rented>> {
        sql!(
            self,
            fetch_optional as RentedRow,
            "SELECT s.id, s.customer_id, s.kind, s.zone_id, s.domain, f.state, f.lock_reason, f.lock_ticket
             FROM service s LEFT JOIN vm_fact f ON f.service_id = s.id
             WHERE s.id = $1 AND s.retired_at IS NULL",
            &service.0
        )?
        .map(RentedRow::read)
        .transpose()
    }

    /// Every VM that is rented now.
    pub async fn rented_vms(&mut self) -> Result<Vec<Rented>> {
        sql!(
            self,
            fetch_all as RentedRow,
            "SELECT s.id, s.customer_id, s.kind, s.zone_id, s.domain, f.state, f.lock_reason, f.lock_ticket
             FROM service s LEFT JOIN vm_fact f ON f.service_id = s.id
             WHERE s.kind = 'vm' AND s.retired_at IS NULL ORDER BY s.zone_id, s.id"
        )?
        .into_iter()
        .map(RentedRow::read)
        .collect()
    }

    /// Zones and their libvirt addresses.
    pub async fn zone_uris(&mut self) -> Result<Vec<(String, String)>> {
        Ok(sql!(
            self,
            fetch_all as (String, String),
            "SELECT id, libvirt FROM zone WHERE retired_at IS NULL ORDER BY id"
        )?)
    }

    /// Writes down what was read of a VM.
    pub async fn vm_fact_save(
        &mut self,
        vm: &ServiceId,
        state: &str,
        lock: Option<(&str, Option<&str>)>,
        now: Moment,
    ) -> Result<()> {
        sql!(self, execute,
            "INSERT INTO vm_fact (service_id, state, lock_reason, lock_ticket, seen_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (service_id) DO UPDATE SET state = excluded.state, lock_reason = excluded.lock_reason,
                lock_ticket = excluded.lock_ticket, seen_at = excluded.seen_at",
            &vm.0, state, lock.map(|l| l.0), lock.and_then(|l| l.1), now)?;
        Ok(())
    }

    /// A staff member who still works here.
    pub async fn staff_member(&mut self, id: &StaffId) -> Result<Option<Staff>> {
        sql!(
            self,
            fetch_optional as StaffRow,
            "SELECT id, name, role, telegram_id, language FROM staff WHERE id = $1 AND retired_at IS NULL",
            &id.0
        )?
        .map(StaffRow::read)
        .transpose()
    }

    /// The names of everybody who works or worked here, by id.
    pub async fn staff_names(&mut self) -> Result<Vec<(String, String)>> {
        Ok(sql!(self, fetch_all as (String, String), "SELECT id, name FROM staff ORDER BY id")?)
    }

    /// Everybody with a role.
    pub async fn staff_with_role(&mut self, role: Role) -> Result<Vec<Staff>> {
        sql!(self, fetch_all as StaffRow,
            "SELECT id, name, role, telegram_id, language FROM staff WHERE role = $1 AND retired_at IS NULL ORDER BY id",
            role.as_str())?
            .into_iter()
            .map(StaffRow::read)
            .collect()
    }

    /// Everybody who works at the desk, by name.
    pub async fn staff_all(&mut self) -> Result<Vec<Staff>> {
        sql!(
            self,
            fetch_all as StaffRow,
            "SELECT id, name, role, telegram_id, language FROM staff WHERE retired_at IS NULL ORDER BY name, id"
        )?
        .into_iter()
        .map(StaffRow::read)
        .collect()
    }

    /// The private chat of a contact who has bound an account; of several, one that does not block the bot.
    pub async fn contact_chat(&mut self, contact: &ContactId) -> Result<Option<i64>> {
        Ok(sql!(self, fetch_optional scalar i64,
            "SELECT b.telegram_id FROM binding b JOIN account a ON a.telegram_id = b.telegram_id
             WHERE b.contact_id = $1 ORDER BY CASE WHEN a.blocked_at IS NULL THEN 0 ELSE 1 END, b.telegram_id LIMIT 1",
            &contact.0)?)
    }

    /// Notes a person's chosen language.
    pub async fn account_language(
        &mut self,
        telegram: i64,
        name: &str,
        language: Lang,
        now: Moment,
    ) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO account (telegram_id, language, name, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (telegram_id) DO UPDATE SET language = excluded.language",
            telegram,
            language.as_str(),
            name,
            now
        )?;
        self.ahead.persons.remove(&telegram);
        Ok(())
    }

    /// Notes that a person blocked or unblocked the bot.
    pub async fn account_blocked(&mut self, telegram: i64, blocked_at: Option<Moment>) -> Result<()> {
        sql!(
            self,
            execute,
            "UPDATE account SET blocked_at = $2 WHERE telegram_id = $1",
            telegram,
            blocked_at
        )?;
        Ok(())
    }
}
