//! The `options` member (CTAP 2.2 §6.4, "Option IDs").

/// Options by identifier, in the order received; unknown ones are kept.
///
/// What absence means differs by option: for `rk` it is false, for `up` true, for `clientPin`, `uv`,
/// `ep`, `bioEnroll` and `alwaysUv` it is "not supported".
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Options(Vec<(String, bool)>);

impl Options {
    /// The state of option `id`; `None` when it is absent.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<bool> {
        self.iter().find(|(found, _)| *found == id).map(|(_, state)| state)
    }

    /// Every option and its state.
    pub fn iter(&self) -> impl Iterator<Item = (&str, bool)> {
        self.0.iter().map(|(id, state)| (id.as_str(), *state))
    }
}

impl FromIterator<(String, bool)> for Options {
    fn from_iter<I: IntoIterator<Item = (String, bool)>>(options: I) -> Self {
        Self(options.into_iter().collect())
    }
}

/// Every identifier of the option registry, CTAP 2.0 to 2.3.
pub(super) const KNOWN: [&str; 20] = [
    "plat",
    "rk",
    "clientPin",
    "up",
    "uv",
    "pinUvAuthToken",
    "noMcGaPermissionsWithClientPin",
    "largeBlobs",
    "ep",
    "bioEnroll",
    "userVerificationMgmtPreview",
    "uvBioEnroll",
    "authnrCfg",
    "uvAcfg",
    "credMgmt",
    "perCredMgmtRO",
    "credentialMgmtPreview",
    "setMinPINLength",
    "makeCredUvNotRqd",
    "alwaysUv",
];
