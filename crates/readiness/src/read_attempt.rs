//! Reads attempts: one object or an array of `{user, attempt, candidate}`.
//!
//! ```json
//! {"user": {"groups": [], "registered": [{"mode": "fido2", "aaguid": "…"}], "external": false,
//!           "enabledModes": ["fido2"]},
//!  "attempt": {"platform": "windows", "surface": "browser:edge", "entry": "interrupt",
//!              "signedInWith": ["temporaryAccessPassOneTime"], "minutesSinceStrongAuth": 2,
//!              "tap": {"kind": "oneTime", "usesLeft": 1, "minutesLeft": 50},
//!              "resource": "…", "phone": {"platform": "iOS", "compliant": true},
//!              "device": {"compliant": true}, "signInRiskLevel": "none"},
//!  "candidate": {"aaguid": "…", "type": "deviceBound", "attestation": "appAttest", "route": "any"}}
//! ```
//!
//! Only `attempt.platform` must be there. What else is left out is not known, and matters only where a rule asks
//! for it; a default that is taken stands in [`Attempt::findings`].

use crate::attempt_error::AttemptError;
use crate::{
    Attempt, Attestation, Candidate, Device, Entry, MethodMode, PasskeyType, Person, Platform,
    RegisteredMethod, Route, Surface, Tap, TapKind,
};
use keyvet_ctap::Aaguid;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_json::{At, Json, JsonError};

/// Largest file of attempts, bytes.
pub const MAX_ATTEMPTS_LEN_BYTES: usize = 64 << 20;

/// Reads every attempt of a file, in its order.
///
/// # Errors
/// [`AttemptError`], with the place that is at fault.
pub fn read_attempts(bytes: &[u8]) -> Result<Vec<Attempt>, AttemptError> {
    let json = keyvet_json::read(bytes, MAX_ATTEMPTS_LEN_BYTES)?;
    let root = At::root(&json);
    match root.json {
        Json::Array(_) => {
            let attempts = root.array()?.into_iter().map(read_attempt);
            let attempts: Vec<Attempt> = attempts.collect::<Result<_, _>>()?;
            if attempts.is_empty() { Err(AttemptError::Empty) } else { Ok(attempts) }
        }
        _ => Ok(vec![read_attempt(root)?]),
    }
}

/// Reads the person of a `user.json`: either the member `user` of an attempt or that object itself.
///
/// # Errors
/// [`AttemptError`], with the place that is at fault.
pub fn read_person(bytes: &[u8]) -> Result<(Person, Vec<Finding>), AttemptError> {
    let json = keyvet_json::read(bytes, MAX_ATTEMPTS_LEN_BYTES)?;
    let root = At::root(&json).object()?;
    let mut reader = Reader::default();
    let user = root.member("user").unwrap_or(root);
    Ok((reader.person(&user)?, reader.findings))
}

fn read_attempt(at: At<'_>) -> Result<Attempt, AttemptError> {
    let at = at.object()?;
    let mut reader = Reader::default();
    reader.note_unknown(&at, &["user", "attempt", "candidate"]);
    let mut attempt = reader.attempt(&at)?;
    if let Some(user) = at.member("user") {
        attempt.person = reader.person(&user)?;
    }
    if let Some(candidate) = at.member("candidate") {
        attempt.candidate = reader.candidate(&candidate)?;
    }
    attempt.findings = reader.findings;
    Ok(attempt)
}

/// Reads members and remembers what was odd about them.
#[derive(Default)]
struct Reader {
    findings: Vec<Finding>,
}

impl Reader {
    fn attempt(&mut self, root: &At<'_>) -> Result<Attempt, AttemptError> {
        let at = member(root, "attempt", "an object with platform and surface")?.object()?;
        self.note_unknown(&at, &ATTEMPT_MEMBERS);
        let platform = member(&at, "platform", &list(Platform::ALL.map(Platform::as_str)))?;
        let platform = platform_at(&platform)?;
        let entry = one_of(&at, "entry", Entry::ALL.map(|entry| (entry.as_str(), entry)))?;
        let surface = self.surface(&at, entry)?;
        let mut attempt = Attempt::new(platform, surface, Route::Any);
        attempt.entry = entry.unwrap_or(attempt.entry);
        if entry.is_none() {
            self.assume(format!("{}.entry: {}", at.path, attempt.entry.as_str()));
        }
        attempt.resource = text(&at, "resource")?;
        attempt.signed_in_with = self.modes(&at, "signedInWith")?.unwrap_or_default();
        attempt.minutes_since_strong_auth = number(&at, "minutesSinceStrongAuth")?;
        attempt.tap = tap(&at)?;
        attempt.device = self.device(&at)?;
        if let Some(phone) = at.member("phone") {
            attempt.phone = phone_platform(&phone)?;
            attempt.phone_device = device_of(&phone)?;
        }
        Ok(attempt)
    }

