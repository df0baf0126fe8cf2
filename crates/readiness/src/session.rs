//! What the person can sign in with: used, had, enabled, registrable; and the pass being used up.

use crate::strength::Hand;
use crate::{
    Attempt, AuthenticationStrength, MethodConfiguration, MethodMode, Person, RegisteredMethod,
    StrengthResult, Tenant,
};
use keyvet_policy::entra::MACOS_PLATFORM_CREDENTIAL;

/// A person's methods at one point of the walk.
#[derive(Clone, Debug)]
pub(crate) struct Methods {
    /// Signed in with, in this session.
    pub(crate) used: Vec<MethodMode>,
    /// Registered; where the input does not say, what was signed in with.
    pub(crate) registered: Vec<RegisteredMethod>,
    /// Enabled for the person; `None` is everything.
    pub(crate) enabled: Option<Vec<MethodMode>>,
    /// Registrable by the person themselves.
    pub(crate) registrable: Vec<RegisteredMethod>,
}

impl Methods {
    pub(crate) fn of(tenant: &Tenant, attempt: &Attempt) -> Self {
        let person = &attempt.person;
        Self {
            used: attempt.signed_in_with.clone(),
            registered: registered(attempt),
            enabled: enabled(tenant, person),
            registrable: REGISTRABLE.iter().map(|mode| plain(MethodMode::new(mode))).collect(),
        }
    }

    pub(crate) fn judge(&self, strength: &AuthenticationStrength) -> StrengthResult {
        self.hand().judge(strength)
    }

    pub(crate) fn hand(&self) -> Hand<'_> {
        let enabled = self.enabled.as_deref();
        Hand::new(&self.used, &self.registered, enabled, &self.registrable)
    }

    /// Did the tenant let the person use everything.
    pub(crate) fn hand_if_all_were_enabled(&self) -> Hand<'_> {
        Hand::new(&self.used, &self.registered, None, &self.registrable)
    }

    pub(crate) fn has(&self, mode: &str) -> bool {
        self.registered.iter().any(|method| method.mode.as_str() == mode)
    }

    pub(crate) fn has_platform_credential(&self) -> bool {
        self.has(PLATFORM_CREDENTIAL)
    }

    pub(crate) fn is_enabled(&self, mode: &MethodMode) -> bool {
        self.enabled.as_ref().is_none_or(|modes| modes.contains(mode))
    }

    /// The wizard has led the person to register some method for multifactor authentication.
    pub(crate) fn register_second_method(&mut self) {
        let usual = self.registrable.iter().filter(|method| method.mode.as_str() != "fido2");
        let enabled = usual.filter(|method| self.is_enabled(&method.mode)).take(1).cloned();
        let enabled: Vec<RegisteredMethod> = enabled.collect();
        self.registered.extend(enabled);
    }

    /// Whether anything but a passkey is registered that is asked for after a password.
    pub(crate) fn has_second_method(&self) -> bool {
        let second = |method: &RegisteredMethod| REGISTRABLE.contains(&method.mode.as_str());
        self.registered.iter().any(|method| second(method) && method.mode.as_str() != "fido2")
    }

    /// The person has answered these prompts.
    pub(crate) fn use_also(&mut self, modes: &[MethodMode]) {
        for mode in modes {
            if !self.used.contains(mode) {
                self.used.push(mode.clone());
            }
        }
    }
}

/// What was registered, and what must have been for the person to sign in as they did.
fn registered(attempt: &Attempt) -> Vec<RegisteredMethod> {
    let mut all: Vec<RegisteredMethod> = attempt.person.registered.clone().unwrap_or_default();
    for method in &mut all {
        *method = as_counted(method);
    }
    for mode in attempt.signed_in_with.iter().filter(|mode| mode.as_str() != "password") {
        if !is_pass(mode) && !all.iter().any(|method| method.mode == *mode) {
            all.push(plain(mode.clone()));
        }
    }
    let unused = attempt.tap.filter(|tap| tap.uses_left != Some(0) && tap.minutes_left != Some(0));
    all.extend(unused.map(|tap| plain(tap.kind.mode())));
    all
}

