//! Who may do what: everything that is answered with 401 or 403.

pub mod api_key;
pub mod jwt;
pub mod refusals;
pub mod revocation;
pub mod session;
pub mod token;
pub mod verifier;

pub use api_key::{ApiKey, ApiKeys};
pub use session::Session;
pub use token::{Claims, Keyring};
pub use verifier::Verifier;

/// Why a request is refused. The texts go to the client; they say nothing of tokens, secrets or other tenants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// 401: no `Authorization: Bearer …`.
    #[error("A session token is needed: send it as \"Authorization: Bearer <session token>\".")]
    NoToken,
    /// 401: forged, truncated, signed with another secret, or no token at all.
    #[error("The session token is not valid.")]
    BadToken,
    /// 401: it was valid once.
    #[error("The session token has expired.")]
    ExpiredToken,
    /// 401: the session was ended before its time.
    #[error("The session was revoked.")]
    RevokedToken,
    /// 401: no `X-API-Key`, or not one of ours.
    #[error("A valid API key is needed: send it as \"X-API-Key\".")]
    BadApiKey,
    /// 403: the session in the path is not the token's.
    #[error("Session ID does not match token.")]
    OtherSession,
    /// 403: the connection is another collection's or tenant's.
    #[error("Source connection does not belong to this session's collection.")]
    OtherCollection,
    /// 403: the host's own API says so.
    #[error("The host does not let this session see the source connection.")]
    HostForbids,
    /// 403: the session is limited to other integrations.
    #[error("Session does not have access to this integration type.")]
    OtherIntegration,
    /// 403: the session's mode does not allow it.
    #[error("Session mode does not allow viewing source connections.")]
    WrongMode,
}

impl AuthError {
    /// Whether who asks is not known (401), rather than not allowed (403).
    pub fn is_unauthorized(self) -> bool {
        matches!(
            self,
            Self::NoToken
                | Self::BadToken
                | Self::ExpiredToken
                | Self::RevokedToken
                | Self::BadApiKey
        )
    }

    /// The cause in a word, for metrics and as the end of the problem's `type`.
    pub fn cause(self) -> &'static str {
        match self {
            Self::NoToken => "no-token",
            Self::BadToken => "bad-token",
            Self::ExpiredToken => "session-expired",
            Self::RevokedToken => "session-revoked",
            Self::BadApiKey => "bad-api-key",
            Self::OtherSession => "other-session",
            Self::OtherCollection => "other-collection",
            Self::HostForbids => "host-forbids",
            Self::OtherIntegration => "other-integration",
            Self::WrongMode => "wrong-mode",
        }
    }
}
