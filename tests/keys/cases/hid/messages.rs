//! Messages of every length, both ways.

use crate::keys::{BOTH, GET_RETRIES, ask, bytes, far, get_info, id, key, open};
use keyvet_hid::framing::MAX_MESSAGE_LEN;
use keyvet_transport::Channel;
use keyvet_virtual_key::Touch;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_ping_of_every_length_around_a_report_and_the_longest_comes_back() {
    let cancel = CancellationToken::new();
    for firmware in BOTH {
        let mut channel = open(key(&firmware, Touch::Immediate).link()).await.unwrap();
        for len in [0, 1, 8, 56, 57, 58, 115, 116, 117, 1023, 1024, 1025, 4000, 7608, 7609] {
            let echoed = channel.echo(&bytes(len), far(&cancel)).await;
            assert_eq!(echoed, Ok(()), "{firmware}, {len} bytes");
        }
    }
}

#[tokio::test]
async fn a_message_above_7609_bytes_is_refused_here_and_the_key_never_sees_it() {
    let cancel = CancellationToken::new();
    for firmware in BOTH {
        let key = key(&firmware, Touch::Immediate);
        let mut channel = open(key.link()).await.unwrap();
        let before = key.reports();
        let refused = channel.echo(&bytes(MAX_MESSAGE_LEN + 1), far(&cancel)).await;
        assert_eq!(id(refused), "transport.message-too-long");
        assert_eq!(key.reports(), before);
    }
}

#[tokio::test]
async fn the_longest_request_is_answered_and_the_next_one_too() {
    for firmware in BOTH {
        let mut channel = open(key(&firmware, Touch::Immediate).link()).await.unwrap();
        // a command that no key knows, with as many parameters as fit
        let mut request = bytes(MAX_MESSAGE_LEN);
        request[0] = 0x3f;
        let answer = ask(&mut channel, &request).await.unwrap();
        assert_eq!(answer, [0x01], "{firmware}: CTAP1_ERR_INVALID_COMMAND");
        assert_eq!(ask(&mut channel, &get_info()).await.unwrap()[0], 0, "{firmware}");
    }
}

#[tokio::test]
async fn answers_belong_to_their_requests_over_many_exchanges() {
    for firmware in BOTH {
        let mut channel = open(key(&firmware, Touch::Immediate).link()).await.unwrap();
        let info = ask(&mut channel, &get_info()).await.unwrap();
        let retries = ask(&mut channel, &GET_RETRIES).await.unwrap();
        assert_ne!(info, retries);
        for _ in 0..50 {
            assert_eq!(ask(&mut channel, &get_info()).await.as_ref(), Ok(&info), "{firmware}");
            assert_eq!(ask(&mut channel, &GET_RETRIES).await.as_ref(), Ok(&retries), "{firmware}");
        }
    }
}

#[tokio::test]
async fn a_wink_is_seen_once_by_a_key_that_says_it_can() {
    let cancel = CancellationToken::new();
    for firmware in BOTH {
        let key = key(&firmware, Touch::Immediate);
        let mut channel = open(key.link()).await.unwrap();
        assert!(channel.limits().wink, "{firmware}");
        assert_eq!(channel.wink(far(&cancel)).await, Ok(()), "{firmware}");
        // a later exchange proves that the key has worked on the wink
        channel.ping(far(&cancel)).await.unwrap();
        assert_eq!(key.winks(), 1, "{firmware}");
    }
}
