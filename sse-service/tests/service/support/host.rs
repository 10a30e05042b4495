//! A small stand-in for the API of a host's backend, over real HTTP: the part of the contract that a service asks for.

use std::{
    collections::HashMap,
    net::TcpListener,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::{StatusCode, header::AUTHORIZATION},
    web::{self, Data},
};
use serde_json::{Value, json};
use uuid::Uuid;

/// Stopped when dropped.
pub struct Host {
    url: String,
    server: ServerHandle,
    state: Data<Mutex<State>>,
}

/// What the host knows, and how it behaves.
#[derive(Default)]
pub struct State {
    connections: HashMap<String, Value>,
    jobs: HashMap<String, Vec<Value>>,
    /// Every request: its path and token.
    pub asked: Vec<(String, String)>,
    /// Answered in place of everything else.
    pub instead: Option<(StatusCode, String)>,
    /// Answers wait for this long.
    pub delay: Duration,
    at_once: usize,
    /// The most requests that were being answered at the same time.
    pub most_at_once: usize,
}

impl Host {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Data::new(Mutex::new(State::default()));
        let (sender, handle) = std::sync::mpsc::channel();
        let shared = state.clone();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async {
                let app = move || {
                    App::new()
                        .app_data(shared.clone())
                        .default_service(web::to(answer))
                };
                let server = HttpServer::new(app).workers(1).disable_signals();
                let server = server.listen(listener).unwrap().run();
                sender.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self {
            url,
            server: handle.recv().unwrap(),
            state,
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        let state = self.state();
        state
            .asked
            .iter()
            .filter(|(asked, _)| asked == path)
            .count()
    }

    /// A connection as backends of the seed's kind show a single one: nested, with much that we do not know.
    pub fn add_connection(&self, collection: &str) -> String {
        let id = Uuid::new_v4().to_string();
        let connection = json!({
            "id": id, "name": "Chat", "short_name": "slack", "readable_collection_id": collection,
            "status": "syncing", "description": null, "config": null, "schedule": { "cron": "0 * * * *" },
            "auth": { "method": "oauth_browser", "authenticated": true },
            "entities": { "total_entities": 12, "by_type": {} }, "federated_search": false,
            "created_at": "2026-01-02T03:04:05", "modified_at": null,
        });
        self.state().connections.insert(id.clone(), connection);
        id
    }

    /// A new job of a connection, in the words of an older backend.
    pub fn add_job(&self, connection: &str, status: &str) -> String {
        let id = Uuid::new_v4().to_string();
        let job = json!({
            "id": id, "source_connection_id": connection, "status": status, "entities_inserted": 3,
            "entities_encountered": null, "duration_seconds": null, "error": null, "started_at": null,
        });
        let mut state = self.state();
        state
            .jobs
            .entry(connection.into())
            .or_default()
            .insert(0, job);
        id
    }

    pub fn set_status(&self, connection: &str, status: &str) {
        self.state().jobs.get_mut(connection).unwrap()[0]["status"] = json!(status);
    }

    pub fn answer_instead(&self, status: u16, body: &str) {
        let status = StatusCode::from_u16(status).unwrap();
        self.state().instead = Some((status, body.into()));
    }

    pub fn answer_again(&self) {
        self.state().instead = None;
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

async fn answer(request: HttpRequest, state: Data<Mutex<State>>) -> HttpResponse {
    let delay = {
        let mut state = state.lock().unwrap();
        let token = request.headers().get(AUTHORIZATION);
        let token = token.map_or("", |token| token.to_str().unwrap());
        state
            .asked
            .push((request.path().into(), token.replacen("Bearer ", "", 1)));
        state.at_once += 1;
        state.most_at_once = state.most_at_once.max(state.at_once);
        state.delay
    };
    actix_web::rt::time::sleep(delay).await;
    let mut state = state.lock().unwrap();
    state.at_once -= 1;
    state.answer(request.path())
}

impl State {
    fn answer(&self, path: &str) -> HttpResponse {
        if let Some((status, body)) = &self.instead {
            return HttpResponse::build(*status)
                .insert_header(("Location", "/elsewhere"))
                .body(body.clone());
        }
        let Some(path) = path.strip_prefix("/api/connect/source-connections") else {
            return HttpResponse::NotFound().finish();
        };
        match path.split('/').collect::<Vec<_>>()[..] {
            [""] => {
                let list: Vec<&Value> = self.connections.values().collect();
                HttpResponse::Ok().json(list)
            }
            ["", id] => match self.connections.get(id) {
                Some(connection) => HttpResponse::Ok().json(connection),
                None => HttpResponse::NotFound().json(json!({ "detail": "not found" })),
            },
            ["", id, "jobs"] => {
                HttpResponse::Ok().json(self.jobs.get(id).cloned().unwrap_or_default())
            }
            _ => HttpResponse::NotFound().finish(),
        }
    }
}
