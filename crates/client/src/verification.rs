//! How a person is verified for a command: decided from getInfo alone (CTAP 2.2 §6.1.2, §6.2.2, §6.5.5.7).

use keyvet_ctap::GetInfo;
use keyvet_pin_uv::PinUvAuthProtocol;

use crate::Obstacle;

/// How much the caller wants the person verified.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum UserVerification {
    /// Not without.
    Required,
    /// When the key can without being set up first.
    #[default]
    Preferred,
    /// Only when the key insists.
    Discouraged,
}

/// How a person is verified for one command. Never is option `uv` sent together with a token: strict keys refuse that.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Verification {
    /// Not at all.
    None,
    /// Option `uv`: the key verifies during the command itself (CTAP 2.0 keys).
    Option,
    /// A token for which the key verifies by itself, subcommand 0x06.
    BuiltIn(PinUvAuthProtocol),
    /// A token for the PIN with permissions, subcommand 0x09.
    Pin(PinUvAuthProtocol),
    /// A token for the PIN without permissions, subcommand 0x05 (CTAP 2.0 keys).
    PinWithoutPermissions(PinUvAuthProtocol),
}

/// What a command is, as far as verification goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Purpose {
    /// makeCredential.
    Create { discoverable: bool },
    /// getAssertion.
    Assert,
    /// credentialManagement: nothing goes without a token.
    Manage,
}

impl Verification {
    /// Chooses for a key that says `info` of itself.
    pub(crate) fn choose(
        info: &GetInfo,
        purpose: Purpose,
        wanted: UserVerification,
    ) -> Result<Self, Obstacle> {
        if !needed(info, purpose, wanted) {
            return Ok(Self::None);
        }
        match (info.option("uv"), info.option("clientPin")) {
            (Some(true), _) => built_in(info, purpose),
            (_, Some(true)) => pin(info, purpose),
            (uv, client_pin) => Err(unprotected(uv, client_pin)),
        }
    }

    /// The way left when the key's own verification is blocked: its PIN.
    pub(crate) fn fallback(info: &GetInfo, purpose: Purpose) -> Option<Self> {
        let has_pin = info.option("clientPin") == Some(true);
        has_pin.then(|| pin(info, purpose).ok()).flatten()
    }
}

fn needed(info: &GetInfo, purpose: Purpose, wanted: UserVerification) -> bool {
    let on = |id| info.option(id) == Some(true);
    let protected = on("uv") || on("clientPin");
    if on("alwaysUv") || purpose == Purpose::Manage {
        return true;
    }
    match (wanted, purpose) {
        (UserVerification::Required, _) => true,
        (UserVerification::Preferred, _) => protected,
        (UserVerification::Discouraged, Purpose::Create { discoverable }) => {
            protected && (discoverable || !on("makeCredUvNotRqd"))
        }
        (UserVerification::Discouraged, _) => false,
    }
}

fn built_in(info: &GetInfo, purpose: Purpose) -> Result<Verification, Obstacle> {
    if info.option("pinUvAuthToken") == Some(true) {
        return Ok(Verification::BuiltIn(protocol(info)?));
    }
    // only a token opens management, and a key without token for its own verification has its PIN
    match (purpose, info.option("clientPin")) {
        (Purpose::Manage, Some(true)) => pin(info, purpose),
        (Purpose::Manage, _) => Err(Obstacle::PinNotSet),
        _ => Ok(Verification::Option),
    }
}

fn pin(info: &GetInfo, purpose: Purpose) -> Result<Verification, Obstacle> {
    if info.force_pin_change == Some(true) {
        return Err(Obstacle::PinChangeRequired);
    }
    let barred = info.option("noMcGaPermissionsWithClientPin") == Some(true);
    if barred && purpose != Purpose::Manage {
        return Err(Obstacle::NobodyEnrolled);
    }
    let protocol = protocol(info)?;
    Ok(match info.option("pinUvAuthToken") {
        Some(true) => Verification::Pin(protocol),
        _ => Verification::PinWithoutPermissions(protocol),
    })
}

fn unprotected(uv: Option<bool>, client_pin: Option<bool>) -> Obstacle {
    match (client_pin, uv) {
        (Some(_), _) => Obstacle::PinNotSet,
        (None, Some(_)) => Obstacle::NobodyEnrolled,
        (None, None) => Obstacle::VerificationUnsupported,
    }
}

/// The first protocol of the key's list that is known here.
pub(crate) fn protocol(info: &GetInfo) -> Result<PinUvAuthProtocol, Obstacle> {
    // CTAP 2.0 keys need not list the only protocol there was
    let theirs = info.pin_uv_auth_protocols.as_deref().unwrap_or(&[1]);
    let none = || Obstacle::NoCommonProtocol { theirs: theirs.into() };
    PinUvAuthProtocol::choose(theirs).ok_or_else(none)
}

#[cfg(test)]
mod tests {
    use super::*;
    use UserVerification::{Discouraged, Preferred, Required};
    use keyvet_ctap::Options;

    const CREATE: Purpose = Purpose::Create { discoverable: false };
    const CREATE_DISCOVERABLE: Purpose = Purpose::Create { discoverable: true };

