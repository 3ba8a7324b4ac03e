//! Systems whose calls go through the board.

use std::net::Ipv4Addr;
use std::sync::Arc;

use async_trait::async_trait;
use crm::domain::form::QuotaResource;
use futures::FutureExt;
use provisioner::cabinet::{Account, Cabinet, Login, ProjectQuota};
use provisioner::cluster::{Access, Closed, Cluster, LinkSeen, Master, NamespaceQuota, Rule};
use provisioner::hypervisor::{Fault, HvError, Hypervisor, LockMarker, Observed};
use provisioner::links::{LinkSide, Links, NetworkSeen};
use provisioner::steps::ProgressError;
use provisioner::system::{SystemError, Trouble};
use secrecy::SecretString;

use crate::board::{Answer, Board, Faulty};

impl Faulty for HvError {
    fn of(answer: Answer) -> Self {
        let fault = match answer {
            Answer::Unreachable => Fault::Unreachable,
            Answer::Lost => Fault::Lost,
            Answer::Hung => Fault::Hung,
            Answer::Refused => Fault::Refused,
            Answer::Failed => Fault::Failed,
        };
        Self { fault, zone: "z".to_owned(), during: "a call".to_owned(), cause: "as planned".to_owned() }
    }
}

impl Faulty for ProgressError {
    fn of(answer: Answer) -> Self {
        Self(format!("{answer:?}, as planned"))
    }
}

/// A system behind the board.
pub struct Troubled<S: ?Sized> {
    /// The board.
    pub board: Board,
    /// The system itself.
    pub inner: Arc<S>,
    /// What the world looks like, for the board.
    pub picture: Arc<dyn Fn() -> String + Send + Sync>,
}

/// Sends a call through the board, and notes what the world looks like after it.
macro_rules! through {
    ($self:ident.$method:ident($($argument:expr),*)) => {{
        let call = async {
            let answer = $self.inner.$method($($argument),*).await;
            $self.board.saw(($self.picture)());
            answer
        };
        $self.board.call(call.boxed()).await
    }};
}

#[async_trait]
impl<H: Hypervisor + ?Sized> Links for Troubled<H> {
    async fn networks(&self) -> Result<Vec<NetworkSeen>, HvError> {
        through!(self.networks())
    }

    async fn set_link(&self, side: &LinkSide, active: bool) -> Result<(), HvError> {
        through!(self.set_link(side, active))
    }

    async fn remove_link(&self, vni: u32) -> Result<(), HvError> {
        through!(self.remove_link(vni))
    }

    async fn guests(&self, network: &str) -> Result<Vec<(String, Ipv4Addr)>, HvError> {
        through!(self.guests(network))
    }

    async fn pings(&self, domain: &str, address: Ipv4Addr) -> Result<Option<bool>, HvError> {
        through!(self.pings(domain, address))
    }
}

#[async_trait]
impl<H: Hypervisor + ?Sized> Hypervisor for Troubled<H> {
    fn zone(&self) -> &str {
        self.inner.zone()
    }

    async fn list(&self) -> Result<Vec<Observed>, HvError> {
        through!(self.list())
    }

    async fn observe(&self, domain: &str) -> Result<Observed, HvError> {
        through!(self.observe(domain))
    }

    async fn reboot(&self, domain: &str) -> Result<(), HvError> {
        through!(self.reboot(domain))
    }

    async fn shutdown(&self, domain: &str) -> Result<(), HvError> {
        through!(self.shutdown(domain))
    }

    async fn start(&self, domain: &str) -> Result<(), HvError> {
        through!(self.start(domain))
    }

    async fn reset(&self, domain: &str) -> Result<(), HvError> {
        through!(self.reset(domain))
    }

    async fn destroy(&self, domain: &str) -> Result<(), HvError> {
        through!(self.destroy(domain))
    }

    async fn suspend(&self, domain: &str) -> Result<(), HvError> {
        through!(self.suspend(domain))
    }

