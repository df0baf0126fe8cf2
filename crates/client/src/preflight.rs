//! Whether a key can do what will be asked of it, from getInfo alone: before the person is bothered.

use keyvet_ctap::{CoseAlgorithm, MakeCredential, PinUvAuth, RelyingParty, User};
use keyvet_finding::{Culprit, Finding, Kind, Severity};

use crate::{
    Client, Obstacle, RegistrationRequest, UserVerification, Verification, verification::Purpose,
};

impl Client {
    /// Whether the key can do what `request` asks, as far as getInfo tells; nothing is sent.
    ///
    /// Findings of severity error are obstacles: [`Client::register`] refuses with the first of them.
    #[must_use]
    pub fn preflight(&self, request: &RegistrationRequest) -> Vec<Finding> {
        let mut findings: Vec<_> = self.obstacles(request).iter().map(Obstacle::finding).collect();
        findings.extend(self.unlisted_format(request));
        findings.extend(self.unlisted_extensions(request));
        findings.extend(self.unremovable(request));
        findings
    }

    /// How the person will be verified for `request`.
    ///
    /// # Errors
    /// [`Obstacle`] when the key cannot do it as it is.
    pub fn verification(&self, request: &RegistrationRequest) -> Result<Verification, Obstacle> {
        let purpose = Purpose::Create { discoverable: request.discoverable };
        Verification::choose(self.info(), purpose, request.user_verification)
    }

    /// What keeps the key from doing what `request` asks.
    pub(crate) fn obstacles(&self, request: &RegistrationRequest) -> Vec<Obstacle> {
        let checks = [
            self.ctap2(),
            self.algorithm(request),
            self.discoverable(request),
            self.enterprise(request),
            self.verification(request).err(),
            self.request_len(request),
        ];
        checks.into_iter().flatten().collect()
    }

    fn ctap2(&self) -> Option<Obstacle> {
        let versions = self.info().versions.as_deref().unwrap_or_default();
        // no versions at all is an oddity of getInfo, and says nothing against CTAP2: the answer came through it
        let ctap2 = versions.is_empty() || versions.iter().any(|v| v.starts_with("FIDO_2_"));
        (!ctap2).then(|| Obstacle::NotCtap2 { versions: versions.into() })
    }

    fn algorithm(&self, request: &RegistrationRequest) -> Option<Obstacle> {
        let listed = self.info().algorithms.as_deref()?;
        let theirs: Vec<CoseAlgorithm> = listed.iter().map(|entry| entry.alg).collect();
        let offered = request.algorithms.iter().any(|asked| theirs.contains(asked));
        (!offered).then(|| Obstacle::Algorithm { asked: request.algorithms.clone(), theirs })
    }

    fn discoverable(&self, request: &RegistrationRequest) -> Option<Obstacle> {
        if !request.discoverable {
            return None;
        }
        if self.info().option("rk") != Some(true) {
            return Some(Obstacle::DiscoverableUnsupported);
        }
        let full = self.info().remaining_discoverable_credentials == Some(0);
        full.then_some(Obstacle::DiscoverableFull)
    }

    fn enterprise(&self, request: &RegistrationRequest) -> Option<Obstacle> {
        request.enterprise_attestation?;
        match self.info().option("ep") {
            Some(true) => None,
            Some(false) => Some(Obstacle::EnterpriseDisabled),
            None => Some(Obstacle::EnterpriseUnsupported),
        }
    }

    /// The request as long as it can get, so that no PIN is spent on one that does not fit.
    fn request_len(&self, request: &RegistrationRequest) -> Option<Obstacle> {
        let mut longest = self.command(request, [0; 32], [0; USER_HANDLE_LEN]);
        longest.pin_uv_auth = Some(PinUvAuth { param: vec![0; 32], protocol: 2 });
        self.check_len(longest.encode().len()).err()
    }

