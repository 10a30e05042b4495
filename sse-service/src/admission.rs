//! A stream that was let in: it holds a slot while it lives, and ends when its session is revoked.

use std::{
    convert::Infallible,
    future::poll_fn,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::rt;
use bytes::Bytes;
use futures_util::{Stream, stream::unfold};
use protocol::StreamMessage;
use tokio::{sync::mpsc, time::timeout};

use crate::{
    bell::Causes,
    frame::{self, Event},
    limits::streams::Slot,
    stream::{Ending, EventStream},
    transport::Cut,
};

/// The code of the error event by which a stream ends when its session is revoked.
pub const SESSION_REVOKED: &str = "session_revoked";

/// A stream and its slot.
pub struct AdmittedStream {
    stream: EventStream,
    slot: Slot,
    is_revoked: bool,
}

impl AdmittedStream {
    /// A stream that has a slot.
    pub fn new(stream: EventStream, mut slot: Slot) -> Self {
        slot.ring(stream.bell().clone());
        Self {
            stream,
            slot,
            is_revoked: false,
        }
    }

    /// How many streams of this replica hear the same messages, this one with them.
    pub fn company(&self) -> usize {
        self.stream.company()
    }

    /// What is to be written next; `None` when the stream is over. Can be dropped and called again.
    pub async fn next(&mut self) -> Option<Event> {
        poll_fn(|task| self.poll_next(task)).await
    }

    /// The same as [`next`](Self::next), without a future that takes room.
    pub fn poll_next(&mut self, task: &mut Context<'_>) -> Poll<Option<Event>> {
        if self.is_revoked {
            return Poll::Ready(None);
        }
        let may_be_revoked = self.stream.listen(task, Causes::REVOCATION);
        if may_be_revoked && self.slot.is_revoked() {
            self.is_revoked = true;
            self.stream.end(Ending::SessionRevoked);
            return Poll::Ready(Some(frame::event(&StreamMessage::Error {
                message: "The session was revoked.".into(),
                code: Some(SESSION_REVOKED.into()),
            })));
        }
        self.stream.poll_next(task)
    }

    /// The stream as a response body on a connection of its own.
    pub fn into_body(self) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
        unfold(self, async |mut stream| {
            let event = stream.next().await?;
            Some((Ok(event.bytes()), stream))
        })
    }

    /// The stream as a response body on a connection that it shares with others. The client can stop to take this stream
    /// alone, of which the socket does not learn; so the connection is cut when nothing was taken for `patience`. That the
    /// client has cancelled this stream alone is noticed with the next event, a heartbeat at the latest.
    ///
    /// Must be called on a worker of the HTTP library.
    pub fn into_shared_body(
        mut self,
        cut: Cut,
        patience: Duration,
    ) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
        let (sender, receiver) = mpsc::channel(1);
        rt::spawn(async move {
            loop {
                // Room first, the message then: what is sent is the newest there is.
                let Ok(room) = timeout(patience, sender.reserve()).await else {
                    return cut.now();
                };
                let Ok(room) = room else { return };
                let event = tokio::select! {
                    event = self.next() => event,
                    () = sender.closed() => return,
                    () = cut.closed() => return,
                };
                let Some(event) = event else { return };
                room.send(Ok(event.bytes()));
            }
        });
        unfold(receiver, async |mut receiver| {
            Some((receiver.recv().await?, receiver))
        })
    }
}
