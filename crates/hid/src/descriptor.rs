//! HID report descriptors (HID 1.11 §6.2.2), as far as a client of CTAPHID needs them: whether a node is a security key,
//! and how long its reports are.
//!
//! Bytes in, answer out; the descriptor comes from the device, so every step is bounded by its length, which is at most
//! 4096 bytes.

use keyvet_finding::{Coded, Culprit, Finding, Kind, Severity};
use keyvet_transport::ChannelError;
use std::collections::BTreeMap;

use crate::framing::{FramingError, REPORT_LEN};

/// The reports of the collection of usage page F1D0, usage 01 (CTAP 2.2 §11.2.8.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Layout {
    /// What the key sends.
    pub input: Shape,
    /// What it takes.
    pub output: Shape,
}

/// How one report looks on the wire.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shape {
    /// The byte in front of it, on a device whose reports are numbered.
    pub id: Option<u8>,
    /// Its length in bytes, without that byte.
    pub len: usize,
}

/// Why a key's report descriptor cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DescriptorError {
    /// It ends inside an item.
    #[error("the report descriptor ends inside the item at byte {offset}")]
    CutShort {
        /// Where the item begins.
        offset: usize,
    },
    /// An item cannot stand where it stands.
    #[error("the item at byte {offset} of the report descriptor cannot stand there")]
    Misplaced {
        /// Where the item begins.
        offset: usize,
    },
    /// There is not one report each way.
    #[error(
        "the key describes {inputs} input and {outputs} output reports, one of each is expected"
    )]
    NotOneEach {
        /// Input reports.
        inputs: usize,
        /// Output reports.
        outputs: usize,
    },
}

impl Layout {
    /// What every security key had so far: 64 bytes each way, not numbered.
    pub const USUAL: Self = {
        let shape = Shape { id: None, len: REPORT_LEN };
        Self { input: shape, output: shape }
    };

