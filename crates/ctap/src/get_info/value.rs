//! The types of getInfo members: read from CBOR, shown as JSON.

use keyvet_cbor::{Item, Mode, Value as Cbor, decode};
use serde_json::{Value as Json, json};

use super::{Options, PublicKeyCredentialParameters, UvModality};
use crate::{Aaguid, CoseAlgorithm, hex::hex};

/// A member's type.
pub(super) trait MemberValue: Sized {
    /// The type in words, for a message.
    const EXPECTED: &'static str;

    /// The value, when `item` has the type.
    fn read(item: &Item<'_>) -> Option<Self>;

    /// The value as JSON.
    fn show(&self) -> Json;
}

impl MemberValue for u64 {
    const EXPECTED: &'static str = "an unsigned integer";

    fn read(item: &Item<'_>) -> Option<Self> {
        item.as_u64()
    }

    fn show(&self) -> Json {
        json!(self)
    }
}

impl MemberValue for bool {
    const EXPECTED: &'static str = "a truth value";

    fn read(item: &Item<'_>) -> Option<Self> {
        item.as_bool()
    }

    fn show(&self) -> Json {
        json!(self)
    }
}

impl MemberValue for Aaguid {
    const EXPECTED: &'static str = "16 bytes";

    fn read(item: &Item<'_>) -> Option<Self> {
        item.as_bytes()?.try_into().ok().map(Self)
    }

    fn show(&self) -> Json {
        json!(self.to_string())
    }
}

impl MemberValue for Vec<u8> {
    const EXPECTED: &'static str = "a byte string";

    fn read(item: &Item<'_>) -> Option<Self> {
        item.as_bytes().map(Self::from)
    }

    fn show(&self) -> Json {
        json!(hex(self))
    }
}

impl MemberValue for Vec<String> {
    const EXPECTED: &'static str = "an array of texts";

    fn read(item: &Item<'_>) -> Option<Self> {
        item.as_array()?.iter().map(|text| text.as_text().map(String::from)).collect()
    }

    fn show(&self) -> Json {
        json!(self)
    }
}

impl MemberValue for Vec<u64> {
    const EXPECTED: &'static str = "an array of unsigned integers";

    fn read(item: &Item<'_>) -> Option<Self> {
        item.as_array()?.iter().map(Item::as_u64).collect()
    }

    fn show(&self) -> Json {
        json!(self)
    }
}

impl MemberValue for Options {
    const EXPECTED: &'static str = "a map from texts to truth values";

    fn read(item: &Item<'_>) -> Option<Self> {
        let pairs = item.as_map()?.iter();
        pairs.map(|(id, state)| Some((id.as_text()?.into(), state.as_bool()?))).collect()
    }

    fn show(&self) -> Json {
        self.iter()
            .map(|(id, state)| (id.to_owned(), json!(state)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

impl MemberValue for UvModality {
    const EXPECTED: &'static str = u64::EXPECTED;

    fn read(item: &Item<'_>) -> Option<Self> {
        item.as_u64().map(Self)
    }

    fn show(&self) -> Json {
        json!(self.0)
    }
}

impl MemberValue for Vec<(String, u64)> {
    const EXPECTED: &'static str = "a map from texts to unsigned integers";

    fn read(item: &Item<'_>) -> Option<Self> {
        let pairs = item.as_map()?.iter();
        pairs.map(|(name, level)| Some((name.as_text()?.into(), level.as_u64()?))).collect()
    }

    fn show(&self) -> Json {
        self.iter()
            .map(|(name, level)| (name.clone(), json!(level)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

impl MemberValue for Vec<PublicKeyCredentialParameters> {
    const EXPECTED: &'static str = "an array of {alg, type}";

    fn read(item: &Item<'_>) -> Option<Self> {
        item.as_array()?.iter().map(parameters).collect()
    }

    fn show(&self) -> Json {
        self.iter().map(|one| json!({"alg": one.alg.0, "type": one.credential_type})).collect()
    }
}

fn parameters(item: &Item<'_>) -> Option<PublicKeyCredentialParameters> {
    let alg = CoseAlgorithm(item.get_text("alg")?.as_i64()?);
    let credential_type = item.get_text("type")?.as_text()?.into();
    Some(PublicKeyCredentialParameters { alg, credential_type })
}

/// A byte string that should be text: the text when it is UTF-8, else hexadecimal.
pub(super) fn show_url(bytes: &[u8]) -> Json {
    std::str::from_utf8(bytes).map_or_else(|_| json!(hex(bytes)), |text| json!(text))
}

/// CBOR as JSON, for members without a name; bytes that are not CBOR as hexadecimal.
pub(super) fn json_of_cbor(raw: &[u8]) -> Json {
    decode(raw, Mode::Tolerant).map_or_else(|_| json!(hex(raw)), |decoded| json_of(&decoded.item))
}

fn json_of(item: &Item<'_>) -> Json {
    match item.value() {
        Cbor::Unsigned(n) => json!(n),
        Cbor::Negative(_) => item.as_i64().map_or_else(|| json!(hex(item.raw())), |n| json!(n)),
        Cbor::Bytes(bytes) => json!(hex(bytes)),
        Cbor::Text(text) => json!(text),
        Cbor::Array(items) => items.iter().map(json_of).collect(),
        Cbor::Map(pairs) => pairs
            .iter()
            .map(|(key, value)| (crate::MemberKey::from(key).to_string(), json_of(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Cbor::Bool(truth) => json!(truth),
        Cbor::Null => Json::Null,
    }
}
