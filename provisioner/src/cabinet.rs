//! What the provisioner needs of the Cabinet (accounts, passwords, quotas of projects), in plain types.

use async_trait::async_trait;
use crm::clock::Moment;
use crm::domain::form::QuotaResource;
use secrecy::SecretString;

use crate::cluster::Quota;
use crate::system::SystemError;

/// An account as it is now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// It may log in.
    pub enabled: bool,
    /// The password must be changed at the next login.
    pub must_change: bool,
    /// When the password was set, if the system tells.
    pub password_set_at: Option<Moment>,
}

/// The Cabinet. Every method returns within the adapter's own time limit.
#[async_trait]
pub trait Cabinet: Send + Sync {
    /// Which it is, for messages: `OpenStack`, `LDAP`, `builtin`.
    fn name(&self) -> &str;

    /// The quota of `resource` of `project`.
    async fn quota(&self, project: &str, resource: QuotaResource) -> Result<Quota, SystemError>;

    /// Sets it. `Ok` proves only that it was accepted: read it back.
    async fn set_quota(&self, project: &str, resource: QuotaResource, wanted: i64)
    -> Result<(), SystemError>;

    /// The account.
    async fn account(&self, user: &str) -> Result<Account, SystemError>;

    /// Gives the account a password that must be changed at the first login, and ends its sessions.
    async fn reset_password(&self, user: &str, password: &SecretString) -> Result<(), SystemError>;
}
