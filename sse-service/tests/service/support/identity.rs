//! What a service shows of itself when it speaks TLS.

use std::fs;

use reqwest::{Certificate, Client, ClientBuilder};
use tempfile::TempDir;

use super::{Service, Stores};

/// A certificate for this machine, in files.
pub struct Identity {
    folder: TempDir,
}

impl Identity {
    pub fn new() -> Self {
        let identity = Self {
            folder: TempDir::new().unwrap(),
        };
        identity.renew();
        identity
    }

    /// Another certificate in the same files.
    pub fn renew(&self) {
        let made = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
        fs::write(self.path("chain.pem"), made.cert.pem()).unwrap();
        fs::write(self.path("key.pem"), made.signing_key.serialize_pem()).unwrap();
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// The beginning of a client that trusts this certificate and no other.
    pub fn trusting(&self) -> ClientBuilder {
        let pem = fs::read(self.path("chain.pem")).unwrap();
        let certificate = Certificate::from_pem(&pem).unwrap();
        Client::builder().tls_certs_only([certificate])
    }

    pub fn client(&self) -> Client {
        self.trusting().build().unwrap()
    }

    pub fn service(&self, flags: &[&str]) -> Service {
        let (chain, key) = (self.path("chain.pem"), self.path("key.pem"));
        let tls = ["--tls-cert", &chain, "--tls-key", &key];
        Service::start_with(Stores::Memory, &[&tls[..], flags].concat())
    }
}
