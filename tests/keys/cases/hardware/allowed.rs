//! The file that says which keys may be used.

use keyvet_client::{Ceremony, Client};
use keyvet_hid::HidDiscovery;
use keyvet_key_tests::Script;
use keyvet_transport::{Device, Discovery, Exchange};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Keys that may be used.
pub struct Allowed(Vec<Key>);

/// One line of the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Key {
    what: What,
    value: String,
    /// Everything on it may be deleted.
    pub may_be_reset: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum What {
    Serial,
    Aaguid,
    Identity,
}

impl Allowed {
    /// Reads `serial VALUE`, `aaguid VALUE` or `identity VALUE` from each line, with `may be reset` after it where that is
    /// so; from `#` on a line is a comment.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        lines.filter(|line| !line.is_empty()).map(Key::parse).collect::<Result<_, _>>().map(Self)
    }

    /// The line about `device`. It is asked for its AAGUID when nothing else decides and a line names one: getInfo
    /// changes nothing on a key.
    pub async fn key(&self, device: &Device) -> Option<&Key> {
        let named = self.0.iter().find(|key| key.names(device));
        if named.is_some() || !self.0.iter().any(|key| key.what == What::Aaguid) {
            return named;
        }
        let aaguid = aaguid(device).await?;
        self.0
            .iter()
            .find(|key| key.what == What::Aaguid && key.value.eq_ignore_ascii_case(&aaguid))
    }
}

impl Key {
    fn parse(line: &str) -> Result<Self, String> {
        let (rest, may_be_reset) = match line.strip_suffix("may be reset") {
            Some(rest) => (rest.trim_end(), true),
            None => (line, false),
        };
        let (what, value) = rest.split_once(' ').ok_or_else(|| format!("{line:?} names no key"))?;
        let what = match what {
            "serial" => What::Serial,
            "aaguid" => What::Aaguid,
            "identity" => What::Identity,
            other => return Err(format!("{other:?} is none of serial, aaguid, identity")),
        };
        Ok(Self { what, value: value.trim().to_owned(), may_be_reset })
    }

    fn names(&self, device: &Device) -> bool {
        match self.what {
            What::Serial => device.serial.as_ref() == Some(&self.value),
            What::Identity => device.id.identity.0 == self.value,
            What::Aaguid => false,
        }
    }
}

async fn aaguid(device: &Device) -> Option<String> {
    let (person, cancel) = (Script::default(), CancellationToken::new());
    let deadline = Instant::now() + Duration::from_secs(10);
    let exchange = Exchange { deadline, cancel: &cancel, progress: &() };
    let channel = HidDiscovery::new().open(&device.id, exchange).await.ok()?;
    let client = Client::connect(channel, &Ceremony::new(&person, &cancel)).await.ok()?;
    client.info().aaguid.map(|aaguid| aaguid.to_string())
}
