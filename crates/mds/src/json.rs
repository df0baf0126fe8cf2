//! A borrowed JSON tree for one metadata entry: every shape is accepted, so that a member of the wrong
//! type is a defect of the entry and never an error of the file. Images are skipped while reading.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// One value; text borrows from the payload wherever JSON has no escape in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Negative(i64),
    Float(f64),
    Text(Cow<'a, str>),
    Array(Vec<Self>),
    /// Members in file order, duplicates included.
    Object(Vec<Member<'a>>),
    /// An image, not read.
    Image,
    /// JSON that cannot be a value (number out of range, half a surrogate, nested too deep).
    Unreadable(String),
}

/// Name and value, as they stand in an object.
pub(crate) type Member<'a> = (Cow<'a, str>, Json<'a>);

impl Json<'_> {
    /// The JSON type, for a defect.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Unsigned(_) | Self::Negative(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a text",
            Self::Array(_) => "a list",
            Self::Object(_) => "an object",
            Self::Image => "an image",
            Self::Unreadable(_) => "unreadable JSON",
        }
    }
}

/// As compact JSON-like text, for members that are shown but not understood.
impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Unsigned(value) => write!(f, "{value}"),
            Self::Negative(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
            Self::Array(items) => write_list(f, '[', items.iter(), ']'),
            Self::Object(members) => write_members(f, members),
            Self::Image => f.write_str("(image)"),
            Self::Unreadable(why) => write!(f, "(unreadable: {why})"),
        }
    }
}

fn write_list<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    open: char,
    items: impl Iterator<Item = T>,
    close: char,
) -> fmt::Result {
    write!(f, "{open}")?;
    for (i, item) in items.enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        write!(f, "{comma}{item}")?;
    }
    write!(f, "{close}")
}

fn write_members(f: &mut fmt::Formatter<'_>, members: &[Member<'_>]) -> fmt::Result {
    let shown = members.iter().map(|(name, value)| format!("{name}: {value}"));
    write_list(f, '{', shown, '}')
}

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Json::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Json::Negative(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Json::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(Name(name)) = map.next_key()? {
            let value = if IMAGES.contains(&&*name) {
                map.next_value::<IgnoredAny>().map(|_| Json::Image)?
            } else {
                map.next_value()?
            };
            members.push((name, value));
        }
        Ok(Json::Object(members))
    }
}

/// A member name, borrowed when it can be (serde's own `Cow` always copies).
pub(crate) struct Name<'a>(pub(crate) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

/// Reads `raw` as far as it can be read: what fails is split into its members and items, and only the
/// smallest failing part becomes [`Json::Unreadable`]. At most [`SPLITS`] levels are split.
pub(crate) fn read_tolerantly(raw: &RawValue) -> Json<'_> {
    split(raw, SPLITS)
}

fn split(raw: &RawValue, levels: u8) -> Json<'_> {
    let error = match serde_json::from_str(raw.get()) {
        Ok(value) => return value,
        Err(error) => error,
    };
    let unreadable = || Json::Unreadable(error.to_string());
    let Some(below) = levels.checked_sub(1) else { return unreadable() };
    if let Ok(RawMembers(members)) = serde_json::from_str(raw.get()) {
        Json::Object(members.into_iter().map(|(name, raw)| (name, split(raw, below))).collect())
    } else if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
        Json::Array(items.into_iter().map(|raw| split(raw, below)).collect())
    } else {
        unreadable()
    }
}

struct RawMembers<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for RawMembers<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RawVisitor;
        impl<'de> Visitor<'de> for RawVisitor {
            type Value = RawMembers<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Name(name), raw)) = map.next_entry()? {
                    members.push((name, raw));
                }
                Ok(RawMembers(members))
            }
        }
        deserializer.deserialize_map(RawVisitor)
    }
}

/// Members that hold `data:` images, 73 % of a real payload; nothing here needs them.
const IMAGES: [&str; 5] =
    ["icon", "iconDark", "providerLogoLight", "providerLogoDark", "tcDisplayPNGCharacteristics"];

/// An entry holds a statement, which holds lists of objects: deeper splitting rescues nothing of use.
const SPLITS: u8 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_borrows_and_images_are_skipped() {
        let json = r#"{"icon":"data:image/png;base64,AAAA","a":"b","n":[1,-2,0.5,true,null]}"#;
        let value: Json<'_> = serde_json::from_str(json).unwrap();
        let Json::Object(members) = value else { panic!("an object") };
        assert_eq!(members[0], ("icon".into(), Json::Image));
        assert!(matches!(members[1].1, Json::Text(Cow::Borrowed("b"))));
        assert_eq!(members[2].1.to_string(), "[1, -2, 0.5, true, null]");
    }

    #[test]
    fn only_the_smallest_unreadable_part_is_lost() {
        let json = r#"{"a":"kept","b":{"half":"\ud800","whole":7},"c":1e999}"#;
        let raw: &RawValue = serde_json::from_str(json).unwrap();
        let Json::Object(members) = read_tolerantly(raw) else { panic!("an object") };
        assert_eq!(members[0].1, Json::Text("kept".into()));
        let Json::Object(inner) = &members[1].1 else { panic!("an object") };
        assert!(matches!(inner[0].1, Json::Unreadable(_)));
        assert_eq!(inner[1].1, Json::Unsigned(7));
        assert!(matches!(members[2].1, Json::Unreadable(_)));
    }

    #[test]
    fn nesting_without_end_is_one_unreadable_part() {
        let deep = format!(r#"{{"deep":{}{},"a":1}}"#, "[".repeat(5000), "]".repeat(5000));
        let raw: &RawValue = serde_json::from_str(&deep).unwrap();
        let Json::Object(members) = read_tolerantly(raw) else { panic!("an object") };
        assert_eq!(members[1].1, Json::Unsigned(1));
    }
}
