//! The worker: takes syncs from the task queue `connect-sync`.

use std::{env, error::Error};

use connect_publisher::{Destination, Service};
use temporal_worker::{SyncActivities, SyncWorkflow};
use temporalio_client::{
    Client, ClientOptions, Connection, envconfig::LoadClientConfigProfileOptions,
};
use temporalio_sdk::{Runtime, Worker, WorkerOptions};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("CONNECT_URL").unwrap_or_else(|_| "http://127.0.0.1:8080".into());
    let api_key = env::var("CONNECT_API_KEY").map_err(|_| "set CONNECT_API_KEY")?;
    let activities = SyncActivities {
        service: Service::new(&url, &api_key)?,
        destination: Destination::http(&url, &api_key)?,
    };

    // TEMPORAL_ADDRESS and its like say where Temporal is.
    let (connection, client) =
        ClientOptions::load_from_config(LoadClientConfigProfileOptions::default())?;
    let client = Client::new(Connection::connect(connection).await?, client)?;
    let options = WorkerOptions::new("connect-sync")
        .register_workflow::<SyncWorkflow>()?
        .register_activities(activities)
        .build();
    let runtime = Runtime::from_current_tokio(Default::default())?;
    Worker::new(&runtime, client, options)?.run().await?;
    Ok(())
}
