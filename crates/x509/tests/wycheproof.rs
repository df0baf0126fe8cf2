//! Signature verification against the Wycheproof vectors: wrong ranges, odd encodings, other people's
//! signatures. "Acceptable" vectors (legacy encodings) may go either way.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot be set up must fail at once; the vectors are no outside data"
)]

use keyvet_x509::{PublicKey, SignatureAlgorithm, VerifyError, verify};
use wycheproof::TestResult;

/// How many vectors of a set were accepted and refused.
#[derive(Debug, Default, Eq, PartialEq)]
struct Tally {
    accepted: usize,
    refused: usize,
}

impl Tally {
    /// Verifies one vector and asserts that the answer is the one it demands.
    fn check(
        &mut self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
        expected: (TestResult, usize),
    ) {
        let (result, id) = expected;
        let outcome = verify(algorithm, key, message, signature);
        match (result, outcome) {
            (TestResult::Valid | TestResult::Acceptable, Ok(())) => self.accepted += 1,
            (TestResult::Invalid | TestResult::Acceptable, Err(error)) => {
                let wrong = matches!(
                    error,
                    VerifyError::BadSignature
                        | VerifyError::MalformedSignature
                        | VerifyError::InvalidKey
                );
                assert!(wrong, "{algorithm} vector {id}: {error:?}");
                self.refused += 1;
            }
            (result, outcome) => panic!("{algorithm} vector {id} is {result:?}: {outcome:?}"),
        }
    }

    #[track_caller]
    fn assert_both_kinds(&self) {
        assert!(self.accepted > 0 && self.refused > 0, "{self:?}");
    }
}

#[test]
fn ecdsa_on_every_curve_and_digest_the_backend_has() {
    use wycheproof::ecdsa::{TestName, TestSet};
    for (name, algorithm) in [
        (TestName::EcdsaSecp256r1Sha256, SignatureAlgorithm::EcdsaSha256),
        (TestName::EcdsaSecp256r1Sha512, SignatureAlgorithm::EcdsaSha512),
        (TestName::EcdsaSecp384r1Sha256, SignatureAlgorithm::EcdsaSha256),
        (TestName::EcdsaSecp384r1Sha384, SignatureAlgorithm::EcdsaSha384),
        (TestName::EcdsaSecp384r1Sha512, SignatureAlgorithm::EcdsaSha512),
        (TestName::EcdsaSecp521r1Sha512, SignatureAlgorithm::EcdsaSha512),
        (TestName::EcdsaSecp256k1Sha256, SignatureAlgorithm::EcdsaSha256),
    ] {
        let mut tally = Tally::default();
        for group in TestSet::load(name).unwrap().test_groups {
            let key = PublicKey::from_spki(&group.der);
            assert!(matches!(key, PublicKey::Ec { .. }), "{key}");
            for test in group.tests {
                tally.check(algorithm, &key, &test.msg, &test.sig, (test.result, test.tc_id));
            }
        }
        println!("{name:?}: {tally:?}");
        tally.assert_both_kinds();
    }
}

#[test]
fn ecdsa_on_secp256k1_with_sha_512_is_unsupported_and_not_wrong() {
    use wycheproof::ecdsa::{TestName, TestSet};
    let group = &TestSet::load(TestName::EcdsaSecp256k1Sha512).unwrap().test_groups[0];
    let (key, test) = (PublicKey::from_spki(&group.der), &group.tests[0]);
    let outcome = verify(SignatureAlgorithm::EcdsaSha512, &key, &test.msg, &test.sig);
    assert_eq!(outcome, Err(VerifyError::UnsupportedAlgorithm));
}

