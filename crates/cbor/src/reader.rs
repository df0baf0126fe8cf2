//! The bounded reader: minicbor's pull decoder underneath, rules and limits here.

use minicbor::{
    data::Type,
    decode::{Decoder, Error},
};

use crate::{
    DecodeError, DecodeErrorKind, Deviation, DeviationKind, Item, Limits, Mode, Path, Value,
    error::Step, item::key_order, limits::len_u64,
};

/// What [`decode`] returns.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decoded<'a> {
    /// The item.
    pub item: Item<'a>,
    /// Departures from canonical form, in the order met; none in strict mode.
    pub deviations: Vec<Deviation>,
    /// Departures met after [`Limits::deviations`] were kept.
    pub more_deviations: usize,
    /// Bytes the item takes.
    pub len: usize,
}

/// Reads `bytes` as one item that takes all of them, within the default [`Limits`] of `mode`.
///
/// # Errors
/// [`DecodeError`], with offset and member path.
pub fn decode(bytes: &[u8], mode: Mode) -> Result<Decoded<'_>, DecodeError> {
    let decoded = decode_prefix(bytes, mode)?;
    match bytes.len().saturating_sub(decoded.len) {
        0 => Ok(decoded),
        len => Err(DecodeError {
            offset: decoded.len,
            path: Path::default(),
            kind: DecodeErrorKind::TrailingBytes { len },
        }),
    }
}

/// Reads the item `bytes` begin with; [`Decoded::len`] tells where it ends.
///
/// # Errors
/// As [`decode`], but bytes after the item are not looked at.
pub fn decode_prefix(bytes: &[u8], mode: Mode) -> Result<Decoded<'_>, DecodeError> {
    decode_prefix_within(bytes, mode, Limits::for_mode(mode))
}

/// [`decode_prefix`] with other limits.
///
/// # Errors
/// As [`decode_prefix`].
pub fn decode_prefix_within(
    bytes: &[u8],
    mode: Mode,
    limits: Limits,
) -> Result<Decoded<'_>, DecodeError> {
    let mut reader = Reader::new(bytes, mode, limits);
    if bytes.len() > limits.bytes {
        return Err(
            reader.error(0, DecodeErrorKind::TooLong { len: bytes.len(), max: limits.bytes })
        );
    }
    let item = reader.item()?;
    let len = reader.decoder.position();
    let Reader { deviations, more_deviations, .. } = reader;
    Ok(Decoded { item, deviations, more_deviations, len })
}

struct Reader<'a> {
    input: &'a [u8],
    decoder: Decoder<'a>,
    mode: Mode,
    limits: Limits,
    items: usize,
    /// One step per open container; its length is the depth.
    path: Vec<Step<'a>>,
    deviations: Vec<Deviation>,
    more_deviations: usize,
    depth_recorded: bool,
}

impl<'a> Reader<'a> {
    fn new(input: &'a [u8], mode: Mode, limits: Limits) -> Self {
        let limits = Limits { depth: limits.depth.min(Limits::MAX_DEPTH), ..limits };
        Self {
            input,
            decoder: Decoder::new(input),
            mode,
            limits,
            items: 0,
            path: Vec::new(),
            deviations: Vec::new(),
            more_deviations: 0,
            depth_recorded: false,
        }
    }

