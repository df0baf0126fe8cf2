//! What of each CTAP command and answer may stay. Everything that no rule names is replaced.

use keyvet_ctap::Command;

/// What of an item may stay.
pub(super) enum Rule {
    /// All of it.
    All,
    /// A number, a truth value, null.
    Number,
    /// A short text that the specification gives: a format, a type, a transport.
    Word,
    /// Nothing but its type and length.
    Nothing,
    /// The throw-away relying party: its identifier, its name, the hash of its identifier.
    ThrowAway,
    /// A coordinate of a key that lives for one session.
    Coordinate,
    /// A certificate of a batch of keys; nothing of one that names a single key.
    Certificate,
    /// Authenticator data, part by part.
    AuthData,
    /// An array.
    Each(&'static Self),
    /// A map with these members.
    Map(&'static [(Key, Self)]),
}

/// The key of a member.
pub(super) enum Key {
    /// A number.
    N(i64),
    /// A text.
    T(&'static str),
}

use Key::{N, T};
use Rule::{All, AuthData, Certificate, Coordinate, Each, Map, Nothing, Number, ThrowAway, Word};

/// The rule of the parameters of `command`.
pub(super) fn request(command: Command) -> Option<&'static Rule> {
    Some(match command {
        Command::MAKE_CREDENTIAL => &MAKE_CREDENTIAL,
        Command::GET_ASSERTION => &GET_ASSERTION,
        Command::CLIENT_PIN => &CLIENT_PIN,
        Command::BIO_ENROLLMENT | Command::BIO_ENROLLMENT_PREVIEW => &BIO_ENROLLMENT,
        Command::CREDENTIAL_MANAGEMENT | Command::CREDENTIAL_MANAGEMENT_PREVIEW => {
            &CREDENTIAL_MANAGEMENT
        }
        Command::LARGE_BLOBS => &LARGE_BLOBS,
        Command::AUTHENTICATOR_CONFIG => &AUTHENTICATOR_CONFIG,
        Command::GET_INFO | Command::RESET | Command::GET_NEXT_ASSERTION | Command::SELECTION => {
            &NO_MEMBERS
        }
        _ => return None,
    })
}

/// The rule of the answer to `command`.
pub(super) fn answer(command: Command) -> Option<&'static Rule> {
    Some(match command {
        Command::MAKE_CREDENTIAL => &MADE_CREDENTIAL,
        Command::GET_ASSERTION | Command::GET_NEXT_ASSERTION => &ASSERTION,
        Command::GET_INFO => &INFO,
        Command::CLIENT_PIN => &PIN_ANSWER,
        Command::BIO_ENROLLMENT | Command::BIO_ENROLLMENT_PREVIEW => &ENROLLMENT,
        Command::CREDENTIAL_MANAGEMENT | Command::CREDENTIAL_MANAGEMENT_PREVIEW => &CREDENTIALS,
        Command::LARGE_BLOBS => &BLOBS,
        Command::AUTHENTICATOR_CONFIG | Command::RESET | Command::SELECTION => &NO_MEMBERS,
        _ => return None,
    })
}

static NO_MEMBERS: Rule = Map(&[]);

/// §6.1.
static MAKE_CREDENTIAL: Rule = Map(&[
    (N(0x01), Nothing),
    (N(0x02), RP),
    (N(0x03), USER),
    (N(0x04), Each(&Map(&[(T("alg"), Number), (T("type"), Word)]))),
    (N(0x05), Each(&DESCRIPTOR)),
    (N(0x06), EXTENSIONS),
    (N(0x07), OPTIONS),
    (N(0x08), Nothing),
    (N(0x09), Number),
    (N(0x0a), Number),
    (N(0x0b), Each(&Word)),
]);

static MADE_CREDENTIAL: Rule = Map(&[
    (N(0x01), Word),
    (N(0x02), AuthData),
    (N(0x03), STATEMENT),
    (N(0x04), Number),
    (N(0x05), Nothing),
    (N(0x06), Nothing),
]);

/// WebAuthn L3 §8.
const STATEMENT: Rule = Map(&[
    (T("alg"), Number),
    (T("sig"), Nothing),
    (T("ver"), Word),
    (T("x5c"), Each(&Certificate)),
    (T("certInfo"), Nothing),
    (T("pubArea"), Nothing),
    (T("response"), Nothing),
]);

/// §6.2.
static GET_ASSERTION: Rule = Map(&[
    (N(0x01), ThrowAway),
    (N(0x02), Nothing),
    (N(0x03), Each(&DESCRIPTOR)),
    (N(0x04), EXTENSIONS),
    (N(0x05), OPTIONS),
    (N(0x06), Nothing),
    (N(0x07), Number),
]);

static ASSERTION: Rule = Map(&[
    (N(0x01), DESCRIPTOR),
    (N(0x02), AuthData),
    (N(0x03), Nothing),
    (N(0x04), USER),
    (N(0x05), Number),
    (N(0x06), Number),
    (N(0x07), Nothing),
    (N(0x08), Nothing),
]);

/// §6.4; what only the holder of a token can read is of this very key.
static INFO: Rule = Map(&[
    (N(0x01), All),
    (N(0x02), All),
    (N(0x03), All),
    (N(0x04), All),
    (N(0x05), All),
    (N(0x06), All),
    (N(0x07), All),
    (N(0x08), All),
    (N(0x09), All),
    (N(0x0a), All),
    (N(0x0b), All),
    (N(0x0c), All),
    (N(0x0d), All),
    (N(0x0e), All),
    (N(0x0f), All),
    (N(0x10), All),
    (N(0x11), All),
    (N(0x12), All),
    (N(0x13), All),
    (N(0x14), All),
    (N(0x15), All),
    (N(0x16), All),
    (N(0x17), All),
    (N(0x18), All),
    (N(0x19), Nothing),
    (N(0x1a), All),
    (N(0x1b), All),
    (N(0x1c), All),
    (N(0x1d), All),
    (N(0x1e), Nothing),
    (N(0x1f), All),
]);

/// §6.5.
static CLIENT_PIN: Rule = Map(&[
    (N(0x01), Number),
    (N(0x02), Number),
    (N(0x03), KEY_AGREEMENT),
    (N(0x04), Nothing),
    (N(0x05), Nothing),
    (N(0x06), Nothing),
    (N(0x09), Number),
    (N(0x0a), ThrowAway),
]);

static PIN_ANSWER: Rule = Map(&[
    (N(0x01), KEY_AGREEMENT),
    (N(0x02), Nothing),
    (N(0x03), Number),
    (N(0x04), Number),
    (N(0x05), Number),
]);

/// §6.7.
static BIO_ENROLLMENT: Rule = Map(&[
    (N(0x01), Number),
    (N(0x02), Number),
    (N(0x03), Map(&[(N(0x01), Nothing), (N(0x02), Nothing), (N(0x03), Number)])),
    (N(0x04), Number),
    (N(0x05), Nothing),
    (N(0x06), Number),
]);

static ENROLLMENT: Rule = Map(&[
    (N(0x01), Number),
    (N(0x02), Number),
    (N(0x03), Number),
    (N(0x04), Nothing),
    (N(0x05), Number),
    (N(0x06), Number),
    (N(0x07), Nothing),
    (N(0x08), Number),
]);

/// §6.8.
static CREDENTIAL_MANAGEMENT: Rule = Map(&[
    (N(0x01), Number),
    (N(0x02), Map(&[(N(0x01), ThrowAway), (N(0x02), DESCRIPTOR), (N(0x03), USER)])),
    (N(0x03), Number),
    (N(0x04), Nothing),
]);

static CREDENTIALS: Rule = Map(&[
    (N(0x01), Number),
    (N(0x02), Number),
    (N(0x03), RP),
    (N(0x04), ThrowAway),
    (N(0x05), Number),
    (N(0x06), USER),
    (N(0x07), DESCRIPTOR),
    (N(0x08), PUBLIC_KEY),
    (N(0x09), Number),
    (N(0x0a), Number),
    (N(0x0b), Nothing),
    (N(0x0c), Number),
]);

/// §6.10.
static LARGE_BLOBS: Rule = Map(&[
    (N(0x01), Number),
    (N(0x02), Nothing),
    (N(0x03), Number),
    (N(0x04), Number),
    (N(0x05), Nothing),
    (N(0x06), Number),
]);

static BLOBS: Rule = Map(&[(N(0x01), Nothing)]);

/// §6.11.
static AUTHENTICATOR_CONFIG: Rule = Map(&[
    (N(0x01), Number),
    (N(0x02), Map(&[(N(0x01), Number), (N(0x02), Nothing), (N(0x03), Number), (N(0x04), Number)])),
    (N(0x03), Number),
    (N(0x04), Nothing),
]);

const RP: Rule = Map(&[(T("id"), ThrowAway), (T("name"), ThrowAway), (T("icon"), Nothing)]);

const USER: Rule = Map(&[
    (T("id"), Nothing),
    (T("icon"), Nothing),
    (T("name"), Nothing),
    (T("displayName"), Nothing),
]);

const DESCRIPTOR: Rule =
    Map(&[(T("id"), Nothing), (T("type"), Word), (T("transports"), Each(&Word))]);

const OPTIONS: Rule = Map(&[(T("rk"), Number), (T("up"), Number), (T("uv"), Number)]);

/// Both sides draw a new pair for a session or at power-up, and no secret follows from the public halves.
const KEY_AGREEMENT: Rule = Map(&[
    (N(1), Number),
    (N(3), Number),
    (N(-1), Number),
    (N(-2), Coordinate),
    (N(-3), Coordinate),
]);

/// A credential's public key names the credential at its relying party: only its sort stays.
pub(super) const PUBLIC_KEY: Rule =
    Map(&[(N(1), Number), (N(3), Number), (N(-1), Number), (N(-2), Nothing), (N(-3), Nothing)]);

/// §12, in requests and in authenticator data.
pub(super) const EXTENSIONS: Rule = Map(&[
    (T("credProtect"), Number),
    (T("credBlob"), Map(&[])),
    (T("largeBlobKey"), Number),
    (T("minPinLength"), Number),
    (T("pinComplexityPolicy"), Number),
    (T("thirdPartyPayment"), Number),
    (T("hmac-secret"), HMAC_SECRET),
    (T("hmac-secret-mc"), HMAC_SECRET),
]);

const HMAC_SECRET: Rule =
    Map(&[(N(0x01), KEY_AGREEMENT), (N(0x02), Nothing), (N(0x03), Nothing), (N(0x04), Number)]);

/// No relying party can have this name (RFC 2606); its registrations are thrown away.
pub(super) const THROW_AWAY_TEXTS: [&str; 2] = ["keyvet.invalid", "keyvet test registration"];

/// SHA-256 of `keyvet.invalid`.
pub(crate) const THROW_AWAY_HASH: [u8; 32] = [
    0x30, 0xd5, 0xee, 0xd3, 0xf0, 0xfc, 0x50, 0x74, 0x63, 0x33, 0xb9, 0xe5, 0xd3, 0x64, 0x2d, 0x4c,
    0x32, 0x64, 0x17, 0x88, 0x13, 0x21, 0xb3, 0x3d, 0x12, 0xba, 0x6d, 0x1c, 0x0d, 0xdc, 0xca, 0xde,
];

/// `epAtt` in the answer to makeCredential.
pub(super) const EP_ATT: i64 = 0x04;
/// `enterpriseAttestation` in the request.
pub(super) const ENTERPRISE_ATTESTATION: i64 = 0x0a;
