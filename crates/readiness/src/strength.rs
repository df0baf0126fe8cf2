//! What an authentication strength makes of the methods at hand, in Graph's words.

use crate::{AuthenticationStrength, MethodMode, RegisteredMethod, StrengthResult};
use keyvet_ctap::Aaguid;

/// What `strength` makes of a person's methods (R4, R5, R20).
///
/// - `used`: what the person has signed in with, in this session;
/// - `registered`: what they have;
/// - `enabled`: what the tenant lets them use; `None` lets them use everything;
/// - `registrable`: what they could register now; a passkey without AAGUID is one of any model.
///
/// A password counts as had by everybody. A registered or used passkey whose model is not known does not meet
/// a limit on models, and settings that keyvet cannot evaluate are not met: where that matters,
/// [`missing`] says what would have to be known.
#[must_use]
pub fn judge(
    strength: &AuthenticationStrength,
    used: &[MethodMode],
    registered: &[RegisteredMethod],
    enabled: Option<&[MethodMode]>,
    registrable: &[RegisteredMethod],
) -> StrengthResult {
    Hand::new(used, registered, enabled, registrable).judge(strength)
}

/// Inputs without which [`judge`] can only assume the worst, by name; empty when its answer is certain.
#[must_use]
pub fn missing(
    strength: &AuthenticationStrength,
    used: &[MethodMode],
    registered: &[RegisteredMethod],
    enabled: Option<&[MethodMode]>,
    registrable: &[RegisteredMethod],
) -> Vec<String> {
    Hand::new(used, registered, enabled, registrable).missing(strength)
}

/// The methods at hand, and whether doubt is in the person's favour.
#[derive(Clone, Debug)]
pub(crate) struct Hand<'a> {
    used: Modes<'a>,
    had: Modes<'a>,
    enabled: Option<Modes<'a>>,
    can_have: Modes<'a>,
    registered: &'a [RegisteredMethod],
    registrable: &'a [RegisteredMethod],
    doubt: bool,
}

/// What a strength says beside its combinations.
#[derive(Clone, Copy)]
struct Settings<'a> {
    /// Models that passkeys are limited to.
    models: Option<&'a [Aaguid]>,
    /// Whether all of them could be read.
    judged: bool,
}

impl<'a> Settings<'a> {
    fn of(strength: &'a AuthenticationStrength) -> Self {
        Self { models: strength.aaguids.as_deref(), judged: strength.unjudged.is_empty() }
    }
}

/// What one method of a combination still asks of the person, the least first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Need {
    Nothing,
    Prompt,
    Registration,
    OtherSettings,
    Impossible,
}

impl<'a> Hand<'a> {
    pub(crate) fn new(
        used: &'a [MethodMode],
        registered: &'a [RegisteredMethod],
        enabled: Option<&'a [MethodMode]>,
        registrable: &'a [RegisteredMethod],
    ) -> Self {
        let modes = |methods: &'a [RegisteredMethod]| methods.iter().map(|m| &m.mode).collect();
        Self {
            used: used.iter().collect(),
            had: modes(registered),
            enabled: enabled.map(|modes| modes.iter().collect()),
            can_have: modes(registrable),
            registered,
            registrable,
            doubt: false,
        }
    }

    pub(crate) fn judge(&self, strength: &AuthenticationStrength) -> StrengthResult {
        self.best(strength, Settings::of(strength))
    }

    /// As if the strength took passkeys of every model.
    pub(crate) fn judge_any_model(&self, strength: &AuthenticationStrength) -> StrengthResult {
        self.best(strength, Settings { models: None, ..Settings::of(strength) })
    }

    /// The alternative that asks least of the person decides.
    fn best(&self, strength: &AuthenticationStrength, settings: Settings<'_>) -> StrengthResult {
        let mut best = StrengthResult::CannotSatisfy;
        for modes in strength.combinations.iter().filter(|modes| !modes.is_empty()) {
            let result = self.combination(modes, settings);
            if rank(result) < rank(best) {
                best = result;
            }
            if best == StrengthResult::Satisfied {
                break;
            }
        }
        best
    }

