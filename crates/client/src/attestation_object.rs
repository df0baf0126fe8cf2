//! The attestation object of WebAuthn, made from a makeCredential answer (WebAuthn L3 §6.5.4).

use keyvet_cbor::{Out, encode};
use keyvet_ctap::MakeCredentialResponse;

/// `{"fmt", "attStmt", "authData"}` in canonical order, with the signed bytes and the statement as received.
pub(crate) fn attestation_object(response: &MakeCredentialResponse) -> Vec<u8> {
    let mut object = vec![MAP_OF_THREE];
    object.extend(scalar("fmt".into()));
    object.extend(scalar(response.fmt.as_str().into()));
    object.extend(scalar("attStmt".into()));
    object.extend(&response.att_stmt);
    object.extend(scalar("authData".into()));
    object.extend(scalar(response.auth_data.as_slice().into()));
    object
}

fn scalar(value: Out) -> Vec<u8> {
    // only maps with a key twice and deep nesting have no encoding
    encode(&value).unwrap_or_default()
}

const MAP_OF_THREE: u8 = 0xa3;

#[cfg(test)]
mod tests {
    use super::*;
    use keyvet_ctap::AttestationObject;

    /// `{1: "packed", 2: h'0102', 3: {"b": h'', "a": 24 in two bytes too many}}`, as a careless key sends it.
    const ANSWER: &[u8] = &[
        0xa3, 0x01, 0x66, b'p', b'a', b'c', b'k', b'e', b'd', 0x02, 0x42, 0x01, 0x02, 0x03, 0xa2,
        0x61, b'b', 0x40, 0x61, b'a', 0x19, 0x00, 0x18,
    ];

    #[test]
    fn the_statement_is_kept_as_received_even_when_it_is_not_canonical() {
        let response = MakeCredentialResponse::parse(ANSWER).unwrap();
        let object = attestation_object(&response);
        let expected = [
            b"\xa3\x63fmt\x66packed\x67attStmt".as_slice(),
            &ANSWER[14..],
            b"\x68authData\x42\x01\x02",
        ]
        .concat();
        assert_eq!(object, expected);
        let read = AttestationObject::parse(&object).unwrap();
        assert_eq!((read.auth_data, read.att_stmt), (response.auth_data, response.att_stmt));
    }
}
