//! From a file to a [`Registration`]: the form is told by the content, never by the name.

use crate::{
    ClientVersion, DeviceRecord, EvidenceError, Form, JudgedBy, Registration, SCHEMA, base64,
    json::{Json, Object},
};

/// Longest file that is read, 1 MiB: a registration with a large chain takes some ten KiB.
pub const MAX_LEN: usize = 1 << 20;

/// Reads one registration.
///
/// A first byte `{` means JSON: an evidence file, a browser's `RegistrationResponseJSON`, a body that
/// wraps one under `publicKeyCredential`, or an object with `attestationObject` and `clientDataJSON`. A
/// CBOR map is the attestation object itself. Members besides those named in [`Registration`] are
/// ignored.
///
/// # Errors
/// [`EvidenceError`], with the member and the place in it.
pub fn read(bytes: &[u8]) -> Result<Registration, EvidenceError> {
    if bytes.len() > MAX_LEN {
        return Err(EvidenceError::TooLong { len: bytes.len(), max: MAX_LEN });
    }
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    match (bytes.first(), first) {
        (Some(0xa0..=0xbf), _) => Ok(raw(bytes)),
        (_, Some(b'{')) => from_json(text),
        (_, Some(b'[')) => Err(EvidenceError::Several { found: "the file is a JSON array" }),
        (_, Some(&first)) => Err(EvidenceError::NotRecognised { first }),
        (_, None) => Err(EvidenceError::Empty),
    }
}

fn raw(bytes: &[u8]) -> Registration {
    Registration { form: Form::Raw, ..Registration::new(bytes.into()) }
}

fn from_json(text: &[u8]) -> Result<Registration, EvidenceError> {
    let Json::Object(top) = Json::parse(text)? else {
        return Err(EvidenceError::NoAttestationObject);
    };
    match schema(&top) {
        Some(SCHEMA) => evidence(&top),
        Some(schema) if schema.starts_with(SCHEMA_FAMILY) => {
            Err(EvidenceError::UnknownSchema { schema: schema.into(), expected: SCHEMA })
        }
        _ => response(&top),
    }
}

/// What the file calls itself; another program's `schema` of whatever type is none of ours.
fn schema(top: &Object) -> Option<&str> {
    top.text("schema").ok().flatten()
}

fn evidence(top: &Object) -> Result<Registration, EvidenceError> {
    let client = top.object("client")?.map(client).transpose()?.flatten();
    let registration = Registration {
        get_info: bytes(top, "getInfo")?,
        transport: text(top, "transport")?,
        time: text(top, "time")?,
        client,
        requested_algorithms: top.integers("requestedAlgorithms")?,
        rp_id: text(top, "rpId")?,
        credential_id: bytes(top, "credentialId")?,
        client_data_hash: client_data_hash(top)?,
        request: bytes(top, "request")?,
        answer: bytes(top, "answer")?,
        device: top.object("device")?.map(device).transpose()?,
        judged_by: top.object("judgedBy")?.map(judged_by).transpose()?,
        form: Form::Evidence,
        ..signed_parts(top)?
    };
    check_hash(registration)
}

fn response(top: &Object) -> Result<Registration, EvidenceError> {
    let levels = levels(top)?;
    let mut holders = Vec::new();
    for object in &levels {
        if object.get("attestationObject")?.is_some() {
            holders.push(*object);
        }
    }
    match *holders {
        [holder] if std::ptr::eq(holder, top) => plain(top),
        [holder] => nested(&levels, holder),
        [] => Err(EvidenceError::NoAttestationObject),
        _ => Err(EvidenceError::Several { found: "attestationObject on more than one level" }),
    }
}

/// The top and the objects inside it that a registration may be wrapped in.
fn levels(top: &Object) -> Result<Vec<&Object>, EvidenceError> {
    let mut levels = vec![top];
    if let Some(credential) = wrapped(top, "publicKeyCredential")? {
        levels.push(credential);
        levels.extend(wrapped(credential, "response")?);
    }
    if let Some(credential) = wrapped(top, "credential")? {
        levels.push(credential);
        levels.extend(wrapped(credential, "response")?);
    }
    levels.extend(wrapped(top, "response")?);
    Ok(levels)
}