#[test]
fn ed25519_and_ed448() {
    use wycheproof::eddsa::{TestName, TestSet};
    let sets = [
        (TestName::Ed25519, SignatureAlgorithm::Ed25519, true),
        (TestName::Ed448, SignatureAlgorithm::Ed448, cfg!(feature = "ed448")),
    ];
    for (name, algorithm, supported) in sets {
        let mut tally = Tally::default();
        for group in TestSet::load(name).unwrap().test_groups {
            let key = PublicKey::from_spki(&group.der);
            assert!(matches!(key, PublicKey::Ed25519(_) | PublicKey::Ed448(_)), "{key}");
            for test in group.tests.iter().filter(|_| supported) {
                tally.check(algorithm, &key, &test.msg, &test.sig, (test.result, test.tc_id));
            }
        }
        println!("{name:?}: {tally:?}");
        if supported {
            tally.assert_both_kinds();
        }
    }
}

#[test]
fn rsa_pkcs1_with_every_digest_and_size() {
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    for (name, algorithm) in [
        (TestName::Rsa2048Sha256, SignatureAlgorithm::RsaPkcs1Sha256),
        (TestName::Rsa2048Sha384, SignatureAlgorithm::RsaPkcs1Sha384),
        (TestName::Rsa2048Sha512, SignatureAlgorithm::RsaPkcs1Sha512),
        (TestName::Rsa4096Sha256, SignatureAlgorithm::RsaPkcs1Sha256),
        (TestName::Rsa8192Sha256, SignatureAlgorithm::RsaPkcs1Sha256),
    ] {
        let mut tally = Tally::default();
        for group in TestSet::load(name).unwrap().test_groups {
            let key = PublicKey::from_spki(&group.der);
            assert!(matches!(key, PublicKey::Rsa { .. }), "{key}");
            for test in group.tests {
                tally.check(algorithm, &key, &test.msg, &test.sig, (test.result, test.tc_id));
            }
        }
        println!("{name:?}: {tally:?}");
        tally.assert_both_kinds();
    }
}

#[test]
fn rsa_pss_with_the_salt_as_long_as_the_digest() {
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    for (name, algorithm) in [
        (TestName::RsaPss2048Sha256Mgf1SaltLen32, SignatureAlgorithm::RsaPssSha256),
        (TestName::RsaPss2048Sha384Mgf1SaltLen48, SignatureAlgorithm::RsaPssSha384),
        (TestName::RsaPss4096Sha512Mgf1SaltLen64, SignatureAlgorithm::RsaPssSha512),
    ] {
        let mut tally = Tally::default();
        for group in TestSet::load(name).unwrap().test_groups {
            let key = PublicKey::from_spki(&group.der);
            assert!(matches!(key, PublicKey::Rsa { .. }), "{key}");
            for test in group.tests {
                tally.check(algorithm, &key, &test.msg, &test.sig, (test.result, test.tc_id));
            }
        }
        println!("{name:?}: {tally:?}");
        tally.assert_both_kinds();
    }
}

#[test]
fn ml_dsa_with_an_empty_context() {
    use keyvet_x509::MlDsaLevel;
    use wycheproof::mldsa_verify::{TestName, TestSet};
    for (name, level, algorithm) in [
        (TestName::MlDsa44Verify, MlDsaLevel::MlDsa44, SignatureAlgorithm::MlDsa44),
        (TestName::MlDsa65Verify, MlDsaLevel::MlDsa65, SignatureAlgorithm::MlDsa65),
        (TestName::MlDsa87Verify, MlDsaLevel::MlDsa87, SignatureAlgorithm::MlDsa87),
    ] {
        let mut tally = Tally::default();
        for group in TestSet::load(name).unwrap().test_groups {
            let Ok(key) = PublicKey::ml_dsa(level, &group.pubkey) else {
                assert!(group.tests.iter().all(|test| test.result.must_fail()));
                continue;
            };
            for test in group.tests.iter().filter(|test| test.ctx.is_none()) {
                tally.check(algorithm, &key, &test.msg, &test.sig, (test.result, test.tc_id));
            }
        }
        println!("{name:?}: {tally:?}");
        tally.assert_both_kinds();
    }
}
