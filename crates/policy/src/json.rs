//! JSON as policies need it: bounded, members findable in any case, nothing said twice.

use crate::error::PolicyError;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A JSON value. Objects keep their order; a repeated member name is refused while reading,
/// because readers disagree on which one counts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number,
    Text(String),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// Reads a whole JSON text. Depth is bounded by serde_json (128), size by the caller.
pub(crate) fn parse(text: &str) -> Result<Json, PolicyError> {
    serde_json::from_str(text).map_err(|error| PolicyError::NotJson {
        line: error.line(),
        column: error.column(),
        cause: error.to_string(),
    })
}

impl Json {
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number => "a number",
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

    fn visit_u64<E>(self, _: u64) -> Result<Json, E> {
        Ok(Json::Number)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Number)
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

/// A value and where it stands, for errors that name the place.
#[derive(Clone, Debug)]
pub(crate) struct At<'a> {
    pub(crate) json: &'a Json,
    pub(crate) path: String,
}

impl<'a> At<'a> {
    pub(crate) fn root(json: &'a Json) -> Self {
        Self { json, path: String::new() }
    }

    /// A member by name in any case; `null` counts as absent.
    pub(crate) fn member(&self, name: &str) -> Option<Self> {
        let Json::Object(members) = self.json else { return None };
        let found = members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        let path =
            if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        found.filter(|(_, json)| *json != Json::Null).map(|(_, json)| Self { json, path })
    }

    pub(crate) fn required(&self, name: &str) -> Result<Self, PolicyError> {
        self.member(name).ok_or_else(|| PolicyError::WrongType {
            path: format!("{}.{name}", self.path),
            expected: "a string",
            found: "absent",
        })
    }

    /// Names of the members, as written.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        let members = match self.json {
            Json::Object(members) => members.as_slice(),
            _ => &[],
        };
        members.iter().map(|(name, _)| name.as_str())
    }

    pub(crate) fn object(self) -> Result<Self, PolicyError> {
        match self.json {
            Json::Object(_) => Ok(self),
            _ => Err(self.wrong("an object")),
        }
    }

    pub(crate) fn array(&self) -> Result<Vec<Self>, PolicyError> {
        let Json::Array(items) = self.json else { return Err(self.wrong("an array")) };
        let place = |(i, json)| Self { json, path: format!("{}[{i}]", self.path) };
        Ok(items.iter().enumerate().map(place).collect())
    }

    pub(crate) fn text(&self) -> Result<&'a str, PolicyError> {
        match self.json {
            Json::Text(text) => Ok(text),
            _ => Err(self.wrong("a string")),
        }
    }

    pub(crate) fn boolean(&self) -> Result<bool, PolicyError> {
        match self.json {
            Json::Bool(value) => Ok(*value),
            _ => Err(self.wrong("a boolean")),
        }
    }

    fn wrong(&self, expected: &'static str) -> PolicyError {
        let path = if self.path.is_empty() { "the document".to_owned() } else { self.path.clone() };
        PolicyError::WrongType { path, expected, found: self.json.type_name() }
    }
}
