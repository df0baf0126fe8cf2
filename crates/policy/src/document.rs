//! From bytes to a policy: text encoding, and which importer the document is for.

use crate::{Policy, aaguid_list, entra, error::PolicyError, json};
use std::borrow::Cow;

/// The most bytes a policy document may have. An Entra policy is at most 20 KB, the whole
/// authentication methods policy around it a few times that.
pub const MAX_LEN_BYTES: usize = 1 << 20;

/// Reads a policy document: Entra JSON as Graph returns or accepts it (deprecated form, profiles,
/// change requests, the whole authentication methods policy around it, output of the Graph
/// PowerShell module), or a list of allowed AAGUIDs (text, one per line, `#` starts a comment; or a
/// JSON array of strings). UTF-8, or UTF-16 with a byte order mark as Windows PowerShell writes it.
///
/// What is odd but readable is in [`Policy::findings`].
///
/// # Errors
/// [`PolicyError`] when the document is too large, no text, no JSON, or no policy.
pub fn read(bytes: &[u8]) -> Result<Policy, PolicyError> {
    if bytes.len() > MAX_LEN_BYTES {
        return Err(PolicyError::TooLarge { len: bytes.len(), max: MAX_LEN_BYTES });
    }
    let text = decode(bytes)?;
    match text.trim_start().chars().next() {
        Some('{') => entra::graph::read(&json::parse(&text)?),
        Some('[') => read_array(&json::parse(&text)?),
        _ => aaguid_list::read_text(&text),
    }
}

/// An array of objects is a list of Graph configurations; any other array is a list of AAGUIDs.
fn read_array(json: &json::Json) -> Result<Policy, PolicyError> {
    match json {
        json::Json::Array(items) if matches!(items.first(), Some(json::Json::Object(_))) => {
            entra::graph::read(json)
        }
        _ => aaguid_list::read_json(json),
    }
}

fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, PolicyError> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, PolicyError> {
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| PolicyError::NotText)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, PolicyError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    match String::from_utf16(&units) {
        Ok(text) if rest.is_empty() => Ok(Cow::Owned(text)),
        _ => Err(PolicyError::NotText),
    }
}
