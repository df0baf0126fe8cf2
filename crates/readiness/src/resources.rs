//! The resources of Microsoft's own that a registration in Authenticator touches, by application id.

/// Azure Credential Configuration Endpoint Service (R15).
pub const CREDENTIAL_CONFIGURATION: &str = "ea890292-c8c8-4433-b5ea-b09d0668e1a6";
/// Windows Azure Active Directory (R15, R16), which many ordinary sign-ins ask for as well.
pub const AZURE_AD: &str = "00000002-0000-0000-c000-000000000000";
/// Microsoft Authenticator Credential registration (R13).
pub const CREDENTIAL_REGISTRATION: &str = "6aa00308-ea33-4caa-90d6-ae905d8cb51b";

/// What Microsoft calls one of these; `None` for any other.
#[must_use]
pub fn name(id: &str) -> Option<&'static str> {
    let known = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(id));
    known.map(|(_, name)| *name)
}

const NAMES: [(&str, &str); 3] = [
    (CREDENTIAL_CONFIGURATION, "Azure Credential Configuration Endpoint Service"),
    (AZURE_AD, "Windows Azure Active Directory"),
    (CREDENTIAL_REGISTRATION, "Microsoft Authenticator Credential registration"),
];
