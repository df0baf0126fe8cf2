//! What the checks need to know about one credential, gathered once.

use keyvet_attestation::{AaguidStanding, Assessment, AttestationType, Statement, Trust};
use keyvet_ctap::Aaguid;
use keyvet_mds::Catalogue;
use std::fmt;

/// One credential, as far as a policy can see it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Facts {
    pub(crate) aaguid: Option<Aaguid>,
    pub(crate) standing: AaguidStanding,
    /// Attestation statement format, as written; `None` when no attestation object could be read.
    pub(crate) format: Option<String>,
    pub(crate) statement: Statement,
    pub(crate) self_attestation: bool,
    pub(crate) trust: Trust,
    /// The BE flag of the authenticator data.
    pub(crate) backup_eligible: Option<bool>,
    /// The UV flag of the authenticator data.
    pub(crate) user_verified: Option<bool>,
    /// COSE algorithm of the credential key.
    pub(crate) algorithm: Option<i64>,
    /// What the metadata says; `None` when there was none to ask.
    pub(crate) metadata: Option<Metadata>,
}

/// One metadata file asked about one model.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Metadata {
    pub(crate) no: u64,
    pub(crate) entry: Option<Entry>,
}

/// The members of a metadata entry that Microsoft's documented rule and a reason need.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Entry {
    pub(crate) description: String,
    pub(crate) protocol_family: String,
    pub(crate) versions: Vec<String>,
    pub(crate) extensions: Vec<String>,
    pub(crate) options: Vec<(String, bool)>,
    /// Every status reported, in the file's order, with its date.
    pub(crate) statuses: Vec<(String, Option<String>)>,
}

impl Facts {
    pub(crate) fn of(assessment: &Assessment, catalogue: Option<&Catalogue>) -> Self {
        let metadata = |catalogue: &Catalogue| Metadata::of(catalogue, assessment.aaguid);
        Self {
            aaguid: assessment.aaguid,
            standing: assessment.aaguid_standing,
            format: assessment.format.as_ref().map(|format| format.as_str().to_owned()),
            statement: assessment.statement,
            self_attestation: assessment.attestation_type == Some(AttestationType::SelfAttestation),
            trust: assessment.trust,
            backup_eligible: assessment.flags.map(|flags| flags.be()),
            user_verified: assessment.flags.map(|flags| flags.uv()),
            algorithm: assessment.algorithm.map(|algorithm| algorithm.0),
            metadata: catalogue.map(metadata),
        }
    }

    /// `AAGUID … proven by its attestation` or `claims AAGUID …`, for details.
    pub(crate) fn identity(&self) -> String {
        match (self.aaguid, self.standing) {
            (None, _) => "no AAGUID could be read".to_owned(),
            (Some(aaguid), AaguidStanding::Proven) => {
                format!("AAGUID {aaguid}, proven by its attestation{}", self.label())
            }
            (Some(aaguid), _) if aaguid.is_zero() => {
                format!("AAGUID {aaguid} (names no model; cannot be identified)")
            }
            (Some(aaguid), _) => format!("claims AAGUID {aaguid}{}", self.label()),
        }
    }

    fn label(&self) -> String {
        let known = self.aaguid.and_then(crate::entra::known::name);
        let entry = self.metadata.as_ref().and_then(|metadata| metadata.entry.as_ref());
        match known.or(entry.map(|entry| entry.description.as_str())) {
            Some(name) => format!(" ({name})"),
            None => String::new(),
        }
    }
}

impl Metadata {
    pub(crate) fn of(catalogue: &Catalogue, aaguid: Option<Aaguid>) -> Self {
        let entry = aaguid.and_then(|aaguid| catalogue.by_aaguid(&aaguid));
        Self { no: catalogue.no, entry: entry.map(Entry::of) }
    }
}

impl Entry {
    fn of(entry: &keyvet_mds::Entry) -> Self {
        let info = entry.get_info.as_ref();
        let statuses = entry.status_reports.iter();
        Self {
            description: entry.description.clone().unwrap_or_default(),
            protocol_family: entry.protocol_family.as_str().to_owned(),
            versions: info.map(|info| info.versions.clone()).unwrap_or_default(),
            extensions: info.map(|info| info.extensions.clone()).unwrap_or_default(),
            options: info.map(|info| info.options.clone()).unwrap_or_default(),
            statuses: statuses.map(|r| (r.status.clone(), r.effective_date.clone())).collect(),
        }
    }

    /// Statuses that say the model must not, or can no longer, be relied on.
    pub(crate) fn alarms(&self) -> Vec<&str> {
        let alarming = |status: &&str| {
            *status == "REVOKED" || status.contains("COMPROMISE") || status.contains("BYPASS")
        };
        self.statuses.iter().map(|(status, _)| status.as_str()).filter(alarming).collect()
    }
}

impl fmt::Display for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FIDO metadata no {}", self.no)
    }
}
