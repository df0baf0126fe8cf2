//! What is done with one key that may be used.

use std::time::Duration;

use keyvet_client::{
    AssertionRequest, Ceremony, Client, ClientError, ClientEvent, PinPolicy, RegistrationRequest,
    UserVerification,
};
use keyvet_ctap::{CredentialDescriptor, StatusCode};
use keyvet_hid::HidDiscovery;
use keyvet_key_tests::{Script, pins};
use keyvet_pin_uv::Pin;
use keyvet_transport::{Device, Discovery, Exchange};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Every case on `device`, each with its line; whether none failed.
pub async fn all(device: &Device, may_be_reset: bool) -> bool {
    let about = device.product.as_deref().unwrap_or("a key").escape_debug().to_string();
    let about = format!("{about} at {}", device.id.path.escape_debug());
    let mut well = true;
    well &= say(&about, "getInfo is the same on every channel", same_info(device).await);
    well &= say(&about, "a credential is made and asserted", credential(device).await);
    well &= say(&about, "a cancelled registration leaves the key usable", cancelled(device).await);
    if may_be_reset {
        well &=
            say(&about, "a PIN is set, mistyped, used, and deleted by a reset", pin(device).await);
    } else {
        println!("skipped: {about}: PIN and reset: the file does not say that it may be reset");
    }
    well
}

fn say(about: &str, case: &str, outcome: Result<(), Trouble>) -> bool {
    match &outcome {
        Ok(()) => println!("ok: {about}: {case}"),
        Err(Trouble::Skip(why)) => println!("skipped: {about}: {case}: {why}"),
        Err(Trouble::Failed(why)) => println!("FAILED: {about}: {case}: {why}"),
    }
    !matches!(outcome, Err(Trouble::Failed(_)))
}

/// Why a case did not pass.
enum Trouble {
    Skip(&'static str),
    Failed(String),
}

impl From<ClientError> for Trouble {
    fn from(error: ClientError) -> Self {
        Self::Failed(error.to_string())
    }
}

fn must(truth: bool, what: &str) -> Result<(), Trouble> {
    if truth { Ok(()) } else { Err(Trouble::Failed(what.to_owned())) }
}

async fn connect(device: &Device, ceremony: &Ceremony<'_>) -> Result<Client, Trouble> {
    let cancel = CancellationToken::new();
    let deadline = Instant::now() + Duration::from_secs(10);
    let exchange = Exchange { deadline, cancel: &cancel, progress: &() };
    let channel = HidDiscovery::new().open(&device.id, exchange).await;
    let channel = channel.map_err(|error| Trouble::Failed(error.to_string()))?;
    Ok(Client::connect(channel, ceremony).await?)
}

async fn same_info(device: &Device) -> Result<(), Trouble> {
    let (person, cancel) = (Script::default(), CancellationToken::new());
    let ceremony = Ceremony::new(&person, &cancel);
    let first = connect(device, &ceremony).await?.info_bytes().to_vec();
    let second = connect(device, &ceremony).await?.info_bytes().to_vec();
    must(first == second, "two channels were told different things")
}

async fn credential(device: &Device) -> Result<(), Trouble> {
    let (person, cancel) = (Script::default(), CancellationToken::new());
    let ceremony = Ceremony::new(&person, &cancel);
    let mut client = connect(device, &ceremony).await?;
    if client.info().option("alwaysUv") == Some(true) {
        return Err(Trouble::Skip("it always wants a PIN, and no test may know a person's"));
    }
    made_and_asserted(&mut client, UserVerification::Discouraged, &ceremony).await
}

async fn made_and_asserted(
    client: &mut Client,
    verification: UserVerification,
    ceremony: &Ceremony<'_>,
) -> Result<(), Trouble> {
    let mut request = RegistrationRequest::new("keyvet-hw-tests.example");
    request.user_verification = verification;
    let made = client.register(&request, ceremony).await?;
    let mut request = AssertionRequest::new("keyvet-hw-tests.example");
    request.user_verification = verification;
    let id = made.credential.id.clone();
    request.allow.push(CredentialDescriptor { id: id.clone(), transports: Vec::new() });
    let asserted = client.assert(&request, ceremony).await?;
    must(
        asserted.assertions.iter().any(|one| one.credential_id == id),
        "another credential answered",
    )
}

/// Cancelled before it begins to wait, or while it does: either way the next command is answered.
async fn cancelled(device: &Device) -> Result<(), Trouble> {
    let (person, cancel) = (Script::default(), CancellationToken::new());
    let again = cancel.clone();
    person.when(ClientEvent::TouchNeeded, move || again.cancel());
    let ceremony = Ceremony::new(&person, &cancel);
    let mut client = connect(device, &ceremony).await?;
    let mut request = RegistrationRequest::new("keyvet-hw-tests.example");
    request.user_verification = UserVerification::Discouraged;
    match client.register(&request, &ceremony).await {
        Err(ClientError::Cancelled) => {}
        Ok(_) => return Err(Trouble::Skip("it was touched before it asked")),
        Err(error) => return Err(error.into()),
    }
    drop(client);
    same_info(device).await
}

async fn pin(device: &Device) -> Result<(), Trouble> {
    let (person, cancel) = (pins(&[WRONG]), CancellationToken::new());
    let mut ceremony = Ceremony::new(&person, &cancel);
    ceremony.pin_policy = PinPolicy { max_attempts: 1, ..ceremony.pin_policy };
    let mut client = connect(device, &ceremony).await?;
    if client.info().option("clientPin") != Some(false) {
        return Err(Trouble::Skip("it has a PIN already, or takes none"));
    }
    client.set_pin(&Pin::new(RIGHT), &ceremony).await?;
    let full = client.pin_retries(&ceremony).await?.left;
    let wrong = made_and_asserted(&mut client, UserVerification::Required, &ceremony).await;
    must(wrong.is_err(), "it took a wrong PIN")?;
    let left = client.pin_retries(&ceremony).await?.left;
    must(left + 1 == full, "a wrong PIN costs one retry")?;
    person.will_give(&[RIGHT, RIGHT]);
    made_and_asserted(&mut client, UserVerification::Required, &ceremony).await?;
    must(
        client.pin_retries(&ceremony).await?.left == full,
        "the right PIN brings the retries back",
    )?;
    match client.reset(&ceremony).await {
        Ok(()) => must(client.info().option("clientPin") == Some(false), "a reset deletes the PIN"),
        Err(ClientError::Status { status: StatusCode::NOT_ALLOWED, .. }) => Err(Trouble::Skip(
            "all but the reset, which it takes within ten seconds of being plugged in: its PIN is 4711-hw now",
        )),
        Err(error) => Err(error.into()),
    }
}

const RIGHT: &str = "4711-hw";
const WRONG: &str = "1147-hw";
