//! Puts the same load on the service and on what could be used in its place, each in its turn, and writes down what it
//! costs. This process is the load: streams are read and messages published here, by one thread.
//!
//! - [`peer`] starts a server, [`load`] puts streams and messages on it, [`process`] knows what it used;
//! - [`listeners`] are the clients, [`publish`] the workers;
//! - [`plan`] says what is done in which order, [`show`], [`table`] and [`document`] what becomes of it.
//!
//! `bench full DOCUMENT` writes the tables into a document between markers, `bench quick` a small one to standard output.
//! `bench profile wide` (or `narrow`) keeps the service busy for half a minute, for a profiler to look at it.

#![allow(
    unreachable_pub,
    reason = "nobody builds upon a program: `pub` is what the parts show to each other"
)]

mod document;
mod flood;
mod http;
mod listeners;
mod load;
mod machine;
mod patience;
mod peer;
mod plan;
mod process;
mod publish;
mod redis;
mod scan;
mod show;
mod table;

use std::{error::Error, path::Path};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::task::LocalSet;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // Servers that are started from here have it too.
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let local = LocalSet::new();
    match *arguments {
        ["quick"] => local.run_until(plan::quick()).await?,
        ["full", document] => {
            let document = Path::new(document);
            local.run_until(plan::full(document, most)).await?;
        }
        ["profile", case] => local.run_until(plan::profile(case == "wide")).await?,
        _ => return Err("bench quick | bench full DOCUMENT | bench profile wide|narrow".into()),
    }
    Ok(())
}
