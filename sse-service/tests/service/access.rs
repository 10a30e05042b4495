//! Who may see what: 401 and 403, and how they are told.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::support::{SECRET, Service, Stores, token};

async fn problem(response: Response) -> Value {
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let status = response.status();
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["status"], status.as_u16());
    for member in ["type", "title", "detail"] {
        assert!(problem[member].is_string(), "{problem}");
    }
    problem
}

/// The paths below one connection that a browser asks for.
fn paths(connection: &str) -> [String; 3] {
    let path = format!("/connect/source-connections/{connection}");
    [
        path.clone(),
        format!("{path}/jobs"),
        format!("{path}/subscribe"),
    ]
}

#[tokio::test]
async fn tokens_that_are_not_valid_are_answered_with_401() {
    let service = Service::start(Stores::Memory);
    let (connection, _) = service.syncing().await;
    let good = Service::token();
    let mut expired = token::claims("acme");
    expired["ts"] = json!(token::now() - 601);
    let mut overdue = token::claims("acme");
    overdue["exp"] = json!(token::now() - 1);
    let cases = [
        (
            "forged",
            token::sign(
                &token::claims("acme"),
                "a secret that nobody configured here",
            ),
        ),
        ("expired by age", token::sign(&expired, SECRET)),
        ("expired by its own word", token::sign(&overdue, SECRET)),
        ("truncated", good[..good.len() - 4].to_owned()),
        (
            "without its signature",
            good.split('.').next().unwrap().to_owned(),
        ),
        (
            "another kind of token",
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.".to_owned(),
        ),
        ("nothing", "x".to_owned()),
    ];
    for path in paths(&connection)
        .iter()
        .chain([&"/connect/source-connections".to_owned()])
    {
        for (what, token) in &cases {
            let response = service.get(path, token).await;
            assert_eq!(
                response.status(),
                StatusCode::UNAUTHORIZED,
                "{what}: {path}"
            );
            assert!(
                response.headers()["www-authenticate"]
                    .to_str()
                    .unwrap()
                    .starts_with("Bearer"),
                "{what}"
            );
            let problem = problem(response).await;
            assert!(
                !problem.to_string().contains(token.as_str()),
                "{what}: the token is not repeated"
            );
        }
        let without = service.request(Method::GET, path).send().await.unwrap();
        assert_eq!(without.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn an_expired_token_is_told_from_a_bad_one() {
    let service = Service::start(Stores::Memory);
    let mut claims = token::claims("acme");
    claims["ts"] = json!(token::now() - 601);
    let response = service
        .get("/connect/source-connections", &token::sign(&claims, SECRET))
        .await;
    assert_eq!(
        problem(response).await["type"],
        "urn:connect:problem:session-expired"
    );
}

#[tokio::test]
async fn another_collections_connection_is_forbidden_and_not_listed() {
    let service = Service::start(Stores::Memory);
    let own = service.register_connection("acme").await;
    let foreign = service.register_connection("umbrella").await;
    service.register_job(&foreign).await;
    for path in paths(&foreign) {
        let response = service.get(&path, &Service::token()).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{path}");
        assert!(
            !problem(response).await.to_string().contains("umbrella"),
            "{path}"
        );
    }
    let list: Value = service
        .get("/connect/source-connections", &Service::token())
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        list.as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap())
            .collect::<Vec<_>>(),
        [own]
    );
}

#[tokio::test]
async fn another_tenant_with_a_collection_of_the_same_name_is_forbidden() {
    let service = Service::start(Stores::Memory);
    let connection = service.register_connection("acme").await;
    let path = format!("/connect/source-connections/{connection}");
    service
        .ask(Method::PUT, &path, &json!({ "organization_id": "org-1" }))
        .await;
    let mut claims = token::claims("acme");
    claims["oid"] = json!("org-2");
    let other = token::sign(&claims, SECRET);
    assert_eq!(
        service.get(&path, &other).await.status(),
        StatusCode::FORBIDDEN
    );
    let list: Value = service
        .get("/connect/source-connections", &other)
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(list, json!([]));
    claims["oid"] = json!("org-1");
    assert_eq!(
        service
            .get(&path, &token::sign(&claims, SECRET))
            .await
            .status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn another_integrations_connection_is_forbidden_and_not_listed() {
    let service = Service::start(Stores::Memory);
    let (connection, _) = service.syncing().await;
    let mut claims = token::claims("acme");
    claims["int"] = json!(["github"]);
    let limited = token::sign(&claims, SECRET);
    for path in paths(&connection) {
        assert_eq!(
            service.get(&path, &limited).await.status(),
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    let list: Value = service
        .get("/connect/source-connections", &limited)
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(list, json!([]));
}

#[tokio::test]
async fn the_mode_connect_sees_what_was_created_in_its_session_and_nothing_else() {
    let service = Service::start(Stores::Memory);
    let (others, _) = service.syncing().await;
    let own = service.register_connection("acme").await;
    let mut claims = token::claims("acme");
    claims["mode"] = json!("connect");
    let body = json!({ "session_id": claims["sid"] });
    service
        .ask(
            Method::PUT,
            &format!("/connect/source-connections/{own}"),
            &body,
        )
        .await;
    service.register_job(&own).await;
    let connect = token::sign(&claims, SECRET);
    for path in paths(&others) {
        assert_eq!(
            service.get(&path, &connect).await.status(),
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    for path in paths(&own) {
        assert_eq!(
            service.get(&path, &connect).await.status(),
            StatusCode::OK,
            "{path}"
        );
    }
    let list: Value = service
        .get("/connect/source-connections", &connect)
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(list.as_array().unwrap().len(), 1);
    for mode in ["all", "manage", "reauth"] {
        claims["mode"] = json!(mode);
        let token = token::sign(&claims, SECRET);
        let list: Value = service
            .get("/connect/source-connections", &token)
            .await
            .json()
            .await
            .unwrap();
        assert_eq!(list.as_array().unwrap().len(), 2, "{mode}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let service = Service::start(Stores::Memory);
    for id in [
        "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
        "no-uuid",
        "1",
        "..%2f..%2fetc%2fpasswd",
        "%00",
        "*",
    ] {
        for path in paths(id) {
            let response = service.get(&path, &Service::token()).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
            problem(response).await;
        }
    }
    let never_synced = service.register_connection("acme").await;
    let response = service.try_subscribe(&never_synced, None).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        problem(response).await["type"],
        "urn:connect:problem:no-job"
    );
    for path in ["/", "/connect", "/connect/nothing", "/demo/session"] {
        assert_eq!(
            service.get(path, &Service::token()).await.status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_apart_from_a_wrong_path() {
    let service = Service::start(Stores::Memory);
    let response = service
        .send(Method::DELETE, "/connect/source-connections", &json!({}))
        .await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    problem(response).await;
}

#[tokio::test]
async fn a_token_in_the_address_is_off_unless_configured() {
    let strict = Service::start(Stores::Memory);
    let path = format!(
        "/connect/source-connections?access_token={}",
        Service::token()
    );
    assert_eq!(
        strict
            .request(Method::GET, &path)
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::UNAUTHORIZED
    );
    let lenient = Service::start_with(Stores::Memory, &["--allow-query-token"]);
    assert_eq!(
        lenient
            .request(Method::GET, &path)
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn every_configured_secret_verifies_and_the_first_signs() {
    let service = Service::start_with(
        Stores::Memory,
        &["--session-secret", "an older secret that is still valid"],
    );
    for secret in [SECRET, "an older secret that is still valid"] {
        let token = token::sign(&token::claims("acme"), secret);
        assert_eq!(
            service
                .get("/connect/source-connections", &token)
                .await
                .status(),
            StatusCode::OK
        );
    }
    let body = json!({ "readable_collection_id": "acme" });
    let created = service.ask(Method::POST, "/connect/sessions", &body).await;
    let (json, _) = created["session_token"]
        .as_str()
        .unwrap()
        .split_once('.')
        .unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(json).unwrap()).unwrap();
    for member in ["sid", "oid", "cid", "int", "mode", "uid", "ts", "nonce"] {
        assert!(claims.get(member).is_some(), "{member}");
    }
}

#[tokio::test]
async fn refusals_are_counted_by_cause() {
    let service = Service::start(Stores::Memory);
    service.get("/connect/source-connections", "x").await;
    service
        .get("/connect/sessions/other", &Service::token())
        .await;
    assert!(
        service
            .metric("connect_auth_failures_total{cause=\"bad-token\"}")
            .await
            > 0
    );
    assert!(
        service
            .metric("connect_auth_failures_total{cause=\"other-session\"}")
            .await
            > 0
    );
}
