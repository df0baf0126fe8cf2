//! A registration, what it is judged against, and what must be found.

use std::sync::{Arc, OnceLock};

use keyvet_attestation::{Assessment, Context, Statement};
use keyvet_evidence::Registration;
use keyvet_mds::{Catalogue, danger_read_unsigned_payload};
use keyvet_testkit::{payload_291, vector};
use keyvet_x509::Anchor;
use time::OffsetDateTime;

/// One way to provoke a finding.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) id: &'static str,
    pub(crate) statement: Statement,
    pub(crate) registration: Registration,
    pub(crate) catalogue: Option<Arc<Catalogue>>,
    pub(crate) anchors: Vec<Anchor>,
    pub(crate) strict_validity: bool,
}

impl Case {
    pub(crate) fn new(id: &'static str, statement: Statement, registration: Registration) -> Self {
        let (catalogue, anchors) = (None, Vec::new());
        Self { id, statement, registration, catalogue, anchors, strict_validity: false }
    }

    pub(crate) fn valid(id: &'static str, registration: Registration) -> Self {
        Self::new(id, Statement::Valid, registration)
    }

    pub(crate) fn invalid(id: &'static str, registration: Registration) -> Self {
        Self::new(id, Statement::Invalid, registration)
    }

    /// Judged with metadata no 291.
    pub(crate) fn with_real_metadata(self) -> Self {
        Self { catalogue: Some(real_metadata()), ..self }
    }

    /// Judged with made-up entries.
    pub(crate) fn with_entries(self, entries: &str) -> Self {
        let payload = format!(r#"{{"no": 1, "nextUpdate": "2026-12-01", "entries": [{entries}]}}"#);
        let (catalogue, _) = danger_read_unsigned_payload(payload.as_bytes()).unwrap();
        Self { catalogue: Some(Arc::new(catalogue)), ..self }
    }

    pub(crate) fn with_anchor(mut self, anchor: Anchor) -> Self {
        self.anchors.push(anchor);
        self
    }

    pub(crate) fn assess(&self) -> Assessment {
        let mut context = Context::new(self.catalogue.as_deref(), now());
        context.extra_anchors = &self.anchors;
        context.strict_validity = self.strict_validity;
        crate::assess(&self.registration, &mut context)
    }
}

/// The first of November 2026.
pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_793_491_200).unwrap()
}

/// Metadata no 291, read once.
pub(crate) fn real_metadata() -> Arc<Catalogue> {
    static CATALOGUE: OnceLock<Arc<Catalogue>> = OnceLock::new();
    let read = || Arc::new(danger_read_unsigned_payload(&payload_291()).unwrap().0);
    CATALOGUE.get_or_init(read).clone()
}

/// A record of `tests/vectors/attestation`.
pub(crate) fn record(id: &str) -> Registration {
    keyvet_evidence::read(&vector(&format!("attestation/{id}.json"))).unwrap()
}
