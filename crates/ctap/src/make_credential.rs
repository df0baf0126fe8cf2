//! `authenticatorMakeCredential`, command 0x01 (CTAP 2.2 §6.1). The request types come with the client.

use keyvet_cbor::Item;

use crate::{
    AttestationFormat,
    attestation_object::{AttestationObjectError, MemberName, required},
};

/// `authenticatorMakeCredential` response (CTAP 2.2 §6.1.2); members in key order.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MakeCredentialResponse {
    /// 0x01 `fmt`.
    pub fmt: AttestationFormat,
    /// 0x02 `authData`, exactly as signed; parse with [`crate::AuthenticatorData::parse`].
    pub auth_data: Vec<u8>,
    /// 0x03 `attStmt`, undecoded CBOR bytes.
    pub att_stmt: Vec<u8>,
    /// 0x04 `epAtt`: `Some(true)` when enterprise attestation was returned (CTAP 2.1).
    pub ep_att: Option<bool>,
    /// 0x05 `largeBlobKey`, a secret; left out unless it has 32 bytes.
    pub large_blob_key: Option<LargeBlobKey>,
    /// 0x06 `unsignedExtensionOutputs`, undecoded CBOR bytes (CTAP 2.2).
    pub unsigned_extension_outputs: Option<Vec<u8>>,
}

/// The key that decrypts a credential's large blob; not shown by `Debug`.
#[derive(Clone, Eq, PartialEq)]
pub struct LargeBlobKey(pub [u8; 32]);

impl std::fmt::Debug for LargeBlobKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LargeBlobKey(..)")
    }
}

impl MakeCredentialResponse {
    /// Reads the response map; optional members of the wrong type are left out.
    pub(crate) fn from_item(item: &Item<'_>) -> Result<Self, AttestationObjectError> {
        let member = |key| item.get_int(key);
        Ok(Self {
            fmt: required(member(0x01), MemberName::Fmt, Item::as_text)?.into(),
            auth_data: required(member(0x02), MemberName::AuthData, Item::as_bytes)?.into(),
            att_stmt: required(member(0x03), MemberName::AttStmt, |item| Some(item.raw()))?.into(),
            ep_att: member(0x04).and_then(Item::as_bool),
            large_blob_key: member(0x05).and_then(Item::as_bytes).and_then(large_blob_key),
            unsigned_extension_outputs: member(0x06).map(|item| item.raw().into()),
        })
    }
}

fn large_blob_key(bytes: &[u8]) -> Option<LargeBlobKey> {
    bytes.try_into().ok().map(LargeBlobKey)
}