/// A Platform Credential of macOS is no passkey to a strength (R21).
pub(crate) fn as_counted(method: &RegisteredMethod) -> RegisteredMethod {
    let mac = method.mode.as_str() == "fido2" && method.aaguid == Some(MACOS_PLATFORM_CREDENTIAL);
    let mode = if mac { MethodMode::new(PLATFORM_CREDENTIAL) } else { method.mode.clone() };
    RegisteredMethod { mode, aaguid: method.aaguid }
}

fn plain(mode: MethodMode) -> RegisteredMethod {
    RegisteredMethod { mode, aaguid: None }
}

pub(crate) fn is_pass(mode: &MethodMode) -> bool {
    mode.as_str().starts_with("temporaryAccessPass")
}

/// What the tenant lets the person use, when something is said about it.
fn enabled(tenant: &Tenant, person: &Person) -> Option<Vec<MethodMode>> {
    if person.enabled_modes.is_some() {
        return person.enabled_modes.clone();
    }
    let passkeys_off =
        tenant.passkeys.as_ref().map(|policy| policy.enabled.value() == Some(&false));
    let mut off: Vec<&str> = if passkeys_off == Some(true) { vec!["fido2"] } else { Vec::new() };
    for method in &tenant.methods {
        let modes = modes_of(&method.id);
        off.extend(if is_for(method, person) { closed_by_one_time(method) } else { modes });
    }
    let on = |mode: &MethodMode| !off.contains(&mode.as_str());
    (!off.is_empty()).then(|| MethodMode::all().filter(on).collect())
}

/// Where the input does not say which groups the person is in, a method for groups counts as theirs.
fn is_for(method: &MethodConfiguration, person: &Person) -> bool {
    let everyone = |id: &String| id.eq_ignore_ascii_case("all_users");
    let holds = |ids: &[String], unknown: bool| match &person.groups {
        _ if ids.iter().any(everyone) => true,
        Some(groups) => ids.iter().any(|id| groups.iter().any(|g| g.eq_ignore_ascii_case(id))),
        None => unknown,
    };
    let included = method.include.is_empty() || holds(&method.include, true);
    method.enabled != Some(false) && included && !holds(&method.exclude, false)
}

/// A tenant that makes one-time passes only has no others.
fn closed_by_one_time(method: &MethodConfiguration) -> Vec<&'static str> {
    let only = method.usable_once == Some(true);
    if only { vec!["temporaryAccessPassMultiUse"] } else { Vec::new() }
}

fn modes_of(id: &str) -> Vec<&'static str> {
    match id.to_ascii_lowercase().as_str() {
        "temporaryaccesspass" => vec!["temporaryAccessPassOneTime", "temporaryAccessPassMultiUse"],
        "microsoftauthenticator" => vec!["microsoftAuthenticatorPush", "deviceBasedPush"],
        "sms" => vec!["sms"],
        "voice" => vec!["voice"],
        "softwareoath" => vec!["softwareOath"],
        "hardwareoath" => vec!["hardwareOath"],
        "email" => vec!["email"],
        "qrcodepin" => vec!["qrCodePin", "qrCode"],
        "x509certificate" => {
            vec!["x509Certificate", "x509CertificateSingleFactor", "x509CertificateMultiFactor"]
        }
        _ => Vec::new(),
    }
}

/// The name that strengths know a Platform Credential by here; Graph has no mode of its own for it.
const PLATFORM_CREDENTIAL: &str = "platformCredential";

/// What combined registration lets people register; Windows Hello and certificates are not among it (R6),
/// passes and hardware tokens come from an administrator.
const REGISTRABLE: [&str; 6] =
    ["fido2", "microsoftAuthenticatorPush", "deviceBasedPush", "softwareOath", "sms", "voice"];
