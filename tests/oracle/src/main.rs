//! One operation on one virtual key through ctap-hid-fido2: `keyvet-oracle ADDRESS PROTOCOL OPERATION …`.
//!
//! The operations are those of `run.py`. The answer is the last line of standard output, in JSON: the library prints
//! lines of its own there.

use ctap_hid_fido2::fidokey::{FidoKeyHid, GetAssertionArgsBuilder, MakeCredentialArgsBuilder};
use ctap_hid_fido2::public_key_credential_user_entity::PublicKeyCredentialUserEntity;
use ctap_hid_fido2::{Cfg, FidoKeyHidFactory, HidParam};
use serde_json::{Map, Value, json};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [address, protocol, operation, rest @ ..] = words.as_slice() else {
        panic!("usage: keyvet-oracle ADDRESS PROTOCOL OPERATION …")
    };
    let key =
        FidoKeyHidFactory::create_by_params(&[HidParam::Path((*address).to_owned())], &Cfg::init());
    let protocol = protocol.parse().expect("the PIN/UV auth protocol is a number");
    let key = key.expect("a key").with_pin_protocol_version(protocol);
    let answer = run(&key, operation, rest).unwrap_or_else(|error| failure(&error.to_string()));
    println!("{answer}");
}

fn run(key: &FidoKeyHid, operation: &str, rest: &[&str]) -> anyhow::Result<Value> {
    Ok(match (operation, rest) {
        ("info", []) => json!({ "members": members(key)? }),
        ("retries", []) => json!({ "retries": key.get_pin_retries()? }),
        ("set-pin", [pin]) => {
            key.set_new_pin(pin)?;
            json!({})
        }
        ("make-credential", [rp, client_data, kind, pin @ ..]) => {
            make_credential(key, rp, client_data, kind, pin.first().copied())?
        }
        ("assert", [rp, client_data, id, pin @ ..]) => {
            assert(key, rp, client_data, id, pin.first().copied())?
        }
        _ => panic!("no operation {operation} with {rest:?}"),
    })
}

fn make_credential(
    key: &FidoKeyHid,
    rp: &str,
    client_data: &str,
    kind: &str,
    pin: Option<&str>,
) -> anyhow::Result<Value> {
    let user = PublicKeyCredentialUserEntity::new(Some(b"u"), Some("user"), Some("User"));
    let request = MakeCredentialArgsBuilder::new(rp, client_data.as_bytes()).user_entity(&user);
    let request = match pin {
        Some(pin) => request.pin(pin),
        None => request.without_pin_and_uv(),
    };
    let request = if kind == "discoverable" { request.resident_key() } else { request };
    let made = key.make_credential_with_args(&request.build())?;
    Ok(json!({
        "fmt": made.fmt,
        "auth_data": hex(&made.auth_data),
        "id": hex(&made.credential_descriptor.id),
    }))
}

fn assert(
    key: &FidoKeyHid,
    rp: &str,
    client_data: &str,
    id: &str,
    pin: Option<&str>,
) -> anyhow::Result<Value> {
    let request = GetAssertionArgsBuilder::new(rp, client_data.as_bytes());
    let request = match pin {
        Some(pin) => request.pin(pin),
        None => request.without_pin_and_uv(),
    };
    let request = if id == "any" { request } else { request.credential_id(&unhex(id)) };
    let found = key.get_assertion_with_args(&request.build())?;
    let [one] = found.as_slice() else { panic!("{} assertions", found.len()) };
    Ok(json!({
        "auth_data": hex(&one.auth_data),
        "signature": hex(&one.signature),
        "id": hex(&one.credential_id),
    }))
}

/// The library has a status as the start of a sentence only: `0x31 CTAP2_ERR_PIN_INVALID …`.
fn failure(text: &str) -> Value {
    let word = text.split_whitespace().find_map(|word| word.strip_prefix("0x"));
    match word.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
        Some(status) => json!({ "status": status }),
        None => json!({ "error": text }),
    }
}

/// What the library knows of getInfo, under the specification's names. Absent members are zero or empty to it, so that
/// those cannot be told from present ones and are left out.
fn members(key: &FidoKeyHid) -> anyhow::Result<Map<String, Value>> {
    let info = key.get_info()?;
    let all = [
        ("versions", json!(info.versions)),
        ("extensions", json!(info.extensions)),
        ("aaguid", json!(hex(&info.aaguid))),
        (
            "options",
            Value::Object(
                info.options.iter().map(|(id, state)| (id.clone(), json!(state))).collect(),
            ),
        ),
        ("maxMsgSize", json!(info.max_msg_size)),
        ("pinUvAuthProtocols", json!(info.pin_uv_auth_protocols)),
        ("maxCredentialCountInList", json!(info.max_credential_count_in_list)),
        ("maxCredentialIdLength", json!(info.max_credential_id_length)),
        ("transports", json!(info.transports)),
        ("algorithms", algorithms(&info.algorithms)),
        ("maxSerializedLargeBlobArray", json!(info.max_serialized_large_blob_array)),
        ("forcePINChange", json!(info.force_pin_change)),
        ("minPINLength", json!(info.min_pin_length)),
        ("firmwareVersion", json!(info.firmware_version)),
        ("maxCredBlobLength", json!(info.max_cred_blob_length)),
        ("maxRPIDsForSetMinPINLength", json!(info.max_rpids_for_set_min_pin_length)),
        ("preferredPlatformUvAttempts", json!(info.preferred_platform_uv_attempts)),
        ("uvModality", json!(info.uv_modality)),
        (
            "certifications",
            Value::Object(
                info.certifications.iter().map(|(id, level)| (id.clone(), json!(level))).collect(),
            ),
        ),
        ("remainingDiscoverableCredentials", json!(info.remaining_discoverable_credentials)),
        ("vendorPrototypeConfigCommands", json!(info.vendor_prototype_config_commands)),
        ("attestationFormats", json!(info.attestation_formats)),
        ("uvCountSinceLastPinEntry", json!(info.uv_count_since_last_pin_entry)),
        ("longTouchForReset", json!(info.long_touch_for_reset)),
        ("encIdentifier", json!(hex(&info.enc_identifier))),
        ("transportsForReset", json!(info.transports_for_reset)),
        ("pinComplexityPolicy", json!(info.pin_complexity_policy)),
        ("maxPINLength", json!(info.max_pin_length)),
        ("encCredStoreState", json!(hex(&info.enc_cred_store_state))),
        ("authenticatorConfigCommands", json!(info.authenticator_config_commands)),
    ];
    let nothing = [json!(0), json!(false), json!(""), json!([]), json!({})];
    let present = all.into_iter().filter(|(_, value)| !nothing.contains(value));
    Ok(present.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The library flattens `[{alg, type}, …]` into pairs of texts, in the order of the answer's keys.
fn algorithms(flat: &[(String, String)]) -> Value {
    let pairs = flat.chunks(2).map(|pair| {
        let find = |name| pair.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let alg: Option<i64> = find("alg").and_then(|text| text.parse().ok());
        json!({ "alg": alg, "type": find("type") })
    });
    pairs.collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().collect();
    let byte = |pair: &[char]| {
        u8::from_str_radix(&pair.iter().collect::<String>(), 16).expect("hexadecimal")
    };
    digits.chunks(2).map(byte).collect()
}
