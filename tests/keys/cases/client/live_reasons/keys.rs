//! The keys, and their registrations.

use async_trait::async_trait;
use keyvet_client::{
    Ceremony, Client, ClientEvent, Declined, Person, PinRequest, RegistrationRequest,
    UserVerification,
};
use keyvet_ctap::{Aaguid, AttestationFormat, CoseAlgorithm, EnterpriseAttestation};
use keyvet_evidence::Registration;
use keyvet_hid::HidChannel;
use keyvet_key_tests::channel;
use keyvet_pin_uv::Pin;
use keyvet_transport::{Channel, DeviceId, Exchange, Transport};
use keyvet_virtual_key::fixtures::{
    AaguidExtension, Authority, DEMO_MODEL, LISTED_AAGUID, Leaf, LeafOptions, model,
};
use keyvet_virtual_key::hostile::{HostileKey, HostileLink, HostileOptions, Quirk};
use keyvet_virtual_key::{Attestation, Firmware, KeyOptions, VirtualKey};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// One registration by one firmware.
pub(super) struct Live {
    pub(super) scene: &'static str,
    /// Its place in the list of keys.
    pub(super) oddity: usize,
    pub(super) firmware: String,
    pub(super) registration: Registration,
}

/// One kind of key.
struct Key {
    name: &'static str,
    made: Made,
    request: RegistrationRequest,
}

enum Made {
    /// Firmware of real products.
    Real(Vec<Firmware>, Box<KeyOptions>),
    /// The key of ours.
    Hostile(Box<HostileOptions>),
}

/// Every key, registered.
pub(super) async fn registered() -> Vec<Live> {
    let mut lives = Vec::new();
    for (oddity, key) in keys().into_iter().enumerate() {
        lives.extend(key.register(oddity).await);
    }
    lives
}

/// One kind of key, registered.
pub(super) async fn registered_as(name: &str) -> Vec<Live> {
    let key = keys().into_iter().find(|key| key.name == name).expect("there is such a key");
    key.register(0).await
}

/// A registration on one key, as [`Key`]s are registered.
pub(crate) async fn register_one(name: &str, options: KeyOptions) -> Registration {
    let key = VirtualKey::start(options).unwrap_or_else(|error| panic!("{name}: {error}"));
    register(name, channel(&key).await, &RegistrationRequest::throw_away()).await
}

/// The authority that the metadata names for the models.
pub(super) fn authority() -> Authority {
    Authority::new("Live")
}

pub(super) const LISTED: &str = "listed model";