    fn item(&mut self) -> Result<Item<'a>, DecodeError> {
        let offset = self.decoder.position();
        self.count_item(offset)?;
        let value = self.value(offset)?;
        let raw = self.input.get(offset..self.decoder.position()).unwrap_or_default();
        Ok(Item { value, raw, offset })
    }

    fn count_item(&mut self, offset: usize) -> Result<(), DecodeError> {
        let max = self.limits.items;
        self.items = self.items.saturating_add(1);
        if self.items > max {
            return Err(self.error(offset, DecodeErrorKind::TooManyItems { max }));
        }
        Ok(())
    }

    fn value(&mut self, offset: usize) -> Result<Value<'a>, DecodeError> {
        let kind = match self.decoder.datatype() {
            Ok(Type::Bytes) => return self.bytes(offset),
            Ok(Type::String) => return self.text(offset),
            Ok(Type::Array) => return self.array(offset),
            Ok(Type::Map) => return self.map(offset),
            Ok(Type::Bool) => return self.bool(offset),
            Ok(Type::Null) => return self.null(offset),
            Ok(kind) if is_integer(kind) => return self.integer(offset),
            Ok(kind) => refused(kind),
            Err(_) => DecodeErrorKind::Truncated,
        };
        Err(self.error(offset, kind))
    }

    fn integer(&mut self, offset: usize) -> Result<Value<'a>, DecodeError> {
        let int = self.decoder.int().map_err(|error| self.broken(offset, &error))?;
        let int = i128::from(int);
        // -1 - n is `!n`, and minicbor's Int reaches from -2^64 to 2^64 - 1, so one of both fits.
        let value = match u64::try_from(int) {
            Ok(n) => Value::Unsigned(n),
            Err(_) => Value::Negative(u64::try_from(!int).unwrap_or(u64::MAX)),
        };
        let argument = u64::try_from(int.max(!int)).unwrap_or(u64::MAX);
        self.check_minimal(offset, argument, 0)?;
        Ok(value)
    }

    fn bytes(&mut self, offset: usize) -> Result<Value<'a>, DecodeError> {
        let bytes = self.decoder.bytes().map_err(|error| self.broken(offset, &error))?;
        self.check_minimal(offset, len_u64(bytes.len()), bytes.len())?;
        Ok(Value::Bytes(bytes))
    }

    fn text(&mut self, offset: usize) -> Result<Value<'a>, DecodeError> {
        let text = match self.decoder.str() {
            Ok(text) => text,
            Err(error) if error.is_end_of_input() => return Err(self.broken(offset, &error)),
            Err(_) => return Err(self.error(offset, DecodeErrorKind::InvalidUtf8)),
        };
        self.check_minimal(offset, len_u64(text.len()), text.len())?;
        Ok(Value::Text(text))
    }

    fn bool(&mut self, offset: usize) -> Result<Value<'a>, DecodeError> {
        self.decoder.bool().map(Value::Bool).map_err(|error| self.broken(offset, &error))
    }

    fn null(&mut self, offset: usize) -> Result<Value<'a>, DecodeError> {
        self.decoder.null().map(|()| Value::Null).map_err(|error| self.broken(offset, &error))
    }

    fn array(&mut self, offset: usize) -> Result<Value<'a>, DecodeError> {
        let len = self.decoder.array().map_err(|error| self.broken(offset, &error))?;
        let len = self.open(offset, len, 1)?;
        let mut items = Vec::new();
        for index in 0..len {
            self.set_step(Step::Index(index));
            items.push(self.item()?);
        }
        self.path.pop();
        Ok(Value::Array(items))
    }

    fn map(&mut self, offset: usize) -> Result<Value<'a>, DecodeError> {
        let len = self.decoder.map().map_err(|error| self.broken(offset, &error))?;
        let len = self.open(offset, len, 2)?;
        let mut pairs: Vec<(Item<'a>, Item<'a>)> = Vec::new();
        for _ in 0..len {
            let pair = self.pair(pairs.last())?;
            pairs.push(pair);
        }
        self.path.pop();
        self.check_unique(&pairs)?;
        Ok(Value::Map(pairs))
    }

    fn pair(
        &mut self,
        previous: Option<&(Item<'a>, Item<'a>)>,
    ) -> Result<(Item<'a>, Item<'a>), DecodeError> {
        self.set_step(Step::Other);
        let key_offset = self.decoder.position();
        if matches!(self.decoder.datatype(), Ok(Type::Array | Type::Map)) {
            return Err(self.error(key_offset, DecodeErrorKind::KeyType));
        }
        let key = self.item()?;
        self.set_step(step_of(&key));
        self.check_order(&key, previous.map(|(key, _)| key))?;
        Ok((key, self.item()?))
    }

    /// Enters a container of `len` entries of `each` items: bounds first, then one more level.
    fn open(&mut self, offset: usize, len: Option<u64>, each: usize) -> Result<usize, DecodeError> {
        let declared = len.ok_or_else(|| self.error(offset, DecodeErrorKind::IndefiniteLength))?;
        self.check_minimal(offset, declared, 0)?;
        self.check_depth(offset)?;
        let left = self.input.len().saturating_sub(self.decoder.position());
        let len = usize::try_from(declared).unwrap_or(usize::MAX);
        // Every item takes a byte, so more entries than that cannot follow.
        if len.saturating_mul(each) > left {
            return Err(self.error(offset, DecodeErrorKind::Truncated));
        }
        self.path.push(Step::Other);
        Ok(len)
    }

    fn check_depth(&mut self, offset: usize) -> Result<(), DecodeError> {
        let depth = self.path.len().saturating_add(1);
        if depth > self.limits.depth {
            return Err(self.error(offset, DecodeErrorKind::TooDeep { max: self.limits.depth }));
        }
        if depth > Limits::CANONICAL_DEPTH && !self.depth_recorded {
            self.depth_recorded = true;
            self.record(offset, DeviationKind::Depth);
        }
        Ok(())
    }

    /// Checks that the header read since `offset`, whose content takes `content` bytes, is the
    /// shortest one for `argument`.
    fn check_minimal(
        &mut self,
        offset: usize,
        argument: u64,
        content: usize,
    ) -> Result<(), DecodeError> {
        let read = self.decoder.position().saturating_sub(offset).saturating_sub(content);
        if read == header_len(argument) {
            return Ok(());
        }
        self.deviate(offset, DeviationKind::NonMinimal, DecodeErrorKind::NonMinimal)
    }

    fn check_order(
        &mut self,
        key: &Item<'a>,
        previous: Option<&Item<'a>>,
    ) -> Result<(), DecodeError> {
        match previous.map(|previous| key_order(&previous.value, &key.value)) {
            None | Some(std::cmp::Ordering::Less) => Ok(()),
            Some(std::cmp::Ordering::Equal) => {
                Err(self.error(key.offset, DecodeErrorKind::DuplicateKey))
            }
            Some(std::cmp::Ordering::Greater) => {
                self.deviate(key.offset, DeviationKind::KeyOrder, DecodeErrorKind::KeyOrder)
            }
        }
    }

    /// Looks for equal keys that are not neighbours. Sorted maps pay one pass, others n log n.
    fn check_unique(&self, pairs: &[(Item<'a>, Item<'a>)]) -> Result<(), DecodeError> {
        if pairs.is_sorted_by(|(a, _), (b, _)| key_order(&a.value, &b.value).is_lt()) {
            return Ok(());
        }
        let mut keys: Vec<&Item<'a>> = pairs.iter().map(|(key, _)| key).collect();
        keys.sort_by(|a, b| key_order(&a.value, &b.value));
        let neighbours = keys.iter().zip(keys.iter().skip(1));
        match neighbours.into_iter().find(|(a, b)| key_order(&a.value, &b.value).is_eq()) {
            // The sort is stable, so the second of two equal keys is the later one.
            Some((_, second)) => Err(self.error(second.offset, DecodeErrorKind::DuplicateKey)),
            None => Ok(()),
        }
    }

    fn deviate(
        &mut self,
        offset: usize,
        deviation: DeviationKind,
        error: DecodeErrorKind,
    ) -> Result<(), DecodeError> {
        match self.mode {
            Mode::Strict => Err(self.error(offset, error)),
            Mode::Tolerant => {
                self.record(offset, deviation);
                Ok(())
            }
        }
    }

    fn record(&mut self, offset: usize, kind: DeviationKind) {
        if self.deviations.len() < self.limits.deviations {
            let path = Path::from_steps(&self.path);
            self.deviations.push(Deviation { offset, path, kind });
        } else {
            self.more_deviations = self.more_deviations.saturating_add(1);
        }
    }

    fn set_step(&mut self, step: Step<'a>) {
        if let Some(last) = self.path.last_mut() {
            *last = step;
        }
    }

    fn broken(&self, offset: usize, error: &Error) -> DecodeError {
        // The type was looked at first, so what is left to go wrong is the end of the input or an
        // initial byte with reserved additional information.
        let end = error.is_end_of_input();
        self.error(
            offset,
            if end { DecodeErrorKind::Truncated } else { DecodeErrorKind::ReservedByte },
        )
    }

    fn error(&self, offset: usize, kind: DecodeErrorKind) -> DecodeError {
        DecodeError { offset, path: Path::from_steps(&self.path), kind }
    }
}

