//! One attempt: who, on what, how signed in, with which passkey by which route.

use keyvet_ctap::Aaguid;

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
    /// The passkey to be made.
    pub candidate: Candidate,
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

/// A method as Graph's `authenticationMethodModes` names it, in the case of its documentation:
/// `temporaryAccessPassOneTime`, `microsoftAuthenticatorPush`, `fido2`. An unknown word survives.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MethodMode(pub(crate) String);

impl MethodMode {
    /// The mode of that name; its case is that of the documentation where the name is known.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let name = name.trim();
        let known = KNOWN_MODES.iter().find(|known| known.eq_ignore_ascii_case(name));
        Self((*known.unwrap_or(&name)).to_owned())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the documentation knows it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        KNOWN_MODES.contains(&self.as_str())
    }
}

/// Graph reference, `authenticationMethodModes`, with the values of its beta edition.
const KNOWN_MODES: [&str; 21] = [
    "password",
    "voice",
    "hardwareOath",
    "softwareOath",
    "sms",
    "fido2",
    "windowsHelloForBusiness",
    "microsoftAuthenticatorPush",
    "deviceBasedPush",
    "temporaryAccessPassOneTime",
    "temporaryAccessPassMultiUse",
    "email",
    "x509CertificateSingleFactor",
    "x509CertificateMultiFactor",
    "federatedSingleFactor",
    "federatedMultiFactor",
    "qrCodePin",
    "qrCode",
    "x509Certificate",
    "federated",
    "securityQuestion",
];

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

/// The two kinds of Temporary Access Pass.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TapKind {
    /// For one sign-in.
    OneTime,
    /// For any number until it expires.
    MultiUse,
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