/// The ordinary first.
fn keys() -> Vec<Key> {
    let names = |aaguid| leaf(&LeafOptions::of(aaguid));
    let with = |change: &dyn Fn(&mut LeafOptions)| {
        let mut options = LeafOptions::of(DEMO_MODEL);
        change(&mut options);
        leaf(&options)
    };
    let extension = |aaguid| with(&|options| options.aaguid = aaguid);
    let stranger = Authority::new("Stranger").leaf(&LeafOptions::of(DEMO_MODEL));
    let both = || vec![Firmware::FidoAuthenticator, Firmware::OpenSk];
    let opensk = || vec![Firmware::OpenSk];
    let zero = Aaguid::ZERO;
    let app = Aaguid(0xde1e552d_db1d_4423_a619_566b625cdc84_u128.to_be_bytes());
    let macos = Aaguid(0x7fd635b3_2ef9_4542_8d9d_164f2c771efc_u128.to_be_bytes());
    let mut keys = vec![
        real("attested, PIN", both(), batch(names(DEMO_MODEL))).pin(),
        real("attested", both(), batch(names(DEMO_MODEL))),
        real(LISTED, both(), batch(names(LISTED_AAGUID))).pin(),
        real("self attestation", both(), KeyOptions::default()),
        real(
            "no attestation asked for",
            vec![Firmware::FidoAuthenticator],
            batch(names(DEMO_MODEL)),
        )
        .ask(|request| request.formats_preference = vec![AttestationFormat::NONE]),
        // OpenSK 0.1 writes the credential's algorithm beside the signature of its P-256 attestation key
        real("EdDSA", both(), batch(names(DEMO_MODEL)))
            .ask(|request| request.algorithms = vec![CoseAlgorithm::EDDSA]),
        real("enterprise attestation", opensk(), enterprise()).ask(|request| {
            request.enterprise_attestation = Some(EnterpriseAttestation::PlatformManaged);
        }),
        real("unknown root", both(), batch(stranger)),
        real("root of another model", both(), batch(names(model(6)))),
        real("AAGUID of another model", opensk(), aaguid(model(6), batch(names(DEMO_MODEL)))),
        real("zero AAGUID", opensk(), aaguid(zero, batch(names(zero)))),
        real("Microsoft Authenticator's AAGUID", opensk(), aaguid(app, batch(names(app)))),
        real("macOS Platform Credential's AAGUID", opensk(), aaguid(macos, batch(names(macos)))),
        real(
            "certificate cut",
            vec![Firmware::FidoAuthenticator],
            batch(leaf(&LeafOptions::too_long(DEMO_MODEL))),
        ),
        real(
            "certificate without AAGUID",
            opensk(),
            aaguid(DEMO_MODEL, batch(extension(AaguidExtension::Absent))),
        ),
        real(
            "certificate with critical AAGUID",
            opensk(),
            aaguid(DEMO_MODEL, batch(extension(AaguidExtension::Critical(DEMO_MODEL)))),
        ),
        real(
            "certificate with bare AAGUID",
            opensk(),
            aaguid(DEMO_MODEL, batch(extension(AaguidExtension::Unwrapped(DEMO_MODEL)))),
        ),
        real(
            "certificate with AAGUID of 15 bytes",
            opensk(),
            aaguid(DEMO_MODEL, batch(extension(AaguidExtension::Short(DEMO_MODEL)))),
        ),
        real(
            "certificate of another unit",
            both(),
            batch(with(&|options| options.unit = "Sales".to_owned())),
        ),
        real("certificate of an authority", both(), batch(with(&|options| options.is_ca = true))),
        real(
            "certificate without basic constraints",
            both(),
            batch(with(&|options| options.basic_constraints = false)),
        ),
        real("origin below the relying party", both(), batch(names(DEMO_MODEL)))
            .ask(|request| request.origin = format!("https://login.{}", request.rp_id)),
        real("origin of another relying party", both(), batch(names(DEMO_MODEL)))
            .ask(|request| request.origin = "https://keyvet.example".to_owned()),
    ];
    keys.extend(QUIRKS.iter().map(|(quirk, name)| hostile(name, *quirk, Some(names(DEMO_MODEL)))));
    // a certificate would hide what is to be seen
    keys.push(hostile("ecdaa", Quirk::Ecdaa, None));
    keys.push(hostile("other-algorithm, self attestation", Quirk::OtherAlgorithm, None));
    keys
}

/// The quirks that a judge can see, and what the page calls the key.
const QUIRKS: &[(Quirk, &str)] = &[
    (Quirk::NoneAttestation, "none-attestation"),
    (Quirk::NoneNotEmpty, "none-not-empty"),
    (Quirk::FmtU2f, "fmt-u2f"),
    (Quirk::FmtTpm, "fmt-tpm"),
    (Quirk::FmtUnknown, "fmt-unknown"),
    (Quirk::FmtLong, "fmt-long"),
    (Quirk::SignatureWrong, "signature-wrong"),
    (Quirk::SignatureMissing, "signature-missing"),
    (Quirk::StatementRs256, "statement-rs256"),
    (Quirk::StatementRs1, "statement-rs1"),
    (Quirk::StatementUnknown, "statement-unknown-algorithm"),
    (Quirk::EmptyX5c, "empty-x5c"),
    (Quirk::X5cMany, "x5c-many"),
    (Quirk::X5cTail, "x5c-tail-garbage"),
    (Quirk::UpMissing, "up-flag-missing"),
    (Quirk::BackupEligible, "backup-eligible"),
    (Quirk::OtherAlgorithm, "other-algorithm"),
    (Quirk::AaguidLies, "aaguid-lies"),
];
fn leaf(options: &LeafOptions) -> Leaf {
    authority().leaf(options)
}

