//! Systems whose calls go through the board.

use std::net::Ipv4Addr;
use std::sync::Arc;

use async_trait::async_trait;
use futures::FutureExt;
use provisioner::hypervisor::{Fault, HvError, Hypervisor, LockMarker, Observed};
use provisioner::links::{LinkSide, Links, NetworkSeen};
use provisioner::steps::ProgressError;

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
