//! A throw-away registration: what is asked for and what came of it.

use std::fmt;

use keyvet_ctap::{
    AttestationFormat, AuthenticatorData, CoseAlgorithm, CredentialDescriptor,
    EnterpriseAttestation, MakeCredentialExtensions, MakeCredentialResponse,
};
use keyvet_evidence::Registration;
use keyvet_finding::Finding;

use crate::{ClientError, UserVerification, Verification};

/// What to register and how.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RegistrationRequest {
    /// Relying party identifier.
    pub rp_id: String,
    /// Origin written into the client data.
    pub origin: String,
    /// Name of the relying party; some keys refuse none.
    pub rp_name: String,
    /// Name of the user, shown by keys with a display; some keys refuse none. The user handle is random.
    pub user_name: String,
    /// Algorithms, in order of preference.
    pub algorithms: Vec<CoseAlgorithm>,
    /// Whether the credential is stored on the key. It is removed afterwards.
    pub discoverable: bool,
    /// Leaves a discoverable credential on the key.
    pub danger_keep_discoverable: bool,
    /// Whether the person is to be verified.
    pub user_verification: UserVerification,
    /// Enterprise attestation instead of the usual.
    pub enterprise_attestation: Option<EnterpriseAttestation>,
    /// Attestation formats, in order of preference; sent only to keys that list theirs (CTAP 2.2).
    pub formats_preference: Vec<AttestationFormat>,
    /// Credentials that must not be on the key.
    pub exclude: Vec<CredentialDescriptor>,
    /// Extensions.
    pub extensions: MakeCredentialExtensions,
}

/// What a registration left behind.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct Registered {
    /// What a judge needs. Time and program are for the caller to fill in.
    pub registration: Registration,
    /// The makeCredential request as sent: command byte and CBOR.
    pub request: Vec<u8>,
    /// The answer as received: status byte and CBOR.
    pub answer: Vec<u8>,
    /// The answer, read.
    pub response: MakeCredentialResponse,
    /// Its authenticator data, read.
    pub auth_data: AuthenticatorData,
    /// The new credential.
    pub credential: CredentialDescriptor,
    /// `epAtt`: whether the key says that this is enterprise attestation.
    pub ep_att: Option<bool>,
    /// How the person was verified.
    pub verification: Verification,
    /// What became of a discoverable credential; `None` when the key stored nothing.
    pub removed: Option<Removal>,
    /// What the answer has that was not asked for, or lacks.
    pub findings: Vec<Finding>,
}

/// What became of a discoverable credential that was made for a test.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Removal {
    /// It is gone.
    Removed,
    /// It was left, as asked.
    Kept,
    /// It is still on the key, and why.
    Failed(ClientError),
}

impl RegistrationRequest {
    /// A registration for a relying party that cannot exist: ES256, nothing stored on the key, direct attestation.
    #[must_use]
    pub fn throw_away() -> Self {
        Self::new(THROW_AWAY_RP_ID)
    }

    /// As [`RegistrationRequest::throw_away`], for the relying party `rp_id` and its `https` origin.
    #[must_use]
    pub fn new(rp_id: &str) -> Self {
        Self {
            rp_id: rp_id.into(),
            origin: format!("https://{rp_id}"),
            rp_name: "keyvet test registration".into(),
            user_name: "keyvet".into(),
            algorithms: vec![CoseAlgorithm::ES256],
            discoverable: false,
            danger_keep_discoverable: false,
            user_verification: UserVerification::default(),
            enterprise_attestation: None,
            formats_preference: vec![AttestationFormat::PACKED],
            exclude: Vec::new(),
            extensions: MakeCredentialExtensions::default(),
        }
    }
}

/// No relying party can have this name (RFC 2606).
pub const THROW_AWAY_RP_ID: &str = "keyvet.invalid";

impl fmt::Debug for Registered {
    /// Without request and answer: the answer may hold a large blob key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registered")
            .field("response", &self.response)
            .field("verification", &self.verification)
            .field("removed", &self.removed)
            .field("findings", &self.findings)
            .finish_non_exhaustive()
    }
}
