//! The web console: pages for engineers and managers, rendered here, made live by htmx and server-sent events, whole without either.
//!
//! [`routes`] is the one table of addresses with the right each needs; [`guard`] stands before all of them. A page reads through
//! [`crate::store`] and changes tickets through [`crate::service`] alone.

mod again;
mod approvals;
mod ask;
mod assets;
mod audit;
mod closing;
mod command;
mod credits;
mod deeds;
mod error;
mod files;
mod filter;
mod find;
mod guard;
mod history;
mod incidents;
mod intake;
mod intervals;
mod listing;
mod live;
mod notes;
mod oidc;
mod oncall;
mod page;
mod people;
mod posted;
mod queue;
mod roster;
pub mod routes;
mod sign_in;
mod sla;
mod spans;
mod standing;
mod ticket;
mod timeline;
mod words;

pub(crate) use assets::address as asset;
pub use find::{index_all, indexer};

use std::sync::Arc;

use axum::Router;
use tokio_util::sync::CancellationToken;

use crate::clock::Moment;
use crate::config::{Oidc, Support};
use crate::service::Service;
use crate::store::Db;

/// What every page needs.
#[derive(Clone)]
pub struct Web(Arc<Parts>);

/// The parts of [`Web`].
pub struct Parts {
    db: Db,
    service: Service,
    /// The address at which browsers reach the console.
    address: url::Url,
    /// The provider's name and telephone.
    support: Support,
    /// The issuer through which staff may sign in.
    oidc: Option<Oidc>,
    /// How often strangers may ask.
    asks: ask::Limits,
    /// Streams end with it: a server that stops waits for every answer that is under way.
    stop: CancellationToken,
}

impl std::ops::Deref for Web {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Web {
    /// A console on this database, for browsers that reach it at `address`.
    pub fn new(db: Db, service: Service, address: url::Url, support: Support, oidc: Option<Oidc>) -> Self {
        Self(Arc::new(Parts {
            db,
            service,
            address,
            support,
            oidc,
            asks: ask::limits(),
            stop: CancellationToken::new(),
        }))
    }

    /// The same, whose streams end when `stop` is cancelled.
    #[must_use]
    pub fn until(mut self, stop: CancellationToken) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.0) {
            parts.stop = stop;
        }
        self
    }

    /// All pages.
    pub fn router(self) -> Router {
        routes::router(self)
    }

    fn now(&self) -> Moment {
        self.service.now()
    }

    /// Whether browsers come over HTTPS, so that cookies never travel in clear.
    fn is_secure(&self) -> bool {
        self.address.scheme() == "https"
    }
}
