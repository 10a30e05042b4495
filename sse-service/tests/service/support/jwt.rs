//! JSON Web Tokens and key sets, made apart from the library that reads them.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::token::now;

/// What a host's identity service says of an end user.
pub fn claims() -> Value {
    json!({ "sid": "a session of the host", "cid": "acme", "sub": "user-7", "exp": now() + 600 })
}

/// Who signs.
pub enum Signer {
    Rsa(String, RsaKeyPair),
    Ec(String, EcdsaKeyPair),
    Secret(String),
    Nobody,
}

impl Signer {
    pub fn rsa(id: &str) -> Self {
        Self::Rsa(id.into(), RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    pub fn ec(id: &str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self::Ec(id.into(), key)
    }

    fn header(&self) -> Value {
        match self {
            Self::Rsa(id, _) => json!({ "alg": "RS256", "typ": "JWT", "kid": id }),
            Self::Ec(id, _) => json!({ "alg": "ES256", "typ": "JWT", "kid": id }),
            Self::Secret(_) => json!({ "alg": "HS256", "typ": "JWT" }),
            Self::Nobody => json!({ "alg": "none", "typ": "JWT" }),
        }
    }

    pub fn sign(&self, claims: &Value) -> String {
        self.sign_with(&self.header(), claims)
    }

    /// With a header that may lie.
    pub fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = match self {
            Self::Rsa(_, key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(
                    &RSA_PKCS1_SHA256,
                    &SystemRandom::new(),
                    message.as_bytes(),
                    &mut signature,
                )
                .unwrap();
                signature
            }
            Self::Ec(_, key) => {
                let signature = key.sign(&SystemRandom::new(), message.as_bytes());
                signature.unwrap().as_ref().to_vec()
            }
            Self::Secret(secret) => {
                let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
                mac.update(message.as_bytes());
                mac.finalize().into_bytes().to_vec()
            }
            Self::Nobody => Vec::new(),
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The public key, as it stands in a key set.
    pub fn jwk(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rsa(id, key) => {
                let key = key.public_key();
                json!({
                    "kty": "RSA", "use": "sig", "alg": "RS256", "kid": id,
                    "n": text(key.modulus().big_endian_without_leading_zero()),
                    "e": text(key.exponent().big_endian_without_leading_zero()),
                })
            }
            Self::Ec(id, key) => {
                let (x, y) = key.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "kid": id, "x": text(x), "y": text(y) })
            }
            Self::Secret(_) | Self::Nobody => unreachable!("no public key"),
        }
    }
}

pub fn key_set(signers: &[&Signer]) -> String {
    let keys: Vec<Value> = signers.iter().map(|signer| signer.jwk()).collect();
    json!({ "keys": keys }).to_string()
}
