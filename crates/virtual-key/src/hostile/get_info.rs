//! authenticatorGetInfo (CTAP 2.2 §6.4).

use super::Quirk;
use super::authenticator::Authenticator;
use super::cbor::{self, Members};
use crate::fixtures::model;

impl Authenticator {
    pub(super) fn info(&self) -> Members {
        let mut info = Members::default();
        let texts = |texts: &[&str]| {
            cbor::array(&texts.iter().map(|text| cbor::text(text)).collect::<Vec<_>>())
        };
        info.put(0x01, texts(&["FIDO_2_0", "FIDO_2_1"]));
        info.put(0x02, texts(&["credProtect", "hmac-secret"]));
        info.put(0x03, cbor::bytes(&self.aaguid().0));
        info.put(0x04, self.options_member());
        info.put(0x05, cbor::unsigned(1200));
        info.put(0x06, self.protocols());
        if !self.options.quirks.contains(&Quirk::RefuseLongLists) {
            info.put(0x07, cbor::unsigned(8));
        }
        info.put(0x08, cbor::unsigned(128));
        info.put(0x09, texts(&["usb"]));
        info.put(0x0a, cbor::array(&[algorithm(6)]));
        info.put(0x0d, cbor::unsigned(4));
        info.put(0x0e, cbor::unsigned(1));
        for quirk in &self.options.quirks {
            self.bend_info(*quirk, &mut info);
        }
        info
    }

    fn options_member(&self) -> Vec<u8> {
        let mut options: Vec<_> = [
            ("rk", true),
            ("up", true),
            ("plat", false),
            ("clientPin", self.pin.is_set()),
            ("pinUvAuthToken", !self.has(Quirk::NoTokenOption)),
            ("makeCredUvNotRqd", true),
        ]
        .map(|(name, on)| (cbor::text(name), cbor::boolean(on)))
        .to_vec();
        if let Some((_, value)) = options.first_mut().filter(|_| self.has(Quirk::OptionsWrongType))
        {
            *value = cbor::unsigned(1);
        }
        cbor::map(&options)
    }

    fn protocols(&self) -> Vec<u8> {
        let numbers: &[u64] = match () {
            () if self.has(Quirk::ProtocolsEmpty) => &[],
            () if self.has(Quirk::ProtocolsUnknown) => &[9],
            () if self.has(Quirk::ProtocolOne) => &[1],
            () if self.has(Quirk::ProtocolTwo) => &[2],
            () => &[2, 1],
        };
        cbor::array(&numbers.iter().map(|number| cbor::unsigned(*number)).collect::<Vec<_>>())
    }

    fn bend_info(&self, quirk: Quirk, info: &mut Members) {
        let aaguid = self.aaguid().0;
        match quirk {
            _ if !self.has(quirk) => {}
            Quirk::VersionsWrongType => info.put(0x01, cbor::text("FIDO_2_1")),
            Quirk::VersionsEmpty => info.put(0x01, cbor::array(&[])),
            Quirk::VersionsMissing => info.remove(0x01),
            Quirk::VersionsU2f => info.put(0x01, cbor::array(&[cbor::text("U2F_V2")])),
            Quirk::EscapesInText => {
                let escape = cbor::text("FIDO_2_1\u{1b}]0;owned\u{7}\u{202e}");
                info.put(0x01, cbor::array(&[cbor::text("FIDO_2_0"), escape]));
            }
            Quirk::Aaguid15 => info.put(0x03, cbor::bytes(aaguid.get(..15).unwrap_or_default())),
            Quirk::Aaguid17 => info.put(0x03, cbor::bytes(&[&aaguid[..], &[0]].concat())),
            Quirk::AaguidMissing => info.remove(0x03),
            Quirk::AaguidLies => info.put(0x03, cbor::bytes(&model(0xfd).0)),
            Quirk::MaxMsgSizeZero => info.put(0x05, cbor::unsigned(0)),
            Quirk::MaxMsgSizeHuge => info.put(0x05, cbor::unsigned(u64::MAX)),
            Quirk::AlgorithmsNoType => {
                let entry = cbor::map(&[(cbor::text("alg"), cbor::negative(6))]);
                info.put(0x0a, cbor::array(&[entry]));
            }
            Quirk::AlgorithmsOther => info.put(0x0a, cbor::array(&[algorithm(46)])),
            _ => {}
        }
        info.0.sort();
    }
}

/// A `PublicKeyCredentialParameters`; `alg` is the `n` of `-1 - n`.
fn algorithm(alg: u64) -> Vec<u8> {
    cbor::map(&[
        (cbor::text("alg"), cbor::negative(alg)),
        (cbor::text("type"), cbor::text("public-key")),
    ])
}
