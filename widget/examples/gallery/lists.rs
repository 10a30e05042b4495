//! The widget as a whole.

use widget::{Action, Actions, ConnectWidget, Theme, TokenSource};
use yew::prelude::*;

use crate::Specimen;

/// A state of the list is the address at which `page.js` answers so.
pub(crate) fn specimens() -> Vec<Specimen> {
    let mut specimens: Vec<Specimen> = [
        "loading",
        "empty",
        "load-error",
        "expired",
        "forbidden",
        "list",
    ]
    .into_iter()
    .map(|name| list(name, name, 320))
    .collect();
    specimens.push(list("list-narrow", "list", 240));
    specimens.push(list("list-wide", "list", 640));
    specimens.push(list("menu", "actions", 320));
    specimens.push(list("menu-question", "actions", 320));
    specimens.push(list("menu-narrow", "actions", 240));
    specimens.push(Specimen::new("renewable", 320, |look| {
        let source = TokenSource::new(|| async { Err("there is none".into()) });
        html! {
            <ConnectWidget
                api_url="/expired"
                session_token="expired"
                get_session_token={source}
                theme={Theme::new(look.theme)}
                labels={look.labels.clone()}
                lang={look.lang}
                closable=true
            />
        }
    }));
    specimens
}

fn list(name: &'static str, state: &'static str, width: u32) -> Specimen {
    let actions = match state {
        "actions" => Actions::default()
            .with(Action::Sync)
            .with(Action::Reconnect)
            .with(Action::Delete),
        _ => Actions::default(),
    };
    Specimen::new(name, width, move |look| {
        html! {
            <ConnectWidget
                {actions}
                api_url={["/", state].concat()}
                session_token="token"
                theme={Theme::new(look.theme)}
                labels={look.labels.clone()}
                lang={look.lang}
            />
        }
    })
}
