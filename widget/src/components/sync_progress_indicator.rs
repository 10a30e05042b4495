//! The progress of one sync.

use std::rc::Rc;

use protocol::{ConnectionStatus, Progress};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::{AttrValue, Component, Context, Html, NodeRef, Properties};

use super::markup::{
    Attribute::{
        AriaLabel, AriaValueMax, AriaValueMin, AriaValueNow, AriaValueText, Class, DataPercent,
        DataState, Dir, Part, Role,
    },
    Element, Fixed,
};
use crate::{
    Label, Labels, Numbers, SyncSubscription, labels::fill, row_state::RowState, text::find,
};

/// How many types of entities are shown.
const MOST_TYPES: usize = 50;

/// The properties of [`SyncProgressIndicator`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct SyncProgressIndicatorProps {
    /// The sync.
    pub subscription: Rc<SyncSubscription>,
    /// What is synced, for screen readers.
    pub name: AttrValue,
    /// The texts.
    #[prop_or_default]
    pub labels: Rc<Labels>,
    /// How numbers are written.
    pub numbers: Numbers,
}

/// Shows how a sync stands: its state, how much is synced, and a bar, which knows a percentage where the worker has
/// named a total. On demand it shows all counts, by what was done and by type of entity.
///
/// ```
/// use std::rc::Rc;
/// use widget::{Numbers, SyncProgressIndicator, SyncSubscription};
/// use yew::prelude::*;
///
/// #[derive(Properties, PartialEq)]
/// struct Props {
///     subscription: Rc<SyncSubscription>,
///     numbers: Numbers,
/// }
///
/// #[component]
/// fn Sync(props: &Props) -> Html {
///     html! {
///         <SyncProgressIndicator
///             name="Team chat"
///             subscription={props.subscription.clone()}
///             numbers={props.numbers.clone()}
///         />
///     }
/// }
/// # fn main() {}
/// ```
#[derive(Debug, Default)]
pub struct SyncProgressIndicator {
    root: NodeRef,
}

impl Component for SyncProgressIndicator {
    type Message = ();
    type Properties = SyncProgressIndicatorProps;

    fn create(_: &Context<Self>) -> Self {
        Self::default()
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        sync_view(ctx.props(), &self.root)
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        fill_bars(&self.root);
    }
}

/// What the indicator shows, for any component: a component in a component would cost every visitor 1 kB. Once it is in
/// the page, [`fill_bars`] is to be called.
pub(super) fn sync_view(props: &SyncProgressIndicatorProps, root: &NodeRef) -> Html {
    let SyncProgressIndicatorProps {
        subscription,
        name,
        labels,
        numbers,
    } = props;
    let state = RowState::of_sync(subscription);
    let state_text = state.text(ConnectionStatus::Syncing, labels, numbers);
    let update = subscription.last_update.as_ref();
    let known = known(subscription);
    let share = known.map(percent);
    let percent = share.filter(|_| subscription.is_active());
    let count = |label, number| labels.count(label, number, numbers);
    let synced = match update {
        Some(update) => synced_text(update.synced(), subscription, labels, numbers),
        None => String::from(&*labels[Label::Waiting]),
    };
    let pace = subscription
        .per_second()
        .filter(|_| state == RowState::Syncing);
    let remark = match (state, subscription.silent_seconds, percent) {
        (RowState::Syncing, Some(seconds), _) => count(Label::NoNews, seconds),
        (_, _, Some(percent)) => {
            let mut text = numbers.write(percent) + "\u{a0}%";
            if let (Some(pace), Some((synced, total))) = (pace, known) {
                let time = numbers.write_time(left(synced, total, pace));
                text.push_str(" · ");
                text.push_str(&fill(&labels[Label::Remaining], &[("time", &time)]));
            }
            text
        }
        _ => pace.map_or_else(String::new, |pace| count(Label::Rate, whole(pace))),
    };
    let spoken = [&*state_text, ", ", &synced].concat();

    let summary = Element::new("summary", SUMMARY)
        .child(span("count", &synced))
        .child(span("breakdown", &breakdown(update, count)))
        .child(span("note", &remark));
    let list = details(update, labels, numbers)
        .into_iter()
        .map(|it| detail(&it));
    let details = Element::new("details", DETAILS)
        .child(summary.into())
        .child(Element::new("ul", LIST).children(list.collect()).into());
    // Another element once the total is known: what slid to and fro does not shrink to the percentage.
    let fill_key = if known.is_some() { "known" } else { "unknown" };
    let bar = Element::new("div", BAR)
        .with(
            AriaLabel,
            &fill(&labels[Label::Progress], &[("name", name)]),
        )
        .with_number(AriaValueMin, known.map(|_| 0))
        .with_number(AriaValueMax, known.map(|(_, total)| total))
        .with_number(AriaValueNow, known.map(|(synced, total)| synced.min(total)))
        .with(AriaValueText, &spoken)
        .with_number(DataPercent, share)
        .child(Element::new("div", BAR_FILL).keyed(fill_key).into());
    Element::new("div", SYNC)
        .found_by(root)
        .with(DataState, state.as_str())
        .child(status_view(&state_text))
        .child(details.into())
        .child(bar.into())
        .into()
}

