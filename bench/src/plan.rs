//! What is measured, in which order, and how it is shown.

use std::{io, path::Path, time::Duration};

use crate::{
    document,
    flood::flood,
    load::{Cost, Load},
    machine,
    peer::{Layout, Peer},
    publish::Rate,
    redis::Redis,
    show::{Compared, FIGURES, Held, figures, flooded, shown, targets},
    table::table,
};

const PEERS: [Peer; 4] = [
    Peer::Service,
    Peer::Bare,
    Peer::NchanMemory,
    Peer::NchanRedis,
];

/// Each peer is measured so often.
const REPETITIONS: usize = 3;

/// Many jobs with one stream each, and a message for one of them at a time.
const WIDE: Load = load(5_000, 5_000, 10_000, 2_000);

/// One job, and each of its messages for everybody.
const NARROW: Load = load(2_000, 1, 60, 10);

/// Streams, jobs and rate together: the first, four times as much, 16 times as much.
const GROWTH: [(&str, Load); 3] = [
    ("1×", load(1_200, 1_200, 2_500, 500)),
    ("4×", load(4_800, 4_800, 10_000, 2_000)),
    ("16×", load(19_200, 19_200, 40_000, 8_000)),
];

/// File descriptors that a server needs for other things than streams.
const OTHER_DESCRIPTORS: u64 = 200;

/// Streams that are held at most.
const HELD: u64 = 50_000;

const FLOOD: Duration = Duration::from_secs(10);

const fn load(streams: usize, jobs: usize, messages: u32, per_second: u32) -> Load {
    Load {
        layout: Layout { streams, jobs },
        rate: Rate {
            messages,
            per_second,
        },
    }
}

/// A small run, to see that all is well.
pub async fn quick() -> io::Result<()> {
    let loads = [
        ("wide", load(1_000, 1_000, 4_000, 2_000)),
        ("narrow", load(1_000, 1, 30, 15)),
    ];
    for (name, load) in loads {
        println!("{name}\n\n{}", shown(&compared(load, 1).await?));
    }
    Ok(())
}

/// One of the two loads on the service for some time, to be looked at by a profiler.
pub async fn profile(is_wide: bool) -> io::Result<()> {
    let load = if is_wide {
        // A program in a profiler is many times slower. It is given as many times less to do, or it would work off what waits
        // and seldom begin with a single message, as it does in life.
        load(5_000, 5_000, 12_000, 400)
    } else {
        load(2_000, 1, 300, 10)
    };
    measured(load, Peer::Service).await.map(drop)
}

/// All of it, into the document. `descriptors` is how many files a process may have open.
pub async fn full(document: &Path, descriptors: u64) -> io::Result<()> {
    let wide = compared(WIDE, REPETITIONS).await?;
    let narrow = compared(NARROW, REPETITIONS).await?;
    let growth = growing().await?;
    let held = held(descriptors).await?;
    let flood = flood(&Redis::start().await?, FLOOD).await?;
    let targets = targets(&wide, &narrow, held, &flood);
    let machine = machine::describe() + "\n";
    let (wide, narrow, flood) = (shown(&wide), shown(&narrow), flooded(&flood));
    for (name, text) in [
        ("machine", machine),
        ("targets", targets),
        ("wide", wide),
        ("narrow", narrow),
        ("growth", growth),
        ("flood", flood),
    ] {
        println!("{name}\n\n{text}");
        document::write(document, name, &text)?;
    }
    Ok(())
}

/// Each peer in its turn, so that what else the machine does falls on all of them.
async fn compared(load: Load, repetitions: usize) -> io::Result<Compared> {
    let mut compared: Compared = PEERS.map(|peer| (peer, Vec::new()));
    for repetition in 0..repetitions {
        for turn in 0..PEERS.len() {
            let (peer, costs) = &mut compared[(turn + repetition) % PEERS.len()];
            costs.push(measured(load, *peer).await?);
        }
    }
    Ok(compared)
}

async fn growing() -> io::Result<String> {
    let mut rows = Vec::new();
    for peer in [Peer::Service, Peer::Bare, Peer::NchanMemory] {
        for (times, load) in GROWTH {
            let cost = measured(load, peer).await?;
            rows.push((format!("{}, {times}", peer.name()), figures(&[cost])));
        }
    }
    Ok(table(&FIGURES, &rows))
}

/// Each load has a Redis that has seen nothing else.
async fn measured(load: Load, peer: Peer) -> io::Result<Cost> {
    let redis = Redis::start().await?;
    let cost = load.on(peer, &redis).await?;
    eprintln!("{} {load:?}: {cost:?}", peer.name());
    Ok(cost)
}

/// As many idle streams as the process may have, and how fast they are let in.
async fn held(descriptors: u64) -> io::Result<Held> {
    let streams = HELD.min(descriptors.saturating_sub(OTHER_DESCRIPTORS));
    let streams = u32::try_from(streams).map_err(io::Error::other)?;
    let layout = load(streams as usize, 1_000, 1, 1);
    let cost = measured(layout, Peer::Service).await?;
    Ok(Held { streams, cost })
}
