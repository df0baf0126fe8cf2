//! An open node, through hidapi.

use hidapi::{HidApi, HidDevice, HidError};
use keyvet_transport::{ChannelError, DeviceId, Identity};
use std::ffi::CString;
use std::io::ErrorKind;
use std::time::Duration;

use super::RawHid;
use crate::Report;
use crate::descriptor::Layout;
use crate::framing::{FramingError, REPORT_LEN};

/// An open node.
pub(super) struct Node {
    id: DeviceId,
    device: HidDevice,
    layout: Layout,
}

impl Node {
    /// Opens what was found as `id`, and makes sure that it is still that.
    pub(super) fn open(id: DeviceId) -> Result<Self, ChannelError> {
        let path = CString::new(id.path.as_str()).map_err(|_| ChannelError::Removed)?;
        let api = HidApi::new().map_err(|error| said(&error))?;
        let device = api
            .open_path(&path)
            .map_err(|error| super::denied(&id.path).unwrap_or_else(|| said(&error)))?;
        // after the opening: what is open now cannot be swapped any more
        compare(&id, super::identity(&id.path))?;
        let layout = super::layout(&id.path)?;
        layout.carries_messages()?;
        Ok(Self { id, device, layout })
    }

    /// A node that is gone, or is another one now, was removed; whatever the operating system calls that.
    fn error(&self, error: &HidError) -> ChannelError {
        if self.is_removed(error) { ChannelError::Removed } else { said(error) }
    }

    fn is_removed(&self, error: &HidError) -> bool {
        if cfg!(target_os = "linux") && compare(&self.id, super::identity(&self.id.path)).is_err() {
            return true;
        }
        match error {
            HidError::IoError { error } => super::is_gone(error) || self.hangs_up(),
            _ => is_disconnection(error),
        }
    }

    /// A USB key that is pulled out fails transfers before the kernel takes its node away: whether it does so now. What
    /// is read meanwhile belongs to an exchange that has failed already.
    fn hangs_up(&self) -> bool {
        let mut bytes = [0; REPORT_LEN + 2];
        let reads = std::iter::repeat_with(|| self.device.read_timeout(&mut bytes, HANG_UP_MS));
        let mut reads = reads.take(MAX_READS).take_while(|read| !matches!(read, Ok(0)));
        cfg!(target_os = "linux") && reads.any(|read| read.is_err())
    }
}

impl RawHid for Node {
    fn write(&mut self, report: &Report) -> Result<(), ChannelError> {
        let mut numbered = [0; REPORT_LEN + 1];
        let [id, bytes @ ..] = &mut numbered;
        *id = self.layout.output.id.unwrap_or_default();
        *bytes = *report;
        self.device.write(&numbered).map(|_| ()).map_err(|error| self.error(&error))
    }

    fn read(&mut self, timeout: Duration) -> Result<Option<Report>, ChannelError> {
        let mut bytes = [0; REPORT_LEN + 2];
        let timeout = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
        match self.device.read_timeout(&mut bytes, timeout) {
            Ok(len) => Ok(report(bytes.get(..len).unwrap_or_default(), self.layout.input.id)?),
            Err(error) if is_interruption(&error) => Ok(None),
            Err(error) => Err(self.error(&error)),
        }
    }
}

/// What a read gave: nothing, one report, or one of another collection of the device.
fn report(bytes: &[u8], id: Option<u8>) -> Result<Option<Report>, FramingError> {
    let bytes = match (id, bytes) {
        (_, []) => return Ok(None),
        (None, bytes) => bytes,
        (Some(id), [first, bytes @ ..]) if *first == id => bytes,
        (Some(_), _) => return Ok(None),
    };
    let report = bytes.try_into().map_err(|_| FramingError::ReportLength { len: bytes.len() })?;
    Ok(Some(report))
}

/// Whether `found` is what `id` names.
fn compare(id: &DeviceId, found: Identity) -> Result<(), ChannelError> {
    if found == id.identity {
        return Ok(());
    }
    if found == Identity::default() {
        return Err(ChannelError::Removed);
    }
    Err(ChannelError::Replaced {
        path: id.path.clone(),
        expected: id.identity.0.clone(),
        found: found.0,
    })
}

/// hidapi has words only where it polled.
fn is_disconnection(error: &HidError) -> bool {
    let said = error.to_string();
    said.contains("disconnected") || said.contains("not connected")
}

/// A signal: nothing is wrong.
fn is_interruption(error: &HidError) -> bool {
    matches!(error, HidError::IoError { error } if error.kind() == ErrorKind::Interrupted)
}

fn said(error: &HidError) -> ChannelError {
    ChannelError::Io(error.to_string())
}

/// How long a key that fails a transfer may take to vanish, in milliseconds.
const HANG_UP_MS: i32 = 500;
/// Reports that may come while it is awaited.
const MAX_READS: usize = 256;

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use keyvet_finding::Coded;
    use keyvet_transport::Transport;

    fn named(identity: &str) -> DeviceId {
        let mut id = DeviceId::new(Transport::Hid, "/dev/hidraw3");
        id.identity = Identity(identity.into());
        id
    }

    #[test]
    fn a_path_that_names_another_plugging_in_is_replaced_and_one_that_names_none_is_removed() {
        let id = named("0003:1050:0407.0012");
        assert_eq!(compare(&id, id.identity.clone()), Ok(()));
        let replaced = compare(&id, Identity("0003:1050:0407.0013".into())).unwrap_err();
        assert_eq!(replaced.kind().id, "transport.replaced");
        assert!(replaced.to_string().contains(".0013, not 0003:1050:0407.0012"), "{replaced}");
        assert_eq!(compare(&id, Identity::default()), Err(ChannelError::Removed));
    }

    #[test]
    fn a_report_of_another_length_is_refused() {
        assert_eq!(report(&[], None), Ok(None));
        assert_eq!(report(&[7; 64], None), Ok(Some([7; 64])));
        for len in [1, 8, 32, 63, 65] {
            let error = report(&vec![0; len], None).unwrap_err();
            assert_eq!(error.kind().id, "hid.report-length", "{len} bytes");
        }
    }

    #[test]
    fn a_numbered_report_is_taken_by_its_number_and_those_of_a_keyboard_are_left() {
        let numbered = [&[2][..], &[7; 64]].concat();
        assert_eq!(report(&numbered, Some(2)), Ok(Some([7; 64])));
        assert_eq!(report(&numbered, Some(3)), Ok(None));
        assert_eq!(report(&[1, 0, 0, 4, 0, 0, 0, 0, 0], Some(2)), Ok(None));
        assert_eq!(report(&[2; 64], Some(2)).unwrap_err().kind().id, "hid.report-length");
    }
}
