//! nginx with nchan, as Debian packages them.

use std::{fs, io, net::SocketAddr, process::Command};

use tokio::net::TcpStream;

use super::{Layout, Running, job_names, open_requests};
use crate::{
    patience::until_ok,
    process::{Process, free_port},
    publish::Entrance,
    redis::Redis,
};

const MODULE: &str = "/usr/lib/nginx/modules/ngx_nchan_module.so";

pub(super) async fn start(redis: Option<&Redis>, layout: Layout) -> io::Result<Running> {
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
    let folder = std::env::temp_dir().join(format!("bench-nchan-{}", address.port()));
    fs::create_dir_all(&folder)?;
    let file = folder.join("nginx.conf");
    fs::write(&file, settings(address, redis))?;
    let mut command = Command::new("nginx");
    command.arg("-p").arg(&folder).arg("-c").arg(&file);
    let process = Process::start(&mut command)?;
    until_ok("nginx", async || {
        TcpStream::connect(address).await.map(drop)
    })
    .await?;
    let channels = job_names(layout);
    Ok(Running {
        process,
        address,
        requests: open_requests(layout, &channels, "/subscribe"),
        entrance: Entrance::Http(address.to_string()),
        channels,
    })
}

/// Two workers, no log, and otherwise what the packages come with.
fn settings(address: SocketAddr, redis: Option<&Redis>) -> String {
    let (upstream, pass) = redis.map_or_else(Default::default, |redis| {
        let server = format!(
            "upstream redis {{ nchan_redis_server redis://{}/; }}",
            redis.address
        );
        (server, "nchan_redis_pass redis;")
    });
    format!(
        "load_module {MODULE};
        daemon off;
        pid nginx.pid;
        error_log /dev/null;
        worker_processes 2;
        worker_rlimit_nofile 20000;
        events {{ worker_connections 19900; }}
        http {{
            access_log off;
            client_body_temp_path body;
            keepalive_requests 100000000;
            nchan_shared_memory_size 512M;
            {upstream}
            server {{
                listen {address} backlog=4096;
                tcp_nodelay on;
                location ~ ^/subscribe/(.+)$ {{
                    nchan_subscriber eventsource;
                    nchan_subscriber_first_message newest;
                    nchan_channel_id $1;
                    {pass}
                }}
                location ~ ^/publish/(.+)$ {{
                    nchan_publisher http;
                    nchan_channel_id $1;
                    {pass}
                }}
            }}
        }}"
    )
}
