//! What the provisioner needs of a Kubernetes cluster, in plain types. The plans know only this trait; `kubernetes/` is the real one.

use std::fmt;

use async_trait::async_trait;
use crm::domain::form::QuotaResource;
pub use crm::domain::probe::Health;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::system::SystemError;

/// A customer's cluster.
///
/// Every method returns within the adapter's own time limit. `Ok` of a writing method proves only that the request was accepted: whether it
/// took effect is read.
#[async_trait]
pub trait Cluster: Send + Sync {
    /// Its id in the directory.
    fn name(&self) -> &str;

    /// The quota of a namespace as it is now.
    async fn quota(&self, namespace: &str, resource: QuotaResource) -> Result<NamespaceQuota, SystemError>;

    /// Sets a quota under our own field manager. A value that somebody else manages is [`Trouble::Conflict`] and says who.
    ///
    /// [`Trouble::Conflict`]: crate::system::Trouble::Conflict
    async fn set_quota(
        &self,
        namespace: &str,
        resource: QuotaResource,
        value: i64,
    ) -> Result<(), SystemError>;

    /// The service accounts through which the customer reaches his namespace.
    async fn accesses(&self, namespace: &str) -> Result<Vec<Access>, SystemError>;

    /// Makes a service account with the customer's rights in the namespace; no error if it is there already.
    async fn grant(&self, namespace: &str, account: &str) -> Result<Access, SystemError>;

    /// A token of a service account, valid for `seconds` (the cluster may shorten it).
    async fn token(&self, namespace: &str, account: &str, seconds: i64) -> Result<SecretString, SystemError>;

    /// A kubeconfig that reaches the namespace with `token`.
    fn kubeconfig(&self, namespace: &str, token: &SecretString) -> SecretString;

    /// Whether the cluster accepts a token: `false` is its answer 401.
    async fn accepts(&self, token: &SecretString) -> Result<bool, SystemError>;

    /// Deletes a service account and its rights; all its tokens die. No error if it is gone already.
    async fn revoke(&self, namespace: &str, account: &str) -> Result<(), SystemError>;

    /// Whether rules other than those of links close a namespace.
    async fn closed(&self, namespace: &str) -> Result<Closed, SystemError>;

    /// The rule of a link, if it is there.
    async fn link(&self, namespace: &str, link: &str) -> Result<LinkSeen, SystemError>;

    /// Makes that rule, or sets it anew.
    async fn set_link(&self, namespace: &str, link: &str, rule: &Rule) -> Result<(), SystemError>;

    /// Removes that rule. No error if it is gone already.
    async fn remove_link(&self, namespace: &str, link: &str) -> Result<(), SystemError>;

    /// Asks each master of the control plane by itself how it is.
    async fn masters(&self) -> Vec<Master>;
}

/// A quota of a namespace, in the units of [`QuotaResource`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamespaceQuota {
    /// Which object holds it: `ResourceQuota komek`, `Tenant acme`; `None` if nothing limits the resource yet.
    pub holder: Option<String>,
    /// What is asked for (`spec.hard`), rounded down.
    pub asked: Option<i64>,
    /// What is in force (`status.hard`), rounded down. It follows `asked` after a moment; pods made meanwhile are judged by the old value.
    pub in_force: Option<i64>,
    /// Whether the object's status has caught up with its specification, exactly.
    pub settled: bool,
    /// What is used, rounded up.
    pub used: i64,
    /// What all nodes together can give; `None` if that cannot be read.
    pub capacity: Option<i64>,
}

/// A service account through which a customer reaches his namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Its name.
    pub account: String,
    /// Its uid: a new account of the same name has another, and tokens are bound to it.
    pub uid: String,
}

/// The other end of a link, as a rule can name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Peer {
    /// A namespace of the same cluster.
    Namespace(String),
    /// Addresses elsewhere, such as `10.20.0.0/16`.
    Addresses(String),
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Namespace(other) => f.write_str(other),
            Self::Addresses(range) => f.write_str(range),
        }
    }
}

/// What a link allows in a namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Who may reach its pods.
    pub peer: Peer,
    /// Its pods may reach him, too: a namespace that is closed outwards needs that said.
    pub out: bool,
}

/// What stands where a link's rule belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkSeen {
    /// Nothing.
    Nothing,
    /// A rule of ours.
    Rule(Rule),
    /// Something else under its name: somebody changed it.
    Other,
}

/// How a namespace is closed to whom no rule names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Closed {
    /// Nobody else reaches its pods.
    pub inwards: bool,
    /// Its pods reach nobody else.
    pub outwards: bool,
}

/// One master of a control plane, as it answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Master {
    /// Its address.
    pub address: String,
    /// Its process lives (`/livez`).
    pub alive: bool,
    /// It serves (`/readyz`).
    pub ready: bool,
    /// The checks that failed, such as `etcd`; or why nothing could be heard.
    pub failing: Vec<String>,
    /// It answered that we may not ask (401, 403): that says nothing about how it is.
    pub refuses: bool,
}

/// How a control plane of these masters is (S6). A basic one has a single master; a highly available one works as long as more than half
/// of its masters do, since etcd needs that quorum.
pub fn health(masters: &[Master]) -> Health {
    let serving = masters.iter().filter(|m| m.ready).count();
    if serving == masters.len() && serving > 0 {
        Health::Healthy
    } else if serving * 2 > masters.len() {
        Health::Degraded
    } else {
        Health::Critical
    }
}

/// How a control plane was seen to be, if that can be told although some masters refuse to say.
pub fn measured(masters: &[Master]) -> Option<Health> {
    if masters.is_empty() {
        return None;
    }
    let as_if = |serving: bool| {
        let judged = |m: &Master| Master { ready: m.ready || (m.refuses && serving), ..m.clone() };
        health(&masters.iter().map(judged).collect::<Vec<_>>())
    };
    Some(as_if(true)).filter(|best| *best == as_if(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(ready: &[bool]) -> Vec<Master> {
        let master = |ready: &bool| Master {
            address: String::new(),
            alive: *ready,
            ready: *ready,
            failing: Vec::new(),
            refuses: false,
        };
        ready.iter().map(master).collect()
    }

    #[test]
    fn a_basic_plane_fails_with_its_master_and_a_high_one_with_its_quorum() {
        assert_eq!(health(&plane(&[true])), Health::Healthy);
        assert_eq!(health(&plane(&[false])), Health::Critical);
        assert_eq!(health(&plane(&[true, true, true])), Health::Healthy);
        assert_eq!(health(&plane(&[true, false, true])), Health::Degraded);
        assert_eq!(health(&plane(&[false, false, true])), Health::Critical);
        assert_eq!(health(&plane(&[false, false, false])), Health::Critical);
        // A plane whose masters nobody wrote down cannot be called healthy.
        assert_eq!(health(&[]), Health::Critical);
    }

    #[test]
    fn whoever_refuses_to_answer_is_neither_up_nor_down() {
        let mut masters = plane(&[false, false, false]);
        assert_eq!(measured(&masters), Some(Health::Critical));
        masters[0].refuses = true;
        assert_eq!(measured(&masters), Some(Health::Critical), "two are down for certain");
        masters[1].refuses = true;
        assert_eq!(measured(&masters), None);
        masters[2].ready = true;
        assert_eq!(measured(&masters), None, "healthy, or an outage");
        assert_eq!(measured(&[]), None, "nobody wrote its masters down");
    }
}
