//! Session tokens of either kind: whatever is sent, nothing is accepted but what the secret has signed.

use std::sync::LazyLock;

use futures_util::FutureExt;
use sse_service::auth::{
    Keyring,
    jwt::{JwtSettings, JwtVerifier},
};

static KEYRING: LazyLock<Keyring> =
    LazyLock::new(|| Keyring::new(&["a secret that no seed was signed with"]).unwrap());

static JWT: LazyLock<JwtVerifier> = LazyLock::new(|| {
    JwtVerifier::new(JwtSettings {
        with_secrets: true,
        ..JwtSettings::default()
    })
});

pub fn run(token: &str) {
    assert!(KEYRING.verify(token).is_err());
    let verified = JWT.verify(token, &KEYRING).now_or_never();
    assert!(verified.expect("nothing to wait for").is_err());
}
