//! Nothing that is personal or secret gets into a recording: every ceremony of the client, on both firmwares, under a
//! recorder, and then a search for everything that crossed the wire and must not be told.

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use keyvet_cbor::{Item, Mode, Value, decode};
use keyvet_client::{AssertionRequest, Ceremony, Client, RegistrationRequest};
use keyvet_ctap::{AuthenticatorData, CoseKeyAgreement, CredProtect, HmacSecretInput, KeyMaterial};
use keyvet_hid::framing::{Assembler, ChannelId, Command, Message, Pushed, Reports};
use keyvet_hid::{HidChannel, ReportLink, TappedLink};
use keyvet_key_tests::{Bench, on_both, options};
use keyvet_pin_uv::Pin;
use keyvet_trace::Recorder;
use keyvet_transport::{DeviceId, Direction, Exchange, Packet, Tap, Transport};
use keyvet_virtual_key::Firmware;
use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

const FIRST_PIN: &str = "739152846";
const PIN: &str = "284617395";
const WRONG_PIN: &str = "555111777";
const RP: &str = "canary.bank.example";
const USER: &str = "canary-user-name";
const BLOB: &[u8] = b"canary-blob-of-a-credential";

/// Hears everything, and tells a recorder.
struct Both {
    raw: Mutex<Vec<(Direction, Vec<u8>)>>,
    recorder: Recorder,
}

impl Tap for Both {
    fn packet(&self, packet: Packet<'_>) {
        self.raw.lock().unwrap().push((packet.direction, packet.bytes.to_vec()));
        self.recorder.packet(packet);
    }
}

on_both! {
    async fn no_secret_of_any_ceremony_is_in_the_recording(firmware: Firmware) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.jsonl");
        let recorder = Recorder::create(&path, "test").unwrap();
        let both = Arc::new(Both { raw: Mutex::default(), recorder });
        let bench = Bench::with(options(firmware, |_| {}));
        let told = every_ceremony(&bench, &both).await;
        both.recorder.end().unwrap();
        let raw = both.raw.lock().unwrap().clone();
        let mut canaries = from_the_wire(&raw);
        canaries.extend(told);
        let recorded = std::fs::read_to_string(&path).unwrap();
        let found = Searched::new(recorded.clone()).found(&canaries);
        assert!(found.is_empty(), "{} of {} canaries: {found:#?}", found.len(), canaries.len());
        // the same search on the same lines, not redacted, finds all but what was never sent: it can fail
        let open = Searched::new(unredacted(&recorded, &raw));
        let sent = canaries.iter().filter(|(name, _)| !name.starts_with("PIN"));
        let missed: Vec<_> = sent.filter(|(_, bytes)| open.holds(bytes).is_none()).collect();
        assert!(missed.is_empty(), "{missed:#?}");
        assert!(canaries.len() > 30, "only {} canaries crossed the wire", canaries.len());
        let names: BTreeSet<_> =
            canaries.iter().map(|(name, _)| name.split(' ').next().unwrap()).collect();
        for name in ["pinHashEnc", "newPinEnc", "pinUvAuthParam", "token", "credential", "user", "sig", "hmac-secret", "publicKey"] {
            assert!(names.contains(name), "{name} is not among {names:?}");
        }
    }
}

type Canary = (String, Vec<u8>);

