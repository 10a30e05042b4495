//! JSON Web Tokens as session tokens.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::support::{
    SECRET, Service, Stores, Stream,
    jwt::{Signer, claims, key_set},
    token,
};

fn file(text: &str) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

fn service(keys: &NamedTempFile, flags: &[&str]) -> Service {
    let keys = ["--jwks", keys.path().to_str().unwrap()];
    Service::start_with(Stores::Memory, &[&keys[..], flags].concat())
}

async fn status(service: &Service, token: &str) -> StatusCode {
    let list = service.get("/connect/source-connections", token).await;
    list.status()
}

#[tokio::test]
async fn a_token_of_the_host_opens_streams_and_says_who_it_is_for() {
    let (rsa, ec) = (Signer::rsa("r"), Signer::ec("e"));
    let keys = file(&key_set(&[&rsa, &ec]));
    let service = service(&keys, &["--jwt-hs256"]);
    let (connection, _) = service.syncing().await;
    let secret = Signer::Secret(SECRET.into());
    for signer in [&rsa, &ec, &secret] {
        let mut claims = claims();
        claims["org"] = json!("00000000-0000-0000-0000-000000000000");
        claims["mode"] = json!("manage");
        claims["int"] = json!(["slack"]);
        let token = signer.sign(&claims);
        let path = format!("/connect/source-connections/{connection}/subscribe");
        let mut stream = Stream::new(service.get(&path, &token).await);
        stream.connected().await;
        let path = "/connect/sessions/a%20session%20of%20the%20host";
        let session: Value = service.get(path, &token).await.json().await.unwrap();
        assert_eq!(session["end_user_id"], "user-7");
        assert_eq!(session["mode"], "manage");
        assert_eq!(session["allowed_integrations"], json!(["slack"]));
    }
    let own = token::sign(&token::claims("acme"), SECRET);
    assert_eq!(status(&service, &own).await, StatusCode::OK);
}

#[tokio::test]
async fn tokens_that_are_not_good_are_refused() {
    let (rsa, ec, stranger) = (Signer::rsa("r"), Signer::ec("e"), Signer::rsa("r"));
    let keys = file(&key_set(&[&rsa, &ec]));
    let service = service(&keys, &[]);
    let without = |member: &str| {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(member);
        rsa.sign(&claims)
    };
    let with = |member: &str, value: Value| {
        let mut claims = claims();
        claims[member] = value;
        rsa.sign(&claims)
    };
    let header = |alg: &str| json!({ "alg": alg, "kid": "r" });
    let good = rsa.sign(&claims());
    let (message, _) = good.rsplit_once('.').unwrap();
    // The public key is known to everybody, so it must not serve as a secret.
    let public = Signer::Secret(rsa.jwk().to_string());
    let modulus = URL_SAFE_NO_PAD.decode(rsa.jwk()["n"].as_str().unwrap());
    let modulus = modulus
        .unwrap()
        .iter()
        .map(|byte| char::from(*byte))
        .collect();
    let cases = [
        ("of nobody", Signer::Nobody.sign(&claims())),
        ("whose signature was taken off", format!("{message}.")),
        ("signed with the public key", public.sign(&claims())),
        (
            "signed with the modulus",
            Signer::Secret(modulus).sign_with(&header("HS256"), &claims()),
        ),
        (
            "signed with a secret, which is not configured",
            Signer::Secret(SECRET.into()).sign(&claims()),
        ),
        (
            "that says none and is signed",
            rsa.sign_with(&header("none"), &claims()),
        ),
        (
            "that says another algorithm",
            rsa.sign_with(&header("RS512"), &claims()),
        ),
        (
            "of another kind of key",
            ec.sign_with(&header("RS256"), &claims()),
        ),
        (
            "of a stranger with a name that is known",
            stranger.sign(&claims()),
        ),
        (
            "with something that must be understood",
            rsa.sign_with(
                &json!({ "alg": "RS256", "kid": "r", "crit": ["b64"] }),
                &claims(),
            ),
        ),
        ("that has expired", with("exp", json!(token::now() - 1))),
        (
            "that is not valid yet",
            with("nbf", json!(token::now() + 3600)),
        ),
        ("without an end", without("exp")),
        ("without a collection", without("cid")),
        ("without a session", without("sid")),
        ("with an empty collection", with("cid", json!(""))),
        ("with an unknown mode", with("mode", json!("owner"))),
        ("with an end that is no time", with("exp", json!("never"))),
    ];
    for (what, token) in cases {
        assert_eq!(
            status(&service, &token).await,
            StatusCode::UNAUTHORIZED,
            "{what}"
        );
    }
    for at in (0..good.len()).step_by(7) {
        let mut changed = good.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(
            status(&service, &changed).await,
            StatusCode::UNAUTHORIZED,
            "changed at {at}"
        );
    }
    assert_eq!(status(&service, &good).await, StatusCode::OK);
}

