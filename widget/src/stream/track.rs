//! One connection on a stream.

use js_sys::Date;
use protocol::Progress;

use super::{Seen, StreamEnd, StreamEvent, StreamState};

/// What is known of it.
pub(super) struct Track {
    pub(super) connection_id: String,
    pub(super) seen: Seen,
    /// When its worker was last heard: milliseconds since 1970, by the browser's clock.
    heard: f64,
    /// Its job has ended; another one may follow while the stream is there.
    pub(super) is_over: bool,
}

/// What the stream says of it.
pub(super) enum News {
    /// It is about this job of the connection from here on.
    Connected { job_id: String },
    /// A message of the job has come, with the id that holds on the stream.
    Progress { progress: Progress, id: String },
    /// Nothing has come for so long of any job on the stream.
    Silence { seconds: u64 },
    /// That was the job's last message.
    End,
}

impl Track {
    pub(super) fn new(connection_id: String, seen: Seen) -> Self {
        Self {
            connection_id,
            seen,
            heard: Date::now(),
            is_over: false,
        }
    }

    /// Takes in what the stream says, and answers what is to be told of it.
    pub(super) fn take(&mut self, news: News, is_shared: bool) -> Option<StreamEvent> {
        match news {
            News::Connected { job_id } => {
                self.heard = Date::now();
                if self.seen.job_id == job_id {
                    return None;
                }
                self.is_over = false;
                self.seen = Seen {
                    job_id: job_id.clone(),
                    ..Seen::default()
                };
                Some(StreamEvent::Job { job_id })
            }
            News::Progress { progress, id } => {
                self.heard = Date::now();
                self.is_over = progress.end().is_some();
                // It holds until the next one: on a shared stream it may be another job's.
                let is_own = !is_shared || id.starts_with(&*self.seen.job_id);
                // Only one that can stand in a header is of use; the service's own are ASCII.
                if is_own && id.bytes().all(|byte| byte.is_ascii_graphic()) {
                    self.seen.last_event_id = id;
                }
                Some(StreamEvent::Progress(progress))
            }
            News::Silence { seconds } => {
                // A cast of what is negative gives 0.
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let own = ((Date::now() - self.heard) / 1_000.0) as u64;
                Some(StreamEvent::Idle {
                    seconds: own.max(seconds),
                })
            }
            News::End => Some(StreamEvent::State(StreamState::Ended(StreamEnd::Finished))),
        }
    }
}
