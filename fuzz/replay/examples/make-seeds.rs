//! Makes `fuzz/corpus` and `fuzz/fixtures` from `tests/vectors`: `cargo run -p keyvet-fuzz-replay --example make-seeds`.
//!
//! Seeds are named after the vector they come from. Files that a fuzzer found have other names and are left alone.
//! The metadata signer is made anew only when `fuzz/fixtures` has none, because its keys are random.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "run by hand on the repository's own vectors; a seed that cannot be made must stop it"
)]

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use keyvet_cbor::{Item, Mode, Out, decode_prefix, encode};
use keyvet_mds::{Source, Trust, encode_cache, verify_blob};
use keyvet_testkit::{MDS_HOST, Signer, attestation_records, payload_291, vector, vectors};
use keyvet_x509::{Anchor, read_pem, sha256};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use time::{Duration, OffsetDateTime};

fn main() {
    let records: Vec<Record> =
        attestation_records().iter().map(|path| Record::read(path)).collect();
    for record in &records {
        record.seed();
    }
    seed("attestation_statement_none", "empty", &statement(b"{}", &[0; 37], &[0xa0]));
    compound(&records);
    get_info();
    answers();
    responses(&records);
    pin_uv();
    large_blobs();
    ctaphid();
    iso7816();
    metadata();
    policies();
    tenants();
    sign_ins();
}

/// One record of `tests/vectors/attestation`, taken apart.
struct Record {
    name: String,
    format: String,
    object: Vec<u8>,
    client_data: Vec<u8>,
    auth_data: Vec<u8>,
    att_stmt: Vec<u8>,
    certificates: Vec<Vec<u8>>,
}

impl Record {
    fn read(path: &Path) -> Self {
        let record: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let member = |name: &str| BASE64URL_NOPAD.decode(record[name].as_str().unwrap().as_bytes());
        let object = member("attestationObject").unwrap();
        let parts = decode_prefix(&object, Mode::Tolerant).ok();
        let item = parts.as_ref().map(|decoded| &decoded.item);
        let part = |name: &str| item.and_then(|item| item.get_text(name));
        let att_stmt = part("attStmt");
        let format = part("fmt").and_then(Item::as_text).unwrap_or_default().to_owned();
        Self {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            format,
            auth_data: part("authData").and_then(Item::as_bytes).unwrap_or_default().to_vec(),
            att_stmt: att_stmt.map(Item::raw).unwrap_or_default().to_vec(),
            certificates: att_stmt.map(certificates).unwrap_or_default(),
            client_data: member("clientDataJSON").unwrap(),
            object,
        }
    }

    fn seed(&self) {
        let name = &self.name;
        seed("attestation_object", name, &self.object);
        seed("auth_data", name, &self.auth_data);
        seed("evidence_file", name, self.response_json().to_string().as_bytes());
        if name.ends_with("1") {
            seed("cbor", name, &self.object);
        }
        if !self.format.is_empty() {
            let target = format!("attestation_statement_{}", self.format.replace('-', "_"));
            seed(&target, name, &self.statement());
        }
        if self.certificates.len() > 1 {
            seed("certificate_path", name, &path(1, &self.certificates));
        }
    }

    fn statement(&self) -> Vec<u8> {
        statement(&self.client_data, &self.auth_data, &self.att_stmt)
    }

    /// As the key answered: the three parts under integers, the statement as it is.
    fn response(&self, optional: &[(i64, Out)]) -> Vec<u8> {
        let item = |out: Out| encode(&out).unwrap();
        let mut map = vec![0xa3 + u8::try_from(optional.len()).unwrap(), 0x01];
        map.extend(item(self.format.as_str().into()));
        map.push(0x02);
        map.extend(item(bytes(&self.auth_data)));
        map.push(0x03);
        map.extend(&self.att_stmt);
        for (key, value) in optional {
            map.extend(item((*key).into()).into_iter().chain(item(value.clone())));
        }
        map
    }

    fn response_json(&self) -> Value {
        serde_json::json!({
            "id": "AA", "rawId": "AA", "type": "public-key", "clientExtensionResults": {},
            "response": {
                "attestationObject": BASE64URL_NOPAD.encode(&self.object),
                "clientDataJSON": BASE64URL_NOPAD.encode(&self.client_data),
            },
        })
    }
}

