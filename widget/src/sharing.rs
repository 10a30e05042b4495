//! Which connections go on which streams. Without a browser.
//!
//! Browsers allow six HTTP/1.1 connections to an origin, for all of its pages together: the list, and what else the
//! host's page asks for, must still get through. HTTP/2 and 3 carry all streams on one connection.

/// Up to so many connections have a stream each; above that they share.
pub(crate) const MOST_SINGLE: usize = 3;

/// The most streams of one widget, unless its host wants one for each connection.
pub(crate) const MOST_STREAMS: usize = 3;

/// The same where all of them are on one connection: a fifth of the streams that servers commonly allow on it (RFC 9113,
/// section 6.5.2).
const MOST_MULTIPLEXED: usize = 20;

/// The most connections on one stream, as the service has it.
const MOST_ON_ONE: usize = 50;

/// How connections are followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StreamMode {
    /// Up to three connections with a stream each, more of them on one; with more than fifty on several.
    #[default]
    Auto,
    /// Each with a stream of its own, however many there are.
    Single,
    /// All on one stream.
    Shared,
}

impl StreamMode {
    /// Reads `single` or `shared`; anything else is [`Auto`](Self::Auto).
    pub fn from_word(word: &str) -> Self {
        match word {
            "single" => Self::Single,
            "shared" => Self::Shared,
            _ => Self::Auto,
        }
    }
}

/// How many connections a stream takes, and how many streams there are at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// Whether the streams are ones that can follow several connections.
    pub(crate) is_shared: bool,
    pub(crate) most_streams: usize,
}

impl Room {
    /// For so many connections. Once they share, they do until none is left: fewer streams are opened so. `can_share` is
    /// false where the service has no such stream, `is_multiplexed` true where it speaks HTTP/2 or 3.
    pub(crate) fn new(
        mode: StreamMode,
        connections: usize,
        is_sharing: bool,
        can_share: bool,
        is_multiplexed: bool,
    ) -> Self {
        let wants_to_share = match mode {
            StreamMode::Auto => connections > MOST_SINGLE || is_sharing,
            StreamMode::Single => false,
            StreamMode::Shared => true,
        };
        Self {
            is_shared: wants_to_share && can_share,
            most_streams: match mode {
                StreamMode::Single => usize::MAX,
                _ if is_multiplexed => MOST_MULTIPLEXED,
                _ => MOST_STREAMS,
            },
        }
    }

    /// Puts connections on streams, the oldest first. Those beyond have to wait.
    pub(crate) fn share(self, connections: &[String]) -> impl Iterator<Item = &[String]> {
        let most_on_one = if self.is_shared { MOST_ON_ONE } else { 1 };
        connections.chunks(most_on_one).take(self.most_streams)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(range: std::ops::Range<usize>) -> Vec<String> {
        range.map(|id| id.to_string()).collect()
    }

    fn room(mode: StreamMode, connections: usize) -> Room {
        Room::new(mode, connections, false, true, false)
    }

    fn sizes(room: Room, connections: usize) -> Vec<usize> {
        room.share(&ids(0..connections))
            .map(<[String]>::len)
            .collect()
    }

    #[test]
    fn up_to_three_connections_have_a_stream_each() {
        assert_eq!(sizes(room(StreamMode::Auto, 3), 3), [1, 1, 1]);
    }

    #[test]
    fn more_of_them_share_one() {
        assert_eq!(sizes(room(StreamMode::Auto, 4), 4), [4]);
        assert_eq!(sizes(room(StreamMode::Auto, 12), 12), [12]);
    }

    #[test]
    fn who_shares_goes_on_sharing_when_few_are_left() {
        assert!(Room::new(StreamMode::Auto, 2, true, true, false).is_shared);
        assert!(!Room::new(StreamMode::Auto, 2, false, true, false).is_shared);
    }

    #[test]
    fn a_host_can_force_either() {
        assert!(room(StreamMode::Shared, 1).is_shared);
        assert_eq!(sizes(room(StreamMode::Single, 12), 12), [1; 12]);
    }

    #[test]
    fn one_stream_takes_fifty_and_three_streams_are_the_most() {
        assert_eq!(sizes(room(StreamMode::Auto, 51), 51), [50, 1]);
        assert_eq!(sizes(room(StreamMode::Auto, 170), 170), [50, 50, 50]);
    }

    #[test]
    fn where_streams_are_multiplexed_there_may_be_twenty() {
        let room = Room::new(StreamMode::Auto, 500, false, true, true);
        assert_eq!(sizes(room, 500), [50; 10]);
        assert_eq!(sizes(room, 1_700), [50; 20]);
    }

    #[test]
    fn a_new_connection_leaves_all_streams_but_the_last_as_they_are() {
        let room = room(StreamMode::Auto, 101);
        let (before, after) = (ids(0..99), ids(0..100));
        assert_eq!(room.share(&before).next(), room.share(&after).next());
        assert_eq!(room.share(&after).last(), Some(&*ids(50..100)));
    }

    #[test]
    fn without_a_stream_for_several_all_but_three_wait() {
        let room = Room::new(StreamMode::Auto, 12, true, false, false);
        assert_eq!(sizes(room, 12), [1, 1, 1]);
    }
}
