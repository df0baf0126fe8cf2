//! What a case is, and how it is run.

use std::time::Duration;

use async_trait::async_trait;
use keyvet_attestation::{Context, assess};
use keyvet_client::{
    AssertionRequest, Ceremony, Client, ClientError, ClientEvent, Declined, Person, PinRequest,
    RegistrationRequest,
};
use keyvet_ctap::CredentialDescriptor;
use keyvet_finding::{Coded, Finding};
use keyvet_hid::HidChannel;
use keyvet_pin_uv::Pin;
use keyvet_transport::{DeviceId, Exchange, Transport};
use keyvet_virtual_key::hostile::{HostileHandle, HostileKey, HostileLink, HostileOptions, Quirk};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// One thing done to a key with one quirk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    pub(super) quirk: Quirk,
    pub(super) doing: Doing,
    pub(super) expect: Expect,
}

/// What is done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Doing {
    /// Connect: open a channel and read getInfo.
    Connect,
    /// Connect and ping.
    Ping,
    /// Connect and ask for a touch to tell keys apart.
    Select,
    /// Register; the quirk is on makeCredential alone.
    Register,
    /// Register whatever the command the quirk is on.
    RegisterAny,
    /// Register with the PIN; the quirk is on makeCredential alone.
    RegisterVerified,
    /// Register and assess the attestation; the quirk is on makeCredential alone.
    Judge,
    /// Register and assess the attestation, whatever the command the quirk is on.
    JudgeAny,
    /// Register with the PIN; the quirk is on clientPIN alone.
    Pin,
    /// Register with the PIN, whatever the command the quirk is on.
    PinAny,
    /// Set a first PIN; the quirk is on clientPIN alone.
    SetPin,
    /// Set a first PIN, whatever the command the quirk is on.
    SetPinAny,
    /// Register and read the PIN retries; the quirk is on clientPIN alone.
    Retries,
    /// Sign with a credential named in the allow list; the quirk is on getAssertion alone.
    Assert,
    /// The same with the PIN.
    AssertVerified,
    /// Sign with a credential stored on the key; the quirk is on getAssertion alone.
    AssertStored,
    /// Sign with one of twelve credentials; the quirk is on getAssertion alone.
    AssertMany,
    /// Sign with a credential made before a replug, through the old channel.
    AssertReplugged,
    /// Register, and cancel after five seconds.
    Cancel,
    /// Connect, replug, register through the old channel, assess the attestation.
    Replug,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Expect {
    /// The error with this id.
    Error(&'static str),
    /// Success, and nothing to remark.
    Fine,
    /// Success, and a finding with this id.
    Finding(&'static str),
}

/// What came of it.
pub(super) struct Outcome {
    /// Ids of findings, or the id of the error and its text.
    result: Result<Vec<&'static str>, (&'static str, String)>,
    retries: u8,
    took: Duration,
}

/// Runs every case and fails with all that came out otherwise.
pub(super) async fn run(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        let outcome = case.run().await;
        wrong.extend(case.complaint(&outcome));
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

impl Case {
    pub(super) const fn new(quirk: Quirk, doing: Doing, expect: Expect) -> Self {
        Self { quirk, doing, expect }
    }

    async fn run(&self) -> Outcome {
        let link = HostileLink::new(HostileKey::new(self.options()));
        let (key, start) = (link.key(), Instant::now());
        let result = self.perform(link).await;
        let retries = key.lock().pin_retries();
        let result = result
            .map(|findings| findings.iter().map(Finding::id).collect())
            .map_err(|error| (error.kind().id, error.to_string()));
        Outcome { result, retries, took: start.elapsed() }
    }

    fn options(&self) -> HostileOptions {
        let mut options = HostileOptions::with(&[self.quirk]);
        let (command, pin) = match self.doing {
            Doing::Register | Doing::Judge => (Some(0x01), false),
            Doing::RegisterVerified => (Some(0x01), true),
            Doing::Pin | Doing::Retries => (Some(0x06), true),
            Doing::SetPin => (Some(0x06), false),
            Doing::Assert | Doing::AssertStored | Doing::AssertMany => (Some(0x02), false),
            Doing::AssertVerified => (Some(0x02), true),
            Doing::PinAny => (None, true),
            Doing::Connect
            | Doing::Ping
            | Doing::Select
            | Doing::RegisterAny
            | Doing::JudgeAny
            | Doing::SetPinAny
            | Doing::AssertReplugged
            | Doing::Cancel
            | Doing::Replug => (None, false),
        };
        options.only_on = command;
        options.pin = pin.then(|| PIN.to_owned());
        options
    }

    async fn perform(&self, link: HostileLink) -> Result<Vec<Finding>, ClientError> {
        let (cancel, person, key) =
            (CancellationToken::new(), Somebody { insists: false }, link.key());
        let ceremony = Ceremony::new(&person, &cancel);
        let mut client = connect(link, &ceremony).await?;
        let mut findings = client.info().findings.clone();
        let request = RegistrationRequest::throw_away();
        match self.doing {
            Doing::Connect => {}
            Doing::Ping => client.channel().ping(exchange(&cancel)).await?,
            Doing::Select => client.select(&ceremony).await?,
            Doing::SetPin | Doing::SetPinAny => client.set_pin(&Pin::new(PIN), &ceremony).await?,
            Doing::Retries => drop(client.pin_retries(&ceremony).await?),
            Doing::Register
            | Doing::RegisterAny
            | Doing::RegisterVerified
            | Doing::Pin
            | Doing::PinAny => {
                findings.extend(client.register(&request, &ceremony).await?.findings);
            }
            Doing::Cancel => {
                let later = async {
                    tokio::time::sleep(Duration::from_secs(5)).await;
                    cancel.cancel();
                };
                let (registered, ()) = tokio::join!(client.register(&request, &ceremony), later);
                findings.extend(registered?.findings);
            }
            Doing::Judge | Doing::JudgeAny | Doing::Replug => {
                if self.doing == Doing::Replug {
                    key.lock().power_cycle();
                }
                let registered = client.register(&request, &ceremony).await?;
                let mut context = Context::new(None, time::macros::datetime!(2026-01-01 0:00 UTC));
                findings.extend(assess(&registered.registration, &mut context).findings);
                findings.extend(registered.findings);
            }
            Doing::Assert
            | Doing::AssertVerified
            | Doing::AssertStored
            | Doing::AssertMany
            | Doing::AssertReplugged => {
                findings.extend(assert(self.doing, &key, &mut client, &ceremony).await?);
            }
        }
        Ok(findings)
    }

    fn complaint(&self, outcome: &Outcome) -> Option<String> {
        let as_expected = match (&self.expect, &outcome.result) {
            (Expect::Error(id), Err((got, _))) => id == got,
            (Expect::Fine, Ok(findings)) => findings.is_empty(),
            (Expect::Finding(id), Ok(findings)) => findings.contains(id),
            _ => false,
        };
        let spent = outcome.retries != self.retries_after();
        let slow = outcome.took > LONGEST;
        (!as_expected || spent || slow).then(|| {
            let (quirk, doing, expect) = (self.quirk, self.doing, self.expect);
            let (result, retries, took) = (&outcome.result, outcome.retries, outcome.took);
            format!("{quirk} {doing:?}: expected {expect:?}, got {result:?}, {retries} retries, {took:?}")
        })
    }

    /// Only a key that refuses the right PIN costs a retry, and only one: the person does not repeat it.
    fn retries_after(&self) -> u8 {
        match self.quirk {
            Quirk::PinNeverRight => 7,
            Quirk::PinBlocked => 0,
            Quirk::RetriesLow => 2,
            _ => 8,
        }
    }
}

pub(super) async fn connect(
    link: HostileLink,
    ceremony: &Ceremony<'_>,
) -> Result<Client, ClientError> {
    let device = DeviceId::new(Transport::Memory, "hostile");
    let channel = HidChannel::open(link, device, exchange(ceremony.cancel)).await?;
    Client::connect(Box::new(channel), ceremony).await
}

async fn assert(
    doing: Doing,
    key: &HostileHandle,
    client: &mut Client,
    ceremony: &Ceremony<'_>,
) -> Result<Vec<Finding>, ClientError> {
    let mut request = RegistrationRequest::throw_away();
    request.discoverable = doing == Doing::AssertStored;
    request.danger_keep_discoverable = true;
    let credential = client.register(&request, ceremony).await?.credential;
    if doing == Doing::AssertReplugged {
        key.lock().power_cycle();
    }
    let mut request = AssertionRequest::new(&request.rp_id);
    if doing == Doing::AssertMany {
        request.allow = (0..11).map(|n| CredentialDescriptor::new(vec![n; 32])).collect();
    }
    if doing != Doing::AssertStored {
        request.allow.push(credential);
    }
    Ok(client.assert(&request, ceremony).await?.findings)
}

fn exchange(cancel: &CancellationToken) -> Exchange<'_> {
    Exchange { deadline: Instant::now() + Duration::from_secs(10), cancel, progress: &() }
}

/// Knows the PIN.
pub(super) struct Somebody {
    /// Whether he says it again when it was refused.
    pub(super) insists: bool,
}

#[async_trait]
impl Person for Somebody {
    async fn pin(&self, ask: &PinRequest) -> Result<Pin, Declined> {
        if ask.previous_failed && !self.insists { Err(Declined) } else { Ok(Pin::new(PIN)) }
    }

    fn event(&self, _: ClientEvent) {}
}

pub(super) const PIN: &str = "1234";
/// Longer than any one deadline, shorter than two.
const LONGEST: Duration = Duration::from_secs(100);
