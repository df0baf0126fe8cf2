//! One attempt: who, on what, how signed in, with which passkey by which route.

use crate::MethodMode;
use keyvet_ctap::Aaguid;
use keyvet_finding::Finding;

/// One attempt to register a passkey.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Attempt {
    /// Who.
    pub person: Person,
    /// The platform that the browser or app names (R17: from the user agent, unverified).
    pub platform: Platform,
    /// Where it happens.
    pub surface: Surface,
    /// How the person comes to registration.
    pub entry: Entry,
    /// The application signed in to first; `None` is any resource that only "All resources" names.
    pub resource: Option<String>,
    /// What the person has signed in with, in this session.
    pub signed_in_with: Vec<MethodMode>,
    /// Age of the last strong authentication; `None` when the input does not say.
    pub minutes_since_strong_auth: Option<u32>,
    /// The Temporary Access Pass, where the person has one.
    pub tap: Option<Tap>,
    /// The platform of the phone on which Authenticator is, where the attempt begins on another device.
    pub phone: Option<Platform>,
    /// The device and the network, as far as the input says.
    pub device: Device,
    /// The same of the phone on which Authenticator is, where the attempt begins on another device.
    pub phone_device: Device,
    /// The passkey to be made.
    pub candidate: Candidate,
    /// What was odd about the input; repeated in the answer's notes.
    pub findings: Vec<Finding>,
}

impl Attempt {
    /// An attempt of nobody in particular, who has not signed in yet; everything else is not said.
    #[must_use]
    pub fn new(platform: Platform, surface: Surface, route: Route) -> Self {
        let entry = surface.usual_entry();
        Self {
            person: Person::default(),
            platform,
            surface,
            entry,
            resource: None,
            signed_in_with: Vec::new(),
            minutes_since_strong_auth: None,
            tap: None,
            phone: None,
            device: Device::default(),
            phone_device: Device::default(),
            candidate: Candidate { aaguid: None, passkey_type: None, attestation: None, route },
            findings: Vec::new(),
        }
    }
}

/// A person in the tenant.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Person {
    /// Object id, where the input has it.
    pub id: Option<String>,
    /// What to call them in an answer.
    pub name: Option<String>,
    /// Ids of every group they are in; `None` when the input does not say.
    pub groups: Option<Vec<String>>,
    /// Ids of the directory role templates they hold; `None` when the input does not say.
    pub roles: Option<Vec<String>>,
    /// Whether they are a guest or another external user; `None` when the input does not say.
    pub external: Option<bool>,
    /// Methods registered before the attempt; `None` when the input does not say.
    pub registered: Option<Vec<RegisteredMethod>>,
    /// Methods that the tenant lets them use; `None` when the input does not say.
    pub enabled_modes: Option<Vec<MethodMode>>,
}

/// A method that a person has.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RegisteredMethod {
    /// Which.
    pub mode: MethodMode,
    /// The model, for a passkey.
    pub aaguid: Option<Aaguid>,
}

/// `devicePlatform`, without what registration does not know.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Platform {
    /// Windows.
    Windows,
    /// macOS.
    MacOs,
    /// Linux.
    Linux,
    /// iOS and iPadOS.
    Ios,
    /// Android.
    Android,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Self; 5] = [Self::Windows, Self::MacOs, Self::Linux, Self::Ios, Self::Android];

    /// Graph's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Windows => "windows",
            Self::MacOs => "macOS",
            Self::Linux => "linux",
            Self::Ios => "iOS",
            Self::Android => "android",
        }
    }

    /// The platform of that word, in any case.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|platform| platform.as_str().eq_ignore_ascii_case(word))
    }

    /// Whether it is a phone's or tablet's, which Authenticator runs on.
    #[must_use]
    pub const fn is_mobile(self) -> bool {
        matches!(self, Self::Ios | Self::Android)
    }
}

/// Where the attempt happens.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Surface {
    /// In a browser, by its name in lower case: `edge`, `chrome`, `safari`.
    Browser(String),
    /// In Microsoft Authenticator.
    AuthenticatorApp,
    /// An administrator's program, on the person's behalf, through Graph.
    GraphOnBehalf,
}

impl Surface {
    /// The surface of that word: `browser:edge`, `authenticatorApp`, `graphOnBehalf`, in any case.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        if let Some((kind, name)) = word.split_once(':') {
            let fits = kind.eq_ignore_ascii_case("browser") && !name.trim().is_empty();
            return fits.then(|| Self::Browser(name.trim().to_lowercase()));
        }
        let surfaces = [Self::AuthenticatorApp, Self::GraphOnBehalf];
        surfaces.into_iter().find(|surface| surface.word().eq_ignore_ascii_case(word))
    }

    /// The word: `browser:edge`.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Browser(name) => format!("browser:{name}"),
            Self::AuthenticatorApp => "authenticatorApp".to_owned(),
            Self::GraphOnBehalf => "graphOnBehalf".to_owned(),
        }
    }

    /// How one comes to registration there unless something else is said.
    #[must_use]
    pub const fn usual_entry(&self) -> Entry {
        match self {
            Self::Browser(_) => Entry::Interrupt,
            Self::AuthenticatorApp => Entry::InApp,
            Self::GraphOnBehalf => Entry::Manage,
        }
    }
}

