//! JSON objects, and nothing else in their place.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

/// What is read from an object alone: a struct on its own would also be read from an array of its members.
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

#[cfg(test)]
mod tests {
    use protocol::RegisterJob;

    use super::*;

    #[test]
    fn an_array_of_members_is_no_object() {
        let read = |json| serde_json::from_str::<Object<RegisterJob>>(json);
        assert!(read(r#"{"scheduled":true}"#).unwrap().0.scheduled);
        for other in ["[null, null, true]", "[]", "null", "true", "\"\""] {
            assert!(read(other).is_err(), "{other}");
        }
    }
}
