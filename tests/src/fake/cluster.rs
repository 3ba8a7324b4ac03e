//! A cluster in memory, with one namespace: what counts here is the order of calls, which real clusters cannot be made to fail in.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use crm::domain::form::QuotaResource;
use provisioner::cluster::{Access, Closed, Cluster, LinkSeen, Master, NamespaceQuota, Rule};
use provisioner::system::SystemError;
use secrecy::{ExposeSecret, SecretString};

/// What the cluster holds.
#[derive(Debug, Clone)]
pub struct Held {
    /// The quota.
    pub quota: i64,
    /// Service accounts and their uids, which are their tokens, too.
    pub accounts: BTreeMap<String, String>,
    /// Rules that let a peer in, by namespace.
    pub links: BTreeMap<String, Rule>,
    /// How every namespace is closed.
    pub closed: Closed,
    /// So many of its three masters do not serve.
    pub failing: usize,
    /// Its masters answer that we may not ask.
    pub refuses: bool,
    /// The customer has worked with it before.
    pub serves: bool,
    /// How often a revocation left a customer who had worked with it without any account.
    pub shut_out: u32,
    made: u32,
}

impl Default for Held {
    fn default() -> Self {
        let accounts = BTreeMap::from([("access-old".to_owned(), "uid-0".to_owned())]);
        Self {
            quota: 16,
            accounts,
            links: BTreeMap::new(),
            closed: Closed { inwards: true, outwards: false },
            failing: 0,
            refuses: false,
            serves: true,
            shut_out: 0,
            made: 0,
        }
    }
}

/// The cluster; clone it for everybody who looks.
#[derive(Clone, Default)]
pub struct FakeCluster(Arc<Mutex<Held>>);

impl FakeCluster {
    /// What it holds, to set or to read.
    pub fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Cluster for FakeCluster {
    fn name(&self) -> &'static str {
        "cluster in memory"
    }

    async fn quota(&self, _: &str, _: QuotaResource) -> Result<NamespaceQuota, SystemError> {
        let asked = Some(self.held().quota);
        Ok(NamespaceQuota { holder: None, asked, in_force: asked, settled: true, used: 1, capacity: None })
    }

    async fn set_quota(&self, _: &str, _: QuotaResource, value: i64) -> Result<(), SystemError> {
        self.held().quota = value;
        Ok(())
    }

    async fn accesses(&self, _: &str) -> Result<Vec<Access>, SystemError> {
        let access =
            |(account, uid): (&String, &String)| Access { account: account.clone(), uid: uid.clone() };
        Ok(self.held().accounts.iter().map(access).collect())
    }

    async fn grant(&self, _: &str, account: &str) -> Result<Access, SystemError> {
        let mut held = self.held();
        held.made += 1;
        let uid = format!("uid-{}", held.made);
        let uid = held.accounts.entry(account.to_owned()).or_insert(uid).clone();
        Ok(Access { account: account.to_owned(), uid })
    }

    async fn token(&self, _: &str, account: &str, _: i64) -> Result<SecretString, SystemError> {
        Ok(SecretString::from(self.held().accounts.get(account).cloned().unwrap_or_default()))
    }

    fn kubeconfig(&self, _: &str, token: &SecretString) -> SecretString {
        token.clone()
    }

    async fn accepts(&self, token: &SecretString) -> Result<bool, SystemError> {
        Ok(self.held().accounts.values().any(|uid| uid == token.expose_secret()))
    }

    async fn revoke(&self, _: &str, account: &str) -> Result<(), SystemError> {
        let mut held = self.held();
        held.accounts.remove(account);
        held.shut_out += u32::from(held.serves && held.accounts.is_empty());
        Ok(())
    }

    async fn closed(&self, _: &str) -> Result<Closed, SystemError> {
        Ok(self.held().closed)
    }

    async fn link(&self, namespace: &str, _: &str) -> Result<LinkSeen, SystemError> {
        Ok(self.held().links.get(namespace).cloned().map_or(LinkSeen::Nothing, LinkSeen::Rule))
    }

    async fn set_link(&self, namespace: &str, _: &str, rule: &Rule) -> Result<(), SystemError> {
        self.held().links.insert(namespace.to_owned(), rule.clone());
        Ok(())
    }

    async fn remove_link(&self, namespace: &str, _: &str) -> Result<(), SystemError> {
        self.held().links.remove(namespace);
        Ok(())
    }

    async fn masters(&self) -> Vec<Master> {
        let Held { failing, refuses, .. } = *self.held();
        let master = |n| {
            let ready = n > failing && !refuses;
            let failing = if ready { Vec::new() } else { vec!["etcd".to_owned()] };
            Master { address: format!("10.0.0.{n}"), alive: ready, ready, failing, refuses }
        };
        [1, 2, 3].map(master).to_vec()
    }
}
