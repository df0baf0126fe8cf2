//! `keyvet info`: what a key says about itself, with its oddities.
//!
//! One key is chosen and asked; nobody has to touch it. All of it is the key's own word: only `keyvet check` can prove
//! a model. How many wrong PINs the key still takes is asked too, which costs none.
//!
//! With `--from-cbor HEX` no key is asked. It takes the getInfo answer as other tools print it: hexadecimal in either case, with blanks, colons or
//! line breaks between the digits, with or without the leading status byte 00.

use crate::{
    args::InfoArgs,
    commands::{Outcome, verify_result},
    context::Context,
    document::{
        Document, findings,
        info::{InfoDocument, SCHEMA},
    },
    error::CliError,
    exit::Exit,
    input::MAX_PEM_BYTES,
    trust,
};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use keyvet_ctap::GetInfo;
use keyvet_finding::{Culprit, Kind, Severity};
use serde_json::{Map, Value};
use std::path::Path;

/// Decodes one answer.
///
/// # Errors
/// When the text is not hexadecimal, or the bytes are not a getInfo answer.
pub fn run(args: &InfoArgs, context: &Context) -> Result<Outcome, CliError> {
    match &args.from_cbor {
        Some(given) => decoded(given, args, context),
        #[cfg(feature = "hid")]
        None => super::info_live::run(args, context),
        #[cfg(not(feature = "hid"))]
        None => Err(CliError::internal("--from-cbor is required")),
    }
}

fn decoded(given: &str, args: &InfoArgs, context: &Context) -> Result<Outcome, CliError> {
    let bytes = bytes(given, context)?;
    let answer = bytes.strip_prefix(&[SUCCESS]).unwrap_or(&bytes);
    let info = GetInfo::parse(answer)
        .map_err(|error| CliError::about("--from-cbor", &error, Exit::Usage))?;
    let mut document = document(&info);
    let at = context.at(args.trust.signer.at.as_deref())?;
    // a name is a help: without usable metadata the answer is decoded all the same
    if let Some(metadata) = trust::metadata(&args.trust, at, context).ok().flatten() {
        let entry = info.aaguid.and_then(|aaguid| metadata.catalogue.by_aaguid(&aaguid));
        document.model = entry.and_then(|entry| entry.description.clone());
        document.metadata = Some(verify_result::metadata_used(&metadata, at));
    }
    Ok(Outcome::ok(Document::Info(Box::new(document))))
}

/// What a getInfo answer says.
pub(crate) fn document(info: &GetInfo) -> InfoDocument {
    let members = info.members().into_iter().map(|(name, value)| (name.to_owned(), value));
    let mut unknown = Map::new();
    let mut cbor = Map::new();
    for ((key, value), (_, raw)) in
        info.unknown_members_as_json().into_iter().zip(&info.unknown_members)
    {
        // the number 32 and the text "32" are two keys
        let key = if unknown.contains_key(&key) { format!("{key:?}") } else { key };
        cbor.insert(key.clone(), Value::String(HEXLOWER.encode(raw)));
        unknown.insert(key, value);
    }
    InfoDocument {
        schema: SCHEMA,
        key: None,
        model: None,
        metadata: None,
        pin_retries: None,
        uv_retries: None,
        members: members.collect(),
        unknown_members: unknown,
        unknown_members_cbor: cbor,
        findings: findings(&info.findings),
    }
}

fn bytes(given: &str, context: &Context) -> Result<Vec<u8>, CliError> {
    let text = match given {
        "-" => {
            let read = context.inputs.read(Path::new("-"), MAX_PEM_BYTES)?;
            String::from_utf8(read).map_err(|_| bad_hex("standard input is not text"))?
        }
        other => other.to_owned(),
    };
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    let digits = digits.strip_prefix("0x").unwrap_or(&digits);
    if digits.is_empty() {
        return Err(bad_hex("there is no digit"));
    }
    HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map_err(|error| bad_hex(&error.to_string()))
}

/// An argument that should be hexadecimal and is not.
pub(crate) fn bad_hex(what: &str) -> CliError {
    CliError::usage(&BAD_HEX, what)
}

/// CTAP2_OK, in front of an answer as the key sends it.
const SUCCESS: u8 = 0x00;

/// The text is not hexadecimal.
pub(crate) static BAD_HEX: Kind = Kind {
    id: "cli.bad-hex",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "A value that should be written in hexadecimal digits is not.",
    next_step: "Give two digits 0-9, a-f for each byte; blanks and colons between them do not matter.",
    source: "keyvet",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_taken_as_other_tools_print_it() {
        let context = Context::new(false, crate::args::ColorWhen::Never);
        for text in ["A1 03:5 0", "0xa10350", "a103\n50\n"] {
            assert_eq!(bytes(text, &context).unwrap(), [0xa1, 0x03, 0x50], "{text}");
        }
        for text in ["", "  ", "a", "zz", "a1zz"] {
            assert_eq!(bytes(text, &context).unwrap_err().finding().id(), BAD_HEX.id, "{text}");
        }
    }
}
