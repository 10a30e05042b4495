//! Sessions: what a browser may see, for how long.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::count;

/// What a session may be used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SessionMode {
    /// Everything.
    #[default]
    All,
    /// Adding connections; it sees only those that were created in it.
    Connect,
    /// Looking at connections and removing them.
    Manage,
    /// Renewing the authorization of connections.
    Reauth,
}

impl SessionMode {
    /// Whether it may look at all of its collection's connections, jobs and streams.
    pub fn sees_collection(self) -> bool {
        !matches!(self, Self::Connect)
    }
}

/// The answer of `GET /connect/sessions/{session_id}`: what the caller's token stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionContext {
    /// The session's id.
    pub session_id: String,
    /// The tenant.
    pub organization_id: String,
    /// The collection whose connections it may see.
    pub collection_id: String,
    /// The integrations that it is limited to; `null` or empty means all.
    pub allowed_integrations: Option<Vec<String>>,
    /// What it may be used for.
    pub mode: SessionMode,
    /// The host's own name for its end user.
    pub end_user_id: Option<String>,
    /// When the token stops to be accepted: RFC 3339, UTC.
    pub expires_at: String,
}

/// The body of `POST /connect/sessions`: the host's server asks for a session token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateSession {
    /// The collection whose connections the session may see.
    #[cfg_attr(feature = "openapi", schema(min_length = 1))]
    pub readable_collection_id: String,
    /// What it may be used for; `all` when not given.
    #[serde(default)]
    pub mode: SessionMode,
    /// Limits it to these integrations, by `short_name`; all when not given or empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_integrations: Option<Vec<String>>,
    /// The host's own name for its end user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_user_id: Option<String>,
    /// The tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    /// How long the token is accepted, in seconds; 600 when not given.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "count::optional_count"
    )]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 86400))]
    pub ttl_seconds: Option<u64>,
}

/// The answer to [`CreateSession`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionCreated {
    /// The session's id.
    pub session_id: String,
    /// The bearer token for the browser. A secret: it is left out of the `Debug` output.
    pub session_token: String,
    /// When the token stops to be accepted: RFC 3339, UTC.
    pub expires_at: String,
}

impl core::fmt::Debug for SessionCreated {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SessionCreated")
            .field("session_id", &self.session_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
