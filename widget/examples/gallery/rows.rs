//! A connection's row.

use std::rc::Rc;

use js_sys::Date;
use protocol::{ConnectionStatus, EntityCounts, JobStatus, Progress, SourceConnection};
use widget::{ConnectionItem, StreamState, SyncStatus, SyncSubscription};
use yew::prelude::*;

use crate::{Look, Specimen};

/// A name that no row has room for.
const LONG_NAME: &str =
    "Mail archive of the whole support department, with everything that came in before 2019";

pub(crate) fn specimens() -> Vec<Specimen> {
    let mut specimens = idle();
    specimens.extend(syncing());
    specimens.extend(ended());
    specimens.extend(sizes());
    specimens
}

fn idle() -> Vec<Specimen> {
    let of = |name, status, entity_count, minutes: Option<f64>| {
        row(
            name,
            SourceConnection {
                status,
                entity_count,
                last_synced_at: minutes.map(ago),
                ..team_chat()
            },
            None,
        )
    };
    vec![
        of("idle", ConnectionStatus::Active, 12_840, Some(5.0)),
        of("inactive", ConnectionStatus::Inactive, 311, Some(60_000.0)),
        of("pending-auth", ConnectionStatus::PendingAuth, 0, None),
        failed("error", "Access was revoked: connect the workspace again."),
    ]
}

fn syncing() -> Vec<Specimen> {
    let streamed = |name, stream| {
        let subscription = SyncSubscription {
            stream,
            ..sync(4_182, None)
        };
        row(name, team_chat(), Some(subscription))
    };
    let cancelling = Progress {
        status: Some(JobStatus::Cancelling),
        ..progress(4_182, None)
    };
    vec![
        row("waiting", team_chat(), Some(SyncSubscription::new("chat"))),
        row("indeterminate", team_chat(), Some(sync(4_182, None))),
        row("determinate", team_chat(), Some(sync(880, Some(1_500)))),
        row(
            "quiet",
            team_chat(),
            Some(SyncSubscription {
                silent_seconds: Some(40),
                ..sync(880, Some(1_500))
            }),
        ),
        streamed("reconnecting", StreamState::Reconnecting { attempt: 2 }),
        streamed("offline", StreamState::Offline),
        row(
            "cancelling",
            team_chat(),
            Some(SyncSubscription {
                last_update: Some(cancelling),
                ..sync(4_182, None)
            }),
        ),
    ]
}

fn ended() -> Vec<Specimen> {
    let of = |name, status, error: Option<&str>| {
        let update = Progress {
            error: error.map(String::from),
            ..progress(4_182, None)
        };
        let subscription = SyncSubscription {
            status,
            last_update: Some(update),
            ..sync(4_182, None)
        };
        row(name, team_chat(), Some(subscription))
    };
    vec![
        of("completed", SyncStatus::Completed, None),
        of(
            "failed",
            SyncStatus::Failed,
            Some("The source answered 500 to each of the last 20 requests."),
        ),
        of("failed-silently", SyncStatus::Failed, None),
        of("cancelled", SyncStatus::Cancelled, None),
    ]
}

/// The longest texts, and the narrowest and widest hosts.
fn sizes() -> Vec<Specimen> {
    let long = || SourceConnection {
        name: LONG_NAME.into(),
        ..team_chat()
    };
    let large = || Some(sync(123_456_789, Some(1_234_567_890)));
    vec![
        row("long-name", long(), large()),
        wide("narrow", 240, long(), large()),
        wide(
            "narrow-idle",
            240,
            SourceConnection {
                status: ConnectionStatus::Active,
                last_synced_at: Some(ago(5.0)),
                ..long()
            },
            None,
        ),
        wide("wide", 640, team_chat(), large()),
    ]
}

fn row(
    name: &'static str,
    connection: SourceConnection,
    subscription: Option<SyncSubscription>,
) -> Specimen {
    wide(name, 320, connection, subscription)
}

fn wide(
    name: &'static str,
    width: u32,
    connection: SourceConnection,
    subscription: Option<SyncSubscription>,
) -> Specimen {
    let (connection, subscription) = (Rc::new(connection), subscription.map(Rc::new));
    Specimen::new(name, width, move |look| {
        framed(
            look,
            html! {
                <ConnectionItem
                    connection={connection.clone()}
                    subscription={subscription.clone()}
                    labels={look.labels.clone()}
                    numbers={look.numbers.clone()}
                />
            },
        )
    })
}

fn failed(name: &'static str, message: &'static str) -> Specimen {
    let connection = SourceConnection {
        status: ConnectionStatus::Error,
        last_synced_at: Some(ago(185.0)),
        ..team_chat()
    };
    let connection = Rc::new(connection);
    Specimen::new(name, 320, move |look| {
        framed(
            look,
            html! {
                <ConnectionItem
                    connection={connection.clone()}
                    failure={AttrValue::Static(message)}
                    labels={look.labels.clone()}
                    numbers={look.numbers.clone()}
                />
            },
        )
    })
}

/// A list of one row, as the widget frames it.
fn framed(look: &Look, row: Html) -> Html {
    html! {
        <div class="single connect-theme connect-widget" data-theme={look.theme.as_str()}>
            <ul role="list">{ row }</ul>
        </div>
    }
}

/// So many minutes ago, and a little more.
fn ago(minutes: f64) -> String {
    let time = Date::new(&(Date::now() - minutes * 60_000.0 - 10_000.0).into());
    time.to_iso_string().into()
}

fn team_chat() -> SourceConnection {
    SourceConnection {
        id: "chat".into(),
        name: "Team chat".into(),
        short_name: "slack".into(),
        status: ConnectionStatus::Syncing,
        entity_count: 4_000,
        ..SourceConnection::default()
    }
}

fn progress(inserted: u64, total: Option<u64>) -> Progress {
    let mut entities_encountered = EntityCounts::default();
    entities_encountered.set("Message", inserted);
    entities_encountered.set("Channel", 12);
    Progress {
        inserted,
        updated: 73,
        kept: 12,
        entities_encountered,
        total,
        ..Progress::default()
    }
}

/// A sync that has gone on for ten seconds.
fn sync(inserted: u64, total: Option<u64>) -> SyncSubscription {
    SyncSubscription {
        job_id: Some("job".into()),
        last_update: Some(progress(inserted, total)),
        first_update: Some((0.0, inserted / 2)),
        last_message_time: Some(10_000.0),
        stream: StreamState::Live,
        ..SyncSubscription::new("chat")
    }
}
