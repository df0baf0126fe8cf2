//! One behaviour, both firmwares.

/// Makes two tests of each function: one on each firmware, under the function's name.
///
/// ```
/// use keyvet_virtual_key::Firmware;
///
/// keyvet_key_tests::on_both! {
///     async fn a_name_is_a_behaviour(firmware: Firmware) {
///         let _ = firmware;
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! on_both {
    ($($(#[$doc:meta])* async fn $name:ident($firmware:ident: $type:ty) $body:block)+) => { $(
        $(#[$doc])*
        mod $name {
            #[allow(unused_imports, reason = "whatever the file around uses")]
            use super::*;

            async fn behaviour($firmware: $type) $body

            #[tokio::test]
            async fn on_fido_authenticator() {
                behaviour(keyvet_virtual_key::Firmware::FidoAuthenticator).await;
            }

            #[tokio::test]
            async fn on_opensk() {
                behaviour(keyvet_virtual_key::Firmware::OpenSk).await;
            }
        }
    )+ };
}
