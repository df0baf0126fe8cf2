//! The files of the demonstration do what `demo/README.md` says of them.

use keyvet_attestation::{AaguidStanding, Context, Trust, assess};
use keyvet_mds::{Catalogue, verify_blob};
use keyvet_policy::entra::KeyTable;
use keyvet_policy::{Decision, Scope, Subject, decide};
use keyvet_virtual_key::fixtures::{DEMO_MODEL, Leaf};
use keyvet_virtual_key::{Attestation, Firmware, KeyOptions};
use keyvet_x509::{Anchor, read_pem};
use time::macros::datetime;

use crate::live_reasons::keys::register_one;

#[test]
fn the_metadata_verifies_under_its_root_and_has_no_defects() {
    let catalogue = catalogue();
    assert!(catalogue.entries().all(|entry| entry.defects.is_empty()));
    let entry = catalogue.by_aaguid(&DEMO_MODEL).unwrap();
    assert_eq!(entry.description.as_deref(), Some("Keyvet Demo Key"));
}

#[tokio::test]
async fn one_tenant_accepts_the_demonstrations_key_one_refuses_and_one_is_undecided() {
    let catalogue = catalogue();
    for firmware in [Firmware::FidoAuthenticator, Firmware::OpenSk] {
        let Leaf { certificate, key, .. } = Leaf::from_pem(&file("virtual-key.pem")).unwrap();
        let attestation = Attestation::Batch { certificate, key };
        let options = KeyOptions { attestation, ..KeyOptions::new(firmware) };
        let registration = register_one("demo", options).await;
        let assessment = assess(&registration, &mut Context::new(Some(&catalogue), AT));
        assert_eq!(assessment.aaguid, Some(DEMO_MODEL));
        assert_eq!(assessment.trust, Trust::Anchored);
        assert_eq!(assessment.aaguid_standing, AaguidStanding::Proven);
        let subject = Subject {
            assessment: &assessment,
            catalogue: Some(&catalogue),
            key_table: KeyTable::embedded(),
        };
        let answer = |name: &str| {
            let policy = keyvet_policy::read(file(name).as_bytes()).unwrap();
            let verdict = decide(&policy, &subject, &Scope::default());
            (verdict.registration.decision, verdict.registration.reasons[0].id())
        };
        let accepted = answer("virtual-accepts.json");
        assert_eq!(accepted, (Decision::Accepted, "entra.profile-accepts"));
        let refused = answer("virtual-refuses.json");
        assert_eq!(refused, (Decision::Refused, "entra.aaguid-blocked"));
        let undecided = answer("virtual-undecided.json");
        assert_eq!(undecided, (Decision::Undecided, "entra.in-metadata-not-listed"));
    }
}

fn catalogue() -> Catalogue {
    let roots = read_pem(file("metadata-root.pem").as_bytes()).unwrap();
    let roots = roots.iter().map(|root| Anchor::from_certificate(root, "demonstration")).collect();
    let trust = keyvet_mds::Trust::with_roots(roots, AT);
    let (catalogue, report) = verify_blob(file("metadata.jwt").trim().as_bytes(), &trust).unwrap();
    let odd: Vec<_> = report.findings.iter().filter(|f| f.id() != NO_CRL).collect();
    assert!(odd.is_empty(), "{odd:?}");
    catalogue
}

fn file(name: &str) -> String {
    std::fs::read_to_string(keyvet_tests::root().join("demo").join(name)).unwrap()
}

/// The demonstration has no revocation list.
const NO_CRL: &str = "mds.revocation-not-checked";
const AT: time::OffsetDateTime = datetime!(2026-11-22 0:00 UTC);
