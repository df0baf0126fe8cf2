//! What one tenant demands of a credential: one model for every identity provider.
//!
//! A [`Policy`] is a disjunction of [`Profile`]s: a credential is accepted when it meets all
//! [`Requirements`] of at least one profile its owner may use. How other providers fit:
//!
//! | provider | profiles | notes |
//! |---|---|---|
//! | Entra, legacy form | one, made of the two legacy fields | types are not stated |
//! | Entra, profile form | one per `passkeyProfiles[]` | assigned by targets |
//! | Okta | one per enrolment policy | group names resolved to an allow list by the importer |
//! | PingOne | one | MDS identifiers that are no AAGUIDs stay [`ListedModel::Other`] |
//! | Keycloak | one | a non-empty list also forbids self attestation |
//! | authentik | one | the zero UUID is the word "unknown types", kept as [`ListedModel::Other`] |
//! | Kanidm | one per certificate authority | [`Roots::Given`] and its own AAGUID list |
//! | AWS IAM | one per statement | [`Requirements::certification_min`]; FIPS levels in `unjudged` |

use keyvet_ctap::Aaguid;
use keyvet_finding::Finding;

/// One tenant's demands, as imported from one document.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Policy {
    /// Which product the document configures, and in which shape it was written.
    pub provider: Provider,
    /// Whether the tenant has switched passkeys on.
    pub enabled: Stated<bool>,
    /// Whether people may register passkeys themselves.
    pub self_service: Stated<bool>,
    /// Who may use which profiles.
    pub include: Stated<Vec<Target>>,
    /// Who may not use passkeys at all.
    pub exclude: Stated<Vec<Target>>,
    /// The alternatives, in the document's order.
    pub profiles: Vec<Profile>,
    /// What was noticed while reading: contradictions, unknown members, malformed values.
    pub findings: Vec<Finding>,
}

/// The product a policy document configures.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Provider {
    /// Microsoft Entra, deprecated form: `isAttestationEnforced` and `keyRestrictions`.
    EntraLegacy,
    /// Microsoft Entra with `passkeyProfiles`.
    EntraProfiles,
    /// A plain list of allowed AAGUIDs, tied to no product.
    AaguidList,
}

/// A value of a policy document, or why there is none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Stated<T> {
    /// The document says it.
    Value(T),
    /// The document does not say it; a change request leaves the tenant's value as it is.
    Missing,
    /// The document says something that no published reference explains; kept as written.
    Unknown(String),
}

impl<T> Stated<T> {
    /// The value, when the document states one that is understood.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing | Self::Unknown(_) => None,
        }
    }
}

/// A group, or everyone, and what it is given.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Target {
    /// The identifier as written: a group id, or `all_users`.
    pub id: String,
    /// Ids of the profiles the members may use; `None` when the document does not say.
    pub profiles: Option<Vec<String>>,
}

impl Target {
    /// Whether this target is everyone in the tenant.
    #[must_use]
    pub fn is_everyone(&self) -> bool {
        self.is(ALL_USERS)
    }

    /// Whether this target has that id; ids are compared without regard to case.
    #[must_use]
    pub fn is(&self, id: &str) -> bool {
        self.id.eq_ignore_ascii_case(id)
    }
}

/// The id that stands for everyone in the tenant.
pub const ALL_USERS: &str = "all_users";

/// One alternative of a policy.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Profile {
    /// Identifier as written.
    pub id: String,
    /// Name as written; the identifier where there is none.
    pub name: String,
    /// What it demands.
    pub requirements: Requirements,
}

/// What one profile demands of a credential. All of it must hold.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Requirements {
    /// What must be known about the attestation.
    pub attestation: Stated<Attestation>,
    /// Where a chain has to end when one is demanded.
    pub roots: Roots,
    /// Which models are let in.
    pub aaguids: Stated<AaguidRule>,
    /// Which kinds of passkey are let in.
    pub types: Stated<Types>,
    /// The lowest FIDO certification level, as the provider writes it (`L1plus`).
    pub certification_min: Option<String>,
    /// Whether the person must have been verified.
    pub user_verification: Option<UserVerification>,
    /// When each demand is looked at.
    pub applies: Applies,
    /// Demands that are kept but not judged, as written (`hardwareProtected`): they leave open.
    pub unjudged: Vec<String>,
}

