//! Android's key description, extension 1.3.6.1.4.1.11129.2.1.17 of an android-key leaf.
//!
//! ```text
//! KeyDescription ::= SEQUENCE {
//!   attestationVersion INTEGER, attestationSecurityLevel SecurityLevel,
//!   keyMintVersion INTEGER, keyMintSecurityLevel SecurityLevel,
//!   attestationChallenge OCTET STRING, uniqueId OCTET STRING,
//!   softwareEnforced AuthorizationList, hardwareEnforced AuthorizationList }
//! ```
//! Security levels are ENUMERATED; the vectors of WebAuthn L3 write INTEGER, so both are read.

use crate::der::{
    CONTEXT, DerError, ENUMERATED, INTEGER, OCTET_STRING, Reader, SEQUENCE, SET, UNIVERSAL,
};

/// What a key description says, as far as WebAuthn L3 §8.4 asks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct KeyDescription {
    /// Security level of the attestation: 0 software, 1 trusted environment, 2 StrongBox.
    pub(crate) attestation_security_level: i64,
    /// Security level of the key itself.
    pub(crate) key_security_level: i64,
    /// `attestationChallenge`: must be the client data hash.
    pub(crate) challenge: Vec<u8>,
    /// What Android itself enforces.
    pub(crate) software_enforced: AuthorizationList,
    /// What the trusted environment enforces (`teeEnforced`).
    pub(crate) hardware_enforced: AuthorizationList,
}

/// The members of an authorization list that WebAuthn judges.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct AuthorizationList {
    /// `[1] purpose`.
    pub(crate) purposes: Vec<i64>,
    /// `[600] allApplications` is present.
    pub(crate) all_applications: bool,
    /// `[702] origin`.
    pub(crate) origin: Option<i64>,
}

impl KeyDescription {
    /// Reads the extension value.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, DerError> {
        let mut outer = Reader::new(bytes);
        let mut members = outer.expect(SEQUENCE)?.reader();
        outer.end()?;
        members.expect(INTEGER)?;
        let attestation_security_level = security_level(&mut members)?;
        members.expect(INTEGER)?;
        let key_security_level = security_level(&mut members)?;
        let challenge = members.expect(OCTET_STRING)?.content.to_vec();
        members.expect(OCTET_STRING)?;
        let software_enforced = AuthorizationList::parse(members.expect(SEQUENCE)?.reader())?;
        let hardware_enforced = AuthorizationList::parse(members.expect(SEQUENCE)?.reader())?;
        members.end()?;
        Ok(Self {
            attestation_security_level,
            key_security_level,
            challenge,
            software_enforced,
            hardware_enforced,
        })
    }
}

impl AuthorizationList {
    /// Reads members up to the end; those WebAuthn does not judge are skipped.
    fn parse(mut members: Reader<'_>) -> Result<Self, DerError> {
        let mut list = Self::default();
        while let Some(member) = members.next()? {
            match (member.class, member.number) {
                (CONTEXT, PURPOSE) => {
                    list.purposes = integers(member.reader().expect(SET)?.reader())?
                }
                (CONTEXT, ALL_APPLICATIONS) => list.all_applications = true,
                (CONTEXT, ORIGIN) => list.origin = member.reader().expect(INTEGER)?.as_integer(),
                _ => {}
            }
        }
        Ok(list)
    }
}

fn security_level(members: &mut Reader<'_>) -> Result<i64, DerError> {
    let element = members.required()?;
    match element.as_integer() {
        Some(level) if element.class == UNIVERSAL => Ok(level),
        _ => Err(DerError::Unexpected { expected: ENUMERATED, got: element.number }),
    }
}

fn integers(mut set: Reader<'_>) -> Result<Vec<i64>, DerError> {
    let mut values = Vec::new();
    while let Some(element) = set.next()? {
        values.push(element.as_integer().ok_or(DerError::Form)?);
    }
    Ok(values)
}

const PURPOSE: u32 = 1;
const ALL_APPLICATIONS: u32 = 600;
const ORIGIN: u32 = 702;

#[cfg(test)]
mod tests {
    use super::*;

    /// A description with the challenge `c`, SIGN in hardware, origin GENERATED in software.
    fn sample(level_tag: u8) -> Vec<u8> {
        let mut body = vec![0x02, 1, 4, level_tag, 1, 1, 0x02, 1, 41, level_tag, 1, 1];
        body.extend([0x04, 1, b'c', 0x04, 0]);
        body.extend([0x30, 7, 0xbf, 0x85, 0x3e, 3, 0x02, 1, 0]);
        body.extend([0x30, 7, 0xa1, 5, 0x31, 3, 0x02, 1, 2]);
        let mut all = vec![0x30, u8::try_from(body.len()).unwrap()];
        all.extend(body);
        all
    }

    #[test]
    fn security_level_is_read_as_enumerated_and_as_integer() {
        for tag in [0x0a, 0x02] {
            let description = KeyDescription::parse(&sample(tag)).unwrap();
            assert_eq!(description.attestation_security_level, 1);
            assert_eq!(description.challenge, b"c");
            assert_eq!(description.software_enforced.origin, Some(0));
            assert_eq!(description.hardware_enforced.purposes, [2]);
        }
        assert!(KeyDescription::parse(&sample(0x04)).is_err());
    }

    #[test]
    fn a_cut_description_is_refused_at_every_length() {
        let whole = sample(0x0a);
        for len in 0..whole.len() {
            assert!(KeyDescription::parse(whole.get(..len).unwrap()).is_err(), "length {len}");
        }
    }
}
