//! `keyvet-virtual-key`: a security key of real firmware, without hardware, on a UDP port, at a HID node or in a card reader.

mod arguments;
mod cards;
mod control;
mod nodes;

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;
use keyvet_virtual_key::card::Bend;
use keyvet_virtual_key::hostile::Quirk;
use keyvet_virtual_key::{UdpServer, VirtualKey};
use tokio::runtime::Builder;

use self::arguments::Arguments;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // nothing is left to do when standard error is closed
            drop(writeln!(io::stderr(), "error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    if arguments.list_quirks {
        return list(Quirk::ALL.iter().map(|quirk| (quirk.name(), quirk.about())));
    }
    if arguments.list_card_faults {
        return list(Bend::ALL.iter().map(|bend| (bend.name(), bend.about())));
    }
    let key = VirtualKey::start(arguments.options()?)?;
    let runtime = Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(serve(key, arguments))
}

async fn serve(key: VirtualKey, arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let cards = cards::insert(&key, arguments)?;
    let wires = nodes::plug_in(&key, arguments)?;
    let server = match arguments.listens() {
        Some(listen) => Some(UdpServer::bind(&key, listen).await?),
        None => None,
    };
    if let Some(server) = &server {
        say(&format!("listening on {}", server.address()?))?;
    }
    for slot in &arguments.cards {
        say(&format!("card at {slot}"))?;
    }
    let served = async {
        match server {
            Some(server) => server.run().await,
            None => std::future::pending().await,
        }
    };
    if !arguments.control {
        let ended = served.await;
        drop((key, wires));
        return Ok(ended?);
    }
    let ended = tokio::select! {
        ended = served => ended,
        () = control::until_quit(key, cards) => Ok(()),
    };
    drop(wires);
    Ok(ended?)
}

fn list(
    lines: impl Iterator<Item = (&'static str, &'static str)> + Clone,
) -> Result<(), Box<dyn Error>> {
    let width = lines.clone().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, about) in lines {
        match say(&format!("{name:width$}  {about}")) {
            // whoever reads the list has seen enough
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            said => said?,
        }
    }
    Ok(())
}

/// One line on standard output, at once.
fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
