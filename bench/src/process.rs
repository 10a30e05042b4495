//! What is measured runs in processes of its own, and this is what they use up, as Linux tells.

use std::{
    fs,
    io::{self, Read},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// A process that ends with this.
pub struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // SIGTERM and not SIGKILL: nginx ends its workers itself. A service that drains is not waited for.
        let id = self.0.id().to_string();
        let _ = Command::new("kill").arg(&id).status();
        for _ in 0..100 {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// Starts a program that is silent.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let started = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        started.map(Self).map_err(|error| {
            let program = Path::new(command.get_program()).display();
            io::Error::new(
                error.kind(),
                format!("{program} cannot be started: {error}"),
            )
        })
    }

    /// What the process and those that it has started use.
    pub fn usage(&self) -> io::Result<Usage> {
        let mut usage = Usage::of(self.0.id())?;
        let folder = format!("/proc/{}/task", self.0.id());
        for task in fs::read_dir(folder)? {
            let children = fs::read_to_string(task?.path().join("children"))?;
            for child in children.split_whitespace() {
                let child = Usage::of(child.parse().map_err(io::Error::other)?)?;
                usage.cpu += child.cpu;
                usage.memory += child.memory;
            }
        }
        Ok(usage)
    }
}

/// What was used up to a moment.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Time on a processor, in the program and in the system for it.
    pub cpu: Duration,
    /// Memory of its own and its part of what it shares with others, in bytes. Not the system's own for its sockets.
    pub memory: u64,
}

impl Usage {
    fn of(process: u32) -> io::Result<Self> {
        let mut nanos = 0;
        for task in fs::read_dir(format!("/proc/{process}/task"))? {
            // Threads may end meanwhile.
            let times = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
            nanos += number(times.split_whitespace().next());
        }
        let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
        let share = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
        let kibibytes = number(share.and_then(|share| share.split_whitespace().next()));
        Ok(Self {
            cpu: Duration::from_nanos(nanos),
            memory: kibibytes * 1024,
        })
    }
}

fn number(text: Option<&str>) -> u64 {
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// A port that nobody listens on.
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// What a program says of itself, in one line.
pub fn said(program: &str, arguments: &[&str]) -> String {
    let child = Command::new(program)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(child) = child else {
        return format!("no {program}");
    };
    let mut text = String::new();
    let (out, error) = (child.stdout, child.stderr);
    let _ = out.map(|mut out| out.read_to_string(&mut text));
    let _ = error.map(|mut error| error.read_to_string(&mut text));
    text.lines().next().unwrap_or_default().trim().to_owned()
}
