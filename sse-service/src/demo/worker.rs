//! Simulated sync workers: they publish progress over HTTP, as real ones may.

use std::time::Duration;

use connect_publisher::Publisher;
use protocol::{ConnectionStatus, EntityCounts, Progress, RegisterConnection};
use rand::RngExt;
use tokio::time::sleep;
use tracing::warn;
use uuid::Uuid;

use super::{
    COLLECTION,
    catalog::{Course, SCENARIOS, Scenario},
    host::{DemoError, Host},
};

/// One step of a worker.
const TICK: Duration = Duration::from_millis(400);

/// How long the silent worker says nothing.
const SILENCE: Duration = Duration::from_secs(50);

/// Registers the demo's connections in order, then lets each be synced again and again.
pub(super) async fn run(host: Host) {
    for scenario in &SCENARIOS {
        let id = Uuid::new_v4();
        host.register(id, &connection(scenario)).await;
        if scenario.course != Course::Idle {
            tokio::spawn(sync_again_and_again(host.clone(), id, scenario));
        }
    }
}

fn connection(scenario: &Scenario) -> RegisterConnection {
    RegisterConnection {
        name: Some(scenario.name.into()),
        short_name: Some(scenario.short_name.into()),
        readable_collection_id: Some(COLLECTION.into()),
        status: Some(ConnectionStatus::Active),
        entity_count: Some(scenario.size / 3),
        auth_method: Some("oauth_browser".into()),
        ..RegisterConnection::default()
    }
}

async fn sync_again_and_again(host: Host, connection: Uuid, scenario: &'static Scenario) {
    sleep(scenario.first_after).await;
    loop {
        let result = match host.start_job(connection).await {
            Ok(publisher) => sync(publisher, scenario).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = result {
            warn!(%error, "a demo sync was given up");
        }
        sleep(scenario.pause).await;
    }
}

async fn sync(publisher: Publisher, scenario: &Scenario) -> Result<(), DemoError> {
    if scenario.course == Course::Counted {
        publisher.expects(scenario.size);
    }
    let mut was_silent = false;
    let mut met = 0;
    while met < scenario.size {
        sleep(TICK).await;
        publisher.update(|progress| {
            advance(progress, scenario);
            met = progress.synced();
        });
        let share = met * 100 / scenario.size;
        if scenario.course == Course::Fails && share > 66 {
            let reason =
                "The source answered 403: this account may no longer read the folder “Finance”.";
            return Ok(publisher.fail(reason).await?);
        }
        if scenario.course == Course::Silent && share > 40 && !was_silent {
            was_silent = true;
            sleep(SILENCE).await;
        }
    }
    Ok(publisher.complete().await?)
}

/// One tick of work: most entities are new, some are known, a few are gone or of no use.
fn advance(progress: &mut Progress, scenario: &Scenario) {
    let mut rng = rand::rng();
    let ticks = u64::try_from(TICK.as_millis()).unwrap_or(1);
    let batch = scenario.pace * ticks * rng.random_range(40..=160) / 100 / 1000;
    let batch = batch.clamp(1, scenario.size - progress.synced());
    let part = |percent: u64| batch * percent / 100;
    let (updated, kept, skipped) = (part(9), part(22), part(3));
    progress.updated += updated;
    progress.kept += kept;
    progress.skipped += skipped;
    progress.inserted += batch - updated - kept - skipped;
    progress.deleted += u64::from(rng.random_bool(0.1));
    progress.entities_encountered = by_type(progress.synced(), scenario);
}

fn by_type(met: u64, scenario: &Scenario) -> EntityCounts {
    let share = |&(name, percent): &(&'static str, u32)| (name, met * u64::from(percent) / 100);
    scenario
        .entity_types
        .iter()
        .map(share)
        .filter(|(_, count)| *count > 0)
        .collect()
}
