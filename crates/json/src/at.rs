//! Values with their places.

use crate::{Json, JsonError};

/// A value and where it stands, for errors that name the place.
#[derive(Clone, Debug)]
pub struct At<'a> {
    /// The value.
    pub json: &'a Json,
    /// Its place, `includeTargets[0].id`; empty for the document itself.
    pub path: String,
}

impl<'a> At<'a> {
    /// The document itself.
    #[must_use]
    pub fn root(json: &'a Json) -> Self {
        Self { json, path: String::new() }
    }

    /// A member by name in any case; `null` counts as absent.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<Self> {
        let Json::Object(members) = self.json else { return None };
        let found = members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        let path =
            if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        found.filter(|(_, json)| *json != Json::Null).map(|(_, json)| Self { json, path })
    }

    /// A member that must be there.
    ///
    /// # Errors
    /// [`JsonError::WrongType`] when it is absent.
    pub fn required(&self, name: &str) -> Result<Self, JsonError> {
        self.member(name).ok_or_else(|| JsonError::WrongType {
            path: format!("{}.{name}", self.path),
            expected: "a string",
            found: "absent",
        })
    }

    /// Names of the members, as written.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        let members = match self.json {
            Json::Object(members) => members.as_slice(),
            _ => &[],
        };
        members.iter().map(|(name, _)| name.as_str())
    }

    /// This, if it is an object.
    ///
    /// # Errors
    /// [`JsonError::WrongType`].
    pub fn object(self) -> Result<Self, JsonError> {
        match self.json {
            Json::Object(_) => Ok(self),
            _ => Err(self.wrong("an object")),
        }
    }

    /// The items of an array, each with its place.
    ///
    /// # Errors
    /// [`JsonError::WrongType`].
    pub fn array(&self) -> Result<Vec<Self>, JsonError> {
        let Json::Array(items) = self.json else { return Err(self.wrong("an array")) };
        let place = |(i, json)| Self { json, path: format!("{}[{i}]", self.path) };
        Ok(items.iter().enumerate().map(place).collect())
    }

    /// The text.
    ///
    /// # Errors
    /// [`JsonError::WrongType`].
    pub fn text(&self) -> Result<&'a str, JsonError> {
        match self.json {
            Json::Text(text) => Ok(text),
            _ => Err(self.wrong("a string")),
        }
    }

    /// The truth value.
    ///
    /// # Errors
    /// [`JsonError::WrongType`].
    pub fn boolean(&self) -> Result<bool, JsonError> {
        match self.json {
            Json::Bool(value) => Ok(*value),
            _ => Err(self.wrong("a boolean")),
        }
    }

    /// The whole number, 0 or more.
    ///
    /// # Errors
    /// [`JsonError::WrongType`].
    pub fn number(&self) -> Result<u64, JsonError> {
        let number = match self.json {
            Json::Number(number) => number.as_u64(),
            _ => None,
        };
        number.ok_or_else(|| self.wrong("a whole number, 0 or more"))
    }

    /// That this is of another type than expected.
    #[must_use]
    pub fn wrong(&self, expected: &'static str) -> JsonError {
        let path = if self.path.is_empty() { "the document".to_owned() } else { self.path.clone() };
        JsonError::WrongType { path, expected, found: self.json.type_name() }
    }
}