    /// The layout of the FIDO collection in `descriptor`; none in a device that has no such collection.
    ///
    /// # Errors
    /// [`DescriptorError`], where there is such a collection and it cannot be understood. What is wrong before the
    /// collection is reached, or a length above 4096 bytes, which no kernel takes, makes no key.
    pub fn parse(descriptor: &[u8]) -> Result<Option<Self>, DescriptorError> {
        if descriptor.len() > MAX_LEN {
            return Ok(None);
        }
        let mut parser = Parser::default();
        match parser.run(descriptor) {
            Ok(()) => parser.layout(),
            Err(error) if parser.found => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// That a message can be carried: 64 bytes each way, numbered or not.
    ///
    /// # Errors
    /// [`FramingError::ReportLength`].
    pub fn carries_messages(&self) -> Result<(), FramingError> {
        let odd = [self.input.len, self.output.len].into_iter().find(|len| *len != REPORT_LEN);
        odd.map_or(Ok(()), |len| Err(FramingError::ReportLength { len }))
    }
}

/// What a descriptor has said so far.
#[derive(Default)]
struct Parser {
    globals: Globals,
    stack: Vec<Globals>,
    /// The usage that the next main item takes.
    usage: Option<u32>,
    depth: usize,
    /// The depth at which the FIDO collection stands, while inside it.
    inside: Option<usize>,
    found: bool,
    numbered: bool,
    /// Bits of each report of the FIDO collection.
    inputs: BTreeMap<u8, u64>,
    outputs: BTreeMap<u8, u64>,
}

/// What holds until it is changed (HID 1.11 §6.2.2.7).
#[derive(Clone, Copy, Default)]
struct Globals {
    page: u32,
    size_bits: u32,
    count: u32,
    id: u8,
}

struct Item {
    offset: usize,
    kind: u8,
    value: u32,
    /// Whether the value has four bytes, so that a usage names its page itself.
    wide: bool,
}

impl Parser {
    fn run(&mut self, descriptor: &[u8]) -> Result<(), DescriptorError> {
        let mut rest = descriptor;
        while !rest.is_empty() {
            let offset = descriptor.len().saturating_sub(rest.len());
            let item = item(&mut rest, offset).ok_or(DescriptorError::CutShort { offset })?;
            if let Some(item) = item {
                self.take(&item)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, item: &Item) -> Result<(), DescriptorError> {
        let misplaced = || DescriptorError::Misplaced { offset: item.offset };
        match item.kind {
            USAGE_PAGE => self.globals.page = item.value,
            REPORT_SIZE => self.globals.size_bits = item.value,
            REPORT_COUNT => self.globals.count = item.value,
            REPORT_ID => {
                self.globals.id =
                    u8::try_from(item.value).ok().filter(|id| *id != 0).ok_or_else(misplaced)?;
                self.numbered = true;
            }
            PUSH if self.stack.len() < MAX_STACK => self.stack.push(self.globals),
            PUSH => return Err(misplaced()),
            POP => self.globals = self.stack.pop().ok_or_else(misplaced)?,
            USAGE => self.usage = self.usage.or_else(|| Some(self.full_usage(item))),
            COLLECTION => self.begin(),
            END_COLLECTION => self.end().ok_or_else(misplaced)?,
            INPUT | OUTPUT | FEATURE => self.report(item.kind),
            _ => {}
        }
        Ok(())
    }

    /// A usage with its page: its own, or the one that holds.
    const fn full_usage(&self, item: &Item) -> u32 {
        if item.wide { item.value } else { (self.globals.page << 16) | (item.value & 0xffff) }
    }

    fn begin(&mut self) {
        if self.usage.take() == Some(FIDO) && self.inside.is_none() {
            self.found = true;
            self.inside = Some(self.depth);
        }
        self.depth = self.depth.saturating_add(1);
    }

    fn end(&mut self) -> Option<()> {
        self.usage = None;
        self.depth = self.depth.checked_sub(1)?;
        if self.inside == Some(self.depth) {
            self.inside = None;
        }
        Some(())
    }

    fn report(&mut self, kind: u8) {
        self.usage = None;
        let reports = match kind {
            INPUT => &mut self.inputs,
            OUTPUT => &mut self.outputs,
            _ => return,
        };
        if self.inside.is_some() {
            let Globals { size_bits, count, id, .. } = self.globals;
            let bits = u64::from(size_bits).saturating_mul(count.into());
            let report = reports.entry(id).or_default();
            *report = report.saturating_add(bits);
        }
    }

    fn layout(&self) -> Result<Option<Layout>, DescriptorError> {
        if !self.found {
            return Ok(None);
        }
        let counts =
            DescriptorError::NotOneEach { inputs: self.inputs.len(), outputs: self.outputs.len() };
        let input = self.only(&self.inputs).ok_or(counts)?;
        let output = self.only(&self.outputs).ok_or(counts)?;
        Ok(Some(Layout { input, output }))
    }

    fn only(&self, reports: &BTreeMap<u8, u64>) -> Option<Shape> {
        let mut reports = reports.iter();
        let (Some((id, bits)), None) = (reports.next(), reports.next()) else { return None };
        let len = usize::try_from(bits.div_ceil(8)).unwrap_or(usize::MAX);
        Some(Shape { id: self.numbered.then_some(*id), len })
    }
}

/// The next item; none inside for a long item, which has no meaning yet; none when the bytes do not suffice.
fn item(rest: &mut &[u8], offset: usize) -> Option<Option<Item>> {
    let (prefix, after) = rest.split_first()?;
    if *prefix == LONG {
        let (len, after) = after.split_first()?;
        let (_tag, after) = after.split_first()?;
        *rest = after.get(usize::from(*len)..)?;
        return Some(None);
    }
    let len = match prefix & 0x03 {
        3 => 4,
        short => usize::from(short),
    };
    let (data, after) = after.split_at_checked(len)?;
    *rest = after;
    let value = data.iter().rev().fold(0, |value, byte| (value << 8) | u32::from(*byte));
    Some(Some(Item { offset, kind: prefix & 0xfc, value, wide: len == 4 }))
}

impl Coded for DescriptorError {
    fn kind(&self) -> &'static Kind {
        &REPORT_DESCRIPTOR
    }
}

impl From<DescriptorError> for ChannelError {
    fn from(error: DescriptorError) -> Self {
        Self::Framing(Finding::new(error.kind(), error))
    }
}

/// The descriptor cannot be used.
pub(crate) static REPORT_DESCRIPTOR: Kind = Kind {
    id: "hid.report-descriptor",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The device says that it is a security key, and describes its reports in a way that keyvet cannot use.",
    next_step: "Report the key's model to us with the file report_descriptor of its node in /sys/class/hidraw, or use another key.",
    source: "HID 1.11 §6.2.2",
};

/// Usage page F1D0, usage 01.
const FIDO: u32 = 0xf1d0_0001;

/// What Linux takes (`HID_MAX_DESCRIPTOR_SIZE`).
pub(crate) const MAX_LEN: usize = 4096;
/// What Linux takes (`HID_GLOBAL_STACK_SIZE`).
const MAX_STACK: usize = 4;

// prefixes without the two bits of the length (HID 1.11 §6.2.2.4, §6.2.2.7, §6.2.2.8)
const INPUT: u8 = 0x80;
const OUTPUT: u8 = 0x90;
const FEATURE: u8 = 0xb0;
const COLLECTION: u8 = 0xa0;
const END_COLLECTION: u8 = 0xc0;
const USAGE_PAGE: u8 = 0x04;
const REPORT_SIZE: u8 = 0x74;
const REPORT_ID: u8 = 0x84;
const REPORT_COUNT: u8 = 0x94;
const PUSH: u8 = 0xa4;
const POP: u8 = 0xb4;
const USAGE: u8 = 0x08;
/// A long item (HID 1.11 §6.2.2.3).
const LONG: u8 = 0xfe;
