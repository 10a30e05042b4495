//! All that the service needs to be allowed in Redis, as docs/redis.md says.

use super::Redis;

const ALWAYS: [&str; 15] = [
    "~connect:*",
    "~sync_progress_snapshot:*",
    "&sync_job:*",
    "&connect:jobs",
    "-@all",
    "+@connection",
    "+@pubsub",
    "+@sortedset",
    "+get",
    "+set",
    "+mget",
    "+incr",
    "+expireat",
    "+eval",
    "+info",
];

pub const IN_A_CLUSTER: [&str; 2] = ["+cluster|slots", "+cluster|info"];

pub const BEHIND_SENTINEL: [&str; 1] = ["+role"];

/// The flag of a server that knows the user `connect`; more rights may follow.
pub fn user(password: &str) -> Vec<String> {
    let password = format!(">{password}");
    let user = ["--user", "connect", "on", &password];
    let words = user.into_iter().chain(ALWAYS);
    words.map(str::to_owned).collect()
}

/// Nothing was tried that is not allowed, and nobody else has tried.
pub fn suffice(redis: &Redis) {
    assert_eq!(redis.ask(&["ACL", "LOG"]), "");
    let connections = redis.connections();
    let is_of_somebody_else = |line: &&String| line.contains("name=sentinel-");
    for connection in connections.iter().filter(|line| !is_of_somebody_else(line)) {
        assert!(connection.contains("user=connect"), "{connection}");
    }
}
