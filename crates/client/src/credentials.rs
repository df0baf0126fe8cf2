//! Discoverable credentials on the key: counted, removed (CTAP 2.2 §6.8).

use keyvet_ctap::{
    Command, CredentialDescriptor, CredentialManagement, CredentialManagementResponse, Permissions,
    PinUvAuth,
};
use keyvet_pin_uv::Pin;

use crate::{
    Ceremony, Client, ClientError, Obstacle, UserVerification, Verification,
    client::{Wait, body},
    token::Scope,
    verification::Purpose,
};

/// How many discoverable credentials the key holds and can take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CredentialCount {
    /// On the key.
    pub existing: u64,
    /// At most that many more.
    pub remaining: u64,
}

impl Client {
    /// How many discoverable credentials the key holds and can take; the person is verified for it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn credential_count(
        &mut self,
        ceremony: &Ceremony<'_>,
    ) -> Result<CredentialCount, ClientError> {
        let answer = self.manage(&CredentialManagement::GetCredsMetadata, None, ceremony).await?;
        let command = Command::CREDENTIAL_MANAGEMENT;
        let read = CredentialManagementResponse::parse(body(&answer))
            .map_err(|error| ClientError::bad_answer(command, &error))?;
        let missing = |member| ClientError::incomplete(command, member);
        Ok(CredentialCount {
            existing: read
                .existing_resident_credentials_count
                .ok_or_else(|| missing("existingResidentCredentialsCount"))?,
            remaining: read
                .max_possible_remaining_resident_credentials_count
                .ok_or_else(|| missing("maxPossibleRemainingResidentCredentialsCount"))?,
        })
    }

    /// Removes a discoverable credential from the key for good; the person is verified for it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn remove(
        &mut self,
        credential: &CredentialDescriptor,
        ceremony: &Ceremony<'_>,
    ) -> Result<(), ClientError> {
        self.remove_with(credential, None, ceremony).await
    }

    /// As [`Client::remove`], with a PIN that the key has just taken.
    pub(crate) async fn remove_with(
        &mut self,
        credential: &CredentialDescriptor,
        pin: Option<Pin>,
        ceremony: &Ceremony<'_>,
    ) -> Result<(), ClientError> {
        let credential = CredentialDescriptor::new(credential.id.clone());
        let request = CredentialManagement::DeleteCredential { credential };
        self.manage(&request, pin, ceremony).await.map(drop)
    }

    /// The command by which credentials are managed on this key.
    pub(crate) fn management(&self) -> Option<Command> {
        let on = |id| self.info().option(id) == Some(true);
        if on("credMgmt") {
            return Some(Command::CREDENTIAL_MANAGEMENT);
        }
        on("credentialMgmtPreview").then_some(Command::CREDENTIAL_MANAGEMENT_PREVIEW)
    }

    /// One management request with a token of its own.
    async fn manage(
        &mut self,
        request: &CredentialManagement,
        pin: Option<Pin>,
        ceremony: &Ceremony<'_>,
    ) -> Result<Vec<u8>, ClientError> {
        let command = self.management().ok_or(Obstacle::CommandMissing("credentialManagement"))?;
        let wanted = UserVerification::Required;
        let verification = Verification::choose(self.info(), Purpose::Manage, wanted)?;
        let scope = Scope { purpose: Purpose::Manage, permissions: Permissions::CM, rp_id: None };
        let person = self.authorize(verification, scope, pin, ceremony).await?;
        let auth = person.auth(&request.auth_message());
        let sent = encode(command, request, auth.as_ref());
        self.transact(command, &sent, Wait::Answer, ceremony).await
    }
}

fn encode(command: Command, request: &CredentialManagement, auth: Option<&PinUvAuth>) -> Vec<u8> {
    match command {
        Command::CREDENTIAL_MANAGEMENT_PREVIEW => request.encode_preview(auth),
        _ => request.encode(auth),
    }
}
