//! The ways to misbehave, each with a name for the command line.

use std::fmt;
use std::str::FromStr;

macro_rules! quirks {
    ($($variant:ident $name:literal $about:literal;)*) => {
        /// One way to misbehave. [`Quirk::ALL`] lists them; `FixedStatus` stands there with one example.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum Quirk {
            $(#[doc = $about] $variant,)*
            /// Every CTAP command but getInfo answers this status (`fixed-status=XX`, hexadecimal).
            FixedStatus(u8),
        }

        impl Quirk {
            /// Every quirk.
            pub const ALL: &[Self] = &[$(Self::$variant,)* Self::FixedStatus(0x7f)];

            /// Its name on the command line, without the value that `fixed-status=XX` has.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::FixedStatus(_) => "fixed-status",
                }
            }

            /// What it does, in one line.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => $about,)*
                    Self::FixedStatus(_) => "Every CTAP command but getInfo answers this status: fixed-status=2e.",
                }
            }
        }
    };
}

quirks! {
    // the line, before any message (CTAP 2.2 §11.2.9.1.3)
    InitSilent "init-silent" "INIT is never answered.";
    InitShort "init-short" "The answer to INIT has 12 bytes, not 17.";
    InitWrongNonce "init-wrong-nonce" "The answer to INIT bears a nonce that nobody sent.";
    InitOthersFirst "init-others-first" "The answer to INIT comes after the answers to three other programs.";
    InitCidZero "init-cid-zero" "INIT allocates channel 0.";
    InitCidBroadcast "init-cid-broadcast" "INIT allocates the broadcast channel.";
    InitLong "init-long" "The answer to INIT has 20 bytes, as a later version of the protocol may send.";
    InitNoCbor "init-no-cbor" "INIT says that the key does not understand CTAP2.";
    PaddingLeak "padding-leak" "Unused bytes of every report are not zero.";
    LeftoverFrames "leftover-frames" "Reports of another program's message are still on the line when a channel is opened.";
    // the line, within a message (CTAP 2.2 §11.2.4, §11.2.5)
    SeqSkip "seq-skip" "Every answer skips the sequence number of its first continuation packet.";
    SeqRepeat "seq-repeat" "Every answer sends its first continuation packet twice.";
    ContinuationFirst "continuation-first" "A continuation packet comes before the answer.";
    InitInside "init-inside" "The answer begins anew after its first packet.";
    ForeignFlood "foreign-cid-flood" "Two hundred reports of another channel come before every answer, and one within.";
    ForeignEndless "foreign-cid-endless" "Reports of another channel come for ever in place of the answer.";
    BcntOver "bcnt-over" "The answer declares 65535 bytes.";
    BcntZero "bcnt-zero" "The answer declares no bytes at all.";
    MessageUnfinished "message-unfinished" "The answer stops after its first packet.";
    SlowPackets "slow-packets" "The packets of an answer come an hour apart.";
    OtherCommand "other-command" "CBOR is answered as if it had been MSG.";
    AnswerTwice "answer-twice" "Every answer comes twice.";
    Silent "silent" "CBOR is never answered.";
    Vanish "vanish" "The key is gone after the first packet of an answer.";
    PingAltered "ping-altered" "PING comes back altered.";
    LongPing "long-ping-kills" "A PING of more than 1024 bytes stops the key for good.";
    // keep-alive, cancel, errors (CTAP 2.2 §11.2.9.1.5 to §11.2.9.1.7)
    KeepaliveEndless "endless-keepalive" "A command that needs a touch answers keep-alives for ever.";
    KeepaliveUnknown "keepalive-unknown-status" "Keep-alives bear status 0x7e.";
    KeepaliveEmpty "keepalive-empty" "Keep-alives bear no status.";
    KeepaliveStop "keepalive-stop" "Three keep-alives, then silence.";
    KeepaliveInside "keepalive-inside" "A keep-alive comes within the answer.";
    TouchNever "touch-never" "Nobody touches the key.";
    CancelIgnored "cancel-ignored" "Nobody touches the key, and it does not heed CANCEL.";
    BusyForever "busy-forever" "CBOR is answered by the error channel busy, for ever.";
    BusyTwice "busy-twice" "The first two CBOR commands are answered by the error channel busy.";
    LockRequired "lock-required" "CBOR is answered by the error lock required.";
    ErrorUnknown "error-frame-unknown" "CBOR is answered by an error with code 0x42.";
    ErrorEmpty "error-frame-empty" "CBOR is answered by an error without code.";
    // any CBOR answer (CTAP 2.2 §8)
    EmptyAnswer "empty-answer" "Success is answered without the map that must follow.";
    StatusUnknown "status-unknown" "Every command but getInfo answers status 0x42, which no specification names.";
    NotAMap "not-a-map" "The answer is an array.";
    Truncated "truncated-cbor" "The answer lacks its last byte.";
    Trailing "trailing-bytes" "A byte follows the answer.";
    DuplicateKeys "duplicate-keys" "The first member of the answer comes twice.";
    KeyOrder "key-order" "The members of the answer are in the wrong order.";
    DeepNesting "deep-nesting" "The answer has an unknown member of 100 nested arrays.";
    HugeArray "huge-array-header" "The answer has an unknown member that declares 2^32 items.";
    HugeBytes "huge-bytes-header" "The answer has an unknown member that declares 4 GiB.";
    Indefinite "indefinite" "The answer is a map of indefinite length.";
    NonCanonical "non-canonical" "The first key of the answer is written in two bytes.";
    Tagged "tagged" "The answer has an unknown member with a tag.";
    Float "float" "The answer has an unknown member that is a floating-point number.";
    UnknownMember "unknown-member" "The answer has a member that no specification names.";
    InvalidUtf8 "invalid-utf8" "The answer has an unknown member whose text is no UTF-8.";
    // getInfo (CTAP 2.2 §6.4)
    VersionsWrongType "versions-wrong-type" "getInfo: versions is a text.";
    VersionsEmpty "versions-empty" "getInfo: versions is empty.";
    VersionsMissing "versions-missing" "getInfo: versions is missing.";
    VersionsU2f "versions-u2f-only" "getInfo: versions has U2F_V2 alone.";
    EscapesInText "escapes-in-text" "getInfo: a version has terminal escapes in its name.";
    Aaguid15 "aaguid-15" "getInfo: the AAGUID has 15 bytes.";
    Aaguid17 "aaguid-17" "getInfo: the AAGUID has 17 bytes.";
    AaguidMissing "aaguid-missing" "getInfo: the AAGUID is missing.";
    AaguidLies "aaguid-lies" "getInfo: the AAGUID is another one than credentials have.";
    OptionsWrongType "options-wrong-type" "getInfo: the option rk is a number.";
    MaxMsgSizeZero "max-msg-size-zero" "getInfo: maxMsgSize is 0.";
    MaxMsgSizeHuge "max-msg-size-huge" "getInfo: maxMsgSize is 2^64 - 1.";
    AlgorithmsNoType "algorithms-without-type" "getInfo: an algorithm has no type.";
    AlgorithmsOther "algorithms-other" "getInfo: the only algorithm is one that nobody asks for.";
    ProtocolsEmpty "protocols-empty" "getInfo: pinUvAuthProtocols is empty.";
    ProtocolsUnknown "protocols-unknown" "getInfo: the only PIN/UV auth protocol is 9.";
    ProtocolOne "protocol-one" "getInfo: the only PIN/UV auth protocol is 1.";
    ProtocolTwo "protocol-two" "getInfo: the only PIN/UV auth protocol is 2.";
    NoTokenOption "no-token-option" "getInfo: permissions are not supported, as before CTAP 2.1.";
    // makeCredential (CTAP 2.2 §6.1, WebAuthn L3 §6.1, §8.2)
    FmtMissing "fmt-missing" "makeCredential: the format is missing.";
    FmtUnknown "fmt-unknown" "makeCredential: the format is one that nobody knows.";
    FmtLong "fmt-long" "makeCredential: the format has a name of 46 characters.";
    FmtU2f "fmt-u2f" "makeCredential: the statement is one of fido-u2f, with an AAGUID that U2F has not.";
    FmtTpm "fmt-tpm" "makeCredential: a packed statement is called tpm.";
    NoneNotEmpty "none-not-empty" "makeCredential: the format is none and there is a statement.";
    NoneAttestation "none-attestation" "makeCredential: the format is none although direct was asked for.";
    AuthDataShort "authdata-short" "makeCredential: the authenticator data has 36 bytes.";
    AttestedMissing "attested-data-missing" "makeCredential: flag AT is set and nothing follows.";
    AttestedUnflagged "attested-data-unflagged" "makeCredential: flag AT is not set and nothing follows.";
    AuthDataLeftover "authdata-leftover" "makeCredential: bytes follow the authenticator data.";
    WrongRpIdHash "wrong-rp-id-hash" "makeCredential, getAssertion: the RP ID hash is of another RP ID.";
    UpMissing "up-flag-missing" "makeCredential, getAssertion: flag UP is not set.";
    UvMissing "uv-flag-missing" "makeCredential, getAssertion: flag UV is not set although the PIN was verified.";
    BsWithoutBe "bs-without-be" "makeCredential: flag BS is set and BE is not.";
    BackupEligible "backup-eligible" "makeCredential: flag BE is set, as passkeys have it that leave the device.";
    CredentialIdEmpty "credential-id-empty" "makeCredential: the credential id has no bytes.";
    CredentialIdLong "credential-id-long" "makeCredential: the credential id has 1024 bytes, one more than WebAuthn allows.";
    Coordinate31 "coordinate-31" "makeCredential: a coordinate of the credential key has 31 bytes.";
    OffCurve "off-curve" "makeCredential: the credential key is no point of the curve.";
    OtherAlgorithm "other-algorithm" "makeCredential: the credential key is of an algorithm that was not asked for.";
    SignatureWrong "signature-wrong" "makeCredential, getAssertion: the signature does not verify.";
    SignatureMissing "signature-missing" "makeCredential: the statement has no signature.";
    StatementRs256 "statement-rs256" "makeCredential: the statement's algorithm is RS256 and its key is P-256.";
    StatementRs1 "statement-rs1" "makeCredential: the statement's algorithm is RS1, which uses SHA-1.";
    StatementUnknown "statement-unknown-algorithm" "makeCredential: the statement's algorithm is -65531.";
    Ecdaa "ecdaa" "makeCredential: the statement claims ECDAA.";
    EmptyX5c "empty-x5c" "makeCredential: x5c is empty.";
    X5cGarbage "x5c-garbage" "makeCredential: x5c holds no certificate but noise.";
    X5cTail "x5c-tail-garbage" "makeCredential: x5c holds a certificate and then noise.";
    X5cMany "x5c-many" "makeCredential: x5c holds 33 certificates.";
    EpUnasked "ep-claimed-unasked" "makeCredential: enterprise attestation is claimed though not asked for.";
    UnsolicitedExtension "unsolicited-extension" "makeCredential: an extension output that nobody asked for.";
    RefuseExtensions "refuse-extensions" "makeCredential: any extension is refused.";
    ForcedCredProtect "forced-cred-protect" "makeCredential: credProtect is level 3 whatever was asked for.";
    RefuseEmptyDisplayName "refuse-empty-display-name" "makeCredential: a user whose display name is missing or empty is refused.";
    StorageFull "storage-full" "makeCredential: the storage is full.";
    // getAssertion (CTAP 2.2 §6.2, §6.3)
    AssertionAttested "assertion-attested-data" "getAssertion: the authenticator data has attested credential data.";
    AssertionOtherCredential "assertion-other-credential" "getAssertion: a credential that is not in the allow list.";
    CredentialMissing "credential-missing" "getAssertion: the credential is missing from the answer.";
    UserMissing "user-missing" "getAssertion: the user is missing from the answer.";
    TruncatedUtf8 "truncated-utf8" "getAssertion: the user's name is cut within a character.";
    SignatureEmpty "signature-empty" "getAssertion: the signature has no bytes.";
    CountLies "number-of-credentials-lies" "getAssertion: five credentials are announced, and there are two.";
    EndlessGetNext "endless-get-next" "getAssertion: 2^32 credentials are announced, and getNextAssertion never ends.";
    NoCredentialsAtOnce "no-credentials-at-once" "getAssertion: no credential is found, without a touch.";
    RefuseLongLists "refuse-long-lists" "getAssertion: a list of more than one credential is refused, and no limit was announced.";
    RefuseUpFalse "refuse-up-false" "getAssertion: up = false is refused.";
    // clientPIN (CTAP 2.2 §6.5)
    AgreementOffCurve "key-agreement-off-curve" "clientPIN: the key for key agreement is no point of the curve.";
    AgreementShort "key-agreement-31" "clientPIN: a coordinate of the key for key agreement has 31 bytes.";
    AgreementMissing "key-agreement-missing" "clientPIN: the key for key agreement is missing.";
    TokenShort "token-too-short" "clientPIN: the token has 16 bytes under protocol 2 and 8 under protocol 1.";
    TokenOnlyIv "only-iv" "clientPIN: the encrypted token is an initialisation vector and nothing else.";
    TokenMissing "token-missing" "clientPIN: the token is missing.";
    RetriesLie "retries-lie" "clientPIN: the retry counter always says 8.";
    RetriesAbove "retries-above-8" "clientPIN: the retry counter says 255.";
    RetriesAbsent "retries-absent" "clientPIN: the retry counter is missing.";
    RetriesWrongType "retries-wrong-type" "clientPIN: the retry counter is a text.";
    RetriesLow "retries-low" "clientPIN: two retries are left.";
    PinNeverRight "pin-never-right" "clientPIN: the right PIN is refused, and each try counts.";
    PinAuthBlocked "pin-auth-blocked" "clientPIN: the PIN is blocked until the key is plugged in again.";
    PinBlocked "pin-blocked" "clientPIN: no retries are left.";
    // identity
    SwapTwin "swap-twin" "After a replug the key is another one of the same model.";
    SwapIdentity "swap-identity" "After a replug the key is of another model.";
}

