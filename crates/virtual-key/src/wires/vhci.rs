//! This kernel as the host of a USB/IP server: what `usbip attach` does, without the program.

use std::fs;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::usb::{DEVICE_ID, FULL_SPEED};

/// Attaches the device at `server`. It is detached by the server, which closes the connection; a second order to detach, at
/// the same time, is one more than the driver bears.
pub(super) async fn attach(server: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let mut import = b"\x01\x11\x80\x03\0\0\0\x001-1".to_vec();
    import.resize(8 + 32, 0);
    stream.write_all(&import).await?;
    let mut reply = [0; 8 + 312];
    stream.read_exact(&mut reply).await?;
    let stream = stream.into_std()?;
    // the kernel's threads expect a socket that waits
    stream.set_nonblocking(false)?;
    let mut refused = io::Error::new(ErrorKind::ResourceBusy, "no port of vhci_hcd is free");
    for port in free_ports()? {
        let line = format!("{port} {} {DEVICE_ID} {FULL_SPEED}", stream.as_raw_fd());
        match fs::write(format!("{VHCI}/attach"), line) {
            Ok(()) => return Ok(()),
            // somebody else was quicker
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

/// Ports for devices up to high speed that nobody uses. Lines are `hs  0000 004 000 …`: hub, port, status.
fn free_ports() -> io::Result<Vec<String>> {
    let path = format!("{VHCI}/status");
    let status = fs::read_to_string(&path)
        .map_err(|error| io::Error::new(error.kind(), format!("{path}: {error}")))?;
    Ok(free_in(&status))
}

fn free_in(status: &str) -> Vec<String> {
    let free = |line: &str| {
        let mut words = line.split_whitespace();
        let (hub, port, state) = (words.next()?, words.next()?, words.next()?);
        let port = port.trim_start_matches('0');
        let port = if port.is_empty() { "0" } else { port };
        (hub == "hs" && state == "004").then(|| port.to_owned())
    };
    status.lines().filter_map(free).collect()
}

const VHCI: &str = "/sys/devices/platform/vhci_hcd.0";

#[cfg(test)]
mod tests {
    #[test]
    fn ports_that_are_free_are_read_from_the_kernels_table() {
        let table = "hub port sta spd dev      sockfd local_busid\n\
                     hs  0000 006 002 00010002 000003 1-1\n\
                     hs  0001 004 000 00000000 000000 0-0\n\
                     ss  0008 004 000 00000000 000000 0-0\n";
        assert_eq!(super::free_in(table), ["1"]);
    }
}
