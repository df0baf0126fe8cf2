//! `keyvet-virtual-key`: a security key of real firmware, without hardware, on a UDP port.

mod arguments;
mod control;

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;
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
        return match list_quirks() {
            // whoever reads the list has seen enough
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            listed => Ok(listed?),
        };
    }
    let key = VirtualKey::start(arguments.options()?)?;
    let runtime = Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(serve(key, arguments))
}

async fn serve(key: VirtualKey, arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let server = UdpServer::bind(key.clone(), arguments.listen).await?;
    say(&format!("listening on {}", server.address()?))?;
    if !arguments.control {
        return Ok(server.run().await?);
    }
    tokio::select! {
        ended = server.run() => Ok(ended?),
        () = control::until_quit(key) => Ok(()),
    }
}

fn list_quirks() -> io::Result<()> {
    let width = Quirk::ALL.iter().map(|quirk| quirk.name().len()).max().unwrap_or_default();
    Quirk::ALL
        .iter()
        .try_for_each(|quirk| say(&format!("{:width$}  {}", quirk.name(), quirk.about())))
}

/// One line on standard output, at once.
fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