impl Quirk {
    /// Its name with its value: what [`Quirk::from_str`] reads.
    #[must_use]
    pub fn to_argument(self) -> String {
        match self {
            Self::FixedStatus(status) => format!("{}={status:02x}", self.name()),
            _ => self.name().to_owned(),
        }
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_argument())
    }
}

/// There is no quirk of that name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no such quirk; --list-quirks lists them")]
pub struct ParseQuirkError;

impl FromStr for Quirk {
    type Err = ParseQuirkError;

    fn from_str(text: &str) -> Result<Self, ParseQuirkError> {
        if let Some(status) = text.strip_prefix("fixed-status=") {
            return u8::from_str_radix(status, 16)
                .map(Self::FixedStatus)
                .map_err(|_| ParseQuirkError);
        }
        let plain = |quirk: &&Self| !matches!(quirk, Self::FixedStatus(_)) && quirk.name() == text;
        Self::ALL.iter().find(plain).copied().ok_or(ParseQuirkError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_quirk_is_found_by_what_it_calls_itself() {
        for quirk in Quirk::ALL {
            assert_eq!(quirk.to_argument().parse(), Ok(*quirk));
        }
        assert_eq!("fixed-status=2E".parse(), Ok(Quirk::FixedStatus(0x2e)));
        assert!("fixed-status".parse::<Quirk>().is_err());
        assert!("init_short".parse::<Quirk>().is_err());
    }

    #[test]
    fn names_are_different_and_in_kebab_case_and_lines_are_sentences() {
        let names: HashSet<_> = Quirk::ALL.iter().map(|quirk| quirk.name()).collect();
        assert_eq!(names.len(), Quirk::ALL.len());
        for quirk in Quirk::ALL {
            let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(quirk.name().chars().all(kebab), "{quirk}");
            assert!(quirk.about().ends_with('.') && quirk.about().len() < 110, "{quirk}");
        }
    }
}
