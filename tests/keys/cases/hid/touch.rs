//! Cancelling, dropping and giving up while a key waits for a touch.

use crate::keys::{BOTH, ask, far, get_info, id, key, make_credential, open, within};
use keyvet_hid::HidChannel;
use keyvet_transport::{Channel, ChannelError, ChannelEvent, Exchange, Phase, Progress};
use keyvet_virtual_key::{Firmware, MemoryLink, Touch, VirtualKey};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Does something once the key asks for a touch.
struct OnTouch<F: Fn() + Send + Sync>(F);

impl<F: Fn() + Send + Sync> Progress for OnTouch<F> {
    fn event(&self, event: ChannelEvent) {
        if event == ChannelEvent::TouchNeeded {
            (self.0)();
        }
    }
}

async fn waiting(firmware: &Firmware) -> (VirtualKey, HidChannel<MemoryLink>) {
    let key = key(firmware, Touch::Manual);
    let channel = open(key.link()).await.unwrap();
    (key, channel)
}

/// The channel answers right, and the key makes credentials.
async fn works(key: &VirtualKey, channel: &mut HidChannel<MemoryLink>, firmware: &Firmware) {
    let info = ask(channel, &get_info()).await.unwrap_or_else(|e| panic!("{firmware}: {e:?}"));
    assert!(info.len() > 100 && info[0] == 0, "{firmware}");
    key.set_touch(Touch::Immediate);
    let made = ask(channel, &make_credential()).await.unwrap();
    assert_eq!(made[0], 0, "{firmware}");
}

#[tokio::test]
async fn a_touch_that_is_asked_for_is_told_and_given() {
    for firmware in BOTH {
        let (key, mut channel) = waiting(&firmware).await;
        let cancel = CancellationToken::new();
        let touch = OnTouch(|| key.touch());
        let exchange = Exchange { progress: &touch, ..far(&cancel) };
        let made = channel.transact(&make_credential(), exchange).await.unwrap();
        assert!(made[0] == 0 && made.len() > 200, "{firmware}");
    }
}

#[tokio::test]
async fn a_cancel_before_the_request_sends_nothing() {
    for firmware in BOTH {
        let (key, mut channel) = waiting(&firmware).await;
        let before = key.reports();
        let cancel = CancellationToken::new();
        cancel.cancel();
        let outcome = channel.transact(&make_credential(), far(&cancel)).await;
        assert_eq!(outcome, Err(ChannelError::Cancelled));
        assert_eq!(key.reports(), before, "{firmware}");
        works(&key, &mut channel, &firmware).await;
    }
}

#[tokio::test]
async fn a_cancel_while_the_key_waits_for_a_touch_ends_it_and_the_key_goes_on() {
    for firmware in BOTH {
        let (key, mut channel) = waiting(&firmware).await;
        let number = channel.channel_id();
        let cancel = CancellationToken::new();
        let touch = OnTouch(|| cancel.cancel());
        let exchange = Exchange { progress: &touch, ..far(&cancel) };
        let outcome = channel.transact(&make_credential(), exchange).await;
        assert_eq!(outcome, Err(ChannelError::Cancelled), "{firmware}");
        assert!(!key.waits_for_touch(), "{firmware}");
        assert_eq!(channel.channel_id(), number, "{firmware}: it answered, no new channel");
        works(&key, &mut channel, &firmware).await;
    }
}

#[tokio::test]
async fn a_cancel_after_the_answer_is_nothing() {
    for firmware in BOTH {
        let (key, mut channel) = waiting(&firmware).await;
        let cancel = CancellationToken::new();
        let touch = OnTouch(|| key.touch());
        let exchange = Exchange { progress: &touch, ..far(&cancel) };
        assert_eq!(channel.transact(&make_credential(), exchange).await.unwrap()[0], 0);
        cancel.cancel();
        works(&key, &mut channel, &firmware).await;
    }
}

#[tokio::test]
async fn a_deadline_while_the_key_waits_for_a_touch_cancels_it() {
    for firmware in BOTH {
        let (key, mut channel) = waiting(&firmware).await;
        let cancel = CancellationToken::new();
        let soon = within(&cancel, Duration::from_millis(700));
        let outcome = channel.transact(&make_credential(), soon).await;
        assert_eq!(outcome, Err(ChannelError::Timeout { phase: Phase::Touch }), "{firmware}");
        assert_eq!(id(outcome), "transport.touch-timeout");
        works(&key, &mut channel, &firmware).await;
    }
}

#[tokio::test]
async fn an_exchange_dropped_while_the_key_waits_for_a_touch_leaves_a_channel_that_works() {
    for firmware in BOTH {
        let (key, mut channel) = waiting(&firmware).await;
        let cancel = CancellationToken::new();
        let waits = tokio::sync::Notify::new();
        let touch = OnTouch(|| waits.notify_one());
        let exchange = Exchange { progress: &touch, ..far(&cancel) };
        let request = make_credential();
        tokio::select! {
            outcome = channel.transact(&request, exchange) => panic!("{outcome:?}"),
            () = waits.notified() => {}
        }
        works(&key, &mut channel, &firmware).await;
    }
}

#[tokio::test]
async fn a_key_pulled_out_while_it_waits_for_a_touch_is_gone_and_comes_back() {
    for firmware in BOTH {
        let (key, mut channel) = waiting(&firmware).await;
        let cancel = CancellationToken::new();
        let touch = OnTouch(|| key.unplug());
        let exchange = Exchange { progress: &touch, ..far(&cancel) };
        let outcome = channel.transact(&make_credential(), exchange).await;
        assert_eq!(outcome, Err(ChannelError::Removed), "{firmware}");
        assert_eq!(ask(&mut channel, &get_info()).await, Err(ChannelError::Removed));
        key.plug();
        assert_eq!(ask(&mut channel, &get_info()).await, Err(ChannelError::Removed), "for good");
        let mut channel = open(key.link()).await.unwrap();
        works(&key, &mut channel, &firmware).await;
    }
}
