//! Elements made by one function from data: each that `html!` writes out is code that every visitor downloads.

use yew::{
    AttrValue, Html, NodeRef,
    virtual_dom::{AttributeOrProperty, Attributes, Key, VTag, VText},
};

macro_rules! attributes {
    ($($attribute:ident $name:literal;)*) => {
        /// The attributes that the widget's elements have.
        #[derive(Clone, Copy, Debug)]
        pub(super) enum Attribute {
            $($attribute,)*
        }

        /// Their names. All elements name them all, so that Yew compares any two of them by place, and never by a map.
        /// In one place, by whose address it knows that they are the same.
        static NAMES: &[&str] = &[$($name,)*];
    };
}

attributes! {
    AriaBusy "aria-busy";
    AriaHidden "aria-hidden";
    AriaLabel "aria-label";
    AriaPosInSet "aria-posinset";
    AriaSetSize "aria-setsize";
    AriaValueMax "aria-valuemax";
    AriaValueMin "aria-valuemin";
    AriaValueNow "aria-valuenow";
    AriaValueText "aria-valuetext";
    Class "class";
    DataApart "data-apart";
    DataConnectionId "data-connection-id";
    DataPercent "data-percent";
    DataState "data-state";
    DataStatus "data-status";
    DataTheme "data-theme";
    DataTint "data-tint";
    Dir "dir";
    Part "part";
    Role "role";
    Title "title";
    Type "type";
}

/// Attributes with their values.
pub(super) type Fixed = &'static [(Attribute, &'static str)];

/// An element that is being made. In a box, and by functions that are never inlined: what uses them is short then.
#[derive(Debug)]
pub(super) struct Element(Box<VTag>);

impl Element {
    /// With the attributes that it has always.
    #[inline(never)]
    pub(super) fn new(tag: &'static str, fixed: Fixed) -> Self {
        let mut element = VTag::new(AttrValue::Static(tag));
        element.attributes = Attributes::Dynamic {
            keys: NAMES,
            values: NAMES.iter().map(|_| None).collect(),
        };
        let mut element = Self(Box::new(element));
        for (attribute, value) in fixed {
            element.put(*attribute, AttrValue::Static(value));
        }
        element
    }

    /// With another attribute, unless there is nothing to be said.
    #[inline(never)]
    pub(super) fn with(mut self, attribute: Attribute, value: &str) -> Self {
        if !value.is_empty() {
            self.put(attribute, AttrValue::from(String::from(value)));
        }
        self
    }

    /// With an attribute that is a number, where it is known.
    #[inline(never)]
    pub(super) fn with_number(mut self, attribute: Attribute, value: Option<u64>) -> Self {
        if let Some(value) = value {
            self.put(attribute, AttrValue::from(value.to_string()));
        }
        self
    }

    #[inline(never)]
    fn put(&mut self, attribute: Attribute, value: AttrValue) {
        if let Attributes::Dynamic { values, .. } = &mut self.0.attributes {
            values[attribute as usize] = Some(AttributeOrProperty::Attribute(value));
        }
    }

    /// With a name by which it is known again among its siblings.
    #[inline(never)]
    pub(super) fn keyed(mut self, key: &str) -> Self {
        self.0.key = Some(Key::from(key));
        self
    }

    /// To be found by this reference once it is in the page.
    #[inline(never)]
    pub(super) fn found_by(mut self, node: &NodeRef) -> Self {
        self.0.node_ref = node.clone();
        self
    }

    /// With a text in it.
    #[inline(never)]
    pub(super) fn text(self, text: &str) -> Self {
        self.child(VText::new(String::from(text)).into())
    }

    /// With something in it. What may be there or not is to have its place, `Html::default()` where it is not: the others
    /// stay the elements that they are.
    #[inline(never)]
    pub(super) fn child(mut self, child: Html) -> Self {
        self.0.add_child(child);
        self
    }

    /// With a list in it.
    #[inline(never)]
    pub(super) fn children(mut self, children: Vec<Html>) -> Self {
        self.0.add_children(children);
        self
    }
}

impl From<Element> for Html {
    #[inline(never)]
    fn from(element: Element) -> Self {
        (*element.0).into()
    }
}
