//! Bringing the store up to the source.

use std::{collections::BTreeSet, time::Duration};

use connect_publisher::Publisher;

use crate::{Repository, SourceError, Store};

/// How many entities are one step.
const BATCH: usize = 50;

/// Brings the store up to the repository, and counts what it does with each entity: it is new, has changed, has not, or cannot be
/// synced; what is no longer in the repository is deleted. After each step it pauses, for whoever wants to look on.
pub async fn sync(
    repository: &Repository,
    store: &mut Store,
    publisher: &Publisher,
    pause: Duration,
) -> Result<(), SourceError> {
    let entities = repository.entities().await?;
    publisher.expects(entities.len() as u64);
    let mut gone: BTreeSet<String> = store.entities.keys().cloned().collect();
    for batch in entities.chunks(BATCH) {
        for entity in batch {
            publisher.met(entity.entity_type, 1);
            let Some(version) = entity.version.clone() else {
                publisher.skipped(1);
                continue;
            };
            let key = format!("{} {}", entity.entity_type, entity.name);
            gone.remove(&key);
            match store.entities.insert(key, version.clone()) {
                None => publisher.inserted(1),
                Some(known) if known == version => publisher.kept(1),
                Some(_) => publisher.updated(1),
            }
        }
        tokio::time::sleep(pause).await;
    }
    for key in gone {
        store.entities.remove(&key);
        publisher.deleted(1);
    }
    Ok(())
}
