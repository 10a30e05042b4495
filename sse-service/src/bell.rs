//! What wakes a stream.
//!
//! A stream waits for several things at once: messages of its jobs, new jobs of its connections, the revocation of its
//! session, the end of the service. It does so for hours, and wakes for each message; entering and leaving a waiting list of
//! each of them every time costs more than writing the message. So a stream has one bell. It hangs where there may be
//! news, from the beginning to the end, and says by whom it was rung: the others need not be looked at.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Waker},
};

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
    // Held while somebody listens or rings, never across an await.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Kept from one time to the next: the task seldom is another one.
    waker: Option<Waker>,
    /// Who has rung since it was last listened to.
    causes: Causes,
}

/// What is heard of a bell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Who has rung since it was last listened to.
    pub causes: Causes,
    /// Whether the task is another one than before: what else wakes it must be told.
    pub is_moved: bool,
}

impl Bell {
    /// From now on the bell wakes this task. Whoever listens first and looks for news then misses none.
    pub fn listen(&self, task: &Context<'_>) -> Heard {
        let mut state = self.lock();
        let causes = std::mem::take(&mut state.causes);
        let known = state.waker.as_ref();
        let is_moved = known.is_none_or(|known| !known.will_wake(task.waker()));
        let left = is_moved.then(|| state.waker.replace(task.waker().clone()));
        drop(state);
        // It may be the last that knows of its task.
        drop(left);
        Heard { causes, is_moved }
    }

    /// Wakes whoever listens. What is news must be there to be seen.
    pub fn ring(&self, cause: Causes) {
        let mut state = self.lock();
        state.causes.add(cause);
        if let Some(waker) = &state.waker {
            waker.wake_by_ref();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        task::Wake,
    };

    use super::*;

    #[derive(Default)]
    struct Task(AtomicUsize);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn task() -> (Arc<Task>, Waker) {
        let task = Arc::new(Task::default());
        (task.clone(), task.into())
    }

    #[test]
    fn who_has_rung_is_told_once_even_when_nobody_listened_yet() {
        let bell = Bell::default();
        bell.ring(Causes::START);
        bell.ring(Causes::MESSAGE);
        let (task, waker) = task();
        let mut heard = bell.listen(&Context::from_waker(&waker)).causes;
        assert!(heard.take(Causes::START) && heard.take(Causes::MESSAGE));
        assert_eq!(heard, Causes::default());
        let again = bell.listen(&Context::from_waker(&waker));
        assert_eq!((again.causes, again.is_moved), (Causes::default(), false));
        assert_eq!(task.0.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn the_task_that_listened_last_is_woken_each_time() {
        let bell = Bell::default();
        let ((first, waker), (second, another)) = (task(), task());
        assert!(bell.listen(&Context::from_waker(&waker)).is_moved);
        bell.ring(Causes::MESSAGE);
        assert!(bell.listen(&Context::from_waker(&another)).is_moved);
        bell.ring(Causes::MESSAGE);
        bell.ring(Causes::SHUTDOWN);
        let woken = [first, second].map(|task| task.0.load(Ordering::Relaxed));
        assert_eq!(woken, [1, 2]);
    }

    #[test]
    fn a_bell_that_was_taken_down_is_not_rung() {
        let (here, gone) = (Arc::new(Bell::default()), Arc::new(Bell::default()));
        let mut bells = Bells::default();
        let key = bells.hang(gone.clone());
        bells.hang(here.clone());
        bells.take_down(key);
        bells.ring(Causes::START);
        let (_, waker) = task();
        let heard = [here, gone].map(|bell| bell.listen(&Context::from_waker(&waker)).causes);
        assert_eq!(heard, [Causes::START, Causes::default()]);
        assert_eq!(bells.len(), 1);
    }
}
