//! One lock around the world; whoever changes it wakes all who wait.

use crate::clock::Clock;
use crate::files::FileStore;
use crate::journal::Journal;
use crate::world::World;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// The world, shared between requests.
pub struct Hub {
    inner: Mutex<(World, Option<Journal>)>,
    changes: watch::Sender<u64>,
}

impl Hub {
    /// A hub around an empty world, or the one that a state folder holds.
    pub fn open(clock: Arc<dyn Clock>, state: Option<&Path>) -> anyhow::Result<Arc<Self>> {
        let inner = match state {
            Some(folder) => {
                let mut world = World::new(clock, FileStore::Folder(Journal::files(folder)));
                let journal = Journal::open(folder, &mut world)?;
                (world, Some(journal))
            }
            None => (World::new(clock, FileStore::Memory(std::collections::HashMap::new())), None),
        };
        Ok(Arc::new(Self { inner: Mutex::new(inner), changes: watch::Sender::new(0) }))
    }

    /// Looks at or changes the world. What changed is on disk before this returns.
    pub fn with<R>(&self, act: impl FnOnce(&mut World) -> R) -> R {
        // A panic in one request must not end the server: the world has no half-made states that matter.
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let (world, journal) = &mut *inner;
        let before = world.seq();
        let result = act(world);
        let changed = world.seq() != before || !world.touched.is_empty();
        let touched = std::mem::take(&mut world.touched);
        if let Some(journal) = journal.as_mut().filter(|_| !touched.is_empty())
            && let Err(error) = journal.append(world, &touched)
        {
            tracing::error!(%error, "the state could not be written");
        }
        drop(inner);
        if changed {
            self.changes.send_modify(|version| *version += 1);
        }
        result
    }

    /// Wakes at each change; take it before looking, so that nothing slips through.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}
