//! The contract of every transport, on CTAPHID.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test: what goes wrong must fail it"
)]

mod support;

use async_trait::async_trait;
use keyvet_hid::Report;
use keyvet_hid::framing::{ChannelId, Command, DeviceEvent, DeviceSide, ErrorCode, Message};
use keyvet_transport::contract::{Act, Asked, Log, OnCancel, Plan, Rig};
use keyvet_transport::{Channel, ChannelEvent};
use std::collections::VecDeque;
use std::time::Duration;
use support::{DeviceEnd, init_reply, keep_alive, line, open, refuse, reports};
use tokio::time::{Instant, sleep_until};

keyvet_transport::channel_contract!(HidRig);

struct HidRig;

#[async_trait]
impl Rig for HidRig {
    async fn open(&self, plan: Plan, log: Log) -> Box<dyn Channel> {
        let (link, end) = line();
        tokio::spawn(Peer::new(end, plan, log).run());
        Box::new(open(link).await.expect("the peer opens channels"))
    }
}

/// An authenticator that follows a plan.
struct Peer {
    end: DeviceEnd,
    side: DeviceSide,
    log: Log,
    requests: VecDeque<Vec<Act>>,
    on_cancel: OnCancel,
    pending: Option<ChannelId>,
    acts: VecDeque<Act>,
    wake: Instant,
    channels: u32,
    dumb: bool,
}

impl Peer {
    fn new(end: DeviceEnd, plan: Plan, log: Log) -> Self {
        Self {
            end,
            side: DeviceSide::new(),
            log,
            requests: plan.requests.into(),
            on_cancel: plan.on_cancel,
            pending: None,
            acts: VecDeque::new(),
            wake: Instant::now(),
            channels: 0,
            dumb: false,
        }
    }

    async fn run(mut self) {
        loop {
            let busy = !self.acts.is_empty();
            tokio::select! {
                biased;
                report = self.end.reports.recv() => match report {
                    Some(report) if !self.dumb => self.hear(&report),
                    Some(_) => {}
                    None => return,
                },
                () = sleep_until(self.wake), if busy => if !self.act() {
                    return;
                },
            }
        }
    }

    fn hear(&mut self, report: &Report) {
        match self.side.push(report) {
            DeviceEvent::Nothing => {}
            DeviceEvent::Refuse { channel, code } => self.say(refuse(channel, code)),
            DeviceEvent::Request(message) => self.take(message),
        }
    }

    fn take(&mut self, message: Message) {
        match message.command {
            Command::INIT if message.channel == ChannelId::BROADCAST => {
                self.channels += 1;
                self.say(init_reply(&message, ChannelId(self.channels)));
            }
            Command::INIT => {
                // an answer that is being made comes in spite of it, as with some firmware
                if !matches!(self.acts.front(), Some(Act::Answer(_) | Act::Wait(_))) {
                    self.end();
                }
                self.say(init_reply(&message, message.channel));
            }
            Command::CANCEL if self.pending == Some(message.channel) => {
                self.cancel(message.channel)
            }
            Command::CANCEL => {}
            Command::CBOR if self.pending.is_some() => {
                self.say(refuse(message.channel, ErrorCode::CHANNEL_BUSY));
            }
            Command::CBOR => self.begin(message),
            command => self.say(reports(message.channel, command, &message.payload)),
        }
    }

    fn begin(&mut self, message: Message) {
        self.pending = Some(message.channel);
        self.acts = self.requests.pop_front().unwrap_or_default().into();
        self.wake = Instant::now();
        self.log.add(Asked::Request(message.payload));
    }

    fn cancel(&mut self, channel: ChannelId) {
        self.log.add(Asked::Cancel);
        let answer = match &self.on_cancel {
            OnCancel::Ignore => return,
            OnCancel::End => vec![0x2d],
            OnCancel::Lose(answer) => answer.clone(),
        };
        self.end();
        self.say(reports(channel, Command::CBOR, &answer));
    }

    fn end(&mut self) {
        self.pending = None;
        self.acts.clear();
    }

    /// The next act; not after the last one of all.
    fn act(&mut self) -> bool {
        let (Some(channel), Some(act)) = (self.pending, self.acts.pop_front()) else { return true };
        match act {
            Act::Wait(time) => self.wake = Instant::now() + time,
            Act::Answer(answer) => {
                self.end();
                self.say(reports(channel, Command::CBOR, &answer));
            }
            Act::AnswerPartly(answer) => {
                let mut all = reports(channel, Command::CBOR, &answer);
                all.truncate(all.len() / 2);
                self.end();
                self.say(all);
            }
            Act::KeepAlive(event) => self.say(keep_alive(channel, status(event))),
            Act::KeepAliveForEver(event) => {
                self.say(keep_alive(channel, status(event)));
                self.again(Act::KeepAliveForEver(event), Duration::from_millis(100));
            }
            Act::TalkToOthersForEver => {
                self.say(reports(ChannelId(0x0bad), Command::CBOR, &[9; 400]));
                self.again(Act::TalkToOthersForEver, Duration::from_micros(100));
            }
            Act::FallDumb => self.dumb = true,
            Act::Vanish => return false,
        }
        true
    }

    fn again(&mut self, act: Act, after: Duration) {
        self.acts.push_front(act);
        self.wake = Instant::now() + after;
    }

    fn say(&mut self, reports: Vec<Report>) {
        for report in reports {
            // the client may have gone
            let _ = self.end.out.send(report);
        }
    }
}

fn status(event: ChannelEvent) -> u8 {
    match event {
        ChannelEvent::Processing => 1,
        ChannelEvent::TouchNeeded => 2,
        ChannelEvent::Other(status) => status,
        other => panic!("no keep-alive: {other:?}"),
    }
}
