//! What every format shares: members, certificates, signatures, leaf profile, AAGUID extension.

use keyvet_attestation::Statement;
use keyvet_cbor::Out;
use keyvet_x509::Certificate;
use rcgen::{BasicConstraints, DnType, IsCa};

use crate::altered::altered;
use crate::authenticator::{AAGUID_OID, Authenticator, name};
use crate::cases::{Case, real_metadata, record};

pub(crate) fn cases() -> Vec<Case> {
    [members(), certificates(), signatures(), profile(), aaguid_extension()].concat()
}

fn members() -> Vec<Case> {
    let malformed = |registration| {
        Case::new("attestation.statement-malformed", Statement::Malformed, registration)
    };
    let mut unsigned = record("packed-006");
    unsigned.client_data_json = None;
    let missing = "attestation.client-data-missing";
    let mut unknown = Authenticator::new().registration("unheard-of", Out::Null);
    unknown.client_data_json = None;
    let mut none = record("none-001");
    none.client_data_json = None;
    vec![
        malformed(altered("packed-006", |object| object.set("sig", Out::Null))),
        malformed(altered("packed-006", |object| object.set("alg", "ES256".into()))),
        malformed(altered("packed-006", |object| object.statement = Out::Array(Vec::new()))),
        malformed(altered("packed-006", |object| object.set("x5c", Out::Bool(true)))),
        malformed(altered("tpm-002", |object| object.set("ver", Out::Unsigned(2)))),
        malformed(altered("none-001", |object| object.statement = Out::Null)),
        Case::new(missing, Statement::Unchecked, unsigned),
        Case::new("attestation.format-unsupported", Statement::Unsupported, unknown),
        Case::valid("attestation.no-attestation", none),
    ]
}

fn certificates() -> Vec<Case> {
    let too_large = |count: usize, len: usize| {
        altered("packed-006", |object| {
            object.set("x5c", Out::Array(vec![Out::Bytes(vec![0; len]); count]));
        })
    };
    let no_certificate = altered("packed-006", |object| object.x5c()[0] = Out::Bytes(vec![0x30]));
    let spare = altered("packed-006", |object| object.x5c().push(Out::Bytes(vec![0x30])));
    vec![
        Case::invalid("attestation.x5c-empty", record("negative-004")),
        Case::invalid("attestation.x5c-too-large", too_large(10_000, 2)),
        Case::invalid("attestation.x5c-too-large", too_large(1, 64 * 1024 + 1)),
        Case::invalid("attestation.certificate-malformed", no_certificate),
        Case::valid("attestation.chain-certificate-malformed", spare),
    ]
}

fn signatures() -> Vec<Case> {
    let with =
        |algorithm: i64| altered("packed-006", |object| object.set("alg", Out::from(algorithm)));
    let invalid = "attestation.signature-invalid";
    let mut other = Authenticator::new();
    let signed = other.packed_statement();
    other.client_data.push(' ');
    vec![
        Case::invalid(invalid, record("negative-001")),
        Case::invalid(invalid, other.registration("packed", signed)),
        Case::invalid("attestation.algorithm-key-mismatch", with(-257)),
        Case::invalid("attestation.algorithm-key-mismatch", with(-35)),
        Case::new("attestation.algorithm-unsupported", Statement::Unsupported, with(-9999)),
        Case::invalid("attestation.algorithm-not-allowed", with(-65535)),
        Case::valid("attestation.sha1-signature", record("tpm-002")),
    ]
}

fn profile() -> Vec<Case> {
    let maker = |change: fn(&mut Authenticator)| {
        let mut authenticator = Authenticator::new();
        change(&mut authenticator);
        authenticator.packed()
    };
    let unit = |a: &mut Authenticator| {
        a.leaf.distinguished_name.push(DnType::OrganizationalUnitName, "Sales");
    };
    let short = |a: &mut Authenticator| a.leaf.distinguished_name = name(&[]);
    let ca = |a: &mut Authenticator| a.leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let silent = |a: &mut Authenticator| a.leaf.is_ca = IsCa::NoCa;
    let old = altered("packed-006", |object| object.x5c()[0] = Out::Bytes(version_1()));
    vec![
        Case::valid("attestation.leaf-subject", maker(unit)),
        Case::valid("attestation.leaf-subject", maker(short)),
        Case::valid("attestation.leaf-is-ca", maker(ca)),
        Case::valid("attestation.leaf-basic-constraints-missing", maker(silent)),
        Case::invalid("attestation.leaf-version", old),
    ]
}

fn aaguid_extension() -> Vec<Case> {
    let maker = |value: &[u8], critical| {
        let mut authenticator = Authenticator::new();
        authenticator.extend(&AAGUID_OID, value, critical);
        authenticator.packed()
    };
    let bare = [0xa5; 16];
    let wrapped = [&[0x04, 0x10], bare.as_slice()].concat();
    let malformed = "attestation.aaguid-extension-malformed";
    vec![
        Case::invalid("attestation.aaguid-mismatch", record("packed-004")),
        Case::invalid(
            "attestation.aaguid-mismatch",
            maker(&[&[0x04, 0x10], [0xa6; 16].as_slice()].concat(), false),
        ),
        Case::invalid(malformed, maker(&wrapped[..17], false)),
        Case::invalid(malformed, maker(&[wrapped.as_slice(), &[0]].concat(), false)),
        Case::invalid(malformed, maker(&[0x04, 0x00], false)),
        Case::valid("attestation.aaguid-extension-unwrapped", maker(&bare, false)),
        Case::valid("attestation.aaguid-extension-critical", maker(&wrapped, true)),
    ]
}

/// A version 1 certificate out of the real catalogue.
fn version_1() -> Vec<u8> {
    let catalogue = real_metadata();
    let is_old = |der: &&[u8]| Certificate::parse(der).is_ok_and(|found| found.version() == 1);
    catalogue.anchors().map(|anchor| anchor.der).find(is_old).unwrap().to_vec()
}
