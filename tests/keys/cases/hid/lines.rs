//! Lines that break off: half a message, a key that forgot its channels.

use crate::keys::{BOTH, ask, bytes, far, get_info, key, open};
use async_trait::async_trait;
use keyvet_hid::{Report, ReportLink};
use keyvet_transport::ChannelError;
use keyvet_virtual_key::{MemoryLink, Touch};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Sends so many reports and then stands still, until it is set free.
struct StandStill {
    link: MemoryLink,
    left: Arc<AtomicUsize>,
}

#[async_trait]
impl ReportLink for StandStill {
    async fn send(&mut self, report: &Report) -> Result<(), ChannelError> {
        let left = self.left.fetch_sub(1, Ordering::Relaxed);
        if left == 0 {
            std::future::pending::<()>().await;
        }
        self.link.send(report).await
    }

    async fn receive(&mut self) -> Result<Report, ChannelError> {
        self.link.receive().await
    }
}

const FREE: usize = usize::MAX / 2;

#[tokio::test]
async fn a_message_that_was_sent_by_half_and_dropped_does_not_stay_in_the_key() {
    for firmware in BOTH {
        let key = key(&firmware, Touch::Immediate);
        let left = Arc::new(AtomicUsize::new(FREE));
        let mut channel =
            open(StandStill { link: key.link(), left: Arc::clone(&left) }).await.unwrap();
        let info = ask(&mut channel, &get_info()).await.unwrap();
        for sent in [1, 2, 100] {
            left.store(sent, Ordering::Relaxed);
            let request = bytes(7000);
            // stands still for good: only this future's end ends it
            let halted =
                tokio::time::timeout(Duration::from_millis(50), ask(&mut channel, &request));
            assert!(halted.await.is_err());
            left.store(FREE, Ordering::Relaxed);
            let answer = ask(&mut channel, &get_info()).await;
            assert_eq!(answer.as_ref(), Ok(&info), "{firmware}, {sent} reports of 119");
        }
    }
}

#[tokio::test]
async fn a_program_that_dies_in_the_middle_of_a_message_does_not_lock_others_out() {
    for firmware in BOTH {
        let key = key(&firmware, Touch::Immediate);
        let left = Arc::new(AtomicUsize::new(FREE));
        let mut dies =
            open(StandStill { link: key.link(), left: Arc::clone(&left) }).await.unwrap();
        left.store(3, Ordering::Relaxed);
        let request = bytes(7000);
        let halted = tokio::time::timeout(Duration::from_millis(50), ask(&mut dies, &request));
        assert!(halted.await.is_err());
        drop(dies);
        // the key gives the half message up by itself, and says busy until then
        let mut other = open(key.link()).await.unwrap();
        assert_eq!(ask(&mut other, &get_info()).await.unwrap()[0], 0, "{firmware}");
    }
}

#[tokio::test]
async fn a_key_that_lost_its_power_and_its_channels_is_found_again() {
    let cancel = CancellationToken::new();
    for firmware in BOTH {
        let key = key(&firmware, Touch::Immediate);
        let mut channel = open(key.link()).await.unwrap();
        let info = ask(&mut channel, &get_info()).await.unwrap();
        key.power_cycle();
        assert_eq!(ask(&mut channel, &get_info()).await, Ok(info), "{firmware}");
        assert_eq!(channel.echo(&bytes(500), far(&cancel)).await, Ok(()), "{firmware}");
    }
}
