//! Numbers of entities by type.

use alloc::{string::String, vec::Vec};
use core::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
};

use crate::count;

/// How many entities of each type a sync has met, such as 45 of type `Message`.
///
/// On the wire a JSON object. The order is the worker's own, so that a breakdown does not jump about from one message
/// to the next; a type that is named twice has its last count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = alloc::collections::BTreeMap<String, u64>))]
pub struct EntityCounts(Vec<(String, u64)>);

impl EntityCounts {
    /// Sets the count of one entity type.
    pub fn set(&mut self, entity_type: impl Into<String>, count: u64) {
        let entity_type = entity_type.into();
        match self.0.iter_mut().find(|(name, _)| *name == entity_type) {
            Some((_, known)) => *known = count,
            None => self.0.push((entity_type, count)),
        }
    }

    /// The entity types with their counts, in the worker's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, count)| (name.as_str(), *count))
    }

    /// Whether no entity type has been named yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<S: Into<String>> FromIterator<(S, u64)> for EntityCounts {
    fn from_iter<I: IntoIterator<Item = (S, u64)>>(counts: I) -> Self {
        let mut all = Self::default();
        for (entity_type, count) in counts {
            all.set(entity_type, count);
        }
        all
    }
}

impl Serialize for EntityCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for EntityCounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntityCountsVisitor)
    }
}

struct EntityCountsVisitor;

impl<'de> Visitor<'de> for EntityCountsVisitor {
    type Value = EntityCounts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of counts by entity type")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<EntityCounts, A::Error> {
        let mut counts = EntityCounts::default();
        while let Some(entity_type) = map.next_key::<String>()? {
            counts.set(entity_type, count::from_map(&mut map)?);
        }
        Ok(counts)
    }

    /// `null` says that nothing was met yet.
    fn visit_unit<E>(self) -> Result<EntityCounts, E> {
        Ok(EntityCounts::default())
    }
}
