//! A plain list of allowed AAGUIDs.

use crate::support::{
    INVENTED, YUBIKEY, YUBIKEY_TWIN, ZERO, attested, claimed, deciding, decisions, judge_for, said,
};
use keyvet_attestation::Statement;
use keyvet_finding::Coded;
use keyvet_policy::Decision::{Accepted, Refused, Undecided};
use keyvet_policy::{Policy, Provider, Scope, Verdict, read};

fn text() -> Policy {
    let list = format!("# desk keys\r\n\n  {}  # with NFC\n{YUBIKEY_TWIN}", YUBIKEY.to_uppercase());
    read(list.as_bytes()).unwrap()
}

fn judge(credential: &keyvet_attestation::Assessment) -> Verdict {
    judge_for(&text(), credential, &Scope::default())
}

#[test]
fn text_and_json_lists_are_one_policy() {
    let json = format!("[\"{}\", \"{YUBIKEY_TWIN}\"]", YUBIKEY.to_uppercase());
    assert_eq!(read(json.as_bytes()).unwrap(), text());
    assert_eq!(text().provider, Provider::AaguidList);
}

#[test]
fn a_proven_listed_model_is_accepted_and_another_refused_both_times() {
    assert_eq!(decisions(&judge(&attested(YUBIKEY))), (Accepted, Accepted));
    let verdict = judge(&attested(YUBIKEY));
    assert!(said(&verdict.sign_in, "policy.aaguid-listed").contains("proven"));
    let other = judge(&attested(INVENTED));
    assert_eq!(decisions(&other), (Refused, Refused));
    assert_eq!(deciding(&other.sign_in), ["policy.aaguid-not-listed"]);
}

#[test]
fn a_claim_is_no_proof() {
    let verdict = judge(&claimed(YUBIKEY));
    assert_eq!(decisions(&verdict), (Undecided, Undecided));
    assert!(said(&verdict.registration, "policy.aaguid-claimed").contains("claims AAGUID"));
    let mut broken = claimed(YUBIKEY);
    broken.statement = Statement::Invalid;
    assert!(deciding(&judge(&broken).registration).contains(&"policy.statement-broken"));
}

#[test]
fn no_aaguid_and_the_zero_aaguid_are_never_a_match() {
    let zero = format!("{ZERO}\n{YUBIKEY}");
    let policy = read(zero.as_bytes()).unwrap();
    let verdict = judge_for(&policy, &claimed(ZERO), &Scope::default());
    assert_eq!(deciding(&verdict.sign_in), ["policy.zero-aaguid"]);
    let mut unread = claimed(YUBIKEY);
    unread.aaguid = None;
    assert_eq!(deciding(&judge(&unread).sign_in), ["policy.aaguid-unread"]);
}

#[test]
fn a_row_that_is_no_aaguid_is_refused_with_its_place() {
    let error = |text: &str| read(text.as_bytes()).unwrap_err();
    let row = error(&format!("{YUBIKEY}\n\u{1b}[2Jyubikey"));
    assert_eq!(row.kind().id, "policy.list-row");
    assert_eq!(row.to_string(), "line 2 is not an AAGUID: '\\u{1b}[2Jyubikey'");
    let item = error(&format!("[\"{YUBIKEY}\", \"x\"]"));
    assert_eq!(item.to_string(), "[1] is not an AAGUID: 'x'");
    assert_eq!(error("[5]").to_string(), "[0] is a number, expected a string");
    for empty in ["", "# nothing\n", "[]"] {
        assert_eq!(error(empty).kind().id, "policy.list-empty", "{empty:?}");
    }
}
