//! A cluster in memory, for drills: what counts here is the order of calls, which real clusters cannot be made to fail in. The real one is
//! in `tests/tests/cluster`.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use crm::domain::form::QuotaResource;
use provisioner::cluster::{Access, Cluster, Master, NamespaceQuota, Peer};
use provisioner::system::SystemError;
use secrecy::{ExposeSecret, SecretString};

/// The cluster.
#[derive(Default)]
pub struct FakeCluster {
    /// Service accounts and their uids.
    pub accounts: Mutex<BTreeMap<String, String>>,
    /// The quota.
    pub quota: Mutex<Option<i64>>,
    made: Mutex<u32>,
    /// The smallest number of accounts there ever was since the first.
    pub fewest: Mutex<Option<usize>>,
}

impl FakeCluster {
    /// With one account.
    pub fn with(account: &str) -> Self {
        let cluster = Self::default();
        cluster.lock().insert(account.to_owned(), "uid-0".to_owned());
        cluster
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.accounts.lock().expect("not poisoned")
    }

    fn count(&self) {
        let now = self.lock().len();
        let mut fewest = self.fewest.lock().expect("not poisoned");
        *fewest = Some(fewest.map_or(now, |f| f.min(now)));
    }
}

#[async_trait]
impl Cluster for FakeCluster {
    fn name(&self) -> &'static str {
        "fake"
    }

    async fn quota(&self, _: &str, _: QuotaResource) -> Result<NamespaceQuota, SystemError> {
        let asked = *self.quota.lock().expect("not poisoned");
        Ok(NamespaceQuota { holder: None, asked, in_force: asked, settled: true, used: 1, capacity: None })
    }

    async fn set_quota(&self, _: &str, _: QuotaResource, value: i64) -> Result<(), SystemError> {
        *self.quota.lock().expect("not poisoned") = Some(value);
        Ok(())
    }

    async fn accesses(&self, _: &str) -> Result<Vec<Access>, SystemError> {
        let access =
            |(account, uid): (&String, &String)| Access { account: account.clone(), uid: uid.clone() };
        Ok(self.lock().iter().map(access).collect())
    }

    async fn grant(&self, _: &str, account: &str) -> Result<Access, SystemError> {
        let mut made = self.made.lock().expect("not poisoned");
        *made += 1;
        let uid = self.lock().entry(account.to_owned()).or_insert_with(|| format!("uid-{made}")).clone();
        Ok(Access { account: account.to_owned(), uid })
    }

    async fn token(&self, _: &str, account: &str, _: i64) -> Result<SecretString, SystemError> {
        Ok(SecretString::from(self.lock().get(account).cloned().unwrap_or_default()))
    }

    fn kubeconfig(&self, _: &str, token: &SecretString) -> SecretString {
        token.clone()
    }

    async fn accepts(&self, token: &SecretString) -> Result<bool, SystemError> {
        Ok(self.lock().values().any(|uid| uid == token.expose_secret()))
    }

    async fn revoke(&self, _: &str, account: &str) -> Result<(), SystemError> {
        self.lock().remove(account);
        self.count();
        Ok(())
    }

    async fn link(&self, _: &str, _: &str) -> Result<Option<Peer>, SystemError> {
        Ok(None)
    }

    async fn set_link(&self, _: &str, _: &str, _: &Peer) -> Result<(), SystemError> {
        Ok(())
    }

    async fn remove_link(&self, _: &str, _: &str) -> Result<(), SystemError> {
        Ok(())
    }

    async fn masters(&self) -> Vec<Master> {
        Vec::new()
    }
}
