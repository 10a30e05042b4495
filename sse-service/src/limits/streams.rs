//! How many streams may be open: of a session, from an address, in all.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use super::Limit;
use crate::bell::{Bell, Bells, Causes};

/// The most streams that may be open at once; 0 means as many as there is room for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamLimits {
    /// Of one session.
    pub per_session: usize,
    /// From one address.
    pub per_address: usize,
    /// In all.
    pub all: usize,
}

/// Gives slots to streams, and takes them back when the streams are gone. Cheap to clone.
#[derive(Clone, Debug)]
pub struct StreamSlots {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    limits: StreamLimits,
    // Held for a few look-ups, never across an await; so a plain mutex.
    tables: Mutex<Tables>,
}

/// Who has streams. Entries vanish with their last stream, so this is never larger than the number of streams.
#[derive(Debug, Default)]
struct Tables {
    all: usize,
    sessions: HashMap<Arc<str>, SessionStreams>,
    addresses: HashMap<IpAddr, usize>,
}

#[derive(Debug, Default)]
struct SessionStreams {
    open: usize,
    is_revoked: Arc<AtomicBool>,
    bells: Bells,
}

impl StreamSlots {
    /// All slots are free.
    pub fn new(limits: StreamLimits) -> Self {
        let tables = Mutex::default();
        Self {
            shared: Arc::new(Shared { limits, tables }),
        }
    }

    /// Takes a slot for a stream of a session, for a client at an address.
    pub fn take(&self, session: &str, address: IpAddr) -> Result<Slot, Limit> {
        let address = network(address);
        let limits = self.shared.limits;
        let mut tables = self.shared.lock();
        let open = tables.sessions.get(session).map_or(0, |one| one.open);
        if is_full(open, limits.per_session) {
            return Err(Limit::SessionStreams);
        }
        let open = tables.addresses.get(&address).copied().unwrap_or_default();
        if is_full(open, limits.per_address) {
            return Err(Limit::AddressStreams);
        }
        if is_full(tables.all, limits.all) {
            return Err(Limit::AllStreams);
        }
        tables.all += 1;
        *tables.addresses.entry(address).or_default() += 1;
        let session: Arc<str> = match tables.sessions.get_key_value(session) {
            Some((session, _)) => session.clone(),
            None => session.into(),
        };
        let streams = tables.sessions.entry(session.clone()).or_default();
        streams.open += 1;
        Ok(Slot {
            shared: self.shared.clone(),
            is_revoked: streams.is_revoked.clone(),
            bell: None,
            session,
            address,
        })
    }

    /// Tells the streams of a session that it was revoked.
    pub fn revoke(&self, session: &str) {
        if let Some(streams) = self.shared.lock().sessions.get(session) {
            streams.is_revoked.store(true, Ordering::Release);
            streams.bells.ring(Causes::REVOCATION);
        }
    }
}

fn is_full(open: usize, limit: usize) -> bool {
    limit != 0 && open >= limit
}

/// What counts as one address. Whoever has one IPv6 address has 2^64 of them: RFC 6177.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream's place. It is free again when this is dropped, for whatever reason.
#[derive(Debug)]
pub struct Slot {
    shared: Arc<Shared>,
    is_revoked: Arc<AtomicBool>,
    /// Where the bell hangs at the session.
    bell: Option<usize>,
    session: Arc<str>,
    address: IpAddr,
}

impl Slot {
    /// Has a bell rung when the session is revoked. Once; it may have been already.
    pub fn ring(&mut self, bell: Arc<Bell>) {
        debug_assert!(self.bell.is_none());
        if let Some(streams) = self.shared.lock().sessions.get_mut(&self.session) {
            self.bell = Some(streams.bells.hang(bell));
        }
    }

