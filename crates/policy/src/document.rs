//! From bytes to a policy: text encoding, and which importer the document is for.

use crate::{Policy, aaguid_list, entra, error::PolicyError};
use keyvet_json::{Json, decode, parse};

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
        Some('{') => read_graph(&parse(&text)?),
        Some('[') => read_array(&parse(&text)?),
        _ => aaguid_list::read_text(&text),
    }
}

/// Reads one Graph document that holds a passkey policy somewhere, already parsed: the configuration itself, an
/// element of `authenticationMethodConfigurations`, of `value`, or of a top-level array.
///
/// # Errors
/// [`PolicyError`] when there is none, more than one, or a member is of another type than the reference says.
pub fn read_graph(json: &Json) -> Result<Policy, PolicyError> {
    entra::graph::read(json)
}

/// An array of objects is a list of Graph configurations; any other array is a list of AAGUIDs.
fn read_array(json: &Json) -> Result<Policy, PolicyError> {
    match json {
        Json::Array(items) if matches!(items.first(), Some(Json::Object(_))) => read_graph(json),
        _ => aaguid_list::read_json(json),
    }
}
