//! One connection per zone, kept open and opened again after a loss.
//!
//! It is kept also because `test:///file.xml` reads its file anew at every open: the state lives in the connection.

use std::sync::{Arc, Mutex, PoisonError};

use virt::connect::Connect;
use virt::error::Error;

use super::ffi::{Listener, Subscription};

/// The connection of one zone. Its methods block.
pub struct Connection {
    uri: String,
    keepalive: (i32, u32),
    listener: Arc<dyn Listener>,
    open: Mutex<Option<Open>>,
}

struct Open {
    // Dropped first: it ends the announcements while the connection still lives.
    _announcements: Subscription,
    connect: Connect,
}

impl Connection {
    /// Nothing is opened yet. `keepalive` is interval in seconds and number of unanswered ones to bear.
    pub fn new(uri: &str, keepalive: (i32, u32), listener: Arc<dyn Listener>) -> Self {
        Self { uri: uri.to_owned(), keepalive, listener, open: Mutex::new(None) }
    }

    /// The connection, opened if there is none or if it is known to be dead.
    ///
    /// Others wait here while one of them opens: when a hypervisor hangs, they would hang in their own open.
    pub fn get(&self) -> Result<Connect, Error> {
        let mut slot = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = &*slot {
            if open.connect.is_alive().unwrap_or(false) {
                return Ok(open.connect.clone());
            }
            *slot = None;
        }
        let connect = Connect::open(Some(&self.uri))?;
        // Drivers inside this process have no wire to keep alive.
        if let Err(error) = connect.set_keep_alive(self.keepalive.0, self.keepalive.1) {
            tracing::debug!(uri = self.uri, %error, "no keepalive on this connection");
        }
        let open = Open { _announcements: Subscription::new(&connect, &self.listener), connect };
        Ok(slot.insert(open).connect.clone())
    }
}
