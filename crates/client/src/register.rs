//! The registration itself.

use keyvet_ctap::{Command, MakeCredential, MakeCredentialResponse, Permissions};
use keyvet_evidence::Registration;
use keyvet_finding::{Culprit, Finding, Kind, Severity};
use keyvet_transport::{ChannelError, Phase, Transport};
use tokio_util::sync::CancellationToken;

use crate::{
    Ceremony, Client, ClientError, Registered, RegistrationRequest, Removal, Verification,
    attestation_object::attestation_object,
    client::{Wait, body},
    client_data,
    client_data::ClientData,
    response,
    token::{Authorization, Scope},
    verification::Purpose,
};

impl Client {
    /// Registers on the key and brings back everything a judge needs, every signed byte as the key sent it.
    ///
    /// A credential that is not discoverable leaves nothing on the key. A discoverable one is removed afterwards, and
    /// [`Registered::removed`] and the findings say whether that worked.
    ///
    /// # Errors
    /// [`ClientError::Precondition`] before the person is bothered when getInfo tells that the key cannot do it;
    /// otherwise whatever went wrong. An answer without a credential for the relying party is an error; other deviations
    /// are [`Registered::findings`].
    pub async fn register(
        &mut self,
        request: &RegistrationRequest,
        ceremony: &Ceremony<'_>,
    ) -> Result<Registered, ClientError> {
        if let Some(obstacle) = self.obstacles(request).into_iter().next() {
            return Err(obstacle.into());
        }
        let verification = self.verification(request)?;
        let client_data = ClientData::new(client_data::CREATE, &request.origin, self.random()?);
        let user_handle = self.random()?;
        let mut command = self.command(request, client_data.hash(), user_handle);
        let excluded = self.fit_exclude_list(&mut command, &request.exclude, ceremony).await?;
        let mut person = self.authorize(verification, scope(request), None, ceremony).await?;
        command.exclude_list = excluded;
        command.uv = person.uv;
        command.pin_uv_auth = person.auth(&command.client_data_hash);
        let sent = command.encode();
        // stays so when this future is dropped
        self.unsure = request.discoverable;
        let answer = self.transact(Command::MAKE_CREDENTIAL, &sent, Wait::Touch, ceremony).await;
        self.unsure &= answer.as_ref().map_or_else(is_end_unknown, |_| true);
        let answer = answer?;
        let mut registered =
            self.registered(request, &command, person.verification, client_data, (sent, answer))?;
        self.unsure = false;
        self.clear_up(request, &mut registered, person_pin(&mut person), ceremony).await;
        // touched and cancelled at once: nothing is left behind, and nobody waits for a result
        if ceremony.cancel.is_cancelled() && !left_behind(&registered) {
            return Err(ClientError::Cancelled);
        }
        Ok(registered)
    }

    /// What is to be said when [`Client::register`] failed and nobody knows whether the key had stored a discoverable
    /// credential by then: the line was lost, or the answer cannot be read.
    #[must_use]
    pub fn perhaps_left(&self, request: &RegistrationRequest) -> Option<Finding> {
        self.unsure.then(|| Finding::new(&CREDENTIAL_PERHAPS_LEFT, &request.rp_id))
    }

    /// Reads and checks the answer.
    fn registered(
        &self,
        request: &RegistrationRequest,
        command: &MakeCredential,
        verification: Verification,
        client_data: ClientData,
        (sent, answer): (Vec<u8>, Vec<u8>),
    ) -> Result<Registered, ClientError> {
        let bad = |error| ClientError::bad_answer(Command::MAKE_CREDENTIAL, &error);
        let response = MakeCredentialResponse::parse(body(&answer)).map_err(bad)?;
        let (auth_data, credential) = response::credential(&response, &request.rp_id)?;
        let findings = response::findings(request, command, verification, &response, &auth_data);
        let mut registration = Registration::new(attestation_object(&response));
        registration.request = Some(sent.clone());
        registration.answer = Some(answer.clone());
        registration.client_data_json = Some(client_data.json);
        registration.get_info = Some(self.info_bytes().into());
        registration.transport = Some(transport(self.device().transport).into());
        registration.requested_algorithms = request.algorithms.iter().map(|alg| alg.0).collect();
        registration.rp_id = Some(request.rp_id.clone());
        registration.credential_id = Some(credential.id.clone());
        Ok(Registered {
            registration,
            request: sent,
            answer,
            ep_att: response.ep_att,
            response,
            auth_data,
            credential,
            verification,
            removed: None,
            findings,
        })
    }

