//! Syncs a folder, and publishes how far it is: every file is an entity, its type is the file's extension.

use std::{
    env,
    error::Error,
    fs, io,
    path::{Path, PathBuf},
};

use connect_publisher::{Destination, Publisher, Service};
use protocol::{RegisterConnection, RegisterJob};
use uuid::Uuid;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(
        env::args()
            .nth(1)
            .ok_or("usage: publisher FOLDER [COLLECTION]")?,
    );
    let collection = env::args().nth(2).unwrap_or_else(|| "acme".into());
    let url = env::var("CONNECT_URL").unwrap_or_else(|_| "http://127.0.0.1:8080".into());
    let api_key = env::var("CONNECT_API_KEY").map_err(|_| "set CONNECT_API_KEY")?;

    let service = Service::new(&url, &api_key)?;
    let connection = Uuid::new_v4();
    let registered = RegisterConnection {
        name: Some(format!("Folder {}", folder.display())),
        short_name: Some("folder".into()),
        readable_collection_id: Some(collection),
        ..RegisterConnection::default()
    };
    service.register_connection(connection, &registered).await?;
    let job = service
        .register_job(connection, &RegisterJob::default())
        .await?;
    println!("connection {connection}, job {job}");

    // Straight to the Redis that the service listens to, where it can be reached; else through the service.
    let destination = match env::var("CONNECT_REDIS_URL") {
        Ok(redis) => Destination::redis(&redis)?,
        Err(_) => Destination::http(&url, &api_key)?,
    };
    let publisher = Publisher::start(&destination, job);
    match sync(&publisher, &folder) {
        Ok(()) => publisher.complete().await?,
        Err(error) => {
            publisher.fail(error.to_string()).await?;
            return Err(error.into());
        }
    }
    Ok(())
}

fn sync(publisher: &Publisher, folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sync(publisher, &path)?;
            continue;
        }
        let extension = path.extension().and_then(|extension| extension.to_str());
        publisher.met(extension.unwrap_or("file"), 1);
        publisher.inserted(1);
    }
    Ok(())
}
