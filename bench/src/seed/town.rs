//! Who asks and who answers: customers with what they rent, and a desk in three shifts.

use std::collections::BTreeMap;

use anyhow::Result;
use crm::clock::Moment;
use crm::directory::{Contact, Customer, Directory, Place, Price, Sees, Service, Staff, Zone};
use crm::domain::ids::{ContactId, CustomerId, ServiceId, StaffId, ZoneId};
use crm::domain::kind::Queue;
use crm::domain::lang::Lang;
use crm::domain::person::Role;
use crm::store::Db;

/// Engineers of one shift; there are three.
const SHIFT: usize = 8;
/// Contacts who are in Telegram.
pub const IN_TELEGRAM: usize = 500;

/// The town: everything in it follows from the number of customers.
#[derive(Debug, Clone, Copy)]
pub struct Town {
    /// How many customers.
    pub customers: usize,
}

const FIRST: [&str; 12] = [
    "Айгерім", "Нұрлан", "Дана", "Ерлан", "Сергей", "Ольга", "Марат", "Жанар", "Тимур", "Асель", "Иван", "Aliya",
];
const LAST: [&str; 9] =
    ["Сәрсенова", "Ахметов", "Ким", "Иванова", "Оспанов", "Петренко", "Жақсыбек", "Smith", "Төлегенова"];
const FIRMS: [&str; 10] =
    ["Steppe", "Алатау", "Birlik", "Qazyna", "Сауда", "Nomad", "Жол", "Tulpar", "Самал", "Orda"];

impl Town {
    /// Customers enough for so many tickets.
    pub fn for_tickets(tickets: usize) -> Self {
        Self { customers: (tickets / 500).clamp(20, 10_000) }
    }

    /// The id of a customer.
    pub fn customer(self, n: usize) -> CustomerId {
        CustomerId(format!("c{n:05}"))
    }

    /// His name.
    pub fn customer_name(self, n: usize) -> String {
        format!("{} {n}", FIRMS[n % FIRMS.len()])
    }

    /// Who speaks for him.
    pub fn contact(self, n: usize) -> ContactId {
        ContactId(format!("p{n:05}"))
    }

    /// How he is called.
    pub fn contact_name(self, n: usize) -> String {
        format!("{} {}", FIRST[n % FIRST.len()], LAST[n % LAST.len()])
    }

    /// His telephone.
    pub fn phone(self, n: usize) -> String {
        format!("+7701{n:07}")
    }

    /// His Telegram account, if he has one here.
    pub fn telegram(self, n: usize) -> Option<i64> {
        (n < IN_TELEGRAM.min(self.customers)).then(|| 3_000_001 + i64::try_from(n).unwrap_or_default())
    }

    /// One of the two machines he rents.
    pub fn service(self, n: usize, second: bool) -> ServiceId {
        ServiceId(format!("c{n:05}-{}", if second { "db" } else { "web" }))
    }

    /// The language he writes in.
    pub fn language(self, n: usize) -> Lang {
        [Lang::Kk, Lang::Ru, Lang::Ru, Lang::Kk, Lang::En][n % 5]
    }

    /// Somebody of the shift that works in this hour.
    pub fn engineer(self, hour: u32, n: usize) -> StaffId {
        let shift = usize::try_from(hour / 8).unwrap_or_default();
        StaffId(format!("eng{:02}", shift * SHIFT + n % SHIFT))
    }

    fn directory(self, since: Moment) -> Directory {
        let zone = Zone { id: ZoneId::from("ala-1"), libvirt: "test:///default".to_owned(), link: None };
        let all = 0..self.customers;
        let service = |n: usize, second: bool| {
            let id = self.service(n, second);
            Service {
                place: Place::Vm { zone: ZoneId::from("ala-1"), domain: id.to_string() },
                id,
                customer: self.customer(n),
                since,
                until: None,
                prices: vec![Price { from: since, monthly_tiyn: 4_500_000 }],
            }
        };
        let staff = |n: usize| Staff {
            id: StaffId(format!("eng{n:02}")),
            name: format!("{} {}", FIRST[(n + 5) % FIRST.len()], LAST[(n + 3) % LAST.len()]),
            role: Role::Engineer,
            queues: Queue::ALL.to_vec(),
            telegram: None,
            language: Lang::Ru,
        };
        let lead = |id: &str, role| Staff { id: StaffId::from(id), name: id.to_owned(), role, ..staff(0) };
        let mut directory = Directory {
            zones: vec![zone],
            customers: all
                .clone()
                .map(|n| Customer { id: self.customer(n), name: self.customer_name(n), cabinet: None })
                .collect(),
            contacts: all
                .clone()
                .map(|n| Contact {
                    id: self.contact(n),
                    customer: self.customer(n),
                    name: self.contact_name(n),
                    phone: Some(self.phone(n)),
                    email: None,
                    language: self.language(n),
                    sees: Sees::All,
                })
                .collect(),
            services: all.flat_map(|n| [service(n, false), service(n, true)]).collect(),
            staff: (0..SHIFT * 3)
                .map(&staff)
                .chain([lead("duty", Role::DutyManager), lead("saule", Role::Manager)])
                .collect(),
            ..Directory::default()
        };
        directory.sort();
        directory
    }

    /// Puts everybody into the directory, and the first of them into Telegram.
    pub async fn settle(self, db: &Db, since: Moment) -> Result<()> {
        let mut tx = db.begin().await?;
        tx.directory_save(&Directory::default(), &self.directory(since), since).await?;
        let accounts: BTreeMap<usize, i64> =
            (0..self.customers).filter_map(|n| Some((n, self.telegram(n)?))).collect();
        for (n, account) in accounts {
            tx.account_bind(account, &self.contact(n), &self.contact_name(n), since).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