fn batch(leaf: Leaf) -> KeyOptions {
    let attestation = Attestation::Batch { certificate: leaf.certificate, key: leaf.key };
    KeyOptions { attestation, ..KeyOptions::default() }
}

fn enterprise() -> KeyOptions {
    let Leaf { certificate, key, .. } = leaf(&LeafOptions::enterprise(DEMO_MODEL, "KV-0001"));
    let attestation = Attestation::Enterprise { certificate, key };
    KeyOptions { attestation, ..KeyOptions::default() }
}

fn aaguid(aaguid: Aaguid, mut options: KeyOptions) -> KeyOptions {
    options.aaguid = Some(aaguid);
    options
}

fn real(name: &'static str, firmware: Vec<Firmware>, options: KeyOptions) -> Key {
    Key {
        name,
        made: Made::Real(firmware, Box::new(options)),
        request: RegistrationRequest::throw_away(),
    }
}

fn hostile(name: &'static str, quirk: Quirk, attestation: Option<Leaf>) -> Key {
    let mut options = HostileOptions::with(&[quirk]);
    options.aaguid = DEMO_MODEL;
    options.attestation = attestation;
    Key { name, made: Made::Hostile(Box::new(options)), request: RegistrationRequest::throw_away() }
}

impl Key {
    fn pin(mut self) -> Self {
        if let Made::Real(_, options) = &mut self.made {
            options.pin = Some(PIN.to_owned());
        }
        self.request.user_verification = UserVerification::Required;
        self
    }

    fn ask(mut self, change: impl FnOnce(&mut RegistrationRequest)) -> Self {
        change(&mut self.request);
        self
    }

    async fn register(self, oddity: usize) -> Vec<Live> {
        let mut lives = Vec::new();
        match self.made {
            Made::Hostile(options) => {
                let channel = hostile_channel(self.name, *options).await;
                let registration = register(self.name, channel, &self.request).await;
                lives.push(Live {
                    scene: self.name,
                    oddity,
                    firmware: "hostile".to_owned(),
                    registration,
                });
            }
            Made::Real(firmwares, options) => {
                for firmware in firmwares {
                    let name = firmware.to_string();
                    let key = VirtualKey::start(KeyOptions { firmware, ..(*options).clone() });
                    let key = key.unwrap_or_else(|error| panic!("{}: {name}: {error}", self.name));
                    let registration =
                        register(self.name, channel(&key).await, &self.request).await;
                    lives.push(Live { scene: self.name, oddity, firmware: name, registration });
                }
            }
        }
        lives
    }
}

/// The hostile key has no port, so it is on no wire.
async fn hostile_channel(name: &str, options: HostileOptions) -> Box<dyn Channel> {
    let cancel = CancellationToken::new();
    let deadline = Instant::now() + Duration::from_secs(60);
    let exchange = Exchange { deadline, cancel: &cancel, progress: &() };
    let (link, device) =
        (HostileLink::new(HostileKey::new(options)), DeviceId::new(Transport::Memory, name));
    let channel = HidChannel::open(link, device, exchange).await;
    Box::new(channel.unwrap_or_else(|error| panic!("{name}: {error}")))
}

async fn register(
    name: &str,
    channel: Box<dyn Channel>,
    request: &RegistrationRequest,
) -> Registration {
    let (person, cancel) = (Somebody, CancellationToken::new());
    let ceremony = Ceremony::new(&person, &cancel);
    let client = Client::connect(channel, &ceremony).await;
    let mut client = client.unwrap_or_else(|error| panic!("{name}: {error}"));
    let registered = client.register(request, &ceremony).await;
    registered.unwrap_or_else(|error| panic!("{name}: {error}")).registration
}

struct Somebody;

#[async_trait]
impl Person for Somebody {
    async fn pin(&self, _: &PinRequest) -> Result<Pin, Declined> {
        Ok(Pin::new(PIN))
    }

    fn event(&self, _: ClientEvent) {}
}

const PIN: &str = "1234";
