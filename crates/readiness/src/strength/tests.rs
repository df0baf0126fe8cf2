use super::*;
use StrengthResult as Result;

const PHONE: &str = "90a3ccdf-635c-4729-a248-9b709135078f";
const KEY: &str = "2fc0579f-8113-47ea-b116-bb5a8db9202a";

fn method(mode: &str, aaguid: Option<&str>) -> RegisteredMethod {
    let aaguid = aaguid.map(|text| text.parse().unwrap());
    RegisteredMethod { mode: MethodMode::new(mode), aaguid }
}

fn limited(combinations: &[&str], models: Option<&[&str]>) -> AuthenticationStrength {
    AuthenticationStrength {
        id: "id".to_owned(),
        name: "name".to_owned(),
        combinations: combinations.iter().map(|text| modes(text)).collect(),
        aaguids: models.map(|models| models.iter().map(|text| text.parse().unwrap()).collect()),
        unjudged: Vec::new(),
    }
}

fn judged(
    strength: &AuthenticationStrength,
    used: &str,
    registered: &[RegisteredMethod],
    registrable: &[RegisteredMethod],
) -> Result {
    judge(strength, &modes(used), registered, None, registrable)
}

#[test]
fn a_pass_satisfies_multifactor_and_not_phishing_resistant() {
    let [multifactor, passwordless, resistant] = built_in();
    for pass in ["temporaryAccessPassOneTime", "temporaryAccessPassMultiUse"] {
        assert_eq!(judged(&multifactor, pass, &[], &[]), Result::Satisfied);
        assert_eq!(judged(&passwordless, pass, &[], &[]), Result::CannotSatisfy);
        assert_eq!(judged(&resistant, pass, &[], &[]), Result::CannotSatisfy);
    }
    let key = [method("fido2", None)];
    let pass = "temporaryAccessPassOneTime";
    assert_eq!(judged(&resistant, pass, &[], &key), Result::SingleRegistrationRequired);
    assert_eq!(judged(&resistant, pass, &key, &[]), Result::SingleChallengeRequired);
}

#[test]
fn a_combination_asks_for_what_was_not_used_yet() {
    let both = limited(&["password, microsoftAuthenticatorPush"], None);
    let push = [method("microsoftAuthenticatorPush", None)];
    assert_eq!(judged(&both, "", &push, &[]), Result::MultipleChallengesRequired);
    assert_eq!(judged(&both, "password", &push, &[]), Result::SingleChallengeRequired);
    assert_eq!(judged(&both, "PASSWORD,microsoftauthenticatorpush", &[], &[]), Result::Satisfied);
    assert_eq!(judged(&both, "password", &[], &push), Result::SingleRegistrationRequired);
    assert_eq!(
        judged(&both, "microsoftAuthenticatorPush", &[], &[]),
        Result::SingleChallengeRequired
    );
    assert_eq!(judged(&both, "password", &[], &[]), Result::CannotSatisfy);
    let two = limited(&["softwareOath,federatedSingleFactor"], None);
    let can = [method("softwareOath", None), method("federatedSingleFactor", None)];
    assert_eq!(judged(&two, "", &[], &can), Result::MultipleRegistrationsRequired);
}

#[test]
fn a_model_that_is_not_listed_is_said_to_fail_by_its_settings() {
    let phones = limited(&["fido2"], Some(&[PHONE]));
    let (phone, key) = ([method("fido2", Some(PHONE))], [method("fido2", Some(KEY))]);
    assert_eq!(judged(&phones, "fido2", &phone, &[]), Result::Satisfied);
    let settings = Result::CannotSatisfyDueToCombinationConfiguration;
    assert_eq!(judged(&phones, "fido2", &key, &[]), settings);
    assert_eq!(judged(&phones, "", &key, &[]), settings);
    assert_eq!(judged(&phones, "", &[], &key), settings);
    assert_eq!(judged(&phones, "", &key, &phone), Result::SingleRegistrationRequired);
    assert_eq!(
        judged(&phones, "", &[], &[method("fido2", None)]),
        Result::SingleRegistrationRequired
    );
    assert_eq!(judged(&limited(&["fido2"], Some(&[])), "", &phone, &[]), settings);
}

#[test]
fn an_unknown_model_is_assumed_not_listed_and_asked_for() {
    let phones = limited(&["fido2"], Some(&[PHONE]));
    let unknown = [method("fido2", None)];
    let asked = |used: &str, registered: &[RegisteredMethod]| {
        missing(&phones, &modes(used), registered, None, &[])
    };
    assert_eq!(asked("fido2", &unknown), ["registered.aaguid"]);
    assert_eq!(asked("fido2", &[]), ["which passkey was used"]);
    let mixed = [method("fido2", Some(KEY)), method("fido2", Some(PHONE))];
    assert_eq!(asked("fido2", &mixed), ["which passkey was used"]);
    assert_eq!(judged(&phones, "fido2", &mixed, &[]), Result::SingleChallengeRequired);
    assert!(asked("fido2", &[method("fido2", Some(KEY))]).is_empty());
    assert!(missing(&limited(&["fido2"], None), &modes("fido2"), &[], None, &[]).is_empty());
    let none = limited(&["fido2"], Some(&[]));
    assert!(missing(&none, &modes("fido2"), &unknown, None, &unknown).is_empty());
    assert!(missing(&none, &modes("fido2"), &[], None, &[]).is_empty());
}

#[test]
fn what_is_not_enabled_can_be_neither_prompted_nor_registered() {
    let keys = limited(&["fido2"], None);
    let key = [method("fido2", Some(KEY))];
    let push = [MethodMode::new("microsoftAuthenticatorPush")];
    assert_eq!(judge(&keys, &[], &key, Some(&push), &key), Result::CannotSatisfy);
    let both = limited(&["password,microsoftAuthenticatorPush"], None);
    let has = [method("microsoftAuthenticatorPush", None)];
    assert_eq!(judge(&both, &[], &has, Some(&push), &[]), Result::MultipleChallengesRequired);
}

#[test]
fn settings_that_cannot_be_evaluated_are_not_met_and_named() {
    let mut certificates = limited(&["x509CertificateMultiFactor"], None);
    certificates.unjudged = vec!["x509CertificateCombinationConfiguration".to_owned()];
    let used = modes("x509CertificateMultiFactor");
    let settings = Result::CannotSatisfyDueToCombinationConfiguration;
    assert_eq!(judge(&certificates, &used, &[], None, &[]), settings);
    let name = "strength.x509CertificateCombinationConfiguration";
    assert_eq!(missing(&certificates, &used, &[], None, &[]), [name]);
    assert!(missing(&certificates, &modes("fido2"), &[], None, &[]).is_empty());
}

#[test]
fn a_platform_credential_counts_as_windows_hello() {
    let hello = limited(&["windowsHelloForBusiness"], None);
    let mac = [method("platformCredential", None)];
    assert_eq!(judged(&hello, "", &mac, &[]), Result::SingleChallengeRequired);
    assert_eq!(judged(&hello, "platformCredential", &[], &[]), Result::Satisfied);
}

#[test]
fn a_strength_without_combinations_cannot_be_satisfied() {
    assert_eq!(judged(&limited(&[], None), "fido2", &[], &[]), Result::CannotSatisfy);
    assert_eq!(judged(&limited(&[","], None), "fido2", &[], &[]), Result::CannotSatisfy);
}
