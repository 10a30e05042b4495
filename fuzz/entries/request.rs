//! Heads of requests, and what proxies say in them of where clients are.

use std::net::{IpAddr, Ipv4Addr};

use sse_service::{
    client_address::{AddressHeader, TrustedProxies},
    direct::request::StreamRequest,
};

const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

pub fn run(bytes: &[u8]) {
    let _ = StreamRequest::parse(bytes, "x-forwarded-for");
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    for header in [AddressHeader::XForwardedFor, AddressHeader::Forwarded] {
        let proxies = TrustedProxies::new(vec![PROXY.into()], header);
        // Whatever a client writes, what the proxy adds decides.
        let added = match header {
            AddressHeader::XForwardedFor => "192.0.2.7",
            AddressHeader::Forwarded => "for=192.0.2.7",
        };
        let client = proxies.client(PROXY, [text, added]);
        assert_eq!(client.to_string(), "192.0.2.7");
    }
}
