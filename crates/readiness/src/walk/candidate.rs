//! The passkey to be made: what the input leaves open, and what kind of thing it is.

use super::Walk;
use crate::read_attempt::ASSUMED;
use crate::session::is_pass;
use crate::{Attempt, Attestation, Candidate, PasskeyType, Platform, Route, Surface};
use keyvet_ctap::Aaguid;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_policy::entra::{
    AUTHENTICATOR_ANDROID, AUTHENTICATOR_IOS, Attestable, MACOS_PLATFORM_CREDENTIAL,
    WINDOWS_HELLO_HARDWARE, WINDOWS_HELLO_SOFTWARE, WINDOWS_HELLO_VBS, attestable,
};
use keyvet_policy::{Prospect, ProspectAttestation};

/// What a candidate is, as far as the route is concerned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Thing {
    /// Microsoft Authenticator.
    Authenticator,
    /// Part of the system: Windows Hello, Platform Credential.
    Platform,
    /// In a password manager that copies it.
    Synced,
    /// A security key, or a model that is not named.
    Key,
}

/// Who the candidate is, taken from its AAGUID; where there is none, from what else is said.
pub(super) fn thing(attempt: &Attempt, candidate: &Candidate) -> Thing {
    if let Some(aaguid) = candidate.aaguid {
        return match aaguid {
            AUTHENTICATOR_ANDROID | AUTHENTICATOR_IOS => Thing::Authenticator,
            MACOS_PLATFORM_CREDENTIAL => Thing::Platform,
            _ if is_windows_hello(aaguid) => Thing::Platform,
            _ if candidate.passkey_type == Some(PasskeyType::Synced) => Thing::Synced,
            _ => Thing::Key,
        };
    }
    if candidate.passkey_type == Some(PasskeyType::Synced) {
        return Thing::Synced;
    }
    let by_phone = candidate.route != Route::Local || attempt.platform.is_mobile();
    let attested = matches!(candidate.attestation, Some(Attestation::MdsPacked | Attestation::Tpm));
    let unattended = attempt.surface == Surface::GraphOnBehalf;
    if by_phone && !attested && !unattended { Thing::Authenticator } else { Thing::Key }
}

pub(super) fn is_windows_hello(aaguid: Aaguid) -> bool {
    [WINDOWS_HELLO_HARDWARE, WINDOWS_HELLO_VBS, WINDOWS_HELLO_SOFTWARE].contains(&aaguid)
}

/// Fills in what follows from the model, and notes it.
pub(super) fn fill_in(walk: &mut Walk<'_>) {
    let thing = thing(walk.attempt, &walk.candidate);
    let mut assumed: Vec<String> = Vec::new();
    let attempt = walk.attempt;
    if attempt.person.registered.is_none() && attempt.surface != Surface::GraphOnBehalf {
        assumed.push("user.registered: only what was signed in with".to_owned());
    }
    if attempt.minutes_since_strong_auth.is_none() && attempt.surface != Surface::GraphOnBehalf {
        assumed
            .push("attempt.minutesSinceStrongAuth: 0, the walk begins with the sign-in".to_owned());
    }
    let candidate = &mut walk.candidate;
    if thing == Thing::Authenticator && candidate.aaguid.is_none() {
        let phone = candidate_phone(attempt);
        candidate.aaguid = phone.map(authenticator);
        assumed.push("candidate.aaguid: Microsoft Authenticator's".to_owned());
    }
    let table = walk.standing.knowledge.key_table;
    let listed = candidate.aaguid.map(|aaguid| attestable(aaguid, table, None));
    let listed = matches!(listed, Some(Attestable::Listed(_)));
    if candidate.passkey_type.is_none() {
        let bound = thing != Thing::Synced && (thing != Thing::Key || listed);
        candidate.passkey_type = bound.then_some(PasskeyType::DeviceBound);
        assumed.extend(bound.then(|| "candidate.type: deviceBound, by its model".to_owned()));
    }
    if candidate.attestation.is_none() {
        candidate.attestation = match thing {
            Thing::Authenticator => Some(Attestation::AppAttest),
            Thing::Platform | Thing::Synced => Some(Attestation::None),
            Thing::Key => listed.then_some(Attestation::MdsPacked),
        };
        let word = candidate.attestation.map(Attestation::as_str);
        assumed.extend(word.map(|word| format!("candidate.attestation: {word}, by its model")));
    }
    let said = attempt.tap.map(|tap| tap.kind.mode());
    if said.is_some_and(|mode| !attempt.signed_in_with.contains(&mode))
        && attempt.signed_in_with.iter().any(is_pass)
    {
        let detail = "attempt.tap.kind and attempt.signedInWith name two kinds of pass; the kind counts for what \
                      is used up, the mode for what is satisfied";
        walk.notes.push(Finding::new(&CONTRADICTION, detail));
    }
    walk.notes.extend(assumed.into_iter().map(|detail| Finding::new(&ASSUMED, detail)));
}

/// The platform of the phone, when it is certain.
fn candidate_phone(attempt: &Attempt) -> Option<Platform> {
    match phones(attempt).as_slice() {
        [phone] => Some(*phone),
        _ => None,
    }
}

/// The platforms the phone may have: the one said, the one that is used, the one of the model, or both.
pub(super) fn phones(attempt: &Attempt) -> Vec<Platform> {
    let of_model = match attempt.candidate.aaguid {
        Some(AUTHENTICATOR_ANDROID) => Some(Platform::Android),
        Some(AUTHENTICATOR_IOS) => Some(Platform::Ios),
        _ => None,
    };
    let used = Some(attempt.platform).filter(|platform| platform.is_mobile());
    match used.or(attempt.phone).or(of_model) {
        Some(platform) => vec![platform],
        None => vec![Platform::Ios, Platform::Android],
    }
}

/// Authenticator's model on that platform.
pub(super) fn authenticator(phone: Platform) -> Aaguid {
    if phone == Platform::Android { AUTHENTICATOR_ANDROID } else { AUTHENTICATOR_IOS }
}

/// The candidate as the passkey policy sees it, made in the app or not, with this attestation.
pub(super) fn prospect(
    candidate: &Candidate,
    attestation: Option<Attestation>,
    in_app: bool,
) -> Prospect {
    Prospect {
        aaguid: candidate.aaguid,
        synced: candidate.passkey_type.map(|kind| kind == PasskeyType::Synced),
        attestation: attestation.map(|attestation| match attestation {
            Attestation::MdsPacked => ProspectAttestation::MdsPacked,
            Attestation::AppAttest => ProspectAttestation::AppAttest,
            Attestation::Tpm => ProspectAttestation::Tpm,
            Attestation::None => ProspectAttestation::None,
        }),
        in_app,
    }
}

pub(crate) static CONTRADICTION: Kind = Kind {
    id: "readiness.attempt-contradicts-itself",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "Two members of the attempt cannot both be true.",
    next_step: "Correct one of them.",
    source: "keyvet: the attempt's file",
};
