//! Made-up metadata with every oddity that real files do not show: nothing is dropped, everything is named.

use keyvet_testkit::wrap_payload;
use keyvet_tests::keyvet;
use serde_json::{Value, json};
use std::fs;
use time::macros::datetime;

const MODEL: &str = "11111111-2222-3333-4444-555555555555";
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
const AT: &str = "2026-10-20T00:00:00Z";

#[test]
fn an_odd_entry_is_kept_and_each_oddity_named() {
    let shown = run(&["show", MODEL]);
    for id in [
        "mds.entry-id-malformed",
        "mds.entry-ids-differ",
        "mds.status-unknown",
        "mds.status-date-malformed",
        "mds.rogue-list",
    ] {
        assert!(shown.contains(id), "{id}: {shown}");
    }
}

#[test]
fn an_odd_payload_is_kept_and_its_oddities_named() {
    let status = run(&["status"]);
    for id in ["mds.legal-header-missing", "mds.payload-member-unknown"] {
        assert!(status.contains(id), "{id}: {status}");
    }
    let json: Value = serde_json::from_str(&status).unwrap();
    assert_eq!((&json["entries"], &json["with_defects"]), (&2.into(), &2.into()), "{status}");
}

fn run(command: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let life = (datetime!(2026-10-01 0:00 UTC), datetime!(2027-01-01 0:00 UTC));
    let (jws, root) = wrap_payload(payload().to_string().as_bytes(), life.0, life.1);
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("mds.jwt"), jws).unwrap();
    fs::write(path("root.pem"), root).unwrap();
    let mut arguments = vec!["mds".to_owned()];
    arguments.extend(command.iter().map(|&word| word.to_owned()));
    arguments.extend(
        ["--json", "--mds", &path("mds.jwt"), "--mds-root", &path("root.pem"), "--at", AT]
            .map(str::to_owned),
    );
    keyvet(arguments).stdout
}

fn payload() -> Value {
    let statement = json!({ "aaguid": "99999999-2222-3333-4444-555555555555", "description": "Odd key", "protocolFamily": "fido2" });
    let reports = json!([
        { "status": "FIDO_CERTIFIED_L9", "effectiveDate": "2020-01-01" },
        { "status": "FIDO_CERTIFIED", "effectiveDate": "soon" }
    ]);
    let odd = json!({
        "aaguid": MODEL, "attestationCertificateKeyIdentifiers": ["not hexadecimal"], "metadataStatement": statement,
        "statusReports": reports, "timeOfLastStatusChange": "2020-01-01",
        "rogueListURL": "https://example.com/rogue", "rogueListHash": "AAAA"
    });
    // its defect is mds.entry-zero-aaguid; no command can show an entry that is found by nothing
    let nobody = json!({ "aaguid": NOBODY, "metadataStatement": statement, "statusReports": [] });
    json!({ "no": 1, "nextUpdate": "2026-11-01", "surprise": true, "entries": [odd, nobody] })
}
