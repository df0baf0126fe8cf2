//! How values of other crates stand in the cache; not a public format.

/// An AAGUID as 16 bytes.
pub(crate) mod aaguid {
    use keyvet_ctap::Aaguid;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Aaguid>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(|aaguid| aaguid.0).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Aaguid>, D::Error> {
        Option::deserialize(from).map(|bytes| bytes.map(Aaguid))
    }
}

/// The family as text.
pub(crate) mod protocol_family {
    use crate::entry::ProtocolFamily;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        value: &ProtocolFamily,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.0.serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<ProtocolFamily, D::Error> {
        String::deserialize(from).map(ProtocolFamily)
    }
}

/// Findings as id and detail; an id this program does not declare refuses the cache.
pub(crate) mod findings {
    use keyvet_finding::Finding;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(value: &[Finding], to: S) -> Result<S::Ok, S::Error> {
        let pairs: Vec<_> = value.iter().map(|found| (found.id(), found.detail())).collect();
        pairs.serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<Finding>, D::Error> {
        let pairs: Vec<(String, String)> = Vec::deserialize(from)?;
        let finding = |(id, detail): (String, String)| {
            let kind = crate::KINDS.iter().chain(keyvet_x509::KINDS).find(|kind| kind.id == id);
            kind.map(|kind| Finding::new(kind, &detail))
                .ok_or_else(|| D::Error::custom(format!("unknown finding {id}")))
        };
        pairs.into_iter().map(finding).collect()
    }
}

/// A time as seconds since 1970.
pub(crate) mod time {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
    use time::OffsetDateTime;

    pub(crate) fn serialize<S: Serializer>(
        value: &OffsetDateTime,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.unix_timestamp().serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<OffsetDateTime, D::Error> {
        let seconds = i64::deserialize(from)?;
        OffsetDateTime::from_unix_timestamp(seconds).map_err(D::Error::custom)
    }
}