/// Every ceremony of the client; what its results hold that must not be told.
async fn every_ceremony(bench: &Bench, tap: &Arc<Both>) -> Vec<Canary> {
    let ceremony = bench.ceremony();
    let mut client = client(bench, tap, &ceremony).await;
    client.set_pin(&Pin::new(FIRST_PIN), &ceremony).await.unwrap();
    client.change_pin(&Pin::new(FIRST_PIN), &Pin::new(PIN), &ceremony).await.unwrap();
    // a wrong one, a right one, and one for each ceremony that follows
    bench.person.will_give(&[WRONG_PIN, PIN, PIN, PIN, PIN, PIN, PIN, PIN, PIN, PIN]);
    let mut request = RegistrationRequest::new(RP);
    request.user_name = USER.into();
    request.discoverable = true;
    request.danger_keep_discoverable = true;
    request.extensions.cred_protect = Some(CredProtect::UV_OPTIONAL_WITH_CREDENTIAL_ID_LIST);
    request.extensions.cred_blob = Some(BLOB.to_vec());
    request.extensions.hmac_secret = true;
    request.extensions.large_blob_key = true;
    let registered = client.register(&request, &ceremony).await.unwrap();
    let mut again = RegistrationRequest::throw_away();
    again.exclude = vec![registered.credential.clone()];
    client.register(&again, &ceremony).await.unwrap();
    let mut question = AssertionRequest::new(RP);
    question.allow = vec![registered.credential.clone()];
    question.extensions.cred_blob = true;
    question.extensions.large_blob_key = true;
    // a salt that is not well encrypted is refused by the key, and has crossed the wire all the same
    question.extensions.hmac_secret = Some(HmacSecretInput {
        key_agreement: key_agreement(),
        salt_enc: vec![0xc5; 48],
        salt_auth: vec![0xa7; 32],
        protocol: Some(2),
    });
    let _ = client.assert(&question, &ceremony).await;
    question.extensions.hmac_secret = None;
    let asserted = client.assert(&question, &ceremony).await.unwrap();
    assert_eq!(asserted.assertions[0].credential_id, registered.credential.id);
    client.credential_count(&ceremony).await.unwrap();
    client.remove(&registered.credential, &ceremony).await.unwrap();
    u2f(bench, tap).await;
    let _ = client.reset(&ceremony).await;
    let hash = |pin: &str| keyvet_x509::sha256(pin.as_bytes())[..16].to_vec();
    let mut told: Vec<Canary> = [FIRST_PIN, PIN, WRONG_PIN]
        .iter()
        .flat_map(|pin| {
            [("PIN".to_owned(), pin.as_bytes().to_vec()), ("PIN hash".to_owned(), hash(pin))]
        })
        .collect();
    told.push(("user name".into(), USER.into()));
    told.push(("rp".into(), RP.into()));
    told.push(("rp hash".into(), keyvet_x509::sha256(RP.as_bytes()).to_vec()));
    told.push(("credBlob".into(), BLOB.to_vec()));
    told.push(("credential as returned".into(), registered.credential.id.clone()));
    told
}

fn key_agreement() -> CoseKeyAgreement {
    // the base point of P-256 is as good as any
    let hex = |text: &str| <[u8; 32]>::try_from(HEXLOWER.decode(text.as_bytes()).unwrap()).unwrap();
    CoseKeyAgreement {
        x: hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
        y: hex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
    }
}

async fn client(bench: &Bench, tap: &Arc<Both>, ceremony: &Ceremony<'_>) -> Client {
    let deadline = Instant::now() + Duration::from_secs(120);
    let exchange = Exchange { deadline, cancel: &bench.cancel, progress: &() };
    let link = TappedLink::new(bench.key.link(), device(), Some(tap.clone() as Arc<dyn Tap>));
    let channel = HidChannel::open(link, device(), exchange).await.unwrap();
    Client::connect(Box::new(channel), ceremony).await.unwrap()
}

fn device() -> DeviceId {
    DeviceId::new(Transport::Memory, "virtual")
}

/// A CTAP1 registration, which the client does not make: challenge and application are canaries.
async fn u2f(bench: &Bench, tap: &Arc<Both>) {
    let mut link = TappedLink::new(bench.key.link(), device(), Some(tap.clone() as Arc<dyn Tap>));
    let init = call(&mut link, ChannelId::BROADCAST, Command::INIT, b"u2fnonce").await;
    let channel = ChannelId(u32::from_be_bytes(init.payload[8..12].try_into().unwrap()));
    let mut register = vec![0x00, 0x01, 0x03, 0x00, 0x00, 0x00, 0x40];
    register.extend([0xc1; 32]);
    register.extend([0xd2; 32]);
    register.extend([0x00, 0x00]);
    call(&mut link, channel, Command::MSG, &register).await;
}

