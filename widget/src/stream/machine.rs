//! What a stream does about whatever happens to it: the rules of reconnection, without a browser.
//!
//! [`Machine::on`] takes what has happened and answers what is to be done. [`driver`](super::driver) ties the two to
//! requests, timers and the browser's events.

use super::{StreamEnd, StreamState, backoff::Backoff};

/// How often "no job yet" is asked again, with backoff: with the default base about a minute in all.
const MAX_NOT_FOUND: u32 = 8;

/// A service that names no heartbeat interval sends one every 30 s, as the contract says.
const DEFAULT_HEARTBEAT_SECONDS: u32 = 30;

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Input {
    /// Somebody wants the stream.
    Started,
    /// The service has answered with an event stream.
    Opened,
    /// The service has answered with anything else; `retry_after` in milliseconds.
    Refused {
        status: u16,
        retry_after: Option<u32>,
    },
    /// A message has come.
    Received(Received),
    /// The stream has ended, broken, gone silent, or never came about.
    Lost,
    /// The wait that [`Command::Wait`] asked for is over.
    Due,
    /// The host has given another token.
    Renewed,
    /// The host has none, or did not give it.
    NotRenewed,
    /// The browser has a network again.
    Online,
    /// The browser has lost its network.
    Offline,
    /// The page can be seen again.
    Shown,
    /// Nobody can see the page.
    Hidden,
    /// Nobody has seen the page for a while, or it was left.
    Unseen,
}

/// Which kind of message has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Received {
    /// The stream's first message.
    Connected { heartbeat_seconds: Option<u64> },
    /// A sign of life, or progress of a job that goes on.
    News,
    /// The job has ended.
    Terminal,
    /// The token has expired.
    SessionExpired,
    /// The service has a problem of its own, and will end the stream.
    Trouble,
}

/// What is to be done. All but `Nothing` end the request that is under way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Command {
    /// Go on.
    Nothing,
    /// Send the request.
    Connect,
    /// Say [`Input::Due`] after so many milliseconds.
    Wait(u32),
    /// Ask the host for a new token.
    Renew,
    /// Wait for one of the browser's events.
    Pause,
    /// The stream is over.
    End(StreamEnd),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Connecting,
    Open,
    Waiting,
    Renewing,
    Offline,
    Hidden,
    Ended(StreamEnd),
}

/// One subscription's state.
#[derive(Debug)]
pub(crate) struct Machine {
    phase: Phase,
    backoff: Backoff,
    is_online: bool,
    is_visible: bool,
    /// The token was renewed and has not proven itself since: another refusal means that renewing does not help.
    is_renewed: bool,
    not_found: u32,
    /// How often "no job yet" is asked again, with backoff.
    most_not_found: u32,
    heartbeat_seconds: u32,
}

impl Machine {
    /// `is_job_awaited`: a job that is not there yet is told by 404, which is asked again.
    pub(crate) fn new(is_online: bool, is_visible: bool, is_job_awaited: bool) -> Self {
        Self {
            phase: Phase::Connecting,
            backoff: Backoff::default(),
            is_online,
            is_visible,
            is_renewed: false,
            not_found: 0,
            most_not_found: if is_job_awaited { MAX_NOT_FOUND } else { 0 },
            heartbeat_seconds: DEFAULT_HEARTBEAT_SECONDS,
        }
    }

    /// Takes over a stream's `retry:`, in milliseconds.
    pub(crate) fn set_retry(&mut self, milliseconds: u64) {
        self.backoff.set_base(milliseconds);
    }

    /// After how many milliseconds without a byte a stream is dead: 1.5 heartbeats.
    pub(crate) fn patience_ms(&self) -> u32 {
        self.heartbeat_seconds * 1_500
    }

    /// What can be shown of all this.
    pub(crate) fn state(&self) -> StreamState {
        match self.phase {
            Phase::Ended(end) => StreamState::Ended(end),
            Phase::Offline => StreamState::Offline,
            Phase::Open => StreamState::Live,
            // A job that is not there yet is waited for, not reconnected to.
            _ if self.backoff.attempts() == self.not_found => StreamState::Connecting,
            _ => StreamState::Reconnecting {
                attempt: self.backoff.attempts(),
            },
        }
    }