#[tokio::test]
async fn an_expired_token_is_told_from_a_bad_one() {
    let rsa = Signer::rsa("r");
    let keys = file(&key_set(&[&rsa]));
    let service = service(&keys, &[]);
    let mut claims = claims();
    claims["exp"] = json!(token::now() - 1);
    let response = service
        .get("/connect/source-connections", &rsa.sign(&claims))
        .await;
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["type"], "urn:connect:problem:session-expired");
}

#[tokio::test]
async fn audience_and_issuer_are_checked_where_they_are_configured() {
    let rsa = Signer::rsa("r");
    let keys = file(&key_set(&[&rsa]));
    let strict = [
        "--jwt-audience",
        "connect",
        "--jwt-issuer",
        "https://id.example.com",
    ];
    let strict = service(&keys, &strict);
    let lenient = service(&keys, &[]);
    let issuer = "https://id.example.com";
    for (aud, iss, expected) in [
        (json!("connect"), json!(issuer), StatusCode::OK),
        (json!(["other", "connect"]), json!(issuer), StatusCode::OK),
        (json!("other"), json!(issuer), StatusCode::UNAUTHORIZED),
        (
            json!("connect"),
            json!("https://evil.example.com"),
            StatusCode::UNAUTHORIZED,
        ),
        (json!(null), json!(issuer), StatusCode::UNAUTHORIZED),
        (json!("connect"), json!(null), StatusCode::UNAUTHORIZED),
    ] {
        let mut claims = claims();
        for (member, value) in [("aud", &aud), ("iss", &iss)] {
            if !value.is_null() {
                claims[member] = value.clone();
            }
        }
        let token = rsa.sign(&claims);
        assert_eq!(status(&strict, &token).await, expected, "{aud} {iss}");
        assert_eq!(
            status(&lenient, &token).await,
            StatusCode::OK,
            "{aud} {iss}"
        );
    }
}

#[tokio::test]
async fn without_being_asked_to_the_service_takes_no_json_web_tokens() {
    let service = Service::start(Stores::Memory);
    let token = Signer::Secret(SECRET.into()).sign(&claims());
    assert_eq!(status(&service, &token).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn keys_are_fetched_once_however_many_tokens_name_unknown_ones() {
    let rsa = Signer::rsa("r");
    let body = key_set(&[&rsa]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    let fetches: &AtomicUsize = Box::leak(Box::default());
    tokio::spawn(async move {
        loop {
            let (mut io, _) = listener.accept().await.unwrap();
            fetches.fetch_add(1, Ordering::SeqCst);
            let _ = io.read(&mut [0; 4096]).await;
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = io.write_all(answer.as_bytes()).await;
        }
    });
    let service = Service::start_with(Stores::Memory, &["--jwks", &url]);
    assert_eq!(status(&service, &rsa.sign(&claims())).await, StatusCode::OK);
    let stranger = Signer::rsa("unknown");
    for _ in 0..50 {
        let token = stranger.sign(&claims());
        assert_eq!(status(&service, &token).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(fetches.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn keys_that_cannot_be_had_let_nobody_in_and_hurt_nobody_else() {
    let keys = file("no key set");
    let service = service(&keys, &[]);
    let token = Signer::rsa("r").sign(&claims());
    assert_eq!(status(&service, &token).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&service, &Service::token()).await, StatusCode::OK);
}
