//! `cargo xtask demo`: the main job on real input, with what each command showed.

use crate::paths::target;
use crate::process::{self, cargo, command, text};
use crate::system::{C_COMPILER, require};
use std::process::Command;

/// One command of the demonstration.
struct Scene {
    title: &'static str,
    arguments: &'static [&'static str],
    /// The exit code it must end with.
    exit: i32,
    /// Words its output must hold.
    says: &'static [&'static str],
    /// What it showed then.
    showed: &'static str,
}

/// Builds keyvet and plays the scenes.
///
/// # Errors
/// When a scene did not show what it should.
pub(crate) fn run() -> Result<(), String> {
    require(&[C_COMPILER])?;
    println!("building keyvet (a first build takes a few minutes)");
    process::run(cargo().args(["build", "--release", "--locked", "--package", "keyvet-cli"]))?;
    let home = target().join("demo-home");
    for (at, scene) in SCENES.iter().enumerate() {
        println!("\n--- {} of {}: {}\n", at.saturating_add(1), SCENES.len(), scene.title);
        play(
            scene,
            command(target().join("release/keyvet"))
                .env("HOME", &home)
                .env_remove("XDG_CACHE_HOME"),
        )?;
    }
    println!("\nAll {} commands showed what they should.", SCENES.len());
    Ok(())
}

fn play(scene: &Scene, keyvet: &mut Command) -> Result<(), String> {
    keyvet.args(scene.arguments);
    println!("$ {}", text(command("keyvet").args(scene.arguments)));
    let output = keyvet.output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{said}{}", String::from_utf8_lossy(&output.stderr));
    if output.status.code() != Some(scene.exit) {
        return Err(format!("ended with {}, not with exit code {}", output.status, scene.exit));
    }
    if let Some(missing) = scene.says.iter().find(|words| !said.contains(*words)) {
        return Err(format!("did not say {missing:?}"));
    }
    println!("\n=> {} (exit {})", scene.showed, scene.exit);
    Ok(())
}

/// Genuine metadata no 121; its signer lived until 2025-07-28, so it is judged as of December 2024.
const MDS: &str = "tests/vectors/mds/mds3-no121-2025-01-01.jwt";
const AT: &str = "2024-12-05T00:00:00Z";
/// A YubiKey 5 NFC, from the test suite of webauthn-rs.
const YUBIKEY: &str = "tests/vectors/attestation/packed-006.json";
/// A virtual authenticator that claims to be Windows Hello under a certificate authority of its own.
const IMPOSTOR: &str = "tests/vectors/attestation/packed-014.json";
const ACCEPTS: &str = "demo/tenant-accepts.json";
const REFUSES: &str = "demo/tenant-refuses.json";

const SCENES: [Scene; 5] = [
    Scene {
        title: "is the metadata genuine, and is every entry accounted for?",
        arguments: &["mds", "status", "--mds", MDS, "--at", AT],
        exit: 0,
        says: &["280"],
        showed: "the FIDO metadata is signed by a chain that ends at a pinned root; 280 of 280 entries are kept",
    },
    Scene {
        title: "a YubiKey 5 NFC at a tenant that allows it",
        arguments: &["verify", YUBIKEY, "--mds", MDS, "--at", AT, "--policy", ACCEPTS],
        exit: 0,
        says: &["YubiKey 5 Series with NFC"],
        showed: "the key is genuine, its model is proven, and this tenant accepts it",
    },
    Scene {
        title: "the same key at a tenant whose profiles both leave it out",
        arguments: &["verify", YUBIKEY, "--mds", MDS, "--at", AT, "--policy", REFUSES],
        exit: 3,
        says: &["Default passkey profile", "Lost and found", "entra.aaguid-blocked"],
        showed: "the key is as genuine as before, and refused: the nearest profile's reasons in full, the other's by name",
    },
    Scene {
        title: "software that claims to be Windows Hello, at a tenant that allows Windows Hello",
        arguments: &["verify", IMPOSTOR, "--mds", MDS, "--at", AT, "--policy", ACCEPTS],
        exit: 3,
        says: &["08987058-cadc-4b81-b6e1-30de50dcbe96"],
        showed: "the signature holds and the AAGUID is on the list, but no certificate leads to Windows Hello's anchor",
    },
    Scene {
        title: "all of it as data for another program",
        arguments: &["verify", IMPOSTOR, "--mds", MDS, "--at", AT, "--policy", ACCEPTS, "--json"],
        exit: 3,
        says: &["\"statement\": \"valid\"", "\"trust\": \"unanchored\""],
        showed: "the same judgement under stable names",
    },
];
