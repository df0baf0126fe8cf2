//! Members of getInfo and large blobs: known answers (`tests/vectors/pin-uv/storage`), what is refused, hostile input.

use std::collections::BTreeMap;

use crate::support::{array, bytes, check_folder, protocol, text, vectors};
use keyvet_ctap::{LargeBlob, LargeBlobArray, LargeBlobEntry, LargeBlobKey};
use keyvet_finding::{Coded, Finding};
use keyvet_pin_uv::{
    PinUvAuthProtocol, Token,
    large_blobs::{self, LargeBlobError, MAX_BLOB_BYTES, SerializedArrayError},
};
use proptest::prelude::*;
use serde_json::Value;

#[test]
fn the_array_of_a_new_key_is_the_standards() {
    let stored = bytes(&vector("empty-array"), "stored");
    let array = large_blobs::deserialize(&stored).unwrap();
    assert_eq!(array, LargeBlobArray::default());
    assert_eq!(large_blobs::serialize(&array), stored);
}

#[test]
fn the_recorded_blob_is_found_opened_and_written_to_the_same_bytes() {
    let vector = vector("large-blob");
    let (stored, key) = (bytes(&vector, "stored"), LargeBlobKey(array(&vector, "key")));
    let read = large_blobs::deserialize(&stored).unwrap();
    let blob = read.entries[0].blob().unwrap();
    let recorded = LargeBlob {
        ciphertext: bytes(&vector, "ciphertext"),
        nonce: array(&vector, "nonce"),
        orig_size: 5,
    };
    assert_eq!((blob, read.entries.len(), read.findings.as_slice()), (&recorded, 1, [].as_slice()));
    assert_eq!(large_blobs::open(blob, &key).unwrap().as_slice(), bytes(&vector, "data"));
    assert_eq!(large_blobs::find(&read, &key).unwrap().unwrap().as_slice(), b"hello");
    assert_eq!((stored.len(), large_blobs::serialize(&read)), (63, stored.clone()));
    assert_eq!(large_blobs::serialize(&array_of([recorded])), stored);
}

#[test]
fn a_persistent_token_opens_the_members_of_get_info() {
    let vector = vector("get-info-members");
    let members = vector["members"].as_array().unwrap();
    for member in members {
        let token = Token::from_bytes(protocol(member), &bytes(member, "token")).unwrap();
        let encrypted = bytes(member, "bytes");
        let (opened, swapped) = match text(member, "member") {
            "encIdentifier" => (token.identifier(&encrypted), token.cred_store_state(&encrypted)),
            _ => (token.cred_store_state(&encrypted), token.identifier(&encrypted)),
        };
        assert_eq!(opened.unwrap().to_vec(), bytes(member, "is"), "{member}");
        assert_ne!(
            swapped.unwrap().to_vec(),
            bytes(member, "is"),
            "the member's name is in the key"
        );
    }
    assert_eq!(members.len(), 3);
}

#[test]
fn a_member_of_get_info_of_another_length_is_refused_by_name() {
    let token = Token::from_bytes(PinUvAuthProtocol::Two, &[0x11; 32]).unwrap();
    for len in (0..100).filter(|len| *len != 32) {
        let identifier = token.identifier(&vec![0; len]).unwrap_err();
        let state = token.cred_store_state(&vec![0; len]).unwrap_err();
        assert_eq!(identifier.kind().id, "pin-uv.encrypted-member-length");
        assert_eq!(identifier.to_string(), format!("encIdentifier has {len} bytes, expected 32"));
        assert_eq!(state.to_string(), format!("encCredStoreState has {len} bytes, expected 32"));
    }
}

#[test]
fn a_blob_is_opened_when_key_and_claims_hold() {
    let outcome = check_folder("large-blob", |vector| {
        let blob = blob_of(vector);
        match large_blobs::open(&blob, &LargeBlobKey(array(vector, "key"))) {
            Ok(data) => {
                assert_eq!(u64::try_from(data.len()).unwrap(), blob.orig_size);
                assert!(vector.get("data").is_none() || *data == bytes(vector, "data"));
                "ok"
            }
            Err(error) => error.kind().id,
        }
    });
    let expected = [
        ("ok", 11),
        ("pin-uv.large-blob-content", 12),
        ("pin-uv.large-blob-too-large", 3),
        ("pin-uv.large-blob-other-key", 9),
    ];
    assert_eq!(outcome, BTreeMap::from(expected));
}

