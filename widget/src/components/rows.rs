//! The rows of the widget's list: those that are seen, each rendered when it has changed.

use std::{ops::Range, rc::Rc};

use js_sys::Date;
use protocol::SourceConnection;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::{Html, NodeRef};

use super::{
    connection_item::{ConnectionItemProps, RowExtras, item_view},
    markup::{self, Attribute, Fixed},
    style::set_number,
    sync_progress_indicator::{fill_bars, synced_text},
};
use crate::{Actions, Connections, counting, page, row_window::RowWindow};

/// How often it is looked where the list is while nobody scrolls, in milliseconds.
const LOOK_EACH_MS: f64 = 250.0;

const LIST: Fixed = &[(Attribute::Part, "list"), (Attribute::Role, "list")];

/// The list's element and what is drawn in it.
#[derive(Default)]
pub(super) struct Rows {
    list: NodeRef,
    window: RowWindow,
    range: Range<usize>,
    /// When that was found out: milliseconds since 1970.
    looked: f64,
    drawn: Vec<Drawn>,
    /// How high is what is not drawn: before the rows, after them, and between them and the one that has the focus.
    gaps: [u32; 3],
}

struct Drawn {
    at: usize,
    props: ConnectionItemProps,
    extras: RowExtras,
    html: Html,
    /// How much is shown to be synced, on the way to how much is.
    counted: Option<u64>,
}

impl Rows {
    /// The list. `held` is the row that has the focus: it stays in the page wherever that is scrolled.
    pub(super) fn view(
        &mut self,
        connections: &Connections,
        held: Option<usize>,
        actions: Actions,
        describe: impl Fn(&Rc<SourceConnection>) -> ConnectionItemProps,
    ) -> Html {
        let count = connections.len();
        if self.window.resize(count) || self.is_due() {
            self.look();
        }
        let range = self.range.clone();
        let apart = held.filter(|at| !range.contains(at));
        let (first, last) = match apart {
            Some(at) if at < range.start => (at, range.end),
            Some(at) => (range.start, at + 1),
            None => (range.start, range.end),
        };
        let between = match apart {
            Some(at) if at < range.start => at + 1..range.start,
            Some(at) => range.end..at,
            None => 0..0,
        };
        self.gaps = [
            self.window.height(0..first),
            self.window.height(last..count),
            self.window.height(between),
        ];
        let before = std::mem::take(&mut self.drawn);
        for at in first..last {
            if !range.contains(&at) && held != Some(at) {
                continue;
            }
            let props = describe(&connections[at]);
            let mut extras = RowExtras {
                actions,
                minutes: props.minutes(),
                ..RowExtras::default()
            };
            if self.window.is_part() {
                extras.place = Some((at + 1, count));
                extras.apart = apart
                    .filter(|it| *it == at)
                    .map(|it| if it < range.start { "before" } else { "after" });
            }
            let same = before
                .iter()
                .find(|it| it.props.is_same(&props) && it.extras == extras);
            let html = same.map_or_else(|| render(&props, extras), |same| same.html.clone());
            let known = before
                .iter()
                .find(|it| it.props.connection.id == props.connection.id);
            self.drawn.push(Drawn {
                at,
                counted: known.and_then(|it| it.counted).or(props.synced()),
                props,
                extras,
                html,
            });
        }
        let rows = self.drawn.iter().map(|it| it.html.clone());
        markup::Element::new("ul", LIST)
            .found_by(&self.list)
            .children(rows.collect())
            .into()
    }

    /// Whether the page was scrolled to other rows.
    pub(super) fn is_elsewhere(&mut self) -> bool {
        let before = self.range.clone();
        if self.window.is_part() {
            self.look();
        }
        self.range != before
    }

    /// Whether it is time to look where the list is: something else in the page may have moved it.
    fn is_due(&self) -> bool {
        self.window.is_part()
            && self.list.get().is_some()
            && Date::now() - self.looked > LOOK_EACH_MS
    }

    /// Finds out which rows are to be drawn. Not with each of them that changes: the browser would have to lay out the page
    /// each time.
    fn look(&mut self) {
        self.measure();
        self.range = self.seen();
    }

