//! Numbers as people write them.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// js-sys has it too, but its constructor cannot be told to catch the error of a language that does not exist.
    #[wasm_bindgen(js_namespace = Intl)]
    #[derive(Clone, Debug)]
    type NumberFormat;

    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new(lang: &JsValue) -> Result<NumberFormat, JsValue>;

    #[wasm_bindgen(method)]
    fn format(this: &NumberFormat, number: f64) -> String;
}

/// Writes numbers with a language's digits and separators. Made once a language, because that is what costs.
#[derive(Clone, Debug)]
pub struct Numbers(Rc<Option<NumberFormat>>);

impl Numbers {
    /// For a language as in HTML's `lang`; an empty or unknown one is the browser's.
    pub fn new(lang: &str) -> Self {
        let lang = match lang {
            "" => JsValue::UNDEFINED,
            lang => lang.into(),
        };
        let format = NumberFormat::new(&lang).or_else(|_| NumberFormat::new(&JsValue::UNDEFINED));
        Self(Rc::new(format.ok()))
    }

    /// The number as text.
    pub fn write(&self, number: u64) -> String {
        match &*self.0 {
            // Counts are at most 2^53 - 1, which a JavaScript number holds exactly.
            #[allow(clippy::cast_precision_loss)]
            Some(format) => format.format(number as f64),
            None => number.to_string(),
        }
    }
}

impl PartialEq for Numbers {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}
