//! Stopping without cutting anybody off in the middle.

use tokio::sync::watch;

/// The service's one switch from serving to draining.
#[derive(Clone, Debug)]
pub struct Shutdown {
    draining: watch::Sender<bool>,
}

impl Shutdown {
    /// Not draining.
    pub fn new() -> Self {
        Self {
            draining: watch::Sender::new(false),
        }
    }

    /// Begins to drain. There is no way back.
    pub fn begin(&self) {
        self.draining.send_replace(true);
    }

    /// Whether draining has begun.
    pub fn has_begun(&self) -> bool {
        *self.draining.borrow()
    }

    /// Something that can be waited for.
    pub fn watch(&self) -> ShutdownWatch {
        ShutdownWatch {
            draining: self.draining.subscribe(),
        }
    }
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

/// One waiter's view of a [`Shutdown`].
#[derive(Clone, Debug)]
pub struct ShutdownWatch {
    draining: watch::Receiver<bool>,
}

impl ShutdownWatch {
    /// Whether draining has begun and [`begun`](Self::begun) has not told so yet. Costs next to nothing.
    pub fn has_begun(&self) -> bool {
        // The value changes once, and only `begun` marks it as seen.
        self.draining.has_changed().unwrap_or(false)
    }

    /// Waits until draining begins; for ever, when the service goes without it.
    pub async fn begun(&mut self) {
        if self.draining.wait_for(|draining| *draining).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