/// For a few bytes there is one shortest way to write them, so zlib made the same.
#[test]
fn a_short_blob_is_sealed_to_the_bytes_of_another_implementation() {
    for name in ["empty", "one-byte", "fixed-codes"] {
        let vector = verdict(name);
        let (key, nonce) = (LargeBlobKey(array(&vector, "key")), array(&vector, "nonce"));
        let blob = large_blobs::seal(&bytes(&vector, "data"), &key, nonce).unwrap();
        assert_eq!(blob, blob_of(&vector), "{name}");
    }
}

#[test]
fn an_array_is_read_when_its_checksum_and_its_shape_hold() {
    let outcome = check_folder("large-blob-array", |vector| {
        let stored = bytes(vector, "stored");
        let array = match large_blobs::deserialize(&stored) {
            Ok(array) => array,
            Err(error) => return error.kind().id,
        };
        let odd: Vec<_> =
            array.findings.iter().filter(|one| one.id() == "ctap.large-blob-entry").collect();
        let odd: Vec<_> = odd.into_iter().map(Finding::detail).collect();
        assert_eq!(Value::from(odd), vector["odd"], "{vector}");
        let blobs = array.entries.iter().filter(|entry| entry.blob().is_some()).count();
        assert_eq!(Value::from(blobs), vector["blobs"], "{vector}");
        let shortest = stored[0] != 0x98 || stored[1] > 0x17;
        assert_eq!(large_blobs::serialize(&array) == stored, shortest, "{vector}");
        "ok"
    });
    let expected = [
        ("ok", 21),
        ("pin-uv.large-blob-array-checksum", 8),
        ("ctap.large-blob-array-malformed", 15),
    ];
    assert_eq!(outcome, BTreeMap::from(expected));
}

#[test]
fn no_part_of_a_stored_array_is_taken_for_it() {
    let stored = bytes(&vector("large-blob"), "stored");
    for len in 0..stored.len() {
        let error = large_blobs::deserialize(&stored[..len]).unwrap_err();
        let short = len < 17;
        assert_eq!(matches!(error, SerializedArrayError::Short { .. }), short, "{len}");
        assert_eq!(error.kind().id, "pin-uv.large-blob-array-checksum");
    }
    // with a checksum that fits, the shape must tell
    for len in 1..stored.len() - 16 {
        let error = large_blobs::deserialize(&with_checksum(&stored[..len])).unwrap_err();
        assert_eq!(error.kind().id, "ctap.large-blob-array-malformed", "{len}");
    }
}

#[test]
fn no_bit_of_a_stored_array_can_be_changed() {
    let stored = bytes(&vector("large-blob"), "stored");
    for bit in 0..stored.len() * 8 {
        let mut changed = stored.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let error = large_blobs::deserialize(&changed).unwrap_err();
        assert!(matches!(error, SerializedArrayError::Checksum { len: 63 }), "{bit}");
    }
}

#[test]
fn the_first_entry_that_opens_is_the_credentials() {
    let (ours, theirs) = (LargeBlobKey([1; 32]), LargeBlobKey([2; 32]));
    let sealed = |data: &[u8], key, nonce| large_blobs::seal(data, key, [nonce; 12]).unwrap();
    let entries = [sealed(b"a", &theirs, 1), sealed(b"b", &ours, 2), sealed(b"c", &ours, 3)];
    let array = array_of(entries);
    assert_eq!(large_blobs::find(&array, &ours).unwrap().unwrap().as_slice(), b"b");
    assert_eq!(large_blobs::find(&array, &theirs).unwrap().unwrap().as_slice(), b"a");
    assert_eq!(large_blobs::find(&array, &LargeBlobKey([3; 32])), Ok(None));
    assert_eq!(large_blobs::find(&LargeBlobArray::default(), &ours), Ok(None));
}

