//! One operation on one virtual key through keyvet's client: `keyvet-oracle-client ADDRESS OPERATION …`.
//!
//! ADDRESS is the key's HID node or where it listens over UDP. The operations are those of `tests/oracle/run.py`, where other clients do the same. The answer is one line of JSON.

use async_trait::async_trait;
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use keyvet_client::{
    AssertionRequest, Ceremony, Client, ClientError, ClientEvent, Declined, Person, PinRequest,
    RegistrationRequest, UserVerification,
};
use keyvet_ctap::{CredentialDescriptor, StatusCode};
use keyvet_hid::{HidDiscovery, UdpDiscovery};
use keyvet_nfc::{CardDiscovery, HelperReaders};
use keyvet_pin_uv::Pin;
use keyvet_transport::{DeviceId, Discovery, Exchange, Transport};
use serde_json::{Map, Value, json};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [address, operation, rest @ ..] = words.as_slice() else {
        return Err("usage: keyvet-oracle-client ADDRESS OPERATION …".into());
    };
    let cancel = CancellationToken::new();
    let pin = if *operation == "set-pin" { None } else { rest.get(3).copied() };
    let person = Typist(pin);
    let mut ceremony = Ceremony::new(&person, &cancel);
    ceremony.pin_policy.max_attempts = 1;
    let mut key = connect(address, &ceremony).await?;
    let answer = run(&mut key, operation, rest, &ceremony).await;
    println!("{}", answer.unwrap_or_else(|error| failure(&error)));
    Ok(())
}

async fn connect(address: &str, ceremony: &Ceremony<'_>) -> Result<Client, Box<dyn Error>> {
    if let Some(reader) = address.strip_prefix("nfc:") {
        return connect_card(reader, ceremony).await;
    }
    let node = address.starts_with("/dev/");
    let keys: Box<dyn Discovery> = if node {
        Box::new(HidDiscovery::new())
    } else {
        Box::new(UdpDiscovery::new(vec![address.parse()?]))
    };
    let found = keys.scan()?.into_iter().find(|found| !node || found.id.path == address);
    let found = found.ok_or("no key there")?;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    let exchange = Exchange { deadline, cancel: ceremony.cancel, progress: &() };
    let channel = keys.open(&found.id, exchange).await?;
    Ok(Client::connect(channel, ceremony).await?)
}

/// Through the helper program, as keyvet does.
async fn connect_card(reader: &str, ceremony: &Ceremony<'_>) -> Result<Client, Box<dyn Error>> {
    let keys = CardDiscovery::new(Arc::new(HelperReaders::new()));
    let device = DeviceId::new(Transport::Nfc, reader);
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    let exchange = Exchange { deadline, cancel: ceremony.cancel, progress: &() };
    let channel = keys.open(&device, exchange).await?;
    Ok(Client::connect(channel, ceremony).await?)
}

async fn run(
    key: &mut Client,
    operation: &str,
    rest: &[&str],
    ceremony: &Ceremony<'_>,
) -> Result<Value, ClientError> {
    match (operation, rest) {
        ("info", []) => Ok(json!({ "members": members(key), "raw": hex(key.info_bytes()) })),
        ("retries", []) => Ok(json!({ "retries": key.pin_retries(ceremony).await?.left })),
        ("set-pin", [pin]) => {
            key.set_pin(&Pin::new(pin), ceremony).await?;
            Ok(json!({}))
        }
        ("make-credential", [rp, _, kind, pin @ ..]) => {
            let mut request = RegistrationRequest::new(rp);
            request.user_verification = verification(pin);
            make_credential(key, request, *kind == "discoverable", ceremony).await
        }
        ("assert", [rp, _, id, pin @ ..]) => {
            let mut request = AssertionRequest::new(rp);
            request.user_verification = verification(pin);
            assert(key, request, id, ceremony).await
        }
        _ => panic!("no operation {operation} with {rest:?}"),
    }
}

async fn make_credential(
    key: &mut Client,
    mut request: RegistrationRequest,
    discoverable: bool,
    ceremony: &Ceremony<'_>,
) -> Result<Value, ClientError> {
    (request.discoverable, request.danger_keep_discoverable) = (discoverable, discoverable);
    let made = key.register(&request, ceremony).await?;
    Ok(json!({
        "fmt": made.response.fmt.to_string(),
        "auth_data": hex(&made.response.auth_data),
        "id": hex(&made.credential.id),
    }))
}

/// The client data is the client's own and goes with the answer.
async fn assert(
    key: &mut Client,
    mut request: AssertionRequest,
    id: &str,
    ceremony: &Ceremony<'_>,
) -> Result<Value, ClientError> {
    if id != "any" {
        let id = HEXLOWER_PERMISSIVE.decode(id.as_bytes()).expect("the id is hexadecimal");
        request.allow.push(CredentialDescriptor { id, transports: Vec::new() });
    }
    let asserted = key.assert(&request, ceremony).await?;
    let [one] = asserted.assertions.as_slice() else { panic!("one credential, one assertion") };
    Ok(json!({
        "auth_data": hex(&one.response.auth_data),
        "signature": hex(&one.response.signature),
        "id": hex(&one.credential_id),
        "client_data": String::from_utf8_lossy(&asserted.client_data_json),
    }))
}

/// Whoever names a PIN wants it used.
fn verification(pin: &[&str]) -> UserVerification {
    if pin.is_empty() { UserVerification::Discouraged } else { UserVerification::Required }
}

/// The AAGUID is in the form of the other clients, without hyphens.
fn members(key: &Client) -> Map<String, Value> {
    let all = key.info().members().into_iter();
    let mut all: Map<String, Value> = all.map(|(name, value)| (name.to_owned(), value)).collect();
    if let Some(aaguid) = &key.info().aaguid {
        all.insert("aaguid".to_owned(), json!(aaguid.to_string().replace('-', "")));
    }
    all
}

/// The CTAP status that ended it, or what keyvet says.
fn failure(error: &ClientError) -> Value {
    let status = match error {
        ClientError::Status { status, .. } => *status,
        ClientError::PinInvalid { .. } => StatusCode::PIN_INVALID,
        ClientError::PinBlocked => StatusCode::PIN_BLOCKED,
        ClientError::PinAuthBlocked => StatusCode::PIN_AUTH_BLOCKED,
        ClientError::PinRefused => StatusCode::PIN_POLICY_VIOLATION,
        error => return json!({ "error": error.to_string() }),
    };
    json!({ "status": status.0 })
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Types the PIN of the command line, once.
struct Typist<'a>(Option<&'a str>);

#[async_trait]
impl Person for Typist<'_> {
    async fn pin(&self, _: &PinRequest) -> Result<Pin, Declined> {
        self.0.map(Pin::new).ok_or(Declined)
    }

    fn event(&self, _: ClientEvent) {}
}
