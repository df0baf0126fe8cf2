//! Request bytes, pinned per command and optional parameter, and read back by another encoder.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests state what they expect")]

use ciborium::{Value, cbor};
use data_encoding::HEXLOWER;
use keyvet_ctap::{
    AttestationFormat, AuthenticatorConfig, ClientPin, Command, CoseAlgorithm, CoseKeyAgreement,
    CredProtect, CredentialDescriptor, CredentialManagement, EnterpriseAttestation, GetAssertion,
    GetInfoRequest, GetNextAssertion, HmacSecretInput, MakeCredential, Permissions, PinUvAuth,
    RelyingParty, Reset, Selection, SetMinPinLength, User,
};

/// The bytes must be `hex`, and canonical in the eyes of ciborium; spaces in `hex` are for people.
fn pinned(request: &[u8], hex: &str) {
    let hex = hex.split_whitespace().collect::<String>();
    assert_eq!(HEXLOWER.encode(request), hex);
    let Some((_, parameters)) = request.split_first().filter(|(_, cbor)| !cbor.is_empty()) else {
        return;
    };
    let value: Value = ciborium::from_reader(parameters).unwrap();
    assert_canonical_order(&value);
    assert_eq!(written(&value), parameters, "not the shortest form");
}

/// CTAP 2.3 §8: by the bytes of the encoded keys, at every level.
fn assert_canonical_order(value: &Value) {
    match value {
        Value::Map(pairs) => {
            let keys: Vec<_> = pairs.iter().map(|(key, _)| written(key)).collect();
            assert!(keys.is_sorted_by(|a, b| a < b), "{value:?}");
            pairs.iter().for_each(|(_, value)| assert_canonical_order(value));
        }
        Value::Array(items) => items.iter().for_each(assert_canonical_order),
        _ => {}
    }
}

