//! A virtual key on a UDP port: one report per datagram, as firmware simulators speak it.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;

use keyvet_hid::Report;
use keyvet_hid::framing::{ChannelId, Command, Packet};
use tokio::net::UdpSocket;

use crate::VirtualKey;
use crate::link::PortLink;
use crate::port::Port;

/// A virtual key on a UDP port. Several clients may use it at once, each with channels of its own.
///
/// A report of the key goes to whoever last sent one on its channel; the answer to an allocation, which has no channel yet,
/// to whoever asked with its nonce. While the key is unplugged datagrams are dropped.
///
/// It does not keep the key alive.
pub struct UdpServer {
    port: Arc<Port>,
    socket: UdpSocket,
    clients: Clients,
}

impl UdpServer {
    /// Binds `listen`; port 0 takes a free one. Needs a tokio runtime.
    ///
    /// # Errors
    /// What the operating system says, mostly that the port is taken.
    pub async fn bind(key: &VirtualKey, listen: SocketAddr) -> io::Result<Self> {
        Self::on(key.shared_port(), listen).await
    }

    pub(crate) async fn on(port: Arc<Port>, listen: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind(listen).await?;
        Ok(Self { port, socket, clients: Clients::default() })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Serves until the socket fails, or the future is dropped.
    ///
    /// # Errors
    /// What the operating system says.
    pub async fn run(mut self) -> io::Result<()> {
        let mut link = PortLink::open(&self.port);
        // a byte more than a report, so that a longer datagram is seen to be one
        let mut datagram = [0; 65];
        loop {
            tokio::select! {
                received = self.socket.recv_from(&mut datagram) => {
                    if let Some((report, client)) = whole(&datagram, received)? {
                        self.clients.heard(&report, client);
                        self.to_key(&mut link, &report);
                    }
                }
                Ok(report) = link.receive() => {
                    if let Some(client) = self.clients.of(&report) {
                        // a client that has gone is no reason to stop
                        drop(self.socket.send_to(&report, client).await);
                    }
                }
            }
        }
    }

    /// Opens the key again when it was plugged in since.
    fn to_key(&self, link: &mut PortLink, report: &Report) {
        if link.write(report).is_err() && self.port.is_present() {
            *link = PortLink::open(&self.port);
            drop(link.write(report));
        }
    }
}

impl std::fmt::Debug for UdpServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UdpServer").field("socket", &self.socket).finish_non_exhaustive()
    }
}

/// A datagram that is one report; any other is dropped.
fn whole(
    datagram: &[u8; 65],
    received: io::Result<(usize, SocketAddr)>,
) -> io::Result<Option<(Report, SocketAddr)>> {
    match received {
        Ok((64, client)) => Ok(datagram.first_chunk().map(|report| (*report, client))),
        Ok(_) => Ok(None),
        // Windows says so when a client has gone
        Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(None),
        Err(error) => Err(error),
    }
}

/// Who uses which channel.
#[derive(Debug, Default)]
struct Clients {
    by_channel: BTreeMap<u32, SocketAddr>,
    by_nonce: BTreeMap<[u8; 8], SocketAddr>,
    last: Option<SocketAddr>,
}

impl Clients {
    fn heard(&mut self, report: &Report, client: SocketAddr) {
        self.last = Some(client);
        match nonce(report) {
            Some(nonce) => remember(&mut self.by_nonce, nonce, client),
            None => remember(&mut self.by_channel, Packet::of(report).channel().0, client),
        }
    }

    /// Whom a report of the key is for.
    fn of(&mut self, report: &Report) -> Option<SocketAddr> {
        let asker = nonce(report).and_then(|nonce| self.by_nonce.remove(&nonce));
        let user = || self.by_channel.get(&Packet::of(report).channel().0).copied();
        asker.or_else(user).or(self.last)
    }
}

/// The nonce of a `CTAPHID_INIT` or its answer on the broadcast channel.
fn nonce(report: &Report) -> Option<[u8; 8]> {
    let init =
        [ChannelId::BROADCAST.0.to_be_bytes().as_slice(), &[Command::INIT.0 | 0x80]].concat();
    report.strip_prefix(init.as_slice())?.get(2..)?.first_chunk().copied()
}

/// The oldest are forgotten: channels are counted upward.
fn remember<K: Ord>(clients: &mut BTreeMap<K, SocketAddr>, key: K, client: SocketAddr) {
    clients.insert(key, client);
    if clients.len() > MOST_CLIENTS {
        clients.pop_first();
    }
}

const MOST_CLIENTS: usize = 1024;
