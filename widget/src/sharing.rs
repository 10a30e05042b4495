//! Which connections go on which streams. Without a browser.
//!
//! Browsers allow six HTTP/1.1 connections to an origin, for all of its pages together: the list, and what else the
//! host's page asks for, must still get through.

/// Up to so many connections have a stream each; above that they share.
pub(crate) const MOST_SINGLE: usize = 3;

/// The most streams of one widget, unless its host wants one for each connection.
pub(crate) const MOST_STREAMS: usize = 3;

/// The most connections on one stream, as the service has it.
const MOST_ON_ONE: usize = 50;

/// How connections are followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StreamMode {
    /// Up to three connections with a stream each, more of them on one.
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
    /// false where the service has no such stream.
    pub(crate) fn new(
        mode: StreamMode,
        connections: usize,
        is_sharing: bool,
        can_share: bool,
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
                _ => MOST_STREAMS,
            },
        }
    }

    /// Puts connections on streams, given which are on which now: as many as possible stay where they are. Those in none
    /// of the answers have to wait.
    pub(crate) fn share(self, now: &[Vec<String>], connections: &[String]) -> Vec<Vec<String>> {
        let most_on_one = if self.is_shared { MOST_ON_ONE } else { 1 };
        let most = connections
            .len()
            .div_ceil(most_on_one)
            .min(self.most_streams);
        let mut groups: Vec<Vec<String>> = Vec::new();
        for group in now {
            let mut stay = group.clone();
            stay.retain(|it| connections.contains(it));
            stay.truncate(most_on_one);
            if !stay.is_empty() && groups.len() < most {
                groups.push(stay);
            }
        }
        for connection in connections {
            if groups.iter().any(|group| group.contains(connection)) {
                continue;
            }
            if let Some(group) = groups.iter_mut().find(|group| group.len() < most_on_one) {
                group.push(connection.clone());
            } else if groups.len() < most {
                groups.push(vec![connection.clone()]);
            }
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(range: std::ops::Range<usize>) -> Vec<String> {
        range.map(|id| id.to_string()).collect()
    }

    fn room(mode: StreamMode, connections: usize) -> Room {
        Room::new(mode, connections, false, true)
    }

    fn sizes(groups: &[Vec<String>]) -> Vec<usize> {
        groups.iter().map(Vec::len).collect()
    }

    #[test]
    fn up_to_three_connections_have_a_stream_each() {
        let room = room(StreamMode::Auto, 3);
        assert_eq!(
            room.share(&[], &ids(0..3)),
            [ids(0..1), ids(1..2), ids(2..3)]
        );
    }

    #[test]
    fn more_of_them_share_one() {
        let singles = [ids(0..1), ids(1..2), ids(2..3)];
        let room = room(StreamMode::Auto, 12);
        assert!(room.is_shared);
        assert_eq!(room.share(&singles, &ids(0..12)), [ids(0..12)]);
    }

    #[test]
    fn who_shares_goes_on_sharing_when_few_are_left() {
        assert!(Room::new(StreamMode::Auto, 2, true, true).is_shared);
        assert!(!Room::new(StreamMode::Auto, 2, false, true).is_shared);
    }

    #[test]
    fn a_host_can_force_either() {
        assert!(room(StreamMode::Shared, 1).is_shared);
        let single = room(StreamMode::Single, 12);
        assert_eq!(sizes(&single.share(&[], &ids(0..12))), [1; 12]);
    }

    #[test]
    fn one_stream_takes_fifty_and_three_streams_are_the_most() {
        let room = room(StreamMode::Auto, 170);
        assert_eq!(sizes(&room.share(&[], &ids(0..51))), [50, 1]);
        assert_eq!(sizes(&room.share(&[], &ids(0..170))), [50, 50, 50]);
    }

    #[test]
    fn streams_whose_connections_stay_are_left_as_they_are() {
        let room = room(StreamMode::Auto, 101);
        let now = room.share(&[], &ids(0..100));
        let then = room.share(&now, &ids(0..101));
        assert_eq!(then[..2], now);
        assert_eq!(then[2], ids(100..101));
    }

    #[test]
    fn the_room_of_one_that_has_gone_is_given_to_another() {
        let room = room(StreamMode::Auto, 4);
        let without_first = room.share(&[ids(0..4)], &ids(1..5));
        assert_eq!(without_first, [ids(1..5)]);
    }

    #[test]
    fn without_a_stream_for_several_all_but_three_wait() {
        let room = Room::new(StreamMode::Auto, 12, true, false);
        assert_eq!(
            room.share(&[ids(0..12)], &ids(0..12)),
            [ids(0..1), ids(1..2), ids(2..3)]
        );
    }
}
