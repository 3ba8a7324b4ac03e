//! The built-in Cabinet: accounts and quotas as rows in the database, for the demo and for trying things out.
//!
//! Nothing real stands behind it, and whatever is told about it says *simulated*. It keeps the real ones' rules: no quota below what is
//! used, a temporary password that must be changed, everybody signed out by it.

use async_trait::async_trait;
use crm::clock::Moment;
use crm::domain::form::QuotaResource;
use crm::store::{Db, SimulatedAccount, StoreError};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::{Account, Cabinet, Login, ProjectQuota};
use crate::system::{SystemError, Trouble};

/// Its name for people.
const NAME: &str = "built-in Cabinet (simulated)";

/// The built-in Cabinet.
pub struct Builtin {
    db: Db,
}

impl Builtin {
    /// The Cabinet in this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    async fn find(&self, user: &str, during: &str) -> Result<SimulatedAccount, SystemError> {
        let mut tx = self.db.read().await.map_err(|e| broken(during, &e))?;
        let known = tx.simulated_account(user).await.map_err(|e| broken(during, &e))?;
        known.ok_or_else(|| SystemError::new(Trouble::Missing, NAME, during, "no customer has this account"))
    }
}

/// What a project begins with.
const fn begins_with(resource: QuotaResource) -> i64 {
    match resource {
        QuotaResource::Cores => 16,
        QuotaResource::Ram => 32 * 1024,
        QuotaResource::Instances => 8,
        QuotaResource::Cpu | QuotaResource::Memory | QuotaResource::Pods => 0,
    }
}

/// The most there is.
const fn capacity(resource: QuotaResource) -> i64 {
    begins_with(resource) * 16
}

fn broken(during: &str, error: &StoreError) -> SystemError {
    let trouble = if error.is_passing() { Trouble::Busy } else { Trouble::Failed };
    SystemError::new(trouble, NAME, during, error.to_string())
}

/// Passwords of a simulation are not worth more than a salted digest, and are never stored as they are.
fn digest(user: &str, password: &SecretString) -> String {
    let text = format!("komek simulated account {user} {}", password.expose_secret());
    hex::encode(Sha256::digest(text.as_bytes()))
}

#[async_trait]
impl Cabinet for Builtin {
    fn name(&self) -> &str {
        NAME
    }

    fn is_simulated(&self) -> bool {
        true
    }

    async fn quota(&self, project: &str, resource: QuotaResource) -> Result<ProjectQuota, SystemError> {
        let during = format!("{} quota of project {project}", resource.as_str());
        let mut tx = self.db.read().await.map_err(|e| broken(&during, &e))?;
        let found = tx.simulated_quota(project, resource).await.map_err(|e| broken(&during, &e))?;
        if found.is_none() && !tx.is_cabinet_project(project).await.map_err(|e| broken(&during, &e))? {
            return Err(SystemError::new(Trouble::Missing, NAME, &during, "no customer has this project"));
        }
        let (limit, used) = found.unwrap_or_else(|| (begins_with(resource), begins_with(resource) / 2));
        Ok(ProjectQuota { limit: Some(limit), used, capacity: Some(capacity(resource)) })
    }

    async fn set_quota(&self, project: &str, resource: QuotaResource, value: i64) -> Result<(), SystemError> {
        let during = format!("{} quota of project {project} = {value}", resource.as_str());
        let seen = self.quota(project, resource).await?;
        if value < seen.used || value > capacity(resource) {
            let text = format!("{} are in use, and there are {} in all", seen.used, capacity(resource));
            return Err(SystemError::new(Trouble::Refused, NAME, &during, text));
        }
        let write = async {
            let mut tx = self.db.begin().await?;
            tx.simulated_quota_save(project, resource, value, seen.used).await?;
            tx.commit().await
        };
        write.await.map(drop).map_err(|e| broken(&during, &e))
    }

    async fn account(&self, user: &str) -> Result<Account, SystemError> {
        let account = self.find(user, &format!("account {user}")).await?;
        Ok(Account { id: account.name, enabled: true, signed_out_before: account.signed_out_before })
    }

    async fn reset_password(&self, user: &str, password: &SecretString) -> Result<(), SystemError> {
        let during = format!("new password of {user}");
        let mut account = self.find(user, &during).await?;
        account.password_digest = Some(digest(user, password));
        account.must_change = true;
        account.signed_out_before = Some(now());
        let write = async {
            let mut tx = self.db.begin().await?;
            tx.simulated_account_save(&account).await?;
            tx.commit().await
        };
        write.await.map(drop).map_err(|e| broken(&during, &e))
    }

    async fn try_password(&self, user: &str, password: &SecretString) -> Result<Login, SystemError> {
        let account = self.find(user, &format!("login of {user}")).await?;
        let right = account.password_digest.as_deref() == Some(digest(user, password).as_str());
        Ok(match (right, account.must_change) {
            (true, true) => Login::MustChange,
            (true, false) => Login::Free,
            (false, _) => Login::Refused,
        })
    }
}

/// The time of the simulated system, which like a real one has its own clock.
fn now() -> Moment {
    use crm::clock::Clock;
    crm::clock::SystemClock.now()
}
