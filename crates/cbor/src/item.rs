//! The tree a reader makes: items that borrow the input and remember their exact bytes.

use std::cmp::Ordering;

/// One data item, with the bytes it was read from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Item<'a> {
    pub(crate) value: Value<'a>,
    pub(crate) raw: &'a [u8],
    pub(crate) offset: usize,
}

/// What an item holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Value<'a> {
    /// A non-negative integer.
    Unsigned(u64),
    /// The integer -1 - n.
    Negative(u64),
    /// A byte string.
    Bytes(&'a [u8]),
    /// A text string.
    Text(&'a str),
    /// An array.
    Array(Vec<Item<'a>>),
    /// A map, pairs in the order received, keys unique.
    Map(Vec<(Item<'a>, Item<'a>)>),
    /// `false` or `true`.
    Bool(bool),
    /// `null`.
    Null,
}

impl<'a> Item<'a> {
    /// What the item holds.
    #[must_use]
    pub fn value(&self) -> &Value<'a> {
        &self.value
    }

    /// The exact bytes of the item, as received.
    #[must_use]
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Where the item starts, in bytes from the start of the input.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The integer, when it fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self.value {
            Value::Unsigned(n) => i64::try_from(n).ok(),
            Value::Negative(n) => i64::try_from(n).ok().map(|n| !n),
            _ => None,
        }
    }

    /// The integer, when it is not negative.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match self.value {
            Value::Unsigned(n) => Some(n),
            _ => None,
        }
    }

    /// The byte string.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&'a [u8]> {
        match self.value {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The text.
    #[must_use]
    pub fn as_text(&self) -> Option<&'a str> {
        match self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of the array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The pairs of the map, in the order received.
    #[must_use]
    pub fn as_map(&self) -> Option<&[(Self, Self)]> {
        match &self.value {
            Value::Map(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// The truth value.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    /// The member of a map under an integer key.
    #[must_use]
    pub fn get_int(&self, key: i64) -> Option<&Self> {
        self.find(|item| item.as_i64() == Some(key))
    }

    /// The member of a map under a text key.
    #[must_use]
    pub fn get_text(&self, key: &str) -> Option<&Self> {
        self.find(|item| item.as_text() == Some(key))
    }

    /// What kind of item this is, in words for a message: `an integer`, `a map`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self.value {
            Value::Unsigned(_) | Value::Negative(_) => "an integer",
            Value::Bytes(_) => "a byte string",
            Value::Text(_) => "a text",
            Value::Array(_) => "an array",
            Value::Map(_) => "a map",
            Value::Bool(_) => "a truth value",
            Value::Null => "null",
        }
    }

    fn find(&self, is_key: impl Fn(&Self) -> bool) -> Option<&Self> {
        let (_, value) = self.as_map()?.iter().find(|(key, _)| is_key(key))?;
        Some(value)
    }
}

/// Canonical order of two keys by value: that of their shortest encodings, bytewise (CTAP 2.2 §8).
///
/// `Equal` exactly when they are the same key, however they were written. Arrays and maps are not
/// keys; they sort last.
pub(crate) fn key_order(a: &Value<'_>, b: &Value<'_>) -> Ordering {
    match (a, b) {
        (Value::Unsigned(a), Value::Unsigned(b)) | (Value::Negative(a), Value::Negative(b)) => {
            a.cmp(b)
        }
        (Value::Bytes(a), Value::Bytes(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
        _ => rank(a).cmp(&rank(b)),
    }
}

/// The major type, with the simple values told apart.
fn rank(value: &Value<'_>) -> u8 {
    match value {
        Value::Unsigned(_) => 0,
        Value::Negative(_) => 1,
        Value::Bytes(_) => 2,
        Value::Text(_) => 3,
        Value::Bool(false) => 4,
        Value::Bool(true) => 5,
        Value::Null => 6,
        Value::Array(_) | Value::Map(_) => 7,
    }
}
