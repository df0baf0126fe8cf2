//! Whether the answer to makeCredential is what was asked for.

use keyvet_ctap::{
    AuthenticatorData, Command, CredentialDescriptor, ExtensionOutputs, MakeCredential,
    MakeCredentialResponse,
};
use keyvet_finding::{Culprit, Finding, Kind, Severity};

use crate::{
    ClientError, RegistrationRequest, Verification, client_data::sha256,
    preflight::asked_extensions,
};

/// The authenticator data and the credential in it, which must be one for `rp_id`.
pub(crate) fn credential(
    response: &MakeCredentialResponse,
    rp_id: &str,
) -> Result<(AuthenticatorData, CredentialDescriptor), ClientError> {
    let command = Command::MAKE_CREDENTIAL;
    let auth_data = auth_data(command, &response.auth_data, rp_id)?;
    let attested = auth_data.attested.as_ref().ok_or_else(|| {
        let cause = Finding::new(&NO_CREDENTIAL, format!("flags 0x{:02x}", auth_data.flags.0));
        ClientError::BadAnswer { command, cause }
    })?;
    let credential = CredentialDescriptor::new(attested.credential_id.clone());
    Ok((auth_data, credential))
}

/// Authenticator data for `rp_id`.
pub(crate) fn auth_data(
    command: Command,
    bytes: &[u8],
    rp_id: &str,
) -> Result<AuthenticatorData, ClientError> {
    let read = AuthenticatorData::parse(bytes);
    let read = read.map_err(|error| ClientError::bad_answer(command, &error))?;
    if read.rp_id_hash == sha256(rp_id.as_bytes()) {
        return Ok(read);
    }
    let hash = data_encoding::HEXLOWER.encode(&read.rp_id_hash);
    let cause = Finding::new(&OTHER_RELYING_PARTY, format!("rpIdHash {hash}, asked for {rp_id}"));
    Err(ClientError::BadAnswer { command, cause })
}

/// What the answer has that was not asked for, or lacks.
pub(crate) fn findings(
    request: &RegistrationRequest,
    command: &MakeCredential,
    verification: Verification,
    response: &MakeCredentialResponse,
    auth_data: &AuthenticatorData,
) -> Vec<Finding> {
    let mut findings = response.findings.clone();
    findings.extend(auth_data.findings.iter().cloned());
    findings.extend(algorithm(request, auth_data));
    findings.extend(flags(true, verification, auth_data));
    findings.extend(format(command, response));
    findings.extend(enterprise(command, response));
    findings.extend(extensions(request, auth_data));
    findings
}

fn algorithm(request: &RegistrationRequest, auth_data: &AuthenticatorData) -> Option<Finding> {
    let alg = auth_data.attested.as_ref()?.public_key.alg?;
    let detail = || format!("{alg} was not among those asked for");
    (!request.algorithms.contains(&alg)).then(|| Finding::new(&ALGORITHM_NOT_ASKED, detail()))
}

/// Missing flags of the authenticator data.
pub(crate) fn flags(
    presence: bool,
    verification: Verification,
    auth_data: &AuthenticatorData,
) -> impl Iterator<Item = Finding> {
    let flags = auth_data.flags;
    let detail = format!("flags 0x{:02x}", flags.0);
    let up = (presence && !flags.up()).then(|| Finding::new(&NOT_PRESENT, &detail));
    let uv = verification != Verification::None && !flags.uv();
    let uv = uv.then(|| Finding::new(&NOT_VERIFIED, &detail));
    up.into_iter().chain(uv)
}

fn format(command: &MakeCredential, response: &MakeCredentialResponse) -> Option<Finding> {
    let preferred = &command.attestation_formats_preference;
    let other = !preferred.is_empty() && !preferred.contains(&response.fmt);
    other.then(|| Finding::new(&FORMAT_NOT_PREFERRED, &response.fmt))
}

fn enterprise(command: &MakeCredential, response: &MakeCredentialResponse) -> Option<Finding> {
    match (command.enterprise_attestation, response.ep_att == Some(true)) {
        (None, true) => Some(Finding::new(&ENTERPRISE_NOT_ASKED, "epAtt is true")),
        (Some(kind), false) => {
            let detail = format!("enterpriseAttestation {} was asked for", kind.number());
            Some(Finding::new(&ENTERPRISE_NOT_GIVEN, detail))
        }
        _ => None,
    }
}

fn extensions(request: &RegistrationRequest, auth_data: &AuthenticatorData) -> Vec<Finding> {
    let Some(outputs) = &auth_data.extensions else { return Vec::new() };
    let asked = asked_extensions(request);
    let names = answered(outputs).into_iter();
    names
        .filter(|name| !asked.contains(&name.as_str()))
        .take(MAX_EXTENSION_FINDINGS)
        .map(|name| Finding::new(&EXTENSION_NOT_ASKED, name))
        .collect()
}

