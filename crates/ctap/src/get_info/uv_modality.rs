//! The `uvModality` member (FIDO Registry of Predefined Values, user verification methods).

/// Bits that say how a person can be verified; unknown bits survive.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UvModality(pub u64);

impl UvModality {
    /// The registry's names of the bits set, lowest first, without the `USER_VERIFY_` prefix.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES.iter().filter(move |(bit, _)| self.0 & bit != 0).map(|(_, name)| *name)
    }

    /// The bits set that have no name.
    #[must_use]
    pub fn unknown_bits(self) -> u64 {
        NAMES.iter().fold(self.0, |bits, (bit, _)| bits & !bit)
    }
}

const NAMES: [(u64, &str); 13] = [
    (0x1, "presence_internal"),
    (0x2, "fingerprint_internal"),
    (0x4, "passcode_internal"),
    (0x8, "voiceprint_internal"),
    (0x10, "faceprint_internal"),
    (0x20, "location_internal"),
    (0x40, "eyeprint_internal"),
    (0x80, "pattern_internal"),
    (0x100, "handprint_internal"),
    (0x200, "none"),
    (0x400, "all"),
    (0x800, "passcode_external"),
    (0x1000, "pattern_external"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_named_and_the_rest_is_told() {
        let modality = UvModality(0x2002);
        assert_eq!(modality.names().collect::<Vec<_>>(), ["fingerprint_internal"]);
        assert_eq!(modality.unknown_bits(), 0x2000);
    }
}
