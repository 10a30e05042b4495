//! A worker that behaves as it is told: see ../conformance.rs.

use std::{env, time::Duration};

use connect_publisher::{Destination, Options, Publisher};

const REASON: &str = "The source answered 403: the token has expired.";

#[tokio::main]
async fn main() {
    let job = env::var("JOB").unwrap().parse().unwrap();
    let destination = match env::var("CONNECT_REDIS_URL") {
        Ok(url) => Destination::redis(&url),
        Err(_) => Destination::http(
            &env::var("CONNECT_URL").unwrap(),
            &env::var("CONNECT_API_KEY").unwrap(),
        ),
    };
    let before = env::var("RESUME_FROM").unwrap_or_else(|_| "{}".into());
    let options = Options {
        updates_per_second: 5,
        resume_from: serde_json::from_str(&before).unwrap(),
        ..Options::default()
    };
    let publisher = Publisher::start_with_options(&destination.unwrap(), job, options);
    publisher.expects(1000);
    for _ in 0..50 {
        count(&publisher);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    match env::args().nth(1).unwrap().as_str() {
        "completes" => publisher.complete().await.unwrap(),
        "fails" => publisher.fail(REASON).await.unwrap(),
        "is-cancelled" => publisher.cancel().await.unwrap(),
        "raises" => panic!("told to"),
        "leaves" => drop(publisher),
        "is-killed" => std::future::pending().await,
        "hands-over" => {
            let progress = publisher.hand_over().await;
            println!("{}", serde_json::to_string(&progress).unwrap());
        }
        other => panic!("{other}?"),
    }
}

fn count(publisher: &Publisher) {
    publisher.inserted(4);
    publisher.updated(2);
    publisher.deleted(1);
    publisher.kept(3);
    publisher.skipped(1);
    publisher.met("Message", 9);
    publisher.met("Channel", 1);
}
