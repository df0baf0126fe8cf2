//! Several programs on one key: each hears everything, each gets its own.

use crate::keys::{
    BOTH, GET_RETRIES, ask, bytes, device, far, get_info, id, key, make_credential, open, within,
};
use keyvet_hid::framing::{Command, Reports};
use keyvet_hid::{HidChannel, ReportLink};
use keyvet_transport::{Channel, ChannelEvent, Exchange, Progress};
use keyvet_virtual_key::{Firmware, Touch};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn two_openers_that_talk_at_once_get_their_own_answers() {
    for firmware in BOTH {
        let key = key(&firmware, Touch::Immediate);
        let (first, second) = tokio::join!(open(key.link()), open(key.link()));
        let (mut first, mut second) = (first.unwrap(), second.unwrap());
        assert_ne!(first.channel_id(), second.channel_id(), "{firmware}");
        let info = ask(&mut first, &get_info()).await.unwrap();
        let retries = ask(&mut second, &GET_RETRIES).await.unwrap();
        let cancel = CancellationToken::new();
        let one = async {
            for _ in 0..30 {
                assert_eq!(ask(&mut first, &get_info()).await.as_ref(), Ok(&info), "{firmware}");
            }
        };
        let other = async {
            for len in 0..30 {
                let echoed = second.echo(&bytes(len * 20), far(&cancel)).await;
                assert_eq!(echoed, Ok(()), "{firmware}");
                let answer = ask(&mut second, &GET_RETRIES).await;
                assert_eq!(answer.as_ref(), Ok(&retries), "{firmware}");
            }
        };
        tokio::join!(one, other);
    }
}

#[derive(Default)]
struct Watch {
    touch: Notify,
    busy: AtomicUsize,
    is_busy: Notify,
}

impl Progress for Watch {
    fn event(&self, event: ChannelEvent) {
        match event {
            ChannelEvent::TouchNeeded => self.touch.notify_one(),
            ChannelEvent::Busy => {
                self.busy.fetch_add(1, Ordering::Relaxed);
                self.is_busy.notify_one();
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_key_that_another_program_keeps_busy_is_asked_again_until_it_is_free() {
    for firmware in BOTH {
        let key = key(&firmware, Touch::Manual);
        let (mut holder, mut other) =
            (open(key.link()).await.unwrap(), open(key.link()).await.unwrap());
        let (watch, cancel) = (Watch::default(), CancellationToken::new());
        let exchange = || Exchange { progress: &watch, ..far(&cancel) };
        let (request, info) = (make_credential(), get_info());
        let hold = holder.transact(&request, exchange());
        let ask = async {
            watch.touch.notified().await;
            other.transact(&info, exchange()).await
        };
        let release = async {
            watch.is_busy.notified().await;
            key.touch();
        };
        let (held, asked, ()) = tokio::join!(hold, ask, release);
        assert_eq!(held.unwrap()[0], 0, "{firmware}: not disturbed by the other");
        assert_eq!(asked.unwrap()[0], 0, "{firmware}");
        assert!(watch.busy.load(Ordering::Relaxed) > 0);
    }
}

#[tokio::test]
async fn a_key_that_stays_busy_is_given_up_at_the_deadline_and_the_holder_is_not_disturbed() {
    for firmware in BOTH {
        let key = key(&firmware, Touch::Manual);
        let (mut holder, mut other) =
            (open(key.link()).await.unwrap(), open(key.link()).await.unwrap());
        let (watch, cancel) = (Watch::default(), CancellationToken::new());
        let exchange = Exchange { progress: &watch, ..far(&cancel) };
        let (request, info) = (make_credential(), get_info());
        let hold = holder.transact(&request, exchange);
        let give_up = async {
            watch.touch.notified().await;
            let soon = within(&cancel, Duration::from_millis(300));
            let given_up = other.transact(&info, soon).await;
            key.touch();
            given_up
        };
        let (held, given_up) = tokio::join!(hold, give_up);
        assert_eq!(id(given_up), "transport.busy", "{firmware}");
        assert_eq!(held.unwrap()[0], 0, "{firmware}");
        assert_eq!(ask(&mut other, &get_info()).await.unwrap()[0], 0, "{firmware}");
    }
}

/// CTAPHID_LOCK (CTAP 2.2 §11.2.9.2.2) is optional; of the two firmwares OpenSK has it.
#[tokio::test]
async fn a_key_that_another_program_has_locked_is_busy_even_to_open_until_the_lock_ends() {
    let key = key(&Firmware::OpenSk, Touch::Immediate);
    let holder = open(key.link()).await.unwrap();
    let mut link = key.link();
    let lock = Reports::new(holder.channel_id(), Command::LOCK, &[10]).unwrap().next().unwrap();
    link.send(&lock).await.unwrap();
    let answer = link.receive().await.unwrap();
    assert_eq!(answer[4], 0x84, "it is locked for ten seconds");
    let cancel = CancellationToken::new();
    let soon = within(&cancel, Duration::from_millis(300));
    let refused = HidChannel::open(key.link(), device(), soon).await;
    assert_eq!(id(refused), "transport.busy");
    key.advance_clock(Duration::from_secs(11));
    let mut other = open(key.link()).await.unwrap();
    assert_eq!(ask(&mut other, &get_info()).await.unwrap()[0], 0);
}