    /// Whether that alternative is met once the person answers prompts for what they have.
    pub(crate) fn prompts(&self, strength: &AuthenticationStrength, modes: &[MethodMode]) -> bool {
        matches!(
            self.combination(modes, Settings::of(strength)),
            StrengthResult::SingleChallengeRequired | StrengthResult::MultipleChallengesRequired
        )
    }

    pub(crate) fn missing(&self, strength: &AuthenticationStrength) -> Vec<String> {
        let hoped = Self { doubt: true, ..self.clone() };
        if self.judge(strength) == hoped.judge(strength) {
            return Vec::new();
        }
        let limited = strength.aaguids.is_some();
        let model = match passkeys(self.registered).any(|method| method.aaguid.is_none()) {
            true => "registered.aaguid",
            false => "which passkey was used",
        };
        let unjudged = strength.unjudged.iter().map(|name| format!("strength.{name}"));
        limited.then(|| model.to_owned()).into_iter().chain(unjudged).collect()
    }

    fn combination(&self, modes: &[MethodMode], settings: Settings<'_>) -> StrengthResult {
        let needs = || modes.iter().map(|mode| self.need(mode, settings));
        let count = |wanted| needs().filter(|need| *need == wanted).count();
        match needs().max() {
            None | Some(Need::Nothing) => StrengthResult::Satisfied,
            Some(Need::Impossible) => StrengthResult::CannotSatisfy,
            Some(Need::OtherSettings) => StrengthResult::CannotSatisfyDueToCombinationConfiguration,
            Some(Need::Registration) if count(Need::Registration) == 1 => {
                StrengthResult::SingleRegistrationRequired
            }
            Some(Need::Registration) => StrengthResult::MultipleRegistrationsRequired,
            Some(Need::Prompt) if count(Need::Prompt) == 1 => {
                StrengthResult::SingleChallengeRequired
            }
            Some(Need::Prompt) => StrengthResult::MultipleChallengesRequired,
        }
    }

    fn need(&self, mode: &MethodMode, settings: Settings<'_>) -> Need {
        let used = self.used.has(mode);
        let (had, can_have) = (self.had.has(mode), self.can_have.has(mode));
        let enabled = self.is_enabled(mode);
        let judged = self.doubt || settings.judged || !is_certificate(mode);
        // only passkeys are limited, to models
        let limits = settings.models.filter(|_| is_fido2(mode));
        let fits = |fit: fn(&Self, &[Aaguid]) -> bool| limits.is_none_or(|list| fit(self, list));
        if used && judged && fits(Self::fits_what_was_used) {
            Need::Nothing
        } else if enabled && judged && (is_password(mode) || had && fits(Self::fits_one)) {
            Need::Prompt
        } else if enabled && judged && can_have && fits(Self::can_fit) {
            Need::Registration
        } else if used || enabled && (had || can_have) {
            Need::OtherSettings
        } else {
            Need::Impossible
        }
    }

    /// Whether some passkey that is had is of a model in the list.
    fn fits_one(&self, models: &[Aaguid]) -> bool {
        passkeys(self.registered).any(|passkey| self.is_of(models, passkey))
    }

    /// One that is yet to be registered can be of whichever model is wanted.
    fn can_fit(&self, models: &[Aaguid]) -> bool {
        passkeys(self.registrable).any(|passkey| match passkey.aaguid {
            None => !models.is_empty(),
            Some(_) => self.is_of(models, passkey),
        })
    }

    /// Whether the passkey that was used is of a model in the list: certain when every passkey had is.
    fn fits_what_was_used(&self, models: &[Aaguid]) -> bool {
        match passkeys(self.registered).next() {
            None => self.doubt && !models.is_empty(),
            Some(_) if self.doubt => self.fits_one(models),
            Some(_) => passkeys(self.registered).all(|passkey| self.is_of(models, passkey)),
        }
    }

    fn is_of(&self, models: &[Aaguid], passkey: &RegisteredMethod) -> bool {
        match passkey.aaguid {
            Some(aaguid) => models.contains(&aaguid),
            // no model is in an empty list, whichever it is
            None => self.doubt && !models.is_empty(),
        }
    }

