//! What is asked of a policy: does it apply to this person, for this target, from this device?

use crate::{Device, NamedLocation, Person, Platform};

/// One question put to every policy of a tenant.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Who signs in.
    pub person: &'a Person,
    /// What for.
    pub target: Target<'a>,
    /// On which platform.
    pub platform: Platform,
    /// By which client, `clientAppType`: `browser`, `mobileAppsAndDesktopClients`. Empty is unknown.
    pub client_app: &'a str,
    /// The device and the network.
    pub device: &'a Device,
    /// The tenant's named locations.
    pub locations: &'a [NamedLocation],
}

/// What a sign-in is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Target<'a> {
    /// A resource, by its application id; `None` is any resource that only "All resources" names.
    Resource(Option<&'a str>),
    /// A user action.
    UserAction(UserAction),
    /// Data behind an authentication context, by its id: `c1`.
    AuthenticationContext(&'a str),
}

/// `includeUserActions`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum UserAction {
    /// `urn:user:registersecurityinfo`.
    RegisterSecurityInfo,
    /// `urn:user:registerdevice`.
    RegisterDevice,
}

impl UserAction {
    /// The action in an exported policy.
    #[must_use]
    pub const fn as_urn(self) -> &'static str {
        match self {
            Self::RegisterSecurityInfo => "urn:user:registersecurityinfo",
            Self::RegisterDevice => "urn:user:registerdevice",
        }
    }
}
