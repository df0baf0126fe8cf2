//! The tree, and reading one.

use crate::JsonError;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use std::fmt;

/// A JSON value. Objects keep their order; a repeated member name is refused while reading,
/// because readers disagree on which one counts.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number; its exact value where it is a whole one of 64 bits.
    Number(Number),
    /// A string.
    Text(String),
    /// An array.
    Array(Vec<Self>),
    /// An object, its members in the order received.
    Object(Vec<(String, Self)>),
}

/// Reads a whole JSON text. Depth is bounded by serde_json (128), size by the caller.
///
/// # Errors
/// [`JsonError::NotJson`], also for a member that is repeated in whatever case.
pub fn parse(text: &str) -> Result<Json, JsonError> {
    serde_json::from_str(text).map_err(|error| JsonError::NotJson {
        line: error.line(),
        column: error.column(),
        cause: cause(&error),
    })
}

/// serde_json's words without the position that it puts behind them: that is kept as numbers.
fn cause(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    said.strip_suffix(&place).unwrap_or(&said).to_owned()
}

impl Json {
    /// The type in words, `a number`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
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

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("a number out of range"))?;
        Ok(Json::Number(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        let mut seen = std::collections::HashSet::new();
        while let Some((name, value)) = map.next_entry::<String, Json>()? {
            // PowerShell writes `State` where Graph writes `state`: one member, two spellings.
            if !seen.insert(name.to_ascii_lowercase()) {
                return Err(A::Error::custom(format_args!("member '{name}' is repeated")));
            }
            members.push((name, value));
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn the_place_of_what_is_broken_is_said_once() {
        assert_eq!(said("{\"a\": }"), "not JSON at line 1, column 7: expected value");
        assert_eq!(said("{}\n{}"), "not JSON at line 2, column 1: trailing characters");
        assert_eq!(said("[1,"), "not JSON at line 1, column 3: EOF while parsing a value");
        let repeated = said(r#"{"a at line 9 column 9": 1, "A at line 9 column 9": 2}"#);
        assert!(repeated.ends_with("member 'A at line 9 column 9' is repeated"), "{repeated}");
    }
}
