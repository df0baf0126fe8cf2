//! Parameters and answers in words.

use keyvet_cbor::{Item, Mode, Value, decode};
use keyvet_ctap::{Aaguid, Command};
use keyvet_finding::Printable;

use crate::asks::sub_command_member;
use crate::redact::FILLER;

/// The parameters of a request, but for its subcommand.
pub(super) fn request(command: Command, message: &[u8]) -> Option<String> {
    let (_, body) = message.split_first()?;
    told(body, names(command, &REQUESTS), sub_command_member(command))
}

/// What an answer says.
pub(super) fn answer(command: Command, message: &[u8]) -> Option<String> {
    let (status, body) = message.split_first()?;
    if *status != 0 || body.is_empty() {
        return None;
    }
    told(body, names(command, &ANSWERS), None)
}

fn told(body: &[u8], names: Names, without: Option<i64>) -> Option<String> {
    if body.is_empty() {
        return None;
    }
    let Ok(decoded) = decode(body, Mode::Tolerant) else {
        return Some(String::from("cannot be decoded"));
    };
    let Some(pairs) = decoded.item.as_map() else {
        return Some(format!("is {}", decoded.item.type_name()));
    };
    let shown = pairs.iter().filter(|(key, _)| without.is_none() || key.as_i64() != without);
    let words: Vec<_> = shown.map(|(key, value)| member(key, value, names)).collect();
    let text = words.join(", ");
    (!text.is_empty()).then(|| shortened(text))
}

fn member(key: &Item<'_>, value: &Item<'_>, names: Names) -> String {
    let named = key.as_i64().and_then(|key| names.iter().find(|(number, _)| *number == key));
    match (named, value.value()) {
        (Some((_, name @ "aaguid")), Value::Bytes(bytes)) => match <[u8; 16]>::try_from(*bytes) {
            Ok(bytes) => format!("{name} {}", Aaguid(bytes)),
            Err(_) => format!("{name} of {}", words(value, DEEP)),
        },
        (Some((_, name)), _) => format!("{name} {}", words(value, DEEP)),
        (None, _) => format!("{} {}", words(key, 0), words(value, DEEP)),
    }
}

fn words(item: &Item<'_>, depth: usize) -> String {
    match item.value() {
        Value::Unsigned(number) => number.to_string(),
        Value::Negative(number) => {
            format!("-{}", u128::from(*number).saturating_add(1))
        }
        Value::Bytes(bytes) if !bytes.is_empty() && bytes.iter().all(|byte| *byte == FILLER) => {
            format!("({} bytes redacted)", bytes.len())
        }
        Value::Bytes(bytes) => format!("({} bytes)", bytes.len()),
        Value::Text(text) if is_redacted(text) => {
            format!("(text of {} bytes redacted)", text.len())
        }
        Value::Text(text) => Printable(text).to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Null => String::from("null"),
        Value::Array(items) if depth == 0 => format!("[{} items]", items.len()),
        Value::Map(pairs) if depth == 0 => format!("{{{} members}}", pairs.len()),
        Value::Array(items) => {
            let shown: Vec<_> =
                items.iter().take(MOST).map(|item| words(item, depth.saturating_sub(1))).collect();
            let more = if items.len() > MOST { ", …" } else { "" };
            format!("[{}{more}]", shown.join(", "))
        }
        Value::Map(pairs) => {
            let one = |(key, value): &(Item<'_>, Item<'_>)| {
                format!("{}={}", words(key, 0), words(value, depth.saturating_sub(1)))
            };
            let shown: Vec<_> = pairs.iter().take(MOST).map(one).collect();
            let more = if pairs.len() > MOST { " …" } else { "" };
            format!("{{{}{more}}}", shown.join(" "))
        }
    }
}

fn is_redacted(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'x')
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => text.get(..end).map(|start| format!("{start}…")).unwrap_or(text),
        None => text,
    }
}

type Names = &'static [(i64, &'static str)];

fn names(command: Command, table: &'static [(Command, Names)]) -> Names {
    let command = match command {
        Command::GET_NEXT_ASSERTION => Command::GET_ASSERTION,
        Command::CREDENTIAL_MANAGEMENT_PREVIEW => Command::CREDENTIAL_MANAGEMENT,
        Command::BIO_ENROLLMENT_PREVIEW => Command::BIO_ENROLLMENT,
        other => other,
    };
    table.iter().find(|(one, _)| *one == command).map_or(&[], |(_, names)| names)
}

