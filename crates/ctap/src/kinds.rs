//! Every kind this crate can raise; each is declared beside the check that raises it.

use keyvet_finding::Kind;

pub use crate::{
    answer::{
        ANSWER_EMPTY, RESPONSE_MALFORMED, RESPONSE_MISSING_MEMBER, RESPONSE_UNKNOWN_MEMBER,
        RESPONSE_WRONG_TYPE,
    },
    attestation_object::{
        ATTESTATION_OBJECT_MALFORMED, ATTESTATION_OBJECT_UNKNOWN_MEMBER, TRAILING_BYTES,
    },
    authenticator_data::{
        AUTHENTICATOR_DATA_MALFORMED, BACKED_UP_NOT_ELIGIBLE, CREDENTIAL_ID_TOO_LONG,
        RESERVED_FLAGS,
    },
    canonical::{CBOR_DEPTH, CBOR_KEY_ORDER, CBOR_NON_MINIMAL},
    cose_key::{COSE_KEY_ALGORITHM_MISMATCH, COSE_KEY_MALFORMED, COSE_KEY_WITHOUT_ALGORITHM},
    cose_key_agreement::{KEY_AGREEMENT_ALGORITHM, KEY_AGREEMENT_MALFORMED},
    entities::CREDENTIAL_TYPE,
    extensions::EXTENSION_OUTPUT_TYPE,
    get_info::GET_INFO_MALFORMED,
    get_info::oddities::{
        CONTRADICTION, DUPLICATE_VALUE, EMPTY_LIST, MISSING_MEMBER, OUT_OF_RANGE, U2F_ONLY,
        UNKNOWN_CREDENTIAL_TYPE, UNKNOWN_MEMBER, UNKNOWN_OPTION, UNKNOWN_TRANSPORT,
        UNKNOWN_UV_MODALITY, UNKNOWN_VERSION, WRONG_TYPE, ZERO_AAGUID,
    },
    make_credential::MAKE_CREDENTIAL_OPTIONAL_MEMBER,
};

/// Every kind this crate can raise, by file.
pub static KINDS: &[&Kind] = &[
    &ANSWER_EMPTY,
    &RESPONSE_MALFORMED,
    &RESPONSE_MISSING_MEMBER,
    &RESPONSE_WRONG_TYPE,
    &RESPONSE_UNKNOWN_MEMBER,
    &ATTESTATION_OBJECT_MALFORMED,
    &TRAILING_BYTES,
    &ATTESTATION_OBJECT_UNKNOWN_MEMBER,
    &AUTHENTICATOR_DATA_MALFORMED,
    &BACKED_UP_NOT_ELIGIBLE,
    &RESERVED_FLAGS,
    &CREDENTIAL_ID_TOO_LONG,
    &CBOR_KEY_ORDER,
    &CBOR_NON_MINIMAL,
    &CBOR_DEPTH,
    &COSE_KEY_MALFORMED,
    &COSE_KEY_ALGORITHM_MISMATCH,
    &COSE_KEY_WITHOUT_ALGORITHM,
    &KEY_AGREEMENT_MALFORMED,
    &KEY_AGREEMENT_ALGORITHM,
    &CREDENTIAL_TYPE,
    &EXTENSION_OUTPUT_TYPE,
    &GET_INFO_MALFORMED,
    &UNKNOWN_MEMBER,
    &WRONG_TYPE,
    &MISSING_MEMBER,
    &ZERO_AAGUID,
    &UNKNOWN_VERSION,
    &U2F_ONLY,
    &DUPLICATE_VALUE,
    &EMPTY_LIST,
    &OUT_OF_RANGE,
    &UNKNOWN_OPTION,
    &CONTRADICTION,
    &UNKNOWN_TRANSPORT,
    &UNKNOWN_UV_MODALITY,
    &UNKNOWN_CREDENTIAL_TYPE,
    &MAKE_CREDENTIAL_OPTIONAL_MEMBER,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_start_with_the_crate() {
        let ids: std::collections::BTreeSet<_> = KINDS.iter().map(|kind| kind.id).collect();
        assert_eq!(ids.len(), KINDS.len());
        assert!(ids.iter().all(|id| id.starts_with("ctap.")));
    }
}
