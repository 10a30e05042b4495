//! Numbers as people write them.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use crate::{decimal::decimal, json, page};

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
}

/// The units in which times are written: of how many of the one before each is made, and what `Intl` is told.
const UNITS: [(u64, &str); 3] = [
    (1, r#"{"style":"unit","unit":"second"}"#),
    (60, r#"{"style":"unit","unit":"minute"}"#),
    (60, r#"{"style":"unit","unit":"hour"}"#),
];

/// Writes numbers with a language's digits and separators. Made once a language, because that is what costs.
#[derive(Clone, Debug)]
pub struct Numbers(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    plain: Option<NumberFormat>,
    units: [Option<NumberFormat>; UNITS.len()],
}

impl Numbers {
    /// For a language as in HTML's `lang`; an empty or unknown one is the browser's. A server, which has no `Intl`, writes
    /// digits alone until the browser takes over.
    pub fn new(lang: &str) -> Self {
        if page::is_on_server() {
            return Self(Rc::new(Inner {
                plain: None,
                units: UNITS.map(|_| None),
            }));
        }
        let lang = match lang {
            "" => JsValue::UNDEFINED,
            lang => lang.into(),
        };
        let format = |options: &JsValue| {
            let format = NumberFormat::new(&lang, options);
            let format = format.or_else(|_| NumberFormat::new(&JsValue::UNDEFINED, options));
            format.ok()
        };
        Self(Rc::new(Inner {
            plain: format(&JsValue::UNDEFINED),
            units: UNITS.map(|(_, options)| format(&json::parse(options).ok()?)),
        }))
    }

    /// The number as text.
    pub fn write(&self, number: u64) -> String {
        written(self.0.plain.as_ref(), number)
    }

    /// A time in the largest unit of which there is one, such as `3 min`, rounded up.
    pub fn write_time(&self, seconds: u64) -> String {
        let (mut number, mut at) = (seconds, 0);
        while at + 1 < UNITS.len() && number >= UNITS[at + 1].0 {
            at += 1;
            number = number.div_ceil(UNITS[at].0);
        }
        written(self.0.units[at].as_ref(), number)
    }
}

fn written(format: Option<&NumberFormat>, number: u64) -> String {
    match format {
        // Counts are at most 2^53 - 1, which a JavaScript number holds exactly.
        #[allow(clippy::cast_precision_loss)]
        Some(format) => format.format(number as f64),
        None => decimal(number),
    }
}

impl PartialEq for Numbers {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}
