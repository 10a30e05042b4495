//! Where the figures are from.

use std::fs;

use crate::process::said;

/// One line: date, machine, versions.
pub fn describe() -> String {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models = processors
        .lines()
        .filter(|line| line.starts_with("model name"));
    let models: Vec<&str> = models
        .filter_map(|line| line.split_once(": "))
        .map(|(_, name)| name)
        .collect();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let date = said("date", &["--utc", "--iso-8601"]);
    let commit = said("git", &["rev-parse", "--short", "HEAD"]);
    let redis = said("redis-server", &["--version"]);
    let redis = redis
        .split_whitespace()
        .find(|word| word.starts_with("v="))
        .unwrap_or_default();
    let nchan = said(
        "dpkg-query",
        &["-W", "-f", "${Version}", "libnginx-mod-nchan"],
    );
    format!(
        "{date}, commit {commit}; {} × {}, Linux {}; {}; Redis {}; {}; nchan {nchan}",
        models.len(),
        models.first().unwrap_or(&"processor"),
        kernel.trim(),
        said("rustc", &["--version"]),
        redis.trim_start_matches("v="),
        said("nginx", &["-v"]).trim_start_matches("nginx version: "),
    )
}