    fn is_enabled(&self, mode: &MethodMode) -> bool {
        self.enabled.as_ref().is_none_or(|enabled| enabled.has(mode)) || is_password(mode)
    }
}

/// Modes to be asked again and again whether one is among them.
#[derive(Clone, Debug, Default)]
struct Modes<'a> {
    /// The bits of those that are known.
    known: u32,
    others: Vec<&'a MethodMode>,
}

impl<'a> FromIterator<&'a MethodMode> for Modes<'a> {
    fn from_iter<T: IntoIterator<Item = &'a MethodMode>>(modes: T) -> Self {
        let mut all = Self::default();
        for mode in modes {
            match mode.bit() {
                Some(bit) => all.known |= bit,
                None => all.others.push(mode),
            }
        }
        all
    }
}

impl Modes<'_> {
    /// A Platform Credential of macOS counts as Windows Hello for Business (R21).
    fn has(&self, mode: &MethodMode) -> bool {
        if let Some(bit) = mode.bit()
            && self.known & bit != 0
        {
            return true;
        }
        self.others.iter().any(|other| {
            *other == mode
                || mode.as_str() == "windowsHelloForBusiness"
                    && other.as_str().eq_ignore_ascii_case("platformCredential")
        })
    }
}

fn passkeys(methods: &[RegisteredMethod]) -> impl Iterator<Item = &RegisteredMethod> {
    methods.iter().filter(|method| is_fido2(&method.mode))
}

fn is_fido2(mode: &MethodMode) -> bool {
    mode.as_str() == "fido2"
}

fn is_password(mode: &MethodMode) -> bool {
    mode.as_str() == "password"
}

fn is_certificate(mode: &MethodMode) -> bool {
    mode.as_str().starts_with("x509")
}

/// What asks least of the person comes first.
fn rank(result: StrengthResult) -> u8 {
    match result {
        StrengthResult::SkippedForProofUp | StrengthResult::Satisfied => 0,
        StrengthResult::SingleChallengeRequired => 1,
        StrengthResult::MultipleChallengesRequired => 2,
        StrengthResult::SingleRegistrationRequired => 3,
        StrengthResult::MultipleRegistrationsRequired => 4,
        StrengthResult::CannotSatisfyDueToCombinationConfiguration => 5,
        StrengthResult::CannotSatisfy => 6,
    }
}

/// The strengths that every tenant has, with the combinations Graph gives them
/// (Authentication strengths, built-in; Graph reference, authenticationStrengthPolicy).
#[must_use]
pub fn built_in() -> [AuthenticationStrength; 3] {
    let strength = |digit: u8, name: &str, combinations: &[&str]| AuthenticationStrength {
        id: format!("00000000-0000-0000-0000-00000000000{digit}"),
        name: name.to_owned(),
        combinations: combinations.iter().map(|text| modes(text)).collect(),
        aaguids: None,
        unjudged: Vec::new(),
    };
    [
        strength(2, "Multifactor authentication", &MULTIFACTOR),
        strength(3, "Passwordless MFA", &PASSWORDLESS),
        strength(4, "Phishing-resistant MFA", &PHISHING_RESISTANT),
    ]
}

/// Whether the id is that of a built-in strength, which nobody can change.
pub(crate) fn is_built_in(id: &str) -> bool {
    built_in().iter().any(|strength| strength.id.eq_ignore_ascii_case(id))
}

/// One combination as Graph writes it, with or without a space after the comma.
pub(crate) fn modes(combination: &str) -> Vec<MethodMode> {
    let words = combination.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(MethodMode::new).collect()
}

