//! Reading counts that workers in any language write.

use core::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// The largest count that is accepted: 2^53 - 1, the largest integer that every JavaScript client reads exactly
/// (ECMA-262, `Number.MAX_SAFE_INTEGER`).
pub const MAX_COUNT: u64 = (1 << 53) - 1;

/// A count of entities: an integer from 0 to [`MAX_COUNT`]. `null` counts as 0, and `42.0` as 42, because workers in
/// languages with one number type write them so.
struct Count(u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountVisitor).map(Self)
    }
}

struct CountVisitor;

impl Visitor<'_> for CountVisitor {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a count between 0 and 2^53 - 1")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<u64, E> {
        if value <= MAX_COUNT {
            Ok(value)
        } else {
            Err(E::custom("a count is larger than 2^53 - 1"))
        }
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<u64, E> {
        let value = u64::try_from(value).map_err(|_| E::custom("a count is negative"))?;
        self.visit_u64(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<u64, E> {
        // The bounds make the cast exact; whoever is outside of them or fractional is refused.
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss
        )]
        let whole = if (0.0..=MAX_COUNT as f64).contains(&value) {
            value as u64
        } else {
            return Err(E::custom("a count is negative or larger than 2^53 - 1"));
        };
        #[allow(clippy::cast_precision_loss, clippy::float_cmp)]
        if whole as f64 == value {
            Ok(whole)
        } else {
            Err(E::custom("a count is not a whole number"))
        }
    }

    fn visit_unit<E: Error>(self) -> Result<u64, E> {
        Ok(0)
    }
}

/// For `#[serde(deserialize_with)]`: a count, 0 when `null`.
pub(crate) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Count::deserialize(deserializer).map(|count| count.0)
}

/// For `#[serde(deserialize_with)]`: a count that may be unknown, which `null` says.
pub(crate) fn optional_count<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u64>, D::Error> {
    Option::<Count>::deserialize(deserializer).map(|count| count.map(|count| count.0))
}

/// A map value: see [`Count`].
pub(crate) fn from_map<'de, A: serde::de::MapAccess<'de>>(map: &mut A) -> Result<u64, A::Error> {
    map.next_value::<Count>().map(|count| count.0)
}
