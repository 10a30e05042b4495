//! What can go wrong with a request.

use std::fmt::{self, Formatter};

use thiserror::Error;

use crate::text::decimal;

/// Why a request gave nothing. The texts are for developers; none holds a token or anything that a service said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ApiError {
    /// The API's address is not an `http` or `https` URL.
    #[error("the API's address is not an http or https URL")]
    BadUrl,
    /// An id is empty or would change the path.
    #[error("this cannot be an id")]
    BadId,
    /// 401, and the host has no other token.
    #[error("the session has expired")]
    SessionExpired,
    /// 403: the session may not see this.
    #[error("the session may not see this")]
    Forbidden,
    /// Any other answer but success.
    #[error(fmt = write_status)]
    Status(u16),
    /// No answer, or only half of one.
    #[error("the service cannot be reached")]
    Unreachable,
    /// The answer is not what the contract says.
    #[error("the service's answer cannot be read")]
    Malformed,
}

// Not as `"… {0}"`: Rust's formatting would cost every visitor 2 kB.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn write_status(status: &u16, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str("the service answered with status ")?;
    f.write_str(&decimal(u64::from(*status)))
}