fn written(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// What ciborium reads, for comparison without regard to order.
fn read(request: &[u8]) -> Value {
    sorted(ciborium::from_reader(request.get(1..).unwrap()).unwrap())
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Map(mut pairs) => {
            pairs.sort_by_cached_key(|(key, _)| written(key));
            Value::Map(pairs.into_iter().map(|(key, value)| (key, sorted(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        scalar => scalar,
    }
}

fn bytes(byte: u8, len: usize) -> Value {
    Value::Bytes(vec![byte; len])
}

fn make_credential() -> MakeCredential {
    MakeCredential::new([0x11; 32], RelyingParty::new("a.b"), User::new([0x22, 0x23]))
}

/// Parameters 1 to 4 of [`make_credential`].
fn make_credential_head() -> String {
    let hash = "11".repeat(32);
    format!(
        "01 5820{hash} 02 a1 626964 63612e62 03 a1 626964 422223 04 81 a2 63616c67 26 6474797065 6a7075626c69632d6b6579"
    )
}

fn auth() -> PinUvAuth {
    PinUvAuth { param: vec![0x44; 16], protocol: 1 }
}

fn point() -> CoseKeyAgreement {
    CoseKeyAgreement { x: [0xa0; 32], y: [0xb0; 32] }
}

fn point_hex() -> String {
    format!("a5 0102 033818 2001 215820{} 225820{}", "a0".repeat(32), "b0".repeat(32))
}

fn with_auth(head: &str) -> String {
    format!("{head} 5044444444444444444444444444444444")
}

#[test]
fn requests_without_parameters_are_the_command_alone() {
    pinned(&GetInfoRequest.encode(), "04");
    pinned(&Reset.encode(), "07");
    pinned(&GetNextAssertion.encode(), "08");
    pinned(&Selection.encode(), "0b");
    let commands = [GetInfoRequest::COMMAND, Reset::COMMAND, GetNextAssertion::COMMAND];
    assert_eq!(commands, [Command::GET_INFO, Command::RESET, Command::GET_NEXT_ASSERTION]);
}

#[test]
fn make_credential_alone_has_four_parameters() {
    pinned(&make_credential().encode(), &format!("01 a4 {}", make_credential_head()));
}

#[test]
fn make_credential_writes_names_and_algorithms() {
    let mut request = make_credential();
    request.rp.name = Some("R".into());
    request.user.name = Some("n".into());
    request.user.display_name = Some("D".into());
    request.pub_key_cred_params = vec![CoseAlgorithm::ES256, CoseAlgorithm::RS256];
    let hex = format!(
        "01 a4 01 5820{}
         02 a2 626964 63612e62 646e616d65 6152
         03 a3 626964 422223 646e616d65 616e 6b646973706c61794e616d65 6144
         04 82 a2 63616c67 26 6474797065 6a7075626c69632d6b6579
               a2 63616c67 390100 6474797065 6a7075626c69632d6b6579",
        "11".repeat(32)
    );
    pinned(&request.encode(), &hex);
}

#[test]
fn make_credential_writes_the_exclude_list() {
    let mut request = make_credential();
    let transports = vec!["usb".to_owned(), "nfc".to_owned()];
    request.exclude_list = vec![
        CredentialDescriptor::new([0x33]),
        CredentialDescriptor { id: vec![0x34; 24], transports },
    ];
    let hex = format!(
        "01 a5 {} 05 82
         a2 626964 4133 6474797065 6a7075626c69632d6b6579
         a3 626964 5818{} 6474797065 6a7075626c69632d6b6579 6a7472616e73706f727473 82 63757362 636e6663",
        make_credential_head(),
        "34".repeat(24)
    );
    pinned(&request.encode(), &hex);
}

#[test]
fn make_credential_writes_each_extension() {
    let head = make_credential_head();
    let with = |set: &dyn Fn(&mut MakeCredential), extension: &str| {
        let mut request = make_credential();
        set(&mut request);
        pinned(&request.encode(), &format!("01 a5 {head} 06 a1 {extension}"));
    };
    with(
        &|request| request.extensions.cred_protect = Some(CredProtect::UV_REQUIRED),
        "6b6372656450726f74656374 03",
    );
    with(&|request| request.extensions.cred_blob = Some(vec![1, 2]), "6863726564426c6f62 420102");
    with(&|request| request.extensions.large_blob_key = true, "6c6c61726765426c6f624b6579 f5");
    with(&|request| request.extensions.min_pin_length = true, "6c6d696e50696e4c656e677468 f5");
    with(&|request| request.extensions.hmac_secret = true, "6b686d61632d736563726574 f5");
    with(
        &|request| request.extensions.pin_complexity_policy = true,
        "7370696e436f6d706c6578697479506f6c696379 f5",
    );
    with(
        &|request| request.extensions.third_party_payment = true,
        "717468697264506172747950 61796d656e74 f5",
    );
    let salts = |request: &mut MakeCredential| {
        request.extensions.hmac_secret_mc = Some(HmacSecretInput {
            key_agreement: point(),
            salt_enc: vec![0xc0; 2],
            salt_auth: vec![0xd0],
            protocol: Some(2),
        });
    };
    with(
        &salts,
        &format!("6e686d61632d7365637265742d6d63 a4 01 {} 02 42c0c0 03 41d0 04 02", point_hex()),
    );
}

#[test]
fn make_credential_writes_options_token_and_enterprise_attestation() {
    let head = make_credential_head();
    let with = |set: &dyn Fn(&mut MakeCredential), more: &str| {
        let mut request = make_credential();
        set(&mut request);
        pinned(&request.encode(), &format!("01 {more}").replace("HEAD", &head));
    };
    with(&|request| request.rk = Some(true), "a5 HEAD 07 a1 62726b f5");
    with(&|request| request.uv = Some(true), "a5 HEAD 07 a1 627576 f5");
    let both = |request: &mut MakeCredential| (request.rk, request.uv) = (Some(true), Some(false));
    with(&both, "a5 HEAD 07 a2 62726b f5 627576 f4");
    with(
        &|request| request.pin_uv_auth = Some(auth()),
        &format!("{} 09 01", with_auth("a6 HEAD 08")),
    );
    let enterprise =
        |kind| move |request: &mut MakeCredential| request.enterprise_attestation = Some(kind);
    with(&enterprise(EnterpriseAttestation::VendorFacilitated), "a5 HEAD 0a 01");
    with(&enterprise(EnterpriseAttestation::PlatformManaged), "a5 HEAD 0a 02");
    let formats = |request: &mut MakeCredential| {
        request.attestation_formats_preference = vec![AttestationFormat::PACKED, "x".into()];
    };
    with(&formats, "a5 HEAD 0b 82 667061636b6564 6178");
}

#[test]
fn make_credential_with_everything_reads_the_same_elsewhere() {
    let mut request = make_credential();
    request.exclude_list = vec![CredentialDescriptor::new([0x33; 64])];
    request.extensions.cred_protect = Some(CredProtect(2));
    request.extensions.hmac_secret = true;
    request.rk = Some(true);
    request.pin_uv_auth = Some(PinUvAuth { param: vec![0x44; 32], protocol: 2 });
    request.enterprise_attestation = Some(EnterpriseAttestation::PlatformManaged);
    request.attestation_formats_preference = vec![AttestationFormat::PACKED];
    let expected = cbor!({
        1 => bytes(0x11, 32),
        2 => { "id" => "a.b" },
        3 => { "id" => Value::Bytes(vec![0x22, 0x23]) },
        4 => [{ "type" => "public-key", "alg" => -7 }],
        5 => [{ "type" => "public-key", "id" => bytes(0x33, 64) }],
        6 => { "credProtect" => 2, "hmac-secret" => true },
        7 => { "rk" => true },
        8 => bytes(0x44, 32),
        9 => 2,
        10 => 2,
        11 => ["packed"],
    });
    assert_eq!(read(&request.encode()), sorted(expected.unwrap()));
}

#[test]
fn get_assertion_writes_each_parameter() {
    let head = format!("01 63612e62 02 5820{}", "11".repeat(32));
    let with = |set: &dyn Fn(&mut GetAssertion), more: &str| {
        let mut request = GetAssertion::new("a.b", [0x11; 32]);
        set(&mut request);
        pinned(&request.encode(), &format!("02 {more}").replace("HEAD", &head));
    };
    with(&|_| (), "a2 HEAD");
    with(
        &|request| request.allow_list = vec![CredentialDescriptor::new([0x33])],
        "a3 HEAD 03 81 a2 626964 4133 6474797065 6a7075626c69632d6b6579",
    );
    with(&|request| request.up = Some(false), "a3 HEAD 05 a1 627570 f4");
    with(&|request| request.uv = Some(true), "a3 HEAD 05 a1 627576 f5");
    with(
        &|request| request.pin_uv_auth = Some(auth()),
        &format!("{} 07 01", with_auth("a4 HEAD 06")),
    );
    with(&|request| request.extensions.cred_blob = true, "a3 HEAD 04 a1 6863726564426c6f62 f5");
    with(
        &|request| request.extensions.large_blob_key = true,
        "a3 HEAD 04 a1 6c6c61726765426c6f624b6579 f5",
    );
    with(
        &|request| request.extensions.third_party_payment = true,
        "a3 HEAD 04 a1 71746869726450617274795061796d656e74 f5",
    );
    let salts = |request: &mut GetAssertion| {
        request.extensions.hmac_secret = Some(HmacSecretInput {
            key_agreement: point(),
            salt_enc: vec![0xc0; 2],
            salt_auth: vec![0xd0],
            protocol: None,
        });
    };
    let hex =
        format!("a3 HEAD 04 a1 6b686d61632d736563726574 a3 01 {} 02 42c0c0 03 41d0", point_hex());
    with(&salts, &hex);
}

#[test]
fn client_pin_writes_what_each_subcommand_sends() {
    let (point, key) = (point_hex(), point());
    let send = |request: ClientPin, hex: &str| {
        pinned(&request.encode(), &format!("06 {hex}").replace("KEY", &point));
    };
    send(ClientPin::GetPinRetries, "a2 0101 0201");
    send(ClientPin::GetUvRetries, "a2 0101 0207");
    send(ClientPin::GetKeyAgreement { protocol: 2 }, "a2 0102 0202");
    let set = ClientPin::SetPin {
        protocol: 1,
        key_agreement: key,
        new_pin_enc: vec![0x55; 64],
        pin_uv_auth_param: vec![0x44; 16],
    };
    send(set, &format!("{} 05 5840{}", with_auth("a5 0101 0203 03 KEY 04"), "55".repeat(64)));
    let change = ClientPin::ChangePin {
        protocol: 1,
        key_agreement: key,
        pin_hash_enc: vec![0x66; 16],
        new_pin_enc: vec![0x55; 64],
        pin_uv_auth_param: vec![0x44; 16],
    };
    let hex = format!(
        "{} 05 5840{} 06 50{}",
        with_auth("a6 0101 0204 03 KEY 04"),
        "55".repeat(64),
        "66".repeat(16)
    );
    send(change, &hex);
}

#[test]
fn client_pin_asks_for_tokens_with_and_without_an_rp_id() {
    let (point, key_agreement) = (point_hex(), point());
    let send = |request: ClientPin, hex: &str| {
        pinned(&request.encode(), &format!("06 {hex}").replace("KEY", &point));
    };
    let hash = || vec![0x66; 2];
    let old = ClientPin::GetPinToken { protocol: 1, key_agreement, pin_hash_enc: hash() };
    send(old, "a4 0101 0205 03 KEY 06 426666");
    let by_pin = |rp_id: Option<&str>| ClientPin::GetTokenUsingPin {
        protocol: 2,
        key_agreement,
        pin_hash_enc: hash(),
        permissions: Permissions::MC | Permissions::GA,
        rp_id: rp_id.map(Into::into),
    };
    send(by_pin(Some("a.b")), "a6 0102 0209 03 KEY 06 426666 09 03 0a 63612e62");
    send(by_pin(None), "a5 0102 0209 03 KEY 06 426666 09 03");
    let by_uv = |rp_id: Option<&str>| ClientPin::GetTokenUsingUv {
        protocol: 2,
        key_agreement,
        permissions: Permissions::ACFG,
        rp_id: rp_id.map(Into::into),
    };
    send(by_uv(None), "a4 0102 0206 03 KEY 09 1820");
    send(by_uv(Some("a.b")), "a5 0102 0206 03 KEY 09 1820 0a 63612e62");
}

#[test]
fn permissions_are_the_bits_of_the_specification() {
    use Permissions as P;
    let bits =
        [P::MC, P::GA, P::CM, P::BE, P::LBW, P::ACFG, P::PCMR].map(|permission| permission.0);
    assert_eq!(bits, [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40]);
    assert!((P::MC | P::CM).contains(P::CM));
    assert!(!P::MC.contains(P::MC | P::CM));
}

#[test]
fn credential_management_writes_each_subcommand() {
    use CredentialManagement as C;
    let auth = auth();
    let token = with_auth("03 01 04");
    let with = |request: &C, head: &str| {
        pinned(&request.encode(Some(&auth)), &format!("0a {head} {token}"))
    };
    with(&C::GetCredsMetadata, "a3 0101");
    with(&C::EnumerateRpsBegin, "a3 0102");
    let hash = "5a".repeat(32);
    let begin = C::EnumerateCredentialsBegin { rp_id_hash: [0x5a; 32] };
    with(&begin, &format!("a4 0104 02 a1 01 5820{hash}"));
    let delete = C::DeleteCredential { credential: CredentialDescriptor::new([0x33]) };
    let params = "a1 02 a2 626964 4133 6474797065 6a7075626c69632d6b6579";
    with(&delete, &format!("a4 0106 02 {params}"));
    pinned(&C::EnumerateRpsGetNextRp.encode(None), "0a a1 0103");
    pinned(&C::EnumerateCredentialsGetNextCredential.encode(None), "0a a1 0105");
    pinned(&C::GetCredsMetadata.encode_preview(Some(&auth)), &format!("41 a3 0101 {token}"));
}

#[test]
fn what_is_authenticated_is_what_is_sent() {
    let delete = CredentialManagement::DeleteCredential {
        credential: CredentialDescriptor::new([0x33; 70]),
    };
    let sent = delete.encode(Some(&auth()));
    let (sub_command, params) =
        delete.auth_message().split_first().map(|(n, rest)| (*n, rest.to_vec())).unwrap();
    assert_eq!(sub_command, 0x06);
    assert!(sent.windows(params.len()).any(|window| window == params));
    let config = AuthenticatorConfig::SetMinPinLength(SetMinPinLength {
        min_pin_length_rp_ids: vec!["a.b".into()],
        ..SetMinPinLength::default()
    });
    let message = config.auth_message();
    assert_eq!(message[..34], [[0xff; 32].as_slice(), &[0x0d, 0x03]].concat());
    assert!(config.encode(None).ends_with(&message[34..]));
}

#[test]
fn authenticator_config_writes_each_subcommand() {
    use AuthenticatorConfig as A;
    let token = with_auth("03 01 04");
    let auth = auth();
    let with = |request: &A, head: &str| {
        pinned(&request.encode(Some(&auth)), &format!("0d {head} {token}"))
    };
    with(&A::EnableEnterpriseAttestation, "a3 0101");
    with(&A::ToggleAlwaysUv, "a3 0102");
    with(&A::EnableLongTouchForReset, "a3 0104");
    let mut parameters =
        SetMinPinLength { new_min_pin_length: Some(6), ..SetMinPinLength::default() };
    with(&A::SetMinPinLength(parameters.clone()), "a4 0103 02 a1 0106");
    parameters.min_pin_length_rp_ids = vec!["a.b".into()];
    parameters.force_change_pin = Some(true);
    parameters.pin_complexity_policy = Some(false);
    with(&A::SetMinPinLength(parameters), "a4 0103 02 a4 0106 02 81 63612e62 03 f5 04 f4");
    pinned(&A::EnableEnterpriseAttestation.encode(None), "0d a1 0101");
}

#[test]
fn what_proves_the_user_is_not_shown() {
    let mut request = make_credential();
    request.pin_uv_auth = Some(PinUvAuth { param: vec![0xab; 16], protocol: 1 });
    assert!(format!("{request:?}").contains("PinUvAuth { protocol: 1, .. }"));
}
