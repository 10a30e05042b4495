//! Stopping without cutting anybody off in the middle.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use crate::bell::{Bell, Bells, Causes};

/// The service's one switch from serving to draining. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    has_begun: AtomicBool,
    // Held while bells are hung up, rung and taken down.
    bells: Mutex<Bells>,
}

impl Shared {
    fn bells(&self) -> MutexGuard<'_, Bells> {
        self.bells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shutdown {
    /// Not draining.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins to drain. There is no way back.
    pub fn begin(&self) {
        self.shared.has_begun.store(true, Ordering::Release);
        self.shared.bells().ring(Causes::SHUTDOWN);
    }

    /// Whether draining has begun.
    pub fn has_begun(&self) -> bool {
        self.shared.has_begun.load(Ordering::Acquire)
    }

    /// Has a bell rung when draining begins, for as long as what is returned lives. It may have begun already.
    pub fn ring(&self, bell: Arc<Bell>) -> ShutdownWatch {
        ShutdownWatch {
            bell: self.shared.bells().hang(bell),
            shutdown: self.clone(),
        }
    }
}

/// One waiter's view of a [`Shutdown`].
#[derive(Debug)]
pub struct ShutdownWatch {
    /// Where the bell hangs.
    bell: usize,
    shutdown: Shutdown,
}

impl ShutdownWatch {
    /// Whether draining has begun.
    pub fn has_begun(&self) -> bool {
        self.shutdown.has_begun()
    }
}

impl Drop for ShutdownWatch {
    fn drop(&mut self) {
        self.shutdown.shared.bells().take_down(self.bell);
    }
}
