//! Where a client is, as far as it can be known behind proxies.
//!
//! A proxy that is trusted adds, at the end of a header, the address from which it was asked. What stands before that was said
//! by whoever asked it, and may be invented. So the list is read from its end, and only as far as it was written by
//! trusted proxies. Only the header that the proxies write is looked at: they pass the other one on as the client sent it.

mod header;

use std::net::IpAddr;

use clap::ValueEnum;
use ipnet::IpNet;

/// The header that the trusted proxies write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum AddressHeader {
    /// What nearly all proxies write.
    #[default]
    #[value(name = "x-forwarded-for")]
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

impl AddressHeader {
    /// Its name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }
}

/// The proxies whose word is taken for where a client is.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    header: AddressHeader,
}

impl TrustedProxies {
    /// Trusts these networks to write this header. Without any, nobody's word is taken.
    pub fn new(networks: Vec<IpNet>, header: AddressHeader) -> Self {
        Self { networks, header }
    }

    /// The name of the header that is looked at, in lower case.
    pub fn header(&self) -> &'static str {
        self.header.name()
    }

    /// The client's address: that of the nearest one on the way that is not trusted. `peer` is the other end of the connection,
    /// `values` are those of the [header](Self::header), in their order.
    pub fn client<'a, I>(&self, peer: IpAddr, values: I) -> IpAddr
    where
        I: IntoIterator<Item = &'a str>,
        I::IntoIter: DoubleEndedIterator,
    {
        let mut client = peer.to_canonical();
        if !self.trusts(client) {
            return client;
        }
        for value in values.into_iter().rev() {
            for hop in header::hops(self.header, value).into_iter().rev() {
                // What is no address was written by a trusted proxy all the same, which hides where it was asked from.
                let Some(address) = hop else { return client };
                client = address;
                if !self.trusts(client) {
                    return client;
                }
            }
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.networks
            .iter()
            .any(|network| network.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(header: AddressHeader) -> TrustedProxies {
        let networks = ["10.0.0.0/8", "2001:db8:aaaa::/48"];
        let networks = networks.map(|network| network.parse().unwrap());
        TrustedProxies::new(networks.to_vec(), header)
    }

    fn client(header: AddressHeader, peer: &str, values: &[&str]) -> String {
        let peer = peer.parse().unwrap();
        proxies(header)
            .client(peer, values.iter().copied())
            .to_string()
    }

    #[test]
    fn the_nearest_address_that_is_not_trusted_is_the_client() {
        const PROXY: &str = "10.0.0.1";
        let cases: [(&str, &str, &[&str], &str); 19] = [
            ("no header", PROXY, &[], PROXY),
            ("one proxy", PROXY, &["192.0.2.7"], "192.0.2.7"),
            ("two proxies", PROXY, &["192.0.2.7, 10.0.0.2"], "192.0.2.7"),
            (
                "a client that invents",
                PROXY,
                &["8.8.8.8, 192.0.2.7"],
                "192.0.2.7",
            ),
            (
                "a client that plays a proxy",
                PROXY,
                &["8.8.8.8, 10.9.9.9, 192.0.2.7, 10.0.0.2"],
                "192.0.2.7",
            ),
            (
                "two lines",
                PROXY,
                &["8.8.8.8", "192.0.2.7, 10.0.0.2"],
                "192.0.2.7",
            ),
            (
                "nobody asked for it",
                "192.0.2.9",
                &["8.8.8.8"],
                "192.0.2.9",
            ),
            ("a trusted client", PROXY, &["10.0.0.3"], "10.0.0.3"),
            ("nothing in it", PROXY, &[""], PROXY),
            ("commas", PROXY, &[",,,"], PROXY),
            ("no address", PROXY, &["unknown"], PROXY),
            (
                "no address behind an invented one",
                PROXY,
                &["8.8.8.8, unknown"],
                PROXY,
            ),
            (
                "an invented one behind a trusted no address",
                PROXY,
                &["8.8.8.8, nonsense, 10.0.0.2"],
                "10.0.0.2",
            ),
            ("a port", PROXY, &["192.0.2.7:51000"], "192.0.2.7"),
            ("IPv6", PROXY, &["2001:db8::7"], "2001:db8::7"),
            (
                "IPv6 with a port",
                PROXY,
                &["[2001:db8::7]:51000"],
                "2001:db8::7",
            ),
            (
                "IPv4 as IPv6",
                "::ffff:10.0.0.1",
                &["::ffff:192.0.2.7"],
                "192.0.2.7",
            ),
            (
                "a trusted one as IPv6",
                PROXY,
                &["192.0.2.7, ::ffff:10.0.0.2"],
                "192.0.2.7",
            ),
            (
                "an IPv6 proxy",
                "2001:db8:aaaa::1",
                &["192.0.2.7"],
                "192.0.2.7",
            ),
        ];
        for (what, peer, values, expected) in cases {
            let found = client(AddressHeader::XForwardedFor, peer, values);
            assert_eq!(found, expected, "{what}");
        }
    }

    #[test]
    fn the_standard_header_is_read_as_the_standard_says() {
        const PROXY: &str = "10.0.0.1";
        let cases: [(&str, &[&str], &str); 16] = [
            ("the least", &["for=192.0.2.7"], "192.0.2.7"),
            ("its case", &["FOR=192.0.2.7;Proto=https"], "192.0.2.7"),
            (
                "its place",
                &["proto=https; by=10.0.0.1 ;for=192.0.2.7"],
                "192.0.2.7",
            ),
            ("quotes", &["for=\"192.0.2.7:51000\""], "192.0.2.7"),
            ("IPv6", &["for=\"[2001:db8::7]:51000\""], "2001:db8::7"),
            ("two proxies", &["for=192.0.2.7, for=10.0.0.2"], "192.0.2.7"),
            ("two lines", &["for=8.8.8.8", "for=192.0.2.7"], "192.0.2.7"),
            (
                "a client that invents",
                &["for=8.8.8.8, for=192.0.2.7"],
                "192.0.2.7",
            ),
            (
                "commas in quotes",
                &["for=8.8.8.8, for=192.0.2.7;host=\"a, for=10.0.0.9\""],
                "192.0.2.7",
            ),
            (
                "quotes in quotes",
                &["for=192.0.2.7;host=\"a\\\", for=8.8.8.8\""],
                "192.0.2.7",
            ),
            (
                "a quote without end",
                &["for=8.8.8.8, host=\"a, for=192.0.2.7"],
                PROXY,
            ),
            ("hidden", &["for=8.8.8.8, for=_hidden"], PROXY),
            ("unknown", &["for=unknown"], PROXY),
            ("without for", &["for=8.8.8.8, proto=https"], PROXY),
            ("twice", &["for=8.8.8.8;for=192.0.2.7"], PROXY),
            ("the other form", &["192.0.2.7"], PROXY),
        ];
        for (what, values, expected) in cases {
            let found = client(AddressHeader::Forwarded, PROXY, values);
            assert_eq!(found, expected, "{what}");
        }
    }

    #[test]
    fn without_trusted_proxies_nobodys_word_is_taken() {
        let peer = "10.0.0.1".parse().unwrap();
        assert_eq!(TrustedProxies::default().client(peer, ["192.0.2.7"]), peer);
    }
}
