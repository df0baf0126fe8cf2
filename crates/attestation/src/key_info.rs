//! The getInfo answer that was kept with a registration: what the key says of itself.

use keyvet_ctap::{Aaguid, GetInfo};
use keyvet_evidence::Registration;
use keyvet_finding::{Coded, Culprit, Finding, Kind, Severity};

/// getInfo names another model.
pub static GET_INFO_AAGUID_DIFFERS: Kind = Kind {
    id: "attestation.get-info-aaguid-differs",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "The getInfo answer kept with the registration is of another model than the authenticator data. \
              Nobody signs getInfo, so it is the one that is not believed.",
    next_step: "Make sure that registration and getInfo were read from the same key.",
    source: "CTAP 2.2 §6.4",
};

/// A getInfo answer and what was found in it.
pub(crate) struct KeyInfo {
    pub(crate) get_info: Option<GetInfo>,
    pub(crate) findings: Vec<Finding>,
}

impl KeyInfo {
    /// `firmwareVersion`, unless the answer is of another model.
    pub(crate) fn firmware(&self) -> Option<u64> {
        let differs =
            self.findings.iter().any(|finding| finding.kind() == &GET_INFO_AAGUID_DIFFERS);
        self.get_info.as_ref().filter(|_| !differs)?.firmware_version
    }
}

/// Reads the answer; one that does not decode is a finding and changes nothing else.
pub(crate) fn read(registration: &Registration, aaguid: Aaguid) -> KeyInfo {
    let parsed = registration.get_info.as_deref().map(GetInfo::parse);
    match parsed {
        None => KeyInfo { get_info: None, findings: Vec::new() },
        Some(Err(error)) => {
            KeyInfo { get_info: None, findings: vec![Finding::new(error.kind(), &error)] }
        }
        Some(Ok(info)) => {
            let findings = differs(&info, aaguid).into_iter().collect();
            KeyInfo { get_info: Some(info), findings }
        }
    }
}

fn differs(info: &GetInfo, aaguid: Aaguid) -> Option<Finding> {
    let said = info.aaguid?;
    (said != aaguid && !aaguid.is_zero()).then(|| {
        let detail = format!("getInfo {said}, authenticator data {aaguid}");
        Finding::new(&GET_INFO_AAGUID_DIFFERS, detail)
    })
}
