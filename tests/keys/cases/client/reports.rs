//! How many reports an operation costs, counted on the line: 64 bytes, and a millisecond of USB, each.
//!
//! Keys and client draw the same random bytes every time, because signatures differ in length.

use keyvet_client::{Client, Randomness, RandomnessError, RegistrationRequest, UserVerification};
use keyvet_key_tests::{Bench, channel};
use keyvet_virtual_key::Firmware;

/// The same bytes every time, none of them twice in a row.
struct Same(u8);

impl Randomness for Same {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(5).wrapping_add(1);
            *byte = self.0;
        }
        Ok(())
    }
}

/// Reports (to the key, from it) for opening and getInfo, then for the registration.
async fn reports(bench: &Bench, wanted: UserVerification) -> [(u64, u64); 2] {
    let at_start = bench.key.reports();
    let (line, ceremony) = (channel(&bench.key).await, bench.ceremony());
    let mut client = Client::connect_with(line, Box::new(Same(1)), &ceremony).await.unwrap();
    let opened = bench.key.reports();
    let mut request = RegistrationRequest::throw_away();
    request.user_verification = wanted;
    client.register(&request, &ceremony).await.unwrap();
    [since(at_start, opened), since(opened, bench.key.reports())]
}

fn since(before: (u64, u64), after: (u64, u64)) -> (u64, u64) {
    (after.0 - before.0, after.1 - before.1)
}

/// INIT is one report each way; getInfo one out, and in as its length wants.
const FIDO_AUTHENTICATOR_INFO: (u64, u64) = (2, 8);
const OPENSK_INFO: (u64, u64) = (2, 7);

#[tokio::test]
async fn fido_authenticator_without_pin() {
    keyvet_key_tests::spoken!();
    let bench = Bench::new(Firmware::FidoAuthenticator);
    let counted = reports(&bench, UserVerification::Preferred).await;
    assert_eq!(counted, [FIDO_AUTHENTICATOR_INFO, (4, 7)]);
}

/// Beside makeCredential: retries (1, 1), key agreement (1, 2), token (3, 1).
#[tokio::test]
async fn fido_authenticator_with_pin() {
    keyvet_key_tests::spoken!();
    let bench = Bench::with_pin(Firmware::FidoAuthenticator, "123456", 1);
    let counted = reports(&bench, UserVerification::Required).await;
    assert_eq!(counted, [FIDO_AUTHENTICATOR_INFO, (9, 11)]);
}

#[tokio::test]
async fn opensk_without_pin() {
    keyvet_key_tests::spoken!();
    let bench = Bench::new(Firmware::OpenSk);
    let counted = reports(&bench, UserVerification::Preferred).await;
    assert_eq!(counted, [OPENSK_INFO, (4, 9)]);
}

#[tokio::test]
async fn opensk_with_pin() {
    keyvet_key_tests::spoken!();
    let bench = Bench::with_pin(Firmware::OpenSk, "123456", 1);
    let counted = reports(&bench, UserVerification::Required).await;
    assert_eq!(counted, [OPENSK_INFO, (9, 13)]);
}
