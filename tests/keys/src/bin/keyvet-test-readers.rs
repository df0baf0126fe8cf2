//! Stands in for the helper program `keyvet-pcsc`: carries bytes to and from the readers of a test, whose address is in
//! `KEYVET_TEST_READERS`. Its first act is to write its name to the file `KEYVET_TEST_READERS_STARTED`, if that is set, so
//! that a test can tell that it was never started.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::thread;

fn main() -> io::Result<()> {
    if let Some(file) = std::env::var_os("KEYVET_TEST_READERS_STARTED") {
        std::fs::write(file, "keyvet-test-readers\n")?;
    }
    let address = std::env::var("KEYVET_TEST_READERS").map_err(io::Error::other)?;
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let (mut from, mut to) = (stream.try_clone()?, stream.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut to);
        // the program has ended, or wants this one to
        let _ = to.shutdown(Shutdown::Both);
    });
    io::copy(&mut from, &mut Unbuffered(io::stdout().lock()))?;
    Ok(())
}

/// Standard output that waits for no line break.
struct Unbuffered<'a>(io::StdoutLock<'a>);

impl io::Write for Unbuffered<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.0.write(bytes)?;
        self.0.flush()?;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
