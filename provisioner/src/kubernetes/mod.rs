//! The real cluster, through its API server with the kubeconfig that the directory names.
//!
//! The provisioner's identity needs no more than `deploy/kubernetes/rbac.yaml` gives it.

mod access;
mod errors;
mod link;
mod masters;
mod quantity;
mod quota;
mod tenant;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use crm::domain::form::QuotaResource;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use secrecy::SecretString;

use crate::cluster::{Access, Closed, Cluster, LinkSeen, Master, NamespaceQuota, Rule};
use crate::system::{SystemError, Trouble};

/// Under this name the provisioner owns the fields that it sets.
pub const MANAGER: &str = "komek-provisioner";

/// A cluster behind its API server.
pub struct Kubernetes {
    name: String,
    client: Client,
    config: Config,
    masters: Vec<String>,
    patience: Duration,
}

impl Kubernetes {
    /// The cluster `name` of the directory: reads its kubeconfig and asks nothing yet. No call takes longer than `patience`.
    pub async fn open(
        name: &str,
        kubeconfig: &Path,
        masters: &[String],
        patience: Duration,
    ) -> Result<Self, SystemError> {
        let wrong = |cause: String| {
            SystemError::new(
                Trouble::Failed,
                &format!("cluster {name}"),
                &format!("reading {}", kubeconfig.display()),
                cause,
            )
        };
        let file = Kubeconfig::read_from(kubeconfig).map_err(|e| wrong(e.to_string()))?;
        let mut config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default())
            .await
            .map_err(|e| wrong(e.to_string()))?;
        config.connect_timeout = Some(patience);
        config.read_timeout = Some(patience);
        config.write_timeout = Some(patience);
        let client = Client::try_from(config.clone()).map_err(|e| wrong(e.to_string()))?;
        Ok(Self { name: name.to_owned(), client, config, masters: masters.to_vec(), patience })
    }

    /// Waits for `call` no longer than the cluster is given.
    async fn ask<T>(
        &self,
        during: &str,
        call: impl Future<Output = Result<T, kube::Error>> + Send,
    ) -> Result<T, SystemError> {
        match tokio::time::timeout(self.patience, call).await {
            Ok(answer) => answer.map_err(|e| errors::translate(&self.name, during, e)),
            Err(_) => {
                Err(self.trouble(Trouble::Lost, during, format!("nothing for {} s", self.patience.as_secs())))
            }
        }
    }

    /// An error of this cluster.
    fn trouble(&self, trouble: Trouble, during: &str, cause: impl Into<String>) -> SystemError {
        SystemError::new(trouble, &format!("cluster {}", self.name), during, cause)
    }
}

/// Whether something was found; its absence is no error.
fn found<T>(result: Result<T, SystemError>) -> Result<Option<T>, SystemError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(e) if e.trouble == Trouble::Missing => Ok(None),
        Err(e) => Err(e),
    }
}

#[async_trait]
impl Cluster for Kubernetes {
    fn name(&self) -> &str {
        &self.name
    }

    async fn quota(&self, namespace: &str, resource: QuotaResource) -> Result<NamespaceQuota, SystemError> {
        self.quota_read(namespace, resource).await
    }

    async fn set_quota(
        &self,
        namespace: &str,
        resource: QuotaResource,
        value: i64,
    ) -> Result<(), SystemError> {
        self.quota_write(namespace, resource, value).await
    }

    async fn accesses(&self, namespace: &str) -> Result<Vec<Access>, SystemError> {
        self.access_list(namespace).await
    }

    async fn grant(&self, namespace: &str, account: &str) -> Result<Access, SystemError> {
        self.access_grant(namespace, account).await
    }

    async fn token(&self, namespace: &str, account: &str, seconds: i64) -> Result<SecretString, SystemError> {
        self.access_token(namespace, account, seconds).await
    }

    fn kubeconfig(&self, namespace: &str, token: &SecretString) -> SecretString {
        self.access_kubeconfig(namespace, token)
    }

    async fn accepts(&self, token: &SecretString) -> Result<bool, SystemError> {
        self.access_accepts(token).await
    }

    async fn revoke(&self, namespace: &str, account: &str) -> Result<(), SystemError> {
        self.access_revoke(namespace, account).await
    }

    async fn closed(&self, namespace: &str) -> Result<Closed, SystemError> {
        self.closed_read(namespace).await
    }

    async fn link(&self, namespace: &str, link: &str) -> Result<LinkSeen, SystemError> {
        self.link_read(namespace, link).await
    }

    async fn set_link(&self, namespace: &str, link: &str, rule: &Rule) -> Result<(), SystemError> {
        self.link_write(namespace, link, rule).await
    }

    async fn remove_link(&self, namespace: &str, link: &str) -> Result<(), SystemError> {
        self.link_delete(namespace, link).await
    }

    async fn masters(&self) -> Vec<Master> {
        futures::future::join_all(self.masters.iter().map(|address| self.master(address))).await
    }
}
