//! Waiting for what must come soon.

use std::{io, time::Duration};

use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Tries again until it succeeds.
pub async fn until_ok(
    what: &str,
    mut attempt: impl AsyncFnMut() -> io::Result<()>,
) -> io::Result<()> {
    let begun = Instant::now();
    while let Err(error) = attempt().await {
        if begun.elapsed() > PATIENCE {
            return Err(io::Error::new(error.kind(), format!("{what}: {error}")));
        }
        sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// Looks until it is so, or nothing has changed for `quiet`. Whether it is so.
pub async fn until_so_or_quiet(quiet: Duration, mut look: impl FnMut() -> (bool, u64)) -> bool {
    let (mut seen, mut since) = (0, Instant::now());
    loop {
        let (is_so, now) = look();
        if is_so {
            return true;
        }
        if now != seen {
            (seen, since) = (now, Instant::now());
        } else if since.elapsed() > quiet {
            return false;
        }
        sleep(LOOK_EVERY).await;
    }
}