fn is_integer(kind: Type) -> bool {
    use Type::{I8, I16, I32, I64, Int, U8, U16, U32, U64};
    matches!(kind, U8 | U16 | U32 | U64 | I8 | I16 | I32 | I64 | Int)
}

fn refused(kind: Type) -> DecodeErrorKind {
    match kind {
        Type::Tag => DecodeErrorKind::Tag,
        Type::F16 | Type::F32 | Type::F64 => DecodeErrorKind::Float,
        Type::Simple | Type::Undefined => DecodeErrorKind::SimpleValue,
        Type::BytesIndef | Type::StringIndef | Type::ArrayIndef | Type::MapIndef | Type::Break => {
            DecodeErrorKind::IndefiniteLength
        }
        _ => DecodeErrorKind::ReservedByte,
    }
}

fn step_of<'a>(key: &Item<'a>) -> Step<'a> {
    match key.value {
        Value::Unsigned(n) => Step::Unsigned(n),
        Value::Negative(n) => Step::Negative(n),
        Value::Text(text) => Step::Text(text),
        _ => Step::Other,
    }
}

/// Bytes of the shortest initial byte and argument for `argument`.
fn header_len(argument: u64) -> usize {
    match argument {
        0..=0x17 => 1,
        0x18..=0xff => 2,
        0x100..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        _ => 9,
    }
}
