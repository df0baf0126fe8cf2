//! Assertions: getAssertion and getNextAssertion (CTAP 2.2 §6.2, §6.3).

use std::fmt;

use keyvet_ctap::{
    AuthenticatorData, Command, CredentialDescriptor, GetAssertion, GetAssertionExtensions,
    GetAssertionResponse, GetNextAssertion, Permissions, StatusCode,
};
use keyvet_finding::{Culprit, Finding, Kind, Severity};

use crate::{
    Ceremony, Client, ClientError, UserVerification, Verification,
    client::{Wait, body},
    client_data,
    client_data::ClientData,
    response,
    token::Scope,
    verification::Purpose,
};

/// What to assert and how.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AssertionRequest {
    /// Relying party identifier.
    pub rp_id: String,
    /// Origin written into the client data.
    pub origin: String,
    /// Credentials that may answer; empty asks for the discoverable ones.
    pub allow: Vec<CredentialDescriptor>,
    /// Whether the person is to be verified.
    pub user_verification: UserVerification,
    /// Whether a touch is asked for.
    pub user_presence: bool,
    /// Extensions.
    pub extensions: GetAssertionExtensions,
}

/// What a key answered to an [`AssertionRequest`].
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct Asserted {
    /// The assertions, newest credential first; never empty.
    pub assertions: Vec<Assertion>,
    /// The client data, exactly as hashed.
    pub client_data_json: Vec<u8>,
    /// The getAssertion request as sent: command byte and CBOR.
    pub request: Vec<u8>,
    /// How the person was verified.
    pub verification: Verification,
    /// What the answers have that was not asked for, or lack.
    pub findings: Vec<Finding>,
}

/// One assertion.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Assertion {
    /// The credential that signed.
    pub credential_id: Vec<u8>,
    /// The answer, read.
    pub response: GetAssertionResponse,
    /// Its authenticator data, read.
    pub auth_data: AuthenticatorData,
}

impl AssertionRequest {
    /// An assertion for the relying party `rp_id` at its `https` origin, with a touch.
    #[must_use]
    pub fn new(rp_id: &str) -> Self {
        Self {
            rp_id: rp_id.into(),
            origin: format!("https://{rp_id}"),
            allow: Vec::new(),
            user_verification: UserVerification::default(),
            user_presence: true,
            extensions: GetAssertionExtensions::default(),
        }
    }
}

impl Client {
    /// Asks the key to sign with a credential it holds.
    ///
    /// # Errors
    /// [`ClientError`]; status [`StatusCode::NO_CREDENTIALS`] when it holds none that fits.
    pub async fn assert(
        &mut self,
        request: &AssertionRequest,
        ceremony: &Ceremony<'_>,
    ) -> Result<Asserted, ClientError> {
        let wanted = request.user_verification;
        let verification = Verification::choose(self.info(), Purpose::Assert, wanted)?;
        let client_data = ClientData::new(client_data::GET, &request.origin, self.random()?);
        let mut command = GetAssertion::new(&request.rp_id, client_data.hash());
        command.extensions = request.extensions.clone();
        command.up = (!request.user_presence).then_some(false);
        let allowed = self.fit_allow_list(&mut command, &request.allow, ceremony).await?;
        let (command_id, status) = (Command::GET_ASSERTION, StatusCode::NO_CREDENTIALS);
        command.allow_list = allowed.ok_or(ClientError::Status { command: command_id, status })?;
        let scope = Scope {
            purpose: Purpose::Assert,
            permissions: Permissions::GA,
            rp_id: Some(&request.rp_id),
        };
        let person = self.authorize(verification, scope, None, ceremony).await?;
        command.uv = person.uv;
        command.pin_uv_auth = person.auth(&command.client_data_hash);
        let sent = command.encode();
        let answer = self.transact(command_id, &sent, Wait::Touch, ceremony).await?;
        let mut asserted = Asserted {
            assertions: Vec::new(),
            client_data_json: client_data.json,
            request: sent,
            verification: person.verification,
            findings: Vec::new(),
        };
        self.collect(&command, &answer, &mut asserted, ceremony).await?;
        if ceremony.cancel.is_cancelled() { Err(ClientError::Cancelled) } else { Ok(asserted) }
    }

