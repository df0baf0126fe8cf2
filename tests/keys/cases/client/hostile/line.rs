//! Quirks of the line: INIT, packets, keep-alives, errors.

use super::harness::Doing::{
    AssertReplugged, Cancel, Connect, Ping, Register, RegisterAny, Replug, Select,
};
use super::harness::Expect::{Error, Finding, Fine};
use super::harness::{Case, run};
use keyvet_virtual_key::hostile::Quirk;

pub(super) const CASES: &[Case] = &[
    Case::new(Quirk::InitSilent, Connect, Error("transport.timeout")),
    Case::new(Quirk::InitShort, Connect, Error("hid.init-too-short")),
    Case::new(Quirk::InitWrongNonce, Connect, Error("transport.timeout")),
    Case::new(Quirk::InitOthersFirst, RegisterAny, Fine),
    Case::new(Quirk::InitCidZero, Connect, Error("hid.init-channel")),
    Case::new(Quirk::InitCidBroadcast, Connect, Error("hid.init-channel")),
    Case::new(Quirk::InitLong, RegisterAny, Fine),
    Case::new(Quirk::InitNoCbor, Connect, Error("transport.unsupported")),
    Case::new(Quirk::PaddingLeak, RegisterAny, Fine),
    Case::new(Quirk::LeftoverFrames, RegisterAny, Fine),
    Case::new(Quirk::SeqSkip, Connect, Error("hid.wrong-sequence")),
    Case::new(Quirk::SeqSkip, Register, Error("hid.wrong-sequence")),
    Case::new(Quirk::SeqRepeat, Connect, Error("hid.wrong-sequence")),
    Case::new(Quirk::ContinuationFirst, RegisterAny, Fine),
    Case::new(Quirk::InitInside, Connect, Error("hid.interrupted-message")),
    Case::new(Quirk::ForeignFlood, RegisterAny, Fine),
    Case::new(Quirk::ForeignEndless, Connect, Error("transport.timeout")),
    Case::new(Quirk::ForeignEndless, Register, Error("transport.timeout")),
    Case::new(Quirk::BcntOver, Connect, Error("hid.message-too-long")),
    Case::new(Quirk::BcntZero, Connect, Error("hid.empty-reply")),
    Case::new(Quirk::MessageUnfinished, Connect, Error("transport.timeout")),
    Case::new(Quirk::SlowPackets, Connect, Error("transport.timeout")),
    Case::new(Quirk::OtherCommand, Connect, Error("hid.unexpected-reply")),
    Case::new(Quirk::AnswerTwice, RegisterAny, Fine),
    Case::new(Quirk::Silent, Connect, Error("transport.timeout")),
    Case::new(Quirk::Silent, Register, Error("transport.timeout")),
    Case::new(Quirk::Vanish, Connect, Error("transport.removed")),
    Case::new(Quirk::Vanish, Register, Error("transport.removed")),
    Case::new(Quirk::LongPing, Ping, Fine),
    Case::new(Quirk::PingAltered, Ping, Error("hid.ping-mismatch")),
    Case::new(Quirk::KeepaliveEndless, Register, Error("transport.timeout")),
    Case::new(Quirk::KeepaliveEndless, Cancel, Error("client.cancelled")),
    Case::new(Quirk::KeepaliveUnknown, Register, Fine),
    Case::new(Quirk::KeepaliveEmpty, Register, Fine),
    Case::new(Quirk::KeepaliveStop, Register, Error("transport.timeout")),
    Case::new(Quirk::KeepaliveInside, Connect, Error("hid.interrupted-message")),
    Case::new(Quirk::TouchNever, Register, Error("client.not-touched")),
    Case::new(Quirk::TouchNever, Select, Error("client.not-touched")),
    Case::new(Quirk::TouchNever, Cancel, Error("client.cancelled")),
    Case::new(Quirk::CancelIgnored, Cancel, Error("client.cancelled")),
    Case::new(Quirk::CancelIgnored, Register, Error("transport.touch-timeout")),
    Case::new(Quirk::BusyForever, Connect, Error("transport.busy")),
    Case::new(Quirk::BusyTwice, Connect, Fine),
    Case::new(Quirk::LockRequired, Connect, Error("transport.transport-status")),
    Case::new(Quirk::ErrorUnknown, Connect, Error("transport.transport-status")),
    // without code it reads as 0x00, by which Nitrokey 3 and Solo 2 say that they are busy
    Case::new(Quirk::ErrorEmpty, Connect, Error("transport.busy")),
    Case::new(Quirk::SwapTwin, AssertReplugged, Error("client.no-credentials")),
    // a key forgets channels for lack of room, so a channel that it does not know is taken anew; the judge sees the swap
    Case::new(Quirk::SwapIdentity, Replug, Finding("attestation.get-info-aaguid-differs")),
];

#[tokio::test(start_paused = true)]
async fn a_key_that_misbehaves_on_the_line_is_told_apart_from_one_that_does_not() {
    keyvet_key_tests::spoken!();
    run(CASES).await;
}
