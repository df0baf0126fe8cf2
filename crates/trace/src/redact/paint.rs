//! Painting a decoded message by its rule.

use keyvet_cbor::{Item, Mode, Value, decode_prefix};

use super::canvas::{Canvas, FILLER};
use super::rules::{self, EXTENSIONS, Key, PUBLIC_KEY, Rule, THROW_AWAY_HASH, THROW_AWAY_TEXTS};

/// Paints items onto a canvas.
pub(super) struct Painter<'c, 'a> {
    pub(super) canvas: &'c mut Canvas<'a>,
    /// Where the bytes that items were read from begin on the canvas.
    pub(super) base: usize,
    /// Whether certificates may name this very key.
    pub(super) enterprise: bool,
}

impl Painter<'_, '_> {
    /// Lets of `item` show what `rule` allows.
    pub(super) fn paint(&mut self, item: &Item<'_>, rule: &Rule) {
        if self.is_shown(item, rule) {
            return self.keep(item, item.raw().len());
        }
        match (rule, item.value()) {
            (Rule::AuthData, Value::Bytes(bytes)) => {
                let head = head(item);
                self.keep(item, head);
                self.auth_data(bytes, self.at(item).saturating_add(head));
            }
            (Rule::Each(rule), Value::Array(items)) => {
                self.keep(item, head(item));
                items.iter().for_each(|item| self.paint(item, rule));
            }
            (Rule::Map(members), Value::Map(pairs)) => {
                self.keep(item, head(item));
                for (index, (key, value)) in pairs.iter().enumerate() {
                    self.member(index, key, value, members);
                }
            }
            _ => self.veil(item),
        }
    }

    /// Whether all of `item` may stay.
    fn is_shown(&self, item: &Item<'_>, rule: &Rule) -> bool {
        match (rule, item.value()) {
            (Rule::All, _)
            | (
                Rule::Number,
                Value::Unsigned(_) | Value::Negative(_) | Value::Bool(_) | Value::Null,
            ) => true,
            (Rule::Word, Value::Text(text)) => text.len() <= LONGEST_WORD,
            (Rule::ThrowAway, Value::Text(text)) => THROW_AWAY_TEXTS.contains(text),
            (Rule::ThrowAway, Value::Bytes(hash)) => *hash == THROW_AWAY_HASH,
            (Rule::Coordinate, Value::Bytes(bytes)) => bytes.len() == COORDINATE_LEN,
            (Rule::Certificate, Value::Bytes(_)) => !self.enterprise,
            _ => false,
        }
    }

    fn member(&mut self, index: usize, key: &Item<'_>, value: &Item<'_>, members: &[(Key, Rule)]) {
        let rule = members.iter().find(|(name, _)| match name {
            Key::N(number) => key.as_i64() == Some(*number),
            Key::T(text) => key.as_text() == Some(*text),
        });
        match rule {
            Some((_, rule)) => {
                self.keep(key, key.raw().len());
                self.paint(value, rule);
            }
            None => {
                self.veil_key(index, key);
                self.veil(value);
            }
        }
    }

    /// Lets type and length of `item` and of everything inside it show, and nothing else.
    fn veil(&mut self, item: &Item<'_>) {
        let at = self.at(item);
        match item.value() {
            Value::Bool(_) | Value::Null => self.keep(item, 1),
            // a number of one byte is its own value
            Value::Unsigned(_) if item.raw().len() == 1 => self.canvas.put(at, 0x00),
            Value::Negative(_) if item.raw().len() == 1 => self.canvas.put(at, 0x20),
            Value::Unsigned(_) | Value::Negative(_) => self.keep(item, 1),
            Value::Bytes(_) => self.keep(item, head(item)),
            Value::Text(_) => {
                self.keep(item, head(item));
                self.content(item, TEXT_FILLER);
            }
            Value::Array(items) => {
                self.keep(item, head(item));
                items.iter().for_each(|item| self.veil(item));
            }
            Value::Map(pairs) => {
                self.keep(item, head(item));
                for (index, (key, value)) in pairs.iter().enumerate() {
                    self.veil_key(index, key);
                    self.veil(value);
                }
            }
        }
    }

    /// Numbers as keys are labels and stay. Of texts and byte strings the last bytes count, so that no two are the same
    /// and their order stays what it was.
    fn veil_key(&mut self, index: usize, key: &Item<'_>) {
        match key.value() {
            Value::Unsigned(_) | Value::Negative(_) => self.keep(key, key.raw().len()),
            Value::Text(_) | Value::Bytes(_) => {
                self.keep(key, head(key));
                let is_text = key.as_text().is_some();
                self.content(key, if is_text { TEXT_FILLER } else { FILLER });
                self.count(key, index);
            }
            _ => self.veil(key),
        }
    }

