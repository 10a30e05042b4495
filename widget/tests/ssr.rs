//! The components as a server renders them.

use std::rc::Rc;

use protocol::{Progress, SourceConnection};
use widget::{
    ConnectWidget, ConnectWidgetProps, ConnectionItem, ConnectionItemProps, Numbers,
    SyncProgressIndicator, SyncProgressIndicatorProps, SyncSubscription, Theme, ThemeMode,
};
use yew::{LocalServerRenderer, prelude::*};

/// A component with the properties that a page gives it.
async fn html<C: BaseComponent>(props: C::Properties) -> String {
    let renderer = LocalServerRenderer::<C>::with_props(props);
    renderer.hydratable(false).render().await
}

fn has(html: &str, texts: &[&str]) {
    for text in texts {
        assert!(html.contains(text), "{text} is not in {html}");
    }
}

fn sync() -> Rc<SyncSubscription> {
    Rc::new(SyncSubscription {
        last_update: Some(Progress {
            inserted: 30,
            total: Some(120),
            ..Progress::default()
        }),
        ..SyncSubscription::new("chat")
    })
}

#[tokio::test(flavor = "current_thread")]
async fn the_widget_is_a_list_that_is_being_loaded() {
    let html = html::<ConnectWidget>(yew::props!(ConnectWidgetProps {
        api_url: "https://sync.example.com",
        session_token: AttrValue::from("a.token"),
        theme: Theme::new(ThemeMode::Dark),
    }))
    .await;
    has(
        &html,
        &[
            "<section",
            r#"data-state="loading""#,
            r#"data-theme="dark""#,
        ],
    );
    has(
        &html,
        &["Connections", "Loading connections", "connect-skeleton"],
    );
    assert!(!html.contains("a.token"));
}

#[tokio::test(flavor = "current_thread")]
async fn a_row_shows_its_connection_and_no_markup_of_others() {
    let connection = SourceConnection {
        id: "chat".into(),
        name: "Chat <b>&amp; more".into(),
        short_name: "slack".into(),
        entity_count: 42,
        ..SourceConnection::default()
    };
    let html = html::<ConnectionItem>(yew::props!(ConnectionItemProps {
        connection: Rc::new(connection),
        numbers: Numbers::new("en"),
    }))
    .await;
    has(
        &html,
        &["<li", r#"data-state="idle""#, "42 entities", "Connected"],
    );
    assert!(!html.contains("<b>"), "{html}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_sync_shows_how_far_it_is() {
    let html = html::<SyncProgressIndicator>(yew::props!(SyncProgressIndicatorProps {
        subscription: sync(),
        name: "Team chat",
        numbers: Numbers::new("en"),
    }))
    .await;
    has(
        &html,
        &[
            r#"role="progressbar""#,
            r#"aria-valuenow="30""#,
            r#"aria-valuemax="120""#,
        ],
    );
    has(&html, &["30 of 120 synced", "Sync progress of Team chat"]);
}
