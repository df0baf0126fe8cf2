//! CTAPHID over UDP: one report per datagram, as firmware simulators speak it.

use async_trait::async_trait;
use futures_core::Stream;
use keyvet_transport::{
    Channel, ChannelError, Device, DeviceEvent, DeviceId, Discovery, Exchange, Tap, Transport,
    unchanging,
};
use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use tokio::net::UdpSocket;

use crate::framing::REPORT_LEN;
use crate::tapped::Listener;
use crate::{HidChannel, Report, ReportLink, TappedLink};

/// Where a simulator listens: `127.0.0.1:8111`, or `127.0.0.1:8111/7112` with the local port that it answers to (solo1
/// and CanoKey answer to 7112 only).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct UdpAddress {
    /// Where it listens.
    pub remote: SocketAddr,
    /// The port it answers to, when it cannot answer to any.
    pub local_port: Option<u16>,
}

/// A connected socket: what others send to its port is not heard.
#[derive(Debug)]
pub struct UdpLink {
    socket: UdpSocket,
    remote: SocketAddr,
}

/// The simulators at addresses given by the person. Nothing is sent to find out whether they are there.
#[derive(Clone, Debug, Default)]
pub struct UdpDiscovery {
    addresses: Vec<UdpAddress>,
    tap: Listener,
}

impl UdpLink {
    /// A link to `address`. Nothing is sent.
    ///
    /// # Errors
    /// [`ChannelError::Io`], mostly because the local port is taken.
    pub async fn connect(address: UdpAddress) -> Result<Self, ChannelError> {
        let failed = |error: io::Error| {
            ChannelError::Io(format!("cannot open a port for {address}: {error}"))
        };
        let socket = UdpSocket::bind(address.local()).await.map_err(failed)?;
        socket.connect(address.remote).await.map_err(failed)?;
        Ok(Self { socket, remote: address.remote })
    }

    fn error(&self, error: &io::Error) -> ChannelError {
        match error.kind() {
            // an ICMP message said so
            ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => {
                ChannelError::ServiceMissing {
                    service: "the simulator",
                    cause: format!("nothing listens at {}", self.remote),
                }
            }
            _ => ChannelError::Io(error.to_string()),
        }
    }
}

#[async_trait]
impl ReportLink for UdpLink {
    async fn send(&mut self, report: &Report) -> Result<(), ChannelError> {
        self.socket.send(report).await.map(|_| ()).map_err(|error| self.error(&error))
    }

    async fn receive(&mut self) -> Result<Report, ChannelError> {
        // one byte more than a report, so that a longer datagram shows
        let mut datagram = [0; REPORT_LEN + 1];
        loop {
            let len = self.socket.recv(&mut datagram).await.map_err(|error| self.error(&error))?;
            if let Some(report) = exactly_one_report(&datagram, len) {
                return Ok(report);
            }
        }
    }

    async fn receive_ready(&mut self) -> Result<Option<Report>, ChannelError> {
        let mut datagram = [0; REPORT_LEN + 1];
        match self.socket.try_recv(&mut datagram) {
            Ok(_) => Ok(datagram.first_chunk().copied()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(self.error(&error)),
        }
    }
}

/// The datagram as a report; datagrams of any other length are no reports.
fn exactly_one_report(datagram: &[u8], len: usize) -> Option<Report> {
    datagram.get(..len)?.try_into().ok()
}

impl UdpDiscovery {
    /// The simulators at `addresses`.
    #[must_use]
    pub fn new(addresses: Vec<SocketAddr>) -> Self {
        Self::of(addresses.into_iter().map(UdpAddress::from).collect())
    }

    /// The simulators at `addresses`, some of which answer to one port only.
    #[must_use]
    pub const fn of(addresses: Vec<UdpAddress>) -> Self {
        Self { addresses, tap: Listener(None) }
    }

    /// The same, and every channel opened from now on is heard by `tap`.
    #[must_use]
    pub fn tapped(mut self, tap: Option<Arc<dyn Tap>>) -> Self {
        self.tap = Listener(tap);
        self
    }

    fn devices(&self) -> Vec<Device> {
        self.addresses.iter().map(|address| Device::new(address.device())).collect()
    }
}

#[async_trait]
impl Discovery for UdpDiscovery {
    fn transport(&self) -> Transport {
        Transport::Udp
    }

    fn scan(&self) -> Result<Vec<Device>, ChannelError> {
        Ok(self.devices())
    }

    fn watch(&self) -> Pin<Box<dyn Stream<Item = DeviceEvent> + Send>> {
        // it is as it was configured: nothing comes or goes
        unchanging(self.devices())
    }

    async fn open(
        &self,
        device: &DeviceId,
        exchange: Exchange<'_>,
    ) -> Result<Box<dyn Channel>, ChannelError> {
        let address: UdpAddress = device
            .path
            .parse()
            .map_err(|_| ChannelError::Io(format!("{device} is not an address with a port")))?;
        let link = UdpLink::connect(address).await?;
        let link = TappedLink::new(link, device.clone(), self.tap.0.clone());
        Ok(Box::new(HidChannel::open(link, device.clone(), exchange).await?))
    }
}

impl UdpAddress {
    /// The device it names.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        DeviceId::new(Transport::Udp, self.to_string())
    }

    fn local(&self) -> SocketAddr {
        let port = self.local_port.unwrap_or(0);
        match self.remote {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, port).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, port).into(),
        }
    }
}

impl From<SocketAddr> for UdpAddress {
    fn from(remote: SocketAddr) -> Self {
        Self { remote, local_port: None }
    }
}

impl fmt::Display for UdpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.local_port {
            Some(port) => write!(f, "{}/{port}", self.remote),
            None => self.remote.fmt(f),
        }
    }
}

/// The text is not `ADDRESS:PORT` or `ADDRESS:PORT/LOCAL-PORT`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an address with a port, like 127.0.0.1:8111 or 127.0.0.1:8111/7112")]
pub struct ParseUdpAddressError;

impl FromStr for UdpAddress {
    type Err = ParseUdpAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (remote, local) = match text.split_once('/') {
            Some((remote, local)) => (remote, Some(local)),
            None => (text, None),
        };
        let remote = remote.parse().map_err(|_| ParseUdpAddressError)?;
        let local_port = local.map(str::parse).transpose().map_err(|_| ParseUdpAddressError)?;
        Ok(Self { remote, local_port })
    }
}