async fn call(
    link: &mut impl ReportLink,
    channel: ChannelId,
    command: Command,
    payload: &[u8],
) -> Message {
    for report in Reports::new(channel, command, payload).unwrap() {
        link.send(&report).await.unwrap();
    }
    let mut assembler = Assembler::of(channel);
    loop {
        let pushed = assembler.push(&link.receive().await.unwrap());
        if let Ok(Pushed::Complete(message)) = pushed
            && message.command != Command::KEEPALIVE
        {
            return message;
        }
    }
}

/// The messages of both directions, put together from what crossed the wire; one opener at a time speaks.
fn messages(raw: &[(Direction, Vec<u8>)]) -> Vec<(Direction, Message)> {
    let mut messages = Vec::new();
    let (mut out, mut back) = (Assembler::of_all(), Assembler::of_all());
    for (direction, report) in raw {
        let side = if *direction == Direction::Out { &mut out } else { &mut back };
        if let Ok(Pushed::Complete(message)) = side.push(report.as_slice().try_into().unwrap()) {
            messages.push((*direction, message));
        }
    }
    messages
}

/// What must not be told, as it crossed the wire: found by other code than that which redacts.
fn from_the_wire(raw: &[(Direction, Vec<u8>)]) -> Vec<Canary> {
    let mut canaries = Vec::new();
    let mut asked = 0;
    for (direction, message) in messages(raw) {
        let payload = &message.payload;
        if message.command == Command::MSG && payload.len() > 66 {
            canaries.push(("u2f".to_owned(), payload[7..payload.len() - 2].to_vec()));
        }
        if message.command != Command::CBOR || payload.len() < 2 {
            asked = if direction == Direction::Out {
                payload.first().copied().unwrap_or(0)
            } else {
                asked
            };
            continue;
        }
        let decoded = decode(&payload[1..], Mode::Tolerant).expect("both firmwares write CBOR");
        let item = &decoded.item;
        let mut take = |name: &str, item: Option<&Item<'_>>| {
            leaves(name, item, &mut canaries);
        };
        if direction == Direction::Out {
            asked = payload[0];
            match asked {
                0x01 => {
                    take("clientDataHash", item.get_int(1));
                    take("user", item.get_int(3));
                    take("credential", item.get_int(5));
                    take("pinUvAuthParam", item.get_int(8));
                }
                0x02 => {
                    take("clientDataHash", item.get_int(2));
                    take("credential", item.get_int(3));
                    take("pinUvAuthParam", item.get_int(6));
                    let hmac =
                        item.get_int(4).and_then(|extensions| extensions.get_text("hmac-secret"));
                    take("hmac-secret", hmac.and_then(|hmac| hmac.get_int(2)));
                    take("hmac-secret", hmac.and_then(|hmac| hmac.get_int(3)));
                }
                0x06 => {
                    take("pinUvAuthParam", item.get_int(4));
                    take("newPinEnc", item.get_int(5));
                    take("pinHashEnc", item.get_int(6));
                }
                0x0a | 0x41 => {
                    take("credential", item.get_int(2));
                    take("pinUvAuthParam", item.get_int(4));
                }
                _ => {}
            }
            continue;
        }
        match asked {
            0x01 => {
                take("sig", item.get_int(3).and_then(|statement| statement.get_text("sig")));
                take("largeBlobKey", item.get_int(5));
                auth_data(item.get_int(2), &mut canaries);
            }
            0x02 => {
                take("credential", item.get_int(1));
                take("sig", item.get_int(3));
                take("user", item.get_int(4));
                take("largeBlobKey", item.get_int(7));
            }
            0x06 => take("token", item.get_int(2)),
            _ => {}
        }
    }
    canaries
}