/// The certificates of an `x5c`, leaf first.
fn certificates(att_stmt: &Item<'_>) -> Vec<Vec<u8>> {
    let x5c = att_stmt.get_text("x5c").and_then(Item::as_array).unwrap_or_default();
    x5c.iter().filter_map(Item::as_bytes).map(<[u8]>::to_vec).collect()
}

/// Client data and authenticator data, each behind its length, then the statement.
fn statement(client_data: &[u8], auth_data: &[u8], att_stmt: &[u8]) -> Vec<u8> {
    [&sized(client_data), &sized(auth_data), att_stmt].concat()
}

/// How many of the last certificates are anchors, then each certificate behind its length.
fn path(anchors: u8, certificates: &[Vec<u8>]) -> Vec<u8> {
    let mut out = vec![anchors];
    certificates.iter().for_each(|der| out.extend(sized(der)));
    out
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    let len = u16::try_from(bytes.len()).unwrap();
    [&len.to_be_bytes(), bytes].concat()
}

/// No compound statement is at hand, so two are made of real packed and none statements.
fn compound(records: &[Record]) {
    for of in ["packed-001", "packed-010", "tpm-001", "apple-001"] {
        let one = records.iter().find(|record| record.name == of).unwrap();
        let mut att_stmt = vec![0x82];
        for (format, bytes) in [(one.format.as_str(), one.att_stmt.as_slice()), ("none", &[0xa0])] {
            att_stmt.extend(b"\xa2\x63fmt");
            att_stmt.push(0x60 | u8::try_from(format.len()).unwrap());
            att_stmt.extend(format.as_bytes());
            att_stmt.extend(b"\x67attStmt");
            att_stmt.extend(bytes);
        }
        let input = statement(&one.client_data, &one.auth_data, &att_stmt);
        seed("attestation_statement_compound", of, &input);
    }
}

fn get_info() {
    let list: Value = serde_json::from_slice(&vector("getinfo/getinfo-cbor.json")).unwrap();
    for (n, one) in list.as_array().unwrap().iter().enumerate() {
        let bytes = HEXLOWER.decode(one["cbor"].as_str().unwrap().as_bytes()).unwrap();
        seed("get_info", &format!("key-{n:02}"), &bytes);
        seed("cbor", &format!("get-info-{n:02}"), &bytes);
    }
}

/// The answers of a real key that libfido2 recorded, under the target of their command.
fn answers() {
    let recorded: Value =
        serde_json::from_slice(&vector("getinfo/ctaphid-frames-libfido2.json")).unwrap();
    for (name, frames) in recorded["frames"].as_object().unwrap() {
        let Some(name) = name.strip_prefix("WIREDATA_CTAP_CBOR_") else { continue };
        for (n, answer) in messages(frames.as_array().unwrap()).iter().enumerate() {
            let name = format!("libfido2-{}-{n}", name.to_lowercase().replace('_', "-"));
            seed("answer", &name, answer);
            let target = match name.split('-').nth(1).unwrap() {
                "cred" => "make_credential",
                "assert" => "get_assertion",
                "authkey" | "pintoken" | "retries" => "client_pin",
                "credman" => "credential_management",
                _ => continue,
            };
            seed(target, &name, &answer[1..]);
        }
    }
}

/// Reports of one channel put together: an initialization report has bit 7 of its fifth byte set.
fn messages(frames: &[Value]) -> Vec<Vec<u8>> {
    let mut messages: Vec<(usize, Vec<u8>)> = Vec::new();
    for frame in frames {
        let report = HEXLOWER.decode(frame.as_str().unwrap().as_bytes()).unwrap();
        if report[4] & 0x80 == 0 {
            messages.last_mut().unwrap().1.extend(&report[5..]);
        } else {
            let len = usize::from(u16::from_be_bytes([report[5], report[6]]));
            messages.push((len, report[7..].to_vec()));
        }
    }
    messages.into_iter().map(|(len, bytes)| bytes[..len].to_vec()).collect()
}