    fn surface(&mut self, at: &At<'_>, entry: Option<Entry>) -> Result<Surface, AttemptError> {
        let Some(found) = at.member("surface") else {
            let surface = match entry {
                Some(Entry::InApp) => Surface::AuthenticatorApp,
                _ => Surface::Browser("unknown".to_owned()),
            };
            self.assume(format!("{}.surface: {}", at.path, surface.word()));
            return Ok(surface);
        };
        let word = found.text()?;
        Surface::parse(word).ok_or_else(|| AttemptError::word(&found.path, word, SURFACES))
    }

    /// The device and the network; members of the network stand in the attempt itself.
    fn device(&mut self, at: &At<'_>) -> Result<Device, AttemptError> {
        let mut device = match at.member("device").or_else(|| at.member("deviceInfo")) {
            Some(device) => device_of(&device)?,
            None => Device::default(),
        };
        device.client_app = text(at, "clientAppType")?;
        device.sign_in_risk = either(at, "signInRiskLevel", "signInRisk")?;
        device.user_risk = either(at, "userRiskLevel", "userRisk")?;
        device.insider_risk = either(at, "insiderRiskLevel", "insiderRisk")?;
        device.locations = texts(at, "locations")?;
        device.trusted_location = boolean(at, "trustedLocation")?;
        device.authentication_flow = match at.member("authenticationFlow") {
            Some(flow) if matches!(flow.json, Json::Object(_)) => text(&flow, "transferMethod")?,
            _ => text(at, "authenticationFlow")?,
        };
        Ok(device)
    }

    fn person(&mut self, at: &At<'_>) -> Result<Person, AttemptError> {
        if let Json::Text(id) = at.json {
            return Ok(Person {
                id: Some(id.clone()),
                name: Some(id.clone()),
                ..Person::default()
            });
        }
        let at = at.clone().object()?;
        self.note_unknown(&at, &PERSON_MEMBERS);
        let guest = text(&at, "userType")?.map(|kind| kind.eq_ignore_ascii_case("guest"));
        Ok(Person {
            id: text(&at, "id")?,
            name: either(&at, "name", "userPrincipalName")?.or(text(&at, "displayName")?),
            groups: texts(&at, "groups")?,
            roles: texts(&at, "roles")?,
            external: boolean(&at, "external")?.or(guest),
            registered: self.registered(&at)?,
            enabled_modes: self.modes(&at, "enabledModes")?,
        })
    }

    fn registered(&mut self, at: &At<'_>) -> Result<Option<Vec<RegisteredMethod>>, AttemptError> {
        let Some(list) = at.member("registered") else { return Ok(None) };
        let items = list.array()?.into_iter().map(|item| self.method(&item));
        items.collect::<Result<_, _>>().map(Some)
    }

    fn method(&mut self, at: &At<'_>) -> Result<RegisteredMethod, AttemptError> {
        if let Json::Text(word) = at.json {
            return Ok(RegisteredMethod { mode: self.mode(at, word), aaguid: None });
        }
        let at = at.clone().object()?;
        let mode = member(&at, "mode", "a method mode of Microsoft Graph")?;
        let mode = self.mode(&mode, mode.text()?);
        Ok(RegisteredMethod { mode, aaguid: aaguid(&at)? })
    }

    fn modes(&mut self, at: &At<'_>, name: &str) -> Result<Option<Vec<MethodMode>>, AttemptError> {
        let Some(list) = at.member(name) else { return Ok(None) };
        let items = list.array()?;
        let modes = items.iter().map(|item| Ok(self.mode(item, item.text()?)));
        modes.collect::<Result<_, _>>().map(Some)
    }

    /// Graph adds modes; one that is not known satisfies nothing, which is said.
    fn mode(&mut self, at: &At<'_>, word: &str) -> MethodMode {
        let mode = MethodMode::new(word);
        if !mode.is_known() {
            let detail = format!("{}: '{}'", at.path, short(word));
            self.findings.push(Finding::new(&UNKNOWN_MODE, detail));
        }
        mode
    }

