//! On which device, by which route, and signed in with what: the columns of a matrix.

use crate::{
    Attempt, Attestation, MethodMode, PasskeyType, Person, Platform, RegisteredMethod, Route,
    Surface, Tap, TapKind, Tenant,
};

/// One column: where somebody tries, how, and what they sign in with.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Situation {
    /// The platform.
    pub platform: Platform,
    /// The program.
    pub surface: Surface,
    /// The route of the passkey.
    pub route: Route,
    /// What the person signs in with.
    pub sign_in: SignIn,
}

/// What the person of a row signs in with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignIn {
    /// The strongest of what they have.
    Own,
    /// A Temporary Access Pass that was just issued to them.
    Pass(TapKind),
}

impl Situation {
    /// A situation.
    #[must_use]
    pub const fn new(platform: Platform, surface: Surface, route: Route, sign_in: SignIn) -> Self {
        Self { platform, surface, route, sign_in }
    }

    /// The columns that are asked when nothing else is said: computers and phones, the browser each comes with,
    /// Authenticator, and an administrator's program; each with what the person has and with a pass of the kind
    /// that the tenant issues. In an order that never changes.
    #[must_use]
    pub fn standard(tenant: &Tenant) -> Vec<Self> {
        let pass = SignIn::Pass(usual_pass(tenant));
        let places = standard_places();
        let on_behalf = (Platform::Windows, Surface::GraphOnBehalf, Route::Local);
        let each = places.iter().flat_map(|place| [(place, SignIn::Own), (place, pass)]);
        each.chain([(&on_behalf, SignIn::Own)])
            .map(|((platform, surface, route), sign_in)| {
                Self::new(*platform, surface.clone(), *route, sign_in)
            })
            .collect()
    }

    /// What it is called: `windows/browser:edge, crossDevice, own methods`.
    #[must_use]
    pub fn label(&self) -> String {
        let sign_in = match self.sign_in {
            SignIn::Own if self.surface == Surface::GraphOnBehalf => "no sign-in",
            SignIn::Own => "own methods",
            SignIn::Pass(TapKind::OneTime) => "one-time pass",
            SignIn::Pass(TapKind::MultiUse) => "multi-use pass",
        };
        let platform = self.platform.as_str();
        format!("{platform}/{}, {}, {sign_in}", self.surface.word(), self.route.as_str())
    }

    /// This person's attempt. A security key is taken to be one that can be attested; a passkey by any other
    /// route is Authenticator's.
    #[must_use]
    pub fn attempt(&self, person: &Person) -> Attempt {
        let mut attempt = Attempt::new(self.platform, self.surface.clone(), self.route);
        attempt.person = person.clone();
        match self.sign_in {
            SignIn::Pass(kind) => with_pass(&mut attempt, kind),
            SignIn::Own => attempt.signed_in_with = strongest(person, self.platform),
        }
        attempt.minutes_since_strong_auth = Some(0);
        if self.route == Route::Local {
            attempt.candidate.attestation = Some(Attestation::MdsPacked);
            attempt.candidate.passkey_type = Some(PasskeyType::DeviceBound);
        }
        attempt
    }
}

/// Signs in with a pass that was just issued.
pub(crate) fn with_pass(attempt: &mut Attempt, kind: TapKind) {
    attempt.signed_in_with = vec![kind.mode()];
    attempt.tap = Some(Tap::new(kind));
    attempt.minutes_since_strong_auth = Some(0);
}

/// The kind of pass that the tenant issues: for one sign-in where it says so.
pub(crate) fn usual_pass(tenant: &Tenant) -> TapKind {
    let mut methods = tenant.methods.iter();
    let once = methods.any(|method| is_pass(&method.id) && method.usable_once == Some(true));
    if once { TapKind::OneTime } else { TapKind::MultiUse }
}

/// Whether a method's configuration is that of the Temporary Access Pass.
pub(crate) fn is_pass(method_id: &str) -> bool {
    method_id.eq_ignore_ascii_case("TemporaryAccessPass")
}

fn standard_places() -> Vec<(Platform, Surface, Route)> {
    let browser = |name: &str| Surface::Browser(name.to_owned());
    let computer = |platform, name| {
        [Route::Local, Route::CrossDevice, Route::InApp]
            .map(|route| (platform, browser(name), route))
    };
    let phone = |platform, name| {
        [(platform, browser(name), Route::Any), (platform, Surface::AuthenticatorApp, Route::InApp)]
    };
    let mut places = Vec::new();
    places.extend(computer(Platform::Windows, "edge"));
    places.extend(computer(Platform::MacOs, "safari"));
    places.extend(computer(Platform::Linux, "chrome"));
    places.extend(phone(Platform::Ios, "safari"));
    places.extend(phone(Platform::Android, "chrome"));
    places
}

/// Ways to sign in, the strongest first. A Platform Credential and Windows Hello work on their own platform.
const WAYS: [&[&str]; 9] = [
    &["fido2"],
    &["windowsHelloForBusiness"],
    &["x509CertificateMultiFactor"],
    &["deviceBasedPush"],
    &["password", "microsoftAuthenticatorPush"],
    &["password", "softwareOath"],
    &["password", "hardwareOath"],
    &["password", "sms"],
    &["password", "voice"],
];

/// What a person signs in with on that platform, of what they have: nothing when the input does not say.
fn strongest(person: &Person, platform: Platform) -> Vec<MethodMode> {
    let Some(registered) = &person.registered else { return Vec::new() };
    let way = WAYS.iter().find(|way| way.iter().all(|mode| has(registered, mode, platform)));
    way.unwrap_or(&["password"].as_slice()).iter().map(|mode| MethodMode::new(mode)).collect()
}

fn has(registered: &[RegisteredMethod], mode: &str, platform: Platform) -> bool {
    let here = mode != "windowsHelloForBusiness"
        || matches!(platform, Platform::Windows | Platform::MacOs);
    let had = registered.iter().any(|method| method.mode.as_str() == mode);
    mode == "password" || here && had
}

/// Who is asked when the export holds no people: somebody new, somebody with a password and push, and somebody
/// with a passkey already; members of whose groups and roles nothing is said.
#[must_use]
pub fn personas() -> Vec<Person> {
    let who = |name: &str, modes: &[&str]| Person {
        name: Some(name.to_owned()),
        external: Some(false),
        registered: Some(modes.iter().map(|mode| method(mode)).collect()),
        ..Person::default()
    };
    vec![
        who("somebody new, with a password only", &["password"]),
        who("somebody with password and push", &["password", "microsoftAuthenticatorPush"]),
        who("somebody with a passkey already", &["password", "fido2"]),
    ]
}

fn method(mode: &str) -> RegisteredMethod {
    RegisteredMethod { mode: MethodMode::new(mode), aaguid: None }
}