/// Registrations as the key answered them, and answers that the recorded key did not give.
fn responses(records: &[Record]) {
    let mut written = BTreeMap::new();
    for record in records.iter().filter(|record| !record.format.is_empty()) {
        let count = written.entry(&record.format).or_insert(0);
        *count += 1;
        if *count <= 3 {
            seed("make_credential", &record.name, &record.response(&[]));
            let optional = [(4, true.into()), (5, bytes(&[7; 32])), (6, numbered_out(Vec::new()))];
            seed("make_credential", &format!("{}-all", record.name), &record.response(&optional));
        }
    }
    for (name, map) in [
        ("retries-power-cycle", vec![(3, 3.into()), (4, true.into())]),
        ("uv-retries", vec![(5, 5.into())]),
        ("token-protocol-2", vec![(2, bytes(&[0x5c; 48]))]),
        ("unknown", vec![(0x40, 1.into()), (3, 8.into())]),
    ] {
        seed("client_pin", name, &numbered(map));
    }
    let credential = || named(&[("id", bytes(&[3; 24])), ("type", "public-key".into())]);
    let user = || named(&[("id", bytes(&[9])), ("name", "n".into()), ("displayName", "D".into())]);
    let head = || vec![(2, bytes(&[1; 37])), (3, bytes(&[2; 70]))];
    let with = |more: Vec<(i64, Out)>| numbered(head().into_iter().chain(more).collect());
    seed("get_assertion", "short", &with(Vec::new()));
    seed("get_assertion", "several", &with(vec![(1, credential()), (4, user()), (5, 3.into())]));
    let rest = vec![(6, true.into()), (7, bytes(&[7; 32])), (8, numbered_out(Vec::new()))];
    seed("get_assertion", "large-blob-key", &with(rest));
}

/// Keys, ciphertexts and PINs of the vectors, with both protocols.
fn pin_uv() {
    let read = |folder: &str, member: &str| -> Vec<(String, Value)> {
        let one = |(name, vector): (String, Value)| (name, vector[member].clone());
        verdicts(folder).into_iter().map(one).collect()
    };
    for (name, key) in read("key-agreement", "keyAgreement") {
        seed("pin_uv", &format!("key-{name}"), &[&[0], sized(&unhex(&key)).as_slice()].concat());
    }
    for (name, ciphertext) in read("ciphertext", "ciphertext") {
        let protocol = u8::from(name.ends_with('2'));
        let parts = [sized(&[]), sized(&unhex(&ciphertext))].concat();
        seed("pin_uv", &format!("ciphertext-{name}"), &[&[protocol], parts.as_slice()].concat());
    }
    for (name, pin) in read("pin", "pin") {
        let parts = [sized(&[]), sized(&[]), sized(pin.as_str().unwrap().as_bytes())].concat();
        seed("pin_uv", &format!("pin-{name}"), &[&[1], parts.as_slice()].concat());
    }
}

/// Arrays without their checksum, and what was sealed in entries.
fn large_blobs() {
    for (name, vector) in verdicts("large-blob-array") {
        let stored = unhex(&vector["stored"]);
        let array = stored.get(..stored.len().saturating_sub(16)).unwrap();
        seed("large_blobs", &format!("array-{name}"), &sized(array));
    }
    for (name, vector) in verdicts("large-blob") {
        let (key, nonce) = (unhex(&vector["key"]), unhex(&vector["nonce"]));
        let (msg, size) = (unhex(&vector["ciphertext"]), vector["origSize"].as_u64().unwrap());
        let aad = [b"blob".as_slice(), &size.to_le_bytes()].concat();
        let cipher = Aes256Gcm::new_from_slice(&key).unwrap();
        let payload = Payload { msg: &msg, aad: &aad };
        let opened = cipher.decrypt(nonce.as_slice().try_into().unwrap(), payload);
        if let Ok(deflated) = opened {
            let parts = [sized(&[0x80]), sized(&deflated), sized(&size.to_le_bytes())];
            seed("large_blobs", &format!("blob-{name}"), &parts.concat());
        }
    }
}

/// The vectors of one folder, by name.
fn verdicts(folder: &str) -> Vec<(String, Value)> {
    let folder = vectors().join("pin-uv/verdicts").join(folder);
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let one = |path: &PathBuf| {
        let vector = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), vector)
    };
    paths.iter().map(one).collect()
}

