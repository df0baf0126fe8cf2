//! CTAPHID over UDP, on the loopback.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test: what goes wrong must fail it"
)]
#![cfg(feature = "udp")]

mod support;

use futures_core::Stream;
use keyvet_hid::framing::{DeviceEvent, DeviceSide};
use keyvet_hid::{UdpAddress, UdpDiscovery};
use keyvet_transport::{
    Channel, ChannelError, DeviceEvent as Seen, DeviceId, Direction, Discovery, Packet, Tap,
    Transport,
};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use support::{exchange, id, usual};
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;

/// A simulator that answers as every authenticator does, after `noise` of other lengths; gives where it listens.
async fn simulator(noise: &'static [&'static [u8]]) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut side, mut channels, mut datagram) = (DeviceSide::new(), 0, [0; 64]);
        loop {
            let (_, client) = socket.recv_from(&mut datagram).await.unwrap();
            if let DeviceEvent::Request(message) = side.push(&datagram) {
                for bytes in noise {
                    socket.send_to(bytes, client).await.unwrap();
                }
                for report in usual(&message, &mut channels) {
                    socket.send_to(&report, client).await.unwrap();
                }
            }
        }
    });
    address
}

async fn open(device: &DeviceId) -> Result<Box<dyn Channel>, ChannelError> {
    let cancel = CancellationToken::new();
    UdpDiscovery::default().open(device, exchange(&cancel, 10)).await
}

async fn echo(channel: &mut dyn Channel, request: &[u8]) -> Result<Vec<u8>, ChannelError> {
    let cancel = CancellationToken::new();
    channel.transact(request, exchange(&cancel, 10)).await
}

#[tokio::test]
async fn a_simulator_answers_over_datagrams_of_one_report() {
    let address = simulator(&[]).await;
    let discovery = UdpDiscovery::new(vec![address]);
    let devices = discovery.scan().unwrap();
    assert_eq!(devices[0].id.to_string(), format!("udp:{address}"));
    let mut channel = open(&devices[0].id).await.unwrap();
    assert_eq!(echo(&mut *channel, &[1, 2]).await, Ok(vec![0, 2, 1]));
    assert_eq!(echo(&mut *channel, &[5; 7608]).await.map(|answer| answer.len()), Ok(7609));
}

#[tokio::test]
async fn datagrams_of_other_lengths_are_no_reports() {
    let address = simulator(&[&[], &[0xff; 63], &[0xff; 65], &[0xff; 1000]]).await;
    let mut channel = open(&UdpAddress::from(address).device()).await.unwrap();
    assert_eq!(echo(&mut *channel, &[1, 2]).await, Ok(vec![0, 2, 1]));
}

#[tokio::test]
async fn a_port_where_nothing_listens_is_told_with_its_address() {
    let free = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let Err(error) = open(&UdpAddress::from(free).device()).await else {
        panic!("nothing is there")
    };
    assert_eq!(error.to_string(), format!("the simulator is not there: nothing listens at {free}"));
    assert_eq!(id::<()>(Err(error)), "transport.service-missing");
}

#[tokio::test]
async fn a_simulator_that_has_stopped_is_told_at_once() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let device = UdpAddress::from(socket.local_addr().unwrap()).device();
    let (mut side, mut datagram) = (DeviceSide::new(), [0; 64]);
    let once = async {
        let (_, client) = socket.recv_from(&mut datagram).await.unwrap();
        let DeviceEvent::Request(init) = side.push(&datagram) else { panic!("an INIT") };
        socket.send_to(&usual(&init, &mut 0)[0], client).await.unwrap();
        // and its port is closed
        drop(socket);
    };
    let (opened, ()) = tokio::join!(open(&device), once);
    let mut channel = opened.unwrap();
    assert_eq!(id(echo(&mut *channel, &[1]).await), "transport.service-missing");
    assert_eq!(id(echo(&mut *channel, &[1]).await), "transport.service-missing");
}

#[tokio::test]
async fn a_fixed_local_port_is_used_and_refused_when_taken() {
    let own = UdpSocket::bind("0.0.0.0:0").await.unwrap();
    let port = own.local_addr().unwrap().port();
    let remote = simulator(&[]).await;
    let device = UdpAddress { remote, local_port: Some(port) }.device();
    assert_eq!(device.to_string(), format!("udp:{remote}/{port}"));
    assert_eq!(id(open(&device).await.map(|_| ())), "transport.io");
    drop(own);
    let channel = open(&device).await.unwrap();
    assert!(UdpSocket::bind(("0.0.0.0", port)).await.is_err(), "the channel holds the port");
    drop(channel);
}

#[tokio::test]
async fn a_path_that_is_no_address_is_refused() {
    for path in ["8111", "127.0.0.1", "127.0.0.1:8111/", "127.0.0.1:8111/70000", "localhost:8111"] {
        assert_eq!(
            id(open(&DeviceId::new(Transport::Udp, path)).await.map(|_| ())),
            "transport.io"
        );
    }
}

#[tokio::test]
async fn watching_tells_the_addresses_and_sends_nothing() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let discovery = UdpDiscovery::new(vec![silent.local_addr().unwrap()]);
    let mut events = discovery.watch();
    let mut next = async || std::future::poll_fn(|cx| Pin::new(&mut events).poll_next(cx)).await;
    assert!(matches!(next().await, Some(Seen::Added(_))));
    assert!(matches!(next().await, Some(Seen::InitialScanDone)));
    assert!(silent.try_recv(&mut [0; 64]).is_err());
}

/// Direction, device and command byte of every report.
#[derive(Default)]
struct Heard(Mutex<Vec<(Direction, String, u8)>>);

impl Tap for Heard {
    fn packet(&self, packet: Packet<'_>) {
        assert_eq!(packet.bytes.len(), 64);
        let heard = (packet.direction, packet.device.to_string(), packet.bytes[4]);
        self.0.lock().unwrap().push(heard);
    }
}

#[tokio::test]
async fn a_tap_hears_every_report_once_and_questions_before_their_answers() {
    let address = simulator(&[]).await;
    let heard = Arc::<Heard>::default();
    let tap: Arc<dyn Tap> = heard.clone();
    let discovery = UdpDiscovery::new(vec![address]).tapped(Some(tap));
    let cancel = CancellationToken::new();
    let id = UdpAddress::from(address).device();
    let mut channel = discovery.open(&id, exchange(&cancel, 10)).await.unwrap();
    assert_eq!(echo(&mut *channel, &[1; 60]).await.map(|answer| answer.len()), Ok(61));
    let name = id.to_string();
    let expected = [
        (Direction::Out, 0x86),
        (Direction::In, 0x86),
        (Direction::Out, 0x90),
        (Direction::Out, 0),
        (Direction::In, 0x90),
        (Direction::In, 0),
    ];
    let expected = expected.map(|(direction, command)| (direction, name.clone(), command));
    assert_eq!(*heard.0.lock().unwrap(), expected);
}
