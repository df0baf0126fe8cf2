//! PIN retries, setting and changing the PIN (CTAP 2.2 §6.5.5.2–6.5.5.6).

use keyvet_ctap::{ClientPin, ClientPinResponse, Command, CoseKeyAgreement};
use keyvet_pin_uv::{Pin, PinUvAuthProtocol, PlatformKey, SharedSecret};

use crate::{
    Ceremony, Client, ClientError, Obstacle, PinPolicy,
    client::{Wait, body},
    randomness::RandomnessError,
    verification,
};

/// How often a wrong PIN may still be tried.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PinRetries {
    /// Until the key blocks itself.
    pub left: u64,
    /// Whether the key takes no PIN before it is plugged in again.
    pub power_cycle_needed: bool,
}

impl Client {
    /// How often a wrong PIN may still be tried. Asking costs nothing.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn pin_retries(
        &mut self,
        ceremony: &Ceremony<'_>,
    ) -> Result<PinRetries, ClientError> {
        let response = self.client_pin(&ClientPin::GetPinRetries, ceremony).await?;
        let left = response.pin_retries;
        Ok(PinRetries {
            left: left.ok_or_else(|| ClientError::incomplete(Command::CLIENT_PIN, "pinRetries"))?,
            power_cycle_needed: response.power_cycle_state.unwrap_or_default(),
        })
    }

    /// How often the key's own verification may still fail.
    ///
    /// # Errors
    /// [`ClientError`]; keys without verification of their own refuse.
    pub async fn uv_retries(&mut self, ceremony: &Ceremony<'_>) -> Result<u64, ClientError> {
        let response = self.client_pin(&ClientPin::GetUvRetries, ceremony).await?;
        response.uv_retries.ok_or_else(|| ClientError::incomplete(Command::CLIENT_PIN, "uvRetries"))
    }

    /// Sets the first PIN of a key.
    ///
    /// # Errors
    /// [`Obstacle::PinAlreadySet`], [`ClientError::PinPolicy`] before anything is sent;
    /// [`ClientError::PinRefused`] when the key has rules of its own.
    pub async fn set_pin(&mut self, new: &Pin, ceremony: &Ceremony<'_>) -> Result<(), ClientError> {
        match self.info().option("clientPin") {
            None => return Err(Obstacle::PinUnsupported.into()),
            Some(true) => return Err(Obstacle::PinAlreadySet.into()),
            Some(false) => {}
        }
        self.check_pin(new)?;
        let agreed = self.agree(ceremony).await?;
        let new_pin_enc = agreed.secret.new_pin_enc(new, self.random()?)?;
        let request = ClientPin::SetPin {
            protocol: agreed.protocol().number(),
            key_agreement: agreed.ours,
            pin_uv_auth_param: agreed.secret.authenticate(&new_pin_enc),
            new_pin_enc,
        };
        self.transact(Command::CLIENT_PIN, &request.encode(), Wait::Answer, ceremony).await?;
        self.refresh_changed(ceremony).await
    }

    /// Changes the PIN from `current` to `new`. A wrong `current` costs a retry and is not tried again.
    ///
    /// # Errors
    /// As [`Client::set_pin`]; [`ClientError::PinInvalid`], [`ClientError::PinRetries`] and the two blocked states.
    pub async fn change_pin(
        &mut self,
        current: &Pin,
        new: &Pin,
        ceremony: &Ceremony<'_>,
    ) -> Result<(), ClientError> {
        match self.info().option("clientPin") {
            None => return Err(Obstacle::PinUnsupported.into()),
            Some(false) => return Err(Obstacle::PinNotSet.into()),
            Some(true) => {}
        }
        self.check_pin(new)?;
        self.spendable_retries(ceremony).await?;
        match self.send_change(current, new, ceremony).await {
            Err(ClientError::PinInvalid { .. }) => Err(self.wrong_pin(ceremony).await),
            Err(error) => Err(error),
            Ok(()) => self.refresh_changed(ceremony).await,
        }
    }

    async fn send_change(
        &mut self,
        current: &Pin,
        new: &Pin,
        ceremony: &Ceremony<'_>,
    ) -> Result<(), ClientError> {
        let agreed = self.agree(ceremony).await?;
        let new_pin_enc = agreed.secret.new_pin_enc(new, self.random()?)?;
        let pin_hash_enc = agreed.secret.pin_hash_enc(current, self.random()?);
        let message = [new_pin_enc.as_slice(), &pin_hash_enc].concat();
        let request = ClientPin::ChangePin {
            protocol: agreed.protocol().number(),
            key_agreement: agreed.ours,
            pin_uv_auth_param: agreed.secret.authenticate(&message),
            pin_hash_enc,
            new_pin_enc,
        };
        self.transact(Command::CLIENT_PIN, &request.encode(), Wait::Answer, ceremony).await?;
        Ok(())
    }

    /// The retries left, provided that one may be spent.
    pub(crate) async fn spendable_retries(
        &mut self,
        ceremony: &Ceremony<'_>,
    ) -> Result<PinRetries, ClientError> {
        let retries = self.pin_retries(ceremony).await?;
        if retries.left == 0 {
            return Err(ClientError::PinBlocked);
        }
        if retries.power_cycle_needed {
            return Err(ClientError::PinAuthBlocked);
        }
        let last = retries.left <= PinPolicy::LAST_RETRIES;
        if last && !ceremony.pin_policy.danger_allow_last_retries {
            return Err(ClientError::PinRetries { left: retries.left });
        }
        Ok(retries)
    }

    /// What a wrong PIN has led to: retries are read again, because the key may have blocked itself with it.
    pub(crate) async fn wrong_pin(&mut self, ceremony: &Ceremony<'_>) -> ClientError {
        match self.pin_retries(ceremony).await {
            Ok(PinRetries { left: 0, .. }) => ClientError::PinBlocked,
            Ok(PinRetries { power_cycle_needed: true, .. }) => ClientError::PinAuthBlocked,
            Ok(PinRetries { left, .. }) => ClientError::PinInvalid { left: Some(left) },
            Err(ClientError::Cancelled) => ClientError::Cancelled,
            Err(_) => ClientError::PinInvalid { left: None },
        }
    }

    /// Shortest and longest PIN that the key takes, in code points.
    pub(crate) fn pin_lengths(&self) -> (usize, usize) {
        let info = self.info();
        let len = |said: Option<u64>, usual| {
            said.map_or(usual, |said| usize::try_from(said).unwrap_or(usize::MAX))
        };
        // the specification's own bounds hold whatever the key says (CTAP 2.2 §6.5.1)
        let (shortest, longest) = (4, Pin::MAX_BYTES);
        let min = len(info.min_pin_length, shortest).max(shortest);
        (min, len(info.max_pin_length, longest).min(longest))
    }

    pub(crate) fn check_pin(&self, pin: &Pin) -> Result<(), ClientError> {
        let (min, max) = self.pin_lengths();
        Ok(pin.check(min, max)?)
    }

    /// A fresh key agreement; after a wrong PIN the key's half is another one (CTAP 2.2 §6.5.5.7).
    pub(crate) async fn agree(&mut self, ceremony: &Ceremony<'_>) -> Result<Agreed, ClientError> {
        let protocol = verification::protocol(self.info())?;
        let request = ClientPin::GetKeyAgreement { protocol: protocol.number() };
        let response = self.client_pin(&request, ceremony).await?;
        let theirs = response
            .key_agreement
            .ok_or_else(|| ClientError::incomplete(Command::CLIENT_PIN, "keyAgreement"))?;
        let ours = self.platform_key()?;
        let secret = SharedSecret::agree(protocol, &ours, &theirs)
            .map_err(|error| ClientError::bad_answer(Command::CLIENT_PIN, &error))?;
        Ok(Agreed { ours: ours.public(), secret })
    }

    /// A key pair of ours for one key agreement.
    fn platform_key(&mut self) -> Result<PlatformKey, ClientError> {
        // one draw in 2^32 is no scalar of P-256; eight in a row are a broken source
        for _ in 0..8 {
            let drawn = zeroize::Zeroizing::new(self.random::<32>()?);
            if let Ok(key) = PlatformKey::from_bytes(*drawn) {
                return Ok(key);
            }
        }
        Err(RandomnessError("the same bytes again and again".into()).into())
    }

    /// One clientPIN subcommand that answers with a map.
    pub(crate) async fn client_pin(
        &mut self,
        request: &ClientPin,
        ceremony: &Ceremony<'_>,
    ) -> Result<ClientPinResponse, ClientError> {
        let wait = match request {
            ClientPin::GetTokenUsingUv { .. } => Wait::Touch,
            _ => Wait::Answer,
        };
        let answer = self.transact(Command::CLIENT_PIN, &request.encode(), wait, ceremony).await?;
        ClientPinResponse::parse(body(&answer))
            .map_err(|error| ClientError::bad_answer(Command::CLIENT_PIN, &error))
    }
}

/// A secret shared with the key, and our public half of it.
pub(crate) struct Agreed {
    pub(crate) ours: CoseKeyAgreement,
    pub(crate) secret: SharedSecret,
}

impl Agreed {
    pub(crate) fn protocol(&self) -> PinUvAuthProtocol {
        self.secret.protocol()
    }
}
