//! "Touch the one you mean" (CTAP 2.2 §6.9; for older keys §6.1.2 step 1).

use keyvet_ctap::{Command, MakeCredential, PinUvAuth, RelyingParty, Selection, StatusCode, User};

use crate::{
    Ceremony, Client, ClientError, Obstacle, client::Wait, client_data::sha256, verification,
};

impl Client {
    /// Waits until the person touches this key. Cancel the ceremonies of the others when one of several returns.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::Cancelled`] for the keys that were not touched.
    pub async fn select(&mut self, ceremony: &Ceremony<'_>) -> Result<(), ClientError> {
        if !self.has_selection() {
            return self.select_by_registration(ceremony).await;
        }
        let request = Selection.encode();
        match self.transact(Command::SELECTION, &request, Wait::Touch, ceremony).await {
            Err(ClientError::Status { status: StatusCode::INVALID_COMMAND, .. }) => {
                self.select_by_registration(ceremony).await
            }
            other => other.map(drop),
        }
    }

    fn has_selection(&self) -> bool {
        let versions = self.info().versions.as_deref().unwrap_or_default();
        let since = |version: &String| {
            version.starts_with("FIDO_2_")
                && !matches!(version.as_str(), "FIDO_2_0" | "FIDO_2_1_PRE")
        };
        versions.iter().any(since)
    }

    /// makeCredential with an empty `pinUvAuthParam`: the key waits for a touch, then refuses. Nothing is made and no
    /// PIN retry is spent.
    async fn select_by_registration(&mut self, ceremony: &Ceremony<'_>) -> Result<(), ClientError> {
        if self.info().option("clientPin").is_none() {
            return Err(Obstacle::CommandMissing("authenticatorSelection").into());
        }
        let rp = RelyingParty::new(crate::THROW_AWAY_RP_ID);
        let user = User { id: vec![0], name: Some("keyvet".into()), display_name: None };
        let mut request = MakeCredential::new(sha256(b"select"), rp, user);
        let protocol = verification::protocol(self.info())?.number();
        request.pin_uv_auth = Some(PinUvAuth { param: Vec::new(), protocol });
        let sent = request.encode();
        match self.transact(Command::MAKE_CREDENTIAL, &sent, Wait::Touch, ceremony).await {
            // touched; older drafts had PIN_AUTH_INVALID here
            Err(
                ClientError::PinInvalid { .. }
                | ClientError::Precondition(Obstacle::PinNotSet)
                | ClientError::Status { status: StatusCode::PIN_AUTH_INVALID, .. },
            ) => Ok(()),
            other => other.map(drop),
        }
    }
}
