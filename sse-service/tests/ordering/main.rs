//! What a listener is shown, whatever happens between the worker and it: never an older state after a newer one, and always
//! the end. Whole streams in one process, on a wire that loses, repeats and delays; the order of events is made up.

mod ids;
mod message;
mod wire;
mod world;

use proptest::{collection::vec, prelude::*};

use self::{
    message::{Message, messages},
    world::{Client, World},
};

/// How many clients follow the job.
const CLIENTS: usize = 3;

/// What happens next. Numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Step {
    /// A worker publishes, and stores the snapshot then. A message may come again, or late.
    Publish(usize),
    /// It is published without a snapshot, as some workers do.
    PublishOnly(usize),
    /// The snapshot is stored, and what was published is lost.
    StoreOnly(usize),
    /// The job ends, by progress over HTTP. Messages that were on their way may come later.
    End,
    /// The wire is cut: what is published is lost.
    Cut,
    /// The wire is back.
    Mend,
    /// A client opens a stream, with the newest id that it has.
    Connect(usize),
    /// A client goes away in the middle.
    Disconnect(usize),
    /// A client reads what is there. Until then it is slow.
    Read(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let any = 0..32_usize;
    prop_oneof![
        4 => any.clone().prop_map(Step::Publish),
        2 => any.clone().prop_map(Step::PublishOnly),
        1 => any.clone().prop_map(Step::StoreOnly),
        1 => Just(Step::End),
        1 => Just(Step::Cut),
        1 => Just(Step::Mend),
        3 => any.clone().prop_map(Step::Connect),
        2 => any.clone().prop_map(Step::Disconnect),
        4 => any.prop_map(Step::Read),
    ]
}

async fn take(step: &Step, messages: &[Message], world: &World, clients: &mut [Client]) {
    let (end, running) = messages.split_last().expect("there is an end");
    let message = |at: usize| &running[at % running.len()];
    match *step {
        Step::Publish(at) => {
            world.wire.publish(message(at).progress());
            world.wire.store(message(at).progress());
        }
        Step::PublishOnly(at) => world.wire.publish(message(at).progress()),
        Step::StoreOnly(at) => world.wire.store(message(at).progress()),
        Step::End => world.end(end).await,
        Step::Cut => world.wire.cut(),
        Step::Mend => world.wire.mend(),
        Step::Connect(at) => clients[at % CLIENTS].connect(world).await,
        Step::Disconnect(at) => clients[at % CLIENTS].disconnect(),
        Step::Read(at) => clients[at % CLIENTS].read().await,
    }
}

/// Unless the job has ended before, it ends by its worker's word, heard or only stored. Everybody who still
/// wants to know comes back.
async fn finish(end: &Message, is_heard: bool, world: &World, clients: &mut [Client]) {
    if world.has_ended() {
        world.wire.mend();
    } else {
        if is_heard {
            world.wire.mend();
        } else {
            world.wire.cut();
        }
        world.wire.publish(end.progress());
        world.wire.store(end.progress());
        world.wire.mend();
    }
    for client in clients {
        client.read().await;
        client.connect(world).await;
        client.read().await;
    }
}

fn is_in_order(shown: &[u64], messages: &[Message]) -> Result<(), TestCaseError> {
    let find = |inserted: u64| messages.iter().find(|one| one.inserted == inserted);
    let shown: Vec<&Message> = shown.iter().filter_map(|shown| find(*shown)).collect();
    for (at, later) in shown.iter().enumerate() {
        for earlier in &shown[..at] {
            prop_assert!(
                later.is_end || !later.is_surely_older_than(earlier),
                "{later:?} was shown after {earlier:?}"
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_sees_an_older_state_after_a_newer_one_or_misses_the_end(
        messages in messages(),
        steps in vec(step(), 0..40),
        is_heard in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            let mut clients: Vec<Client> = (0..CLIENTS).map(|_| Client::default()).collect();
            let end = messages.last().expect("there is an end");
            for step in &steps {
                take(step, &messages, &world, &mut clients).await;
            }
            finish(end, is_heard, &world, &mut clients).await;
            for client in &clients {
                is_in_order(client.shown(), &messages)?;
                prop_assert_eq!(client.shown().last(), Some(&end.inserted), "the end");
                let ends = client.shown().iter().filter(|shown| **shown == end.inserted);
                prop_assert_eq!(ends.count(), 1, "told once");
                prop_assert!(client.is_over(), "and the stream ends with it");
            }
            Ok(())
        })?;
    }
}
