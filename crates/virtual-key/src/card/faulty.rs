//! A card with faults.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::command::{CHAIN, is_extended};
use super::fault::{Bend, CardFault};
use super::status::{
    NO_CHAINING, NO_DIAGNOSIS, NO_INSTRUCTION, NOT_FOUND, OK, WORKING, WRONG_LENGTH,
};
use super::{Card, atr};

/// A card that does what its faults say, and else what the card behind it does.
pub struct FaultyCard {
    card: Box<dyn Card>,
    /// What is in the reader after a swap.
    other: Option<Box<dyn Card>>,
    faults: Vec<CardFault>,
    switch: FaultSwitch,
    /// Commands since it came into the field or the faults were switched on.
    commands: u32,
    left: bool,
    last: Vec<u8>,
}

/// Switches the faults of one card on and off; they are on at first. Where and what they count begins anew.
#[derive(Clone, Debug)]
pub struct FaultSwitch(Arc<AtomicBool>);

impl FaultSwitch {
    /// Switches them on or off.
    pub fn set(&self, on: bool) {
        self.0.store(on, Ordering::SeqCst);
    }

    /// Whether they are on.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl FaultyCard {
    /// `card` with `faults`.
    pub fn new(card: impl Card + 'static, faults: impl Into<Vec<CardFault>>) -> Self {
        Self {
            card: Box::new(card),
            other: None,
            faults: faults.into(),
            switch: FaultSwitch(Arc::new(AtomicBool::new(true))),
            commands: 0,
            left: false,
            last: OK.to_vec(),
        }
    }

    /// The same card, and what is in its place after [`Bend::Swapped`].
    #[must_use]
    pub fn swapped_for(mut self, other: impl Card + 'static) -> Self {
        self.other = Some(Box::new(other));
        self
    }

    /// The switch of its faults.
    #[must_use]
    pub fn switch(&self) -> FaultSwitch {
        self.switch.clone()
    }

    /// Whether `bend` is to be done now.
    fn does(&self, bend: Bend) -> bool {
        self.number(bend).is_some_and(|from| self.commands >= from)
    }

    fn number(&self, bend: Bend) -> Option<u32> {
        if !self.switch.is_on() {
            return None;
        }
        self.faults.iter().find(|fault| fault.bend == bend).map(|fault| fault.from)
    }

    /// Whether it is time to leave the reader.
    fn leaves(&self) -> bool {
        self.does(Bend::Pulled) || (self.other.is_some() && self.does(Bend::Swapped))
    }

    fn leave(&mut self) -> Vec<u8> {
        self.left = true;
        Vec::new()
    }

    fn select(&mut self, command: &[u8]) -> Vec<u8> {
        let has_le = command.len() != command.get(4).map_or(4, |lc| usize::from(*lc) + 5);
        let refused = if has_le { Bend::SelectRefusesLe } else { Bend::SelectNeedsLe };
        if self.number(Bend::NotFido).is_some() {
            NOT_FOUND.to_vec()
        } else if self.number(refused).is_some() {
            WRONG_LENGTH.to_vec()
        } else if self.number(Bend::U2fOnly).is_some() {
            match self.card.apdu(command).as_slice() {
                [.., 0x90, 0x00] => b"U2F_V2\x90\x00".to_vec(),
                refused => refused.to_vec(),
            }
        } else {
            self.card.apdu(command)
        }
    }

    /// What is refused before the card behind has it.
    fn refused(&self, command: &[u8]) -> Option<[u8; 2]> {
        let class = command.first().copied().unwrap_or_default();
        let chained = class & CHAIN != 0;
        let of_ctap2 = class & 0x80 != 0;
        if is_extended(command) && self.does(Bend::NoExtended) {
            Some(WRONG_LENGTH)
        } else if chained && self.does(Bend::NoChaining) {
            Some(NO_CHAINING)
        } else if of_ctap2 && self.number(Bend::U2fOnly).is_some() {
            Some(NO_INSTRUCTION)
        } else {
            None
        }
    }

    /// What never ends, and the card behind does not have either.
    fn endless(&self, command: &[u8]) -> Option<Vec<u8>> {
        let cancels = matches!(command, [0x80, 0x11, 0x11, ..]);
        // the rest of a message, and what ends the session, are left alone
        let works = matches!(command, [0x80, 0x10 | 0x11, ..]);
        if self.does(Bend::Endless61) {
            Some([&[0xa5; 16][..], &[0x61, 16]].concat())
        } else if self.does(Bend::Empty61) {
            Some(vec![0x61, 16])
        } else if self.does(Bend::Endless6c) {
            Some(vec![0x6c, 16])
        } else if works && cancels && self.does(Bend::Endless91Cancellable) {
            Some([&[KEEPALIVE_CANCEL][..], &OK].concat())
        } else if works && (self.does(Bend::Endless91) || self.does(Bend::Endless91Cancellable)) {
            // as often as a key says so
            wait(Duration::from_millis(20));
            Some(vec![PROCESSING, 0x91, 0x00])
        } else {
            None
        }
    }

