//! Over the service's API.

use std::time::Duration;

use protocol::{Progress, PublishReceipt};
use reqwest::Method;
use uuid::Uuid;

use super::Failure;
use crate::{PublishError, Service, ServiceError};

/// The service asks for patience when it is overloaded or stops; more than this is not listened to.
const LONGEST_RETRY_AFTER: u64 = 30;

pub(crate) struct Http(Service);

impl Http {
    pub(crate) fn new(url: &str, api_key: &str) -> Result<Self, ServiceError> {
        Ok(Self(Service::new(url, api_key)?))
    }

    pub(super) async fn tell(&self, job: Uuid, message: &Progress) -> Result<(), Failure> {
        let path = format!("/connect/jobs/{job}/progress");
        let sent = self.0.request(Method::POST, &path, message).send().await;
        let response = sent.map_err(|error| Failure::away(&crate::error::cause(error)))?;
        let retry_after = response.headers().get("Retry-After");
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
        match Service::answer::<PublishReceipt>(response).await {
            Ok(_) => Ok(()),
            Err(ServiceError::Refused { status, detail }) if is_final(status) => {
                Err(PublishError::Refused { status, detail }.into())
            }
            Err(error) => Err(Failure {
                retry_after: retry_after
                    .map(|seconds: u64| Duration::from_secs(seconds.min(LONGEST_RETRY_AFTER))),
                ..Failure::away(&error)
            }),
        }
    }
}

/// Whether trying again is of no use. 408 and 429 say that it is: RFC 9110, section 15.5.9, and RFC 6585, section 4.
fn is_final(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 408 | 429)
}
