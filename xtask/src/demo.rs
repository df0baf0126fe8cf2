//! `cargo xtask demo`: the main job on a virtual key and on saved registrations, with what each command showed.

use crate::paths::target;
use crate::process::{self, cargo, command, text};
use crate::system::{C_COMPILER, LIBCLANG, require};
use crate::virtual_key::VirtualKey;
use std::process::Command;

/// One command of the demonstration.
struct Scene {
    title: &'static str,
    /// Arguments of the virtual key that is plugged in for it.
    key: Option<&'static [&'static str]>,
    arguments: &'static [&'static str],
    /// The exit code it must end with.
    exit: i32,
    /// Words its output must hold.
    says: &'static [&'static str],
    /// What it showed then.
    showed: &'static str,
}

/// Builds keyvet and the virtual keys, and plays the scenes.
///
/// # Errors
/// When a scene did not show what it should.
pub(crate) fn run() -> Result<(), String> {
    require(&[C_COMPILER, LIBCLANG])?;
    println!("building keyvet and the virtual keys (a first build takes a few minutes)");
    process::run(cargo().args(BUILD))?;
    let home = target().join("demo-home");
    std::fs::create_dir_all(&home).map_err(|error| format!("{}: {error}", home.display()))?;
    for (at, scene) in SCENES.iter().enumerate() {
        println!("\n--- {} of {}: {}\n", at.saturating_add(1), SCENES.len(), scene.title);
        let key = scene.key.map(VirtualKey::plug).transpose()?;
        let mut keyvet = command(target().join("release/keyvet"));
        keyvet.env("HOME", &home).env_remove("XDG_CACHE_HOME");
        keyvet.env("KEYVET_UDP", key.as_ref().map_or("", VirtualKey::address));
        play(scene, &mut keyvet)?;
    }
    println!("\nAll {} commands showed what they should.", SCENES.len());
    Ok(())
}

fn play(scene: &Scene, keyvet: &mut Command) -> Result<(), String> {
    let saved = target().join("demo-home/run.json").display().to_string();
    let arguments = scene.arguments.iter().map(|word| if *word == RUN { &saved } else { *word });
    keyvet.args(arguments);
    println!("$ {}", text(command("keyvet").args(scene.arguments)));
    let output = keyvet.output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{}{said}", String::from_utf8_lossy(&output.stderr));
    if output.status.code() != Some(scene.exit) {
        return Err(format!("ended with {}, not with exit code {}", output.status, scene.exit));
    }
    if let Some(missing) = scene.says.iter().find(|words| !said.contains(*words)) {
        return Err(format!("did not say {missing:?}"));
    }
    println!("\n=> {} (exit {})", scene.showed, scene.exit);
    Ok(())
}

const BUILD: [&str; 7] = [
    "build",
    "--release",
    "--locked",
    "--package",
    "keyvet-cli",
    "--package",
    "keyvet-virtual-key",
];

/// Where the evidence is kept.
const RUN: &str = "run.json";
/// Metadata of the virtual keys' models, which do not exist, and the root of its signer.
const DEMO_MDS: &str = "demo/metadata.jwt";
const DEMO_ROOT: &str = "demo/metadata-root.pem";
/// OpenSK's firmware, as the maker of the `Keyvet Demo Key` would ship it.
const DEMO_KEY: &[&str] = &["--firmware", "opensk", "--attestation", "demo"];
/// Nitrokey's firmware, with a certificate of an authority of its own that names the same model.
const FORGERY: &[&str] = &["--firmware", "fido-authenticator", "--attestation", "unknown-root"];
const DEMO_ACCEPTS: &str = "demo/virtual-accepts.json";
const DEMO_REFUSES: &str = "demo/virtual-refuses.json";
const DEMO_ENFORCES: &str = "demo/virtual-undecided.json";

/// Genuine metadata no 121; its signer lived until 2025-07-28, so it is judged as of December 2024.
const MDS: &str = "tests/vectors/mds/mds3-no121-2025-01-01.jwt";
const AT: &str = "2024-12-05T00:00:00Z";
/// A YubiKey 5 NFC, from the test suite of webauthn-rs.
const YUBIKEY: &str = "tests/vectors/attestation/packed-006.json";
/// A virtual authenticator that claims to be Windows Hello under a certificate authority of its own.
const IMPOSTOR: &str = "tests/vectors/attestation/packed-014.json";
const ACCEPTS: &str = "demo/tenant-accepts.json";
const REFUSES: &str = "demo/tenant-refuses.json";