    fn carried_out(&mut self, command: &[u8]) -> Vec<u8> {
        if matches!(command, [0x80, 0x11, 0x11, ..]) {
            if self.does(Bend::CancelRefused) {
                return vec![0x6a, 0x86];
            }
            if self.does(Bend::CancelIgnored) {
                return self.card.apdu(&[0x80, 0x11, 0x00, 0x00, 0x00]);
            }
        }
        self.card.apdu(command)
    }

    fn bent(&mut self, answer: Vec<u8>) -> Vec<u8> {
        let last = std::mem::replace(&mut self.last, answer.clone());
        let ends_well = answer.ends_with(&OK);
        let body = answer.len().saturating_sub(2);
        let mut answer = answer;
        if self.does(Bend::ZeroBytes) {
            answer.clear();
        } else if self.does(Bend::OneByte) {
            answer.truncate(1);
        } else if answer.ends_with(&WORKING) {
            // how many there are is chance: the rest is about answers
        } else if self.does(Bend::Truncated) {
            answer.truncate(body / 2);
        } else if self.does(Bend::BodyCut) && ends_well && body > 1 {
            answer.truncate(body.div_ceil(2));
            answer.extend(OK);
        } else if self.does(Bend::NoBody) && ends_well {
            answer = OK.to_vec();
        } else if self.does(Bend::WrongStatus) && ends_well {
            answer = NO_DIAGNOSIS.to_vec();
        } else if self.does(Bend::Doubled) {
            answer = answer.repeat(2);
        } else if self.does(Bend::Stale) {
            answer = last;
        }
        answer
    }
}

impl Card for FaultyCard {
    fn atr(&self) -> Vec<u8> {
        if self.number(Bend::HostileAtr).is_some() { atr(HOSTILE) } else { self.card.atr() }
    }

    fn enter(&mut self) {
        (self.left, self.commands) = (false, 0);
        self.card.enter();
    }

    fn power_up(&mut self) {
        self.card.power_up();
    }

    fn power_down(&mut self) {
        self.card.power_down();
        // the other one is put in its place
        if self.left
            && self.does(Bend::Swapped)
            && let Some(other) = self.other.take()
        {
            self.card = other;
            self.enter();
        }
    }

    fn apdu(&mut self, command: &[u8]) -> Vec<u8> {
        if self.left {
            return Vec::new();
        }
        if matches!(command, [0x00, 0xa4, ..]) {
            return self.select(command);
        }
        self.commands = if self.switch.is_on() { self.commands.saturating_add(1) } else { 0 };
        if self.leaves() {
            return self.leave();
        }
        if let Some(milliseconds) = self.number(Bend::Slow) {
            wait(Duration::from_millis(milliseconds.into()));
        }
        if let Some(status) = self.refused(command) {
            return status.to_vec();
        }
        if let Some(answer) = self.endless(command) {
            return answer;
        }
        let answer = self.carried_out(command);
        if self.does(Bend::PulledAfter) {
            return self.leave();
        }
        self.bent(answer)
    }

    fn is_present(&self) -> bool {
        !self.left && self.card.is_present()
    }
}

impl std::fmt::Debug for FaultyCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { faults, commands, .. } = self;
        f.debug_struct("FaultyCard")
            .field("faults", faults)
            .field("commands", commands)
            .finish_non_exhaustive()
    }
}

/// The time a slow card takes.
fn wait(time: Duration) {
    let began = Instant::now();
    loop {
        match time.saturating_sub(began.elapsed()) {
            Duration::ZERO => return,
            left => thread::park_timeout(left),
        }
    }
}

/// Clears a terminal, and goes on in red.
const HOSTILE: &[u8] = b"\x1b[2J\x1b[31mPWNED\x07";
/// CTAP2_ERR_KEEPALIVE_CANCEL (CTAP 2.2 §8.2).
const KEEPALIVE_CANCEL: u8 = 0x2d;
/// The status of a keep-alive (CTAP 2.2 §11.2.9.1.7).
const PROCESSING: u8 = 1;
