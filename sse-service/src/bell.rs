//! What wakes a stream.
//!
//! A stream waits for several things at once: messages of its jobs, new jobs of its connections, the revocation of its
//! session, the end of the service. It does so for hours, and wakes for each message; entering and leaving a waiting list of
//! each of them every time costs more than writing the message. So a stream has one bell. It hangs where there may be
//! news, from the beginning to the end, and says by whom it was rung: the others need not be looked at.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::Context,
};

use futures_util::task::AtomicWaker;
use slab::Slab;

/// Who has rung, one or several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Causes(u8);

impl Causes {
    /// There may be a message.
    pub const MESSAGE: Self = Self(1);
    /// There may be a new job.
    pub const START: Self = Self(2);
    /// The session may have been revoked.
    pub const REVOCATION: Self = Self(4);
    /// The service may stop.
    pub const SHUTDOWN: Self = Self(8);
    /// As long as nothing was looked at, everything may have news.
    pub const ALL: Self = Self(15);

    /// Adds others.
    pub fn add(&mut self, others: Self) {
        self.0 |= others.0;
    }

    /// Takes one away. Returns whether it was among them.
    pub fn take(&mut self, one: Self) -> bool {
        let was_there = self.contain(one);
        self.0 &= !one.0;
        was_there
    }

    /// Whether one is among them.
    pub fn contain(self, one: Self) -> bool {
        self.0 & one.0 != 0
    }
}

/// Rung by whoever has news, heard by one task.
#[derive(Debug, Default)]
pub struct Bell {
    waker: AtomicWaker,
    causes: AtomicU8,
}

impl Bell {
    /// What has rung since it was last listened to. From now on it wakes this task. Whoever listens first and looks for news
    /// then misses none.
    pub fn listen(&self, task: &Context<'_>) -> Causes {
        self.waker.register(task.waker());
        Causes(self.causes.swap(0, Ordering::AcqRel))
    }

    /// Wakes whoever listens. What is news must be there to be seen.
    pub fn ring(&self, cause: Causes) {
        self.causes.fetch_or(cause.0, Ordering::AcqRel);
        self.waker.wake();
    }
}

/// The bells that hang at one place.
#[derive(Debug, Default)]
pub struct Bells(Slab<Arc<Bell>>);

impl Bells {
    /// Hangs up a bell. Returns what takes it down again.
    pub fn hang(&mut self, bell: Arc<Bell>) -> usize {
        self.0.insert(bell)
    }

    /// Takes down a bell that hangs here.
    pub fn take_down(&mut self, key: usize) {
        self.0.remove(key);
    }

    /// Rings all of them.
    pub fn ring(&self, cause: Causes) {
        for (_, bell) in &self.0 {
            bell.ring(cause);
        }
    }

    /// How many hang here.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none does.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