/// Names of the extensions that answered.
fn answered(outputs: &ExtensionOutputs) -> Vec<String> {
    let known = [
        ("credProtect", outputs.cred_protect.is_some()),
        ("credBlob", outputs.cred_blob.is_some()),
        ("minPinLength", outputs.min_pin_length.is_some()),
        ("hmac-secret", outputs.hmac_secret.is_some()),
        ("hmac-secret-mc", outputs.hmac_secret_mc.is_some()),
        ("pinComplexityPolicy", outputs.pin_complexity_policy.is_some()),
        ("thirdPartyPayment", outputs.third_party_payment.is_some()),
    ];
    let known = known.into_iter().filter(|(_, there)| *there).map(|(name, _)| name.to_owned());
    let short = |text: String| text.chars().take(64).collect();
    known.chain(outputs.unknown.iter().map(|(key, _)| short(key.to_string()))).collect()
}

/// The answer speaks of another relying party.
pub static OTHER_RELYING_PARTY: Kind = Kind {
    id: "client.other-relying-party",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key answered for another relying party than it was asked for. Nothing of the answer was used.",
    next_step: "Close other programs that use the key and repeat. If it repeats, report it to the vendor.",
    source: "WebAuthn L3 §7.1, §7.2",
};

/// The answer holds no credential.
pub static NO_CREDENTIAL: Kind = Kind {
    id: "client.no-credential-in-answer",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key says that it made a credential, but its answer holds none.",
    next_step: "Repeat once. If it repeats with this model, report it to the vendor.",
    source: "WebAuthn L3 §6.5.1, CTAP 2.2 §6.1.2",
};

/// The credential has an algorithm that was not asked for.
pub static ALGORITHM_NOT_ASKED: Kind = Kind {
    id: "client.algorithm-not-asked",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The credential has another signature algorithm than those asked for; a relying party refuses it.",
    next_step: "Report it to the vendor.",
    source: "WebAuthn L3 §7.1",
};

/// No touch is recorded.
pub static NOT_PRESENT: Kind = Kind {
    id: "client.up-flag-missing",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key did not record that a person was present, although a touch is always asked for; a relying party refuses it.",
    next_step: "Report it to the vendor.",
    source: "WebAuthn L3 §7.1, §7.2",
};

/// No verification is recorded.
pub static NOT_VERIFIED: Kind = Kind {
    id: "client.uv-flag-missing",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The person was verified, but the key did not record it; a relying party that demands verification refuses it.",
    next_step: "Report it to the vendor.",
    source: "WebAuthn L3 §7.1, §7.2, CTAP 2.2 §6.1.2",
};

/// The format is none of those preferred.
pub static FORMAT_NOT_PREFERRED: Kind = Kind {
    id: "client.format-not-preferred",
    severity: Severity::Note,
    culprit: Culprit::Key,
    meaning: "The key chose another attestation format than those preferred, as it may.",
    next_step: "Nothing to do.",
    source: "CTAP 2.2 §6.1.2",
};

/// Enterprise attestation came unasked.
pub static ENTERPRISE_NOT_ASKED: Kind = Kind {
    id: "client.enterprise-attestation-not-asked",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The key gave enterprise attestation, which can name the single key, without being asked.",
    next_step: "Report it to the vendor; the certificate may hold a serial number, so keep the evidence to yourself.",
    source: "CTAP 2.2 §7.1",
};

/// Enterprise attestation was asked for and did not come.
pub static ENTERPRISE_NOT_GIVEN: Kind = Kind {
    id: "client.enterprise-attestation-not-given",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "Enterprise attestation was asked for; the key gave the usual one.",
    next_step: "Ask as the platform (2), or for a relying party that the vendor burnt into the key (1).",
    source: "CTAP 2.2 §7.1",
};

/// An extension answered unasked.
pub static EXTENSION_NOT_ASKED: Kind = Kind {
    id: "client.extension-not-asked",
    severity: Severity::Note,
    culprit: Culprit::Key,
    meaning: "The key answered an extension that was not asked for. credProtect may: some keys raise the protection by themselves.",
    next_step: "Nothing to do; relying parties ignore such outputs.",
    source: "CTAP 2.2 §12, WebAuthn L3 §7.1",
};

