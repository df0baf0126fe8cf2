//! A USB/IP server with one device, a key (Linux `Documentation/usb/usbip_protocol.rst`). Everything on the wire is
//! big-endian but the USB requests in it.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::usb::Usb;
#[cfg(target_os = "linux")]
use super::vhci;
use super::{At, NodeOptions, Status, plugged_in};
use crate::link::PortLink;
use crate::port::Port;

/// Serves the key on `listen` whenever it is plugged in.
pub(super) async fn serve(
    port: Arc<Port>,
    options: NodeOptions,
    listen: SocketAddr,
    status: Arc<Status>,
) -> io::Result<()> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    while let Some(mut link) = plugged_in(&port).await {
        status.set(At::Place(Some(link.plugged()), address.to_string()));
        serve_plugged(&listener, &options, &mut link).await?;
        status.set(At::Nowhere);
    }
    Ok(())
}

/// The same with this kernel as the host.
#[cfg(target_os = "linux")]
pub(super) async fn serve_here(
    port: Arc<Port>,
    options: NodeOptions,
    status: Arc<Status>,
) -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    while let Some(mut link) = plugged_in(&port).await {
        let up = At::Place(Some(link.plugged()), options.serial.clone());
        let attached = async {
            vhci::attach(address).await?;
            status.set(up);
            std::future::pending().await
        };
        tokio::select! {
            ended = serve_plugged(&listener, &options, &mut link) => ended?,
            failed = attached => return failed,
        }
        status.set(At::Nowhere);
    }
    Ok(())
}

/// Serves one host after the other until the key is unplugged.
async fn serve_plugged(
    listener: &TcpListener,
    options: &NodeOptions,
    link: &mut PortLink,
) -> io::Result<()> {
    let usb = Usb::new(options);
    loop {
        let (stream, _) = tokio::select! {
            accepted = listener.accept() => accepted?,
            report = link.receive() => match report {
                // nobody hears it
                Ok(_) => continue,
                Err(_) => return Ok(()),
            },
        };
        stream.set_nodelay(true)?;
        // a host that goes, or breaks the protocol, makes room for the next
        if let Ok(Ended::Unplugged) = converse(stream, &usb, link).await {
            return Ok(());
        }
    }
}

/// Why a conversation ended.
enum Ended {
    Unplugged,
    Listed,
}