    /// Shows numbers that have grown one step closer to what they are, and whether there is another step. Into the page
    /// itself: what has been rendered is where they end.
    fn count_on(&mut self, list: &Element) -> bool {
        let Ok(texts) = list.query_selector_all("[part=count]") else {
            return false;
        };
        let mut goes_on = false;
        for (at, drawn) in (0..).zip(&mut self.drawn) {
            let props = &drawn.props;
            let (Some(sync), Some(target)) = (&props.subscription, props.synced()) else {
                continue;
            };
            let counted = drawn.counted.unwrap_or(target);
            let next = if counted == target || page::is_still() {
                target
            } else {
                counting::next(counted, target)
            };
            drawn.counted = Some(next);
            if counted == target {
                continue;
            }
            goes_on |= next != target;
            if let Some(text) = texts.get(at).and_then(|it| it.last_child()) {
                let written = synced_text(next, sync, &props.labels, &props.numbers);
                text.set_node_value(Some(&written));
            }
        }
        goes_on
    }

    /// To be called when the rows are in the page. Gives whether that is to be done again with the next frame.
    pub(super) fn rendered(&mut self) -> bool {
        let Some(list) = self.list.cast::<HtmlElement>() else {
            return false;
        };
        fill_bars(&self.list);
        let goes_on = self.count_on(&list);
        if !self.window.is_part() {
            return goes_on;
        }
        for (name, gap) in ["--_before", "--_after", "--_between"]
            .into_iter()
            .zip(self.gaps)
        {
            set_number(&list, name, f64::from(gap));
        }
        goes_on
    }

    /// Takes down how high the rows in the page are.
    fn measure(&mut self) {
        let Some(list) = self.list.cast::<Element>() else {
            return;
        };
        self.looked = Date::now();
        let mut row = list.first_element_child();
        for drawn in &self.drawn {
            let Some(element) = row else { return };
            row = element.next_element_sibling();
            if let Some(element) = element.dyn_ref::<HtmlElement>() {
                self.window
                    .measured(drawn.at, element.offset_height().unsigned_abs());
            }
        }
    }

    fn seen(&self) -> Range<usize> {
        // Where it is not in the page yet, its beginning is what will be seen; a server has no window to ask.
        let Some(list) = self.list.cast::<Element>() else {
            return self.window.drawn(0.0, 0.0);
        };
        let height = web_sys::window().and_then(|window| window.inner_height().ok()?.as_f64());
        let top = list.get_bounding_client_rect().top();
        self.window.drawn(top, height.unwrap_or_default())
    }
}

fn render(props: &ConnectionItemProps, extras: RowExtras) -> Html {
    #[cfg(test)]
    tests::RENDERED.set(tests::RENDERED.get() + 1);
    item_view(props, extras, &NodeRef::default())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    thread_local! {
        /// How many rows were rendered.
        pub(super) static RENDERED: Cell<usize> = const { Cell::new(0) };
    }

    #[cfg(target_arch = "wasm32")]
    mod in_a_browser {
        use std::rc::Rc;

        use protocol::SourceConnection;
        use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

        use super::{super::*, RENDERED};
        use crate::{Labels, Numbers, SyncSubscription};

        wasm_bindgen_test_configure!(run_in_browser);

        fn rendered(run: impl FnOnce()) -> usize {
            RENDERED.set(0);
            run();
            RENDERED.get()
        }

        #[wasm_bindgen_test]
        fn only_rows_that_have_changed_are_rendered_again() {
            let connections: Connections = (0..5)
                .map(|at| {
                    let id = at.to_string();
                    Rc::new(SourceConnection {
                        id,
                        ..SourceConnection::default()
                    })
                })
                .collect();
            let (labels, numbers) = (Rc::<Labels>::default(), Numbers::new("en"));
            let mut syncs: Vec<_> = connections
                .iter()
                .map(|it| Rc::new(SyncSubscription::new(&it.id)))
                .collect();
            let mut rows = Rows::default();
            let mut draw = |syncs: &[Rc<SyncSubscription>]| {
                rendered(|| {
                    let _ = rows.view(&connections, None, Actions::default(), |connection| {
                        let sync = syncs.iter().find(|it| it.connection_id == connection.id);
                        ConnectionItemProps {
                            connection: connection.clone(),
                            subscription: sync.cloned(),
                            failure: None,
                            labels: labels.clone(),
                            numbers: numbers.clone(),
                        }
                    });
                })
            };
            assert_eq!(draw(&syncs), 5);
            assert_eq!(draw(&syncs), 0);
            Rc::make_mut(&mut syncs[3]).silent_seconds = Some(50);
            assert_eq!(draw(&syncs), 1);
            assert_eq!(draw(&syncs), 0);
        }
    }
}