const SYNC: Fixed = &[(Class, "connect-theme connect-progress"), (Part, "sync")];
const DETAILS: Fixed = &[(Class, "connect-details"), (Part, "details")];
const SUMMARY: Fixed = &[(Class, "connect-counts"), (Part, "summary")];
const LIST: Fixed = &[(Part, "details-list")];
const BAR: Fixed = &[
    (Class, "connect-bar"),
    (Part, "progress"),
    (Role, "progressbar"),
];
const BAR_FILL: Fixed = &[(Part, "progress-fill")];

/// Gives each bar inside of an element the length that its percentage asks for.
///
/// Not by a `style` attribute: a strict content security policy blocks those.
pub(super) fn fill_bars(root: &NodeRef) {
    let bars = root
        .cast::<web_sys::Element>()
        .map(|root| root.query_selector_all("[data-percent]"));
    let Some(Ok(bars)) = bars else {
        return;
    };
    for at in 0..bars.length() {
        let bar = bars
            .get(at)
            .and_then(|bar| bar.dyn_into::<HtmlElement>().ok());
        if let Some((bar, percent)) =
            bar.and_then(|bar| bar.get_attribute("data-percent").map(|it| (bar, it)))
        {
            let _ = bar.style().set_property("--_percent", &percent);
        }
    }
}

/// That so much is synced, of how much where the worker has said so.
#[inline(never)]
pub(super) fn synced_text(
    synced: u64,
    subscription: &SyncSubscription,
    labels: &Labels,
    numbers: &Numbers,
) -> String {
    match known(subscription) {
        Some((_, total)) => fill(
            &labels[Label::SyncedOf],
            &[
                ("count", &numbers.write(synced)),
                ("total", &numbers.write(total)),
            ],
        ),
        None => labels.count(Label::Synced, synced, numbers),
    }
}

/// How much is synced of how much, where the worker has said so.
fn known(subscription: &SyncSubscription) -> Option<(u64, u64)> {
    let update = subscription.last_update.as_ref()?;
    let total = update.total.filter(|total| *total > 0)?;
    Some((update.synced(), total))
}

/// The percentage, rounded down: 100 only when all is synced.
fn percent((synced, total): (u64, u64)) -> u64 {
    // Counts have 53 bits at most, and a sum of four of them 55: there is room for the factor.
    synced.min(total).saturating_mul(100) / total.max(1)
}

/// How many seconds are left at this pace.
#[allow(clippy::cast_precision_loss)]
fn left(synced: u64, total: u64, pace: f64) -> u64 {
    whole(total.saturating_sub(synced) as f64 / pace)
}

/// Rounded up: there is no pace of 0, and nothing is done before it is done.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(number: f64) -> u64 {
    number.ceil() as u64
}

/// What the total is made of. A line breaks before a dot only: what has no room in its line is left out as a whole.
fn breakdown(update: Option<&Progress>, count: impl Fn(Label, u64) -> String) -> String {
    let Some(update) = update else {
        return String::new();
    };
    let mut text = String::new();
    for (label, number) in [
        (Label::Inserted, update.inserted),
        (Label::Updated, update.updated),
        (Label::Deleted, update.deleted),
    ] {
        if number > 0 {
            text.push_str(" ·\u{a0}");
            let number = count(label, number);
            let mut rest = &*number;
            while let Some(at) = find(rest, b' ') {
                text.push_str(&rest[..at]);
                text.push('\u{a0}');
                rest = &rest[at + 1..];
            }
            text.push_str(rest);
        }
    }
    text
}

/// All that is known of a sync, count by count: what was done, then the types of entities in the worker's order.
fn details(update: Option<&Progress>, labels: &Labels, numbers: &Numbers) -> Vec<String> {
    let mut details = Vec::new();
    let Some(update) = update else {
        return details;
    };
    for (label, number) in [
        (Label::Inserted, update.inserted),
        (Label::Updated, update.updated),
        (Label::Deleted, update.deleted),
        (Label::Kept, update.kept),
        (Label::Skipped, update.skipped),
    ] {
        if number > 0 {
            details.push(labels.count(label, number, numbers));
        }
    }
    for (name, number) in update.entities_encountered.iter().take(MOST_TYPES) {
        let values = [("name", name), ("count", &*numbers.write(number))];
        details.push(fill(&labels[Label::OfType], &values));
    }
    details
}

/// A state in a word.
pub(super) fn status_view(text: &str) -> Html {
    Element::new("span", &[(Class, "connect-status"), (Part, "status")])
        .text(text)
        .into()
}

/// A text.
pub(super) fn span(part: &'static str, text: &str) -> Html {
    Element::new("span", &[]).with(Part, part).text(text).into()
}

fn detail(text: &str) -> Html {
    Element::new("li", &[(Dir, "auto")]).text(text).into()
}

#[cfg(test)]
mod tests {
    use protocol::MAX_COUNT;

    use super::percent;

    #[test]
    fn the_percentage_is_rounded_down_and_never_above_a_hundred() {
        for (synced, total, expected) in [
            (0, 10, 0),
            (999, 1_000, 99),
            (1_000, 1_000, 100),
            (2_000, 1_000, 100),
            (5, 0, 0),
            (MAX_COUNT, MAX_COUNT, 100),
        ] {
            assert_eq!(percent((synced, total)), expected, "{synced} of {total}");
        }
    }
}
