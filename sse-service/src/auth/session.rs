//! What the bearer of a session token may see.

use std::{fmt, sync::Arc};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use futures_util::future::{FutureExt, LocalBoxFuture};
use protocol::SessionContext;

use super::{AuthError, Claims, Verifier};
use crate::{clock, directory::ConnectionRecord, error::ApiError};

/// The tenant of sessions and connections for which none was named.
pub const NO_ORGANIZATION: &str = "00000000-0000-0000-0000-000000000000";

/// Whether a token is also taken from the query string, for clients that cannot set headers. Off by default: addresses
/// end up in logs and histories.
#[derive(Clone, Copy, Debug, Default)]
pub struct QueryToken(pub bool);

/// The query member of RFC 6750, section 2.3.
#[derive(serde::Deserialize)]
struct TokenQuery {
    access_token: Option<String>,
}

/// A session's token, to be shown to a directory that asks on the caller's behalf. It cannot be printed.
#[derive(Clone, Default)]
pub struct Bearer(Arc<str>);

impl Bearer {
    /// A token that was checked.
    pub fn from_token(token: &str) -> Self {
        Self(token.into())
    }

    /// The token itself.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer(…)")
    }
}

/// A session whose token was checked.
#[derive(Clone, Debug)]
pub struct Session {
    context: SessionContext,
    expires_at: i64,
    bearer: Bearer,
}

impl Session {
    /// What the token stands for, as the API shows it.
    pub fn context(&self) -> &SessionContext {
        &self.context
    }

    /// When the token stops to be accepted, in seconds since 1970.
    pub fn expires_at(&self) -> i64 {
        self.expires_at
    }

    /// The token that stands for the session.
    pub fn bearer(&self) -> &Bearer {
        &self.bearer
    }

    /// With the token that was checked.
    #[must_use]
    pub fn with_bearer(mut self, token: &str) -> Self {
        self.bearer = Bearer::from_token(token);
        self
    }

    /// Whether the session may see a connection, its jobs and its streams.
    pub fn may_see(&self, record: &ConnectionRecord) -> Result<(), AuthError> {
        let connection = &record.connection;
        if connection.readable_collection_id != self.context.collection_id
            || !self.is_same_tenant(record)
        {
            return Err(AuthError::OtherCollection);
        }
        let allowed = self
            .context
            .allowed_integrations
            .as_deref()
            .unwrap_or_default();
        if !allowed.is_empty() && !allowed.contains(&connection.short_name) {
            return Err(AuthError::OtherIntegration);
        }
        let own = record.session_id.as_ref() == Some(&self.context.session_id);
        if !self.context.mode.sees_collection() && !own {
            return Err(AuthError::WrongMode);
        }
        Ok(())
    }

    /// A tenant that was not named matches every other: the collection alone decides then.
    fn is_same_tenant(&self, record: &ConnectionRecord) -> bool {
        let (ours, theirs) = (&self.context.organization_id, &record.organization_id);
        ours == theirs || ours == NO_ORGANIZATION || theirs == NO_ORGANIZATION
    }
}

impl From<Claims> for Session {
    fn from(claims: Claims) -> Self {
        let expires_at = claims.expires_at();
        let context = SessionContext {
            session_id: claims.sid,
            organization_id: claims
                .oid
                .filter(|oid| !oid.is_empty())
                .unwrap_or_else(|| NO_ORGANIZATION.into()),
            collection_id: claims.cid,
            allowed_integrations: claims.int,
            mode: claims.mode,
            end_user_id: claims.uid,
            expires_at: clock::rfc3339(expires_at),
        };
        Self {
            context,
            expires_at,
            bearer: Bearer::default(),
        }
    }
}

impl FromRequest for Session {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let verifier = request.app_data::<web::Data<Verifier>>().cloned();
        let token = token(request);
        async move {
            let verifier = verifier.ok_or(AuthError::BadToken)?;
            let token = token?;
            let claims = verifier.verify(&token).await?;
            Ok(Self::from(claims).with_bearer(&token))
        }
        .boxed_local()
    }
}

fn token(request: &HttpRequest) -> Result<String, AuthError> {
    if let Some(header) = request.headers().get(header::AUTHORIZATION) {
        let header = header.to_str().map_err(|_| AuthError::BadToken)?;
        // The scheme is case-insensitive: RFC 9110, section 11.1.
        let (scheme, token) = header.split_once(' ').ok_or(AuthError::NoToken)?;
        let is_bearer = scheme.eq_ignore_ascii_case("bearer");
        return if is_bearer {
            Ok(token.trim().to_owned())
        } else {
            Err(AuthError::NoToken)
        };
    }
    let allowed = request
        .app_data::<QueryToken>()
        .is_some_and(|query| query.0);
    let query = web::Query::<TokenQuery>::from_query(request.query_string());
    match query {
        Ok(query) if allowed => query.into_inner().access_token.ok_or(AuthError::NoToken),
        _ => Err(AuthError::NoToken),
    }
}

#[cfg(test)]
mod tests {
    use protocol::{SessionMode, SourceConnection};

    use super::*;

    fn session(mode: SessionMode, organization: &str, integrations: &[&str]) -> Session {
        let context = SessionContext {
            session_id: "own".into(),
            organization_id: organization.into(),
            collection_id: "acme".into(),
            allowed_integrations: Some(integrations.iter().map(|&name| name.into()).collect()),
            mode,
            ..SessionContext::default()
        };
        Session {
            context,
            expires_at: i64::MAX,
            bearer: Bearer::default(),
        }
    }

    fn record(collection: &str, organization: &str, session: Option<&str>) -> ConnectionRecord {
        ConnectionRecord {
            connection: SourceConnection {
                short_name: "slack".into(),
                readable_collection_id: collection.into(),
                ..SourceConnection::default()
            },
            organization_id: organization.into(),
            session_id: session.map(Into::into),
        }
    }

    #[test]
    fn another_collection_or_tenant_is_out_of_sight() {
        let session = session(SessionMode::All, "org", &[]);
        assert_eq!(session.may_see(&record("acme", "org", None)), Ok(()));
        assert_eq!(
            session.may_see(&record("acme", NO_ORGANIZATION, None)),
            Ok(())
        );
        assert_eq!(
            session.may_see(&record("umbrella", "org", None)),
            Err(AuthError::OtherCollection)
        );
        assert_eq!(
            session.may_see(&record("acme", "other", None)),
            Err(AuthError::OtherCollection)
        );
    }

    #[test]
    fn only_the_allowed_integrations_are_in_sight() {
        let record = record("acme", "org", None);
        assert_eq!(
            session(SessionMode::All, "org", &["slack", "github"]).may_see(&record),
            Ok(())
        );
        let limited = session(SessionMode::All, "org", &["github"]);
        assert_eq!(limited.may_see(&record), Err(AuthError::OtherIntegration));
    }

    #[test]
    fn the_mode_connect_sees_only_what_was_created_in_its_session() {
        let connect = session(SessionMode::Connect, "org", &[]);
        assert_eq!(connect.may_see(&record("acme", "org", Some("own"))), Ok(()));
        assert_eq!(
            connect.may_see(&record("acme", "org", Some("foreign"))),
            Err(AuthError::WrongMode)
        );
        assert_eq!(
            connect.may_see(&record("acme", "org", None)),
            Err(AuthError::WrongMode)
        );
        for mode in [SessionMode::All, SessionMode::Manage, SessionMode::Reauth] {
            assert_eq!(
                session(mode, "org", &[]).may_see(&record("acme", "org", None)),
                Ok(()),
                "{mode:?}"
            );
        }
    }
}
