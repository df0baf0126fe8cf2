//! The methods that a person has at hand, and what a strength still asks of them.

use crate::{AuthenticationStrength, MethodMode, RegisteredMethod, StrengthResult};
use keyvet_ctap::Aaguid;

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
