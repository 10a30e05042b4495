//! What the host's servers show: `X-API-Key`.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::AuthError;
use crate::error::ApiError;

/// The keys that are accepted. Only their hashes are kept, which also makes all comparisons equally long.
#[derive(Clone, Default)]
pub struct ApiKeys {
    hashes: Vec<[u8; 32]>,
}

impl ApiKeys {
    /// Takes the keys. Without any, nobody may use the endpoints for servers.
    pub fn new<S: AsRef<[u8]>>(keys: &[S]) -> Self {
        Self {
            hashes: keys.iter().map(|key| Sha256::digest(key).into()).collect(),
        }
    }

    fn accept(&self, key: &[u8]) -> bool {
        let hash: [u8; 32] = Sha256::digest(key).into();
        let found = self
            .hashes
            .iter()
            .fold(subtle::Choice::from(0), |found, known| {
                found | known.ct_eq(&hash)
            });
        found.into()
    }
}

/// The caller is one of the host's servers.
#[derive(Clone, Copy, Debug)]
pub struct ApiKey;

impl FromRequest for ApiKey {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let keys = request.app_data::<web::Data<ApiKeys>>();
        let key = request.headers().get("X-API-Key");
        let accepted =
            matches!((keys, key), (Some(keys), Some(key)) if keys.accept(key.as_bytes()));
        ready(if accepted {
            Ok(Self)
        } else {
            Err(AuthError::BadApiKey.into())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_key_is_accepted() {
        let keys = ApiKeys::new(&["first", "second"]);
        assert!(keys.accept(b"first") && keys.accept(b"second"));
        for key in ["", "firs", "first ", "third", "firstsecond"] {
            assert!(!keys.accept(key.as_bytes()), "{key}");
        }
        assert!(!ApiKeys::default().accept(b""));
    }
}
