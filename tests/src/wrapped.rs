//! Metadata payload no 291, signed by a home-made signer, as files for the command line.

use keyvet_testkit::{payload_291, wrap_payload};
use std::fs;
use tempfile::TempDir;
use time::macros::datetime;

/// A signed BLOB and its root, in a folder that goes when this does.
#[derive(Debug)]
pub struct Wrapped {
    folder: TempDir,
}

/// A time inside the life of the signer of [`Wrapped`], before the `nextUpdate` of the payload.
pub const AT: &str = "2026-10-20T00:00:00Z";

impl Wrapped {
    /// Signs payload no 291 and writes it.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn no_291() -> Self {
        let life = (datetime!(2026-10-01 0:00 UTC), datetime!(2027-01-01 0:00 UTC));
        let (jws, root) = wrap_payload(&payload_291(), life.0, life.1);
        let folder = tempfile::tempdir().expect("a folder can be made");
        fs::write(folder.path().join("mds.jwt"), jws).expect("the folder can be written");
        fs::write(folder.path().join("root.pem"), root).expect("the folder can be written");
        Self { folder }
    }

    /// `--mds FILE --mds-root PEM --at T`.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let words = ["--mds", &path("mds.jwt"), "--mds-root", &path("root.pem"), "--at", AT];
        words.map(str::to_owned).to_vec()
    }
}
