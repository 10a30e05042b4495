//! Wall-clock time as the wire writes it.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// Now, RFC 3339 in UTC with milliseconds.
pub fn now() -> String {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond())
        .unwrap_or(now)
        .to_string()
}

/// Now, in seconds since 1970.
pub fn unix_now() -> i64 {
    Timestamp::now().as_second()
}

/// Now, in microseconds since 1970.
pub fn unix_micros() -> i64 {
    Timestamp::now().as_microsecond()
}

/// A time in seconds since 1970 as RFC 3339 in UTC. What lies outside of the calendar is told as its last second.
pub fn rfc3339(unix_seconds: i64) -> String {
    Timestamp::from_second(unix_seconds)
        .unwrap_or(Timestamp::MAX)
        .to_string()
}

/// Reads a time as workers write it: ISO 8601 with an offset, or without one for UTC. In microseconds since 1970.
pub fn parse_micros(text: &str) -> Option<i64> {
    let timestamp = text.parse::<Timestamp>().ok().or_else(|| {
        let naive = text.parse::<DateTime>().ok()?;
        TimeZone::UTC.to_timestamp(naive).ok()
    })?;
    Some(timestamp.as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_every_python_spelling_are_read() {
        let expected = Some(1_767_323_045_000_000);
        for text in [
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05+00:00",
            "2026-01-02T05:04:05+02:00",
            "2026-01-02T03:04:05",
            "2026-01-02 03:04:05",
        ] {
            assert_eq!(parse_micros(text), expected, "{text}");
        }
        assert_eq!(
            parse_micros("2026-01-02T03:04:05.123456+00:00"),
            Some(1_767_323_045_123_456)
        );
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        for text in ["", "yesterday", "2026-13-01T00:00:00Z", "1767323045"] {
            assert_eq!(parse_micros(text), None, "{text}");
        }
    }

    #[test]
    fn now_has_milliseconds_and_ends_in_z() {
        let now = now();
        assert!(now.ends_with('Z'), "{now}");
        assert!(now.len() <= "2026-01-02T03:04:05.123Z".len(), "{now}");
    }

    #[test]
    fn a_time_beyond_the_calendar_is_its_end() {
        assert!(rfc3339(i64::MAX).starts_with("9999-12-"));
    }
}