/// CTAP 2.3 §6.10.4: what opens and is broken is an error, not an entry to pass over.
#[test]
fn a_broken_blob_of_the_credential_is_not_passed_over() {
    let key = LargeBlobKey(array(&vector("large-blob"), "key"));
    let array = array_of(
        ["another-key", "bytes-behind", "stored-block"].map(|name| blob_of(&verdict(name))),
    );
    assert_eq!(large_blobs::find(&array, &key), Err(LargeBlobError::Deflate));
}

#[test]
fn a_blob_says_whether_it_is_longer_or_shorter_than_it_claims() {
    let longer = LargeBlobError::Size { orig_size: 5, longer: true }.to_string();
    assert_eq!(longer, "the large blob is longer than the 5 bytes that it claims");
    let shorter = LargeBlobError::Size { orig_size: 5, longer: false }.to_string();
    assert_eq!(shorter, "the large blob is shorter than the 5 bytes that it claims");
}

#[test]
fn a_blob_too_large_is_not_sealed() {
    let key = LargeBlobKey([1; 32]);
    let most = large_blobs::seal(&vec![0; MAX_BLOB_BYTES], &key, [0; 12]).unwrap();
    assert!(most.ciphertext.len() < 5000, "{} bytes", most.ciphertext.len());
    assert_eq!(large_blobs::open(&most, &key).unwrap().len(), MAX_BLOB_BYTES);
    let error = large_blobs::seal(&vec![0; MAX_BLOB_BYTES + 1], &key, [0; 12]).unwrap_err();
    assert_eq!(error.kind().id, "pin-uv.large-blob-too-large");
}

proptest! {
    #[test]
    fn what_is_sealed_is_opened_by_its_key_alone(
        data in prop::collection::vec(any::<u8>(), 0..600),
        times in 0..40_usize,
        key in any::<[u8; 32]>(),
        nonce in any::<[u8; 12]>(),
    ) {
        let data = data.repeat(times);
        let blob = large_blobs::seal(&data, &LargeBlobKey(key), nonce).unwrap();
        let opened = large_blobs::open(&blob, &LargeBlobKey(key)).unwrap();
        prop_assert_eq!(opened.as_slice(), &data);
        let mut other = key;
        other[31] ^= 1;
        let refused = large_blobs::open(&blob, &LargeBlobKey(other));
        prop_assert_eq!(refused, Err(LargeBlobError::OtherKey));
        let stored = large_blobs::serialize(&array_of([blob]));
        let read = large_blobs::deserialize(&stored).unwrap();
        let found = large_blobs::find(&read, &LargeBlobKey(key)).unwrap().unwrap();
        prop_assert_eq!(found.as_slice(), &data);
    }

    #[test]
    fn no_stored_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = large_blobs::deserialize(&bytes);
        if let Ok(array) = large_blobs::deserialize(&with_checksum(&bytes)) {
            prop_assert!(large_blobs::deserialize(&large_blobs::serialize(&array)).is_ok());
            let _ = large_blobs::find(&array, &LargeBlobKey([0; 32]));
        }
    }
}

fn vector(name: &str) -> Value {
    vectors("storage").into_iter().find(|(file, _)| file == name).unwrap().1
}

fn verdict(name: &str) -> Value {
    vectors("verdicts/large-blob").into_iter().find(|(file, _)| file == name).unwrap().1
}

fn blob_of(vector: &Value) -> LargeBlob {
    LargeBlob {
        ciphertext: bytes(vector, "ciphertext"),
        nonce: array(vector, "nonce"),
        orig_size: vector["origSize"].as_u64().unwrap(),
    }
}

fn array_of<const N: usize>(blobs: [LargeBlob; N]) -> LargeBlobArray {
    let mut array = LargeBlobArray::default();
    array.entries.extend(blobs.map(LargeBlobEntry::from));
    array
}

fn with_checksum(array: &[u8]) -> Vec<u8> {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(array);
    [array, &digest[..16]].concat()
}