    fn info(options: &[(&str, bool)], protocols: Option<&[u64]>) -> GetInfo {
        let mut info = GetInfo::default();
        info.options =
            Some(options.iter().map(|(id, on)| ((*id).to_owned(), *on)).collect::<Options>());
        info.pin_uv_auth_protocols = protocols.map(Into::into);
        info
    }

    fn choose(
        options: &[(&str, bool)],
        purpose: Purpose,
        wanted: UserVerification,
    ) -> Result<Verification, Obstacle> {
        Verification::choose(&info(options, Some(&[2, 1])), purpose, wanted)
    }

    #[test]
    fn a_key_without_pin_is_not_asked_to_verify_unless_required() {
        let options = [("clientPin", false), ("pinUvAuthToken", true)];
        assert_eq!(choose(&options, CREATE, Preferred), Ok(Verification::None));
        assert_eq!(choose(&options, CREATE, Discouraged), Ok(Verification::None));
        assert_eq!(choose(&options, CREATE, Required), Err(Obstacle::PinNotSet));
        assert_eq!(choose(&[], CREATE, Required), Err(Obstacle::VerificationUnsupported));
        assert_eq!(choose(&[("uv", false)], CREATE, Required), Err(Obstacle::NobodyEnrolled));
    }

    #[test]
    fn a_set_pin_gives_a_token_with_permissions_where_there_are_any() {
        let two = Verification::Pin(PinUvAuthProtocol::Two);
        let old = Verification::PinWithoutPermissions(PinUvAuthProtocol::Two);
        let modern = [("clientPin", true), ("pinUvAuthToken", true)];
        assert_eq!(choose(&modern, CREATE, Preferred), Ok(two));
        assert_eq!(choose(&modern, Purpose::Manage, Discouraged), Ok(two));
        assert_eq!(choose(&[("clientPin", true)], CREATE, Preferred), Ok(old));
    }

    #[test]
    fn built_in_verification_comes_before_the_pin() {
        let built_in = Ok(Verification::BuiltIn(PinUvAuthProtocol::Two));
        let modern = [("uv", true), ("clientPin", true), ("pinUvAuthToken", true)];
        assert_eq!(choose(&modern, CREATE, Preferred), built_in);
        let old = [("uv", true), ("clientPin", true)];
        assert_eq!(choose(&old, CREATE, Required), Ok(Verification::Option));
        let token = Ok(Verification::PinWithoutPermissions(PinUvAuthProtocol::Two));
        assert_eq!(choose(&old, Purpose::Manage, Required), token);
        assert_eq!(choose(&[("uv", true)], Purpose::Manage, Required), Err(Obstacle::PinNotSet));
    }

    #[test]
    fn make_cred_uv_not_rqd_serves_only_what_is_not_discoverable() {
        let options = [("clientPin", true), ("pinUvAuthToken", true), ("makeCredUvNotRqd", true)];
        let two = Ok(Verification::Pin(PinUvAuthProtocol::Two));
        assert_eq!(choose(&options, CREATE, Discouraged), Ok(Verification::None));
        assert_eq!(choose(&options, CREATE_DISCOVERABLE, Discouraged), two);
        assert_eq!(choose(&options[..2], CREATE, Discouraged), two);
        assert_eq!(choose(&options[..2], Purpose::Assert, Discouraged), Ok(Verification::None));
    }

    #[test]
    fn always_uv_makes_verification_needed() {
        let options = [("alwaysUv", true), ("clientPin", false)];
        assert_eq!(choose(&options, Purpose::Assert, Discouraged), Err(Obstacle::PinNotSet));
    }

    #[test]
    fn a_pin_without_the_permissions_serves_management_only() {
        let options = [
            ("clientPin", true),
            ("pinUvAuthToken", true),
            ("noMcGaPermissionsWithClientPin", true),
        ];
        assert_eq!(choose(&options, CREATE, Preferred), Err(Obstacle::NobodyEnrolled));
        let two = Ok(Verification::Pin(PinUvAuthProtocol::Two));
        assert_eq!(choose(&options, Purpose::Manage, Required), two);
    }

    #[test]
    fn a_pin_that_must_be_changed_is_not_asked_for() {
        let mut info = info(&[("clientPin", true)], Some(&[2]));
        info.force_pin_change = Some(true);
        let chosen = Verification::choose(&info, CREATE, Preferred);
        assert_eq!(chosen, Err(Obstacle::PinChangeRequired));
        assert_eq!(Verification::fallback(&info, CREATE), None);
    }

    #[test]
    fn the_protocol_is_the_first_of_the_keys_list_that_is_known() {
        let with = |protocols| protocol(&info(&[], protocols));
        assert_eq!(with(Some(&[2, 1])), Ok(PinUvAuthProtocol::Two));
        assert_eq!(with(Some(&[1, 2])), Ok(PinUvAuthProtocol::One));
        assert_eq!(with(Some(&[7, 2])), Ok(PinUvAuthProtocol::Two));
        assert_eq!(with(None), Ok(PinUvAuthProtocol::One));
        assert_eq!(with(Some(&[7])), Err(Obstacle::NoCommonProtocol { theirs: vec![7] }));
        assert_eq!(with(Some(&[])), Err(Obstacle::NoCommonProtocol { theirs: vec![] }));
    }
}
