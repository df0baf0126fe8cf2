//! Tokens: the permission that a verified person gives for one command (CTAP 2.2 §6.5.5.7).
//!
//! makeCredential and getAssertion use a token up, so every command gets one of its own.

use keyvet_ctap::{ClientPin, Command, Permissions, PinUvAuth};
use keyvet_pin_uv::{Pin, Token};

use crate::{
    Ceremony, Client, ClientError, ClientEvent, Declined, PinRequest, Verification,
    pin::{Agreed, PinRetries},
    verification::Purpose,
};

/// What a token is wanted for.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) permissions: Permissions,
    pub(crate) rp_id: Option<&'a str>,
}

/// A token, and the PIN it was got with.
pub(crate) struct Authorization {
    /// How the person was verified in the end.
    pub(crate) verification: Verification,
    token: Option<Token>,
    /// Option `uv` of the command.
    pub(crate) uv: Option<bool>,
    /// The PIN, just found to be right: good for another token in the same ceremony.
    pub(crate) pin: Option<Pin>,
}

impl Authorization {
    fn without_token(verification: Verification, uv: Option<bool>) -> Self {
        Self { verification, token: None, uv, pin: None }
    }

    /// `pinUvAuthParam` over `message`, and its protocol.
    pub(crate) fn auth(&self, message: &[u8]) -> Option<PinUvAuth> {
        let token = self.token.as_ref()?;
        let protocol = token.protocol().number();
        Some(PinUvAuth { param: token.authenticate(message), protocol })
    }
}

impl Client {
    /// Has the person verified as `verification` says.
    ///
    /// `known` is a PIN that the key has just taken; without one the person is asked.
    pub(crate) async fn authorize(
        &mut self,
        verification: Verification,
        scope: Scope<'_>,
        known: Option<Pin>,
        ceremony: &Ceremony<'_>,
    ) -> Result<Authorization, ClientError> {
        match verification {
            Verification::None => Ok(Authorization::without_token(verification, None)),
            Verification::Option => {
                ceremony.person.event(ClientEvent::VerificationNeeded);
                Ok(Authorization::without_token(verification, Some(true)))
            }
            Verification::BuiltIn(_) => self.built_in_or_pin(scope, known, ceremony).await,
            Verification::Pin(_) | Verification::PinWithoutPermissions(_) => {
                self.pin_token(verification, scope, known, ceremony).await
            }
        }
    }

    /// The key's own verification, and its PIN when that fails for good.
    async fn built_in_or_pin(
        &mut self,
        scope: Scope<'_>,
        known: Option<Pin>,
        ceremony: &Ceremony<'_>,
    ) -> Result<Authorization, ClientError> {
        let error = match self.built_in_token(scope, ceremony).await {
            Ok(token) => return Ok(token),
            Err(error @ (ClientError::UvBlocked | ClientError::UvInvalid { .. })) => error,
            Err(error) => return Err(error),
        };
        let fallback = Verification::fallback(self.info(), scope.purpose).ok_or(error)?;
        self.pin_token(fallback, scope, known, ceremony).await
    }

    async fn built_in_token(
        &mut self,
        scope: Scope<'_>,
        ceremony: &Ceremony<'_>,
    ) -> Result<Authorization, ClientError> {
        let preferred = self.info().preferred_platform_uv_attempts.unwrap_or(1);
        let mut left = None;
        for _ in 0..preferred.clamp(1, MAX_UV_ATTEMPTS) {
            ceremony.person.event(ClientEvent::VerificationNeeded);
            match self.built_in_attempt(scope, ceremony).await {
                Err(ClientError::UvInvalid { .. }) => {}
                other => return other,
            }
            left = self.uv_retries(ceremony).await.ok();
            ceremony.person.event(ClientEvent::VerificationFailed { left });
            if left == Some(0) {
                return Err(ClientError::UvBlocked);
            }
        }
        Err(ClientError::UvInvalid { left })
    }

    async fn built_in_attempt(
        &mut self,
        scope: Scope<'_>,
        ceremony: &Ceremony<'_>,
    ) -> Result<Authorization, ClientError> {
        let agreed = self.agree(ceremony).await?;
        let request = ClientPin::GetTokenUsingUv {
            protocol: agreed.protocol().number(),
            key_agreement: agreed.ours,
            permissions: scope.permissions,
            rp_id: scope.rp_id.map(Into::into),
        };
        let verification = Verification::BuiltIn(agreed.protocol());
        self.token(verification, &request, &agreed, None, ceremony).await
    }

