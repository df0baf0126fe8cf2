//! Large blobs in the storage of real firmware, which checks the array's checksum and nothing else of it.
//!
//! The client has no command for them; messages are written by hand (CTAP 2.3 §6.10.2).

use std::time::Duration;

use keyvet_client::{AssertionRequest, Client, RegistrationRequest};
use keyvet_ctap::{LargeBlobArray, LargeBlobEntry, StatusCode, split_answer};
use keyvet_key_tests::{Bench, on_both};
use keyvet_pin_uv::large_blobs;
use keyvet_transport::Exchange;
use keyvet_virtual_key::Firmware;

on_both! {
    async fn a_new_key_stores_the_empty_array(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let stored = read(&mut bench.client().await, &bench).await;
        assert_eq!(large_blobs::deserialize(&stored).unwrap(), LargeBlobArray::default());
        assert_eq!(stored, large_blobs::serialize(&LargeBlobArray::default()));
    }

    async fn a_blob_comes_back_to_who_has_the_credential(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        let mut request = RegistrationRequest::throw_away();
        request.discoverable = true;
        request.danger_keep_discoverable = true;
        request.extensions.large_blob_key = true;
        let registered = client.register(&request, &bench.ceremony()).await.unwrap();
        let key = registered.response.large_blob_key.unwrap();

        let mut array = LargeBlobArray::default();
        let blob = large_blobs::seal(b"a certificate, say", &key, [7; 12]).unwrap();
        array.entries.push(LargeBlobEntry::from(blob));
        let serialized = large_blobs::serialize(&array);
        assert_eq!(write(&mut client, &bench, &serialized).await, StatusCode::OK);

        let mut question = AssertionRequest::new(&request.rp_id);
        question.extensions.large_blob_key = true;
        let asserted = client.assert(&question, &bench.ceremony()).await.unwrap();
        let key = asserted.assertions[0].response.large_blob_key.clone().unwrap();
        let read = large_blobs::deserialize(&read(&mut client, &bench).await).unwrap();
        let found = large_blobs::find(&read, &key).unwrap().unwrap();
        assert_eq!(found.as_slice(), b"a certificate, say");
    }

    async fn an_array_with_another_checksum_is_refused_by_the_key_too(firmware: Firmware) {
        let bench = Bench::new(firmware);
        let mut client = bench.client().await;
        let mut serialized = large_blobs::serialize(&LargeBlobArray::default());
        *serialized.last_mut().unwrap() ^= 1;
        assert!(large_blobs::deserialize(&serialized).is_err());
        let status = write(&mut client, &bench, &serialized).await;
        assert_eq!(status, StatusCode::INTEGRITY_FAILURE);
    }
}

/// Everything stored, as it fits one fragment: `{1: 512, 3: 0}`, answered by `{1: bytes}`.
async fn read(client: &mut Client, bench: &Bench) -> Vec<u8> {
    let answer = transact(client, bench, &[0x0c, 0xa2, 0x01, 0x19, 0x02, 0x00, 0x03, 0x00]).await;
    let (status, map) = split_answer(&answer).unwrap();
    assert_eq!(status, StatusCode::OK);
    let decoded = keyvet_cbor::decode(map, keyvet_cbor::Mode::Strict).unwrap();
    decoded.item.get_int(1).and_then(keyvet_cbor::Item::as_bytes).unwrap().to_vec()
}

/// One fragment that is everything: `{2: bytes, 3: 0, 4: length}`. A key without a PIN wants no token.
async fn write(client: &mut Client, bench: &Bench, serialized: &[u8]) -> StatusCode {
    let length = i64::try_from(serialized.len()).unwrap();
    let map = [(2.into(), serialized.into()), (3.into(), 0.into()), (4.into(), length.into())];
    let map = keyvet_cbor::encode(&keyvet_cbor::Out::Map(map.into())).unwrap();
    let answer = transact(client, bench, &[&[0x0c], map.as_slice()].concat()).await;
    split_answer(&answer).unwrap().0
}

async fn transact(client: &mut Client, bench: &Bench, message: &[u8]) -> Vec<u8> {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(120);
    let exchange = Exchange { deadline, cancel: &bench.cancel, progress: &() };
    client.channel().transact(message, exchange).await.unwrap()
}