    /// Whether the session was revoked since the slot was taken.
    pub fn is_revoked(&self) -> bool {
        self.is_revoked.load(Ordering::Acquire)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut tables = self.shared.lock();
        tables.all -= 1;
        if let (Some(key), Some(streams)) = (self.bell, tables.sessions.get_mut(&self.session)) {
            streams.bells.take_down(key);
        }
        leave(&mut tables.addresses, &self.address, |open| open);
        leave(&mut tables.sessions, &self.session, |streams| {
            &mut streams.open
        });
    }
}

/// Counts one down, and forgets what is at zero.
fn leave<K: Hash + Eq, V>(table: &mut HashMap<K, V>, key: &K, open: fn(&mut V) -> &mut usize) {
    if let Some(entry) = table.get_mut(key) {
        let open = open(entry);
        *open -= 1;
        if *open == 0 {
            table.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::*;

    fn slots(per_session: usize, per_address: usize, all: usize) -> StreamSlots {
        StreamSlots::new(StreamLimits {
            per_session,
            per_address,
            all,
        })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn each_limit_holds_and_names_itself() {
        let (here, there) = (address("192.0.2.1"), address("192.0.2.2"));
        let slots = slots(2, 3, 4);
        let _first = slots.take("a", here).unwrap();
        let _second = slots.take("a", here).unwrap();
        assert_eq!(slots.take("a", there).unwrap_err(), Limit::SessionStreams);
        let _third = slots.take("b", here).unwrap();
        assert_eq!(slots.take("b", here).unwrap_err(), Limit::AddressStreams);
        let _fourth = slots.take("b", there).unwrap();
        assert_eq!(slots.take("c", there).unwrap_err(), Limit::AllStreams);
    }

    #[test]
    fn a_slot_is_free_again_and_its_entries_are_gone_when_the_stream_is() {
        let slots = slots(1, 1, 1);
        for _ in 0..3 {
            drop(slots.take("a", address("192.0.2.1")).unwrap());
        }
        let tables = slots.shared.lock();
        assert!(tables.sessions.is_empty() && tables.addresses.is_empty() && tables.all == 0);
    }

    #[test]
    fn a_refused_stream_leaves_nothing_behind() {
        let slots = slots(0, 0, 1);
        let kept = slots.take("a", address("192.0.2.1")).unwrap();
        slots.take("b", address("192.0.2.2")).unwrap_err();
        assert_eq!(slots.shared.lock().sessions.len(), 1);
        drop(kept);
        slots.take("b", address("192.0.2.2")).unwrap();
    }

    #[test]
    fn zero_is_no_limit() {
        let slots = slots(0, 0, 0);
        let all: Vec<Slot> = (0..1000)
            .map(|_| slots.take("a", address("192.0.2.1")).unwrap())
            .collect();
        assert_eq!(all.len(), 1000);
    }

    #[test]
    fn the_addresses_of_one_network_of_ipv6_count_as_one() {
        let slots = slots(0, 1, 0);
        let _one = slots.take("a", address("2001:db8:1:2::1")).unwrap();
        slots
            .take("b", address("2001:db8:1:2:ffff::9"))
            .unwrap_err();
        let _other = slots.take("c", address("2001:db8:1:3::1")).unwrap();
        let _v4 = slots.take("d", address("192.0.2.1")).unwrap();
        slots.take("e", address("::ffff:192.0.2.1")).unwrap_err();
    }

    #[test]
    fn all_streams_of_a_revoked_session_hear_of_it_and_no_others() {
        let slots = slots(0, 0, 0);
        let here = address("192.0.2.1");
        let heard = ["a", "a", "b"].map(|session| {
            let mut slot = slots.take(session, here).unwrap();
            let bell = Arc::new(Bell::default());
            slot.ring(bell.clone());
            (slot, bell)
        });
        slots.revoke("a");
        slots.revoke("nobody");
        let heard = heard.map(|(slot, bell)| {
            let heard = bell.listen(&Context::from_waker(Waker::noop()));
            (slot.is_revoked(), heard.causes.contain(Causes::REVOCATION))
        });
        assert_eq!(heard, [(true, true), (true, true), (false, false)]);
    }
}
