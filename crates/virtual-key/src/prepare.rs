//! What a key was told before it came into our hands: PIN, shortest PIN, always user verification, enterprise attestation.

use std::thread;

use keyvet_ctap::{
    AuthenticatorConfig, ClientPin, ClientPinResponse, Permissions, PinUvAuth, SetMinPinLength,
    StatusCode, split_answer,
};
use keyvet_pin_uv::{Pin, PinUvAuthProtocol, PlatformKey, SharedSecret, Token};

use crate::host::Host;
use crate::{Attestation, Firmware, KeyOptions, StartError, VirtualKey};

/// Prepares `key` through its own CTAP commands, then gives it a fresh power-up.
pub(crate) fn prepare(key: &VirtualKey, options: &KeyOptions) -> Result<(), StartError> {
    if !is_needed(options) {
        return Ok(());
    }
    // on a thread of its own, because a test may call from within an asynchronous runtime
    let prepared = thread::scope(|scope| scope.spawn(|| commands(key, options)).join());
    prepared.unwrap_or_else(|_| Err(StartError::Crashed("preparing the key".to_owned())))?;
    key.power_cycle();
    key.port().forget_reports();
    Ok(())
}

fn is_needed(options: &KeyOptions) -> bool {
    // the hostile key has its PIN from the start and takes no configuration
    !matches!(options.firmware, Firmware::Hostile(_))
        && (options.pin.is_some()
            || options.min_pin_length.is_some()
            || options.always_uv
            || is_enterprise(options))
}

fn is_enterprise(options: &KeyOptions) -> bool {
    matches!(options.attestation, Attestation::Enterprise { .. }) && options.enterprise_enabled
}

/// Configuration first, while the key takes it without a PIN; what needs a PIN, or makes it useless, last.
fn commands(key: &VirtualKey, options: &KeyOptions) -> Result<(), StartError> {
    let host = Host::open(key).map_err(|_| crashed(key))?;
    let mut to = Preparation { host, key, pin: None };
    if is_enterprise(options) {
        to.configure(
            "enable enterprise attestation",
            &AuthenticatorConfig::EnableEnterpriseAttestation,
        )?;
    }
    if let Some(length) = options.min_pin_length {
        let new_min_pin_length = Some(length.into());
        let to_set = SetMinPinLength { new_min_pin_length, ..SetMinPinLength::default() };
        to.configure("set the shortest PIN", &AuthenticatorConfig::SetMinPinLength(to_set))?;
    }
    if let Some(pin) = &options.pin {
        to.set_pin(pin)?;
    }
    if options.always_uv {
        let what = "demand user verification always";
        to.configure(what, &AuthenticatorConfig::ToggleAlwaysUv)?;
    }
    if options.force_pin_change {
        let force_change_pin = Some(true);
        let to_set = SetMinPinLength { force_change_pin, ..SetMinPinLength::default() };
        to.configure("force a change of PIN", &AuthenticatorConfig::SetMinPinLength(to_set))?;
    }
    Ok(())
}

struct Preparation<'a> {
    host: Host,
    key: &'a VirtualKey,
    pin: Option<&'a str>,
}

impl<'a> Preparation<'a> {
    fn set_pin(&mut self, pin: &'a str) -> Result<(), StartError> {
        let what = "set the PIN";
        let secret = self.secret()?;
        let new_pin_enc = secret.new_pin_enc(&Pin::new(pin), IV).map_err(|_| StartError::Pin)?;
        let set = ClientPin::SetPin {
            protocol: PROTOCOL.number(),
            key_agreement: platform_key()?.public(),
            pin_uv_auth_param: secret.authenticate(&new_pin_enc),
            new_pin_enc,
        };
        self.send(what, &set.encode())?;
        self.pin = Some(pin);
        Ok(())
    }

    fn configure(
        &mut self,
        what: &'static str,
        config: &AuthenticatorConfig,
    ) -> Result<(), StartError> {
        let auth = self.token()?.map(|token| PinUvAuth {
            param: token.authenticate(&config.auth_message()),
            protocol: PROTOCOL.number(),
        });
        self.send(what, &config.encode(auth.as_ref())).map(drop)
    }

    /// A token for configuration, once there is a PIN.
    fn token(&mut self) -> Result<Option<Token>, StartError> {
        let Some(pin) = self.pin else { return Ok(None) };
        let secret = self.secret()?;
        let ask = ClientPin::GetTokenUsingPin {
            protocol: PROTOCOL.number(),
            key_agreement: platform_key()?.public(),
            pin_hash_enc: secret.pin_hash_enc(&Pin::new(pin), IV),
            permissions: Permissions::ACFG,
            rp_id: None,
        };
        let answer = self.client_pin("give a token", &ask)?;
        let token = answer.pin_uv_auth_token.unwrap_or_default();
        Token::decrypt(&secret, &token).map(Some).map_err(|_| StartError::Pin)
    }

    fn secret(&mut self) -> Result<SharedSecret, StartError> {
        let ask = ClientPin::GetKeyAgreement { protocol: PROTOCOL.number() };
        let answer = self.client_pin("agree on a key", &ask)?;
        let theirs = answer.key_agreement.ok_or(StartError::Pin)?;
        SharedSecret::agree(PROTOCOL, &platform_key()?, &theirs).map_err(|_| StartError::Pin)
    }

    fn client_pin(
        &mut self,
        what: &'static str,
        ask: &ClientPin,
    ) -> Result<ClientPinResponse, StartError> {
        let answer = self.send(what, &ask.encode())?;
        ClientPinResponse::parse(&answer).map_err(|_| StartError::Pin)
    }

    fn send(&mut self, what: &'static str, message: &[u8]) -> Result<Vec<u8>, StartError> {
        let answer = self.host.cbor(message).map_err(|_| crashed(self.key))?;
        match split_answer(&answer) {
            Ok((StatusCode::OK, cbor)) => Ok(cbor.to_vec()),
            Ok((status, _)) => Err(StartError::Refused { what, status: status.0 }),
            Err(_) => Err(crashed(self.key)),
        }
    }
}

fn crashed(key: &VirtualKey) -> StartError {
    StartError::Crashed(key.crashed().unwrap_or_else(|| "no answer".to_owned()))
}

fn platform_key() -> Result<PlatformKey, StartError> {
    PlatformKey::from_bytes([0x6b; 32]).map_err(|_| StartError::Pin)
}

/// Both firmwares have it.
const PROTOCOL: PinUvAuthProtocol = PinUvAuthProtocol::Two;
/// Nobody listens while a key is prepared, and the same seed shall give the same key: no randomness here.
const IV: [u8; 16] = [0; 16];
