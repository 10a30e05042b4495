//! Requests to the host's API.

use std::time::Duration;

use actix_web::http::Uri;
use bytes::{Bytes, BytesMut};
use reqwest::{Response, StatusCode, header::ACCEPT, redirect::Policy};
use tokio::{sync::Semaphore, time::timeout};

use super::{super::DirectoryError, cache::Cache, reading::NotReadable};
use crate::auth::session::Bearer;

/// How long an answer may take, waiting for a turn included. A browser's request waits for it.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Requests at once: when many browsers come back at the same moment, the host is not overrun.
const MAX_REQUESTS: usize = 32;

/// The largest answer that is read, in bytes. A thousand connections fit.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// The address of the host's API cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadUpstream {
    /// Not of the form that is needed. It is not repeated: it may hold a password.
    #[error("it must be http:// with a host, without user, query or fragment")]
    Address,
    /// TLS is not built in.
    #[error("https:// is not supported; put a proxy that speaks it between")]
    Tls,
    /// No client can be made, as when the system's certificates cannot be read.
    #[error("{0}")]
    Client(reqwest::Error),
}

/// Asks the host's API, as one of its browsers would.
pub struct Client {
    http: reqwest::Client,
    base: String,
    turns: Semaphore,
    cache: Cache,
}

impl Client {
    /// For the API at `url`, to which paths such as `/connect/source-connections` are appended.
    pub fn new(url: &str) -> Result<Self, BadUpstream> {
        let base = url.trim_end_matches('/').to_owned();
        if base.starts_with("https://") {
            return Err(BadUpstream::Tls);
        }
        if !is_base(&base) {
            return Err(BadUpstream::Address);
        }
        let http = reqwest::Client::builder()
            .user_agent(concat!("sse-service/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            // A token is for this address, and for none that somebody points at.
            .redirect(Policy::none())
            .build()
            .map_err(BadUpstream::Client)?;
        Ok(Self {
            http,
            base,
            turns: Semaphore::new(MAX_REQUESTS),
            cache: Cache::default(),
        })
    }

    /// What the host says now, as `read` takes it; `None` for 404.
    pub(super) async fn ask<T>(
        &self,
        caller: &Bearer,
        path: &str,
        read: impl FnOnce(&[u8]) -> Result<T, NotReadable>,
    ) -> Result<Option<T>, DirectoryError> {
        let Some(json) = timeout(TIMEOUT, self.request(caller, path))
            .await
            .map_err(|_| unavailable("no answer in time"))??
        else {
            return Ok(None);
        };
        let answer = read(&json)?;
        self.cache.put(caller, path, &json);
        Ok(Some(answer))
    }

    /// What the host says, or has said to this caller a moment ago; `None` for 404.
    pub(super) async fn ask_or_remember<T>(
        &self,
        caller: &Bearer,
        path: &str,
        read: impl FnOnce(&[u8]) -> Result<T, NotReadable>,
    ) -> Result<Option<T>, DirectoryError> {
        match self.cache.get(caller, path) {
            Some(json) => Ok(Some(read(&json)?)),
            None => self.ask(caller, path, read).await,
        }
    }

    async fn request(&self, caller: &Bearer, path: &str) -> Result<Option<Bytes>, DirectoryError> {
        let turn = self.turns.acquire().await;
        let response = self
            .http
            .get(format!("{}{path}", self.base))
            .bearer_auth(caller.secret())
            .header(ACCEPT, "application/json")
            .send()
            .await
            .map_err(|error| unavailable(error.without_url()))?;
        let answer = match response.status() {
            StatusCode::OK => Ok(Some(body(response).await?)),
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::UNAUTHORIZED => Err(DirectoryError::Unauthorized),
            StatusCode::FORBIDDEN => Err(DirectoryError::Forbidden),
            status => Err(unavailable(format_args!("status {}", status.as_u16()))),
        };
        drop(turn);
        answer
    }
}

async fn body(mut response: Response) -> Result<Bytes, DirectoryError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| unavailable(error.without_url()))?
    {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(unavailable("the answer is too large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn unavailable(why: impl std::fmt::Display) -> DirectoryError {
    DirectoryError::Unavailable(format!("the host's API: {why}"))
}

fn is_base(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else {
        return false;
    };
    let is_web = uri.scheme_str() == Some("http");
    let is_host = uri
        .authority()
        .is_some_and(|authority| !authority.as_str().contains('@') && !authority.host().is_empty());
    is_web && is_host && uri.query().is_none() && !text.contains('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_of_an_api_is_taken() {
        for good in ["http://127.0.0.1:8000", "http://api.example.com/v1"] {
            assert!(is_base(good), "{good}");
        }
        for bad in [
            "",
            "api.example.com",
            "/v1",
            "ftp://api.example.com",
            "http://",
            "http://user:secret@api.example.com",
            "http://api.example.com?x=1",
            "http://api.example.com#x",
        ] {
            assert!(!is_base(bad), "{bad}");
        }
    }
}
