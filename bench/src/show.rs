//! What was measured, in tables.

use crate::{
    flood::Flood,
    load::Cost,
    peer::Peer,
    table::{Row, median, spread, table},
};

/// The same load on each peer, several times.
pub type Compared = [(Peer, Vec<Cost>); 4];

/// Idle streams.
#[derive(Clone, Copy)]
pub struct Held {
    /// How many.
    pub streams: u32,
    /// What they cost.
    pub cost: Cost,
}

/// The heads of what [`figures`] gives.
pub const FIGURES: [&str; 6] = [
    "peer",
    "bytes a stream",
    "CPU µs a delivery",
    "p50, ms",
    "p99, ms",
    "missing",
];

/// A row's figures, from several measurements.
pub fn figures(costs: &[Cost]) -> Vec<String> {
    let all = |figure: fn(&Cost) -> f64, digits| spread(costs.iter().map(figure), digits);
    let missing: u64 = costs.iter().map(|cost| cost.missing).sum();
    let expected: u64 = costs.iter().map(|cost| cost.expected).sum();
    vec![
        all(|cost| cost.bytes_per_stream, 0),
        all(|cost| cost.micros_per_delivery, 1),
        all(|cost| cost.p50_millis, 2),
        all(|cost| cost.p99_millis, 2),
        format!("{missing} of {expected}"),
    ]
}

/// A row for each peer.
pub fn shown(compared: &Compared) -> String {
    let row = |(peer, costs): &(Peer, Vec<Cost>)| (peer.name().to_owned(), figures(costs));
    let rows: Vec<Row> = compared.iter().map(row).collect();
    table(&FIGURES, &rows)
}

/// What was aimed at, and what it came to.
pub fn targets(wide: &Compared, narrow: &Compared, held: Held, flood: &Flood) -> String {
    let of = |compared: &Compared, peer: Peer, figure: fn(&Cost) -> f64| {
        let costs = compared.iter().filter(|(other, _)| *other == peer);
        median(costs.flat_map(|(_, costs)| costs).map(figure))
    };
    let memory = of(wide, Peer::Service, |cost| cost.bytes_per_stream);
    let ratio = |compared: &Compared| {
        let cpu = |peer| of(compared, peer, |cost| cost.micros_per_delivery);
        cpu(Peer::Service) / cpu(Peer::Bare)
    };
    let p99 = |peer| of(wide, peer, |cost| cost.p99_millis);
    let (ours, theirs) = (p99(Peer::Service), p99(Peer::NchanMemory));
    let accepted = 10.0 * f64::from(held.streams) / held.cost.opening.as_secs_f64();
    let (failed, streams) = (held.cost.failed, held.streams);
    let (early, late) = flood.memory;
    let row = |target: &str, figure: String, is_met: bool| {
        let verdict = if is_met { "met" } else { "**not met**" };
        (target.to_owned(), vec![figure, verdict.to_owned()])
    };
    table(
        &["target", "figure", ""],
        &[
            row(
                "at most 6,000 bytes a stream that is idle",
                format!("{memory:.0}"),
                memory <= 6000.0,
            ),
            row(
                "wide: at most 1.25 × the bare loop's CPU a delivery",
                format!("{:.2} ×", ratio(wide)),
                ratio(wide) <= 1.25,
            ),
            row(
                "narrow: at most 1.7 × the bare loop's CPU a delivery",
                format!("{:.2} ×", ratio(narrow)),
                ratio(narrow) <= 1.7,
            ),
            row(
                "wide: p99 no worse than that of nchan in memory",
                format!("{ours:.2} ms, nchan {theirs:.2} ms"),
                ours <= theirs,
            ),
            row(
                "50,000 idle streams in one process, where the limit of open files allows",
                format!("{streams}, of which {failed} failed"),
                failed == 0,
            ),
            row(
                "20,000 streams accepted in 10 s, without a failure",
                format!("{accepted:.0}"),
                accepted >= 20_000.0 && failed == 0,
            ),
            row(
                "100,000 messages a second through one hub with 10 listeners",
                format!("{:.0} published, {:.0} taken", flood.published, flood.taken),
                flood.taken >= 100_000.0,
            ),
            // What an allocator keeps for itself comes and goes.
            row(
                "… without growth of memory",
                format!(
                    "{} kB after 3 s, {} kB at the end",
                    early / 1000,
                    late / 1000
                ),
                late <= early + early / 10,
            ),
        ],
    )
}

/// What became of a flood.
pub fn flooded(flood: &Flood) -> String {
    let (early, late) = flood.memory;
    let row = vec![
        format!("{:.0}", flood.taken),
        format!("{} kB", early / 1000),
        format!("{} kB", late / 1000),
    ];
    let head = [
        "published a second",
        "taken by the hub a second",
        "memory after 3 s",
        "memory at the end",
    ];
    table(&head, &[(format!("{:.0}", flood.published), row)])
}
