//! A message as reports.

use super::packet::INITIALIZATION;
use super::{ChannelId, Command, FramingError, MAX_MESSAGE_LEN, REPORT_LEN, Report};

/// Splits a message into reports: one initialization packet, then continuation packets (CTAP 2.2 §11.2.4). The last
/// report is padded with zeros.
#[derive(Clone, Debug)]
pub struct Reports<'a> {
    channel: ChannelId,
    command: Command,
    len: u16,
    rest: &'a [u8],
    /// Number of the next continuation packet; none before the initialization packet.
    sequence: Option<u8>,
}

impl<'a> Reports<'a> {
    /// The reports of `message`, at most [`MAX_MESSAGE_LEN`] bytes.
    ///
    /// # Errors
    /// [`FramingError::TooLong`] when it does not fit.
    pub fn new(
        channel: ChannelId,
        command: Command,
        message: &'a [u8],
    ) -> Result<Self, FramingError> {
        let too_long = FramingError::TooLong { len: message.len(), max: MAX_MESSAGE_LEN };
        let len = u16::try_from(message.len()).map_err(|_| too_long.clone())?;
        if message.len() > MAX_MESSAGE_LEN {
            return Err(too_long);
        }
        Ok(Self { channel, command, len, rest: message, sequence: None })
    }

    fn take<const HEAD: usize>(&mut self, head: [u8; HEAD]) -> Report {
        let room = REPORT_LEN.saturating_sub(HEAD);
        let (data, rest) = self.rest.split_at_checked(room).unwrap_or((self.rest, &[]));
        self.rest = rest;
        let mut report = [0; REPORT_LEN];
        let (header, body) = report.split_at_mut(HEAD);
        header.copy_from_slice(&head);
        for (slot, byte) in body.iter_mut().zip(data) {
            *slot = *byte;
        }
        report
    }
}

impl Iterator for Reports<'_> {
    type Item = Report;

    fn next(&mut self) -> Option<Report> {
        let [c0, c1, c2, c3] = self.channel.0.to_be_bytes();
        let Some(sequence) = self.sequence else {
            let [high, low] = self.len.to_be_bytes();
            self.sequence = Some(0);
            return Some(self.take([c0, c1, c2, c3, self.command.0 | INITIALIZATION, high, low]));
        };
        if self.rest.is_empty() {
            return None;
        }
        // at most 128 of them, because the length was checked
        self.sequence = Some(sequence.saturating_add(1));
        Some(self.take([c0, c1, c2, c3, sequence]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANNEL: ChannelId = ChannelId(0x0102_0304);

    fn reports(len: usize) -> Vec<Report> {
        let message: Vec<u8> = (0..=u8::MAX).cycle().take(len).collect();
        Reports::new(CHANNEL, Command::CBOR, &message).unwrap().collect()
    }

    #[test]
    fn an_empty_message_is_one_padded_report() {
        let mut expected = [0; 64];
        expected[..7].copy_from_slice(&[1, 2, 3, 4, 0x90, 0, 0]);
        assert_eq!(reports(0), [expected]);
    }

    #[test]
    fn the_bytes_of_a_message_of_two_reports() {
        let expected = concat!(
            "01020304",
            "90",
            "003c", // 60 bytes: 57 here, 3 in the next
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738",
            "01020304",
            "00",
            "393a3b",
            "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
        );
        let hex: String = reports(60).concat().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected);
    }

    #[test]
    fn the_longest_message_fills_129_reports_and_ends_with_sequence_127() {
        let reports = reports(MAX_MESSAGE_LEN);
        assert_eq!(reports.len(), 129);
        assert_eq!(reports.last().map(|report| report[4]), Some(0x7f));
    }

    #[test]
    fn one_byte_more_is_refused() {
        let error = Reports::new(CHANNEL, Command::PING, &[0; MAX_MESSAGE_LEN + 1]).unwrap_err();
        assert_eq!(error, FramingError::TooLong { len: 7610, max: 7609 });
    }
}
