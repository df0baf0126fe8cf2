//! Extension inputs of requests (CTAP 2.3 §12).

use keyvet_cbor::Out;

use crate::{CoseKeyAgreement, CredProtect, command::numbered};

/// Extension inputs at registration; what is not asked for is not sent.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct MakeCredentialExtensions {
    /// `credProtect`, §12.1: the level wished for.
    pub cred_protect: Option<CredProtect>,
    /// `credBlob`, §12.2: at most `maxCredBlobLength` bytes.
    pub cred_blob: Option<Vec<u8>>,
    /// `largeBlobKey`, §12.3; wants a discoverable credential.
    pub large_blob_key: bool,
    /// `minPinLength`, §12.4.
    pub min_pin_length: bool,
    /// `hmac-secret`, §12.5.
    pub hmac_secret: bool,
    /// `hmac-secret-mc`, beside [`hmac_secret`](Self::hmac_secret) (CTAP 2.2).
    pub hmac_secret_mc: Option<HmacSecretInput>,
    /// `pinComplexityPolicy` (CTAP 2.2).
    pub pin_complexity_policy: bool,
    /// `thirdPartyPayment` (CTAP 2.2).
    pub third_party_payment: bool,
}

/// Extension inputs at assertion; what is not asked for is not sent.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct GetAssertionExtensions {
    /// `credBlob`, §12.2.
    pub cred_blob: bool,
    /// `largeBlobKey`, §12.3.
    pub large_blob_key: bool,
    /// `hmac-secret`, §12.5.
    pub hmac_secret: Option<HmacSecretInput>,
    /// `thirdPartyPayment` (CTAP 2.2).
    pub third_party_payment: bool,
}

/// Salts for `hmac-secret`, encrypted under the shared secret (CTAP 2.3 §12.5).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HmacSecretInput {
    /// 1 `keyAgreement`: the client's public key.
    pub key_agreement: CoseKeyAgreement,
    /// 2 `saltEnc`: one or two salts of 32 bytes, encrypted.
    pub salt_enc: Vec<u8>,
    /// 3 `saltAuth`: the shared secret's MAC over `salt_enc`.
    pub salt_auth: Vec<u8>,
    /// 4 `pinUvAuthProtocol`; may be left out for protocol 1, which CTAP 2.0 keys expect.
    pub protocol: Option<u64>,
}

impl MakeCredentialExtensions {
    pub(crate) fn out(&self) -> Option<Out> {
        map([
            ("credProtect", self.cred_protect.map(|level| Out::Unsigned(level.0))),
            ("credBlob", self.cred_blob.as_deref().map(Out::from)),
            ("largeBlobKey", asked(self.large_blob_key)),
            ("minPinLength", asked(self.min_pin_length)),
            ("hmac-secret", asked(self.hmac_secret)),
            ("hmac-secret-mc", self.hmac_secret_mc.as_ref().map(HmacSecretInput::out)),
            ("pinComplexityPolicy", asked(self.pin_complexity_policy)),
            ("thirdPartyPayment", asked(self.third_party_payment)),
        ])
    }
}

impl GetAssertionExtensions {
    pub(crate) fn out(&self) -> Option<Out> {
        map([
            ("credBlob", asked(self.cred_blob)),
            ("largeBlobKey", asked(self.large_blob_key)),
            ("hmac-secret", self.hmac_secret.as_ref().map(HmacSecretInput::out)),
            ("thirdPartyPayment", asked(self.third_party_payment)),
        ])
    }
}

impl HmacSecretInput {
    fn out(&self) -> Out {
        numbered(vec![
            (1, Some(self.key_agreement.out())),
            (2, Some(self.salt_enc.as_slice().into())),
            (3, Some(self.salt_auth.as_slice().into())),
            (4, self.protocol.map(Out::Unsigned)),
        ])
    }
}

/// `true`, or nothing: no extension is asked for with `false`.
fn asked(wanted: bool) -> Option<Out> {
    wanted.then_some(Out::Bool(true))
}

/// The map of inputs, or nothing when there are none.
fn map<const N: usize>(inputs: [(&str, Option<Out>); N]) -> Option<Out> {
    let present = |(name, input): (&str, Option<Out>)| Some((Out::from(name), input?));
    let inputs: Vec<_> = inputs.into_iter().filter_map(present).collect();
    (!inputs.is_empty()).then_some(Out::Map(inputs))
}
