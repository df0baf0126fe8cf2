//! What a tenant has configured, as far as registration depends on it.

use crate::{MethodMode, Person};
use keyvet_ctap::Aaguid;
use keyvet_finding::Finding;
use keyvet_policy::Policy;
use std::sync::Arc;

/// One tenant's configuration.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tenant {
    /// The passkey (FIDO2) method; `None` when the export does not hold it.
    pub passkeys: Option<Policy>,
    /// Modes that the tenant enables, when the export holds the other methods' configurations.
    pub methods: Vec<MethodConfiguration>,
    /// Conditional Access policies, in the export's order.
    pub policies: Vec<ConditionalAccessPolicy>,
    /// Authentication strengths by id: those of the export, those inside policies, and the built-in ones.
    pub strengths: Vec<AuthenticationStrength>,
    /// Named locations.
    pub locations: Vec<NamedLocation>,
    /// People, where the export has them.
    pub people: Vec<Person>,
    /// Parts that no file holds: what depends on them is not known.
    pub absent: Vec<Part>,
    /// What is odd about the export: half files, unknown members, references to nothing.
    pub findings: Vec<Finding>,
}

/// A part of an export.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Part {
    /// The passkey (FIDO2) method.
    Passkeys,
    /// Configurations of the other methods.
    Methods,
    /// Conditional Access policies.
    Policies,
    /// Authentication strengths, as a list of their own.
    Strengths,
    /// Named locations.
    Locations,
    /// People and groups.
    People,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 6] = [
        Self::Passkeys,
        Self::Methods,
        Self::Policies,
        Self::Strengths,
        Self::Locations,
        Self::People,
    ];

    /// What it is called in findings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passkeys => "the passkey policy",
            Self::Methods => "the authentication methods policy",
            Self::Policies => "the list of Conditional Access policies",
            Self::Strengths => "the list of authentication strengths",
            Self::Locations => "the list of named locations",
            Self::People => "the list of people",
        }
    }
}

/// One authentication method of the tenant, other than passkeys.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MethodConfiguration {
    /// Graph's id, `TemporaryAccessPass`.
    pub id: String,
    /// Whether it is on; `None` when the export does not say.
    pub enabled: Option<bool>,
    /// Groups it is for; `all_users` is everyone.
    pub include: Vec<String>,
    /// Groups it is not for.
    pub exclude: Vec<String>,
    /// For a Temporary Access Pass: whether each is for one sign-in.
    pub usable_once: Option<bool>,
}

/// A Conditional Access policy (Graph `conditionalAccessPolicy`).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ConditionalAccessPolicy {
    /// As written.
    pub id: Arc<str>,
    /// As written.
    pub name: Arc<str>,
    /// Whether it is in force.
    pub state: PolicyState,
    /// For whom.
    pub users: UserCondition,
    /// For what.
    pub applications: ApplicationCondition,
    /// `platforms`, in Graph's words in lower case.
    pub platforms: Option<Lists>,
    /// `locations`.
    pub locations: Option<Lists>,
    /// `clientAppTypes`; empty or `all` is every one.
    pub client_apps: Vec<String>,
    /// `signInRiskLevels`; empty is every one.
    pub sign_in_risks: Vec<String>,
    /// `userRiskLevels`.
    pub user_risks: Vec<String>,
    /// `insiderRiskLevels`.
    pub insider_risks: Vec<String>,
    /// `devices.deviceFilter`.
    pub device_filter: Option<DeviceFilter>,
    /// `authenticationFlows.transferMethods`.
    pub authentication_flows: Vec<String>,
    /// Conditions that keyvet cannot evaluate, by their Graph names: they leave the policy undecided.
    pub unjudged: Vec<String>,
    /// What it demands; `None` demands nothing (session controls only).
    pub grant: Option<Grant>,
}

/// `state`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PolicyState {
    /// In force.
    Enabled,
    /// Off.
    Disabled,
    /// It reports what it would do.
    ReportOnly,
    /// A word that no reference explains.
    Unknown(String),
}

/// Ids that are included and ids that are excluded.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Lists {
    /// Included; `All` is everything.
    pub include: Vec<String>,
    /// Excluded; wins.
    pub exclude: Vec<String>,
}

/// `conditions.users`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct UserCondition {
    /// User ids, `All`, `None`, `GuestsOrExternalUsers`.
    pub users: Lists,
    /// Group ids.
    pub groups: Lists,
    /// Role template ids.
    pub roles: Lists,
    /// `includeGuestsOrExternalUsers`.
    pub include_guests: Option<Guests>,
    /// `excludeGuestsOrExternalUsers`.
    pub exclude_guests: Option<Guests>,
}

/// `conditionalAccessGuestsOrExternalUsers`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Guests {
    /// `guestOrExternalUserTypes`, each word: `b2bCollaborationGuest`.
    pub types: Vec<String>,
    /// Whether only some external tenants are meant, which no input tells apart.
    pub some_tenants: bool,
}

/// `conditions.applications`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ApplicationCondition {
    /// Application ids, `All`, `None`, or groups such as `Office365`, `MicrosoftAdminPortals`.
    pub resources: Lists,
    /// `urn:user:registersecurityinfo`, `urn:user:registerdevice`.
    pub user_actions: Vec<String>,
    /// `includeAuthenticationContextClassReferences`.
    pub authentication_contexts: Vec<String>,
    /// Whether an `applicationFilter`, which needs attributes that no export holds, includes resources
    /// (`Some(true)`) or excludes them (`Some(false)`).
    pub filter_includes: Option<bool>,
}

/// `devices.deviceFilter`.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct DeviceFilter {
    /// Whether devices that match are the ones included; otherwise they are excluded.
    pub includes: bool,
    /// The rule as written, `device.trustType -eq "AzureAD"`.
    pub rule: String,
}

/// `grantControls`.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Grant {
    /// Whether all controls are demanded; otherwise one is enough.
    pub all: bool,
    /// `builtInControls`: `mfa`, `block`, `compliantDevice`, `passwordChange`, …
    pub controls: Vec<String>,
    /// Terms of use, by id.
    pub terms_of_use: Vec<String>,
    /// Custom authentication factors.
    pub custom_factors: Vec<String>,
    /// Id of the strength demanded; look it up with [`Tenant::strength`].
    pub strength: Option<String>,
}

/// An authentication strength (Graph `authenticationStrengthPolicy`).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AuthenticationStrength {
    /// As written.
    pub id: String,
    /// As written.
    pub name: String,
    /// The alternatives; each is the set of modes that together satisfy it.
    pub combinations: Vec<Vec<MethodMode>>,
    /// Models that `fido2` is limited to; `None` is any.
    pub aaguids: Option<Vec<Aaguid>>,
    /// Settings that keyvet cannot evaluate (certificate issuers), by their Graph names.
    pub unjudged: Vec<String>,
}

/// A named location.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct NamedLocation {
    /// As written.
    pub id: String,
    /// As written.
    pub name: String,
    /// Whether it is marked trusted; `None` where it cannot be (countries).
    pub trusted: Option<bool>,
}

impl Tenant {
    /// The strength of that id, in any case.
    #[must_use]
    pub fn strength(&self, id: &str) -> Option<&AuthenticationStrength> {
        self.strengths.iter().find(|strength| strength.id.eq_ignore_ascii_case(id))
    }
}