async fn converse(mut stream: TcpStream, usb: &Usb, link: &mut PortLink) -> io::Result<Ended> {
    // version, code, status
    let mut operation = [0; 8];
    stream.read_exact(&mut operation).await?;
    match operation {
        [_, _, 0x80, 0x05, ..] => {
            let head = [&reply_head(0x0005)[..], &1_u32.to_be_bytes()].concat();
            let interface = [3, 0, 0, 0];
            stream.write_all(&[&head, &usb.described()[..], &interface].concat()).await?;
            Ok(Ended::Listed)
        }
        [_, _, 0x80, 0x03, ..] => {
            let mut bus = [0; 32];
            stream.read_exact(&mut bus).await?;
            stream.write_all(&[&reply_head(0x0003)[..], &usb.described()].concat()).await?;
            Conversation { stream, usb, awaited: VecDeque::new(), reports: VecDeque::new() }
                .run(link)
                .await
        }
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// Version 1.1.1, `code`, success.
fn reply_head(code: u16) -> [u8; 8] {
    let [high, low] = code.to_be_bytes();
    [0x01, 0x11, high, low, 0, 0, 0, 0]
}

/// USB requests of a host that has the device.
struct Conversation<'a> {
    stream: TcpStream,
    usb: &'a Usb,
    /// Numbers of requests for a report that has not come yet.
    awaited: VecDeque<u32>,
    /// Reports that nobody has asked for yet.
    reports: VecDeque<Vec<u8>>,
}

impl Conversation<'_> {
    async fn run(mut self, link: &mut PortLink) -> io::Result<Ended> {
        let mut head = [0; HEAD];
        let mut filled = 0_usize;
        loop {
            let rest = head.get_mut(filled..).unwrap_or_default();
            tokio::select! {
                // unlike read_exact it loses nothing when the other branch is quicker
                read = self.stream.read(rest) => match read? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    len => filled = filled.saturating_add(len),
                },
                report = link.receive() => match report {
                    Ok(report) => {
                        self.reports.push_back(self.usb.reports.numbered(&report));
                        self.give().await?;
                    }
                    Err(_) => return Ok(Ended::Unplugged),
                },
            }
            if filled == HEAD {
                filled = 0;
                self.request(&Request::of(&head), link).await?;
            }
        }
    }

    async fn request(&mut self, request: &Request, link: &PortLink) -> io::Result<()> {
        match *request {
            Request::Unlink { number, of } => {
                let before = self.awaited.len();
                self.awaited.retain(|awaited| *awaited != of);
                let status = if self.awaited.len() == before { 0 } else { ECONNRESET };
                let head = [RET_UNLINK, number, 0, 0, 0].map(u32::to_be_bytes).concat();
                let reply = [&head[..], &status.to_be_bytes(), &[0; 24]].concat();
                self.stream.write_all(&reply).await
            }
            Request::In { number, endpoint: 0, setup, .. } => {
                let data = self.usb.control(setup);
                self.answer(number, data.as_deref(), None).await
            }
            Request::In { number, .. } => {
                self.awaited.push_back(number);
                self.give().await
            }
            Request::Out { number, endpoint, setup, len } => {
                let mut data = vec![0; usize::try_from(len.min(MOST_OUT)).unwrap_or_default()];
                self.stream.read_exact(&mut data).await?;
                if endpoint == 0 {
                    let done = self.usb.control(setup).map(|_| Vec::new());
                    return self.answer(number, done.as_deref(), Some(len)).await;
                }
                self.answer(number, Some(&[]), Some(len)).await?;
                if let Some(report) = self.usb.reports.plain(&data) {
                    // an unplug is heard where reports of the key are
                    drop(link.write(&report));
                }
                Ok(())
            }
        }
    }

    /// Gives reports to those who asked for one.
    async fn give(&mut self) -> io::Result<()> {
        while !self.awaited.is_empty() {
            let Some(report) = self.reports.pop_front() else { break };
            if let Some(number) = self.awaited.pop_front() {
                self.answer(number, Some(&report), None).await?;
            }
        }
        Ok(())
    }

    /// `USBIP_RET_SUBMIT`; no data is a stalled pipe.
    async fn answer(
        &mut self,
        number: u32,
        data: Option<&[u8]>,
        len: Option<u32>,
    ) -> io::Result<()> {
        let status = if data.is_some() { 0 } else { EPIPE };
        let data = data.unwrap_or_default();
        let len = len.unwrap_or(u32::try_from(data.len()).unwrap_or_default());
        let head = [RET_SUBMIT, number, 0, 0, 0].map(u32::to_be_bytes).concat();
        let reply = [&head[..], &status.to_be_bytes(), &len.to_be_bytes(), &[0; 20], data].concat();
        self.stream.write_all(&reply).await
    }
}

/// `USBIP_CMD_SUBMIT` in one of both directions, or `USBIP_CMD_UNLINK`.
enum Request {
    In { number: u32, endpoint: u32, setup: [u8; 8] },
    Out { number: u32, endpoint: u32, setup: [u8; 8], len: u32 },
    Unlink { number: u32, of: u32 },
}

impl Request {
    fn of(head: &[u8; HEAD]) -> Self {
        let word = |at: usize| {
            let bytes = head.get(at..).and_then(|rest| rest.first_chunk());
            u32::from_be_bytes(bytes.copied().unwrap_or_default())
        };
        let (number, endpoint, len) = (word(4), word(16), word(24));
        let setup = head.last_chunk().copied().unwrap_or_default();
        match (word(0), word(12)) {
            (CMD_UNLINK, _) => Self::Unlink { number, of: word(20) },
            (_, 0) => Self::Out { number, endpoint, setup, len },
            _ => Self::In { number, endpoint, setup },
        }
    }
}

/// Every header, of either kind.
const HEAD: usize = 48;
const CMD_UNLINK: u32 = 2;
const RET_SUBMIT: u32 = 3;
const RET_UNLINK: u32 = 4;
/// Far more than a report.
const MOST_OUT: u32 = 4096;
const ECONNRESET: i32 = -104;
const EPIPE: i32 = -32;
