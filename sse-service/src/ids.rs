//! Ids of connections and jobs: UUIDs, checked where they enter the service.

use std::{fmt, str::FromStr};

use uuid::Uuid;

/// The text was no UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct NotAnId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// A new random id.
            pub fn random() -> Self {
                Self(Uuid::new_v4())
            }

            /// The same as its [`Display`](fmt::Display), where it is wanted often.
            pub fn text(self, buffer: &mut [u8; 36]) -> &str {
                self.0.as_hyphenated().encode_lower(buffer)
            }
        }

        /// The canonical form, lower case with hyphens: the one that is part of channel names and keys.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Uuid::try_parse(text).map(Self).map_err(|_| NotAnId)
            }
        }
    };
}

id!(
    /// A source connection.
    ConnectionId
);
id!(
    /// A sync job, and with it the channel on which its progress is published.
    JobId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_uuid_is_the_same_id() {
        let id: JobId = "6F9619FF-8B86-D011-B42D-00CF4FC964FF".parse().unwrap();
        assert_eq!(id.to_string(), "6f9619ff-8b86-d011-b42d-00cf4fc964ff");
        assert_eq!("6f9619ff8b86d011b42d00cf4fc964ff".parse(), Ok(id));
    }

    #[test]
    fn what_is_no_uuid_is_no_id() {
        for text in [
            "",
            "1",
            "latest",
            "../../etc/passwd",
            "6f9619ff-8b86-d011-b42d-00cf4fc964f",
        ] {
            assert_eq!(text.parse::<ConnectionId>(), Err(NotAnId), "{text}");
        }
    }
}