    /// Takes what has happened and answers what is to be done. `random` is in `0.0..1.0`.
    pub(crate) fn on(&mut self, input: Input, random: f64) -> Command {
        if matches!(self.phase, Phase::Ended(_)) {
            return Command::Nothing;
        }
        match input {
            Input::Started => return self.connect(true),
            Input::Opened => self.phase = Phase::Open,
            Input::Refused {
                status,
                retry_after,
            } => return self.refused(status, retry_after, random),
            Input::Received(received) => return self.received(received),
            Input::Lost => return self.wait(None, random),
            Input::Due if self.phase == Phase::Waiting => return self.connect(false),
            Input::Renewed if self.phase == Phase::Renewing => return self.connect(true),
            Input::NotRenewed => return self.end(StreamEnd::SessionExpired),
            Input::Online => {
                self.is_online = true;
                if matches!(self.phase, Phase::Offline | Phase::Waiting) {
                    return self.connect(false);
                }
            }
            Input::Offline => {
                self.is_online = false;
                if self.phase != Phase::Renewing {
                    return self.pause(Phase::Offline);
                }
            }
            Input::Shown => {
                self.is_visible = true;
                if self.phase == Phase::Hidden {
                    return self.connect(true);
                }
            }
            Input::Hidden => self.is_visible = false,
            Input::Unseen => {
                self.is_visible = false;
                // Without a network it is known what is waited for; the host is not asked twice for a token.
                if !matches!(self.phase, Phase::Offline | Phase::Renewing) {
                    return self.pause(Phase::Hidden);
                }
            }
            Input::Due | Input::Renewed => {}
        }
        Command::Nothing
    }

    fn refused(&mut self, status: u16, retry_after: Option<u32>, random: f64) -> Command {
        match status {
            204 => self.end(StreamEnd::NothingMore),
            401 => self.renew(),
            404 if self.most_not_found == 0 => self.end(StreamEnd::Refused { status }),
            404 if self.not_found >= self.most_not_found => self.end(StreamEnd::NoJob),
            404 => {
                // Only an unbroken row of them counts as waiting for the job.
                if self.backoff.attempts() != self.not_found {
                    self.backoff.reset();
                    self.not_found = 0;
                }
                self.not_found += 1;
                self.wait(retry_after, random)
            }
            408 | 429 => self.wait(retry_after, random),
            400..=499 => self.end(StreamEnd::Refused { status }),
            _ => self.wait(retry_after, random),
        }
    }

    fn received(&mut self, received: Received) -> Command {
        match received {
            Received::Trouble => return Command::Nothing,
            Received::SessionExpired => return self.renew(),
            Received::Terminal => return self.end(StreamEnd::Finished),
            Received::News => self.is_renewed = false,
            Received::Connected { heartbeat_seconds } => {
                let seconds = heartbeat_seconds.and_then(|seconds| u32::try_from(seconds).ok());
                self.heartbeat_seconds =
                    seconds.unwrap_or(DEFAULT_HEARTBEAT_SECONDS).clamp(1, 3_600);
            }
        }
        self.backoff.reset();
        self.not_found = 0;
        Command::Nothing
    }

    /// `even_hidden`: also for a page that nobody sees.
    fn connect(&mut self, even_hidden: bool) -> Command {
        if !self.is_online {
            self.pause(Phase::Offline)
        } else if self.is_visible || even_hidden {
            self.phase = Phase::Connecting;
            Command::Connect
        } else {
            self.pause(Phase::Hidden)
        }
    }

    fn wait(&mut self, retry_after: Option<u32>, random: f64) -> Command {
        let delay = self.backoff.next_delay(retry_after, random);
        if !self.is_online {
            return self.pause(Phase::Offline);
        }
        self.phase = Phase::Waiting;
        Command::Wait(delay)
    }

    fn renew(&mut self) -> Command {
        if std::mem::replace(&mut self.is_renewed, true) {
            return self.end(StreamEnd::SessionExpired);
        }
        self.phase = Phase::Renewing;
        Command::Renew
    }

    fn pause(&mut self, phase: Phase) -> Command {
        self.phase = phase;
        Command::Pause
    }

    fn end(&mut self, end: StreamEnd) -> Command {
        self.phase = Phase::Ended(end);
        Command::End(end)
    }
}

#[cfg(test)]
mod tests;
