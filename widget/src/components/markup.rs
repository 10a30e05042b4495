//! Elements made by one function from data: each that `html!` writes out is code that every visitor downloads.

use yew::{
    AttrValue, Html, NodeRef,
    virtual_dom::{AttributeOrProperty, Attributes, Key, Listeners, VList, VTag, VText},
};

use crate::text::decimal;

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
    AriaExpanded "aria-expanded";
    AriaHasPopup "aria-haspopup";
    AriaHidden "aria-hidden";
    AriaLabel "aria-label";
    AriaPosInSet "aria-posinset";
    AriaSetSize "aria-setsize";
    AriaValueMax "aria-valuemax";
    AriaValueMin "aria-valuemin";
    AriaValueNow "aria-valuenow";
    AriaValueText "aria-valuetext";
    Class "class";
    DataAction "data-action";
    DataApart "data-apart";
    DataConnectionId "data-connection-id";
    DataPercent "data-percent";
    DataState "data-state";
    DataStatus "data-status";
    DataTheme "data-theme";
    DataTint "data-tint";
    Dir "dir";
    Part "part";
    Popover "popover";
    Role "role";
    TabIndex "tabindex";
    Title "title";
    Type "type";
}

/// Attributes with their values.
pub(super) type Fixed = &'static [(Attribute, &'static str)];

/// An element that is being made. In a box, and by functions that are never inlined: what uses them is short then.
pub(super) struct Element(Box<Parts>);

struct Parts {
    tag: &'static str,
    key: Option<Key>,
    node: NodeRef,
    attributes: Vec<Option<AttributeOrProperty>>,
    children: Vec<Html>,
}

impl Element {
    /// With the attributes that it has always.
    #[inline(never)]
    pub(super) fn new(tag: &'static str, fixed: Fixed) -> Self {
        let mut element = Self(Box::new(Parts {
            tag,
            key: None,
            node: NodeRef::default(),
            attributes: vec![None; NAMES.len()],
            children: Vec::new(),
        }));
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
            self.put(attribute, AttrValue::from(decimal(value)));
        }
        self
    }

    #[inline(never)]
    fn put(&mut self, attribute: Attribute, value: AttrValue) {
        let value = AttributeOrProperty::Attribute(value);
        self.0.attributes[attribute as usize] = Some(value);
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
        self.0.node = node.clone();
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
        self.0.children.push(child);
        self
    }

    /// With nothing but a list in it.
    #[inline(never)]
    pub(super) fn children(mut self, children: Vec<Html>) -> Self {
        self.0.children = children;
        self
    }
}

impl From<Element> for Html {
    #[inline(never)]
    fn from(element: Element) -> Self {
        let parts = *element.0;
        // What `html!` calls.
        let element = VTag::__new_other(
            AttrValue::Static(parts.tag),
            parts.node,
            parts.key,
            Attributes::Dynamic {
                keys: NAMES,
                values: parts.attributes.into(),
            },
            Listeners::None,
            VList::with_children(parts.children, None).into(),
        );
        element.into()
    }
}