    /// The first assertion and those behind it: as many as announced, and no more than [`MAX_ASSERTIONS`].
    async fn collect(
        &mut self,
        command: &GetAssertion,
        answer: &[u8],
        asserted: &mut Asserted,
        ceremony: &Ceremony<'_>,
    ) -> Result<(), ClientError> {
        let first = parse(answer)?;
        let announced = first.number_of_credentials.unwrap_or(1);
        asserted.add(command, first)?;
        if announced > MAX_ASSERTIONS {
            let detail = format!("{announced} announced, {MAX_ASSERTIONS} read");
            asserted.findings.push(Finding::new(&TOO_MANY, detail));
        }
        for read in 1..announced.min(MAX_ASSERTIONS) {
            let next = GetNextAssertion.encode();
            let answer =
                self.transact(Command::GET_NEXT_ASSERTION, &next, Wait::Answer, ceremony).await;
            match answer {
                Ok(answer) => asserted.add(command, parse(&answer)?)?,
                Err(ClientError::Status { status, .. }) => {
                    let detail = format!("{announced} announced, {read} came, then {status}");
                    asserted.findings.push(Finding::new(&TOO_FEW, detail));
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Asserted {
    /// Checks one answer and adds it.
    fn add(
        &mut self,
        command: &GetAssertion,
        response: GetAssertionResponse,
    ) -> Result<(), ClientError> {
        let auth_data =
            response::auth_data(Command::GET_ASSERTION, &response.auth_data, &command.rp_id)?;
        let credential_id = credential_id(command, &response)?;
        self.findings.extend(response.findings.iter().chain(&auth_data.findings).cloned());
        let presence = command.up != Some(false);
        self.findings.extend(response::flags(presence, self.verification, &auth_data));
        if auth_data.attested.is_some() {
            self.findings.push(Finding::new(&ATTESTED_DATA, "flag AT is set"));
        }
        self.assertions.push(Assertion { credential_id, response, auth_data });
        Ok(())
    }
}

/// The answer's credential, which must be one of those that were asked for.
fn credential_id(
    command: &GetAssertion,
    response: &GetAssertionResponse,
) -> Result<Vec<u8>, ClientError> {
    let asked = &command.allow_list;
    let bad = |kind, detail: &str| {
        let cause = Finding::new(kind, detail);
        Err(ClientError::BadAnswer { command: Command::GET_ASSERTION, cause })
    };
    match (&response.credential, asked.as_slice()) {
        (Some(one), []) => Ok(one.id.clone()),
        (Some(one), _) if asked.iter().any(|asked| asked.id == one.id) => Ok(one.id.clone()),
        (Some(_), _) => bad(&CREDENTIAL_NOT_ASKED, "its identifier is not in the allow list"),
        // CTAP 2.0 keys leave it out when there was one to choose from
        (None, [only]) => Ok(only.id.clone()),
        (None, _) => bad(&CREDENTIAL_NOT_ASKED, "it has no identifier"),
    }
}

pub(crate) fn parse(answer: &[u8]) -> Result<GetAssertionResponse, ClientError> {
    GetAssertionResponse::parse(body(answer))
        .map_err(|error| ClientError::bad_answer(Command::GET_ASSERTION, &error))
}

impl fmt::Debug for Asserted {
    /// Without client data and request.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asserted")
            .field("assertions", &self.assertions)
            .field("verification", &self.verification)
            .field("findings", &self.findings)
            .finish_non_exhaustive()
    }
}

/// More assertions are announced than are read.
pub static TOO_MANY: Kind = Kind {
    id: "client.too-many-assertions",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The key announces more assertions than any key holds credentials for one relying party; not all were read.",
    next_step: "Report it to the vendor.",
    source: "CTAP 2.2 §6.3",
};

/// Fewer assertions came than were announced.
pub static TOO_FEW: Kind = Kind {
    id: "client.too-few-assertions",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The key announced more assertions than it gave.",
    next_step: "Close other programs that use the key and repeat. If it repeats, report it to the vendor.",
    source: "CTAP 2.2 §6.3",
};

/// Another credential answered than those asked for.
pub static CREDENTIAL_NOT_ASKED: Kind = Kind {
    id: "client.credential-not-asked",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key signed with another credential than those asked for, or does not say with which. Nothing of the answer was used.",
    next_step: "Close other programs that use the key and repeat. If it repeats, report it to the vendor.",
    source: "WebAuthn L3 §7.2, CTAP 2.2 §6.2.2",
};

/// An assertion holds attested credential data.
pub static ATTESTED_DATA: Kind = Kind {
    id: "client.attested-data-in-assertion",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The assertion carries the data of a registration, which does not belong there. It was ignored.",
    next_step: "Report it to the vendor.",
    source: "WebAuthn L3 §6.1",
};

/// Most assertions read for one request.
const MAX_ASSERTIONS: u64 = 128;