/// An object under `name`; a member of another type belongs to somebody else.
fn wrapped<'a>(
    object: &'a Object,
    name: &'static str,
) -> Result<Option<&'a Object>, EvidenceError> {
    match object.get(name)? {
        Some(Json::Object(inner)) => Ok(Some(inner)),
        _ => Ok(None),
    }
}

/// `id` is not read here: in an object of somebody's own making it can be the name of a test case.
fn plain(top: &Object) -> Result<Registration, EvidenceError> {
    Ok(Registration { form: Form::Plain, ..signed_parts(top)? })
}

fn nested(levels: &[&Object], holder: &Object) -> Result<Registration, EvidenceError> {
    let mut credential_id = None;
    for object in levels {
        let id = object.get("rawId")?.map_or("id", |_| "rawId");
        // Only the credential has an identifier; the body around it may have an `id` of its own.
        let is_credential = std::ptr::eq(*object, holder) || wrapped(object, "response")?.is_some();
        if is_credential && credential_id.is_none() {
            credential_id = bytes(object, id)?;
        }
    }
    let form = Form::RegistrationResponse;
    Ok(Registration { form, credential_id, ..signed_parts(holder)? })
}

/// The attestation object and the client data.
fn signed_parts(object: &Object) -> Result<Registration, EvidenceError> {
    let attestation_object =
        bytes(object, "attestationObject")?.ok_or(EvidenceError::NoAttestationObject)?;
    let client_data_json = bytes(object, "clientDataJSON")?;
    if attestation_object.is_empty() {
        return Err(EvidenceError::EmptyMember { member: "attestationObject" });
    }
    Ok(Registration { client_data_json, ..Registration::new(attestation_object) })
}

fn bytes(object: &Object, name: &'static str) -> Result<Option<Vec<u8>>, EvidenceError> {
    object.text(name)?.map(|text| base64::decode(name, text)).transpose()
}

fn text(object: &Object, name: &'static str) -> Result<Option<String>, EvidenceError> {
    Ok(object.text(name)?.map(Into::into))
}

fn client(object: &Object) -> Result<Option<ClientVersion>, EvidenceError> {
    let version = text(object, "version")?;
    Ok(text(object, "name")?.map(|name| ClientVersion { name, version }))
}

fn device(object: &Object) -> Result<DeviceRecord, EvidenceError> {
    Ok(DeviceRecord {
        name: text(object, "name")?,
        product: text(object, "product")?,
        manufacturer: text(object, "manufacturer")?,
        serial: text(object, "serial")?,
        usb: text(object, "usb")?,
    })
}

fn judged_by(object: &Object) -> Result<JudgedBy, EvidenceError> {
    Ok(JudgedBy {
        at: text(object, "at")?,
        metadata_no: object.number("metadataNo")?,
        metadata_sha256: sha256(object, "metadataSha256")?,
        policy_sha256: sha256(object, "policySha256")?,
    })
}

fn sha256(object: &Object, name: &'static str) -> Result<Option<[u8; 32]>, EvidenceError> {
    let wrong = |_| EvidenceError::WrongType { member: name, expected: "a hash of 32 bytes" };
    bytes(object, name)?.map(|hash| hash.try_into().map_err(wrong)).transpose()
}

fn client_data_hash(object: &Object) -> Result<Option<[u8; 32]>, EvidenceError> {
    let wrong = |_| EvidenceError::ClientDataHash { problem: "does not have 32 bytes" };
    bytes(object, "clientDataHash")?.map(|hash| hash.try_into().map_err(wrong)).transpose()
}

fn check_hash(registration: Registration) -> Result<Registration, EvidenceError> {
    let of_json = registration.client_data_json.as_deref().map(keyvet_x509::sha256);
    match (of_json, registration.client_data_hash) {
        (Some(computed), Some(given)) if computed != given => {
            Err(EvidenceError::ClientDataHash { problem: "is not the SHA-256 of clientDataJSON" })
        }
        _ => Ok(registration),
    }
}

const SCHEMA_FAMILY: &str = "keyvet.evidence/";
/// Programs on Windows put one in front of JSON.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
