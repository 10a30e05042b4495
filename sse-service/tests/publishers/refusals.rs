//! What trying again would not help.

use connect_publisher::{
    Destination, DestinationError, PublishError, Publisher, Service as Api, ServiceError,
};
use protocol::RegisterJob;
use uuid::Uuid;

use super::support::{API_KEY, Service, Stores};

#[tokio::test]
async fn a_job_that_nobody_registered_is_refused_at_once() {
    let service = Service::start(Stores::Memory);
    let destination = Destination::http(&service.url(""), API_KEY).unwrap();
    let end = Publisher::start(&destination, Uuid::new_v4())
        .complete()
        .await;
    assert!(
        matches!(end, Err(PublishError::Refused { status: 404, .. })),
        "{end:?}"
    );
}

#[tokio::test]
async fn another_key_is_refused_and_not_repeated() {
    let service = Service::start(Stores::Memory);
    let api = Api::new(&service.url(""), "hunter2").unwrap();
    let refused = api
        .register_job(Uuid::new_v4(), &RegisterJob::default())
        .await;
    let error = refused.unwrap_err();
    assert!(
        matches!(error, ServiceError::Refused { status: 401, .. }),
        "{error}"
    );
    assert!(!format!("{error}{error:?}{api:?}").contains("hunter2"));
}

#[test]
fn addresses_that_cannot_be_used_are_refused_without_being_repeated() {
    for url in ["", "hunter2", "redis://u:hunter2@host:port"] {
        let error = Destination::redis(url).err().unwrap();
        assert!(matches!(error, DestinationError::Redis(_)), "{error:?}");
        assert!(
            !format!("{error}{error:?}").contains("hunter2"),
            "{error:?}"
        );
    }
    for url in ["", "hunter2", "ftp://u:hunter2@host"] {
        let error = Destination::http(url, "key").err().unwrap();
        assert!(
            !format!("{error}{error:?}").contains("hunter2"),
            "{error:?}"
        );
    }
    assert!(Destination::http("http://host", "a\nb").is_err());
    assert!(Destination::redis_sharded("redis://host").is_err());
}
