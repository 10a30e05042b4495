//! Every component in every state, in both themes and both directions. `just gallery` shows it.
//!
//! - `rows` – connections and their syncs, by the types that the components take
//! - `lists` – the widget as a whole, whose service `page.js` stands in for

mod lists;
mod rows;

use std::rc::Rc;

use js_sys::{JsString, Reflect, global};
use wasm_bindgen::JsValue;
use widget::{Label, Labels, Numbers, Styles, ThemeMode};
use yew::prelude::*;

/// How one column of the gallery looks.
#[derive(Clone, PartialEq)]
struct Look {
    theme: ThemeMode,
    dir: &'static str,
    lang: &'static str,
    labels: Rc<Labels>,
    numbers: Numbers,
}

impl Look {
    fn new(theme: ThemeMode, lang: &'static str) -> Self {
        let dir = if lang == "ar" { "rtl" } else { "ltr" };
        Self {
            theme,
            dir,
            lang,
            labels: Rc::new(labels(lang)),
            numbers: Numbers::new(lang),
        }
    }
}

/// The texts of the npm package, which `page.js` has loaded.
fn labels(lang: &str) -> Labels {
    let mut labels = Labels::default();
    let texts = Reflect::get(&global(), &"texts".into());
    let texts = texts.and_then(|texts| Reflect::get(&texts, &lang.into()));
    let Some(texts) = texts.ok().filter(JsValue::is_object) else {
        return labels;
    };
    let member = |of: &JsValue, key: &str| Reflect::get(of, &JsString::from(key)).ok();
    let text = |of: &JsValue, key: &str| {
        let forms = Some(of).filter(|it| it.is_object())?;
        member(forms, key)?.as_string()
    };
    for (label, key) in Label::all() {
        let forms = member(&texts, key).unwrap_or_default();
        if let Some(text) = forms.as_string().or_else(|| text(&forms, "other")) {
            labels = labels.with(label, text);
        }
        for category in Labels::PLURALS {
            if let Some(text) = text(&forms, category) {
                labels = labels.with_plural(label, category, text);
            }
        }
    }
    labels
}

/// One state of one component, under the name that its picture has.
struct Specimen {
    name: &'static str,
    /// In pixels.
    width: u32,
    show: Box<dyn Fn(&Look) -> Html>,
}

impl Specimen {
    fn new(name: &'static str, width: u32, show: impl Fn(&Look) -> Html + 'static) -> Self {
        let show = Box::new(show);
        Self { name, width, show }
    }
}

#[component]
fn Gallery() -> Html {
    let looks = [
        Look::new(ThemeMode::Light, "en"),
        Look::new(ThemeMode::Dark, "en"),
        Look::new(ThemeMode::Light, "ar"),
        Look::new(ThemeMode::Dark, "ar"),
    ];
    let specimens = lists::specimens().into_iter().chain(rows::specimens());
    let figures = specimens.map(|Specimen { name, width, show }| {
        let shown = looks.iter().map(|look| {
            let class = classes!("look", look.theme.as_str());
            let style = format!("inline-size: {width}px");
            html! { <div {class} lang={look.lang} dir={look.dir}><div {style}>{ show(look) }</div></div> }
        });
        html! {
            <figure id={name}>
                <figcaption>{ name }</figcaption>
                <div class="looks">{ for shown }</div>
            </figure>
        }
    });
    html! { <><Styles />{ for figures }</> }
}

fn main() {
    yew::Renderer::<Gallery>::new().render();
}