fn unhex(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

fn bytes(content: &[u8]) -> Out {
    content.into()
}

fn numbered(members: Vec<(i64, Out)>) -> Vec<u8> {
    encode(&numbered_out(members)).unwrap()
}

fn numbered_out(members: Vec<(i64, Out)>) -> Out {
    Out::Map(members.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

fn named(members: &[(&str, Out)]) -> Out {
    Out::Map(members.iter().map(|(key, value)| ((*key).into(), value.clone())).collect())
}

/// Entries as they are, small signed BLOBs, and genuine ones with nearly all of their entries cut away.
fn metadata() {
    let payload: Value = serde_json::from_slice(&payload_291()).unwrap();
    let entries: Vec<Value> = payload["entries"].as_array().unwrap().iter().map(slim).collect();
    let mut by_shape: BTreeMap<String, &Value> = BTreeMap::new();
    for entry in &entries {
        by_shape.entry(shape(entry)).or_insert(entry);
    }
    let chosen: Vec<&Value> = by_shape.values().copied().take(MAX_ENTRY_SEEDS).collect();
    for (n, entry) in chosen.iter().enumerate() {
        seed("mds_entry", &format!("entry-{n:02}"), entry.to_string().as_bytes());
    }
    let signer = fixture_signer(&payload, &entries);
    if let Some(signer) = signer {
        for (n, entry) in chosen.iter().step_by(8).enumerate() {
            let jws =
                signer.wrap(with_entries(&payload, vec![(*entry).clone()]).to_string().as_bytes());
            seed("mds_jws", &format!("signed-{n:02}"), jws.as_bytes());
        }
    }
    anchors(&entries);
    caches();
    for file in GENUINE {
        seed("mds_jws", file, shortened(&vector(&format!("mds/{file}"))).as_bytes());
    }
}

/// The caches of the signed seeds, without magic, version and hash.
fn caches() {
    let root = read_pem(&fs::read(fuzz().join("fixtures/root.pem")).unwrap()).unwrap().remove(0);
    let at = OffsetDateTime::from_unix_timestamp(1_780_000_000).unwrap();
    let trust = Trust::with_roots(vec![Anchor::from_certificate(&root, "fixture")], at);
    for n in 0..6 {
        let name = format!("signed-{n:02}");
        let blob = fs::read(fuzz().join("corpus/mds_jws").join(&name)).unwrap();
        let (catalogue, report) = verify_blob(&blob, &trust).unwrap();
        let source = Source::of(catalogue.no, &blob).unwrap();
        let cache = encode_cache(&catalogue, &report, &source).unwrap();
        let behind_hash = |at: &usize| sha256(&cache[at + 32..]) == cache[*at..at + 32];
        let at = (0..64).find(behind_hash).unwrap();
        seed("mds_cache", &name, &cache[at + 32..]);
    }
}

/// Every ninth anchor of the catalogue, as its own leaf and anchor.
fn anchors(entries: &[Value]) {
    let texts = entries
        .iter()
        .filter_map(|entry| entry["metadataStatement"]["attestationRootCertificates"].as_array())
        .flatten()
        .filter_map(Value::as_str);
    for (n, text) in texts.step_by(9).enumerate() {
        if let Ok(der) = BASE64.decode(text.split_whitespace().collect::<String>().as_bytes()) {
            seed("certificate_path", &format!("anchor-{n:02}"), &path(1, &[der.clone(), der]));
        }
    }
}

/// An entry without its icons, which are most of its bytes.
fn slim(entry: &Value) -> Value {
    let mut entry = entry.clone();
    if let Some(statement) = entry.get_mut("metadataStatement").and_then(Value::as_object_mut) {
        statement.retain(|name, _| !name.to_lowercase().contains("icon"));
    }
    entry
}

/// Entries with the same members make the same seed.
fn shape(entry: &Value) -> String {
    let names = |value: &Value| -> Vec<String> {
        value.as_object().map(|members| members.keys().cloned().collect()).unwrap_or_default()
    };
    let statement = &entry["metadataStatement"];
    let family = statement["protocolFamily"].as_str().unwrap_or_default();
    format!(
        "{family} {:?} {:?} {:?}",
        names(entry),
        names(statement),
        entry["statusReports"][0]["status"]
    )
}

fn with_entries(payload: &Value, entries: Vec<Value>) -> Value {
    let mut payload = payload.clone();
    payload["legalHeader"] = "shortened".into();
    payload["entries"] = entries.into();
    payload
}

/// A signer for new seeds, with its root and a BLOB of the models that the attestation records name.
fn fixture_signer(payload: &Value, entries: &[Value]) -> Option<Signer> {
    let folder = fuzz().join("fixtures");
    if folder.join("root.pem").exists() {
        return None;
    }
    fs::create_dir_all(&folder).unwrap();
    let from = OffsetDateTime::from_unix_timestamp(1_760_000_000).unwrap();
    let signer = Signer::new(MDS_HOST, from, from.saturating_add(Duration::days(3650)));
    let known: Vec<String> = attestation_records()
        .iter()
        .map(|path| serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap())
        .filter_map(|record| record["aaguid"].as_str().map(str::to_owned))
        .collect();
    let kept = entries
        .iter()
        .filter(|entry| entry["aaguid"].as_str().is_some_and(|id| known.iter().any(|k| k == id)))
        .cloned()
        .collect();
    let blob = signer.wrap(with_entries(payload, kept).to_string().as_bytes());
    fs::write(folder.join("blob.jwt"), blob).unwrap();
    fs::write(folder.join("root.pem"), signer.root_pem()).unwrap();
    Some(signer)
}

/// Header and signature as they are, the payload with one slim entry: genuine in shape, no longer in signature.
fn shortened(jws: &[u8]) -> String {
    let text = std::str::from_utf8(jws).unwrap();
    let parts: Vec<&str> = text.split('.').collect();
    let payload: Value =
        serde_json::from_slice(&BASE64URL_NOPAD.decode(parts[1].as_bytes()).unwrap()).unwrap();
    let first = slim(&payload["entries"][0]);
    let short = with_entries(&payload, vec![first]).to_string();
    format!("{}.{}.{}", parts[0], BASE64URL_NOPAD.encode(short.as_bytes()), parts[2])
}

/// Exported sign-in and audit logs.
fn sign_ins() {
    let folder = vectors().join("readiness/sign-in");
    let mut paths: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().replace('.', "-");
        if name != "ORIGIN-md" && name != "expected-json" {
            seed("sign_in_log", &name, &fs::read(&path).unwrap());
        }
    }
}

/// Tenants: each sample by itself, and one export of everything.
fn tenants() {
    let folder = vectors().join("entra/samples");
    let mut names: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    for path in names.iter().filter(|path| path.extension().is_some_and(|ext| ext == "json")) {
        let bytes = fs::read(path).unwrap();
        if bytes.len() < 12_000 {
            seed("tenant_files", &path.file_stem().unwrap().to_string_lossy(), &bytes);
        }
    }
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let policies: Value =
        serde_json::from_str(&read("seed-policies-with-exclusions.json")).unwrap();
    let fido2: Value = serde_json::from_str(&read("seed-fido2-policy.json")).unwrap();
    let strength: Value =
        serde_json::from_str(&read("authentication-strength-create-response.json")).unwrap();
    let whole = serde_json::json!({
        "conditionalAccessPolicies": policies,
        "authenticationStrengths": [strength],
        "authenticationMethodsPolicy": {"authenticationMethodConfigurations": [fido2,
            {"id": "TemporaryAccessPass", "state": "enabled", "isUsableOnce": false, "includeTargets": [{"id": "all_users"}]}]},
        "namedLocations": {"value": [{"id": "l", "displayName": "Office", "isTrusted": true, "ipRanges": []}]},
        "groups": [{"id": "g", "members": ["u", "g"]}],
        "users": [{"id": "u", "userPrincipalName": "a_b#EXT#@x", "userType": "Guest",
            "memberOf": [{"@odata.type": "#microsoft.graph.directoryRole", "roleTemplateId": "r"}],
            "authentication": {"methods": [{"@odata.type": "#microsoft.graph.fido2AuthenticationMethod",
                "aaGuid": "90a3ccdf-635c-4729-a248-9b709135078f"}]},
            "methodsRegistered": ["mobilePhone"]}],
    });
    seed("tenant_files", "whole-export", whole.to_string().as_bytes());
    let module = r#"[{"Id": "p", "State": "enabled", "Conditions": {"Users": {"IncludeUsers": "All"},
        "Devices": {"DeviceFilter": {"Mode": "exclude", "Rule": "device.model -in [\"X\"] and not (device.isCompliant -eq True)"}},
        "Platforms": "@{IncludePlatforms=System.Object[]}", "Locations": {"ExcludeLocations": ["AllTrusted"]},
        "AuthenticationFlows": {"TransferMethods": "deviceCodeFlow,authenticationTransfer"},
        "UserRiskLevels": ["high"], "Times": {"x": 1}}, "GrantControls": {"Operator": "AND"}}]"#;
    seed("tenant_files", "powershell-module", module.as_bytes());
}

