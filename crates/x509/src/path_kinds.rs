//! What a path search can say. Raised in `path_search.rs`.

use keyvet_finding::{Culprit, Kind, Severity};

/// No certificate and no anchor issued the end of the path.
pub static ISSUER_NOT_FOUND: Kind = Kind {
    id: "x509.issuer-not-found",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "Neither a trust anchor nor a certificate that came along has issued this certificate.",
    next_step: "Update the metadata, or give the vendor's root certificate as an anchor.",
    source: "RFC 5280 §6.1",
};

/// An intermediate without the CA flag.
pub static ISSUER_NOT_CA: Kind = Kind {
    id: "x509.issuer-not-ca",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "A certificate that would be an issuer is not marked as a certification authority, so what \
              it signed does not count.",
    next_step: "Treat the chain as forged unless the vendor explains it.",
    source: "RFC 5280 §6.1.4 (k)",
};

/// An intermediate whose key usage excludes signing certificates.
pub static ISSUER_KEY_USAGE: Kind = Kind {
    id: "x509.issuer-key-usage",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "A certificate that would be an issuer limits its key to other uses than signing certificates.",
    next_step: "Treat the chain as forged unless the vendor explains it.",
    source: "RFC 5280 §6.1.4 (n)",
};

/// More intermediates than an issuer allows below itself.
pub static PATH_LENGTH: Kind = Kind {
    id: "x509.path-length-exceeded",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "An issuer allows fewer intermediate certificates below itself than the chain has.",
    next_step: "Treat the chain as forged unless the vendor explains it.",
    source: "RFC 5280 §4.2.1.9",
};

/// A leaf or intermediate after its validity.
pub static EXPIRED: Kind = Kind {
    id: "x509.expired",
    severity: Severity::Note,
    culprit: Culprit::Key,
    meaning: "A certificate of the chain has expired. Keys are never certified again, so this is ordinary.",
    next_step: "None; ask for strict validity if your rules demand valid certificates.",
    source: "RFC 5280 §6.1.3 (a)(2)",
};

/// A leaf or intermediate before its validity.
pub static NOT_YET_VALID: Kind = Kind {
    id: "x509.not-yet-valid",
    severity: Severity::Note,
    culprit: Culprit::Key,
    meaning: "A certificate of the chain is not valid yet at the time of checking.",
    next_step: "Check the clock, or the time given for the check.",
    source: "RFC 5280 §6.1.3 (a)(2)",
};

/// A leaf or intermediate outside its validity where that is demanded.
pub static OUTSIDE_VALIDITY: Kind = Kind {
    id: "x509.outside-validity",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "A certificate of the chain has expired or is not valid yet, and the rules of this check demand \
              that it is valid: strict validity was asked for, or it is a signer of metadata.",
    next_step: "Give the time the signature was made, a newer file, or check without strict validity.",
    source: "RFC 5280 §6.1.3 (a)(2)",
};

/// An anchor outside its validity.
pub static ANCHOR_VALIDITY: Kind = Kind {
    id: "x509.anchor-validity",
    severity: Severity::Note,
    culprit: Culprit::Metadata,
    meaning: "The certificate a trust anchor came in has expired or is not valid yet. An anchor is a name \
              and a key, so the chain stands.",
    next_step: "None; ask the vendor for a current root if your rules demand one.",
    source: "RFC 5280 §6.1.1 (d)",
};

/// A critical extension keyvet does not know.
pub static CRITICAL_EXTENSION: Kind = Kind {
    id: "x509.critical-extension",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "A certificate carries a critical extension that keyvet does not evaluate.",
    next_step: "Read what the extension restricts before relying on the chain.",
    source: "RFC 5280 §4.2",
};

/// A critical extension keyvet does not know, where that is refused.
pub static CRITICAL_EXTENSION_REFUSED: Kind = Kind {
    id: "x509.critical-extension-refused",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "A signer's chain carries a critical extension that keyvet does not evaluate, so it may be \
              restricted in a way that is broken here.",
    next_step: "Report the extension so that support can be added; do not use the file until then.",
    source: "RFC 5280 §4.2",
};

/// The search was given up.
pub static PATH_TOO_COSTLY: Kind = Kind {
    id: "x509.path-too-costly",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "So many certificates came along, or they certify each other in so many ways, that the search \
              for a path to an anchor was given up. Real chains need at most four signature checks.",
    next_step: "Treat the chain as hostile; a genuine key sends one to four certificates.",
    source: "keyvet",
};

/// A leaf that is for other purposes than TLS servers.
pub static PURPOSE: Kind = Kind {
    id: "x509.purpose",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "The signer's certificate is limited to purposes that do not include this one.",
    next_step: "Check where the file came from; the metadata service signs with a TLS server certificate.",
    source: "RFC 5280 §4.2.1.12",
};

/// A leaf for another host.
pub static DNS_NAME: Kind = Kind {
    id: "x509.dns-name",
    severity: Severity::Error,
    culprit: Culprit::Metadata,
    meaning: "The signer's certificate is for another host name than the one expected.",
    next_step: "Check where the file came from, and the expected host name.",
    source: "RFC 6125 §6.4",
};

/// Certificates in another order than leaf, issuer, issuer's issuer.
pub static CHAIN_ORDER: Kind = Kind {
    id: "x509.chain-order",
    severity: Severity::Note,
    culprit: Culprit::Key,
    meaning: "The certificates are not in the order in which each certifies the one before it.",
    next_step: "None: keyvet sorted them. Other relying parties may refuse the key; tell the vendor.",
    source: "WebAuthn L3 §8.2",
};

/// Certificates that are no part of the path.
pub static UNRELATED_CERTIFICATES: Kind = Kind {
    id: "x509.unrelated-certificates",
    severity: Severity::Note,
    culprit: Culprit::Key,
    meaning: "Certificates came along that are no part of the chain.",
    next_step: "None: keyvet ignored them. Other relying parties may refuse the key; tell the vendor.",
    source: "WebAuthn L3 §8.2",
};