    /// Removes a discoverable credential again and says so, even when the person has cancelled meanwhile.
    async fn clear_up(
        &mut self,
        request: &RegistrationRequest,
        registered: &mut Registered,
        pin: Option<keyvet_pin_uv::Pin>,
        ceremony: &Ceremony<'_>,
    ) {
        if !request.discoverable {
            return;
        }
        let (removal, finding) = if request.danger_keep_discoverable {
            (Removal::Kept, Finding::new(&CREDENTIAL_LEFT, "as asked"))
        } else {
            let own = CancellationToken::new();
            let cancelled = ceremony.cancel.is_cancelled() && pin.is_some();
            let ceremony =
                if cancelled { Ceremony { cancel: &own, ..*ceremony } } else { *ceremony };
            match self.remove_with(&registered.credential, pin, &ceremony).await {
                Ok(()) => (Removal::Removed, Finding::new(&CREDENTIAL_REMOVED, &request.rp_id)),
                Err(error) => {
                    let finding = Finding::new(&CREDENTIAL_LEFT, &error);
                    (Removal::Failed(error), finding)
                }
            }
        };
        registered.removed = Some(removal);
        registered.findings.push(finding);
    }
}

fn scope(request: &RegistrationRequest) -> Scope<'_> {
    Scope {
        purpose: Purpose::Create { discoverable: request.discoverable },
        permissions: Permissions::MC,
        rp_id: Some(&request.rp_id),
    }
}

fn person_pin(person: &mut Authorization) -> Option<keyvet_pin_uv::Pin> {
    person.pin.take()
}

fn left_behind(registered: &Registered) -> bool {
    matches!(registered.removed, Some(Removal::Failed(_) | Removal::Kept))
}

/// Whether the key may have made the credential all the same. A key that was told to stop, or said no, has not; and a
/// message that was not sent was not heard.
fn is_end_unknown(error: &ClientError) -> bool {
    use ChannelError as Error;
    match error {
        ClientError::Channel(error) => !matches!(
            error,
            Error::Timeout { phase: Phase::Touch | Phase::Opening }
                | Error::TooLong { .. }
                | Error::Unsupported(_)
                | Error::PermissionDenied { .. }
                | Error::TransportStatus { .. }
                | Error::Busy
                | Error::Poisoned
        ),
        ClientError::BadAnswer { .. } => true,
        _ => false,
    }
}

/// The word that WebAuthn has for a transport, or ours where it has none.
fn transport(transport: Transport) -> &'static str {
    match transport {
        Transport::Hid => "usb",
        other => other.as_str(),
    }
}

/// The discoverable test credential was removed.
pub static CREDENTIAL_REMOVED: Kind = Kind {
    id: "client.credential-removed",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The discoverable test credential was removed from the key again.",
    next_step: "Nothing to do.",
    source: "CTAP 2.2 §6.8.6",
};

/// The discoverable test credential is still on the key.
pub static CREDENTIAL_LEFT: Kind = Kind {
    id: "client.credential-left",
    severity: Severity::Error,
    culprit: Culprit::Key,
    meaning: "The discoverable test credential is still on the key and takes up one of its places.",
    next_step: "Remove the credential of keyvet.invalid with a management program, such as `fido2-token -D` or the vendor's.",
    source: "CTAP 2.2 §6.8.6",
};

/// Whether a discoverable test credential is on the key is not known.
pub static CREDENTIAL_PERHAPS_LEFT: Kind = Kind {
    id: "client.credential-perhaps-left",
    severity: Severity::Warning,
    culprit: Culprit::Nobody,
    meaning: "The key was lost while it made a discoverable credential, or its answer cannot be read: the credential may be on the key and take up one of its places.",
    next_step: "Look with a management program whether there is a credential of keyvet.invalid and remove it: `fido2-token -L -r DEVICE`, then `fido2-token -D -i ID DEVICE`, or the vendor's.",
    source: "CTAP 2.2 §6.1.2",
};
