//! Revocation lists from files (RFC 5280 §5): who issued them, what they revoke, until when they hold.

use crate::certificate_text::pem_or_der;
use crate::der::{Element, SEQUENCE, element};
use crate::error::MdsError;
use keyvet_finding::{Culprit, Kind, Severity};
use keyvet_x509::{PublicKey, SignatureAlgorithm, verify};
use std::collections::BTreeSet;
use time::{Date, Month, OffsetDateTime};

/// A revocation list, its signature not judged yet.
#[derive(Debug)]
pub(crate) struct Crl {
    /// Raw Name.
    pub(crate) issuer: Vec<u8>,
    next_update: Option<OffsetDateTime>,
    serials: BTreeSet<Vec<u8>>,
    critical_extension: bool,
    signed: Vec<u8>,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
}

impl Crl {
    /// Reads a DER or PEM list.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, MdsError> {
        let der = pem_or_der(bytes).unwrap_or_default();
        read(&der).ok_or_else(|| {
            let reason = format!("{} bytes are no certificate revocation list", bytes.len());
            MdsError::CrlMalformed { reason }
        })
    }

    /// Checks that the holder of `issuer` signed it.
    pub(crate) fn verify(&self, issuer: &PublicKey, name: &str) -> Result<(), MdsError> {
        let algorithm = SignatureAlgorithm::from_algorithm_identifier(&self.algorithm);
        let verified = algorithm.is_some_and(|algorithm| {
            verify(algorithm, issuer, &self.signed, &self.signature).is_ok()
        });
        verified.then_some(()).ok_or_else(|| MdsError::CrlUntrusted { issuer: name.to_owned() })
    }

    /// Whether the list names this serial number.
    pub(crate) fn revokes(&self, serial: &[u8]) -> bool {
        self.serials.contains(significant(serial))
    }

    /// Whether a newer list was due before `at`.
    pub(crate) fn is_stale(&self, at: OffsetDateTime) -> bool {
        self.next_update.is_some_and(|next| next < at)
    }

    /// Whether silence means "not revoked": a delta list or one with a narrower scope says so in a
    /// critical extension.
    pub(crate) fn is_complete(&self) -> bool {
        !self.critical_extension
    }
}

fn read(der: &[u8]) -> Option<Crl> {
    let list = sequence(der)?;
    let tbs = sequence(list.content)?;
    let algorithm = sequence(tbs.rest)?;
    let signature = element(algorithm.rest).filter(|bits| bits.tag == BIT_STRING)?;
    let mut next = element(tbs.content)?;
    if next.tag == INTEGER {
        next = element(next.rest)?;
    }
    let issuer = sequence(next.rest)?;
    let this_update = element(issuer.rest)?;
    let rest = Rest::read(this_update.rest)?;
    Some(Crl {
        issuer: issuer.whole.to_vec(),
        next_update: rest.next_update,
        serials: rest.serials,
        critical_extension: rest.critical_extension,
        signed: tbs.whole.to_vec(),
        algorithm: algorithm.whole.to_vec(),
        signature: signature.content.strip_prefix(&[0])?.to_vec(),
    })
}

/// The optional members at the end, each told by its tag.
#[derive(Default)]
struct Rest {
    next_update: Option<OffsetDateTime>,
    serials: BTreeSet<Vec<u8>>,
    critical_extension: bool,
}

impl Rest {
    fn read(mut bytes: &[u8]) -> Option<Self> {
        let mut rest = Self::default();
        while !bytes.is_empty() {
            let member = element(bytes)?;
            match member.tag {
                UTC_TIME | GENERALIZED_TIME => rest.next_update = Some(time(&member)?),
                SEQUENCE => rest.serials = serials(member.content)?,
                EXTENSIONS => rest.critical_extension = any_critical(member.content)?,
                _ => return None,
            }
            bytes = member.rest;
        }
        Some(rest)
    }
}

fn serials(mut bytes: &[u8]) -> Option<BTreeSet<Vec<u8>>> {
    let mut serials = BTreeSet::new();
    while !bytes.is_empty() {
        let entry = sequence(bytes)?;
        let serial = element(entry.content).filter(|serial| serial.tag == INTEGER)?;
        serials.insert(significant(serial.content).to_vec());
        bytes = entry.rest;
    }
    Some(serials)
}

/// Real certificates write serial numbers with and without a leading zero.
fn significant(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|byte| **byte == 0).count();
    serial.get(zeros..).unwrap_or_default()
}

fn any_critical(bytes: &[u8]) -> Option<bool> {
    let mut rest = sequence(bytes)?.content;
    let mut critical = false;
    while !rest.is_empty() {
        let extension = sequence(rest)?;
        let oid = element(extension.content)?;
        let second = element(oid.rest)?;
        critical |= second.tag == BOOLEAN && second.content != [0];
        rest = extension.rest;
    }
    Some(critical)
}

fn sequence(bytes: &[u8]) -> Option<Element<'_>> {
    element(bytes).filter(|found| found.tag == SEQUENCE)
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ` (RFC 5280 §5.1.2.4).
fn time(member: &Element<'_>) -> Option<OffsetDateTime> {
    let text = std::str::from_utf8(member.content).ok()?.strip_suffix('Z')?;
    let (year, rest) = match member.tag {
        GENERALIZED_TIME => text.split_at_checked(4)?,
        _ => text.split_at_checked(2)?,
    };
    let year = match (year.len(), year.parse::<i32>().ok()?) {
        (2, year @ 0..50) => year.saturating_add(2000),
        (2, year) => year.saturating_add(1900),
        (_, year) => year,
    };
    let mut pairs = rest
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| pair.parse::<u8>().ok()));
    let mut pair = || pairs.next().flatten();
    let month = Month::try_from(pair()?).ok()?;
    let date = Date::from_calendar_date(year, month, pair()?).ok()?;
    date.with_hms(pair()?, pair()?, pair()?).ok().map(time::PrimitiveDateTime::assume_utc)
}

const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const EXTENSIONS: u8 = 0xa0;

/// A revocation list is older than it should be.
pub(crate) static CRL_STALE: Kind = Kind {
    id: "mds.crl-stale",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "A revocation list given was due to be replaced before the time of checking, so a later revocation is not in it.",
    next_step: "Give the current list of this issuer.",
    source: "RFC 5280 §5.1.2.5",
};
