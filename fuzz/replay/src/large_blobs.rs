//! Large blobs: what other programs left on a key.

use crate::{checks, parts};
use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use keyvet_ctap::{LargeBlob, LargeBlobEntry, LargeBlobKey};
use keyvet_pin_uv::large_blobs::{
    LargeBlobError, MAX_BLOB_BYTES, deserialize, find, open, seal, serialize,
};

/// Three parts, each behind its length: an array, what one of our entries holds, and the size that it claims.
///
/// An array in canonical form is written back byte for byte, any other reads the same once written; what opens has the
/// size claimed; what is sealed opens to the same, and is found among other entries.
pub fn large_blobs(data: &[u8]) {
    let parts = parts::all(data);
    let part = |number: usize| parts.get(number).copied().unwrap_or_default();
    if let Err(error) = deserialize(data) {
        checks::error(data, &error);
    }
    let size =
        part(2).iter().take(8).rev().fold(0_u64, |size, byte| (size << 8) | u64::from(*byte));
    entry(data, part(1), size);
    array(data, part(0), part(1));
}

fn array(data: &[u8], cbor: &[u8], blob: &[u8]) {
    let stored = [cbor, &keyvet_x509::sha256(cbor)[..16]].concat();
    let mut array = match deserialize(&stored) {
        Ok(array) => array,
        Err(error) => return checks::error(data, &error),
    };
    checks::findings(data, &array.findings);
    let written = serialize(&array);
    let again = deserialize(&written).expect("it was read before");
    assert_eq!(again.entries, array.entries, "written again it is another");
    if array.findings.is_empty() {
        assert_eq!(written, stored, "canonical, but not written back as it was");
    }
    let ours = seal(blob, &KEY, NONCE).expect("a part is shorter than a blob may be");
    assert_eq!(find(&array, &OTHER), Ok(None), "opened by a key that sealed nothing");
    array.entries.push(LargeBlobEntry::from(ours));
    let found = find(&array, &KEY).expect("what is sealed is whole").expect("it was sealed");
    assert_eq!(*found, blob, "another blob comes back");
}

fn entry(data: &[u8], deflated: &[u8], orig_size: u64) {
    let aad = [b"blob".as_slice(), &orig_size.to_le_bytes()].concat();
    let payload = Payload { msg: deflated, aad: &aad };
    let cipher = Aes256Gcm::new((&KEY.0).into());
    let ciphertext = cipher.encrypt((&NONCE).into(), payload).expect("a part is short");
    let blob = LargeBlob { ciphertext, nonce: NONCE, orig_size };
    assert_eq!(open(&blob, &OTHER), Err(LargeBlobError::OtherKey));
    match open(&blob, &KEY) {
        Ok(opened) => {
            assert!(opened.len() <= MAX_BLOB_BYTES);
            assert_eq!(u64::try_from(opened.len()), Ok(orig_size), "not what it claims");
            let sealed = seal(&opened, &KEY, NONCE).expect("no larger than it may be");
            assert_eq!(open(&sealed, &KEY), Ok(opened), "another blob comes back");
        }
        Err(error) => {
            assert_ne!(error, LargeBlobError::OtherKey, "the key fits");
            checks::error(data, &error);
        }
    }
}

static KEY: LargeBlobKey = LargeBlobKey([1; 32]);
static OTHER: LargeBlobKey = LargeBlobKey([2; 32]);
const NONCE: [u8; 12] = [3; 12];