impl Requirements {
    /// Demands on attestation, model and kind, and no others: the attestation is judged once, model and kind
    /// again at every sign-in. A chain has to end in FIDO metadata.
    pub(crate) fn judged(
        attestation: Stated<Attestation>,
        aaguids: Stated<AaguidRule>,
        types: Stated<Types>,
    ) -> Self {
        Self {
            attestation,
            roots: Roots::Metadata,
            aaguids,
            types,
            certification_min: None,
            user_verification: None,
            applies: Applies {
                attestation: Moments::Registration,
                aaguids: Moments::RegistrationAndSignIn,
                types: Moments::RegistrationAndSignIn,
            },
            unjudged: Vec::new(),
        }
    }
}

/// What must be known about the attestation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Attestation {
    /// Nothing.
    NotDemanded,
    /// A valid statement of any type.
    Any,
    /// A valid statement made with something else than the credential's own key.
    NotSelf,
    /// A valid statement whose chain ends at one of [`Requirements::roots`].
    Chain,
}

/// Where a chain has to end.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Roots {
    /// At an anchor of the model's FIDO metadata entry.
    Metadata,
    /// At one of these certificates (DER).
    Given(Vec<Vec<u8>>),
}

/// Which models are let in.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AaguidRule {
    /// What the list is for.
    pub mode: ListMode,
    /// The list as written, in its order, duplicates included.
    pub list: Vec<ListedModel>,
}

/// What a list of models is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ListMode {
    /// Nothing: every model is let in.
    Any,
    /// Only listed models are let in.
    Allow,
    /// Listed models are kept out.
    Block,
}

/// One row of a list of models.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ListedModel {
    /// An AAGUID, with its spelling.
    Aaguid {
        /// The value.
        aaguid: Aaguid,
        /// As written.
        written: String,
    },
    /// Something else, as written. Never matches.
    Other(String),
}

impl ListedModel {
    /// Reads one row; what is not an AAGUID is kept as written.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let written = text.to_owned();
        match text.parse() {
            Ok(aaguid) => Self::Aaguid { aaguid, written },
            Err(_) => Self::Other(written),
        }
    }

    /// The AAGUID, when it is one.
    #[must_use]
    pub fn aaguid(&self) -> Option<Aaguid> {
        match self {
            Self::Aaguid { aaguid, .. } => Some(*aaguid),
            Self::Other(_) => None,
        }
    }
}

impl AaguidRule {
    /// A rule that lets every model in.
    #[must_use]
    pub fn any() -> Self {
        Self { mode: ListMode::Any, list: Vec::new() }
    }

    /// Whether the list names this model. The zero AAGUID names no model and is never found.
    #[must_use]
    pub fn names(&self, aaguid: Aaguid) -> bool {
        !aaguid.is_zero() && self.list.iter().any(|row| row.aaguid() == Some(aaguid))
    }
}

/// Which kinds of passkey are let in.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Types {
    /// Passkeys that never leave their authenticator.
    pub device_bound: bool,
    /// Passkeys that are copied between devices.
    pub synced: bool,
    /// Words that no published reference explains, as written.
    pub other: Vec<String>,
}

/// Whether the person must have been verified by PIN or biometrics.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum UserVerification {
    /// It must have happened.
    Required,
    /// It is asked for and not insisted on.
    Preferred,
    /// It is not asked for.
    Discouraged,
}

/// When each demand is looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Applies {
    /// When the attestation is judged.
    pub attestation: Moments,
    /// When the list of models is judged.
    pub aaguids: Moments,
    /// When the kind of passkey is judged.
    pub types: Moments,
}

/// The moments at which a demand is looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Moments {
    /// When a passkey is registered, and never again.
    Registration,
    /// When a passkey is registered and each time it is used.
    RegistrationAndSignIn,
}

impl Moments {
    /// Whether the demand is looked at in this moment.
    #[must_use]
    pub fn include(self, moment: Moment) -> bool {
        matches!((self, moment), (_, Moment::Registration) | (Self::RegistrationAndSignIn, _))
    }
}

/// One of the two moments a verdict answers for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Moment {
    /// A passkey is being registered.
    Registration,
    /// A registered passkey is being used.
    SignIn,
}