    async fn resume(&self, domain: &str) -> Result<(), HvError> {
        through!(self.resume(domain))
    }

    async fn set_lock(&self, domain: &str, marker: &LockMarker) -> Result<(), HvError> {
        through!(self.set_lock(domain, marker))
    }

    async fn clear_lock(&self, domain: &str) -> Result<(), HvError> {
        through!(self.clear_lock(domain))
    }
}

impl Faulty for SystemError {
    fn of(answer: Answer) -> Self {
        let trouble = match answer {
            Answer::Unreachable => Trouble::Unreachable,
            // What does not answer in time breaks off for these systems.
            Answer::Lost | Answer::Hung => Trouble::Lost,
            Answer::Refused => Trouble::Refused,
            Answer::Failed => Trouble::Failed,
        };
        Self::new(trouble, "a system", "a call", "as planned")
    }
}

#[async_trait]
impl<C: Cluster + ?Sized> Cluster for Troubled<C> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn quota(&self, namespace: &str, resource: QuotaResource) -> Result<NamespaceQuota, SystemError> {
        through!(self.quota(namespace, resource))
    }

    async fn set_quota(
        &self,
        namespace: &str,
        resource: QuotaResource,
        value: i64,
    ) -> Result<(), SystemError> {
        through!(self.set_quota(namespace, resource, value))
    }

    async fn accesses(&self, namespace: &str) -> Result<Vec<Access>, SystemError> {
        through!(self.accesses(namespace))
    }

    async fn grant(&self, namespace: &str, account: &str) -> Result<Access, SystemError> {
        through!(self.grant(namespace, account))
    }

    async fn token(&self, namespace: &str, account: &str, seconds: i64) -> Result<SecretString, SystemError> {
        through!(self.token(namespace, account, seconds))
    }

    fn kubeconfig(&self, namespace: &str, token: &SecretString) -> SecretString {
        self.inner.kubeconfig(namespace, token)
    }

    async fn accepts(&self, token: &SecretString) -> Result<bool, SystemError> {
        through!(self.accepts(token))
    }

    async fn revoke(&self, namespace: &str, account: &str) -> Result<(), SystemError> {
        through!(self.revoke(namespace, account))
    }

    async fn closed(&self, namespace: &str) -> Result<Closed, SystemError> {
        through!(self.closed(namespace))
    }

    async fn link(&self, namespace: &str, link: &str) -> Result<LinkSeen, SystemError> {
        through!(self.link(namespace, link))
    }

    async fn set_link(&self, namespace: &str, link: &str, rule: &Rule) -> Result<(), SystemError> {
        through!(self.set_link(namespace, link, rule))
    }

    async fn remove_link(&self, namespace: &str, link: &str) -> Result<(), SystemError> {
        through!(self.remove_link(namespace, link))
    }

    async fn masters(&self) -> Vec<Master> {
        let call = async { Ok::<_, SystemError>(self.inner.masters().await) };
        self.board.call(call.boxed()).await.unwrap_or_default()
    }
}

#[async_trait]
impl<C: Cabinet + ?Sized> Cabinet for Troubled<C> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn quota(&self, project: &str, resource: QuotaResource) -> Result<ProjectQuota, SystemError> {
        through!(self.quota(project, resource))
    }

    async fn set_quota(&self, project: &str, resource: QuotaResource, value: i64) -> Result<(), SystemError> {
        through!(self.set_quota(project, resource, value))
    }

    async fn account(&self, user: &str) -> Result<Account, SystemError> {
        through!(self.account(user))
    }

    async fn reset_password(&self, user: &str, password: &SecretString) -> Result<(), SystemError> {
        through!(self.reset_password(user, password))
    }

    async fn try_password(&self, user: &str, password: &SecretString) -> Result<Login, SystemError> {
        through!(self.try_password(user, password))
    }
}