/// How the person comes to registration.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Entry {
    /// During a sign-in that demands it (wizard).
    Interrupt,
    /// On the page "My security info".
    Manage,
    /// By adding an account, or a passkey, in Authenticator.
    InApp,
}

impl Entry {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Interrupt, Self::Manage, Self::InApp];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Interrupt => "interrupt",
            Self::Manage => "manage",
            Self::InApp => "inApp",
        }
    }
}

/// A Temporary Access Pass.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Tap {
    /// Which kind.
    pub kind: TapKind,
    /// Sign-ins left, the one of this attempt included; `None` when the input does not say.
    pub uses_left: Option<u32>,
    /// Minutes of its life left; `None` when the input does not say.
    pub minutes_left: Option<u32>,
}

impl Tap {
    /// A pass of that kind, of which nothing else is said.
    #[must_use]
    pub const fn new(kind: TapKind) -> Self {
        Self { kind, uses_left: None, minutes_left: None }
    }
}

/// The two kinds of Temporary Access Pass.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TapKind {
    /// For one sign-in.
    OneTime,
    /// For any number until it expires.
    MultiUse,
}

impl TapKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::OneTime, Self::MultiUse];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneTime => "oneTime",
            Self::MultiUse => "multiUse",
        }
    }

    /// The mode that signing in with such a pass is.
    #[must_use]
    pub fn mode(self) -> MethodMode {
        MethodMode::new(match self {
            Self::OneTime => "temporaryAccessPassOneTime",
            Self::MultiUse => "temporaryAccessPassMultiUse",
        })
    }
}

/// The device and the network, for conditions that ask about them; `None` is "the input does not say".
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Device {
    /// Marked compliant by device management.
    pub compliant: Option<bool>,
    /// Joined to the directory and a domain (`Hybrid Azure AD joined`).
    pub hybrid_joined: Option<bool>,
    /// Members a device filter may ask for, by Graph name (`trustType`), as text.
    pub properties: Vec<(String, String)>,
    /// `clientAppType`; browsers and Authenticator imply theirs.
    pub client_app: Option<String>,
    /// Version of the operating system, `17.4`.
    pub os_version: Option<String>,
    /// Whether it has Bluetooth, switched on.
    pub bluetooth: Option<bool>,
    /// An app-protection policy holds the app.
    pub app_protected: Option<bool>,
    /// `signInRiskLevel`, in Graph's words.
    pub sign_in_risk: Option<String>,
    /// `userRiskLevel`.
    pub user_risk: Option<String>,
    /// `insiderRiskLevel`.
    pub insider_risk: Option<String>,
    /// Ids of the named locations the network is in.
    pub locations: Option<Vec<String>>,
    /// Whether one of them is trusted.
    pub trusted_location: Option<bool>,
    /// `transferMethod` of the authentication flow: `deviceCodeFlow`, `authenticationTransfer`, `none`.
    pub authentication_flow: Option<String>,
}

/// The passkey to be made.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Candidate {
    /// Its model; `None` when the input leaves it open.
    pub aaguid: Option<Aaguid>,
    /// Whether it stays in its authenticator.
    pub passkey_type: Option<PasskeyType>,
    /// The attestation it can give.
    pub attestation: Option<Attestation>,
    /// How it is to be made.
    pub route: Route,
}

/// Whether a passkey stays in its authenticator.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PasskeyType {
    /// It does.
    DeviceBound,
    /// It is copied between devices.
    Synced,
}

impl PasskeyType {
    /// Both.
    pub const ALL: [Self; 2] = [Self::DeviceBound, Self::Synced];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DeviceBound => "deviceBound",
            Self::Synced => "synced",
        }
    }
}

/// The attestation a candidate can give.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Attestation {
    /// `packed`, with a chain to FIDO metadata.
    MdsPacked,
    /// App Attest or Play Integrity, by Authenticator.
    AppAttest,
    /// `tpm`.
    Tpm,
    /// None.
    None,
}

impl Attestation {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::MdsPacked, Self::AppAttest, Self::Tpm, Self::None];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MdsPacked => "mdsPacked",
            Self::AppAttest => "appAttest",
            Self::Tpm => "tpm",
            Self::None => "none",
        }
    }
}

/// How the passkey is to be made.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Route {
    /// On a security key, or by the platform itself, at this device.
    Local,
    /// On a phone, by QR code and Bluetooth.
    CrossDevice,
    /// Inside Microsoft Authenticator.
    InApp,
    /// By whichever works.
    Any,
}

impl Route {
    /// Every route.
    pub const ALL: [Self; 4] = [Self::Local, Self::CrossDevice, Self::InApp, Self::Any];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::CrossDevice => "crossDevice",
            Self::InApp => "inApp",
            Self::Any => "any",
        }
    }
}
