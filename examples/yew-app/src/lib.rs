//! A Yew app with the widget's components: the list as a whole, and one connection's sync by the hook.

use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;
use widget::{
    ApiClient, ConnectWidget, Numbers, Session, Styles, SyncProgressIndicator,
    UseSyncProgressOptions, WidgetEvent, use_sync_progress,
};
use yew::prelude::*;

/// Where the app finds the service, and as whom.
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct AppProps {
    /// The service's address.
    pub api_url: AttrValue,
    /// The session token that this app's own server has asked the service for.
    pub session_token: AttrValue,
    /// A connection whose sync is shown by itself.
    pub connection_id: AttrValue,
}

/// The list of all connections, and what was heard last; below it one connection's sync alone.
#[component]
fn App(props: &AppProps) -> Html {
    let news = use_state(AttrValue::default);
    let on_event = {
        let news = news.clone();
        Callback::from(move |event| {
            if let WidgetEvent::Complete(sync) = event {
                news.set(format!("{} is up to date.", sync.connection_id).into());
            }
        })
    };
    html! {
        <>
            <Styles />
            <ConnectWidget
                api_url={&props.api_url}
                session_token={Some(props.session_token.clone())}
                {on_event}
            />
            <p role="status">{ &*news }</p>
            <Single ..props.clone() />
        </>
    }
}

/// One connection's sync, while there is one.
#[component]
fn Single(props: &AppProps) -> Html {
    let client = use_memo(
        (props.api_url.clone(), props.session_token.clone()),
        |(url, token)| ApiClient::new(url, Session::new(Some(token), None)),
    );
    let numbers = use_memo((), |()| Numbers::new("en"));
    let syncs = use_sync_progress(UseSyncProgressOptions::new((*client).clone()));
    {
        let syncs = syncs.clone();
        use_effect_with((client, props.connection_id.clone()), move |(_, id)| {
            syncs.subscribe(id);
        });
    }
    let subscription: Option<Rc<_>> = syncs.subscription(&props.connection_id).cloned();
    match subscription {
        Some(subscription) => html! {
            <div class="connect-theme connect-widget">
                <SyncProgressIndicator name="Team chat" {subscription} numbers={(*numbers).clone()} />
            </div>
        },
        None => html! { <p>{ "Nothing is synced." }</p> },
    }
}

/// Shows the app in the page.
#[wasm_bindgen]
pub fn start(api_url: String, session_token: String, connection_id: String) {
    let props = AppProps {
        api_url: api_url.into(),
        session_token: session_token.into(),
        connection_id: connection_id.into(),
    };
    yew::Renderer::<App>::with_props(props).render();
}