fn policies() {
    for folder in ["entra/samples", "entra/samples/other-idp"] {
        for entry in fs::read_dir(vectors().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let name = path.file_stem().unwrap().to_str().unwrap();
                let bytes = fs::read(&path).unwrap();
                seed("policy_json", name, &bytes);
                if name.starts_with("fido2method-create") {
                    seed("evidence_file", name, &bytes);
                }
            }
        }
    }
    let list = "cb69481e-8ff7-4039-93ec-0a2729a154a8\nee882879-721c-4913-9775-3dfcce97072a\n";
    seed("policy_json", "aaguid-list", list.as_bytes());
    seed("policy_json", "aaguid-array", br#"["cb69481e-8ff7-4039-93ec-0a2729a154a8"]"#);
}

fn seed(target: &str, name: &str, bytes: &[u8]) {
    if bytes.len() > MAX_SEED_BYTES {
        return;
    }
    let folder = fuzz().join("corpus").join(target);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), bytes).unwrap();
}

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

const MAX_SEED_BYTES: usize = 24 * 1024;
const MAX_ENTRY_SEEDS: usize = 48;
const GENUINE: [&str; 4] = [
    "mds3-no009-2021-12-01.jwt",
    "mds3-no121-2025-01-01.jwt",
    "conformance-fake-ok-1.jwt",
    "conformance-fake-wrong-root.jwt",
];