    fn candidate(&mut self, at: &At<'_>) -> Result<Candidate, AttemptError> {
        let at = at.clone().object()?;
        self.note_unknown(&at, &["aaguid", "type", "attestation", "route"]);
        let types = PasskeyType::ALL.map(|kind| (kind.as_str(), kind));
        let attestations = Attestation::ALL.map(|kind| (kind.as_str(), kind));
        let routes = Route::ALL.map(|route| (route.as_str(), route));
        let route = one_of(&at, "route", routes)?;
        if route.is_none() {
            self.assume(format!("{}.route: any", at.path));
        }
        Ok(Candidate {
            aaguid: aaguid(&at)?,
            passkey_type: one_of(&at, "type", types)?,
            attestation: one_of(&at, "attestation", attestations)?,
            route: route.unwrap_or(Route::Any),
        })
    }

    fn note_unknown(&mut self, at: &At<'_>, known: &[&str]) {
        let noise = |name: &str| name.contains('@') || name.starts_with('$');
        let is_known = |name: &str| known.iter().any(|known| known.eq_ignore_ascii_case(name));
        let unknown: Vec<&str> =
            at.names().filter(|name| !noise(name) && !is_known(name)).take(MAX_NAMED).collect();
        if !unknown.is_empty() {
            let place = if at.path.is_empty() { "the file" } else { &at.path };
            let names: Vec<String> = unknown.iter().map(|name| short(name)).collect();
            let detail = format!("{place}: {}", names.join(", "));
            self.findings.push(Finding::new(&UNKNOWN_MEMBER, detail));
        }
    }

    fn assume(&mut self, detail: String) {
        self.findings.push(Finding::new(&ASSUMED, detail));
    }
}

/// Members of a device; others are what a device filter may ask for.
fn device_of(at: &At<'_>) -> Result<Device, AttemptError> {
    if matches!(at.json, Json::Text(_)) {
        return Ok(Device::default());
    }
    let at = at.clone().object()?;
    let properties = properties(&at)?;
    let trust = properties.iter().find(|(name, _)| name.eq_ignore_ascii_case("trustType"));
    let hybrid = trust.map(|(_, trust)| trust.eq_ignore_ascii_case("ServerAD"));
    Ok(Device {
        compliant: boolean(&at, "compliant")?.or(boolean(&at, "isCompliant")?),
        hybrid_joined: boolean(&at, "hybridJoined")?.or(hybrid),
        app_protected: boolean(&at, "appProtected")?,
        os_version: text(&at, "osVersion")?,
        bluetooth: boolean(&at, "bluetooth")?,
        properties,
        ..Device::default()
    })
}

fn properties(at: &At<'_>) -> Result<Vec<(String, String)>, AttemptError> {
    let own = ["compliant", "hybridJoined", "appProtected", "bluetooth", "platform", "properties"];
    let mut found = Vec::new();
    for name in at.names().filter(|name| !own.iter().any(|own| own.eq_ignore_ascii_case(name))) {
        let value = at.member(name).map(|value| scalar(&value)).transpose()?;
        found.extend(value.map(|value| (name.to_owned(), value)));
    }
    if let Some(more) = at.member("properties") {
        found.extend(properties(&more.object()?)?);
    }
    Ok(found)
}

fn scalar(at: &At<'_>) -> Result<String, JsonError> {
    match at.json {
        Json::Bool(value) => Ok(value.to_string()),
        Json::Number(number) => Ok(number.to_string()),
        _ => at.text().map(str::to_owned),
    }
}

fn phone_platform(at: &At<'_>) -> Result<Option<Platform>, AttemptError> {
    match at.json {
        Json::Text(_) => platform_at(at).map(Some),
        _ => at.member("platform").map(|platform| platform_at(&platform)).transpose(),
    }
}

fn platform_at(at: &At<'_>) -> Result<Platform, AttemptError> {
    let word = at.text()?;
    let expected = || list(Platform::ALL.map(Platform::as_str));
    Platform::parse(word).ok_or_else(|| AttemptError::word(&at.path, word, expected()))
}

fn tap(at: &At<'_>) -> Result<Option<Tap>, AttemptError> {
    let Some(at) = at.member("tap") else { return Ok(None) };
    let at = at.object()?;
    let kinds = TapKind::ALL.map(|kind| (kind.as_str(), kind));
    let expected = list(TapKind::ALL.map(TapKind::as_str));
    let kind = one_of(&at, "kind", kinds)?;
    let place = format!("{}.kind", at.path);
    Ok(Some(Tap {
        kind: kind.ok_or(AttemptError::Missing { place, expected })?,
        uses_left: number(&at, "usesLeft")?,
        minutes_left: number(&at, "minutesLeft")?,
    }))
}

