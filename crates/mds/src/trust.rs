//! Whom to believe about metadata, and when.

use keyvet_x509::{Anchor, read_pem};
use time::OffsetDateTime;

/// Roots, host name, time and revocation lists for [`crate::verify_blob`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Trust {
    /// Roots the signer's chain may end at.
    pub roots: Vec<Anchor>,
    /// The host name the signer must bear; `None` is [`MDS_HOST`].
    pub host: Option<String>,
    /// The time for which the chain is judged.
    pub at: OffsetDateTime,
    /// Revocation lists, each DER or PEM.
    pub crls: Vec<Vec<u8>>,
}

impl Trust {
    /// The FIDO Alliance's service under the two pinned GlobalSign roots.
    #[must_use]
    pub fn fido(at: OffsetDateTime) -> Self {
        Self::with_roots(pinned_roots(), at)
    }

    /// Another service, or newer roots of the same one. Under these roots a signer that bears no host
    /// name is accepted with a warning; one that bears another is refused unless it is [`Trust::host`].
    #[must_use]
    pub fn with_roots(roots: Vec<Anchor>, at: OffsetDateTime) -> Self {
        Self { roots, host: None, at, crls: Vec::new() }
    }
}

/// GlobalSign R3 (signers until August 2026) and R46 (since).
#[must_use]
pub fn pinned_roots() -> Vec<Anchor> {
    let roots = PINNED.iter().flat_map(|(pem, label)| {
        let certificates = read_pem(pem).unwrap_or_default();
        certificates.into_iter().map(|root| Anchor::from_certificate(&root, *label))
    });
    roots.collect()
}

pub(crate) fn is_pinned(anchor: &Anchor) -> bool {
    pinned_roots().iter().any(|root| root.public_key() == anchor.public_key())
}

/// The host name of the FIDO Metadata Service.
pub const MDS_HOST: &str = "mds.fidoalliance.org";

const PINNED: [(&[u8], &str); 2] = [
    (include_bytes!("../roots/globalsign-root-r3.pem"), "GlobalSign Root R3"),
    (include_bytes!("../roots/globalsign-root-r46.pem"), "GlobalSign Root R46"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The fingerprints published for the two roots.
    #[test]
    fn the_pinned_roots_are_the_two_of_globalsign() {
        let prints: Vec<_> = pinned_roots()
            .iter()
            .map(|root| data_encoding::HEXUPPER.encode(&root.certificate().sha256()))
            .collect();
        assert!(prints[0].starts_with("CBB522D7") && prints[0].ends_with("C53B"), "{prints:?}");
        assert!(prints[1].starts_with("4FA3126D") && prints[1].ends_with("40C9"), "{prints:?}");
        assert_eq!(prints.len(), 2);
    }
}