#[rustfmt::skip]
const SCENES: [Scene; 11] = [
    Scene {
        title: "a key is plugged in: what does it say it is?",
        key: Some(DEMO_KEY),
        arguments: &["list", "--mds", DEMO_MDS, "--mds-root", DEMO_ROOT],
        exit: 0,
        says: &["1 security key", "claims to be Keyvet Demo Key"],
        showed: "one key, of a model it claims; how to name it",
    },
    Scene {
        title: "does tenant A take this key?",
        key: Some(DEMO_KEY),
        arguments: &["check", "--policy", DEMO_ACCEPTS, "--save", RUN, "--mds", DEMO_MDS, "--mds-root", DEMO_ROOT],
        exit: 0,
        says: &["ACCEPTED", "Keyvet Demo Key, proven by its attestation", "nothing is left on the key"],
        showed: "a registration was made on the key's firmware, its certificate leads to the maker, and tenant A accepts it",
    },
    Scene {
        title: "does tenant B take the same key?",
        key: Some(DEMO_KEY),
        arguments: &["check", "--policy", DEMO_REFUSES, "--mds", DEMO_MDS, "--mds-root", DEMO_ROOT],
        exit: 3,
        says: &["REFUSED", "Keyvet Demo Key, proven by its attestation", "entra.aaguid-blocked"],
        showed: "the key is as genuine as before; tenant B's list blocks the model, and says which entry to change",
    },
    Scene {
        title: "another key says it is the same model, and tenant C wants proof",
        key: Some(FORGERY),
        arguments: &["check", "--policy", DEMO_ENFORCES, "--mds", DEMO_MDS, "--mds-root", DEMO_ROOT],
        exit: 3,
        says: &["REFUSED", "claims to be Keyvet Demo Key", "entra.chain-not-anchored"],
        showed: "its signature is right, but nobody known vouches for its certificate: it only claims to be that model",
    },
    Scene {
        title: "the verdict for tenant A again, from the evidence, with no key",
        key: None,
        arguments: &["verify", RUN, "--policy", DEMO_ACCEPTS, "--mds", DEMO_MDS, "--mds-root", DEMO_ROOT],
        exit: 0,
        says: &["ACCEPTED", "Keyvet Demo Key, proven by its attestation"],
        showed: "whoever doubts the verdict can repeat it",
    },
    Scene {
        title: "is the metadata genuine, and is every entry accounted for?",
        key: None,
        arguments: &["mds", "status", "--mds", MDS, "--at", AT],
        exit: 0,
        says: &["280"],
        showed: "the FIDO metadata is signed by a chain that ends at a pinned root; 280 of 280 entries are kept",
    },
    Scene {
        title: "a YubiKey 5 NFC at a tenant that allows it",
        key: None,
        arguments: &["verify", YUBIKEY, "--mds", MDS, "--at", AT, "--policy", ACCEPTS],
        exit: 0,
        says: &["YubiKey 5 Series with NFC"],
        showed: "the key is genuine, its model is proven, and this tenant accepts it",
    },
    Scene {
        title: "the same key at a tenant whose profiles both leave it out",
        key: None,
        arguments: &["verify", YUBIKEY, "--mds", MDS, "--at", AT, "--policy", REFUSES],
        exit: 3,
        says: &["Default passkey profile", "Lost and found", "entra.aaguid-blocked"],
        showed: "the key is as genuine as before, and refused: the nearest profile's reasons in full, the other's by name",
    },
    Scene {
        title: "software that claims to be Windows Hello, at a tenant that allows Windows Hello",
        key: None,
        arguments: &["verify", IMPOSTOR, "--mds", MDS, "--at", AT, "--policy", ACCEPTS],
        exit: 3,
        says: &["08987058-cadc-4b81-b6e1-30de50dcbe96"],
        showed: "the signature holds and the AAGUID is on the list, but no certificate leads to Windows Hello's anchor",
    },
    Scene {
        title: "a colleague with push sets out for a passkey at a tenant that takes it: does the registration get through?",
        key: None,
        arguments: &["readiness", "--tenant", "demo/rollout/export", "--as", "demo/rollout/colleague-with-push.json", "--on", "windows/edge", "--signed-in-with", "password+push"],
        exit: 3,
        says: &["BLOCKED", "STOPPED", "[POC] Secure Mobile Apps"],
        showed: "the policy on phones stops the app half-way; docs/roll-out-passkeys.md goes on from there",
    },
    Scene {
        title: "all of it as data for another program",
        key: None,
        arguments: &["verify", IMPOSTOR, "--mds", MDS, "--at", AT, "--policy", ACCEPTS, "--json"],
        exit: 3,
        says: &["\"statement\": \"valid\"", "\"trust\": \"unanchored\""],
        showed: "the same judgement under stable names",
    },
];
