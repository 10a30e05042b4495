//! The description of the API, made from the code: `GET /openapi.json` (OpenAPI 3.1).

use std::sync::LazyLock;

use protocol::{Problem, Progress, StreamMessage};
use utoipa::{
    IntoResponses, Modify, OpenApi, ToSchema,
    openapi::{
        Components,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::handlers::{connections, health, jobs, progress, sessions, subscribe};

/// The description as JSON.
pub static JSON: LazyLock<String> =
    LazyLock::new(|| Api::openapi().to_json().expect("a description is JSON"));

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sync progress",
        description = "Live progress of sync jobs, as Server-Sent Events.",
    ),
    paths(
        sessions::create,
        sessions::get,
        sessions::revoke,
        connections::list,
        connections::get,
        connections::put,
        jobs::list,
        jobs::create,
        subscribe::subscribe,
        subscribe::subscribe_many,
        progress::publish,
        health::healthz,
        health::readyz,
        health::metrics,
    ),
    components(schemas(Problem, Progress, StreamMessage)),
    modifiers(&Credentials),
    tags(
        (name = "browsers", description = "With a session token"),
        (name = "servers", description = "With an API key"),
        (name = "operators"),
    )
)]
struct Api;

/// An event on a stream: WHATWG HTML, "Server-sent events".
#[derive(ToSchema)]
#[allow(dead_code, reason = "described, never made")]
pub(crate) struct StreamEvent {
    /// Of a progress message: what to send back as `Last-Event-ID`.
    id: Option<String>,
    /// A `StreamMessage` or a `Progress` as JSON; none where only `retry` is told.
    data: Option<String>,
    /// After how many milliseconds to come back when the stream is cut.
    retry: Option<u64>,
}

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let session = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A session token"));
        let key = ApiKeyValue::with_description("X-API-Key", "A key of the host's servers");
        let components = api.components.get_or_insert_with(Components::new);
        components.add_security_scheme("session", SecurityScheme::Http(session.build()));
        components.add_security_scheme("api_key", SecurityScheme::ApiKey(ApiKey::Header(key)));
    }
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident { $($kind:ident = $status:literal, $description:literal;)* })*) => { $(
        $(#[$doc])*
        #[derive(IntoResponses)]
        #[allow(dead_code, reason = "described, never made")]
        pub(crate) enum $name { $(
            #[response(
                status = $status,
                description = $description,
                content_type = "application/problem+json"
            )]
            $kind(Problem),
        )* }
    )* };
}

refusals! {
    /// What any request can be answered.
    Any {
        Slow = 408, "The request took too long";
        LongUrl = 414, "The address is too long";
        LargeHeaders = 431, "The headers are too large";
        Away = 503, "The service stops, is full, or cannot reach its broker or directory; Retry-After says when to ask again";
    }
    /// With a session token.
    ForSession {
        NoSession = 401, "No token, or one that is broken, forged, expired or revoked";
        Forbidden = 403, "Another session, collection, tenant or integration, or a mode without the right";
    }
    /// With an API key.
    ForServer {
        NoKey = 401, "No key, or an unknown one";
    }
    /// About one connection or job.
    Missing {
        NotThere = 404, "No such connection or job, or the connection has no job";
    }
    /// With a JSON body.
    WithBody {
        TooLarge = 413, "The body is too large";
        NotJson = 415, "The body is not JSON";
        Senseless = 422, "The body makes no sense";
    }
    /// With a query or an id to be read.
    Unreadable {
        Senseless = 422, "The query or the id makes no sense";
    }
    /// What is registered elsewhere.
    Conflicting {
        Conflict = 409, "It belongs to another connection or collection";
        NotKept = 501, "The host keeps its connections and jobs itself";
    }
    /// What is done too often.
    Limited {
        TooMany = 429, "Too many; Retry-After says when to ask again";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_somewhere() {
        let api: serde_json::Value = serde_json::from_str(&JSON).unwrap();
        let mut found = 0;
        for part in JSON.split("\"$ref\":\"").skip(1) {
            let pointer = part.split('"').next().unwrap().trim_start_matches('#');
            assert!(api.pointer(pointer).is_some(), "{pointer}");
            found += 1;
        }
        assert!(found > 10);
    }
}
