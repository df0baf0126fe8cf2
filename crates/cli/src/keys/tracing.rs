//! Recording what crosses the wire, and recordings in the place of keys.

use crate::{context::Context, error::CliError, exit::Exit, input::shown};
use keyvet_trace::{Recorder, Recording, ReplayDiscovery};
use keyvet_transport::{Device, Discovery, Selector, Tap, Transport};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// What a run records, and what it is played from.
#[derive(Debug, Default)]
pub(crate) struct Tracing {
    recorder: Option<Arc<Recorder>>,
    replay: Option<PathBuf>,
}

impl Tracing {
    /// Records into the new file `path`, if one is named.
    ///
    /// # Errors
    /// When it is there already or cannot be made.
    pub(crate) fn into_file(path: Option<&Path>) -> Result<Self, CliError> {
        let recorder = path.map(|path| Recorder::create(path, env!("CARGO_PKG_VERSION")));
        let recorder = recorder
            .transpose()
            .map_err(|error| CliError::about("--trace", &error, Exit::Usage))?;
        Ok(Self { recorder: recorder.map(Arc::new), replay: None })
    }

    /// The same, and every key is one of the recording in `file`.
    pub(crate) fn played_from(self, file: Option<&Path>) -> Self {
        Self { replay: file.map(Path::to_path_buf), ..self }
    }

    /// Who hears every packet, if anybody does.
    pub(crate) fn tap(&self) -> Option<Arc<dyn Tap>> {
        let recorder = self.recorder.clone()?;
        Some(recorder)
    }

    /// Tells the recording what the operating system knows of `device`.
    pub(crate) fn describe(&self, device: &Device) {
        if let Some(recorder) = &self.recorder {
            let mut device = device.clone();
            // what it lies on is not the key's product, when it is played no more than when it is there
            if super::lies_on_reader(&device) {
                device.product = None;
            }
            recorder.describe(&device);
        }
    }

    /// Ends the recording.
    ///
    /// # Errors
    /// When something could not be written.
    pub(crate) fn end(&self) -> Result<(), CliError> {
        let ended = self.recorder.as_ref().map_or(Ok(()), |recorder| recorder.end());
        ended.map_err(|error| CliError::about("--trace", &error, Exit::Usage))
    }

    /// Whether `wanted` means a recording, and not a key.
    pub(crate) fn is_replay(&self, wanted: &Selector) -> bool {
        self.replay.is_some() || place(wanted).is_some()
    }

    /// The keys of the recording that `wanted` means or the run is played from; none when it means a key.
    ///
    /// # Errors
    /// When the recording cannot be read.
    pub(super) fn replay(
        &self,
        wanted: &Selector,
        context: &Context,
    ) -> Result<Option<Arc<dyn Discovery>>, CliError> {
        let file = match (place(wanted), &self.replay) {
            (Some(path), _) => file_of(path),
            (None, Some(path)) => path.as_path(),
            (None, None) => return Ok(None),
        };
        let recording = read(file, context)?;
        let discovery = ReplayDiscovery::new(&file.to_string_lossy(), &recording);
        Ok(Some(Arc::new(discovery)))
    }
}

/// The recording in `file`.
///
/// # Errors
/// When it cannot be read, or is none.
pub(crate) fn read(file: &Path, context: &Context) -> Result<Recording, CliError> {
    let bytes = context.inputs.read(file, MAX_TRACE_BYTES)?;
    Recording::parse(&bytes).map_err(|error| CliError::about(shown(file), &error, Exit::Usage))
}

fn place(wanted: &Selector) -> Option<&str> {
    match wanted {
        Selector::Place { transport: Transport::Trace, path } => Some(path),
        _ => None,
    }
}

/// One of several devices of a recording is named `FILE#NUMBER`.
fn file_of(path: &str) -> &Path {
    let numbered = path.rsplit_once('#').filter(|(_, number)| {
        !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
    });
    match numbered {
        Some((file, _)) if !Path::new(path).exists() => Path::new(file),
        _ => Path::new(path),
    }
}

/// Most bytes of a recording.
const MAX_TRACE_BYTES: u64 = 128 * 1024 * 1024;
