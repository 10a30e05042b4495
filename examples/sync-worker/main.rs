//! Syncs a git repository once: `sync-worker REPOSITORY STATE-FILE [COLLECTION]`.

use std::{env, error::Error, path::PathBuf, time::Duration};

use connect_publisher::{Destination, Publisher, Service};
use protocol::{RegisterConnection, RegisterJob};
use sync_worker::{Repository, Store, sync};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(repository), Some(state)) = (arguments.next(), arguments.next()) else {
        return Err("usage: sync-worker REPOSITORY STATE-FILE [COLLECTION]".into());
    };
    let (repository, state) = (Repository::new(repository), PathBuf::from(state));
    let collection = arguments.next().unwrap_or_else(|| "acme".into());
    let url = env::var("CONNECT_URL").unwrap_or_else(|_| "http://127.0.0.1:8080".into());
    let api_key = env::var("CONNECT_API_KEY").map_err(|_| "set CONNECT_API_KEY")?;

    let mut store = Store::load(&state)?;
    let service = Service::new(&url, &api_key)?;
    let registered = RegisterConnection {
        name: Some(repository.name()),
        short_name: Some("git".into()),
        readable_collection_id: Some(collection),
        ..RegisterConnection::default()
    };
    let connection = store.connection;
    service.register_connection(connection, &registered).await?;
    let job = service
        .register_job(connection, &RegisterJob::default())
        .await?;
    println!("connection {connection}, job {job}");

    let destination = match env::var("CONNECT_REDIS_URL") {
        Ok(redis) => Destination::redis(&redis)?,
        Err(_) => Destination::http(&url, &api_key)?,
    };
    let publisher = Publisher::start(&destination, job);
    if let Err(error) = sync(&repository, &mut store, &publisher, Duration::ZERO).await {
        publisher.fail("The repository cannot be read.").await?;
        return Err(error.into());
    }
    // An error drops the publisher: what is not kept is not told as synced.
    store.save(&state)?;
    publisher.complete().await?;
    Ok(())
}
