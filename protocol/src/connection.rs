//! Source connections: what an end user has connected.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::count;

/// Where a connection stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConnectionStatus {
    /// Connected, nothing going on.
    #[default]
    Active,
    /// Switched off.
    Inactive,
    /// The end user has not finished authorizing it.
    PendingAuth,
    /// A job is running.
    Syncing,
    /// Its last job failed, or its credentials no longer work.
    Error,
}

impl ConnectionStatus {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::PendingAuth => "pending_auth",
            Self::Syncing => "syncing",
            Self::Error => "error",
        }
    }
}

/// One connection, as `GET /connect/source-connections` lists them. Times are RFC 3339 in UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceConnection {
    /// Its id, a UUID.
    pub id: String,
    /// The name that the end user gave it.
    pub name: String,
    /// The integration, such as `slack`.
    pub short_name: String,
    /// The collection that it belongs to: what a session token gives access to.
    pub readable_collection_id: String,
    /// Where it stands.
    pub status: ConnectionStatus,
    /// How many entities it holds.
    #[serde(default, deserialize_with = "count::count")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub entity_count: u64,
    /// Whether its credentials are there.
    #[serde(default)]
    pub is_authenticated: bool,
    /// How the end user authorized it, such as `oauth_browser` or `direct`.
    pub auth_method: Option<String>,
    /// Whether searches are passed on to the source instead of syncing it.
    #[serde(default)]
    pub federated_search: bool,
    /// When it was registered.
    pub created_at: Option<String>,
    /// When anything here last changed.
    pub modified_at: Option<String>,
    /// When a job last completed, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_synced_at: Option<String>,
}

/// The body of `PUT /connect/source-connections/{id}`: registers a connection or changes it.
///
/// The first three members are needed when the connection is new; what is not given keeps its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisterConnection {
    /// See [`SourceConnection::name`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256))]
    pub name: Option<String>,
    /// See [`SourceConnection::short_name`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256))]
    pub short_name: Option<String>,
    /// See [`SourceConnection::readable_collection_id`]. A connection stays in its collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256))]
    pub readable_collection_id: Option<String>,
    /// The tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256))]
    pub organization_id: Option<String>,
    /// The session in which the end user created it: sessions of mode `connect` see only their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256))]
    pub session_id: Option<String>,
    /// See [`SourceConnection::status`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ConnectionStatus>,
    /// See [`SourceConnection::entity_count`].
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "count::optional_count"
    )]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
    pub entity_count: Option<u64>,
    /// See [`SourceConnection::is_authenticated`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_authenticated: Option<bool>,
    /// See [`SourceConnection::auth_method`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256))]
    pub auth_method: Option<String>,
    /// See [`SourceConnection::federated_search`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub federated_search: Option<bool>,
}