fn aaguid(at: &At<'_>) -> Result<Option<Aaguid>, AttemptError> {
    let Some(found) = at.member("aaguid") else { return Ok(None) };
    let word = found.text()?;
    let wrong = |_| AttemptError::word(&found.path, word, "an AAGUID");
    word.parse().map(Some).map_err(wrong)
}

fn member<'a>(at: &At<'a>, name: &str, expected: &str) -> Result<At<'a>, AttemptError> {
    at.member(name).ok_or_else(|| AttemptError::Missing {
        place: if at.path.is_empty() { name.to_owned() } else { format!("{}.{name}", at.path) },
        expected: expected.to_owned(),
    })
}

fn one_of<T, const N: usize>(
    at: &At<'_>,
    name: &str,
    words: [(&str, T); N],
) -> Result<Option<T>, AttemptError> {
    let Some(found) = at.member(name) else { return Ok(None) };
    let word = found.text()?;
    let expected = list(words.each_ref().map(|(known, _)| *known));
    let hit = words.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(word));
    hit.map(|(_, value)| Some(value)).ok_or_else(|| AttemptError::word(&found.path, word, expected))
}

fn list<const N: usize>(words: [&str; N]) -> String {
    format!("one of {}", words.join(", "))
}

fn text(at: &At<'_>, name: &str) -> Result<Option<String>, JsonError> {
    at.member(name).map(|found| found.text().map(str::to_owned)).transpose()
}

fn either(at: &At<'_>, name: &str, other: &str) -> Result<Option<String>, JsonError> {
    Ok(text(at, name)?.or(text(at, other)?))
}

fn texts(at: &At<'_>, name: &str) -> Result<Option<Vec<String>>, JsonError> {
    let Some(found) = at.member(name) else { return Ok(None) };
    let items = found.array()?;
    items.iter().map(|item| item.text().map(str::to_owned)).collect::<Result<_, _>>().map(Some)
}

fn boolean(at: &At<'_>, name: &str) -> Result<Option<bool>, JsonError> {
    at.member(name).map(|found| found.boolean()).transpose()
}

/// Counts and minutes beyond 32 bits are as good as endless.
fn number(at: &At<'_>, name: &str) -> Result<Option<u32>, JsonError> {
    let Some(found) = at.member(name) else { return Ok(None) };
    found.number().map(|number| Some(u32::try_from(number).unwrap_or(u32::MAX)))
}

fn short(word: &str) -> String {
    word.chars().take(80).collect()
}

/// Names shown in one detail.
const MAX_NAMED: usize = 10;

const SURFACES: &str = "browser:NAME, authenticatorApp or graphOnBehalf";

const PERSON_MEMBERS: [&str; 10] = [
    "id",
    "name",
    "userPrincipalName",
    "displayName",
    "groups",
    "roles",
    "external",
    "userType",
    "registered",
    "enabledModes",
];

const ATTEMPT_MEMBERS: [&str; 20] = [
    "platform",
    "surface",
    "entry",
    "signedInWith",
    "minutesSinceStrongAuth",
    "tap",
    "resource",
    "phone",
    "device",
    "deviceInfo",
    "clientAppType",
    "signInRiskLevel",
    "signInRisk",
    "userRiskLevel",
    "userRisk",
    "insiderRiskLevel",
    "insiderRisk",
    "locations",
    "trustedLocation",
    "authenticationFlow",
];

pub(crate) static UNKNOWN_MEMBER: Kind = Kind {
    id: "readiness.attempt-unknown-member",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "The attempt says something under a name that keyvet does not know; it was not looked at.",
    next_step: "Check the spelling of the name.",
    source: "keyvet: the attempt's file",
};

pub(crate) static UNKNOWN_MODE: Kind = Kind {
    id: "readiness.unknown-method-mode",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "This is no method mode that Microsoft Graph documents; it satisfies no strength.",
    next_step: "Use a word of authenticationMethodModes: password, fido2, microsoftAuthenticatorPush.",
    source: "Microsoft Graph reference, authenticationMethodModes",
};

pub(crate) static ASSUMED: Kind = Kind {
    id: "readiness.assumed",
    severity: Severity::Note,
    culprit: Culprit::Input,
    meaning: "The input does not say this, and the usual case was taken.",
    next_step: "Say it in the attempt if it is otherwise.",
    source: "keyvet",
};