/// A hostile answer may hold thousands.
const MAX_EXTENSION_FINDINGS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use keyvet_ctap::{
        AttestationFormat, CoseAlgorithm, EnterpriseAttestation, RelyingParty, User,
    };

    /// `{1: "packed", 2: authData of keyvet.invalid with an ES256 key, 3: {}}` and what `more` adds.
    fn answer(flags: u8, extensions: &[u8], more: &[u8]) -> MakeCredentialResponse {
        let mut auth_data = sha256(b"keyvet.invalid").to_vec();
        auth_data.extend([flags, 0, 0, 0, 1]);
        if flags & 0x40 != 0 {
            auth_data.extend([0; 16]);
            auth_data.extend([0, 2, 7, 7]);
            auth_data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
            auth_data.extend([1; 32]);
            auth_data.extend([0x22, 0x58, 0x20]);
            auth_data.extend([2; 32]);
        }
        auth_data.extend(extensions);
        let members = if more.is_empty() { 0xa3 } else { 0xa4 };
        let mut bytes = vec![members, 0x01, 0x66];
        bytes.extend(b"packed");
        bytes.extend([0x02, 0x58, u8::try_from(auth_data.len()).unwrap()]);
        bytes.extend(&auth_data);
        bytes.extend([0x03, 0xa0]);
        bytes.extend(more);
        MakeCredentialResponse::parse(&bytes).unwrap()
    }

    fn found(
        response: &MakeCredentialResponse,
        verification: Verification,
        change: impl Fn(&mut RegistrationRequest, &mut MakeCredential),
    ) -> Vec<&'static str> {
        let mut request = RegistrationRequest::throw_away();
        let (rp, user) = (RelyingParty::new("keyvet.invalid"), User::new([1]));
        let mut command = MakeCredential::new([0; 32], rp, user);
        change(&mut request, &mut command);
        let (auth_data, _) = credential(response, "keyvet.invalid").unwrap();
        let findings = findings(&request, &command, verification, response, &auth_data);
        findings.iter().map(Finding::id).collect()
    }

    #[test]
    fn an_answer_as_asked_for_has_no_finding() {
        assert!(found(&answer(0x41, &[], &[]), Verification::None, |_, _| {}).is_empty());
        assert!(found(&answer(0x45, &[], &[]), Verification::Option, |_, _| {}).is_empty());
    }

    #[test]
    fn missing_flags_are_findings() {
        let nobody = found(&answer(0x40, &[], &[]), Verification::Option, |_, _| {});
        assert_eq!(nobody, ["client.up-flag-missing", "client.uv-flag-missing"]);
    }

    #[test]
    fn an_algorithm_that_was_not_asked_for_is_a_finding() {
        let other = found(&answer(0x41, &[], &[]), Verification::None, |request, _| {
            request.algorithms = vec![CoseAlgorithm::EDDSA];
        });
        assert_eq!(other, ["client.algorithm-not-asked"]);
    }

    #[test]
    fn a_format_other_than_those_preferred_is_a_note() {
        let other = found(&answer(0x41, &[], &[]), Verification::None, |_, command| {
            command.attestation_formats_preference = vec![AttestationFormat::TPM];
        });
        assert_eq!(other, ["client.format-not-preferred"]);
    }

    #[test]
    fn enterprise_attestation_comes_when_asked_for_and_only_then() {
        let asked = |_: &mut RegistrationRequest, command: &mut MakeCredential| {
            command.enterprise_attestation = Some(EnterpriseAttestation::PlatformManaged);
        };
        let given = answer(0x41, &[], &[0x04, 0xf5]);
        assert!(found(&given, Verification::None, asked).is_empty());
        let missing = found(&answer(0x41, &[], &[]), Verification::None, asked);
        assert_eq!(missing, ["client.enterprise-attestation-not-given"]);
        let unasked = found(&given, Verification::None, |_, _| {});
        assert_eq!(unasked, ["client.enterprise-attestation-not-asked"]);
    }

    #[test]
    fn an_extension_that_was_not_asked_for_is_a_note() {
        let protect = [b"\xa1\x6bcredProtect".as_slice(), &[2]].concat();
        let response = answer(0xc1, &protect, &[]);
        let forced = found(&response, Verification::None, |_, _| {});
        assert_eq!(forced, ["client.extension-not-asked"]);
        let asked = found(&response, Verification::None, |request, _| {
            request.extensions.cred_protect = Some(keyvet_ctap::CredProtect(3));
        });
        assert!(asked.is_empty());
    }

    #[test]
    fn an_answer_without_credential_or_for_another_relying_party_is_an_error() {
        use keyvet_finding::Coded;
        let none = credential(&answer(0x01, &[], &[]), "keyvet.invalid").unwrap_err();
        assert_eq!(none.kind().id, "client.no-credential-in-answer");
        let other = credential(&answer(0x41, &[], &[]), "other.example").unwrap_err();
        assert_eq!(other.kind().id, "client.other-relying-party");
    }
}
