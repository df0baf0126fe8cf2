//! Words of Graph's enumerations, to tell those that nothing explains.

/// Compares without regard to case.
pub(super) fn among(words: &[&str], word: &str) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// `conditionalAccessGrantControl`, with beta's.
pub(super) fn is_control(word: &str) -> bool {
    const CONTROLS: [&str; 8] = [
        "block",
        "mfa",
        "compliantDevice",
        "domainJoinedDevice",
        "approvedApplication",
        "compliantApplication",
        "passwordChange",
        "riskRemediation",
    ];
    among(&CONTROLS, word)
}

/// `conditionalAccessDevicePlatform`.
pub(super) const PLATFORMS: [&str; 7] =
    ["android", "iOS", "windows", "windowsPhone", "macOS", "linux", "all"];

/// `conditionalAccessClientApp`.
pub(super) const CLIENT_APPS: [&str; 7] = [
    "all",
    "browser",
    "mobileAppsAndDesktopClients",
    "exchangeActiveSync",
    "easSupported",
    "easUnsupported",
    "other",
];

/// `riskLevel` and `conditionalAccessInsiderRiskLevels`.
pub(super) const RISKS: [&str; 8] =
    ["low", "medium", "high", "hidden", "none", "minor", "moderate", "elevated"];

/// `conditionalAccessTransferMethods`.
pub(super) const FLOWS: [&str; 3] = ["none", "deviceCodeFlow", "authenticationTransfer"];

/// `conditionalAccessGuestOrExternalUserTypes`.
pub(super) const GUESTS: [&str; 7] = {
    let [a, b, c, d, e, f] = GUEST_TYPES;
    ["none", a, b, c, d, e, f]
};

/// The types of guests in it: who names all of them names every guest.
pub(crate) const GUEST_TYPES: [&str; 6] = [
    "internalGuest",
    "b2bCollaborationGuest",
    "b2bCollaborationMember",
    "b2bDirectConnectUser",
    "otherExternalUser",
    "serviceProvider",
];

/// User actions of `conditionalAccessApplications`.
pub(super) const ACTIONS: [&str; 2] = ["urn:user:registersecurityinfo", "urn:user:registerdevice"];