    fn count(&mut self, key: &Item<'_>, index: usize) {
        let start = self.at(key).saturating_add(head(key));
        let end = self.at(key).saturating_add(key.raw().len());
        let mut rest = index;
        for at in (start..end).rev().take(COUNTED) {
            let digit = u8::try_from(rest.checked_rem(26).unwrap_or_default()).unwrap_or_default();
            self.canvas.put(at, b'a'.saturating_add(digit));
            rest = rest.checked_div(26).unwrap_or_default();
        }
    }

    /// WebAuthn L3 §6.1: flags, counter, AAGUID and lengths stay; where the parts end is not clear any more, nothing does.
    fn auth_data(&mut self, bytes: &[u8], start: usize) {
        let keep = |canvas: &mut Canvas<'_>, from: usize, to: usize| {
            canvas.keep(
                start.saturating_add(from)
                    ..start.saturating_add(to).min(start.saturating_add(bytes.len())),
            );
        };
        if bytes.get(..RP_ID_HASH) == Some(&THROW_AWAY_HASH) {
            keep(self.canvas, 0, RP_ID_HASH);
        }
        keep(self.canvas, RP_ID_HASH, FIXED);
        let flags = bytes.get(RP_ID_HASH).copied().unwrap_or_default();
        let mut at = FIXED;
        if flags & ATTESTED != 0 {
            keep(self.canvas, at, CREDENTIAL_ID);
            let Some([high, low]) = bytes.get(CREDENTIAL_ID.saturating_sub(2)..CREDENTIAL_ID)
            else {
                return;
            };
            let len = usize::from(u16::from_be_bytes([*high, *low]));
            let Some(next) =
                self.inner(bytes, start, CREDENTIAL_ID.saturating_add(len), &PUBLIC_KEY)
            else {
                return;
            };
            at = next;
        }
        if flags & EXTENDED != 0 {
            self.inner(bytes, start, at, &EXTENSIONS);
        }
    }

    /// Paints the item at `at` of `bytes` and says where it ends.
    fn inner(&mut self, bytes: &[u8], start: usize, at: usize, rule: &Rule) -> Option<usize> {
        let decoded = decode_prefix(bytes.get(at..)?, Mode::Tolerant).ok()?;
        let mut painter = Painter {
            canvas: self.canvas,
            base: start.saturating_add(at),
            enterprise: self.enterprise,
        };
        painter.paint(&decoded.item, rule);
        Some(at.saturating_add(decoded.item.raw().len()))
    }

    fn at(&self, item: &Item<'_>) -> usize {
        self.base.saturating_add(item.offset())
    }

    fn keep(&mut self, item: &Item<'_>, len: usize) {
        let at = self.at(item);
        self.canvas.keep(at..at.saturating_add(len));
    }

    fn content(&mut self, item: &Item<'_>, byte: u8) {
        let at = self.at(item);
        let end = at.saturating_add(item.raw().len());
        self.canvas.fill(at.saturating_add(head(item))..end, byte);
    }
}

/// Bytes of `item` before its content.
fn head(item: &Item<'_>) -> usize {
    let content = match item.value() {
        Value::Bytes(bytes) => Some(bytes.len()),
        Value::Text(text) => Some(text.len()),
        Value::Array(items) => items.first().map(|first| rest(item, first)),
        Value::Map(pairs) => pairs.first().map(|(first, _)| rest(item, first)),
        _ => None,
    };
    item.raw().len().saturating_sub(content.unwrap_or_default())
}

/// Bytes of `item` from its first member on.
fn rest(item: &Item<'_>, first: &Item<'_>) -> usize {
    let head = first.offset().saturating_sub(item.offset());
    item.raw().len().saturating_sub(head)
}

/// The rule of a message's map, painted from byte `base` on.
pub(super) fn message(canvas: &mut Canvas<'_>, item: &Item<'_>, rule: &Rule, enterprise: bool) {
    Painter { canvas, base: super::ctap::BODY, enterprise }.paint(item, rule);
}

/// Whether the answer says that its statement names this very key.
pub(super) fn says_enterprise(item: &Item<'_>) -> bool {
    item.get_int(rules::EP_ATT).is_some_and(|truth| truth.as_bool() != Some(false))
}

/// Stands where a character was.
const TEXT_FILLER: u8 = b'x';
/// No word of the specifications is longer.
const LONGEST_WORD: usize = 48;
/// Of P-256.
const COORDINATE_LEN: usize = 32;
/// Bytes of a key that tell it from others.
const COUNTED: usize = 4;
const RP_ID_HASH: usize = 32;
/// Hash, flags, counter.
const FIXED: usize = 37;
/// Where the credential id begins: behind AAGUID and length.
const CREDENTIAL_ID: usize = 55;
const ATTESTED: u8 = 0x40;
const EXTENDED: u8 = 0x80;
