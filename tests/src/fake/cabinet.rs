//! A Cabinet in memory: one project and one account.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta};
use crm::domain::form::QuotaResource;
use provisioner::cabinet::{Account, Cabinet, Login, ProjectQuota};
use provisioner::system::SystemError;
use secrecy::{ExposeSecret, SecretString};

/// What stands in its books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Books {
    /// The quota, of whatever it is.
    pub quota: i64,
    /// The account's password.
    pub password: String,
    /// How often it was set.
    pub resets: i32,
}

impl Default for Books {
    fn default() -> Self {
        Self { quota: 16, password: "the old one".to_owned(), resets: 0 }
    }
}

/// The Cabinet; clone it for everybody who looks.
#[derive(Clone, Default)]
pub struct FakeCabinet(Arc<Mutex<Books>>);

impl FakeCabinet {
    /// Its books, to set or to read.
    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Cabinet for FakeCabinet {
    fn name(&self) -> &'static str {
        "Cabinet in memory"
    }

    async fn quota(&self, _: &str, _: QuotaResource) -> Result<ProjectQuota, SystemError> {
        Ok(ProjectQuota { limit: Some(self.books().quota), used: 3, capacity: Some(100) })
    }

    async fn set_quota(&self, _: &str, _: QuotaResource, value: i64) -> Result<(), SystemError> {
        self.books().quota = value;
        Ok(())
    }

    async fn account(&self, user: &str) -> Result<Account, SystemError> {
        let resets = i64::from(self.books().resets);
        let signed_out_before = (resets > 0).then(|| DateTime::UNIX_EPOCH + TimeDelta::seconds(resets));
        Ok(Account { id: user.to_owned(), enabled: true, signed_out_before })
    }

    async fn reset_password(&self, _: &str, password: &SecretString) -> Result<(), SystemError> {
        let mut books = self.books();
        password.expose_secret().clone_into(&mut books.password);
        books.resets += 1;
        Ok(())
    }

    async fn try_password(&self, _: &str, password: &SecretString) -> Result<Login, SystemError> {
        let right = self.books().password == password.expose_secret();
        Ok(if right { Login::MustChange } else { Login::Refused })
    }
}