const MULTIFACTOR: [&str; 19] = [
    "windowsHelloForBusiness",
    "fido2",
    "x509CertificateMultiFactor",
    "deviceBasedPush",
    "temporaryAccessPassOneTime",
    "temporaryAccessPassMultiUse",
    "password,microsoftAuthenticatorPush",
    "password,softwareOath",
    "password,hardwareOath",
    "password,x509CertificateSingleFactor",
    "password,x509CertificateMultiFactor",
    "password,sms",
    "password,voice",
    "federatedMultiFactor",
    "microsoftAuthenticatorPush,federatedSingleFactor",
    "softwareOath,federatedSingleFactor",
    "hardwareOath,federatedSingleFactor",
    "sms,federatedSingleFactor",
    "voice,federatedSingleFactor",
];

const PASSWORDLESS: [&str; 4] =
    ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor", "deviceBasedPush"];

const PHISHING_RESISTANT: [&str; 3] =
    ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"];

#[cfg(test)]
mod tests {
    use super::*;
    use StrengthResult as Result;

    const PHONE: &str = "90a3ccdf-635c-4729-a248-9b709135078f";
    const KEY: &str = "2fc0579f-8113-47ea-b116-bb5a8db9202a";

    fn method(mode: &str, aaguid: Option<&str>) -> RegisteredMethod {
        let aaguid = aaguid.map(|text| text.parse().unwrap());
        RegisteredMethod { mode: MethodMode::new(mode), aaguid }
    }

    fn limited(combinations: &[&str], models: Option<&[&str]>) -> AuthenticationStrength {
        AuthenticationStrength {
            id: "id".to_owned(),
            name: "name".to_owned(),
            combinations: combinations.iter().map(|text| modes(text)).collect(),
            aaguids: models.map(|models| models.iter().map(|text| text.parse().unwrap()).collect()),
            unjudged: Vec::new(),
        }
    }

    fn judged(
        strength: &AuthenticationStrength,
        used: &str,
        registered: &[RegisteredMethod],
        registrable: &[RegisteredMethod],
    ) -> Result {
        judge(strength, &modes(used), registered, None, registrable)
    }

    #[test]
    fn a_pass_satisfies_multifactor_and_not_phishing_resistant() {
        let [multifactor, passwordless, resistant] = built_in();
        for pass in ["temporaryAccessPassOneTime", "temporaryAccessPassMultiUse"] {
            assert_eq!(judged(&multifactor, pass, &[], &[]), Result::Satisfied);
            assert_eq!(judged(&passwordless, pass, &[], &[]), Result::CannotSatisfy);
            assert_eq!(judged(&resistant, pass, &[], &[]), Result::CannotSatisfy);
        }
        let key = [method("fido2", None)];
        let pass = "temporaryAccessPassOneTime";
        assert_eq!(judged(&resistant, pass, &[], &key), Result::SingleRegistrationRequired);
        assert_eq!(judged(&resistant, pass, &key, &[]), Result::SingleChallengeRequired);
    }

    #[test]
    fn a_combination_asks_for_what_was_not_used_yet() {
        let both = limited(&["password, microsoftAuthenticatorPush"], None);
        let push = [method("microsoftAuthenticatorPush", None)];
        assert_eq!(judged(&both, "", &push, &[]), Result::MultipleChallengesRequired);
        assert_eq!(judged(&both, "password", &push, &[]), Result::SingleChallengeRequired);
        assert_eq!(
            judged(&both, "PASSWORD,microsoftauthenticatorpush", &[], &[]),
            Result::Satisfied
        );
        assert_eq!(judged(&both, "password", &[], &push), Result::SingleRegistrationRequired);
        assert_eq!(
            judged(&both, "microsoftAuthenticatorPush", &[], &[]),
            Result::SingleChallengeRequired
        );
        assert_eq!(judged(&both, "password", &[], &[]), Result::CannotSatisfy);
        let two = limited(&["softwareOath,federatedSingleFactor"], None);
        let can = [method("softwareOath", None), method("federatedSingleFactor", None)];
        assert_eq!(judged(&two, "", &[], &can), Result::MultipleRegistrationsRequired);
    }

