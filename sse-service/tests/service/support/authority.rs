//! Who vouches for certificates.

use std::fs;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use uuid::Uuid;

/// An authority of its own, and what it has signed, in files.
pub struct Authority {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let mut params = CertificateParams::default();
        // Others have other names, and so have those that it signs.
        let name = format!("Authority {}", Uuid::new_v4());
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        Self {
            folder,
            issuer: Issuer::new(params, key),
        }
    }

    /// Signs a certificate for this machine: `<name>.pem`, and its key `<name>.key`.
    pub fn sign(&self, name: &str) {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let params = CertificateParams::new(names).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        fs::write(self.path(&format!("{name}.pem")), certificate.pem()).unwrap();
        fs::write(self.path(&format!("{name}.key")), key.serialize_pem()).unwrap();
    }

    pub fn path(&self, file: &str) -> String {
        self.folder.path().join(file).to_str().unwrap().to_owned()
    }

    /// The settings of a Redis that also speaks TLS, on a port, and wants to see certificates.
    pub fn redis_flags(&self, port: u16) -> Vec<String> {
        self.sign("server");
        let flags = [
            ("--tls-port", port.to_string()),
            ("--tls-cert-file", self.path("server.pem")),
            ("--tls-key-file", self.path("server.key")),
            ("--tls-ca-cert-file", self.path("ca.pem")),
            ("--tls-auth-clients", "yes".into()),
        ];
        let flags = flags.map(|(flag, value)| [flag.to_owned(), value]);
        flags.concat()
    }

    /// The service's settings for such a Redis.
    pub fn service_flags(&self) -> Vec<String> {
        self.sign("client");
        let flags = [
            ("--redis-tls-ca", "ca.pem"),
            ("--redis-tls-cert", "client.pem"),
            ("--redis-tls-key", "client.key"),
        ];
        let flags = flags.map(|(flag, file)| [flag.to_owned(), self.path(file)]);
        flags.concat()
    }
}
