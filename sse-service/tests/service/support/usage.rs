//! What a process uses up, as Linux tells.

use std::fs;

/// At one moment.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Resident memory in bytes.
    pub resident: u64,
    /// The most resident memory that there has been, in bytes.
    pub peak: u64,
    /// Open file descriptors.
    pub descriptors: usize,
    pub threads: u64,
}

impl Usage {
    pub fn of(process: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let number = |name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().next());
            number.unwrap().parse().unwrap()
        };
        Self {
            resident: number("VmRSS:") * 1024,
            peak: number("VmHWM:") * 1024,
            descriptors: fs::read_dir(format!("/proc/{process}/fd")).unwrap().count(),
            threads: number("Threads:"),
        }
    }
}

/// In MiB.
pub fn mebibytes(bytes: u64) -> u64 {
    bytes >> 20
}