    /// The makeCredential request, but for exclude list and verification.
    pub(crate) fn command(
        &self,
        request: &RegistrationRequest,
        client_data_hash: [u8; 32],
        user_handle: [u8; USER_HANDLE_LEN],
    ) -> MakeCredential {
        let rp = RelyingParty { id: request.rp_id.clone(), name: Some(request.rp_name.clone()) };
        let name = || Some(request.user_name.clone());
        let user = User { id: user_handle.into(), name: name(), display_name: name() };
        let mut command = MakeCredential::new(client_data_hash, rp, user);
        command.pub_key_cred_params.clone_from(&request.algorithms);
        command.extensions = request.extensions.clone();
        command.rk = request.discoverable.then_some(true);
        command.enterprise_attestation = request.enterprise_attestation;
        if self.info().attestation_formats.is_some() {
            command.attestation_formats_preference.clone_from(&request.formats_preference);
        }
        command
    }

    fn unlisted_format(&self, request: &RegistrationRequest) -> Option<Finding> {
        let listed = self.info().attestation_formats.as_ref()?;
        let preferred = request.formats_preference.first()?;
        let known = preferred.as_str() == "none" || listed.iter().any(|f| f == preferred.as_str());
        let detail = || format!("{preferred} is preferred, the key offers {}", listed.join(", "));
        (!known).then(|| Finding::new(&FORMAT_NOT_OFFERED, detail()))
    }

    fn unlisted_extensions(&self, request: &RegistrationRequest) -> Vec<Finding> {
        let listed = self.info().extensions.as_deref().unwrap_or_default();
        let asked = asked_extensions(request).into_iter();
        asked
            .filter(|name| !listed.iter().any(|known| known == name))
            .map(|name| Finding::new(&EXTENSION_NOT_OFFERED, name))
            .collect()
    }

    fn unremovable(&self, request: &RegistrationRequest) -> Option<Finding> {
        if !request.discoverable || request.danger_keep_discoverable {
            return None;
        }
        let wanted = UserVerification::Required;
        let token = Verification::choose(self.info(), Purpose::Manage, wanted);
        let detail = match token {
            Err(obstacle) => obstacle.to_string(),
            Ok(_) if self.management().is_none() => "the key has no credentialManagement".into(),
            Ok(_) => return None,
        };
        Some(Finding::new(&CREDENTIAL_UNREMOVABLE, detail))
    }
}

/// Names of the extensions asked for.
pub(crate) fn asked_extensions(request: &RegistrationRequest) -> Vec<&'static str> {
    let asked = &request.extensions;
    let names = [
        ("credProtect", asked.cred_protect.is_some()),
        ("credBlob", asked.cred_blob.is_some()),
        ("largeBlobKey", asked.large_blob_key),
        ("minPinLength", asked.min_pin_length),
        ("hmac-secret", asked.hmac_secret),
        ("hmac-secret-mc", asked.hmac_secret_mc.is_some()),
        ("pinComplexityPolicy", asked.pin_complexity_policy),
        ("thirdPartyPayment", asked.third_party_payment),
    ];
    names.into_iter().filter(|(_, asked)| *asked).map(|(name, _)| name).collect()
}

/// The preferred attestation format is not among those that the key lists.
pub static FORMAT_NOT_OFFERED: Kind = Kind {
    id: "client.format-not-offered",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The key does not list the preferred attestation format; it will answer with another.",
    next_step: "Nothing to do, unless the policy asks for that format: then use another key.",
    source: "CTAP 2.2 §6.4, §6.1.2",
};

/// An extension asked for is not among those that the key lists.
pub static EXTENSION_NOT_OFFERED: Kind = Kind {
    id: "client.extension-not-offered",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "The key does not list an extension that is asked for; it will ignore it.",
    next_step: "Nothing to do, unless the policy asks for the extension: then use another key.",
    source: "CTAP 2.2 §6.4, §12",
};

/// A discoverable credential could not be removed afterwards.
pub static CREDENTIAL_UNREMOVABLE: Kind = Kind {
    id: "client.credential-unremovable",
    severity: Severity::Warning,
    culprit: Culprit::Key,
    meaning: "A discoverable test credential would stay on the key: in its present state it cannot be removed without a reset.",
    next_step: "Set a PIN first, or ask for a credential that is not discoverable.",
    source: "CTAP 2.2 §6.8",
};

/// Length of the random user handle, in bytes; WebAuthn allows 64.
pub(crate) const USER_HANDLE_LEN: usize = 32;
