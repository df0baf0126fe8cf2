//! What the client said about the ceremony (WebAuthn L3 §5.8.1, §7.1).
//!
//! The statement covers the client data only by its hash; what is in it belongs to the relying party's own
//! checks, so nothing here touches the statement.

use keyvet_evidence::ClientData;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_x509::sha256;

/// Not the JSON object it must be.
pub static CLIENT_DATA_MALFORMED: Kind = Kind {
    id: "attestation.client-data-malformed",
    severity: Severity::Warning,
    culprit: Culprit::Client,
    meaning: "The client data is not a JSON object with type, challenge and origin. Its hash may be right all the same.",
    next_step: "Register with a current browser; a program may have made this client data.",
    source: "WebAuthn L3 §5.8.1",
};

/// Not of a registration.
pub static CLIENT_DATA_TYPE: Kind = Kind {
    id: "attestation.client-data-type",
    severity: Severity::Warning,
    culprit: Culprit::Client,
    meaning: "The client data is not of a registration: its type is not `webauthn.create`. A relying party refuses it.",
    next_step: "Make sure that the file holds the registration and not a sign-in.",
    source: "WebAuthn L3 §7.1",
};

/// Made inside a frame of another site.
pub static CROSS_ORIGIN: Kind = Kind {
    id: "attestation.cross-origin",
    severity: Severity::Note,
    culprit: Culprit::Client,
    meaning: "The credential was created inside a frame of another site.",
    next_step: "Nothing to do, if the relying party is embedded on purpose.",
    source: "WebAuthn L3 §7.1",
};

/// The origin is not of the relying party.
pub static ORIGIN_NOT_RP: Kind = Kind {
    id: "attestation.origin-not-rp",
    severity: Severity::Warning,
    culprit: Culprit::Client,
    meaning: "The relying party in the authenticator data is neither the host of the client data's origin nor a parent domain of it.",
    next_step: "Make sure that attestation object and client data are of the same registration.",
    source: "WebAuthn L3 §5.1.3",
};

/// The relying party is a parent domain of the origin.
pub static ORIGIN_BELOW_RP: Kind = Kind {
    id: "attestation.origin-below-rp",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The relying party is a parent domain of the site where the credential was created. That is allowed.",
    next_step: "Nothing to do.",
    source: "WebAuthn L3 §5.1.3",
};

/// Findings about client data and the relying party it is for.
pub(crate) fn check(json: &[u8], rp_id_hash: &[u8; 32]) -> Vec<Finding> {
    let client_data = match ClientData::parse(json) {
        Ok(client_data) => client_data,
        Err(error) => return vec![Finding::new(&CLIENT_DATA_MALFORMED, error)],
    };
    let mut findings = Vec::new();
    if client_data.ceremony != "webauthn.create" {
        let detail = format!("type `{}`", shortened(&client_data.ceremony));
        findings.push(Finding::new(&CLIENT_DATA_TYPE, detail));
    }
    if client_data.cross_origin == Some(true) {
        findings.push(Finding::new(&CROSS_ORIGIN, shortened(&client_data.origin)));
    }
    findings.extend(origin(&client_data, rp_id_hash));
    findings
}

/// Compares the host of a web origin; other origins, as applications have, say nothing about a host.
fn origin(client_data: &ClientData, rp_id_hash: &[u8; 32]) -> Option<Finding> {
    let host = client_data.host()?.to_ascii_lowercase();
    let is_rp = |domain: &str| sha256(domain.as_bytes()) == *rp_id_hash;
    if is_rp(&host) {
        return None;
    }
    Some(match parents(&host).find(|domain| is_rp(domain)) {
        Some(domain) => Finding::new(&ORIGIN_BELOW_RP, format!("{host} below {domain}")),
        None => Finding::new(&ORIGIN_NOT_RP, format!("origin {}", shortened(&client_data.origin))),
    })
}

/// The domains above `host`, nearest first; a name has at most 127 labels.
fn parents(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(above(host), |domain| above(domain)).take(MAX_LABELS)
}

fn above(domain: &str) -> Option<&str> {
    domain.split_once('.').map(|(_, parent)| parent)
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_CHARS).collect()
}

const MAX_LABELS: usize = 127;
/// Characters of outside text repeated in a detail.
const MAX_CHARS: usize = 100;
