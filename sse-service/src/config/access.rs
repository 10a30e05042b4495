//! Settings of who is let in, and of where clients are.

use clap::Args;
use ipnet::IpNet;

use crate::client_address::{AddressHeader, TrustedProxies};

/// Flags of `serve` about clients and proxies.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Access")]
pub struct AccessArgs {
    /// Networks, separated by commas, of the proxies whose word is taken for a client's address, such as 10.0.0.0/8
    #[arg(
        long = "trusted-proxy",
        env = "CONNECT_TRUSTED_PROXIES",
        value_name = "CIDR",
        value_delimiter = ',',
        value_parser = network
    )]
    pub trusted_proxies: Vec<IpNet>,
    /// Header in which they write it
    #[arg(long, env = "CONNECT_ADDRESS_HEADER", value_enum, default_value_t)]
    pub address_header: AddressHeader,
}

/// A network, or an address as a network of one.
fn network(text: &str) -> Result<IpNet, String> {
    let one = || text.parse().map(|address: std::net::IpAddr| address.into());
    text.parse()
        .or_else(|_| one())
        .map_err(|_| "it must be a network such as 10.0.0.0/8, or an address".into())
}

impl AccessArgs {
    /// The proxies that are trusted.
    pub fn proxies(&self) -> TrustedProxies {
        TrustedProxies::new(self.trusted_proxies.clone(), self.address_header)
    }
}
