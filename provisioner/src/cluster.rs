//! What the provisioner needs of a Kubernetes cluster, in plain types, so that the procedures are tested without one.

use async_trait::async_trait;
use crm::domain::form::QuotaResource;
use secrecy::SecretString;

use crate::system::SystemError;

/// A quota as a system has it. Memory is in MiB.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quota {
    /// The limit that is set; `None`: nothing limits it.
    pub limit: Option<i64>,
    /// The limit that is in force: where setting and enforcing are apart, the one that is read back (`status.hard`).
    pub in_force: Option<i64>,
    /// What is in use.
    pub in_use: i64,
    /// The most that the system can give, if it tells.
    pub capacity: Option<i64>,
}

/// One master, as it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Master {
    /// Its address.
    pub address: String,
    /// `/livez` answered ok.
    pub live: bool,
    /// `/readyz` answered ok.
    pub ready: bool,
    /// The checks that failed, or why nothing was heard.
    pub failing: Vec<String>,
}

/// A cluster. Every method returns within the adapter's own time limit.
#[async_trait]
pub trait Cluster: Send + Sync {
    /// Its id, for messages.
    fn name(&self) -> &str;

    /// The quota of `resource` in `namespace`.
    async fn quota(&self, namespace: &str, resource: QuotaResource) -> Result<Quota, SystemError>;

    /// Sets it, under our own field manager. `Ok` proves only that it was accepted: read it back.
    async fn set_quota(
        &self,
        namespace: &str,
        resource: QuotaResource,
        wanted: i64,
    ) -> Result<(), SystemError>;

    /// The names of the credentials that we have issued in `namespace`, oldest first.
    async fn credentials(&self, namespace: &str) -> Result<Vec<String>, SystemError>;

    /// Makes the credential `name` if it is not there, and returns its kubeconfig.
    async fn issue(&self, namespace: &str, name: &str) -> Result<SecretString, SystemError>;

    /// Revokes the credential `name`. No error if it is not there.
    async fn revoke(&self, namespace: &str, name: &str) -> Result<(), SystemError>;

    /// Whether the cluster lets the bearer of this kubeconfig in.
    async fn admits(&self, kubeconfig: &SecretString) -> Result<bool, SystemError>;

    /// Asks each master, one by one.
    async fn masters(&self) -> Result<Vec<Master>, SystemError>;
}
