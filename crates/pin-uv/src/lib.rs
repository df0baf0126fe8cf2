//! PIN/UV auth protocols 1 and 2 (CTAP 2.3 §6.5.6, §6.5.7), the PIN itself (§6.5.1), and what else is encrypted between
//! a client and a key: members of getInfo (§6.4) and large blobs (§6.10).
//!
//! What a client computes to set, change and use a PIN, and what an authenticator computes to answer
//! it: both sides hold a [`PlatformKey`], agree on a [`SharedSecret`], and authenticate requests
//! with a [`Token`]. No I/O and no source of randomness: the caller draws keys and initialization
//! vectors. Messages are in `keyvet-ctap`.
//!
//! Secrets are wiped when dropped, are not shown by `Debug`, and are compared in constant time. What is
//! not wiped: copies that the compiler makes on the stack, among them HKDF's pseudorandom key, and the window of the
//! compressor of large blobs.
//!
//! ```
//! use keyvet_pin_uv::{Pin, PinUvAuthProtocol, PlatformKey, SharedSecret, Token};
//! let protocol = PinUvAuthProtocol::choose(&[2, 1]).ok_or("no common protocol")?;
//! // Numbers from the operating system's generator in real life.
//! let (ours, theirs) = (PlatformKey::from_bytes([1; 32])?, PlatformKey::from_bytes([2; 32])?);
//! let secret = SharedSecret::agree(protocol, &ours, &theirs.public())?;
//!
//! let pin = Pin::new("1234");
//! pin.check(4, 63)?;
//! let pin_hash_enc = secret.pin_hash_enc(&pin, [7; 16]);
//!
//! // The authenticator's side, and the token that it answers with.
//! let same = SharedSecret::agree(protocol, &theirs, &ours.public())?;
//! assert_eq!(same.decrypt(&pin_hash_enc)?.as_slice(), pin.hash().as_slice());
//! let token = Token::decrypt(&secret, &same.encrypt(&[9; 32], [8; 16]))?;
//! assert_eq!(token.authenticate(&[0; 32]).len(), 32);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod key_agreement;
pub mod kinds;
pub mod large_blobs;
mod pin;
mod protocol;
mod shared_secret;
mod token;

pub use key_agreement::{KeyAgreementError, PlatformKey, PlatformKeyError};
#[doc(no_inline)]
pub use kinds::KINDS;
pub use pin::{Pin, PinError};
pub use protocol::PinUvAuthProtocol;
pub use shared_secret::{DecryptError, SharedSecret};
pub use token::{EncryptedMemberError, Token, TokenError};
