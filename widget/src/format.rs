//! Numbers as people write them.

use std::rc::Rc;

use js_sys::Date;
use wasm_bindgen::prelude::*;

use crate::{json, page, text::decimal};

#[wasm_bindgen]
extern "C" {
    /// js-sys has it too, but its constructor cannot be told to catch the error of a language that does not exist.
    #[wasm_bindgen(js_namespace = Intl)]
    #[derive(Clone, Debug)]
    type NumberFormat;

    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new(lang: &JsValue, options: &JsValue) -> Result<NumberFormat, JsValue>;

    #[wasm_bindgen(method)]
    fn format(this: &NumberFormat, number: f64) -> String;

    #[wasm_bindgen(js_namespace = Intl)]
    #[derive(Clone, Debug)]
    type RelativeTimeFormat;

    #[wasm_bindgen(constructor, js_namespace = Intl)]
    fn new(lang: &JsValue, options: &JsValue) -> RelativeTimeFormat;

    #[wasm_bindgen(method)]
    fn format(this: &RelativeTimeFormat, number: f64, unit: &str) -> String;

    #[wasm_bindgen(js_namespace = Intl)]
    #[derive(Clone, Debug)]
    type PluralRules;

    #[wasm_bindgen(constructor, js_namespace = Intl)]
    fn new(lang: &JsValue) -> PluralRules;

    #[wasm_bindgen(method)]
    fn select(this: &PluralRules, number: f64) -> String;
}

/// The units in which times are written: of how many of the one before each is made, and what it is called.
const UNITS: [(u64, &str); 4] = [(1, "second"), (60, "minute"), (60, "hour"), (24, "day")];

/// Writes numbers with a language's digits and separators, and knows its plurals. Made once a language, because that is
/// what costs.
#[derive(Clone, Debug)]
pub struct Numbers(Option<Rc<Inner>>);

#[derive(Debug)]
struct Inner {
    plain: NumberFormat,
    units: [Option<NumberFormat>; UNITS.len()],
    ago: RelativeTimeFormat,
    plurals: PluralRules,
}

impl Numbers {
    /// For a language as in HTML's `lang`; an empty or unknown one is the browser's. A server, which has no `Intl`, writes
    /// digits alone until the browser takes over.
    pub fn new(lang: &str) -> Self {
        if page::is_on_server() {
            return Self(None);
        }
        Self(
            Inner::new(&lang.into())
                .or_else(|| Inner::new(&JsValue::UNDEFINED))
                .map(Rc::new),
        )
    }

    /// The number as text.
    pub fn write(&self, number: u64) -> String {
        written(self.0.as_ref().map(|it| &it.plain), number)
    }

    /// A time in the largest unit of which there is one, such as `3 min`, rounded up.
    pub fn write_time(&self, seconds: u64) -> String {
        let (mut number, mut at) = (seconds, 0);
        // Syncs are told in hours at most.
        while at < 2 && number >= UNITS[at + 1].0 {
            at += 1;
            number = number.div_ceil(UNITS[at].0);
        }
        written(self.0.as_ref().and_then(|it| it.units[at].as_ref()), number)
    }

    /// How long ago something was, such as `3 min. ago`, rounded down. Nothing where there is no `Intl`.
    pub fn write_ago(&self, minutes: u64) -> String {
        let (mut number, mut at) = (minutes, usize::from(minutes > 0));
        while at > 0 && at + 1 < UNITS.len() && number >= UNITS[at + 1].0 {
            at += 1;
            number /= UNITS[at].0;
        }
        let ago = self
            .0
            .as_ref()
            .map(|it| it.ago.format(-as_f64(number), UNITS[at].1));
        ago.unwrap_or_default()
    }

    /// The plural category of a number, such as `one` or `few`.
    pub(crate) fn plural(&self, number: u64) -> String {
        match &self.0 {
            Some(inner) => inner.plurals.select(as_f64(number)),
            None => if number == 1 { "one" } else { "other" }.into(),
        }
    }
}

impl Inner {
    fn new(lang: &JsValue) -> Option<Self> {
        let lang = if lang.as_string().is_some_and(|it| it.is_empty()) {
            &JsValue::UNDEFINED
        } else {
            lang
        };
        let plain = NumberFormat::new(lang, &JsValue::UNDEFINED).ok()?;
        let unit = |(_, name): (u64, &str)| {
            let options = [r#"{"style":"unit","unit":""#, name, "\"}"].concat();
            NumberFormat::new(lang, &json::parse(&options).ok()?).ok()
        };
        let ago = json::parse(r#"{"numeric":"auto","style":"short"}"#).unwrap_or_default();
        Some(Self {
            plain,
            units: UNITS.map(unit),
            ago: RelativeTimeFormat::new(lang, &ago),
            plurals: PluralRules::new(lang),
        })
    }
}

/// How many minutes have gone by since a time (RFC 3339); none where it is in the future by another clock.
pub(crate) fn minutes_since(time: &str) -> Option<u64> {
    if page::is_on_server() {
        return None;
    }
    let minutes = (Date::now() - Date::parse(time)) / 60_000.0;
    // A cast of what is negative gives 0.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (!minutes.is_nan()).then_some(minutes as u64)
}

/// Counts are at most 2^53 - 1, which a JavaScript number holds exactly.
#[allow(clippy::cast_precision_loss)]
fn as_f64(number: u64) -> f64 {
    number as f64
}

fn written(format: Option<&NumberFormat>, number: u64) -> String {
    match format {
        Some(format) => format.format(as_f64(number)),
        None => decimal(number),
    }
}

impl PartialEq for Numbers {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Rc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        }
    }
}
