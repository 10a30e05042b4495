//! A git repository of this machine, synced for the demo in place of the simulated sources.

use std::time::Duration;

use protocol::RegisterConnection;
use sync_worker::{Repository, Store, sync};
use tokio::time::sleep;
use tracing::warn;

use super::{
    COLLECTION,
    host::{DemoError, Host},
};

/// Between two syncs.
const PAUSE: Duration = Duration::from_secs(15);

/// After each step, so that there is something to see: git is done with most repositories in no time.
const STEP: Duration = Duration::from_millis(150);

/// Syncs the repository again and again. What is synced is forgotten with the process.
pub(super) async fn run(host: Host, repository: Repository) {
    let mut store = Store::default();
    let connection = RegisterConnection {
        name: Some(repository.name()),
        short_name: Some("git".into()),
        readable_collection_id: Some(COLLECTION.into()),
        ..RegisterConnection::default()
    };
    host.register(store.connection, &connection).await;
    loop {
        if let Err(error) = sync_once(&host, &repository, &mut store).await {
            warn!(%error, "a demo sync was given up");
        }
        sleep(PAUSE).await;
    }
}

async fn sync_once(
    host: &Host,
    repository: &Repository,
    store: &mut Store,
) -> Result<(), DemoError> {
    let publisher = host.start_job(store.connection).await?;
    match sync(repository, store, &publisher, STEP).await {
        Ok(()) => publisher.complete().await?,
        Err(error) => {
            warn!(%error, "the demo's repository cannot be read");
            publisher.fail("The repository cannot be read.").await?;
        }
    }
    Ok(())
}
