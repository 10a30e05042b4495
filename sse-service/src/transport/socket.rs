//! A socket that does not wait for ever.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use futures_util::task::AtomicWaker;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::Notify,
    time::{Instant, Sleep, sleep_until},
};

use crate::{
    limits::{Limit, RequestLimits, WRITE_TIME},
    metrics::Metrics,
};

/// What the request time is exceeded by before a connection is closed: whoever can still answer with 408 does.
const TO_SAY_SO: Duration = Duration::from_secs(1);

/// A connection as the HTTP library sees it. Reading or writing fails with [`io::ErrorKind::TimedOut`] when
/// - the client has taken nothing for the write time,
/// - on HTTP/1.1, the client has begun to say something, and nothing could be answered for the request time and a little,
/// - it was [cut](Cut).
pub struct Socket {
    io: TcpStream,
    limits: RequestLimits,
    metrics: Arc<Metrics>,
    cut: Cut,
    /// Set while nothing more can be written.
    blocked: Deadline,
    /// Set from the first bytes of a request to the first of its response. Unused where both sides talk at any time.
    unanswered: Deadline,
    answers_in_turn: bool,
}

impl Socket {
    /// Watches over a connection.
    pub fn new(io: TcpStream, limits: RequestLimits, metrics: Arc<Metrics>) -> Self {
        Self {
            io,
            limits,
            metrics,
            cut: Cut::default(),
            blocked: Deadline::default(),
            unanswered: Deadline::default(),
            answers_in_turn: false,
        }
    }

    /// From here on every request is answered before the next one is: HTTP/1.1.
    pub fn expect_turns(&mut self) {
        self.answers_in_turn = true;
    }

    /// Cuts the connection from elsewhere.
    pub fn cut(&self) -> Cut {
        self.cut.clone()
    }

    fn check_reading(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.cut.is_due(cx) {
            return Err(self.gives_up(WRITE_TIME));
        }
        // An answer that is not taken has a limit of its own.
        if !self.blocked.is_set && self.unanswered.is_over(cx) {
            return Err(self.gives_up(Limit::RequestTime.name()));
        }
        Ok(())
    }

    fn written(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if result.is_ready() {
            self.blocked.clear();
            self.unanswered.clear();
            if let Poll::Ready(Err(error)) = &result {
                self.failed(error);
            }
            return result;
        }
        self.blocked.set(self.limits.write_time);
        if self.blocked.is_over(cx) {
            return Poll::Ready(Err(self.gives_up(WRITE_TIME)));
        }
        Poll::Pending
    }

    /// The system may have given up before.
    fn failed(&self, error: &io::Error) {
        if error.kind() == io::ErrorKind::TimedOut {
            self.metrics.hit(WRITE_TIME);
        }
    }

    fn gives_up(&self, limit: &'static str) -> io::Error {
        self.metrics.hit(limit);
        io::ErrorKind::TimedOut.into()
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.io).poll_read(cx, buffer);
        if let Poll::Ready(Err(error)) = &result {
            self.failed(error);
        }
        if self.answers_in_turn && buffer.filled().len() > before {
            let time = self.limits.time;
            self.unanswered.set(time + TO_SAY_SO);
        }
        if result.is_pending() {
            self.check_reading(cx)?;
        }
        result
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.written(cx, result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.cut.shared.is_closed.store(true, Ordering::Release);
        self.cut.shared.news.notify_waiters();
    }
}

/// Cuts a connection that is elsewhere, and knows when it is closed. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Cut {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    is_due: AtomicBool,
    waker: AtomicWaker,
    is_closed: AtomicBool,
    news: Notify,
}

impl Cut {
    /// Cuts it.
    pub fn now(&self) {
        self.shared.is_due.store(true, Ordering::Release);
        self.shared.waker.wake();
    }

    /// Waits until the connection is closed. Can be dropped and called again.
    pub async fn closed(&self) {
        // Made before the look, so that what comes after it is heard.
        let news = self.shared.news.notified();
        if !self.shared.is_closed.load(Ordering::Acquire) {
            news.await;
        }
    }

    fn is_due(&self, cx: &Context<'_>) -> bool {
        self.shared.waker.register(cx.waker());
        self.shared.is_due.load(Ordering::Acquire)
    }
}

/// A timer that is set and cleared often, and allocated once at most.
#[derive(Default)]
struct Deadline {
    timer: Option<Pin<Box<Sleep>>>,
    is_set: bool,
}

impl Deadline {
    /// Sets it, unless it is set.
    fn set(&mut self, after: Duration) {
        if self.is_set {
            return;
        }
        self.is_set = true;
        let at = Instant::now() + after;
        match &mut self.timer {
            Some(timer) => timer.as_mut().reset(at),
            None => self.timer = Some(Box::pin(sleep_until(at))),
        }
    }

    fn clear(&mut self) {
        self.is_set = false;
    }

    fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        let timer = self.timer.as_mut().filter(|_| self.is_set);
        timer.is_some_and(|timer| timer.as_mut().poll(cx).is_ready())
    }
}
