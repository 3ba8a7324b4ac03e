//! The Cabinet: customers' accounts and the quotas of their projects. The plans know only the trait.
//!
//! [`openstack`] is Keystone and Nova, [`ldap`] an LDAP directory with the accounts, [`builtin`] rows in the database for the demo.
//! To add one: implement [`Cabinet`], give it a word in `[cabinet]` (`crm/src/config.rs`) and an arm in [`open`]; CONTRIBUTING.md has the list.

pub mod builtin;
pub mod ldap;
pub mod openstack;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm::config::{CabinetConfig, CabinetKind};
use crm::domain::form::QuotaResource;
use crm::store::Db;
use rand::Rng;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::system::SystemError;

/// Accounts and quotas.
///
/// Every method returns within the adapter's own time limit. `Ok` of a writing method proves only that the request was accepted: whether it
/// took effect is read.
#[async_trait]
pub trait Cabinet: Send + Sync {
    /// Its name for people: `OpenStack`, `LDAP`, `built-in (simulated)`.
    fn name(&self) -> &str;

    /// Whether nothing real stands behind it.
    fn is_simulated(&self) -> bool {
        false
    }

    /// A quota of a project as it is now.
    async fn quota(&self, project: &str, resource: QuotaResource) -> Result<ProjectQuota, SystemError>;

    /// Sets a quota of a project.
    async fn set_quota(&self, project: &str, resource: QuotaResource, value: i64) -> Result<(), SystemError>;

    /// An account as it is now.
    async fn account(&self, user: &str) -> Result<Account, SystemError>;

    /// Sets a temporary password that must be changed at the first login; everything signed in so far is signed out.
    async fn reset_password(&self, user: &str, password: &SecretString) -> Result<(), SystemError>;

    /// Tries a temporary password, as the customer would: what does the Cabinet say?
    async fn try_password(&self, user: &str, password: &SecretString) -> Result<Login, SystemError>;
}

/// A quota of a project, in the units of [`QuotaResource`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectQuota {
    /// The limit; `None` is unlimited.
    pub limit: Option<i64>,
    /// What is used or promised to running requests.
    pub used: i64,
    /// The most that can be given, where it is known.
    pub capacity: Option<i64>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The Cabinet's own id of it.
    pub id: String,
    /// It may be used at all; who was shut out for debt or abuse is let in by no password.
    pub enabled: bool,
    /// Sessions that began before this moment are dead, where the Cabinet tells.
    pub signed_out_before: Option<DateTime<Utc>>,
}

/// What the Cabinet said to a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Login {
    /// It is right, and must be changed before anything else.
    MustChange,
    /// It is right, and nothing more is asked.
    Free,
    /// It is wrong, or the account is locked.
    Refused,
}

/// The Cabinet that the configuration names: one adapter for quotas and one for passwords, often the same.
pub fn open(config: &CabinetConfig, db: &Db) -> anyhow::Result<Arc<dyn Cabinet>> {
    let quotas = adapter(config.quotas, config, db)?;
    if config.quotas == config.passwords {
        return Ok(quotas);
    }
    let passwords = adapter(config.passwords, config, db)?;
    Ok(Arc::new(Pair { quotas, passwords }))
}

fn adapter(kind: CabinetKind, config: &CabinetConfig, db: &Db) -> anyhow::Result<Arc<dyn Cabinet>> {
    Ok(match kind {
        CabinetKind::Builtin => Arc::new(builtin::Builtin::new(db.clone())),
        CabinetKind::Openstack => Arc::new(openstack::OpenStack::new(config)?),
        CabinetKind::Ldap => Arc::new(ldap::Ldap::new(config)?),
    })
}

/// Quotas here, accounts there.
struct Pair {
    quotas: Arc<dyn Cabinet>,
    passwords: Arc<dyn Cabinet>,
}

#[async_trait]
impl Cabinet for Pair {
    fn name(&self) -> &str {
        self.quotas.name()
    }

    fn is_simulated(&self) -> bool {
        self.quotas.is_simulated() || self.passwords.is_simulated()
    }

    async fn quota(&self, project: &str, resource: QuotaResource) -> Result<ProjectQuota, SystemError> {
        self.quotas.quota(project, resource).await
    }

    async fn set_quota(&self, project: &str, resource: QuotaResource, value: i64) -> Result<(), SystemError> {
        self.quotas.set_quota(project, resource, value).await
    }

    async fn account(&self, user: &str) -> Result<Account, SystemError> {
        self.passwords.account(user).await
    }

    async fn reset_password(&self, user: &str, password: &SecretString) -> Result<(), SystemError> {
        self.passwords.reset_password(user, password).await
    }

    async fn try_password(&self, user: &str, password: &SecretString) -> Result<Login, SystemError> {
        self.passwords.try_password(user, password).await
    }
}

/// A temporary password: 20 letters and digits that no one mistakes for each other (over 110 bits), in groups for people who type, with what
/// password rules usually ask for.
pub fn temporary_password() -> SecretString {
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut random = rand::rng();
    loop {
        let groups: Vec<String> = (0..4)
            .map(|_| (0..5).map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())])).collect())
            .collect();
        let password = groups.join("-");
        let has = |what: fn(&char) -> bool| password.chars().any(|c| what(&c));
        if has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase) && has(char::is_ascii_digit) {
            return SecretString::from(password);
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    #[test]
    fn temporary_passwords_are_strong_readable_and_never_the_same() {
        let all: std::collections::HashSet<String> =
            (0..1000).map(|_| super::temporary_password().expose_secret().to_owned()).collect();
        assert_eq!(all.len(), 1000);
        for password in &all {
            assert_eq!(password.len(), 23);
            assert!(!password.contains(['0', 'O', 'l', '1', 'I', 'o']), "{password}");
        }
    }
}