static REQUESTS: [(Command, Names); 7] = [
    (
        Command::MAKE_CREDENTIAL,
        &[
            (1, "clientDataHash"),
            (2, "rp"),
            (3, "user"),
            (4, "pubKeyCredParams"),
            (5, "excludeList"),
            (6, "extensions"),
            (7, "options"),
            (8, "pinUvAuthParam"),
            (9, "pinUvAuthProtocol"),
            (10, "enterpriseAttestation"),
            (11, "attestationFormatsPreference"),
        ],
    ),
    (
        Command::GET_ASSERTION,
        &[
            (1, "rpId"),
            (2, "clientDataHash"),
            (3, "allowList"),
            (4, "extensions"),
            (5, "options"),
            (6, "pinUvAuthParam"),
            (7, "pinUvAuthProtocol"),
        ],
    ),
    (
        Command::CLIENT_PIN,
        &[
            (1, "pinUvAuthProtocol"),
            (3, "keyAgreement"),
            (4, "pinUvAuthParam"),
            (5, "newPinEnc"),
            (6, "pinHashEnc"),
            (9, "permissions"),
            (10, "rpId"),
        ],
    ),
    (
        Command::CREDENTIAL_MANAGEMENT,
        &[(2, "subCommandParams"), (3, "pinUvAuthProtocol"), (4, "pinUvAuthParam")],
    ),
    (
        Command::BIO_ENROLLMENT,
        &[
            (1, "modality"),
            (3, "subCommandParams"),
            (4, "pinUvAuthProtocol"),
            (5, "pinUvAuthParam"),
            (6, "getModality"),
        ],
    ),
    (
        Command::LARGE_BLOBS,
        &[
            (1, "get"),
            (2, "set"),
            (3, "offset"),
            (4, "length"),
            (5, "pinUvAuthParam"),
            (6, "pinUvAuthProtocol"),
        ],
    ),
    (
        Command::AUTHENTICATOR_CONFIG,
        &[(2, "subCommandParams"), (3, "pinUvAuthProtocol"), (4, "pinUvAuthParam")],
    ),
];

static ANSWERS: [(Command, Names); 7] = [
    (
        Command::MAKE_CREDENTIAL,
        &[
            (1, "fmt"),
            (2, "authData"),
            (3, "attStmt"),
            (4, "epAtt"),
            (5, "largeBlobKey"),
            (6, "unsignedExtensionOutputs"),
        ],
    ),
    (
        Command::GET_ASSERTION,
        &[
            (1, "credential"),
            (2, "authData"),
            (3, "signature"),
            (4, "user"),
            (5, "numberOfCredentials"),
            (6, "userSelected"),
            (7, "largeBlobKey"),
            (8, "unsignedExtensionOutputs"),
        ],
    ),
    (
        Command::GET_INFO,
        &[
            (1, "versions"),
            (2, "extensions"),
            (3, "aaguid"),
            (4, "options"),
            (5, "maxMsgSize"),
            (6, "pinUvAuthProtocols"),
            (7, "maxCredentialCountInList"),
            (8, "maxCredentialIdLength"),
            (9, "transports"),
            (10, "algorithms"),
        ],
    ),
    (
        Command::CLIENT_PIN,
        &[
            (1, "keyAgreement"),
            (2, "pinUvAuthToken"),
            (3, "pinRetries"),
            (4, "powerCycleState"),
            (5, "uvRetries"),
        ],
    ),
    (
        Command::CREDENTIAL_MANAGEMENT,
        &[
            (1, "existingResidentCredentialsCount"),
            (2, "maxPossibleRemainingResidentCredentialsCount"),
            (3, "rp"),
            (4, "rpIDHash"),
            (5, "totalRPs"),
            (6, "user"),
            (7, "credentialID"),
            (8, "publicKey"),
            (9, "totalCredentials"),
            (10, "credProtect"),
            (11, "largeBlobKey"),
            (12, "thirdPartyPayment"),
        ],
    ),
    (
        Command::BIO_ENROLLMENT,
        &[
            (1, "modality"),
            (2, "fingerprintKind"),
            (3, "maxCaptureSamplesRequiredForEnroll"),
            (4, "templateId"),
            (5, "lastEnrollSampleStatus"),
            (6, "remainingSamples"),
            (7, "templateInfos"),
            (8, "maxTemplateFriendlyName"),
        ],
    ),
    (Command::LARGE_BLOBS, &[(1, "config")]),
];

/// Items of an array or map that are shown.
const MOST: usize = 12;
/// Levels that are shown.
const DEEP: usize = 2;
/// Characters that are shown.
const LONGEST: usize = 600;
