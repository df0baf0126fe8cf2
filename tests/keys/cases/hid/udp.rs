//! Both firmwares over UDP.

use crate::keys::{BOTH, ask, bytes, far, get_info, key, open};
use keyvet_hid::{HidChannel, UdpAddress, UdpDiscovery, UdpLink};
use keyvet_transport::{Channel, Discovery};
use keyvet_virtual_key::{Touch, UdpServer};
use std::net::SocketAddr;
use tokio_util::sync::CancellationToken;

async fn serve(key: &keyvet_virtual_key::VirtualKey) -> SocketAddr {
    let server = UdpServer::bind(key, ([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = server.address().unwrap();
    tokio::spawn(server.run());
    address
}

#[tokio::test]
async fn a_key_on_a_port_gives_the_same_answers_as_in_memory() {
    let cancel = CancellationToken::new();
    for firmware in BOTH {
        let key = key(&firmware, Touch::Immediate);
        let info = ask(&mut open(key.link()).await.unwrap(), &get_info()).await.unwrap();
        let discovery = UdpDiscovery::new(vec![serve(&key).await]);
        let device = discovery.scan().unwrap().remove(0);
        let mut channel = discovery.open(&device.id, far(&cancel)).await.unwrap();
        let answer = channel.transact(&get_info(), far(&cancel)).await;
        assert_eq!(answer, Ok(info), "{firmware}");
        channel.ping(far(&cancel)).await.unwrap();
    }
}

#[tokio::test]
async fn the_longest_message_goes_over_a_port_and_back() {
    let cancel = CancellationToken::new();
    for firmware in BOTH {
        let key = key(&firmware, Touch::Immediate);
        let address = UdpAddress::from(serve(&key).await);
        let link = UdpLink::connect(address).await.unwrap();
        let mut channel = HidChannel::open(link, address.device(), far(&cancel)).await.unwrap();
        for len in [0, 57, 58, 1024, 7609] {
            assert_eq!(channel.echo(&bytes(len), far(&cancel)).await, Ok(()), "{firmware}, {len}");
        }
    }
}

#[tokio::test]
async fn two_programs_on_one_port_get_their_own_answers() {
    let cancel = CancellationToken::new();
    for firmware in BOTH {
        let key = key(&firmware, Touch::Immediate);
        let address = UdpAddress::from(serve(&key).await);
        let open = async || {
            let link = UdpLink::connect(address).await.unwrap();
            HidChannel::open(link, address.device(), far(&cancel)).await.unwrap()
        };
        let (mut first, mut second) = tokio::join!(open(), open());
        let (info, long) = (get_info(), bytes(900));
        for _ in 0..20 {
            let (one, other) =
                tokio::join!(first.transact(&info, far(&cancel)), second.echo(&long, far(&cancel)));
            assert_eq!((one.unwrap()[0], other), (0, Ok(())), "{firmware}");
        }
    }
}