    /// A token for the PIN: retries are read before every try, and the person decides whether there is another.
    async fn pin_token(
        &mut self,
        verification: Verification,
        scope: Scope<'_>,
        mut known: Option<Pin>,
        ceremony: &Ceremony<'_>,
    ) -> Result<Authorization, ClientError> {
        let mut wrong = None;
        for _ in 0..ceremony.pin_policy.max_attempts.max(1) {
            let retries = self.spendable_retries(ceremony).await?;
            let pin = match known.take() {
                Some(pin) => pin,
                None => self.ask(retries, wrong, ceremony).await?,
            };
            match self.pin_attempt(verification, scope, pin, ceremony).await {
                Err(ClientError::PinInvalid { .. }) => {}
                other => return other,
            }
            match self.wrong_pin(ceremony).await {
                ClientError::PinInvalid { left } => {
                    ceremony.person.event(ClientEvent::PinWrong { left });
                    wrong = Some(left);
                }
                error => return Err(error),
            }
        }
        Err(ClientError::PinInvalid { left: wrong.flatten() })
    }

    /// Asks the person for the PIN. `wrong` is the retries left after a wrong one, if there was one just before.
    async fn ask(
        &self,
        retries: PinRetries,
        wrong: Option<Option<u64>>,
        ceremony: &Ceremony<'_>,
    ) -> Result<Pin, ClientError> {
        let (min_code_points, max_code_points) = self.pin_lengths();
        let ask = PinRequest {
            retries_left: Some(retries.left),
            min_code_points,
            max_code_points,
            previous_failed: wrong.is_some(),
        };
        ceremony.person.event(ClientEvent::PinNeeded);
        let answer = tokio::select! {
            biased;
            () = ceremony.cancel.cancelled() => return Err(ClientError::Cancelled),
            answer = ceremony.person.pin(&ask) => answer,
        };
        let pin = match (answer, wrong) {
            (Ok(pin), _) => pin,
            // what went wrong is the PIN, not that nobody tried another
            (Err(Declined), Some(left)) => return Err(ClientError::PinInvalid { left }),
            (Err(Declined), None) => return Err(Declined.into()),
        };
        self.check_pin(&pin)?;
        Ok(pin)
    }

    async fn pin_attempt(
        &mut self,
        verification: Verification,
        scope: Scope<'_>,
        pin: Pin,
        ceremony: &Ceremony<'_>,
    ) -> Result<Authorization, ClientError> {
        let agreed = self.agree(ceremony).await?;
        let pin_hash_enc = agreed.secret.pin_hash_enc(&pin, self.random()?);
        let (protocol, key_agreement) = (agreed.protocol().number(), agreed.ours);
        let request = match verification {
            Verification::PinWithoutPermissions(_) => {
                ClientPin::GetPinToken { protocol, key_agreement, pin_hash_enc }
            }
            _ => ClientPin::GetTokenUsingPin {
                protocol,
                key_agreement,
                pin_hash_enc,
                permissions: scope.permissions,
                rp_id: scope.rp_id.map(Into::into),
            },
        };
        self.token(verification, &request, &agreed, Some(pin), ceremony).await
    }

    async fn token(
        &mut self,
        verification: Verification,
        request: &ClientPin,
        agreed: &Agreed,
        pin: Option<Pin>,
        ceremony: &Ceremony<'_>,
    ) -> Result<Authorization, ClientError> {
        let response = self.client_pin(request, ceremony).await?;
        let encrypted = response
            .pin_uv_auth_token
            .ok_or_else(|| ClientError::incomplete(Command::CLIENT_PIN, "pinUvAuthToken"))?;
        let token = Token::decrypt(&agreed.secret, &encrypted)
            .map_err(|error| ClientError::bad_answer(Command::CLIENT_PIN, &error))?;
        Ok(Authorization { verification, token: Some(token), uv: None, pin })
    }
}

/// Most tries of the key's own verification in one ceremony, whatever the key prefers.
const MAX_UV_ATTEMPTS: u64 = 3;