/// What keys sent, after the reply to INIT and with a keep-alive before the answer; and the same answers as requests.
fn ctaphid() {
    let file: Value =
        serde_json::from_slice(&vector("getinfo/ctaphid-frames-libfido2.json")).unwrap();
    let frames = |name: &str| -> Vec<u8> {
        let all = file["frames"][name].as_array().unwrap();
        all.iter()
            .flat_map(|frame| HEXLOWER.decode(frame.as_str().unwrap().as_bytes()).unwrap())
            .collect()
    };
    let (init, alive) = (frames("WIREDATA_CTAP_INIT"), frames("WIREDATA_CTAP_KEEPALIVE"));
    for name in file["frames"].as_object().unwrap().keys() {
        let short = name.trim_start_matches("WIREDATA_CTAP_").to_lowercase().replace('_', "-");
        let stream = [init.clone(), alive.clone(), frames(name)].concat();
        seed("ctaphid_client", &short, &stream);
        seed("ctaphid_device", &short, &frames(name));
    }
}

/// Talks of clients and cards: what a card answers in one file, what the client sends in the other.
fn iso7816() {
    let talks: [(&str, &[&str], &[&str]); 9] = [
        ("select-fido", &["00a4040008a0000006472f000100"], &["4649444f5f325f309000"]),
        ("select-without-le", &["00a4040008a0000006472f0001"], &["6700", "5532465f56329000"]),
        ("bank-card", &["00a4040008a0000006472f000100"], &["6a82"]),
        ("info-extended", &["80108000000001040000"], &["4649444f5f325f309000", "00a101809000"]),
        (
            "info-in-pieces",
            &["80108000010400", "00c0000002"],
            &["4649444f5f325f309000", "00a16102", "01809000"],
        ),
        (
            "extended-refused",
            &["80108000000001040000", "80108000010400"],
            &["4649444f5f325f309000", "6700", "00a101809000", "6700", "9000", "009000"],
        ),
        (
            "keep-alives",
            &["80108000010100", "8011000000", "8011110000"],
            &["4649444f5f325f309000", "019100", "029100", "029100", "009000", "2d9000"],
        ),
        ("wrong-length", &["8010800001040010"], &["4649444f5f325f309000", "6c10", "009000"]),
        ("pulled", &["801201 00", "90"], &["4649444f5f325f309000", "", "90"]),
    ];
    for (name, sent, said) in talks {
        seed("iso7816_card", name, &pieces(sent));
        seed("iso7816_client", name, &pieces(said));
    }
    let chain = [&["90108000f0", &"07".repeat(240)].concat(), "80108000010900"];
    seed("iso7816_card", "chain", &pieces(&chain));
}

/// Each with its length before it.
fn pieces(all: &[&str]) -> Vec<u8> {
    let bytes = all.iter().map(|hex| HEXLOWER.decode(hex.replace(' ', "").as_bytes()).unwrap());
    bytes
        .flat_map(|piece| {
            [u16::try_from(piece.len()).unwrap().to_be_bytes().to_vec(), piece].concat()
        })
        .collect()
}
