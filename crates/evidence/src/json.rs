//! JSON that remembers repeated members: which of two `attestationObject`s is meant is not guessed.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::EvidenceError;

/// A JSON value; of numbers only 64-bit integers are kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Integer(i64),
    Text(String),
    Array(Vec<Self>),
    Object(Object),
    Bool(bool),
    Null,
    Number,
}

/// Members in the order received, repeated ones kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Object(Vec<(String, Json)>);

impl Json {
    /// Reads one JSON text.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, EvidenceError> {
        serde_json::from_slice(bytes).map_err(|error| EvidenceError::Json {
            line: error.line(),
            column: error.column(),
            problem: problem(&error),
        })
    }
}

impl Object {
    /// The member of that name; `null` counts as absent.
    pub(crate) fn get(&self, name: &'static str) -> Result<Option<&Json>, EvidenceError> {
        let mut found = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        let first = found.next();
        match found.next() {
            Some(_) => Err(EvidenceError::Duplicate { member: name }),
            None => Ok(first.filter(|value| **value != Json::Null)),
        }
    }

    /// The text under `name`.
    pub(crate) fn text(&self, name: &'static str) -> Result<Option<&str>, EvidenceError> {
        self.typed(name, "a text", |value| match value {
            Json::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The object under `name`.
    pub(crate) fn object(&self, name: &'static str) -> Result<Option<&Self>, EvidenceError> {
        self.typed(name, "an object", |value| match value {
            Json::Object(object) => Some(object),
            _ => None,
        })
    }

    /// The truth value under `name`.
    pub(crate) fn bool(&self, name: &'static str) -> Result<Option<bool>, EvidenceError> {
        self.typed(name, "true or false", |value| match value {
            Json::Bool(truth) => Some(*truth),
            _ => None,
        })
    }

    /// The integers under `name`; none when it is absent.
    pub(crate) fn integers(&self, name: &'static str) -> Result<Vec<i64>, EvidenceError> {
        let integers = self.typed(name, "an array of integers", |value| match value {
            Json::Array(items) => items.iter().map(integer).collect(),
            _ => None,
        })?;
        Ok(integers.unwrap_or_default())
    }

    /// The number under `name`, 0 or more.
    pub(crate) fn number(&self, name: &'static str) -> Result<Option<u64>, EvidenceError> {
        self.typed(name, "a whole number, 0 or more", |value| match value {
            Json::Integer(n) => u64::try_from(*n).ok(),
            _ => None,
        })
    }

    fn typed<'a, T>(
        &'a self,
        name: &'static str,
        expected: &'static str,
        read: impl Fn(&'a Json) -> Option<T>,
    ) -> Result<Option<T>, EvidenceError> {
        let wrong = EvidenceError::WrongType { member: name, expected };
        self.get(name)?.map(|value| read(value).ok_or(wrong)).transpose()
    }
}

fn integer(value: &Json) -> Option<i64> {
    match value {
        Json::Integer(n) => Some(*n),
        _ => None,
    }
}

/// serde_json's words without the position, which is kept as numbers.
fn problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Json, E> {
        Ok(Json::Bool(truth))
    }

    fn visit_i64<E>(self, n: i64) -> Result<Json, E> {
        Ok(Json::Integer(n))
    }

    fn visit_u64<E>(self, n: u64) -> Result<Json, E> {
        Ok(i64::try_from(n).map_or(Json::Number, Json::Integer))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.into()))
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut read = Vec::new();
        while let Some(item) = items.next_element()? {
            read.push(item);
        }
        Ok(Json::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut read = Vec::new();
        while let Some(member) = members.next_entry()? {
            read.push(member);
        }
        Ok(Json::Object(Object(read)))
    }
}
