//! The Cabinet on OpenStack: accounts in Keystone, quotas in Nova (`os-quota-sets`) or in Keystone's unified limits.
//!
//! The provisioner's account needs the role of `deploy/openstack/` on the customers' domain and on a project of its own, and no other.

mod password;
mod quota;
mod session;

use async_trait::async_trait;
use crm::config::{CabinetConfig, QuotaSource};
use crm::domain::form::QuotaResource;
use secrecy::SecretString;

use super::{Account, Cabinet, Login, ProjectQuota};
use crate::system::{SystemError, Trouble};
use session::Session;

/// Its name for people.
const NAME: &str = "OpenStack";

/// An OpenStack.
pub struct OpenStack {
    session: Session,
    source: QuotaSource,
    capacity: [Option<i64>; 3],
}

impl OpenStack {
    /// The OpenStack of the configuration; it asks nothing yet.
    pub fn new(config: &CabinetConfig) -> anyhow::Result<Self> {
        Ok(Self {
            session: Session::new(config)?,
            source: config.openstack_quotas,
            capacity: [config.capacity_cores, config.capacity_ram, config.capacity_instances],
        })
    }

    /// The most that the configuration lets a project have.
    const fn capacity(&self, resource: QuotaResource) -> Option<i64> {
        match resource {
            QuotaResource::Cores => self.capacity[0],
            QuotaResource::Ram => self.capacity[1],
            QuotaResource::Instances => self.capacity[2],
            QuotaResource::Cpu | QuotaResource::Memory | QuotaResource::Pods => None,
        }
    }
}

/// An error of OpenStack.
fn trouble(trouble: Trouble, during: &str, cause: impl Into<String>) -> SystemError {
    SystemError::new(trouble, NAME, during, cause)
}

#[async_trait]
impl Cabinet for OpenStack {
    fn name(&self) -> &str {
        NAME
    }

    async fn quota(&self, project: &str, resource: QuotaResource) -> Result<ProjectQuota, SystemError> {
        self.quota_read(project, resource).await
    }

    async fn set_quota(&self, project: &str, resource: QuotaResource, value: i64) -> Result<(), SystemError> {
        self.quota_write(project, resource, value).await
    }

    async fn account(&self, user: &str) -> Result<Account, SystemError> {
        self.account_read(user).await
    }

    async fn reset_password(&self, user: &str, password: &SecretString) -> Result<(), SystemError> {
        self.password_reset(user, password).await
    }

    async fn try_password(&self, user: &str, password: &SecretString) -> Result<Login, SystemError> {
        self.password_try(user, password).await
    }
}
