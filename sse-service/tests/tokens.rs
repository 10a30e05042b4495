//! Properties of session tokens, whatever anybody sends.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::{collection::vec, prelude::*, sample::Index};
use protocol::SessionMode;
use sse_service::{
    auth::{AuthError, Claims, Keyring, token::Seconds},
    clock,
};

/// Secrets that are all different: a keyring of some of them is a state of a rotation.
const SECRETS: [&str; 4] = [
    "the secret of the year before last, long enough",
    "the secret of last year, which is long enough",
    "the secret of this year, which is long enough",
    "the secret of next year, which is long enough",
];

fn claims() -> impl Strategy<Value = Claims> {
    let mode = prop_oneof![
        Just(SessionMode::All),
        Just(SessionMode::Connect),
        Just(SessionMode::Manage),
        Just(SessionMode::Reauth),
    ];
    let text = any::<Option<String>>();
    (
        ".{1,20}",
        ".{0,20}",
        any::<Option<Vec<String>>>(),
        mode,
        (text.clone(), text),
        1..10_000_i64,
    )
        .prop_map(|(cid, sid, int, mode, (oid, uid), left)| Claims {
            cid,
            exp: Some(Seconds(clock::unix_now() + left + 60)),
            int,
            mode,
            nonce: "n".into(),
            oid,
            sid,
            ts: Seconds(clock::unix_now()),
            uid,
        })
        .prop_filter("not larger than a token may be", |claims| {
            serde_json::to_vec(claims).unwrap().len() < 4000
        })
}

fn keyring(secrets: &[&str]) -> Keyring {
    Keyring::new(secrets).unwrap()
}

/// Some of the secrets, in some order: at least one.
fn rotation() -> impl Strategy<Value = Vec<&'static str>> {
    (Just(SECRETS.to_vec()).prop_shuffle(), 1..=SECRETS.len())
        .prop_map(|(secrets, count)| secrets[..count].to_vec())
}

proptest! {
    #[test]
    fn arbitrary_text_is_refused_and_nothing_worse(text in any::<String>()) {
        prop_assert_eq!(keyring(&SECRETS).verify(&text), Err(AuthError::BadToken));
    }

    #[test]
    fn arbitrary_bytes_in_the_form_of_a_token_are_refused(
        json in vec(any::<u8>(), 0..500),
        signature in vec(any::<u8>(), 0..64),
    ) {
        let token = format!("{}.{}", URL_SAFE_NO_PAD.encode(json), URL_SAFE_NO_PAD.encode(signature));
        prop_assert_eq!(keyring(&SECRETS).verify(&token), Err(AuthError::BadToken));
    }

    #[test]
    fn what_is_signed_is_what_is_verified(claims in claims(), secrets in rotation()) {
        let keyring = keyring(&secrets);
        prop_assert_eq!(keyring.verify(&keyring.sign(&claims)), Ok(claims));
    }

    #[test]
    fn in_every_state_of_a_rotation_exactly_the_configured_secrets_verify(
        claims in claims(),
        signed_with in rotation(),
        now in rotation(),
    ) {
        let token = keyring(&signed_with).sign(&claims);
        let rotated = keyring(&SECRETS[..1]);
        rotated.replace(&keyring(&now));
        let accepted = rotated.verify(&token).is_ok();
        prop_assert_eq!(accepted, now.contains(&signed_with[0]));
    }

    #[test]
    fn only_the_exact_signature_verifies(claims in claims(), at in any::<Index>(), by in 1..=255_u8) {
        let keyring = keyring(&SECRETS);
        let token = keyring.sign(&claims);
        let (json, signature) = token.split_once('.').unwrap();
        let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= by;
        let changed = format!("{json}.{}", URL_SAFE_NO_PAD.encode(&bytes));
        prop_assert_eq!(keyring.verify(&changed), Err(AuthError::BadToken));
        bytes[at] ^= by;
        bytes.truncate(at);
        let cut = format!("{json}.{}", URL_SAFE_NO_PAD.encode(&bytes));
        prop_assert_eq!(keyring.verify(&cut), Err(AuthError::BadToken));
    }

    #[test]
    fn a_signature_does_not_serve_other_claims(one in claims(), other in claims()) {
        prop_assume!(one != other);
        let keyring = keyring(&SECRETS);
        let (one, other) = (keyring.sign(&one), keyring.sign(&other));
        let (_, signature) = one.split_once('.').unwrap();
        let (json, _) = other.split_once('.').unwrap();
        let mixed = format!("{json}.{signature}");
        prop_assert_eq!(keyring.verify(&mixed), Err(AuthError::BadToken));
    }

    #[test]
    fn a_token_is_accepted_until_it_expires_and_no_longer(claims in claims(), past in 0..100_000_i64) {
        let keyring = keyring(&SECRETS);
        let expired = Claims { exp: Some(Seconds(clock::unix_now() - past)), ..claims };
        prop_assert_eq!(keyring.verify(&keyring.sign(&expired)), Err(AuthError::ExpiredToken));
    }
}