    #[test]
    fn a_model_that_is_not_listed_is_said_to_fail_by_its_settings() {
        let phones = limited(&["fido2"], Some(&[PHONE]));
        let (phone, key) = ([method("fido2", Some(PHONE))], [method("fido2", Some(KEY))]);
        assert_eq!(judged(&phones, "fido2", &phone, &[]), Result::Satisfied);
        let settings = Result::CannotSatisfyDueToCombinationConfiguration;
        assert_eq!(judged(&phones, "fido2", &key, &[]), settings);
        assert_eq!(judged(&phones, "", &key, &[]), settings);
        assert_eq!(judged(&phones, "", &[], &key), settings);
        assert_eq!(judged(&phones, "", &key, &phone), Result::SingleRegistrationRequired);
        assert_eq!(
            judged(&phones, "", &[], &[method("fido2", None)]),
            Result::SingleRegistrationRequired
        );
        assert_eq!(judged(&limited(&["fido2"], Some(&[])), "", &phone, &[]), settings);
    }

    #[test]
    fn an_unknown_model_is_assumed_not_listed_and_asked_for() {
        let phones = limited(&["fido2"], Some(&[PHONE]));
        let unknown = [method("fido2", None)];
        let asked = |used: &str, registered: &[RegisteredMethod]| {
            missing(&phones, &modes(used), registered, None, &[])
        };
        assert_eq!(asked("fido2", &unknown), ["registered.aaguid"]);
        assert_eq!(asked("fido2", &[]), ["which passkey was used"]);
        let mixed = [method("fido2", Some(KEY)), method("fido2", Some(PHONE))];
        assert_eq!(asked("fido2", &mixed), ["which passkey was used"]);
        assert_eq!(judged(&phones, "fido2", &mixed, &[]), Result::SingleChallengeRequired);
        assert!(asked("fido2", &[method("fido2", Some(KEY))]).is_empty());
        assert!(missing(&limited(&["fido2"], None), &modes("fido2"), &[], None, &[]).is_empty());
        let none = limited(&["fido2"], Some(&[]));
        assert!(missing(&none, &modes("fido2"), &unknown, None, &unknown).is_empty());
        assert!(missing(&none, &modes("fido2"), &[], None, &[]).is_empty());
    }

    #[test]
    fn what_is_not_enabled_can_be_neither_prompted_nor_registered() {
        let keys = limited(&["fido2"], None);
        let key = [method("fido2", Some(KEY))];
        let push = [MethodMode::new("microsoftAuthenticatorPush")];
        assert_eq!(judge(&keys, &[], &key, Some(&push), &key), Result::CannotSatisfy);
        let both = limited(&["password,microsoftAuthenticatorPush"], None);
        let has = [method("microsoftAuthenticatorPush", None)];
        assert_eq!(judge(&both, &[], &has, Some(&push), &[]), Result::MultipleChallengesRequired);
    }

    #[test]
    fn settings_that_cannot_be_evaluated_are_not_met_and_named() {
        let mut certificates = limited(&["x509CertificateMultiFactor"], None);
        certificates.unjudged = vec!["x509CertificateCombinationConfiguration".to_owned()];
        let used = modes("x509CertificateMultiFactor");
        let settings = Result::CannotSatisfyDueToCombinationConfiguration;
        assert_eq!(judge(&certificates, &used, &[], None, &[]), settings);
        let name = "strength.x509CertificateCombinationConfiguration";
        assert_eq!(missing(&certificates, &used, &[], None, &[]), [name]);
        assert!(missing(&certificates, &modes("fido2"), &[], None, &[]).is_empty());
    }

    #[test]
    fn a_platform_credential_counts_as_windows_hello() {
        let hello = limited(&["windowsHelloForBusiness"], None);
        let mac = [method("platformCredential", None)];
        assert_eq!(judged(&hello, "", &mac, &[]), Result::SingleChallengeRequired);
        assert_eq!(judged(&hello, "platformCredential", &[], &[]), Result::Satisfied);
    }

    #[test]
    fn a_strength_without_combinations_cannot_be_satisfied() {
        assert_eq!(judged(&limited(&[], None), "fido2", &[], &[]), Result::CannotSatisfy);
        assert_eq!(judged(&limited(&[","], None), "fido2", &[], &[]), Result::CannotSatisfy);
    }
}