fn auth_data(item: Option<&Item<'_>>, canaries: &mut Vec<Canary>) {
    let data = AuthenticatorData::parse(item.and_then(Item::as_bytes).unwrap()).unwrap();
    let attested = data.attested.unwrap();
    canaries.push(("credential".to_owned(), attested.credential_id.clone()));
    match attested.public_key.material {
        KeyMaterial::Ec2 { x, y, .. } => {
            canaries.push(("publicKey".to_owned(), x));
            canaries.push(("publicKey".to_owned(), y));
        }
        other => panic!("{other:?}"),
    }
}

fn leaves(name: &str, item: Option<&Item<'_>>, canaries: &mut Vec<Canary>) {
    let Some(item) = item else { return };
    let mut keep = |bytes: &[u8]| {
        if bytes.len() >= 6 && bytes != b"public-key" && bytes != b"keyvet" {
            canaries.push((name.to_owned(), bytes.to_vec()));
        }
    };
    match item.value() {
        Value::Bytes(bytes) => keep(bytes),
        Value::Text(text) => keep(text.as_bytes()),
        Value::Array(items) => items.iter().for_each(|item| leaves(name, Some(item), canaries)),
        Value::Map(pairs) => {
            pairs.iter().for_each(|(_, value)| leaves(name, Some(value), canaries))
        }
        _ => {}
    }
}

/// The recording with the packets as they were.
fn unredacted(recorded: &str, raw: &[(Direction, Vec<u8>)]) -> String {
    let mut raw = raw.iter();
    let lines = recorded.lines().map(|line| {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        if line.get("us").is_some() {
            line["data"] = HEXLOWER.encode(&raw.next().unwrap().1).into();
        }
        line.to_string()
    });
    let lines: Vec<_> = lines.collect();
    assert!(raw.next().is_none(), "every packet is in the recording");
    lines.join("\n")
}

/// A recording, to be searched.
struct Searched {
    text: String,
    /// The payloads of each direction, one behind the other.
    streams: [Vec<u8>; 2],
    /// Every eight bytes of them.
    windows: HashSet<[u8; 8]>,
}

impl Searched {
    fn new(text: String) -> Self {
        let mut streams = [Vec::new(), Vec::new()];
        for line in text.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let Some(data) = line["data"].as_str() else { continue };
            let bytes = HEXLOWER.decode(data.as_bytes()).unwrap();
            let head = if bytes[4] & 0x80 == 0 { 5 } else { 7 };
            streams[usize::from(line["dir"] == "in")].extend(&bytes[head..]);
        }
        let windows = streams.iter().flat_map(|stream| stream.windows(8));
        let windows = windows.map(|window| window.try_into().unwrap()).collect();
        Self { text, streams, windows }
    }

    /// The canaries that are in it, by name and place.
    fn found(&self, canaries: &[Canary]) -> Vec<String> {
        let at = |(name, bytes): &Canary| self.holds(bytes).map(|place| format!("{name}: {place}"));
        canaries.iter().filter_map(at).collect()
    }

    /// Where `canary`, or any eight bytes of it, is: in the text of the file as bytes, hexadecimal or base64 of any
    /// alignment; or in the packets, put together without what frames them.
    fn holds(&self, canary: &[u8]) -> Option<String> {
        for window in canary.windows(8) {
            let window: [u8; 8] = window.try_into().unwrap();
            if window != [0; 8] && self.windows.contains(&window) {
                return Some(format!("{} in the packets", HEXLOWER.encode(&window)));
            }
        }
        let short = canary.len() < 8;
        let is_there = |stream: &Vec<u8>| stream.windows(canary.len()).any(|part| part == canary);
        if short && self.streams.iter().any(is_there) {
            return Some(String::from("all of it in the packets"));
        }
        let mut forms = vec![HEXLOWER.encode(canary), HEXLOWER.encode(canary).to_uppercase()];
        for skip in 0..3 {
            let aligned = &canary[skip.min(canary.len())..];
            let aligned = &aligned[..aligned.len() / 3 * 3];
            forms.extend([BASE64.encode(aligned), BASE64URL_NOPAD.encode(aligned)]);
        }
        forms.extend(String::from_utf8(canary.to_vec()));
        forms.into_iter().find(|form| form.len() >= 6 && self.text.contains(form))
    }
}
