//! What passes through the socket: bytes, connections, and clients that do not behave.

use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::support::{API_KEY, Service, Stores};

async fn connect(service: &Service) -> TcpStream {
    let address = service.url("");
    let socket = TcpStream::connect(address.trim_start_matches("http://"));
    socket.await.unwrap()
}

/// A connection whose job has ended.
async fn ended(service: &Service) -> String {
    let (connection, job) = service.syncing().await;
    let end = json!({ "inserted": 5, "status": "completed" });
    service.publish(&job, &end).await;
    connection
}

#[tokio::test]
async fn the_bytes_on_the_wire_are_those_of_the_contract() {
    let service = Service::start(Stores::Memory);
    let (connection, job) = service.syncing().await;
    let progress = r#"{"inserted": 42, "updated": 3, "deleted": 0, "kept": 100, "skipped": 2,
        "entities_encountered": {"Message": 45, "Channel": 2}, "is_complete": true, "seq": 4,
        "last_update_timestamp": "2026-01-02T03:04:05Z"}"#;
    let publish = service
        .request(Method::POST, &format!("/connect/jobs/{job}/progress"))
        .header("X-API-Key", API_KEY)
        .body(progress);
    assert_eq!(publish.send().await.unwrap().status(), StatusCode::OK);
    let mut socket = connect(&service).await;
    let request = format!(
        "GET /connect/source-connections/{connection}/subscribe HTTP/1.0\r\nAuthorization: Bearer {}\r\n\r\n",
        Service::token()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let (opening, rest) = body.split_once("\n\n").unwrap();
    assert!(
        opening.starts_with(&format!(
            "retry: 2000\ndata: {{\"type\":\"connected\",\"job_id\":\"{job}\""
        )),
        "{body}"
    );
    assert_eq!(
        rest,
        format!(
            "id: {job}/4\ndata: {{\"inserted\":42,\"updated\":3,\"deleted\":0,\"kept\":100,\"skipped\":2,\
             \"entities_encountered\":{{\"Message\":45,\"Channel\":2}},\"is_complete\":true,\"is_failed\":false,\
             \"status\":\"completed\",\"last_update_timestamp\":\"2026-01-02T03:04:05Z\",\"seq\":4}}\n\n"
        )
    );
}

#[tokio::test]
async fn a_stream_is_served_on_a_connection_that_was_used_before() {
    let service = Service::start(Stores::Memory);
    let connection = ended(&service).await;
    let mut socket = connect(&service).await;
    let path = format!("/connect/source-connections/{connection}/subscribe");
    let head = format!("Host: x\r\nAuthorization: Bearer {}\r\n", Service::token());
    for (path, expected) in [("/healthz", "\"ok\""), (&*path, "\"completed\"")] {
        let request = format!("GET {path} HTTP/1.1\r\n{head}\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !String::from_utf8_lossy(&answer).contains(expected) {
            let mut bytes = [0; 4096];
            let read = socket.read(&mut bytes).await.unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&bytes[..read]);
        }
    }
}

#[tokio::test]
async fn a_request_that_comes_in_pieces_is_answered_as_a_whole_one_is() {
    let service = Service::start(Stores::Memory);
    let connection = ended(&service).await;
    let mut socket = connect(&service).await;
    socket.set_nodelay(true).unwrap();
    let request = format!(
        "GET /connect/source-connections/{connection}/subscribe HTTP/1.1\r\nHost: x\r\n\
         Connection: close\r\nAuthorization: Bearer {}\r\n\r\n",
        Service::token()
    );
    for piece in request.as_bytes().chunks(50) {
        socket.write_all(piece).await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(
        answer.contains("\"completed\"") && answer.ends_with("0\r\n\r\n"),
        "{answer}"
    );
}

#[tokio::test]
async fn clients_that_never_read_hold_nobody_up() {
    let service = Service::start(Stores::Memory);
    let (connection, job) = service.syncing().await;
    let mut deaf = Vec::new();
    for _ in 0..20 {
        let response = service.try_subscribe(&connection, None).await;
        assert_eq!(response.status(), StatusCode::OK);
        deaf.push(response);
    }
    let mut stream = service.subscribe(&connection).await;
    stream.connected().await;
    let types: Vec<String> = (0..900)
        .map(|at| format!(r#""Type {at} of many": {at},"#))
        .collect();
    let types = types.concat();
    for seq in 1..=200 {
        let progress = format!(
            r#"{{"inserted": {seq}, "seq": {seq}, "entities_encountered": {{{types} "Last": 1}}}}"#
        );
        let publish = service
            .request(Method::POST, &format!("/connect/jobs/{job}/progress"))
            .header("X-API-Key", API_KEY)
            .body(progress);
        assert_eq!(publish.send().await.unwrap().status(), StatusCode::OK);
        // Several megabytes in all: more than a socket takes from a client that does not read.
        while stream.progress().await.data["inserted"] != json!(seq) {}
    }
    drop(deaf);
}
